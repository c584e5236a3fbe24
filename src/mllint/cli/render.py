"""`mllint render`."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mllint.cli.reporting import AUTO, asked, report_options, write
from mllint.review import UsageError

if TYPE_CHECKING:
    from mllint.review import Report


@click.command("render")
@click.argument("report", metavar="REPORT.json", type=click.Path())
@click.option(
    "--against",
    metavar="OLD.json",
    type=click.Path(),
    help="The report that markdown-pr compares with.",
)
@report_options
def command(report: str, against: str | None, **given: Any) -> int:
    """Write the report in REPORT.json in other formats, without running anything.

    REPORT.json is what `mllint check -o json=REPORT.json` wrote; `-` reads it from stdin. With -o
    alone nothing is printed. The exit code is 0 whatever the report says.
    """
    wanted = asked(given)
    if wanted.view.times:
        raise UsageError("--statistics=time: a report does not hold what its run took")
    read_back = loaded(report)
    if against:
        read_back = replace(read_back, before=loaded(against), before_name="older report")
    wanted = wanted._replace(view=replace(wanted.view, root=read_back.run.root))
    source = click.get_current_context().get_parameter_source("format_")
    silent = wanted.outputs and source is click.core.ParameterSource.DEFAULT
    write(read_back, wanted._replace(format="" if silent else _plain(wanted.format)))
    return 0


def _plain(name: str) -> str:
    """A format that has no effect on the host: the run itself has had it."""
    return "text" if name == AUTO else name


def loaded(path: str) -> Report:
    """The report of a JSON file, `-` being stdin."""
    from mllint.named import content
    from mllint.reports.reread import read

    if path == "-":
        return read(sys.stdin.buffer.read(), "stdin")
    try:
        return read(content(Path(path)), path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
