"""Methods that give back their own object: `net.to(device)` is still `net`.

Knows such methods by name only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.graph.node import Node

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mllint.graph import Graph

SAME = frozenset({"to", "cuda", "cpu", "half", "float", "double", "bfloat16", "eval", "train",
                  "requires_grad_", "to_empty", "share_memory"})  # fmt: skip
_MOST = 30


def same(graph: Graph, made: Iterable[Node]) -> list[Node]:
    """What made some objects, seen through methods that give back their own object."""
    found: list[Node] = []
    stack = list(made)
    for one in stack:  # grows
        moved = graph.value(one.at).op == "call" and graph.method(one.at) in SAME
        receiver = graph.receiver(one.at) if moved and len(stack) < _MOST else -1
        if receiver >= 0:
            stack.extend(graph.makers(Node(receiver, one.calls)))
        else:
            found.append(one)
    return found
