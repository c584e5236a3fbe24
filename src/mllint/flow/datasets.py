"""Which rows the project's own data sets hold: what `__getitem__` takes one of by its number.

Knows classes and their attributes; knows nothing of the libraries whose data sets they extend.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.graph import Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.graph import Graph

_DEPTH = 6
"""Calls within calls that are followed."""


def held(graph: Graph, node: Node) -> list[Node]:
    """The attributes that hold the rows of an instance that a call makes; empty for others."""
    call = graph.call(node.at)
    inside = len(node.calls) >= _DEPTH or node.at in node.calls
    if call is None or inside or graph.entered(node.at) is None:
        return []
    found = graph.definition(graph.path(node.at), call.name)
    if found is None:
        return []
    path, name = found
    calls = (*node.calls, node.at)
    return [Node(at, calls) for at in dict.fromkeys(_taken_from(graph, path, name))]


def _taken_from(graph: Graph, path: str, name: str) -> Iterator[int]:
    """The attributes of the instance of which `__getitem__` takes the element it is asked for."""
    scope = f"{name}.__getitem__:"
    for at in graph.subscripts(path):
        base, key = graph.made_from(at)[:2]
        if base < 0 or key < 0 or not _is_number(graph, key, scope):
            continue
        while base >= 0 and graph.value(base).op == "attr":
            below = graph.first(base)
            if below >= 0 and graph.value(below).detail == f"{scope}self":
                yield base
            base = below


def _is_number(graph: Graph, key: int, scope: str) -> bool:
    """Whether a key is the parameter of `__getitem__`, perhaps made an integer of."""
    keys = graph.made_from(key) if graph.value(key).op == "merge" else (key,)
    values = [graph.value(one) for one in keys if one >= 0]
    return any(v.op == "param" and v.detail.startswith(scope) for v in values)
