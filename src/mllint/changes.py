"""What became of a tree since evidence about it was kept, in the words of `Project.reads`.

A file whose content changed is compared by its facts, table by table: what says the same as before
is no change. Knows neither evidence nor rules.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from mllint.codec import written
from mllint.project import area, sizeless

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mllint.collect import Collection
    from mllint.facts import Facts

_GRAPH, _IGNORES, _PROBLEMS = "@graph", "@ignore", "@problem"


class State(NamedTuple):
    """What a tree is: the keys of its facts, and digests of what is known beside them."""

    keys: Mapping[str, str]
    """By path, for each file that a reader claims."""
    paths: str
    file: str
    git: str


class Change(NamedTuple):
    """What is other than it was."""

    areas: frozenset[str]
    before: Mapping[str, Facts]
    """The facts that files had which are changed or gone, by path."""
    after: Mapping[str, Facts]
    """The facts of files that are changed or new."""


def state_of(collection: Collection) -> State:
    """What the tree of a collection is."""
    rows = map(sizeless, collection.files.values())
    return State(collection.keys, _digest(collection.files), _digest(rows), _digest(collection.git))


def _digest(items: Iterable[object]) -> str:
    text = "\n".join(map(repr, items))
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def change(
    before: State, collection: Collection, sources: Mapping[str, Iterable[str]]
) -> Change | None:
    """What changed since a state; None where facts of then are no longer known.

    `sources` says of which areas the tables are made that no reader writes.
    """
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
    for path in {**old, **new}:
        areas |= _differing(old.get(path), new.get(path))
    for table, asked in sources.items():
        if not areas.isdisjoint(asked):
            areas.add(table)
    return Change(frozenset(areas), old, new)


def _differing(old: Facts | None, new: Facts | None) -> set[str]:
    """The areas in which two states of one file say different things."""
    one = written(old) if old is not None else {}
    other = written(new) if new is not None else {}
    areas = set()
    for name in {**one, **other}:
        if one.get(name) != other.get(name):
            areas.add({_GRAPH: "code", _PROBLEMS: "problems"}.get(name, area(name)))
    return areas - {_IGNORES}
