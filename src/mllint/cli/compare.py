"""`mllint compare`."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mllint.cli.hosts import blobs
from mllint.cli.options import color_option, project_options
from mllint.cli.output import (
    check_writable,
    colored,
    emit,
    emit_utf8,
    unicode_out,
    width,
    write_file,
)
from mllint.cli.revisions import report_of, run_options
from mllint.review import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mllint.comparison import Comparison
    from mllint.engine import Progress
    from mllint.reports import View
    from mllint.review import Report

FORMATS: Mapping[str, str] = {
    "text": "mllint.reports.comparison_text",
    "json": "mllint.reports.comparison_json",
    "markdown": "mllint.reports.comparison_markdown",
}
_NOW = "working tree"


@click.command("compare")
@click.argument("old")
@click.argument("new", required=False)
@project_options
@run_options
@click.option(
    "--format",
    "format_",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="What is printed.",
)
@click.option(
    "-o",
    "--output",
    "outputs",
    metavar="FORMAT=PATH",
    multiple=True,
    help="Write it to a file as well.",
)
@click.option(
    "--max-findings",
    type=click.IntRange(min=0),
    default=50,
    show_default=True,
    help="Findings of each kind that the text shows; 0 = all.",
)
@color_option
def command(old: str, new: str | None, **given: Any) -> None:
    """Tell what changed between OLD and NEW, and why the score did.

    OLD and NEW are JSON reports (`mllint check -o json=PATH`) or git revisions, read from git's
    objects and judged under their own configuration. Without NEW it is the files as they are now.
    """
    outputs = [_output(text) for text in given["outputs"]]

    from mllint.cli.progress import Progress
    from mllint.comparison import compared
    from mllint.reports import View

    with Progress(wanted=not given["no_progress"]) as progress:
        before = _side(old, given, progress)
        after = _side(new, given, progress)
    told = compared(before, after, _name(old, before), _name(new, after))
    view = View(max_findings=given["max_findings"], blobs=blobs(os.environ, after.run.commit))
    for form, path in outputs:
        write_file(path, _rendered(form, told, view))
    if given["format_"] == "text":
        color = colored(given["color"], sys.stdout)
        here = View(
            width=width(),
            color=color,
            unicode=unicode_out(sys.stdout),
            max_findings=given["max_findings"],
        )
        emit(_rendered("text", told, here))
    else:
        emit_utf8(_rendered(given["format_"], told, view))


def _side(name: str | None, given: Mapping[str, Any], progress: Progress) -> Report:
    """A report: of a file, of a revision, or of the files as they are now."""
    if name is None:
        return report_of(given["root"], "", given, progress)
    if Path(name).is_file():
        from mllint.cli.render import loaded

        return loaded(name)
    try:
        return report_of(given["root"], name, given, progress)
    except UsageError as error:
        if name.endswith(".json"):
            raise UsageError(f"{name}: there is no such report") from None
        raise UsageError(f"{name}: {error}") from None


def _name(name: str | None, report: Report) -> str:
    if name is None:
        return _NOW
    short = report.run.commit[:7]
    return f"{name} ({short})" if short and not name.startswith(short) else name


def _output(text: str) -> tuple[str, Path]:
    name, equals, path = text.partition("=")
    if not equals or not path or name not in FORMATS:
        raise UsageError(f"-o {text}: wants FORMAT=PATH with one of {', '.join(FORMATS)}")
    check_writable(Path(path))
    return name, Path(path)


def _rendered(name: str, told: Comparison, view: View) -> str:
    text: str = import_module(FORMATS[name]).render(told, view)
    return text
