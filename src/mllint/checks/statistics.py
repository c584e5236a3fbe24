"""Statistics that a table is filled, centred or encoded with, or its columns are chosen by.

What an imputer, a scaler, a target encoder or a selector would learn, worked out by hand. Knows
which statistics come back into their own table; whether its rows are split later is not asked here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.checks.features import column_of, item_name
from mllint.flow import Fit, Flow, Node, constant
from mllint.flow.arguments import argument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call

STATISTIC = "statistic"
"""The method of a fit that is no call of `fit`."""
_CENTRES = ("mean", "median", "mode", "nanmean", "nanmedian")
_LOWEST = ("min", "nanmin", "amin")
"""What a table is moved by before it is divided by its range; alone it only counts from a start."""
_BLIND = ("count", "size")
"""What is counted of a group whatever the values of its column are."""
_GROUPED = ("mean", "median", "sum", "agg", "aggregate", "transform")
_FILLING = frozenset({"fillna", "replace", "mask", "where"})
_VIEWS = frozenset({"item", "round", "astype", "to_dict", "squeeze"})
_WINDOWS = ("groupby()", "rolling()", "expanding()", "ewm()", "resample()", "shift()")
_SCORING = tuple(
    f"sklearn.feature_selection.{name}"
    for name in ("chi2", "f_classif", "f_regression", "mutual_info_classif",
                 "mutual_info_regression", "r_regression")
)  # fmt: skip
_EXPRESSIONS = ("polars.col().", "polars.mean", "polars.median")
_LABELLED = ("DMatrix", "QuantileDMatrix", "Dataset", "Pool")
_BOOSTERS = ("xgboost.", "lightgbm.", "catboost.")
_HOPS = 40
"""Values made of a statistic that are looked at."""


def of_columns(flow: Flow) -> Iterator[Fit]:
    """Means, medians and modes of columns that fill or centre the same table."""
    for call in flow.named(*_CENTRES, *_LOWEST):
        if any(word in call.name for word in _WINDOWS) or not _goes_down(call):
            continue
        for node in flow.seen(call):
            data = _measured(flow, call, node)
            if data is not None and _comes_back(flow, node, data):
                yield Fit(node, call, frozenset({"scaler"}), STATISTIC, data, None)


def of_expressions(flow: Flow) -> Iterator[Fit]:
    """Means and medians within expressions of Polars that fill or centre the table they are of."""
    for call in flow.named("mean", "median"):
        if not call.name.startswith(_EXPRESSIONS):
            continue
        for node in flow.seen(call):
            for at in _told_by(flow, node.at):
                table = Node(flow.graph.receiver(at), node.calls)
                made = Node(at, node.calls)
                yield Fit(made, call, frozenset({"scaler"}), STATISTIC, table, None)


def _told_by(flow: Flow, statistic: int) -> Iterator[int]:
    """The tables whose columns an expression of this statistic fills or centres."""
    graph = flow.graph
    made = {statistic: False}
    for at in (stack := [statistic]):  # grows
        for after in graph.used_by(at):
            method = graph.method(after) if graph.value(after).op == "call" else ""
            if after in made or method == "over" or len(made) > _HOPS:
                continue
            if method in {"with_columns", "select"} and graph.receiver(after) != at:
                if made[at]:
                    yield after
                continue
            made[after] = made[at] or graph.value(after).detail == "Sub" or method == "fill_null"
            stack.append(after)


def _goes_down(call: Call) -> bool:
    """Whether a statistic is one of columns rather than of each row."""
    key = "0" if call.receiver >= 0 else "1"
    axis = argument(call, "axis", "dim", key)
    if axis is None or not axis.known:
        return axis is None
    if isinstance(axis.const, list):  # of images and the like, one for each channel
        return 0 in axis.const and axis.const != [0, 1]
    return axis.const in (0, "index", None, "rows")


def _measured(flow: Flow, call: Call, node: Node) -> Node | None:
    """The table that a statistic is of; None for one element of what is iterated over."""
    if call.receiver < 0:
        data = (
            flow.given(node, "0", "a", "input")
            if call.name.startswith(("numpy.", "torch."))
            else None
        )
    else:
        data = Node(flow.graph.receiver(node.at), node.calls)
    if data is None or any(flow.graph.value(n.at).op == "iter" for n in flow.rows.passed(data)):
        return None
    return data


def _comes_back(flow: Flow, node: Node, data: Node) -> bool:
    """Whether a statistic fills or centres rows of the table that it was taken from."""
    graph = flow.graph
    lowest = graph.method(node.at) in _LOWEST
    sources = {origin.source for origin in flow.rows.origins(data)}
    made = [node]
    for here in made:  # grows
        for after in (Node(at, here.calls) for at in graph.used_by(here.at)):
            if after in made or len(made) > _HOPS:
                continue
            held = {one.at for one in made}
            others = [Node(k, here.calls) for k in graph.made_from(after.at) if k not in held]
            shared = any(
                sources & {origin.source for origin in flow.rows.origins(other)}
                for other in others
                if other.at >= 0
            )
            if shared and _uses(flow, after.at) and (not lowest or _divided(flow, after.at)):
                return True
            if not shared and _views(flow, after.at, here.at):
                made.append(after)
        made.extend(one for one in _read_again(flow, here) if one not in made)
    return False


def _read_again(flow: Flow, kept: Node) -> Iterator[Node]:
    """An attribute of the instance that keeps a value, where other methods read it."""
    graph = flow.graph
    path = graph.path(kept.at)
    names = [name[5:] for name in graph.targets(kept.at) if name.startswith("self.")]
    for at in (at for name in names for at in graph.reads(path, name)):
        owner = graph.first(at)
        scope, _, me = graph.value(owner).detail.rpartition(":") if owner >= 0 else ("", "", "")
        for way in graph.entries(path, scope) if me == "self" else ():
            stored = graph.attribute(Node(at, way))
            if any(kept.at in {one.at, *graph.made_from(one.at)} for one in stored):
                yield Node(at, way)


def _divided(flow: Flow, moved: int) -> bool:
    """Whether a table that was moved is divided by something that was worked out."""
    graph = flow.graph
    return any(
        graph.value(at).detail == "Div" and made[0] == moved and graph.value(made[1]).op != "const"
        for at in graph.used_by(moved)
        if len(made := graph.made_from(at)) == 2 and min(made) >= 0
    )


def _uses(flow: Flow, after: int) -> bool:
    """Whether a value is a table that is filled or centred."""
    value = flow.graph.value(after)
    if value.op == "call":
        return flow.graph.method(after) in _FILLING
    return value.detail in (_FILLING if value.op == "mutate" else {"Sub"})


def _views(flow: Flow, after: int, at: int) -> bool:
    """Whether a value still is the statistic: an item of it, or rounded."""
    op = flow.graph.value(after).op
    if op == "call":
        return flow.graph.method(after) in _VIEWS and flow.graph.receiver(after) == at
    return op in {"attr", "item", "unpack", "container", "binary"}


def of_target(flow: Flow) -> Iterator[Fit]:
    """Group means of a target, and correlations and other scores of features with it."""
    targets = {
        (found[0], origin.source)
        for target in _targets(flow)
        if (found := column_of(flow, target)) is not None
        for origin in flow.rows.origins(found[1])
    }
    for call in flow.named(*_GROUPED, "corr", "corrwith") if targets else ():
        for node in flow.seen(call):
            column = _column(flow, call, node)
            data = Node(flow.graph.receiver(node.at), node.calls)
            if not column or data.at < 0:
                continue
            if {(column, origin.source) for origin in flow.rows.origins(data)} & targets:
                kind = "selector" if "corr" in call.name.rpartition(".")[2] else "supervised"
                yield Fit(node, call, frozenset({kind}), STATISTIC, data, None)
    for call in flow.named(*(name.rpartition(".")[2] for name in _SCORING)):
        for node in flow.seen(call) if call.name in _SCORING else ():
            scored = flow.given(node, "0", "X")
            if scored is not None:
                yield Fit(node, call, frozenset({"selector"}), STATISTIC, scored, None)


def _targets(flow: Flow) -> Iterator[Node]:
    """What models learn to predict."""
    for fit in flow.fits:
        if fit.target is not None and flow.is_model(fit.kinds):
            yield fit.target
    for call in flow.named(*_LABELLED):
        for node in flow.seen(call) if call.name.startswith(_BOOSTERS) else ():
            label = flow.given(node, "label", "1")
            if label is not None:
                yield label


def _column(flow: Flow, call: Call, node: Node) -> str:
    """The one column that a statistic is of; "" where that is not certain."""
    method = call.name.rpartition(".")[2]
    if method == "corrwith":
        other = flow.given(node, "0", "other")
        found = column_of(flow, other) if other is not None else None
        return found[0] if found is not None else ""
    if method == "corr":
        taken = {item_name(flow, Node(at, node.calls)) for at in flow.graph.used_by(node.at)
                 if flow.graph.value(at).op == "item"}  # fmt: skip
        return taken.pop() if len(taken) == 1 else ""
    if "groupby()" not in call.name or any(word in call.name for word in _WINDOWS[1:]):
        return ""
    func = constant(call, "0", "func") if method in {"transform", "agg", "aggregate"} else ""
    if (method == "transform" and not isinstance(func, str)) or func in _BLIND:
        return ""
    receiver = Node(flow.graph.receiver(node.at), node.calls)
    column = flow.graph.value(receiver.at)
    return column.detail if column.op == "attr" else item_name(flow, receiver)
