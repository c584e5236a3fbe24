"""Tables that are divided by hand: `rows[:n]` named train beside `rows[n:]` named test.

Knows selections of rows and the names they are given; knows nothing of what is done with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mllint.flow import moves
from mllint.flow.parts import part_named
from mllint.graph import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mllint.facts import Assign
    from mllint.flow.parts import Parts
    from mllint.graph import Graph

_TAKING = frozenset({"drop", "filter", "head", "isel", "query", "sample", "sel", "tail", "take",
                     "truncate"})  # fmt: skip
"""Methods that give some rows of their table."""
_ARRAYS = ("numpy.", "torch.", "tensorflow.", "pandas.")
"""Libraries whose functions put rows into another form."""
_CUTTING = frozenset({"array_split", "split", "vsplit"})
"""Functions of NumPy that cut a table into several."""
_HOPS = 4
"""Values between a selection and the name that it ends up with."""
_KEYS = frozenset({"binary", "compare", "item", "param", "unpack"})
"""What keys are that choose rows, unless they are known to name columns."""
_MASKS = frozenset({"between", "choice", "contains", "duplicated", "isin", "isna", "isnull",
                    "notna", "notnull", "permutation", "randperm"})  # fmt: skip
"""Functions and methods that make such keys."""


class Slice(NamedTuple):
    """One side of a table that is divided by hand."""

    base: int
    """The table that is divided."""
    side: str
    """train, validation or test."""
    named: Assign
    """Where it is given its name."""


class Slices:
    """The hand-made splits of a project, worked out once for each file."""

    def __init__(self, graph: Graph, parts: Parts) -> None:
        self._graph = graph
        self._parts = parts
        self._files: dict[str, Mapping[int, Slice]] = {}

    def of(self, at: int) -> Slice | None:
        """The side of a hand-made split that a value is; None for any other value."""
        return self.within(self._graph.path(at)).get(at)

    def within(self, path: str) -> Mapping[int, Slice]:
        """The sides of the hand-made splits of one file, by value."""
        if (found := self._files.get(path)) is None:
            found = self._files[path] = dict(self._divided(path))
        return found

    def _divided(self, path: str) -> Iterator[tuple[int, Slice]]:
        by_base: dict[int, dict[int, Slice]] = {}
        graph = self._graph
        said = {part_named(name) for name in graph.names_in(path)} - {""}
        if "train" not in said or len(said) == 1:
            return  # before the values of the file are decoded
        for at in (*graph.slices(path), *graph.calls_of(path, _TAKING)):
            side, named = self._name(at)
            base = self._base(at) if named is not None else -1
            if base >= 0 and named is not None:
                by_base.setdefault(base, {})[at] = Slice(base, side, named)
        for at, base in self._pieces(path):
            side, named = self._name(at)
            if named is not None:
                by_base.setdefault(base, {})[at] = Slice(base, side, named)
        for slices in by_base.values():
            sides = {one.side for one in slices.values()}
            if "train" in sides and len(sides) > 1:
                yield from slices.items()

    def _pieces(self, path: str) -> Iterator[tuple[int, int]]:
        """What a table is cut into by a function that gives all pieces at once, with the table."""
        graph = self._graph
        for at in graph.calls_of(path, _CUTTING):
            call, base = graph.call(at), graph.argument(at, "0", "ary")
            if call is None or base < 0 or not call.name.startswith("numpy."):
                continue
            if not any(one.key in {"2", "axis"} for one in call.args):
                used = (after for after in graph.used_by(at) if graph.value(after).op == "unpack")
                yield from ((after, base) for after in used)

    def _base(self, at: int) -> int:
        """The table that some rows are taken of; -1 where it is not rows that are taken."""
        graph = self._graph
        below = graph.made_from(at)
        if graph.value(at).op == "call":
            base = graph.receiver(at) if self._takes_some(at) else -1
        else:
            base = below[0] if below and self._takes_rows(at) else -1
        while base >= 0 and graph.value(base).op == "attr":
            if graph.value(base).detail not in moves.KEEPING_ATTRIBUTES:
                break
            base = graph.first(base)
        return base

    def _takes_some(self, at: int) -> bool:
        """Whether a method gives some rows: `drop` may drop columns, and `sample` may shuffle."""
        method = self._graph.method(at)
        if method == "drop":
            return self._parts.dropped(Node(at)) is not None
        return method != "sample" or not self._parts.shuffles(at)

    def _takes_rows(self, at: int) -> bool:
        """Whether a subscript takes rows rather than columns."""
        rows = self._graph.value(at).detail.partition(", ")[0]
        if ":" in rows:
            return rows != ":" and not rows.startswith("[")
        keys = [key for key in self._graph.made_from(at)[1:] if key >= 0]
        if rows != "?" or not keys:
            return False
        if self._graph.value(keys[0]).op == "call":
            return self._graph.method(keys[0]) in _MASKS
        known = self._graph.value(keys[0]).op in _KEYS
        return known and not self._parts.names_columns(Node(keys[0]))

    def _name(self, at: int) -> tuple[str, Assign | None]:
        """The part that the name of a selection, or of another view of it, says; and where."""
        graph = self._graph
        layer = [at]
        for _ in range(_HOPS):
            rows = [row for value in layer for row in graph.assigned(value)]
            if rows:
                said = {part_named(row.target) for row in rows}
                return (said.pop(), rows[0]) if len(said) == 1 and "" not in said else ("", None)
            layer = [
                after
                for value in layer
                for after in graph.used_by(value)
                if self._follows(after, value)
            ]
        return "", None

    def _follows(self, after: int, value: int) -> bool:
        """Whether a value is another view of the same rows."""
        op = self._graph.value(after).op
        if op == "call":
            method, receiver = self._graph.method(after), self._graph.receiver(after)
            if receiver >= 0:
                plain = self._graph.call(after) is None  # x.to(device) and the like
                same = plain and self._graph.value(after).name == self._graph.value(value).name
                return (same or method in moves.KEEPING_METHODS) and receiver == value
            given = method in moves.KEEPING_FUNCTIONS and self._graph.argument(after, "0")
            return given == value and self._graph.value(after).name.startswith(_ARRAYS)
        return op in {"attr", "item"} and self._graph.made_from(after)[:1] == (value,)
