"""`mllint audit`."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from mllint.baseline import NAME
from mllint.cli.options import color_option, settings_for
from mllint.cli.output import colored, emit, emit_utf8, note, unicode_out, width, write_file
from mllint.reports import FORMATS, View, renderer
from mllint.review import PROFILES, UsageError

if TYPE_CHECKING:
    from mllint.review import Report
    from mllint.settings import Settings


class Target(NamedTuple):
    """A repository to audit."""

    name: str
    root: Path
    rev: str
    """A revision to read in place of the files; "" for the files."""
    own: Path
    """The folder with its own settings."""


@click.command("audit")
@click.argument("targets", nargs=-1, metavar="[PATH|URL[@REF]]...")
@click.option(
    "--profile", type=click.Choice(PROFILES), help="What is expected.  [default: internal]"
)
@click.option(
    "--format",
    "format_",
    type=click.Choice([name for name in FORMATS if name != "auto"]),
    default="text",
    show_default=True,
    help="What is printed.",
)
@click.option(
    "--html",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the HTML report goes.  [default: mllint-audit-NAME.html in this folder]",
)
@click.option("--no-html", is_flag=True, help="Write no HTML report.")
@click.option("--max-findings", type=click.IntRange(min=0), default=50, show_default=True,
              help="Findings that the text report shows in full; 0 = all.")  # fmt: skip
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache.")
@color_option
@click.option("--no-progress", is_flag=True, envvar="MLLINT_NO_PROGRESS", help="Show no progress.")
def command(targets: tuple[str, ...], **given: Any) -> int:
    """Look at a project as a reviewer: without its own settings, waivers and baseline.

    Shows findings of low confidence too, and what the project's own settings would have hidden. A
    URL is fetched shallow into a temporary folder and never checked out. Several targets are
    compared in a table. Nothing fails: the exit code is 0, or 2 and 3 as elsewhere.
    """
    if given["html"] and len(targets) > 1:
        raise UsageError("--html FILE: goes with one target; without it each has a file of its own")
    reports = []
    with ExitStack() as stack:
        for text in targets or (".",):
            target = _target(text, stack)
            report = _audited(target, given)
            reports.append((target.name, report))
            if not given["no_html"]:
                _write_html(target, report, given["html"])
    _print(reports, given)
    return max((r.gate.exit_code for _, r in reports if r.gate.exit_code > 1), default=0)


def _target(text: str, stack: ExitStack) -> Target:
    """The repository that a word names; one that is fetched stays until the stack is closed."""
    from mllint.fetched import remote

    wanted = remote(text)
    if wanted is None:
        return _local(text, stack)
    from mllint.fetched import fetch
    from mllint.gitread import GitError

    folder = Path(stack.enter_context(TemporaryDirectory(prefix="mllint-audit-")))
    note(f"fetching {wanted.url} {wanted.ref}")
    try:
        fetch(wanted, folder)
    except GitError as error:
        raise UsageError(f"{text}: cannot be fetched: {error}") from None
    return Target(wanted.name, folder, "HEAD", _own(folder, "HEAD", stack))


def _local(text: str, stack: ExitStack) -> Target:
    path, at, ref = text.rpartition("@")
    if Path(text).exists() or not at or not Path(path).is_dir():
        if not Path(text).is_dir():
            raise UsageError(f"{text}: there is no such folder, and it is no address")
        root = Path(text)
        return Target(root.resolve().name, root, "", root)
    root = Path(path)
    return Target(f"{root.resolve().name}@{ref}", root, ref, _own(root, ref, stack))


def _own(root: Path, rev: str, stack: ExitStack) -> Path:
    """A folder with what a revision says of itself."""
    from mllint.cli.revisions import write_own
    from mllint.tree import Tree, TreeError

    folder = Path(stack.enter_context(TemporaryDirectory(prefix="mllint-own-")))
    try:
        tree = Tree.at(str(root), rev)
    except TreeError as error:
        raise UsageError(str(error)) from None
    write_own(tree, folder, also=NAME)
    return folder


def _audited(target: Target, given: dict[str, Any]) -> Report:
    """The report without the project's own settings, and what those would have hidden."""
    from mllint.audit import concealed
    from mllint.cli.progress import Progress
    from mllint.engine import run

    flags = {"profile": given["profile"], "min-confidence": "low", "fail-on": "never"}
    bare = settings_for(target.own, flags, (), isolated=True, cache=not given["no_cache"])
    with Progress(wanted=not given["no_progress"]) as progress:
        report = run(target.root, bare, progress=progress, rev=target.rev)
        try:
            theirs = run(target.root, _theirs(target, given), progress=progress, rev=target.rev)
        except UsageError as error:
            text = f"its own settings cannot be used: {str(error).splitlines()[0]}"
            notices = (*report.run.notices, text)
            return replace(report, run=replace(report.run, notices=notices))
    return replace(report, concealed=concealed(report, theirs))


def _theirs(target: Target, given: dict[str, Any]) -> Settings:
    """The project's own settings, its rule folders left out."""
    flags = {"profile": given["profile"]}
    settings = settings_for(
        target.own, flags, (), isolated=False, own_rules=False, cache=not given["no_cache"]
    )
    baseline = target.own / (settings.baseline or NAME)
    known = str(baseline.resolve()) if settings.baseline != "" and baseline.is_file() else ""
    return replace(settings, baseline=known)


def _write_html(target: Target, report: Report, asked: Path | None) -> None:
    """Write the HTML report; a file of another that is there already is kept."""
    path = asked or _free(f"mllint-audit-{target.name.replace(os.sep, '-')}")
    write_file(path, renderer("html")(report, View(root=target.name)))
    note(f"wrote {path}")


def _free(stem: str) -> Path:
    path, number = Path(f"{stem}.html"), 1
    while os.path.lexists(path):
        number += 1
        path = Path(f"{stem}-{number}.html")
    return path


def _print(reports: list[tuple[str, Report]], given: dict[str, Any]) -> None:
    name, report = reports[0]
    for _, one in reports:
        for text in one.run.notices:
            note(f"warning: {text}")
    color = colored(given["color"], sys.stdout)
    view = View(
        width=width(),
        color=color,
        unicode=unicode_out(sys.stdout),
        root=name,
        max_findings=given["max_findings"],
        show=frozenset({"findings", "score", "na"}),
    )
    if len(reports) > 1:
        from mllint.reports.audits import table

        emit(table(reports, view))
    elif given["format_"] == "text":
        emit(renderer("text")(report, view))
    else:
        text = renderer(given["format_"])(report, view)
        emit_utf8(text, commands=given["format_"] == "github")
