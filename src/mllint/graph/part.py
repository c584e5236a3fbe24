"""The values of one file, with the indexes by which the graph of all files asks for them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mllint.facts import Assign, Call, Define, Facts, Function, Value


class Part:
    """One file of the graph; each index is made when it is first asked for."""

    def __init__(self, path: str, facts: Facts, calls: Mapping[str, Sequence[Call]]) -> None:
        self.path = path
        self._values = facts.values
        self._functions = facts.functions
        self._facts = facts
        self._calls = calls

    @cached_property
    def values(self) -> Sequence[Value]:
        """The values, decoded."""
        return list(self._values)

    @cached_property
    def raw(self) -> Sequence[Call]:
        """The calls as the reader has them."""
        return self._facts.rows.get("call", ())

    @cached_property
    def rows(self) -> Sequence[Call]:
        """The calls as `link` has them, in the same order."""
        return self._calls.get(self.path, ())

    @cached_property
    def _assigns(self) -> Sequence[Assign]:
        return self._facts.rows.get("assign", ())

    @cached_property
    def calls(self) -> Mapping[int, int]:
        """Value -> position of the call that made it."""
        return {c.value: k for k, c in enumerate(self.raw) if c.value >= 0}

    @cached_property
    def by_callee(self) -> Mapping[str, Sequence[int]]:
        """Name of what a call runs -> the values of such calls."""
        found: dict[str, list[int]] = {}
        for row in self.raw:
            if row.value >= 0:
                found.setdefault(called(row), []).append(row.value)
        return found

    @cached_property
    def defined(self) -> frozenset[str]:
        """Qualified names of what the file defines."""
        rows: Sequence[Define] = self._facts.rows.get("define", ())
        return frozenset(row.name for row in rows)

    @cached_property
    def _holding(self) -> frozenset[str]:
        """Qualified names of functions and methods."""
        rows: Sequence[Define] = self._facts.rows.get("define", ())
        return frozenset(row.name for row in rows if row.kind != "class")

    def around(self, name: str) -> str:
        """The function within which another is defined; "" for one that stands in no other."""
        outer = name.rpartition(".")[0]
        return outer if outer in self._holding else ""

    @cached_property
    def functions(self) -> Mapping[str, Function]:
        """Summaries by qualified name."""
        return {f.name: f for f in self._functions}

    @cached_property
    def held(self) -> Mapping[str, int]:
        """Variables of the module and the values they end with."""
        function = self.functions.get("")
        return dict(function.attributes) if function else {}

    @cached_property
    def targets(self) -> Mapping[int, Sequence[str]]:
        """Value -> the names it is given to."""
        found: dict[int, list[str]] = {}
        for row in self._assigns:
            if row.value >= 0:
                found.setdefault(row.value, []).append(row.target)
        return found

    @cached_property
    def subscripts(self) -> Sequence[int]:
        """Values that are subscripts by something that is not constant."""
        return [k for k, v in enumerate(self.values) if v.op == "item" and len(v.inputs) > 1]

    @cached_property
    def reads(self) -> Mapping[str, Sequence[int]]:
        """Name of an attribute -> the values that are it."""
        found: dict[str, list[int]] = {}
        for index, value in enumerate(self.values):
            if value.op == "attr":
                found.setdefault(value.detail, []).append(index)
        return found

    @cached_property
    def assigns(self) -> Mapping[int, Sequence[Assign]]:
        """Value -> the assignments that give it a name."""
        found: dict[int, list[Assign]] = {}
        for row in self._assigns:
            if row.value >= 0:
                found.setdefault(row.value, []).append(row)
        return found

    @cached_property
    def slices(self) -> Sequence[int]:
        """Values that are subscripts with a colon, or by something that is not constant."""
        values = enumerate(self.values)
        return [k for k, v in values if v.op == "item" and (len(v.inputs) > 1 or ":" in v.detail)]

    @cached_property
    def uses(self) -> Mapping[int, Sequence[int]]:
        """Value -> the values of the file that are made from it."""
        found: dict[int, list[int]] = {}
        for index, value in enumerate(self.values):
            for made in value.inputs:
                if made >= 0:
                    found.setdefault(made, []).append(index)
        return found


def called(row: Call) -> str:
    """The name of what a call runs."""
    return row.args[0].name if pipes(row) else row.name


def pipes(row: Call) -> bool:
    """Whether a call hands its object to a function: `rows.pipe(clean)`."""
    return row.name.endswith(".pipe") and bool(row.args) and row.args[0].key == "0"
