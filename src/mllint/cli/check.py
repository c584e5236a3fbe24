"""`mllint check`."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mllint.cli.completing import complete_scores, complete_selectors
from mllint.cli.inputs import Aim, aimed, input_options
from mllint.cli.options import (
    baseline_name,
    before_options,
    least_scores,
    project_options,
    settings_for,
    split,
)
from mllint.cli.output import note
from mllint.cli.reporting import asked, get_ready, report_options, write
from mllint.review import CONFIDENCES, SEVERITIES, UsageError

if TYPE_CHECKING:
    from mllint.cli.reporting import Asked
    from mllint.others import Attested, Imported
    from mllint.review import Report
    from mllint.settings import ProjectEntry, Settings

_JOBS_TEXT = "Worker processes, or `auto`."


@click.command("check")
@click.argument("paths", nargs=-1, type=click.Path())
@project_options
@click.option("--ruleset", metavar="YEAR.N", help="Which rules and weights apply, or `latest`.")
@click.option(
    "--select",
    metavar="SEL",
    multiple=True,
    shell_complete=complete_selectors,
    help="Run only these rules: id, category, practice, glob, tag:x, profile:x.",
)
@click.option(
    "--extend-select",
    metavar="SEL",
    multiple=True,
    shell_complete=complete_selectors,
    help="Run these rules too.",
)
@click.option(
    "--ignore",
    metavar="SEL",
    multiple=True,
    shell_complete=complete_selectors,
    help="Do not run these rules.",
)
@input_options
@report_options
@click.option(
    "--import-sarif",
    "sarif",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Show what another tool found, too; it costs no points and fails no run.",
)
@click.option(
    "--fail-on",
    type=click.Choice([*SEVERITIES, "never"]),
    help="Fail for findings this severe.  [default: error]",
)
@click.option(
    "--min-score",
    metavar="N|CATEGORY=N|strict=N",
    multiple=True,
    shell_complete=complete_scores,
    help="Fail below this score, or the one without waivers.",
)
@click.option(
    "--min-confidence",
    type=click.Choice([*reversed(CONFIDENCES)]),
    help="Hide findings less sure than this.  [default: medium]",
)
@before_options
@click.option("--exit-zero", is_flag=True, help="Exit with 0 where findings would give 1.")
@click.option("--strict", is_flag=True, help="Exit with 3 where a file cannot be read.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), hidden=True)
@click.option("-j", "--jobs", default="auto", metavar="N", help=_JOBS_TEXT)
@click.option("--watch", is_flag=True, help="Look again on every change, and tell what is other.")
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache.")
@click.option(
    "--cache-dir", type=click.Path(file_okay=False, path_type=Path), help="Where the cache is kept."
)
@click.option("--no-progress", is_flag=True, envvar="MLLINT_NO_PROGRESS", help="Show no progress.")
def command(paths: tuple[str, ...], **given: Any) -> int:
    """Lint and score the project at PATHS (default: the current folder).

    `-` reads one file from stdin, with --stdin-filename; @FILE stands for the arguments in FILE.

    Exit codes: 0 passed, 1 failed, 2 wrong usage or configuration, 3 mllint failed.
    """
    wanted = asked(given)
    aim = aimed(paths, given["stdin_filename"])
    settings = _settings(aim, given)
    if not given["quiet"]:
        _hints(settings)
    if settings.projects and not aim.inside:
        return _projects(aim.root, settings, wanted, given)
    if given["watch"]:
        return _watch(aim, settings, wanted, given)
    report = _look(aim, settings, wanted, given)
    write(report, _shown(wanted, aim.root, settings))
    return report.gate.exit_code


def _watch(aim: Aim, settings: Settings, wanted: Asked, given: dict[str, Any]) -> int:
    from mllint.cli.watch import Looked, watch

    if aim.over:
        raise UsageError("--watch looks at files, not at stdin")

    def look() -> Looked:
        now = _settings(aim, given)
        return Looked(_look(aim, now, wanted, given), now)

    return watch(aim.root, settings, _shown(wanted, aim.root, settings), look)


def _look(aim: Aim, settings: Settings, wanted: Asked, given: dict[str, Any]) -> Report:
    """The report on a root, with what was imported and asked for."""
    from mllint.cli.progress import Progress
    from mllint.engine import run

    imported = _imported(given["sarif"])
    with Progress(wanted=not given["no_progress"] and not given["quiet"]) as progress:
        # A report in JSON may be rendered as SARIF later.
        hashed = not wanted.formats.isdisjoint({"sarif", "json"})
        report = run(
            aim.root,
            settings,
            paths=aim.inside,
            progress=progress,
            hashed=hashed,
            over=aim.over,
            meanwhile=partial(get_ready, wanted),
        )
    if imported:
        report = replace(report, imported=imported)
    if "attested" in wanted.view.show and not report.attested:
        report = replace(report, attested=_questions(settings))
    if not given["quiet"]:
        for notice in report.run.notices:
            note(f"warning: {notice}")
    if settings.against is not None and "markdown-pr" in wanted.formats:
        report = replace(report, before=_old(settings.against), before_name="older report")
    if not report.run.files:
        note(f"note: there is no file to look at in {aim.root}")
    return report


def _shown(wanted: Asked, root: Path, settings: Settings) -> Asked:
    """What is asked for, with what a report says of the run."""
    name = "" if root == Path() else str(root)
    view = replace(wanted.view, root=name, origin=settings.source("profile"))
    return wanted._replace(view=view)


def _projects(root: Path, settings: Settings, wanted: Asked, given: dict[str, Any]) -> int:
    """Look at every project of a repository, and say what they come to together."""
    from mllint.cli import projects

    if given["watch"]:
        raise UsageError("--watch looks at one project: name its folder")
    projects.refuse(wanted.format)
    known: dict[str, Settings] = {}

    def look(entry: ProjectEntry, folder: Path) -> Report:
        aim = Aim(folder, (), {})
        known[entry.path] = _settings(aim, given, (root, entry))
        return _look(aim, known[entry.path], wanted, given)

    def show(entry: ProjectEntry, report: Report) -> None:
        own = projects.one_of(wanted, entry.name)
        write(report, _shown(own, root / entry.path, known[entry.path]))

    return projects.roll_up(projects.check_all(root, settings, look, show), wanted)


def _questions(settings: Settings) -> tuple[Attested, ...]:
    """All that could be attested."""
    from mllint.attest import attested
    from mllint.catalogue import load

    return attested(settings, load(), (), every=True)


def _old(path: Path) -> Report:
    """An older report; the module is loaded only where somebody asks."""
    from mllint.cli.render import loaded

    return loaded(str(path))


def _imported(paths: tuple[Path, ...]) -> tuple[Imported, ...]:
    """What other tools found; the module is loaded only where somebody asks."""
    if not paths:
        return ()
    from mllint.imported import read

    return read(paths)


def _settings(
    aim: Aim, given: dict[str, Any], within: tuple[Path, ProjectEntry] | None = None
) -> Settings:
    flags = {
        "profile": given["profile"],
        "ruleset": given["ruleset"],
        "select": split(given["select"]),
        "extend-select": split(given["extend_select"]),
        "ignore": split(given["ignore"]),
        "exclude": list(given["exclude"]),
        "fail-on": given["fail_on"],
        "min-confidence": given["min_confidence"],
        "min-score": least_scores(given["min_score"]),
        "baseline": baseline_name(given["baseline"], aim.root),
    }
    settings = settings_for(
        aim.root,
        flags,
        given["config"],
        isolated=given["isolated"],
        within=within,
        scope=_scope(given["scope"], aim),
        jobs=_jobs(given["jobs"]),
        cache=not given["no_cache"],
        cache_dir=given["cache_dir"],
        strict=given["strict"],
        respect_gitignore=not given["no_respect_gitignore"],
        force_exclude=given["force_exclude"],
        timed=given["statistics"] == "time",
        exit_zero=given["exit_zero"],
        today=given["today"].date() if given["today"] else None,
        since=given["since"] or "",
        changed_lines=given["changed_lines"] or "",
        no_regression=given["no_regression"],
        against=given["against"],
    )
    _refuse(settings, aim.inside, given)
    return replace(settings, baseline="") if given["no_baseline"] else settings


def _refuse(settings: Settings, inside: tuple[str, ...], given: dict[str, Any]) -> None:
    """Raise UsageError for flags that do not go together."""
    if given["no_baseline"] and given["baseline"]:
        raise UsageError("--no-baseline and --baseline do not go together")
    if settings.against is not None and not settings.no_regression:
        raise UsageError("--against says what to compare with: it needs --no-regression")
    if not settings.no_regression:
        return
    if not settings.since and settings.against is None:
        raise UsageError("--no-regression needs --since REF or --against REPORT.json")
    if inside or settings.scope != "all" or given["select"]:
        raise UsageError(
            "--no-regression compares scores, which only a run over the whole project has"
        )


def _scope(scope: str, aim: Aim) -> str:
    if scope != "auto":
        return scope
    return "files" if aim.of_files else "all"


def _jobs(text: str) -> int | None:
    if text == "auto":
        return None
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(f"-j {text}: wants a number from 1 on, or auto")
    return int(text)


def _hints(settings: Settings) -> None:
    for hint in settings.hints:
        note(*f"warning: {hint}".splitlines())
