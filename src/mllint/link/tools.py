"""Which tools the project really uses: for each tool of each family the best evidence.

Knows grades; what leaves a trace is for `codetraces` and `filetraces` to say.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from mllint.facts import Tool
from mllint.link.codetraces import Trace, code
from mllint.link.filetraces import files
from mllint.link.ground import Tables, ground
from mllint.link.traceindex import ToolOf, index_of
from mllint.tools import GRADES

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from mllint.balance import Balance
    from mllint.tools import Families

_ORDER = {
    grade: rank
    for rank, grade in enumerate(("used", "optional", "declared", "vendored", "mentioned"))
}


def tools(
    tables: Tables, roles: Mapping[str, str], spread: Balance, families: Families
) -> list[Tool]:
    """A row for every tool of which there is any evidence, by family and name."""
    index = index_of(families)
    stands = ground(tables, roles, spread)
    best: dict[int, Trace] = {}
    run: set[str] = set()
    for trace in chain(code(index, tables, stands), files(index, tables, stands)):
        known = best.get(trace.tool)
        if known is None or _ORDER[trace.grade] < _ORDER[known.grade]:
            best[trace.tool] = trace
        if trace.how in {"step", "hook", "action"} and trace.grade == "used":
            run.add(index.tools[trace.tool].name)
    rows = [_row(index.tools[tool], trace, run) for tool, trace in best.items()]
    return sorted(rows, key=lambda row: (row.family, row.tool))


def _row(tool: ToolOf, trace: Trace, run: Container[str]) -> Tool:
    """The row of a tool; a tool that can never count in full says why.

    A configuration that another tool reads is put to use where CI runs that tool.
    """
    grade, note = trace.grade, trace.note
    through = tool.spec.get("through", "")
    if trace.how == "config" and grade == "declared" and through in run:
        grade, note = (
            "used",
            f"{note.partition(' is there')[0]} is read by {through}, which CI runs",
        )
    limit = tool.spec.get("at_most", "used")
    if _ORDER[limit] > _ORDER[grade]:
        grade, note = limit, f"{note}; {tool.spec['why']}"
    status = tool.spec.get("status", "")
    return Tool(trace.at, tool.family, tool.name, grade, GRADES[grade], trace.how, note, status)
