"""`mllint init`: proposes settings, baseline, hook and CI job, and writes them when told to."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from mllint.adopt.addresses import SOURCE
from mllint.cli.options import color_option, settings_for
from mllint.cli.output import colored, emit, note, refuse_outside, width, write_file
from mllint.review import PROFILES, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mllint.adopt.plan import Advice, Change, Step
    from mllint.config_migrate import Old
    from mllint.review import Report
    from mllint.settings import Settings
    from mllint.tree import Tree

_PARTS = ("config", "hook", "ci", "baseline")
_LONGEST, _ENTRIES = 40, 8
"""Lines that are shown, of a file of ours and of a baseline, before somebody is asked."""


class Project(NamedTuple):
    """What is known of the project before anything is proposed."""

    root: Path
    tree: Tree
    settings: Settings
    report: Report
    old: Old | None


@click.command("init")
@click.argument("path", default=".", type=click.Path())
@click.option(
    "--profile", type=click.Choice(PROFILES), help="What is expected; else one is proposed."
)
@click.option(
    "--without",
    type=click.Choice(_PARTS),
    multiple=True,
    help="Leave this part out.",
)
@click.option("--yes", is_flag=True, help="Write without asking.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and end.")
@click.option(
    "--source",
    metavar="URL",
    default=SOURCE,
    help="The repository that hook and action come from, where it is a mirror.",
)
@color_option
def command(path: str, **given: Any) -> int:
    """Set mllint up for the project at PATH: settings, hook, CI job, and a baseline.

    Shows one diff of all that it would write and asks first. Lines are only ever added; what is
    there stays as it is. The baseline holds what is found today, so that only new findings fail.
    """
    if given["yes"] and given["dry_run"]:
        raise UsageError("--yes and --dry-run do not go together")
    project = _look(path)
    asks = not given["yes"] and not given["dry_run"] and _at_terminal()
    changes, advice = _proposed(project, _profile(project, given["profile"], asks=asks), given)
    if not changes:
        _tell(advice)
        emit("Nothing to write: the project is set up.\n")
        return 0
    emit(_shown(changes, color=colored(given["color"], sys.stdout), brief=asks))
    _tell(advice)
    if given["dry_run"]:
        return 0
    if not given["yes"] and not asks:
        note("error: nothing is written without being asked for", "  hint: --yes writes it")
        return 2
    if asks and not click.confirm(f"Write {_names(changes)}?", err=True):
        emit("Nothing was written.\n")
        return 0
    for change in changes:
        refuse_outside(project.root, project.root / change.path, change.path)
    for change in changes:
        _write(project.root / change.path, change)
    _next(changes)
    return 0


def _write(target: Path, change: Change) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_file(target, change.after)
    except OSError as error:
        raise UsageError(f"{change.path}: cannot be written: {error.strerror}") from None


def _at_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _look(path: str) -> Project:
    from mllint.adopt.configuration import old_of
    from mllint.cli.progress import Progress
    from mllint.engine import run
    from mllint.tree import Tree

    root = Path(path)
    if not root.is_dir():
        raise UsageError(f"{path}: is no folder" if root.exists() else f"{path}: is not there")
    settings = settings_for(root, {}, (), isolated=False)
    with Progress(wanted=True) as progress:
        report = run(root, settings, progress=progress)
    return Project(root, Tree.open(str(root)), settings, report, old_of(root))


def _profile(project: Project, given: str | None, *, asks: bool) -> str:
    """The profile: given, set already, or proposed; people are asked where it depends on them."""
    from mllint.adopt.profiles import proposed

    settings = project.settings
    if settings.source("profile") != "default":
        return settings.profile
    if given:
        return given
    proposal = proposed(project.report.traits)
    note(f"profile {proposal.profile}: {proposal.reason}")
    if not proposal.serves:
        return proposal.profile
    if asks:
        question = "Do users or decisions depend on what it serves (profile production)?"
        return "production" if click.confirm(question, err=True) else proposal.profile
    note("  hint: if users or decisions depend on it: --profile production")
    return proposal.profile


def _proposed(
    project: Project, profile: str, given: dict[str, Any]
) -> tuple[list[Change], list[Advice]]:
    from mllint.adopt import configuration

    left_out = given["without"]
    values = configuration.values_of(profile, project.old)
    steps: list[Step] = []
    if "config" not in left_out:
        _, tree, settings, _, old = project
        steps.append(configuration.step(project.root, tree, settings, values, old))
    steps += _of_the_repository(project, left_out, given["source"])
    changes = [step.change for step in steps if step.change]
    advice = [one for step in steps for one in step.advice]
    if "baseline" not in left_out:
        known = {} if project.settings.config_files else values
        changes += _baseline(project, changes, {"profile": profile, **known}, advice)
    kept = [one for one in changes if not (one.before is None and _exists(project, one.path))]
    return kept, advice


def _exists(project: Project, path: str) -> bool:
    """Whether a file that is no part of the tree lies where a new one would go."""
    full = project.root / path
    return full.is_symlink() or full.exists()


def _of_the_repository(project: Project, left_out: Sequence[str], source: str) -> list[Step]:
    """Hook and CI job, which belong at the top of a repository."""
    from mllint.adopt import hooks, pipelines
    from mllint.adopt.plan import Advice, Step
    from mllint.gitread import Origin, enclosing, origin

    wanted = [part for part in ("hook", "ci") if part not in left_out]
    tree, repo = project.tree, enclosing(str(project.root.resolve()))
    if not wanted or tree.git is None or tree.inside:
        where = "the folder is under no git" if tree.git is None else "they belong at its top"
        text = f"no hook and no CI job are proposed: {where}"
        return [Step(advice=(Advice(text),))] if wanted else []
    known = origin(repo) if repo else Origin((), "")
    steps = [hooks.step(tree, source)] if "hook" in wanted else []
    return steps + (
        pipelines.steps(tree, source, known.remotes, known.branch, _ci(project))
        if "ci" in wanted
        else []
    )


def _ci(project: Project) -> str:
    """A file of the CI that the project has, as the rules see it; "" for none."""
    trait = project.report.traits.get("has-ci")
    path = trait.reason.partition(":")[0] if trait is not None and trait.holds else ""
    return path if path in project.tree.entries else ""


def _baseline(
    project: Project, changes: Sequence[Change], values: dict[str, Any], advice: list[Advice]
) -> list[Change]:
    """The baseline of the project as it will be, where something would fail the run."""
    from mllint.adopt.plan import Advice, Change
    from mllint.baseline import NAME, entry, written
    from mllint.before import baseline_path
    from mllint.engine import run
    from mllint.gate import failing

    if baseline_path(project.root, project.settings).exists():
        advice.append(Advice(f"{project.settings.baseline or NAME}: is there already"))
        return []
    flags = {k: v for k, v in values.items() if k not in project.settings.origins}
    settings = settings_for(project.root, flags, (), isolated=False)
    over = {one.path: one.after.encode() for one in changes}
    report = run(project.root, replace(settings, baseline=""), over=over)
    if not failing(report.outcomes, settings):
        return []
    found = [entry(f) for f in report.findings if f.status == "new"]
    text = written(found, report.run.ruleset, report.run.version)
    return [Change(settings.baseline or NAME, None, text)]


def _shown(changes: Sequence[Change], *, color: bool, brief: bool) -> str:
    """The diff; for a question at a terminal, without the bulk of what is generated."""
    from mllint.adopt.plan import diff
    from mllint.reports.lines import clean, cut

    if not sys.stdout.isatty():
        return diff(changes)
    lines = []
    for change in changes:
        own = [clean(line) for line in diff([change]).removesuffix("\n").split("\n")]
        most = _ENTRIES + 5 if change.path.endswith(".json") else _LONGEST
        if brief and change.before is None and len(own) > most:
            more = f"  ... {len(own) - most} more lines (--dry-run shows them)"
            own = [*(cut(line, width()) for line in own[:most]), more]
        lines += [_painted(line) for line in own] if color else own
    return "\n".join(lines) + "\n"


def _painted(line: str) -> str:
    code = {"+": "32", "-": "31", "@": "36", "d": "1"}.get(line[:1], "")
    return f"\x1b[{code}m{line}\x1b[0m" if code else line


def _tell(advice: Sequence[Advice]) -> None:
    for one in advice:
        note(f"note: {one.text}", *(f"    {line}" for line in one.lines))


def _names(changes: Sequence[Change]) -> str:
    return ", ".join(change.path for change in changes)


def _next(changes: Sequence[Change]) -> None:
    from mllint.adopt.hooks import PATH

    names = [change.path for change in changes]
    emit(f"Written: {', '.join(names)}\n\nNext:\n  git add {' '.join(names)}\n")
    if PATH in names:
        emit("  pre-commit install\n")
    emit("  mllint check\n")
