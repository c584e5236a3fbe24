"""Decision thresholds: on which rows they are chosen, off a curve or by trying many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.checks.choosing import chosen, searched_functions
from mllint.flow import Flow, Node, flow_of
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.project import Project

_CURVES = ("sklearn.metrics.roc_curve", "sklearn.metrics.precision_recall_curve")
_ORDERS = frozenset({"Gt", "GtE", "Lt", "LtE"})
_SUGGESTING = ("suggest_float", "suggest_uniform", "suggest_discrete_uniform")
_FAR = 8
"""Values between a comparison and where its threshold is drawn from."""
_MOST = 40
"""Values that are looked at for a threshold that a loop keeps."""


def threshold_on_test(project: Project) -> Iterator[Evidence]:
    """Decision thresholds that are chosen on the rows that are then reported on."""
    flow = flow_of(project)
    yield from _off_curves(flow)
    tried = list(_tried(flow))
    yield from tried
    yield from _kept(flow, {one.at.path for one in tried if one.at is not None})


def _off_curves(flow: Flow) -> Iterator[Evidence]:
    """Thresholds that are read off a curve, where labels that they made are measured."""
    curves = [c for c in flow.grouped("metric_ranking") if c.name in _CURVES]
    nodes = {node: call for call in curves for node in flow.seen(call)}
    seen, faulty = set(), set()
    for call in flow.grouped("metric_labels") if nodes else ():
        for node in flow.seen(call):
            truth, predicted = flow.given(node, "0", "y_true"), flow.given(node, "1", "y_pred")
            if truth is None or predicted is None or call.at in seen:
                continue
            curve = _curve_behind(flow, predicted, nodes)
            if curve is None:
                continue
            seen.add(call.at)
            judged = _off_curve(flow, call, truth, curve)
            if judged.ok is not False:
                yield judged
            elif curve not in faulty:  # one threshold is one fault, however often it is measured
                faulty.add(curve)
                yield judged


def _curve_behind(flow: Flow, predicted: Node, curves: dict[Node, Call]) -> Node | None:
    """The curve that a prediction was thresholded by."""
    trace = flow.trace(predicted)
    compared = any(flow.graph.value(n.at).op == "compare" for n in trace)
    return next((node for node in trace if node in curves), None) if compared else None


def _off_curve(flow: Flow, call: Call, truth: Node, curve: Node) -> Evidence:
    used = flow.given(curve, "0", "y_true")
    drawn = flow.graph.call(curve.at)
    same = flow.rows.same(truth, used) if used is not None else None
    fields = {"metric": call.name.rpartition(".")[2]}
    related = (Related(drawn.at, "the threshold is read off here"),) if drawn else ()
    if same and flow.rows.part(truth) == "test":
        return Evidence(False, call.at, "threshold chosen on the reported rows", fields=fields,
                        related=related, scope=call.scope)  # fmt: skip
    if same is False:
        return Evidence(True, call.at, "threshold chosen on other rows", scope=call.scope)
    return Evidence(None, call.at, "cannot tell on which rows the threshold was chosen",
                    scope=call.scope)  # fmt: skip


def _tried(flow: Flow) -> Iterator[Evidence]:
    """Thresholds that are tried one after another, of which a metric keeps the best."""
    searched = searched_functions(flow)
    seen = set()
    for score in flow.scores:
        call = score.call
        predicted = flow.given(score.node, "1", "y_pred")
        anew = set(call.loops) & set(score.fit.call.loops) and call.scope == score.fit.call.scope
        if anew or predicted is None or call.at in seen:
            continue
        related = chosen(flow, score, searched) if _by_turns(flow, predicted) else None
        if related is not None:
            seen.add(call.at)
            name = call.name.rpartition(".")[2]
            yield _chosen_on(flow.rows.part(score.data), call, name, (related,))


def _chosen_on(part: str, row: Call, name: str, related: tuple[Related, ...]) -> Evidence:
    ok = {"test": False, "validation": True, "train": True, "other": True}.get(part)
    return Evidence(ok, row.at, f"the threshold is chosen on {part} rows", fields={"metric": name},
                    related=() if ok else related, scope=row.scope)  # fmt: skip


def _by_turns(flow: Flow, predicted: Node) -> bool:
    """Whether scores are compared with one threshold after another."""
    return any(
        _is_tried(flow, cut) and flow.applied(scores) is not None
        for node in flow.trace(predicted)
        for scores, cut in _sides(flow, node)
    )


def _is_tried(flow: Flow, node: Node) -> bool:
    """Whether a value is one of many that are tried: of an iteration, or of who calls a lambda."""
    graph = flow.graph
    for _ in range(_FAR):
        value = graph.value(node.at)
        if value.op == "iter" or graph.method(node.at) in _SUGGESTING:
            return True
        whole = graph.first(node.at) if value.op == "unpack" else -1
        if whole >= 0 and graph.value(whole).op == "iter":
            return True
        inputs = graph.inputs(node)
        if value.op == "param" and not inputs:
            return "<lambda>:" in value.detail
        if value.op not in {"param", "loop", "merge", "name"} or len(inputs) != 1:
            return False
        node = inputs[0]
    return False


def _kept(flow: Flow, told: set[str]) -> Iterator[Evidence]:
    """Thresholds that a loop keeps, by whatever it works out, and that are measured afterwards."""
    seen, faulty = set(), set()
    for call in flow.grouped("metric_labels"):
        for node in flow.seen(call):
            predicted = flow.given(node, "1", "y_pred")
            if predicted is None or call.at in seen or call.at.path in told:
                continue
            data, used, kept = next(_cuts(flow, predicted), (None, None, -1))
            if data is None or used is None:
                continue
            seen.add(call.at)
            same = flow.rows.same(data, used)
            part = flow.rows.part(used) if same else "other" if same is False else "unknown"
            if part != "test" or kept not in faulty:  # one threshold is one fault
                faulty |= {kept} if part == "test" else set()
                related = (Related(flow.graph.place(kept), "the best is kept here"),)
                yield _chosen_on(part, call, call.name.rpartition(".")[2], related)


def _cuts(flow: Flow, predicted: Node) -> Iterator[tuple[Node, Node, int]]:
    """The rows behind labels, those behind the scores their threshold was tried on, and where."""
    for node in flow.trace(predicted):
        for scores, cut in _sides(flow, node):
            tried = _kept_of(flow, cut)
            applied = _scored_rows(flow, scores) if tried is not None else None
            for after in flow.graph.used_by(tried.at) if applied is not None and tried else ():
                for others, one in _sides(flow, Node(after, tried.calls if tried else ())):
                    used = _scored_rows(flow, others) if one == tried else None
                    if used is not None and applied is not None:
                        yield applied, used, after


def _sides(flow: Flow, node: Node) -> Iterator[tuple[Node, Node]]:
    """Both orders of the sides of a comparison of sizes."""
    value = flow.graph.value(node.at)
    if value.op == "compare" and value.detail in _ORDERS:
        sides = flow.graph.inputs(node)
        if len(sides) == len(value.inputs) == 2:
            yield sides
            yield sides[1], sides[0]


def _scored_rows(flow: Flow, scores: Node) -> Node | None:
    """The rows that a model gave scores for."""
    used = flow.applied(scores)
    return flow.given(used, "0", "X", "x", "data") if used is not None else None


def _kept_of(flow: Flow, node: Node) -> Node | None:
    """The element of an iteration that a loop keeps under another name; None for another value."""
    stack, carried = [node], False
    seen: set[Node] = set()
    while stack and len(seen) < _MOST:
        here = stack.pop()
        value = flow.graph.value(here.at)
        if here in seen:
            continue
        seen.add(here)
        carried = carried or value.op in {"loop", "attr"}
        if value.op == "iter" and carried:
            return here
        if value.op in {"loop", "merge", "param", "name", "attr", "unpack"} or (
            value.op == "call" and flow.graph.returned(here)
        ):
            stack.extend(flow.graph.inputs(here))
    return None
