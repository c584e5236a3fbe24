"""Whether anything looks at data between where they are read and where a model learns from them.

Knows assertions, errors that are raised, and calls that count gaps and duplicates.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.checks.testing import CHECKING, TABLES
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Call
    from mllint.project import Project

_OURS = frozenset({"source", "template"})
_LOOKING = re.compile(r"pandas\..*\.(?:info|describe|value_counts|head|hist|plot|boxplot|nunique)")


def looked_at(project: Project) -> Iterator[Evidence]:
    """Whether tables that the project reads are checked anywhere."""
    reads = [
        call
        for call in project.calls("load")
        if project.role(call.at.path) in _OURS and call.name.startswith(TABLES)
    ]
    if not reads:
        return
    sure = next(_checks(project, reads), None)
    yield sure or _perhaps(project, reads) or _nothing(reads)


def _checks(project: Project, reads: Sequence[Call]) -> Iterator[Evidence]:
    for tool in project.used_tools.get("data_validation", ()):
        if tool.grade == "used":
            yield Evidence(True, tool.at, tool.note)
    files = {call.at.path for call in reads}
    scopes = {(call.at.path, call.scope) for call in reads}
    for row in project.rows("define"):
        if project.role(row.at.path) not in _OURS or row.stub or not (row.asserts or row.raises):
            continue
        if (row.at.path, row.name) in scopes:
            yield Evidence(True, row.at, f"`{row.name}` reads data and refuses some")
        if CHECKING.search(row.name):
            yield Evidence(True, row.at, f"`{row.name}` checks data")
    for row in project.rows("module"):
        if row.asserts and row.at.path in files:
            yield Evidence(True, row.at, f"`{row.at.path}` asserts something of what it reads")
    for group in ("missing_count", "duplicate_check"):
        for call in project.calls(group):
            if project.role(call.at.path) in _OURS:
                yield Evidence(True, call.at, f"`{call.name.rpartition('.')[2]}`", scope=call.scope)


def _perhaps(project: Project, reads: Sequence[Call]) -> Evidence | None:
    """Undecided evidence: somebody may have looked, or a function by its name may check."""
    for row in project.rows("define"):
        if project.role(row.at.path) in _OURS | {"test"} and CHECKING.search(row.name):
            return Evidence(None, row.at, f"`{row.name}` may check data")
    for name, calls in project.calls_by_name.items():
        if _LOOKING.fullmatch(name) and project.role(calls[0].at.path) in _OURS:
            short = name.rpartition(".")[2]
            return Evidence(None, calls[0].at, f"`{short}` shows the data, and nothing fails")
    scopes = {(call.at.path, call.scope.partition(".")[0]) for call in reads}
    for row in project.rows("define"):
        near = (row.at.path, row.name.partition(".")[0]) in scopes
        if near and (row.asserts or row.raises):
            return Evidence(None, row.at, f"`{row.name}` refuses something, which may be data")
    return None


def _nothing(reads: Sequence[Call]) -> Evidence:
    first = min(reads, key=lambda call: (call.at.path.endswith(".ipynb"), call.at.path, call.order))
    short = first.name.replace("()", "").lstrip(".?")
    fields = {"read": f"`{short}` in `{first.at.path}`"}
    return Evidence(False, None, f"nothing looks at what {fields['read']} reads", fields=fields)
