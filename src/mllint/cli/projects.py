"""`mllint check` of a repository that holds several projects."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from mllint.cli.output import colored, emit, emit_utf8, width, write_file
from mllint.cli.reporting import AUTO
from mllint.reports.projects import Checked, as_json, as_text, exit_code
from mllint.review import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from mllint.cli.reporting import Asked
    from mllint.review import Report
    from mllint.settings import ProjectEntry, Settings

PRINTED = (AUTO, "text", "json", "github")
"""Formats that can be printed for several projects at once; the others need a file each."""


def refuse(format_: str) -> None:
    """Raise UsageError for a format of which one document holds one project."""
    if format_ not in PRINTED:
        raise UsageError(
            f"--format {format_}: a document for each project cannot be printed\n"
            f"  hint: -o {format_}=FILE writes FILE with the project's name in its name"
        )


def folder_of(root: Path, entry: ProjectEntry) -> Path:
    """The folder of a project; UsageError where there is none."""
    folder = root / entry.path
    if "\0" in entry.path or not folder.is_dir():
        raise UsageError(f"{entry.source}: there is no folder {entry.path}")
    if not folder.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"{entry.source}: {entry.path} lies outside of the repository")
    return folder


def file_of(path: Path, name: str) -> Path:
    """`report.sarif` for a project: `report.ranker.sarif`."""
    plain = "".join(c if c.isalnum() or c in "-_" else "-" for c in name)
    return path.with_name(f"{path.stem}.{plain}{path.suffix}")


def check_all(
    root: Path,
    settings: Settings,
    look: Callable[[ProjectEntry, Path], Report],
    show: Callable[[ProjectEntry, Report], None],
) -> list[Checked]:
    """The reports on all projects, each shown as soon as it is there."""
    folders = [(entry, folder_of(root, entry)) for entry in settings.projects]
    checked = []
    for entry, folder in folders:
        report = look(entry, folder)
        show(entry, report)
        checked.append(Checked(entry.name, entry.path, report))
    return checked


def one_of(wanted: Asked, name: str) -> Asked:
    """What is written for one project alone: of the JSON there is one document for all."""
    files = (o._replace(path=file_of(o.path, name)) for o in wanted.outputs if o.format != "json")
    printed = "" if wanted.format == "json" else wanted.format
    return wanted._replace(format=printed, outputs=tuple(files))


def roll_up(checked: Sequence[Checked], wanted: Asked) -> int:
    """Write what all projects come to; the exit code."""
    for output in wanted.outputs:
        if output.format == "json":
            write_file(output.path, as_json(checked))
    if wanted.format == "json":
        emit_utf8(as_json(checked))
    elif wanted.format in {AUTO, "text"}:
        color = colored(wanted.color, sys.stdout)
        emit("\n" + as_text(checked, replace(wanted.view, width=width(), color=color)))
    return exit_code(checked)
