"""What a value depends on, and the chain that shows it.

Follows every way a value can enter another, but leaves out columns that were not taken along.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

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
_KEEPING = moves.KEEPING_METHODS | moves.SOME_METHODS | {"drop"}
"""Methods whose result has columns of their object."""
_Step: TypeAlias = tuple[Node, Columns]
"""A value, and the columns of it that matter."""


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
        start, child, met = self.start, self._child, self._met
        seen: set[_Step] = set()
        queue: list[_Step] = [(start, _ALL)]
        for step in queue:
            if step in seen:
                continue
            seen.add(step)
            if len(seen) > _LIMIT:
                return
            for one in self._steps(*step):
                queue.append(one)
                before = one[0]
                if before not in child and before != start:
                    child[before] = step[0]
                    met.append(before)
                    yield before

    def _steps(self, node: Node, columns: Columns) -> list[_Step]:
        value = self._graph.value(node.at)
        inputs = self._graph.inputs(node)
        op = value.op
        if op in {"merge", "loop", "param", "name", "attr"}:
            return [(before, columns) for before in inputs]
        if op == "call":
            return self._called(node, inputs, columns)
        if op == "mutate":
            old = inputs[:1]
            if value.detail in moves.FITTING:
                old = tuple(map(self._unfitted, old))
            new = inputs[1:] if columns.wants(_assigned(value.detail)) else ()
            return [*((before, columns) for before in old), *((before, _ALL) for before in new)]
        if op == "item":
            chosen = _chosen(value.detail)
            inner = columns if chosen is None else Columns(chosen)
            first = [(before, inner) for before in inputs[:1]]
            return [*first, *((before, _ALL) for before in inputs[1:])]
        return [(before, _ALL) for before in inputs]

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

    def _called(self, node: Node, inputs: tuple[Node, ...], columns: Columns) -> list[_Step]:
        graph = self._graph
        if graph.returned(node):
            return [(before, columns) for before in inputs]
        receiver = graph.receiver(node.at)
        method = graph.method(node.at)
        fits = method in moves.FITTING
        if receiver < 0 or not (fits or method in _KEEPING):
            return [(before, _ALL) for before in inputs]
        kept = columns
        if method == "drop":
            kept = columns._replace(without=columns.without | _dropped(graph, node))
        whole = Node(receiver, node.calls)
        object_ = (self._unfitted(whole), _ALL) if fits else (whole, kept)
        return [object_ if before == whole else (before, _ALL) for before in inputs]


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
