"""What a value depends on, and the chain that shows it.

Follows every way a value can enter another, but leaves out columns that were not taken along.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from mllint.flow import moves
from mllint.flow.arguments import argument
from mllint.graph import Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.graph import Graph

_LIMIT = 4000
"""Values that are visited before the search gives up."""
_LONGEST = 79
"""A longer key may have been cut off, so that its columns are not known."""


class Columns(NamedTuple):
    """The columns of a table that matter to whoever asks."""

    only: frozenset[str] | None = None
    """None for all."""
    without: frozenset[str] = frozenset()

    def wants(self, names: frozenset[str] | None) -> bool:
        """Whether any of these columns matters; None for columns of unknown name."""
        if names is None:
            return True
        return bool((names if self.only is None else names & self.only) - self.without)


_ALL = Columns()


class Trace:
    """Everything that a value was made from."""

    def __init__(self, graph: Graph, start: Node) -> None:
        self.start = start
        self._graph = graph
        self._child: dict[Node, Node] = {}
        self._met: list[Node] = [start]
        self._rest = self._run()

    def __contains__(self, node: object) -> bool:
        if node != self.start and node not in self._child:
            for met in self._rest:
                if met == node:
                    break
        return node == self.start or node in self._child

    def __iter__(self) -> Iterator[Node]:
        """The start first, then what it was made from, the nearest first."""
        place = 0
        while place < len(self._met) or next(self._rest, None) is not None:
            yield self._met[place]
            place += 1

    def path(self, node: Node) -> list[Node]:
        """The chain from a value to the start, both included; empty where there is none."""
        if node not in self:
            return []
        chain = [node]
        while chain[-1] != self.start:
            chain.append(self._child[chain[-1]])
        return chain

    def _run(self) -> Iterator[Node]:
        """Each value when it is first met."""
        seen: set[tuple[Node, Columns]] = set()
        queue: list[tuple[Node, Columns]] = [(self.start, _ALL)]
        for node, columns in queue:
            if (node, columns) in seen:
                continue
            seen.add((node, columns))
            if len(seen) > _LIMIT:
                return
            for before, wanted in self._steps(node, columns):
                queue.append((before, wanted))
                if before not in self._child and before != self.start:
                    self._child[before] = node
                    self._met.append(before)
                    yield before

    def _steps(self, node: Node, columns: Columns) -> Iterator[tuple[Node, Columns]]:
        graph = self._graph
        value = graph.value(node.at)
        inputs = graph.inputs(node)
        if value.op == "mutate":
            old, new = inputs[:1], inputs[1:]
            if value.detail in moves.FITTING:
                old = tuple(map(self._unfitted, old))
            yield from ((before, columns) for before in old)
            if columns.wants(_assigned(value.detail)):
                yield from ((before, _ALL) for before in new)
        elif value.op == "item":
            chosen = _chosen(value.detail)
            inner = columns if chosen is None else Columns(chosen)
            yield from ((before, inner) for before in inputs[:1])
            yield from ((before, _ALL) for before in inputs[1:])
        elif value.op in {"merge", "loop", "param", "name", "attr"}:
            yield from ((before, columns) for before in inputs)
        elif value.op == "call":
            yield from self._called(node, inputs, columns)
        else:
            yield from ((before, _ALL) for before in inputs)

    def _unfitted(self, node: Node) -> Node:
        """An object before it was fitted the last times: the next fit starts anew."""
        for _ in range(20):
            value = self._graph.value(node.at)
            if value.op != "mutate" or value.detail not in moves.FITTING:
                break
            inputs = self._graph.inputs(node)
            if not inputs:
                break
            node = inputs[0]
        return node

    def _called(
        self, node: Node, inputs: tuple[Node, ...], columns: Columns
    ) -> Iterator[tuple[Node, Columns]]:
        graph = self._graph
        receiver = Node(graph.receiver(node.at), node.calls)
        method = graph.method(node.at)
        returned = bool(graph.returned(node))
        keeps = method in moves.KEEPING_METHODS or method in moves.SOME_METHODS
        dropped = _dropped(graph, node) if method == "drop" else frozenset()
        for before in inputs:
            if returned:
                yield before, columns
            elif before == receiver and method == "drop":
                yield before, columns._replace(without=columns.without | dropped)
            elif before == receiver and keeps:
                yield before, columns
            elif before == receiver and method in moves.FITTING:
                yield self._unfitted(before), _ALL
            else:
                yield before, _ALL


def _named(text: str) -> frozenset[str] | None:
    """The column names in a constant key; None where it holds something else."""
    if not text.startswith("["):
        return frozenset({text})
    if len(text) > _LONGEST:
        return None
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
    return frozenset(found) if all(isinstance(name, str) for name in found) else None


def _assigned(detail: str) -> frozenset[str] | None:
    """The columns that `x[k] = v` sets; None where they are not known."""
    if not detail.startswith("[") or not detail.endswith("]="):
        return None
    key = detail[1:-2]
    return _named(key) if key and "?" not in key else None


def _chosen(detail: str) -> frozenset[str] | None:
    """The columns that a subscript takes; None where it takes rows, or what is not known."""
    if not detail or "?" in detail or ":" in detail or detail.lstrip("-").isdigit():
        return None
    return _named(detail)


def _dropped(graph: Graph, node: Node) -> frozenset[str]:
    """The columns that a `drop` call surely drops."""
    call = graph.call(node.at)
    given = argument(call, "columns", "labels", "0") if call is not None else None
    if given is None or not given.known:
        return frozenset()
    named = given.const if isinstance(given.const, list) else [given.const]
    return frozenset(name for name in named if isinstance(name, str))
