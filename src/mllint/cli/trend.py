"""`mllint trend`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from mllint.cli.options import color_option, printed_option, project_options
from mllint.cli.output import colored, emit, emit_utf8, note, unicode_out, width
from mllint.cli.revisions import judged, run_options

if TYPE_CHECKING:
    from pathlib import Path

    from mllint.reports.trend import Point
    from mllint.timeline import Moment


@click.command("trend")
@project_options
@run_options
@click.option(
    "-n",
    "--number",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="How many commits or tags.",
)
@click.option("--tags", is_flag=True, help="Those with a tag in place of the last commits.")
@printed_option
@color_option
def command(**given: Any) -> None:
    """Tell the score of the last commits of the branch, or of the last tags.

    Each is read from git's objects and judged by today's rules under today's configuration, so that
    what differs is the code. What was read once comes from the cache.
    """
    from mllint.reports import View, trend
    from mllint.timeline import commits, tags

    root: Path = given["root"]
    moments = (tags if given["tags"] else commits)(root, given["number"])
    if not moments:
        note("note: there is no tag of a commit" if given["tags"] else "note: there is no commit")
    points = [_point(root, moment, given) for moment in moments]
    color = colored(given["color"], sys.stdout)
    view = View(width=width(), color=color, unicode=unicode_out(sys.stdout))
    if given["format_"] == "text":
        emit(trend.as_text(points, view) if points else "")
    elif given["format_"] == "json":
        emit_utf8(trend.as_json(points, view))
    else:
        emit_utf8(trend.as_markdown(points, view) if points else "")


def _point(root: Path, moment: Moment, given: dict[str, Any]) -> Point:
    from mllint.cli.progress import Progress
    from mllint.reports.trend import Point

    with Progress(wanted=not given["no_progress"]) as progress:
        report = judged(root, root, moment.commit, given, progress)
    return Point(moment.commit, moment.day, moment.name, report)
