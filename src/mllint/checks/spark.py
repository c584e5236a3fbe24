"""Leaks in the pipelines of Spark: what is fitted before a split, and scored on its own rows.

Knows `fit`, `transform`, `randomSplit` and `evaluate` of `pyspark.ml`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.flow import Flow, Node
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call

_APPLIED = regex(r"pyspark\.ml\.(?:\w+\.)*\w+\(\)\.fit\(\)\.transform\(\)$")
LATER = "rows that are split only later"
"""What is learned from, as a report says it."""


def fitted_early(flow: Flow) -> Iterator[Evidence]:
    """Stages that have learned from a table which is split at random afterwards."""
    seen = set()
    for call in flow.named("randomSplit"):
        for node in flow.seen(call):
            table = Node(flow.graph.receiver(node.at), node.calls)
            for before in flow.trace(table) if table.at >= 0 else ():
                fit = _fit(flow, before)
                name = _learner(flow, fit) if fit is not None else ""
                row = flow.graph.call(fit.at) if fit is not None else None
                if name and row is not None and row.at not in seen:
                    seen.add(row.at)
                    related = (Related(call.at, "the rows are split here"),)
                    note = f"`{name}` learns from rows that are split later"
                    fields = {"name": name, "rows": LATER}
                    yield Evidence(False, row.at, note, fields=fields, scope=row.scope,
                                   related=related)  # fmt: skip


def _fit(flow: Flow, node: Node) -> Node | None:
    """The fit of what a table went through, where that made it."""
    if not _APPLIED.match(flow.graph.value(node.at).name):
        return None
    receiver = flow.graph.receiver(node.at)
    made = flow.graph.makers(Node(receiver, node.calls)) if receiver >= 0 else []
    return made[0] if len(made) == 1 else None


def _learner(flow: Flow, fit: Node) -> str:
    """What learns in a fit: the stage itself, or one of a pipeline; "" where none does."""
    receiver = flow.graph.receiver(fit.at)
    group = flow.objects.group("spark_learner")
    for maker in flow.graph.makers(Node(receiver, fit.calls)) if receiver >= 0 else ():
        stages = [maker, *flow.objects.parts(maker)]
        rows = (flow.graph.call(stage.at) for stage in stages)
        name = next((row.name for row in rows if row is not None and row.name in group), "")
        if name:
            return name.rpartition(".")[2]
    return ""


def scored_on_own_rows(flow: Flow) -> Iterator[Evidence]:
    """Models of Spark of which all scores are those of the rows that they were fitted on."""
    found: dict[str, list[tuple[Call, bool, Call | None]]] = {}
    for call in flow.named("evaluate"):
        if call.name.startswith("pyspark.ml.evaluation."):
            for node in list(flow.seen(call))[:1]:
                own, fit = _own(flow, node)
                found.setdefault(call.at.path, []).append((call, own, fit))
    for scores in found.values():
        own_only = all(own for _, own, _ in scores)
        for call, own, fit in scores:
            related = (Related(fit.at, "it is fitted on them here"),) if fit and own else ()
            fields = {"metric": "evaluate", "name": "evaluate"}
            if own_only or not own:
                yield Evidence(not own, call.at, "the rows of the fit" if own else "other rows",
                               fields=fields, scope=call.scope, related=related)  # fmt: skip


def _own(flow: Flow, node: Node) -> tuple[bool, Call | None]:
    """Whether what is scored are surely the rows of the fit, and where that is."""
    given = flow.given(node, "0", "dataset")
    for applied in flow.graph.makers(given) if given is not None else ():
        fit = _fit(flow, applied)
        rows = flow.given(applied, "0", "dataset")
        learned = flow.given(fit, "0", "dataset") if fit is not None else None
        if fit is not None and rows is not None and learned is not None:
            mine, yours = flow.graph.makers(rows), flow.graph.makers(learned)
            same = rows == learned or (bool(mine) and mine == yours)
            return same, flow.graph.call(fit.at)
    return False, None
