"""Rolling and growing windows over a column that end at the row itself.

Knows the methods of pandas that make and sum up such windows; knows nothing of targets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.flow import Flow, Node, argument

if TYPE_CHECKING:
    from mllint.facts import Call

_WINDOWS = frozenset({"rolling", "ewm", "expanding"})
_PASSED = frozenset({"mean", "sum", "min", "max", "median", "std", "var", "quantile", "fillna",
                     "bfill", "ffill", "reset_index", "round", "astype", "to_numpy"})  # fmt: skip
"""What is done to windows and their results, without moving them to another row."""
_STEPS = 12


def window_over(flow: Flow, made: Node) -> Node | None:
    """The column, as it is taken from its table, over which a value is a window up to its row."""
    base, window = _down(flow, made)
    if window:
        return base
    call = flow.graph.call(base.at)
    if call is None or call.name.rpartition(".")[2] != "transform":
        return None
    inner = _body(flow, base)
    if inner is None:
        return None
    start, window = _down(flow, inner)
    alone = flow.graph.value(start.at).op == "param"
    column = Node(flow.graph.receiver(base.at), base.calls)
    return column if window and alone and column.at >= 0 else None


def _down(flow: Flow, node: Node) -> tuple[Node, bool]:
    """What methods that keep each row in its place were called on; whether one made a window."""
    window = False
    for _ in range(_STEPS):
        value = flow.graph.value(node.at)
        method = value.name.removesuffix("()").rpartition(".")[2] if value.op == "call" else ""
        below = flow.graph.first(node.at) if method in _WINDOWS | _PASSED else -1
        if below < 0 or not _to_row(flow.graph.call(node.at), method):
            break
        window = window or method in _WINDOWS
        node = Node(below, node.calls)
    return node, window


def _to_row(call: Call | None, method: str) -> bool:
    """Whether a window, if a call makes one, surely holds the row that it stands at."""
    if call is None:
        return method != "rolling"
    return argument(call, "closed", "center", "on", "**") is None


def _body(flow: Flow, call: Node) -> Node | None:
    """What the lambda gives back that a call is given."""
    given = flow.given(call, "0", "func")
    if given is None or flow.graph.value(given.at).op != "lambda":
        return None
    below = flow.graph.made_from(given.at)
    return Node(below[0], given.calls) if below and below[0] >= 0 else None
