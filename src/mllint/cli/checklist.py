"""`mllint checklist`."""

from __future__ import annotations

import sys
from difflib import get_close_matches
from typing import Any

import click

from mllint.cli.completing import complete_checklists
from mllint.cli.options import color_option, printed_option, project_options, target
from mllint.cli.output import colored, emit, emit_utf8, unicode_out, width
from mllint.cli.survey import survey
from mllint.review import UsageError


@click.command("checklist")
@click.argument("name", required=False, shell_complete=complete_checklists)
@click.argument("path", required=False, type=click.Path())
@project_options
@printed_option
@color_option
def command(name: str | None, path: str | None, **given: Any) -> None:
    """Fill in a published checklist for the project at PATH, item by item.

    Without NAME the checklists are listed. The answers come from the files of the project and from
    what its configuration attests; they help a reviewer and certify nothing.
    """
    from mllint.attest import sayings
    from mllint.practices import load as practice_map
    from mllint.reports import View, checklist
    from mllint.standing import standings

    root, _ = target([path] if path else [])
    loaded, report = survey(root, given, wanted=name is not None)
    known = practice_map(loaded)
    view = View(
        width=width(), color=colored(given["color"], sys.stdout), unicode=unicode_out(sys.stdout)
    )
    if name is None or report is None:
        emit(checklist.as_list(loaded.documents, list(known.rows.values()), view))
        return
    rows = [row for row in known.rows.values() if row.document == name]
    if not rows:
        names = sorted({row.document for row in known.rows.values()})
        near = get_close_matches(name, names, n=1, cutoff=0.4)
        hint = f"; did you mean `{near[0]}`?" if near else ""
        raise UsageError(f"there is no checklist `{name}`{hint}\n  known: {', '.join(names)}")
    stands = standings(known, report, sayings(report.attested))
    document = loaded.documents[name]
    if given["format_"] == "json":
        emit_utf8(checklist.as_json(document, rows, known, stands))
    elif given["format_"] == "markdown":
        emit_utf8(checklist.as_markdown(document, rows, stands))
    else:
        emit(checklist.as_text(document, rows, stands, view))
