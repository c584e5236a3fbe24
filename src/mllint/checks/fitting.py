"""Whether a model and what it is given suit each other: scales, stacked predictions, metrics.

Asks the data flow; judges only inputs and predictions whose way is seen whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.checks.compiled import counted_hits
from mllint.flow import Fit, Flow, Node, flow_of
from mllint.flow.objects import LEARNED
from mllint.project import arg
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.project import Project

_PLAIN = frozenset({
    "drop", "dropna", "fillna", "copy", "reset_index", "to_numpy", "get_dummies",
    "train_test_split", "head", "sample", "set_index", "query", "sort_values",
    "drop_duplicates", "read_csv", "read_excel", "read_table", "read_parquet", "DataFrame",
    "select_dtypes", "rename", "concat", "astype",
})  # fmt: skip
"""Calls that leave the scale of columns as it is."""
_FAR = 8
"""Names through which a value is followed."""
_ONE_COLUMN = regex(r"\['[^']*'\]")
_PREDICTING = frozenset({"predict", "predict_proba", "decision_function"})
_SCORES = ("1", "y_score", "y_prob", "y_proba", "probas_pred", "y_pred")
_COLUMNS = frozenset({":, 0", ":, 1", ":, -1"})
_TABLES = ("pandas.read_csv", "pandas.read_excel", "pandas.read_table", "pandas.read_parquet")


def unscaled(project: Project) -> Iterator[Evidence]:
    """Fits of models that depend on the scale of columns, by whether the columns are scaled."""
    flow = flow_of(project)
    seen = set()
    for fit in flow.fits:
        name = _sensitive(flow, fit)
        if name is None or fit.call.at in seen:
            continue
        seen.add(fit.call.at)
        ok, note = _scaled(flow, fit)
        fields = {"name": name}
        yield Evidence(ok, fit.call.at, f"`{name}` {note}", scope=fit.call.scope, fields=fields)


def _sensitive(flow: Flow, fit: Fit) -> str | None:
    """The class of a model that depends on the scale of its inputs; None for others."""
    receiver = Node(flow.graph.receiver(fit.node.at), fit.node.calls)
    classes = flow.objects.last(receiver)
    names = [name for name in classes if name in flow.objects.group("scale_sensitive")]
    return names[0].rpartition(".")[2] if names and len(names) == len(classes) else None


def _scaled(flow: Flow, fit: Fit) -> tuple[bool | None, str]:
    receiver = Node(flow.graph.receiver(fit.node.at), fit.node.calls)
    for maker in flow.objects.makers(receiver):
        if any(_scales(flow, part) for part in flow.objects.parts(maker)):
            return True, "stands behind a scaler in its pipeline"
    if fit.data is None:
        return None, "is given data that cannot be followed"
    tables = False
    for before in flow.trace(fit.data):
        value = flow.graph.value(before.at)
        if value.op == "item" and _ONE_COLUMN.fullmatch(value.detail):
            return None, "is given one column"
        if value.op != "call":
            if value.op in {"binary", "unknown", "lambda"} or (
                value.op == "param" and not flow.graph.inputs(before)
            ):
                return None, "is given data that cannot be followed"
            continue
        method = flow.graph.method(before.at)
        by = Node(flow.graph.receiver(before.at), before.calls)
        if method in {"transform", "fit_transform"} and by.at >= 0 and _scales(flow, by):
            return True, "is given scaled columns"
        call = flow.graph.call(before.at)
        tables = tables or (call is not None and call.name in _TABLES)
        if method not in _PLAIN and not flow.graph.returned(before):
            return None, f"is given what `{method}` made"
    if not tables:
        return None, "is given data that cannot be followed"
    return False, "is given the columns of a table as they are"


def _scales(flow: Flow, node: Node) -> bool:
    return bool(flow.objects.kinds(node) & (LEARNED | {"stateless"}))


def stacked(project: Project) -> Iterator[Evidence]:
    """Ensembles, judged by whether the last model learns from predictions on unseen rows."""
    flow = flow_of(project)
    for call in flow.grouped("ensemble"):
        name = call.name.rpartition(".")[2]
        yield Evidence(True, call.at, f"`{name}`", scope=call.scope)
    for fit in flow.fits:
        if flow.is_model(fit.kinds) and fit.data is not None:
            found = _stacking(flow, fit, fit.data)
            if found is not None:
                yield found


def _stacking(flow: Flow, fit: Fit, data: Node) -> Evidence | None:
    """Whether a model is fitted on what another one predicts for the rows that it was fitted on."""
    own = set(flow.objects.makers(Node(flow.graph.receiver(fit.node.at), fit.node.calls)))
    for before in flow.trace(data):
        if flow.graph.value(before.at).op != "call":
            continue
        method = flow.graph.method(before.at)
        if method == "cross_val_predict":
            return Evidence(True, fit.call.at, "it learns from predictions on left-out folds")
        by = Node(flow.graph.receiver(before.at), before.calls)
        if method not in _PREDICTING or by.at < 0 or own & set(flow.objects.makers(by)):
            continue
        if not flow.is_model(flow.objects.kinds(by)):
            continue  # clusters and the like know no answers
        fits = flow.history(by)
        first = flow.fit(fits[0]) if len(fits) == 1 else None
        given = flow.given(before, "0", "X", "x")
        if first is None or first.data is None or given is None:
            return Evidence(None, fit.call.at, "it learns from predictions on unknown rows")
        same = flow.rows.same(first.data, given)
        note = "it learns from predictions on the rows that the first model was fitted on"
        related = (Related(first.call.at, "the first model is fitted here"),)
        ok = None if same is None else not same
        return Evidence(
            ok, fit.call.at, note if same else "it learns from other rows", related=related
        )
    return None


def measured(project: Project) -> Iterator[Evidence]:
    """Metrics of plain predictions, judged by whether they are of the kind of the model."""
    yield from counted_hits(project)
    flow = flow_of(project)
    regression = flow.objects.group("metric_regression")
    labels = flow.objects.group("metric_labels")
    seen = set()
    for score in flow.scores:
        name = score.call.name
        if (name not in regression and name not in labels) or score.call.at in seen:
            continue
        predicted = flow.given(score.node, "1", "y_pred")
        if predicted is None or flow.prediction(predicted) is None:
            continue
        kind = _kind(flow, score.fit)
        if kind is None:
            continue
        seen.add(score.call.at)
        ok = kind == ("regressor" if name in regression else "classifier")
        short = name.rpartition(".")[2]
        fields = {"name": short, "kind": kind}
        yield Evidence(ok, score.call.at, f"`{short}` of a {kind}", fields=fields)


def ranked(project: Project) -> Iterator[Evidence]:
    """Metrics of probabilities, judged by which column of `predict_proba` they are given."""
    flow = flow_of(project)
    seen = set()
    for call in flow.grouped("metric_ranking"):
        for node in flow.seen(call):
            given = flow.given(node, *_SCORES)
            column = _column(flow, given) if given is not None else ""
            if column not in _COLUMNS or call.at in seen:
                continue
            seen.add(call.at)
            name = call.name.rpartition(".")[2]
            ok: bool | None = column != ":, 0" or (None if _turned(flow, node) else False)
            note = f"`{name}` of column {column[-1]} of `predict_proba`"
            yield Evidence(ok, call.at, note, scope=call.scope, fields={"name": name})


def _turned(flow: Flow, node: Node) -> bool:
    """Whether the truth may be that of the first class: `y == 0`, `labels[:, 0]`, `pos_label`."""
    call = flow.graph.call(node.at)
    if call is None or arg(call, "pos_label") is not None:
        return True
    truth = flow.given(node, "0", "y_true")
    for _ in range(_FAR):
        if truth is None:
            break
        value = flow.graph.value(truth.at)
        if value.op in {"compare", "binary", "lambda"} or value.detail.startswith(":, "):
            return True
        inputs = flow.graph.inputs(truth)
        onward = value.op in {"name", "merge", "item"} and len(inputs) >= 1 and inputs[0].at >= 0
        truth = inputs[0] if onward else None
    return False


def _column(flow: Flow, node: Node) -> str:
    """Which column of the probabilities a value is, as it is spelt; "" where it is none."""
    for _ in range(_FAR):
        value = flow.graph.value(node.at)
        inputs = flow.graph.inputs(node)
        if value.op == "item" and inputs and inputs[0].at >= 0:
            makers = flow.graph.makers(inputs[0])
            sure = makers and all(flow.graph.method(m.at) == "predict_proba" for m in makers)
            return value.detail if sure else ""
        if value.op not in {"name", "param", "merge", "loop"} or len(inputs) != 1:
            return ""
        node = inputs[0]
    return ""


def _kind(flow: Flow, fit: Fit) -> str | None:
    """Whether a model surely is a classifier or a regressor."""
    receiver = Node(flow.graph.receiver(fit.node.at), fit.node.calls)
    classes = flow.objects.last(receiver)
    for kind in ("classifier", "regressor"):
        if classes and all(name in flow.objects.group(kind) for name in classes):
            return kind
    return None
