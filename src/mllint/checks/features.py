"""Features: whether the table that a model learns from still holds the target."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from mllint.checks.windowed import window_over
from mllint.flow import Fit, Flow, Node, argument, flow_of
from mllint.flow.moves import KEEPING_ATTRIBUTES
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mllint.facts import Call, Const
    from mllint.project import Project

_STEPS = 40
_NO_SHIFT = frozenset({"clean", "some"})
"""Selections of rows of which features and target are told apart by nothing."""
_SAME_COLUMNS = frozenset(
    [
        "copy",
        "fillna",
        "dropna",
        "reset_index",
        "astype",
        "to_numpy",
        "sort_values",
        "sample",
        "head",
        "round",
        "ffill",
        "bfill",
        "interpolate",
        "drop_duplicates",
        "sort_index",
        "replace",
        "ravel",
        "reshape",
    ]
)
"""Methods whose result has the columns of their object."""


_RECODING = frozenset({"apply", "cat", "eq", "map"})
"""Methods of a column that give another form of it."""
_RESCALING = frozenset(f"numpy.{name}()" for name in ("log", "log10", "log1p", "log2", "sqrt"))
"""Functions that give another form of a column, value by value."""


def target_in_features(project: Project) -> Iterator[Evidence]:
    """Models that are given the target column among their features."""
    flow = flow_of(project)
    seen = set()
    for fit in flow.fits:
        if fit.data is None or fit.target is None or not _takes_all(flow, fit):
            continue
        column = column_of(flow, fit.target)
        if column is None or fit.call.at in seen:
            continue
        name, table = column
        held = _holds(flow, fit.data, name, table)
        made = _made_of(flow, fit, name, table) if not held and _abreast(flow, fit) else None
        if made is not None:
            seen.add(fit.call.at)
            note = f"`{made[0]}` is worked out from the target `{name}`"
            where = (Related(flow.graph.place(made[1].at), "it is worked out here"),)
            what = f"`{made[0]}`, which is worked out from its target `{name}`"
            fields = {"column": made[0], "what": what}
            yield Evidence(False, fit.call.at, note, fields=fields, related=where,
                           scope=fit.call.scope)  # fmt: skip
            continue
        if held is None:
            continue
        seen.add(fit.call.at)
        note = f"`{name}` is both target and feature" if held else f"`{name}` is no feature"
        fields = {"column": name, "what": f"`{name}` both as its target and among its features"}
        yield Evidence(not held, fit.call.at, note, fields=fields, scope=fit.call.scope)


def ways_back(flow: Flow, fit: Fit) -> Iterator[tuple[Node, Callable[[str], bool]]]:
    """The tables that the data of a fit were made from, newest first.

    With each comes whether a column that is in the table is surely one of the features.
    """
    chosen: frozenset[str] | None = None
    dropped: frozenset[str] = frozenset()
    sure = _takes_all(flow, fit)
    node = fit.data
    for _ in range(_STEPS):
        if node is None or _popped(flow, node):
            return
        yield node, partial(_is_left, chosen, dropped, sure)
        value = flow.graph.value(node.at)
        below = flow.graph.made_from(node.at)
        if value.op == "item" and below and below[0] >= 0:
            names = _columns(flow, node)
            if names is not None:
                chosen = frozenset(names) if chosen is None else chosen
                node = Node(below[0], node.calls)
                continue
            if "," in value.detail or not _takes_rows(flow, node):
                return
        if value.op == "call" and flow.graph.method(node.at) == "drop":
            gone = _dropped(flow.graph.call(node.at))
            if gone is None:
                return
            dropped |= frozenset(gone) if chosen is None else frozenset()
            node = _owner(flow, node)
            continue
        node = _back(flow, node)


def _abreast(flow: Flow, fit: Fit) -> bool:
    """Whether features and target are cut alike: `X[:-1]` and `y[1:]` are of different rows."""
    cut = [
        {tuple(c.label for c in origin.cuts if c.label not in _NO_SHIFT) for origin in rows}
        for rows in (flow.rows.origins(node) for node in (fit.data, fit.target) if node is not None)
    ]
    return all(one == cut[0] for one in cut)


def _made_of(flow: Flow, fit: Fit, column: str, table: Node) -> tuple[str, Node] | None:
    """The feature that surely is worked out, row by row, from the target of the same table."""
    graph = flow.graph
    sources = {origin.source for origin in flow.rows.origins(table)}
    seen: set[str] = set()
    for node, holds in ways_back(flow, fit):
        value = graph.value(node.at)
        name = value.detail[1:-2] if value.op == "mutate" and value.detail.endswith("]=") else ""
        if name == column:
            return None  # what is to be predicted is another value than the one before
        if not name or name in seen:
            continue
        seen.add(name)
        made = Node(graph.made_from(node.at)[-1], node.calls)
        for used in _used(flow, made) if made.at >= 0 and holds(name) else ():
            of = _table(flow, used, column)
            if of is not None and {origin.source for origin in flow.rows.origins(of)} == sources:
                return name, node
    return None


def _used(flow: Flow, made: Node) -> Iterator[Node]:
    """The columns from which a column is worked out, its own row included."""
    if flow.graph.value(made.at).op == "binary":
        yield from (Node(at, made.calls) for at in flow.graph.made_from(made.at) if at >= 0)
    elif (window := window_over(flow, made)) is not None:
        yield window


def _table(flow: Flow, node: Node, column: str) -> Node | None:
    """The table, grouped or not, of which a value is the column of that name."""
    if flow.graph.value(node.at).op != "item" or flow.graph.value(node.at).detail != column:
        return None
    below = flow.graph.made_from(node.at)
    grouped = below and below[0] >= 0 and flow.graph.method(below[0]) == "groupby"
    return Node(flow.graph.receiver(below[0]), node.calls) if grouped else node


def _is_left(
    chosen: frozenset[str] | None, dropped: frozenset[str], sure: bool, column: str
) -> bool:
    """Whether a column is still there after what was chosen and dropped."""
    return sure and column not in dropped and (chosen is None or column in chosen)


def _takes_all(flow: Flow, fit: Fit) -> bool:
    """Whether a model surely learns from every column that it is given."""
    receiver = Node(flow.graph.receiver(fit.node.at), fit.node.calls)
    makers = flow.objects.makers(receiver)
    pipelines = flow.objects.group("pipeline")
    for maker in makers:
        steps = flow.objects.parts(maker) if flow.objects.class_of(maker) in pipelines else ()
        if not all(flow.objects.kinds(step) <= {"model", "scaler"} for step in steps):
            return False
        if any(flow.objects.class_of(m) in flow.objects.group("composite")
               for step in steps for m in flow.objects.makers(step)):  # fmt: skip
            return False
    return fit.kinds == {"model"}


def column_of(flow: Flow, target: Node) -> tuple[str, Node] | None:
    """The column that a target is, and the table it was taken from."""
    node: Node | None = target
    for _ in range(_STEPS):
        if node is None:
            return None
        value = flow.graph.value(node.at)
        below = flow.graph.made_from(node.at)
        if value.op in {"item", "attr"} and below and below[0] >= 0:
            base = Node(below[0], node.calls)
            if value.op == "item" and (name := item_name(flow, node)):
                return name, base
            if value.op == "attr" and value.detail not in KEEPING_ATTRIBUTES:
                known = flow.graph.value(base.at).name.startswith("pandas.")
                return (value.detail, base) if known else None
        if value.op == "call" and value.name in _RESCALING:
            node = flow.given(node, "0", "x")
        elif value.op == "call" and flow.graph.method(node.at) in _RECODING:
            node = _owner(flow, node)
        else:
            node = _back(flow, node)
    return None


def _owner(flow: Flow, call: Node) -> Node | None:
    """The object whose method a call is; None for a function that is named as a method is."""
    at = flow.graph.receiver(call.at)
    return Node(at, call.calls) if at >= 0 else None


def item_name(flow: Flow, node: Node) -> str:
    """The one column that a subscript takes, be it by a parameter; "" where that is not certain."""
    detail, below = flow.graph.value(node.at).detail, flow.graph.made_from(node.at)
    if len(below) == 1:
        return _single(detail) if _plain(detail) else ""
    key = below[1] if len(below) > 1 else -1
    if key < 0:
        return ""
    is_param = flow.graph.value(key).op == "param"
    fixed = flow.graph.fixed(Node(key, node.calls)) if is_param else _elsewhere(flow, key)
    return fixed if isinstance(fixed, str) else ""


def _elsewhere(flow: Flow, key: int) -> Const:
    """The constant that another file of the project gives a name; None where it is not known."""
    module, _, name = flow.graph.value(key).name.rpartition(".")
    if not all(map(str.isidentifier, module.split("."))):
        return None
    path = flow.project.provider(flow.graph.path(key), module)
    rows = flow.project.by_path[path].get("assign", ()) if path is not None else ()
    given = [row for row in rows if row.target == name and not row.scope]
    return given[0].const if len(given) == 1 and given[0].known else None


def _plain(detail: str) -> bool:
    """Whether a constant key names one column."""
    if not detail or ":" in detail or "?" in detail or detail.lstrip("-").isdigit():
        return False
    return detail[0] != "[" or len(_listed(detail) or ()) == 1


def _single(detail: str) -> str:
    return (_listed(detail) or [detail])[0] if detail.startswith("[") else detail


def _listed(detail: str) -> list[str] | None:
    """The columns of a constant list; None where it is something else or was cut off."""
    try:
        found = ast.literal_eval(detail)
    except (ValueError, SyntaxError):
        return None
    return found if isinstance(found, list) and all(isinstance(n, str) for n in found) else None


def _back(flow: Flow, node: Node) -> Node | None:
    """The one table with the same columns that a value was made from; None where unsure."""
    graph = flow.graph
    value = graph.value(node.at)
    if value.op == "call" and value.name == "pandas.get_dummies()":
        return flow.given(node, "0", "data")
    if value.op in {"item", "unpack", "call"}:
        steps = flow.rows.steps(node)
        changes = value.op == "call" and graph.method(node.at) not in _SAME_COLUMNS
        if changes and not graph.returned(node) and not _scales(flow, node):
            return None
        return steps[0][0] if steps and len(steps) == 1 else None
    if value.op == "attr" and value.detail not in KEEPING_ATTRIBUTES and not graph.attribute(node):
        return None
    inputs = graph.inputs(node)
    if value.op == "mutate":
        kept = value.detail.startswith("[") or value.detail in {"fillna", "dropna", "sort_values"}
        return inputs[0] if inputs and kept else None
    if value.op not in {"param", "name", "attr", "loop", "merge"} or len(inputs) != 1:
        return None
    return inputs[0]


def _scales(flow: Flow, node: Node) -> bool:
    """Whether a call is the `transform` of a plain scaler, which keeps every column."""
    receiver = flow.graph.receiver(node.at)
    if receiver < 0 or flow.graph.method(node.at) not in {"transform", "fit_transform"}:
        return False
    makers = flow.objects.makers(Node(receiver, node.calls))
    return bool(makers) and all(flow.objects.class_of(m).endswith("Scaler") for m in makers)


def _holds(flow: Flow, data: Node, column: str, table: Node) -> bool | None:
    """Whether a column of a table surely is (or is not) among the features."""
    root = _root(flow, table)
    node: Node | None = data
    for _ in range(_STEPS):
        if node is None:
            return None
        if _popped(flow, node):
            return None
        if flow.graph.canonical(node) == root:
            return True
        value = flow.graph.value(node.at)
        below = flow.graph.made_from(node.at)
        if value.op == "item" and below and below[0] >= 0:
            chosen = _columns(flow, node)
            if chosen is not None:
                return None if chosen == [column] else column in chosen
            if "," in value.detail or not _takes_rows(flow, node):
                return None
        if value.op == "call" and flow.graph.method(node.at) == "drop":
            dropped = _dropped(flow.graph.call(node.at))
            if dropped is None or column in dropped:
                return None if dropped is None else False
            node = _owner(flow, node)
            continue
        node = _back(flow, node)
    return None


def _root(flow: Flow, table: Node) -> Node:
    """The value that a table was read as, past what kept its columns."""
    for _ in range(_STEPS):
        before = _back(flow, table)
        if before is None:
            break
        table = before
    return flow.graph.canonical(table)


def _takes_rows(flow: Flow, node: Node) -> bool:
    """Whether a subscript surely takes rows, so that all columns are left."""
    graph, parts = flow.graph, flow.rows.parts
    below = graph.made_from(node.at)
    if len(below) < 2 or ":" in graph.value(node.at).detail:
        return True
    base, key = Node(below[0], node.calls), Node(below[-1], node.calls)
    if parts.names_columns(key):
        return False
    if graph.value(base.at).detail in {"iloc", "loc"} or parts.fold(key) is not None:
        return True
    return _is_array(flow, base) or graph.value(key.at).op in {"compare", "binary"}


def _is_array(flow: Flow, base: Node) -> bool:
    """Whether a value surely has no names of columns, so that a subscript takes its rows."""
    graph = flow.graph
    value = graph.value(base.at)
    made = graph.method(base.at) if value.op == "call" else value.detail
    return made in {"values", "to_numpy"} or value.name.startswith("numpy.")


def _columns(flow: Flow, node: Node) -> list[str] | None:
    """The columns that a subscript takes; None where it takes rows or is not known."""
    detail, below = flow.graph.value(node.at).detail, flow.graph.made_from(node.at)
    if len(below) != 2 or detail != "?" or below[1] < 0:
        return _chosen(detail, len(below))
    found = _elsewhere(flow, below[1])
    named = [found] if isinstance(found, str) else found
    texts = isinstance(named, list) and all(isinstance(name, str) for name in named)
    return named if texts else None


def _chosen(detail: str, inputs: int) -> list[str] | None:
    """The columns that a constant subscript takes; None where it takes rows or is not known."""
    if inputs > 1 or not detail or ":" in detail or detail.lstrip("-").isdigit():
        return None
    return _listed(detail) if detail.startswith("[") else [detail]


def _dropped(call: Call | None) -> list[str] | None:
    """The columns that `drop` surely drops; None where they are not known."""
    given = argument(call, "columns", "labels", "0") if call is not None else None
    if given is None or not given.known:
        return None
    named = given.const if isinstance(given.const, list) else [given.const]
    return named if all(isinstance(name, str) for name in named) else None


def _popped(flow: Flow, node: Node) -> bool:
    """Whether something else takes a column out of this very object."""
    return any(flow.graph.method(at) == "pop" for at in flow.graph.used_by(node.at)
               if flow.graph.value(at).op == "call")  # fmt: skip
