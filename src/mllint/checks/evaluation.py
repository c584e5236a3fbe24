"""How metrics are called: with scores where they are of scores, and with the truth first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.checks.leakage import through
from mllint.flow import Flow, Node, argument, flow_of
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Call, Place
    from mllint.project import Project

_RAW = ("raw_score", "output_margin", "pred_contrib", "prediction_type", "**")
"""Arguments under which `predict` gives something else than labels."""
_TRUTH = regex(r"\b(y|true|truth|target|label|actual|gold)s?(_|\b)|_(true|test|val|valid)\b")
_PLAIN = 12
"""Values between a metric and the comparison that made its labels."""


def scored_with_labels(project: Project) -> Iterator[Evidence]:
    """Metrics of scores that are given the hard labels of a classifier."""
    flow = flow_of(project)
    yield from _of_spark(flow)
    for call in flow.grouped("metric_ranking"):
        found = []
        for node in flow.seen(call):
            given = flow.given(node, "1", "y_score", "y_pred", "y_prob", "y_proba", "probas_pred")
            used = flow.applied(given) if given is not None else None
            if given is not None and used is not None:
                found.append(_scored(flow, call, node, given, used))
        yield from _worst(found)


def _of_spark(flow: Flow) -> Iterator[Evidence]:
    """Evaluators of Spark, which rank by a column that they are told."""
    for call in flow.named("BinaryClassificationEvaluator"):
        if call.name.startswith("pyspark."):
            column = argument(call, "rawPredictionCol")
            ok = column is None or (column.const != "prediction" if column.known else None)
            fields = {"metric": "BinaryClassificationEvaluator"}
            note = "`prediction` holds labels" if ok is False else "it ranks by scores"
            yield Evidence(ok, call.at, note, fields=fields, scope=call.scope)


def _worst(found: Sequence[Evidence]) -> Sequence[Evidence]:
    """Of what was seen of one place, through several calls, the piece that counts."""
    return sorted(found, key=lambda e: (False, True, None).index(e.ok))[:1]


def _scored(flow: Flow, call: Call, node: Node, given: Node, used: Node) -> Evidence:
    name = call.name.rpartition(".")[2]
    cut = _cut(flow, given)
    if cut is not None and flow.graph.method(used.at) in {"predict", "predict_proba"}:
        note = f"`{name}` is given labels: scores that were compared with a threshold"
        here = Related(flow.graph.place(cut.at), "the scores become labels here")
        related: tuple[Related, ...] = (here, *through(flow, node))
        return Evidence(False, call.at, note, fields={"metric": name}, related=related,
                        scope=call.scope)  # fmt: skip
    if flow.graph.method(used.at) != "predict":
        return Evidence(True, call.at, f"`{name}` is given scores", scope=call.scope)
    plain = flow.prediction(given)
    classes = flow.objects.last(Node(flow.graph.receiver(used.at), used.calls))
    where = flow.graph.call(used.at)
    if where is None or argument(where, *_RAW) is not None:
        return Evidence(None, call.at, f"`{name}`: cannot tell what it is given", scope=call.scope)
    if plain is None or not classes <= set(flow.objects.group("classifier").patterns):
        return Evidence(None, call.at, f"`{name}`: cannot tell what it is given", scope=call.scope)
    related = (Related(where.at, "`predict` gives labels"), *through(flow, node))
    return Evidence(False, call.at, f"`{name}` is given labels", fields={"metric": name},
                    related=related, scope=call.scope)  # fmt: skip


def _cut(flow: Flow, given: Node) -> Node | None:
    """The comparison that made labels of scores, where a value surely is its plain result."""
    graph = flow.graph
    for _ in range(_PLAIN):
        value = graph.value(given.at)
        if value.op == "compare":
            return given
        inputs = graph.inputs(given)
        if value.op == "call" and graph.method(given.at) in {"astype", "int", "to_numpy"}:
            inputs = (Node(graph.receiver(given.at), given.calls),)
        elif value.name == "numpy.where()":
            inputs = (Node(graph.argument(given.at, "0", "condition"), given.calls),)
        elif value.op not in {"merge", "name", "param"} and not graph.returned(given):
            return None
        if len(inputs) != 1 or inputs[0].at < 0:
            return None
        given = inputs[0]
    return None


def swapped_metric_arguments(project: Project) -> Iterator[Evidence]:
    """Metrics that get the prediction where the truth belongs."""
    flow = flow_of(project)
    for call in flow.grouped("metric_ordered"):
        name = call.name.rpartition(".")[2]
        found = []
        for node in flow.seen(call):
            first, second = flow.given(node, "0"), flow.given(node, "1")
            verdict = _ordered(flow, first, second) if first and second else None
            if verdict is None:
                continue
            note = f"`{name}` gets the {'truth' if verdict else 'prediction'} first"
            at, related = (call.at, ()) if verdict else _where_swapped(flow, call, node)
            found.append(Evidence(verdict, at, note, fields={"metric": name}, related=related,
                                  scope=call.scope))  # fmt: skip
        yield from _worst(found)


def _where_swapped(flow: Flow, call: Call, node: Node) -> tuple[Place, tuple[Related, ...]]:
    """Where the order is wrong: in the call of a function that names its parameters rightly."""
    entered = through(flow, node)
    names = " ".join(arg.name.lstrip("?.") for arg in call.args if arg.key == "0")
    if entered and _TRUTH.search(names):
        return entered[0].at, (Related(call.at, f"`{names}` is taken for the truth here"),)
    return call.at, entered


def _ordered(flow: Flow, first: Node, second: Node) -> bool | None:
    """Whether the truth comes before the prediction; None where that is not certain."""
    one, other = flow.applied(first), flow.applied(second)
    if one is None and other is not None:
        return True
    if one is None or other is not None:
        return None
    if flow.prediction(first) is None and _cut(flow, first) is None:
        return None
    data = flow.given(one, "0", "X", "x")
    names = " ".join(flow.graph.targets(second.at)).lower()
    if _TRUTH.search(names):
        return False
    seen = flow.rows.origins(data) if data is not None else frozenset()
    mine = {origin.source for origin in seen} | {cut.by for o in seen for cut in o.cuts}
    yours = flow.rows.origins(second)
    theirs = {origin.source for origin in yours} | {cut.by for o in yours for cut in o.cuts}
    return False if mine & theirs else None
