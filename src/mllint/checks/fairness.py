"""Whether people are treated alike: metrics and counts by group, and what models learn from.

Knows which columns name groups of people by `people`; sees no value.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from mllint.checks import documents, people
from mllint.checks.features import column_of
from mllint.flow import argument, flow_of
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.flow import Fit, Flow, Node
    from mllint.project import Project

_BY_GROUP = regex(
    r"(?:^|[._])(?:by_(?:group|gender|sex|race|age|slice|segment|subgroup)|per_(?:group|slice|segment"
    r"|subgroup)|subgroups?|slice_metrics|fairness\w*|disparity|disparate\w*|equal(?:ized)?_odds"
    r"|demographic_parity)(?:$|[._])",
    re.IGNORECASE,
)
_BY_CLASS = regex(r"(?:^|[._])(?:per_class|by_class|class_wise|classwise)(?:$|[._])", re.IGNORECASE)
_GROUPING = frozenset({"groupby", "crosstab", "pivot_table", "group_by"})
_COUNTING = frozenset({"value_counts", "countplot", "catplot", "barplot", "nunique", "unique"})
_REASON = (
    r"\bfairness\b|\bbias(?:es)?\b(?![- ]variance| and variance)|protected attribute"
    r"|sensitive (?:attribute|feature)"
)
_SHOWN = 4
_STEPS = 30


def _who(columns: dict[str, Any]) -> dict[str, str]:
    return {"who": ", ".join(f"`{name}`" for name in list(columns)[:_SHOWN])}


def by_group(project: Project) -> Iterator[Evidence]:
    """Whether a metric is computed for groups of people."""
    flow = flow_of(project)
    columns = people.grouping(project)
    sliced = next(_sliced(project, flow), None)
    if sliced is None and not columns:
        sliced = next(_by_class(project, flow), None)
    if sliced is not None:
        yield sliced
    elif columns:
        yield Evidence(False, None, "no metric is computed by group", fields=_who(columns))


def _sliced(project: Project, flow: Flow) -> Iterator[Evidence]:
    """Metrics that are computed for groups of rows."""
    for tool in project.used_tools.get("fairness", ()):
        if tool.grade == "used":
            yield Evidence(True, tool.at, tool.note)
    for row in project.rows("define"):
        if flow.counts(row.at.path) and not row.stub and _BY_GROUP.search(row.name):
            yield Evidence(True, row.at, f"`{row.name}`", scope=row.name)
    measured = {(c.at.path, c.scope, loop) for c in flow.grouped("metric") for loop in c.loops}
    for call in flow.named(*_GROUPING):
        if any((call.at.path, call.scope, loop) in measured for loop in _around(project, call)):
            yield Evidence(True, call.at, "a metric is computed for each group", scope=call.scope)


def _by_class(project: Project, flow: Flow) -> Iterator[Evidence]:
    """Metrics of each class, which count where nobody could be grouped."""
    for call in flow.grouped("metric"):
        average = argument(call, "average")
        apart = average is not None and average.known and average.const is None
        if apart or call.name.endswith("classification_report"):
            note = "a metric is computed for each class; nobody is named who could be grouped"
            yield Evidence(True, call.at, note, scope=call.scope)
    for row in project.rows("define"):
        if flow.counts(row.at.path) and not row.stub and _BY_CLASS.search(row.name):
            note = f"`{row.name}` measures each class; nobody is named who could be grouped"
            yield Evidence(True, row.at, note, scope=row.name)


def _around(project: Project, call: Call) -> Iterator[int]:
    """The loops that a grouping stands in, and the one that it begins: that of the next call."""
    yield from call.loops
    depth = len(call.loops)
    rows = project.by_path[call.at.path].get("call", ())
    later = [row for row in rows if row.scope == call.scope and row.order > call.order]
    for row in sorted(later, key=lambda row: row.order):
        if len(row.loops) > depth:
            yield row.loops[depth]
        if len(row.loops) != depth or row.at.line > call.at.end_line:
            return


def data_compared(project: Project) -> Iterator[Evidence]:
    """Whether groups of people are counted or compared in the data."""
    columns = people.grouping(project)
    if not columns:
        return
    for tool in project.used_tools.get("fairness", ()):
        if tool.grade == "used":
            yield Evidence(True, tool.at, tool.note)
            return
    flow = flow_of(project)
    for call in flow.named(*_GROUPING, *_COUNTING):
        seen = next((name for name in _said(flow, call) if name in columns), None)
        if seen is not None:
            yield Evidence(True, call.at, f"`{call.name.rpartition('.')[2]}` of `{seen}`")
            return
    yield Evidence(False, None, "groups of people are not counted", fields=_who(columns))


def _said(flow: Flow, call: Call) -> Iterator[str]:
    """The columns that a call names, or whose values it is asked of."""
    for one in call.args:
        consts = one.const if isinstance(one.const, list) else [one.const]
        yield from (const for const in consts if one.known and isinstance(const, str))
    at = flow.graph.of(call.at.path, call.receiver)
    if at >= 0:
        yield flow.graph.value(at).detail


def protected_features(project: Project) -> Iterator[Evidence]:
    """Models whose columns are known, judged by whether a protected one is among them."""
    flow = flow_of(project)
    reason = next(documents.told(project, headings=_REASON), None)
    seen = set()
    for fit in flow.fits:
        if fit.call.at in seen or fit.data is None or not flow.is_model(fit.kinds):
            continue
        columns = _learned(flow, fit)
        if not columns:
            continue
        seen.add(fit.call.at)
        held = [name for name in columns if people.is_protected(name)]
        if not held:
            yield Evidence(True, fit.call.at, f"{len(columns)} columns, none of them protected",
                           scope=fit.call.scope)  # fmt: skip
        elif reason is not None and reason.ok:
            yield Evidence(True, reason.at, reason.note)
        else:
            yield Evidence(False, fit.call.at, f"`{held[0]}` is a feature",
                           fields={"column": held[0]}, scope=fit.call.scope)  # fmt: skip


def _learned(flow: Flow, fit: Fit) -> list[str]:
    """The columns that a model surely learns from; empty where they are not known."""
    node: Node | None = fit.data
    target = column_of(flow, fit.target) if fit.target is not None else None
    for _ in range(_STEPS):
        if node is None:
            return []
        value = flow.graph.value(node.at)
        if value.op == "item" and value.detail.startswith("["):
            return [name for name in _listed(value.detail) if target is None or name != target[0]]
        steps = flow.rows.steps(node)
        node = steps[0][0] if steps and len(steps) == 1 else None
    return []


def _listed(detail: str) -> list[str]:
    try:
        found = ast.literal_eval(detail)
    except (ValueError, SyntaxError):
        return []
    plain = isinstance(found, list) and all(isinstance(name, str) for name in found)
    return found if plain else []
