"""Whether anything looks at data between where they are read and where a model learns from them.

Knows assertions, errors that are raised, and calls that count gaps and duplicates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.checks.nature import training_calls
from mllint.checks.testing import CHECKING, own_tables, refusing
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Call
    from mllint.project import Project

_OURS = frozenset({"source", "template"})
_COUNTS = ("missing_count", "duplicate_check")
_OF_ANYTHING = frozenset({"pandas.isnull", "pandas.isna", "pandas.notnull", "pandas.notna"})
"""What asks a single value as well as a table, be it to make a feature of it."""
_SHOWS = regex(
    r"pandas\..*\.(?:info|describe|value_counts|head|hist|plot|boxplot|nunique|isna|isnull)"
    r"|missingno\..*"
)
"""What shows data to somebody, and refuses none."""


def looked_at(project: Project) -> Iterator[Evidence]:
    """Whether the files with rows that the project reads are checked anywhere."""
    reads = list(own_tables(project))
    sure = next(_checks(project, reads), None)
    if sure is not None:
        yield sure
    elif reads:
        yield _perhaps(project, reads) or _nothing(project, reads)


def _checks(project: Project, reads: Sequence[Call]) -> Iterator[Evidence]:
    for tool in project.used_tools.get("data_validation", ()):
        if tool.grade == "used":
            yield Evidence(True, tool.at, tool.note)
    yield from refusing(project, {*_OURS, "test"})
    training = [c for name in ("fit", "trainer") for c in project.calls(name)]
    scopes = {(c.at.path, c.scope) for c in reads} - {(c.at.path, c.scope) for c in training}
    for row in project.rows("define"):
        reading = (row.at.path, row.name) in scopes and not row.stub
        if reading and (row.asserts > row.guards or row.raises):
            yield Evidence(True, row.at, f"`{row.name}` reads data and refuses some")
    files = {call.at.path for call in reads}
    learning = {call.at.path for call in training}
    for row in project.rows("module"):
        if row.asserts and row.at.path in files & learning:
            yield Evidence(True, row.at, f"`{row.at.path}` asserts something of what it reads")
    for group in _COUNTS:
        for call in project.calls(group):
            own = call.at.cell is None and project.role(call.at.path) in _OURS
            if own and call.name not in _OF_ANYTHING:
                yield Evidence(True, call.at, f"`{call.name.rpartition('.')[2]}`", scope=call.scope)


def _perhaps(project: Project, reads: Sequence[Call]) -> Evidence | None:
    """Undecided evidence: somebody may have looked, or a function by its name may check."""
    for row in project.rows("define"):
        if project.role(row.at.path) in {*_OURS, "test"} and CHECKING.search(row.name):
            return Evidence(None, row.at, f"`{row.name}` may check data")
    training = [c for name in ("fit", "trainer") for c in project.calls(name)]
    if any(c.at.cell for c in reads) and all(c.at.cell or not c.scope for c in training):
        shown = [c for name, calls in project.calls_by_name.items() for c in calls
                 if _SHOWS.fullmatch(name)]  # fmt: skip
        shown += [call for group in _COUNTS for call in project.calls(group)]
        if shown:
            short = shown[0].name.rpartition(".")[2]
            return Evidence(None, shown[0].at, f"`{short}` shows the data, and nothing fails")
    near = {(call.at.path, call.scope.partition(".")[0]) for call in reads}
    for row in project.rows("define"):
        refuses = row.asserts > row.guards or row.raises
        if (row.at.path, row.name.partition(".")[0]) in near and refuses:
            return Evidence(None, row.at, f"`{row.name}` refuses something, which may be data")
    for call in project.calls("missing_count"):
        if call.name in _OF_ANYTHING and project.role(call.at.path) in _OURS:
            return Evidence(None, call.at, f"`{call.name}` may look for gaps in what is read")
    return None


def _nothing(project: Project, reads: Sequence[Call]) -> Evidence:
    learning = {call.at.path for call in training_calls(project)}

    def rank(call: Call) -> tuple[bool, bool, str, int]:
        path = call.at.path
        return (path not in learning, path.endswith(".ipynb"), path, call.order)

    first = min(reads, key=rank)
    short = first.name.replace("()", "").lstrip(".?")
    fields = {"read": f"`{short}` in `{first.at.path}`"}
    return Evidence(False, None, f"nothing looks at what {fields['read']} reads", fields=fields)
