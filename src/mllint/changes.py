"""What became of a tree since evidence about it was kept, in the words of `areas`.

A file whose content changed is compared by its facts, table by table: what says the same as before
is no change, even where it stands on other lines than before. Knows neither evidence nor rules.
"""

from __future__ import annotations

import re
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from mllint.areas import part
from mllint.balance import Balance, balance
from mllint.roles import role
from mllint.turned import Turned, speaks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mllint.collect import Collection
    from mllint.facts import Facts, Place

_WORD = re.compile(r"\w+")
_MOST_WORDS = 8
"""Names that are searched for: of more, looking at everything anew takes less time."""


class State(NamedTuple):
    """What a tree is: the keys of its facts, and digests of what is known beside them."""

    keys: Mapping[str, str]
    """By path, for each file that a reader claims."""
    paths: str
    file: str
    git: str


class Change:
    """What is other than it was."""

    def __init__(
        self,
        state: State,
        areas: Iterable[str],
        before: Mapping[str, Facts],
        after: Mapping[str, Facts],
        collection: Collection,
        lines: Balance,
    ) -> None:
        self.state = state
        """What the tree is now."""
        self._areas = set(areas)
        self.before = before
        """The facts that files had which are changed or gone, by path."""
        self.after = after
        """The facts of files that are changed or new."""
        self._collection = collection
        self._turned = {
            path: Turned(before.get(path), after.get(path)) for path in {**before, **after}
        }
        self.balance = _moved(lines, before, after)
        if self.balance.says != lines.says:
            self._areas.add("balance")
        for turned in self._turned.values():
            self._areas |= turned.tables
            self._areas.update({"graph"} if turned.graph else ())

    def add(self, area: str) -> None:
        """Notes that something else is other than it was."""
        self._areas.add(area)

    def derive(self, sources: Mapping[str, Iterable[str]]) -> None:
        """Takes tables that no reader writes for changed where what they are made of is."""
        left = {table: set(asked) for table, asked in sources.items()}
        while found := [table for table, asked in left.items() if any(map(self.touches, asked))]:
            for table in found:
                self._areas.add(table)
                del left[table]

    def touches(self, area: str) -> bool:
        """Whether an area may be other than it was."""
        if area == "names":
            return self._names
        if (some := part(area)) is not None:
            table, belongs = some
            return any(
                belongs(row)
                for turned in self._turned.values()
                for row in turned.other.get(table, ())
            )
        table, at, path = area.partition("@")
        if at:
            return path in self._turned and table in self._turned[path].tables
        return area in self._areas

    @cached_property
    def _names(self) -> bool:
        """Whether anything in one file may stand for something else by what another now says."""
        if any(turned.imports for turned in self._turned.values()):
            return True
        offered = {name for turned in self._turned.values() for name in turned.offered}
        words = {word for name in offered for word in _WORD.findall(name)}
        if not words:
            return False
        if len(words) > _MOST_WORDS or not all(map(str.isascii, words)):
            return True  # what is not ASCII is written in another form
        either = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(words)))})\b")
        holding = self._collection.holding(words)
        return holding is None or any(speaks(facts, either) for facts in holding)

    def moved(self, place: Place) -> Place | None:
        """Where a place of the tree as it was is now; None where that cannot be told."""
        turned = self._turned.get(place.path)
        return place if turned is None else turned.moved(place)


def state_of(collection: Collection) -> State:
    """What the tree of a collection is."""
    paths = collection.tree.entries
    files = (*paths, *collection.outlines)
    return State(collection.keys, _digest(paths), _digest(files), _digest(collection.git))


def _digest(items: Iterable[object]) -> str:
    text = "\n".join(map(repr, items))
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _moved(lines: Balance, before: Mapping[str, Facts], after: Mapping[str, Facts]) -> Balance:
    """How code is spread after a change."""
    less, more = (
        balance((row for facts in side.values() for row in facts.rows.get("extent", ())), role)
        for side in (before, after)
    )
    return Balance(*(a - b + c for a, b, c in zip(lines, less, more, strict=True)))


def change(before: State, lines: Balance, collection: Collection) -> Change | None:
    """What changed since a state, where code was spread so; None where facts of then are lost."""
    now = state_of(collection)
    areas = {n for n in ("paths", "file", "git") if getattr(now, n) != getattr(before, n)}
    old: dict[str, Facts] = {}
    new: dict[str, Facts] = {}
    for keys, facts in ((before.keys, old), (now.keys, new)):
        other = now.keys if keys is before.keys else before.keys
        for path, key in keys.items():
            if other.get(path) != key:
                found = collection.facts(path, key)
                if found is None and facts is old:
                    return None
                if found is not None:
                    facts[path] = found
    return Change(now, areas, old, new, collection, lines)
