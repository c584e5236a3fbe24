"""What a dictionary holds under a key: `state["rows"] = rows`, in this function or another."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mllint.graph import Graph
    from mllint.graph.node import Node

_LIMIT = 60
"""Values between a subscript and the dictionary that it is of."""
_THROUGH = frozenset({"attr", "loop", "merge", "name", "param"})
_WHOLE = re.compile(r"(pandas|polars|numpy)\.(read_\w+|load)\(\)")
"""What no table has under a key, so that what has it is a dictionary."""


def put_under(graph: Graph, mapping: Node, key: str) -> list[Node]:
    """The values that were put under a constant key of what surely is a dictionary."""
    found: list[Node] = []
    seen: set[tuple[Node, bool]] = set()
    stack = [(mapping, False)]
    sure, open_ = False, False
    while stack:
        here, hidden = step = stack.pop()
        if step in seen:
            continue
        seen.add(step)
        value, inputs = graph.value(here.at), graph.inputs(here)
        if len(seen) > _LIMIT:
            return []
        if value.op == "mutate":
            put = len(inputs) > 1 and value.detail == f"[{key}]="
            if put and not hidden:
                found.append(inputs[1])
            sure = sure or any(_WHOLE.fullmatch(graph.value(n.at).name) for n in inputs[1:])
            stack.extend((old, hidden or put) for old in inputs[:1])
        elif value.op in _THROUGH or graph.returned(here):
            stack.extend((before, hidden) for before in inputs)
            open_ = open_ or not inputs
        elif value.name != "dict()" and not (value.op == "container" and value.detail == "dict"):
            return []
    return found if sure or not open_ else []
