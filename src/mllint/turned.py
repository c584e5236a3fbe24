"""What one file says, before and after it was changed: what differs, and where the rest went.

Rows are the same if all they say is the same; the lines on which they stand may have moved, as long
as their order has not.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from mllint.facts import Facts, Place

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Sequence

_NOTHING = Facts()
_STRETCHED = frozenset({"define", "body"})
"""Tables whose rows are the same however long the stretch is that they stand for."""


class Turned:
    """One file that was changed; None for the facts of a file that was not there, or is gone."""

    def __init__(self, old: Facts | None, new: Facts | None) -> None:
        self._whole = old is not None and new is not None
        self._old = old or _NOTHING
        self._new = new or _NOTHING
        self.tables: set[str] = set()
        """Tables that say something else than before."""
        self.other: dict[str, Sequence[Any]] = {}
        """By table, the rows that are gone or new."""
        self._places: dict[tuple[Any, ...], Place] = {}
        self._lines: dict[tuple[int, int], int] = {}
        """Line by cell and line as it was."""
        self._broken = False
        for table in {**self._old.rows, **self._new.rows}:
            self._compare(table)
        self.graph = self._graph()
        """Whether values flow in another way than before."""
        if not self._ordered():
            self._turn_all()

    def _compare(self, table: str) -> None:
        old, new = self._old.rows.get(table, ()), self._new.rows.get(table, ())
        one, other = ([_said(row, table) for row in rows] for rows in (old, new))
        head = _alike(one, other)
        tail = _alike(one[: head - len(one) - 1 : -1], other[: head - len(other) - 1 : -1])
        for k in range(head):
            self._goes(old[k].at, new[k].at)
        for k in range(1, tail + 1):
            self._goes(old[-k].at, new[-k].at)
        gone = old[head : len(old) - tail]
        come = new[head : len(new) - tail]
        if gone or come:
            self.tables.add(table)
            self.other[table] = [*gone, *come]

    def _goes(self, one: Place, other: Place) -> None:
        """Notes that what stood at a place stands at another now."""
        if self._places.setdefault(one[1:], other) != other:
            self._broken = True
        cell = one.cell.index if one.cell else 0
        self._line(cell, one.line, other.line)
        self._line(cell, one.end_line, other.end_line)

    def _line(self, cell: int, one: int, other: int) -> None:
        if self._lines.setdefault((cell, one), other) != other:
            self._broken = True

    def _graph(self) -> bool:
        old, new = self._old, self._new
        if list(old.functions) != list(new.functions) or _bound(old) != _bound(new):
            return True
        if len(old.values) != len(new.values):
            return True
        for one, other in zip(old.values, new.values, strict=True):
            if one._replace(line=0) != other._replace(line=0):
                return True
            self._line(one.cell, one.line, other.line)
        return False

    def _ordered(self) -> bool:
        """Whether lines went to lines, in the order in which they were."""
        if self._broken:
            return False
        moves = sorted(self._lines.items())
        return all(
            one[0] != other[0] or line < after for (one, line), (other, after) in pairwise(moves)
        )

    def _turn_all(self) -> None:
        """Takes everything for changed."""
        self.tables = {*self._old.rows, *self._new.rows}
        self.other = {
            table: [*self._old.rows.get(table, ()), *self._new.rows.get(table, ())]
            for table in self.tables
        }
        self.graph = True
        self._places.clear()
        self._lines.clear()

    def moved(self, place: Place) -> Place | None:
        """Where a place is now; None where that cannot be told."""
        if not self._whole:
            return None
        if place.line == 0 and place.cell is None:
            return place
        if (found := self._places.get(place[1:])) is not None:
            return found
        if place[2:] == (0, 0, 0, None) and (0, place.line) in self._lines:
            return place._replace(line=self._lines[0, place.line])
        return None

    @property
    def imports(self) -> bool:
        """Whether the file imports something else than before, or is another module."""
        return "import" in self.tables or _module(self._old) != _module(self._new)

    @property
    def offered(self) -> frozenset[str]:
        """Names of the file that stand for something else than before, or are gone or new."""
        one, other = Counter(_offers(self._old)), Counter(_offers(self._new))
        return frozenset(name for name, _ in (one - other) + (other - one))


def _said(row: Any, table: str) -> str:
    """All that a row says but for the line on which it stands; equal only where types are too."""
    at = row.at
    length = 0 if table in _STRETCHED else at.end_line - at.line
    cell = at.cell and at.cell[:3]
    return repr((row[1:], length, cell))


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many rows at the start are the same."""
    return next(
        (k for k, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )


def _bound(facts: Facts) -> list[str]:
    """What the value graph takes from other tables: names of values, and what is defined."""
    rows = [row for row in facts.rows.get("assign", ()) if row.value >= 0]
    names = [row.name for row in facts.rows.get("define", ())]
    return [*(repr(row[1:]) for row in rows), *names]


def _module(facts: Facts) -> list[tuple[object, ...]]:
    """What decides how a file is imported, and how it imports."""
    finds_path = any(call.name.startswith("sys.path.") for call in facts.rows.get("call", ()))
    return [(row.name, row.parsed, finds_path) for row in facts.rows.get("module", ())]


def _offers(facts: Facts) -> Iterator[tuple[str, str]]:
    """What other files can take from a file: names, and what each stands for."""
    for row in facts.rows.get("define", ()):
        yield row.name.rpartition(".")[2], _said(row, "define")
    classes = {row.name for row in facts.rows.get("define", ()) if row.kind == "class"}
    for row in facts.rows.get("assign", ()):
        if not row.scope or row.scope in classes:
            said = (row.scope, row.known, row.const, row.name, bool(row.loops))
            yield row.target.rpartition(".")[2], repr(said)
    for row in facts.rows.get("export", ()):
        yield from ((name, "") for name in row.names)


def speaks(facts: Facts, of: re.Pattern[str]) -> bool:
    """Whether a file takes anything by a name in which the pattern is found."""
    return any(map(of.search, _taken(facts)))


def _taken(facts: Facts) -> Iterator[str]:
    """The names by which a file takes what it or others define."""
    rows = facts.rows
    for call in rows.get("call", ()):
        yield call.name
        yield from call.within
        yield from (arg.name for arg in call.args)
    for define in rows.get("define", ()):
        yield define.makes
        yield from (*define.bases, *define.decorators, *define.annotations)
        yield from (name for _, name in define.attributes)
    for table in ("assign", "import"):
        yield from (row.name for row in rows.get(table, ()))
    yield from (value.name for value in facts.values)
