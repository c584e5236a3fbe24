"""How a report is asked for and written: to stdout, to files, to the host that runs mllint."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from mllint.cli.completing import complete_outputs
from mllint.cli.hosts import annotate, blobs
from mllint.cli.options import color_option, links_option, split
from mllint.cli.output import (
    check_writable,
    colored,
    emit,
    emit_utf8,
    linked,
    unicode_out,
    width,
    write_file,
)
from mllint.reports import FORMATS, SECTIONS, View, renderer
from mllint.review import UsageError

if TYPE_CHECKING:
    from mllint.review import Report

F = TypeVar("F", bound=Callable[..., Any])
AUTO = "auto"


class Output(NamedTuple):
    """A report that goes to a file."""

    format: str
    path: Path


class Asked(NamedTuple):
    """The reports that a command line asks for."""

    format: str
    """Of stdout; "" for nothing."""
    outputs: tuple[Output, ...]
    view: View
    color: str
    links: str

    @property
    def formats(self) -> frozenset[str]:
        """Those of stdout and of all files."""
        return frozenset({self.format, *(output.format for output in self.outputs)})


def report_options(function: F) -> F:
    """The options that say which reports are written, and what they hold."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return links_option(color_option(function))


_OPTIONS = (
    click.option(
        "--format",
        "format_",
        type=click.Choice([AUTO, *FORMATS]),
        envvar="MLLINT_FORMAT",
        default=AUTO,
        show_default=True,
        help="What is printed; auto: text, in GitHub Actions annotations and a summary too.",
    ),
    click.option(
        "-o",
        "--output",
        "outputs",
        metavar="FORMAT=PATH",
        multiple=True,
        shell_complete=complete_outputs,
        help="Write a report to a file as well.",
    ),
    click.option(
        "--sarif-suppressed",
        is_flag=True,
        help="Let SARIF hold what is waived or known, too, marked as suppressed.",
    ),
    click.option(
        "--show",
        metavar="SECTION",
        multiple=True,
        help=f"What the text report holds: {', '.join(SECTIONS)} or all.",
    ),
    click.option(
        "--top",
        type=click.IntRange(min=0),
        default=5,
        show_default=True,
        help="Length of `Fix first`.",
    ),
    click.option(
        "--max-findings",
        type=click.IntRange(min=0),
        default=50,
        show_default=True,
        help="Findings that the text report shows in full; 0 = all.",
    ),
    click.option(
        "--statistics",
        type=click.Choice(["count", "time"]),
        is_flag=False,
        flag_value="count",
        metavar="[=time]",
        help="A line per rule in place of the findings; =time: with how long its check took.",
    ),
    click.option("-q", "--quiet", count=True, help="A line per finding; -qq: the verdict alone."),
    click.option("-v", "--verbose", count=True, help="Evidence, unread files and tracebacks too."),
)


def asked(given: dict[str, Any]) -> Asked:
    """What the options ask for; UsageError for what cannot be."""
    view = View(
        show=_sections(given["show"]),
        top=given["top"],
        max_findings=given["max_findings"],
        statistics=given["statistics"] is not None,
        times=given["statistics"] == "time",
        verbosity=given["verbose"] - given["quiet"],
        suppressed=given["sarif_suppressed"],
    )
    outputs = tuple(_output(text) for text in given["outputs"])
    return Asked(given["format_"], outputs, view, given["color"], given["links"])


def get_ready(wanted: Asked) -> None:
    """Load what writes the report that is printed."""
    if wanted.format:
        renderer("text" if wanted.format == AUTO else wanted.format)


def write(report: Report, wanted: Asked) -> None:
    """Write every report that is asked for, the one for stdout last."""
    view = replace(wanted.view, blobs=blobs(os.environ, report.run.commit))
    for output in wanted.outputs:
        write_file(output.path, renderer(output.format)(report, view))
    if wanted.format in {AUTO, "text"}:
        here = at_terminal(view, wanted)
        emit(renderer("text")(report, here))
    elif wanted.format:
        emit_utf8(renderer(wanted.format)(report, view), commands=wanted.format == "github")
    if wanted.format in {AUTO, "github"}:
        annotate(report, view, os.environ, printed=wanted.format == "github")


def at_terminal(view: View, wanted: Asked) -> View:
    """How a report is shown on stdout: its width, colours, links and characters."""
    color = colored(wanted.color, sys.stdout)
    return replace(
        view,
        width=width(),
        color=color,
        links=linked(wanted.links, sys.stdout, color=color),
        unicode=unicode_out(sys.stdout),
    )


def _output(text: str) -> Output:
    name, equals, path = text.partition("=")
    if not equals or not path:
        raise UsageError(f"-o {text}: wants FORMAT=PATH, for example json=report.json")
    if name not in FORMATS:
        raise UsageError(f"-o {text}: there is no format `{name}`; known: {', '.join(FORMATS)}")
    if path == "-":
        raise UsageError(f"-o {text}: `-` is not a file; --format {name} prints to stdout")
    check_writable(Path(path))
    return Output(name, Path(path))


def _sections(values: tuple[str, ...]) -> frozenset[str]:
    names = split(values)
    if not names:
        return View().show
    for name in names:
        if name not in {*SECTIONS, "all"}:
            raise UsageError(f"--show {name}: known are {', '.join(SECTIONS)} and all")
    return frozenset(SECTIONS) if "all" in names else frozenset(names)
