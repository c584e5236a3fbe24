"""The evidence about a tree, kept for the next run.

For a tree, a catalogue and a program that are all as they were, it is that of the run before, and
nothing is read or joined. Where files changed, the evidence of those checks still holds which asked
for nothing that is other than it was. Outcomes, scores and suppressions are always judged anew.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from mllint.areas import MADE, single
from mllint.balance import Balance
from mllint.observed import Observed, Scene, Seen, plain, restored
from mllint.ruletables import basis

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mllint.cache import Cache
    from mllint.catalogue import Catalogue
    from mllint.changes import Change, State
    from mllint.collect import Collection
    from mllint.collected import Collected
    from mllint.project import Project
    from mllint.tree import Tree

_FORMAT = 5


class Memory:
    """What is remembered of one tree."""

    def __init__(
        self,
        cache: Cache,
        tree: Tree,
        catalogue: Catalogue,
        options: Mapping[str, Any],
        collection: Callable[[], Collection],
    ) -> None:
        self._cache = cache
        self._tree = tree
        on = f"{_FORMAT} {basis(catalogue.folders, options)}"
        self._key = _key_of(tree, on)
        self._collect = collection
        self._latest = _latest_of(tree, on)
        self._found: _Record | None = None
        """The record of this very tree, where there is one."""
        self._since: tuple[_Record, Change] | None = None
        """The record that evidence was taken from, and what has changed since."""
        self._known: Mapping[str, tuple[str, Mapping[str, Any]]] = {}
        """What texts told in that record."""

    @cached_property
    def collection(self) -> Collection:
        """What is collected of the tree."""
        return self._collect()

    def recall(self, join: Callable[[Collected], Project]) -> Observed:
        """What is known of the tree; the rest is to be made."""

        def whole() -> tuple[Collected, Project]:
            collected = self.collection.whole()
            return collected, join(collected)

        def read() -> tuple[Collected, Project]:
            collected = self.collection.later()
            return collected, join(collected)

        self._found = self._record(self._key)
        if self._found is not None:
            found = self._found
            return Observed(read, found.evidence, found.scene, told=self._told(found))
        record = self._record(self._latest)
        if record is None:
            return Observed(whole)
        from mllint.changes import change

        changed = change(record.state, record.lines, self.collection)
        if changed is None:
            return Observed(whole)
        scene = _scene(record, changed, self.collection)
        if scene.problems != record.scene.problems:
            changed.add("problems")
        changed.derive(record.sources)
        self._since = record, changed
        valid = self._holding(record, changed)
        return Observed(read, valid, scene, told=self._told(record))

    def _holding(self, record: _Record, changed: Change) -> dict[str, Seen]:
        """The evidence that still holds after a change, each piece where it stands now."""
        same = {area for area, sign in record.signs.items() if sign and sign == self._sign(area)}
        known: dict[str, bool] = {}

        def holds(area: str) -> bool:
            if area not in known:
                known[area] = area in same if single(area) else not changed.touches(area)
            return known[area]

        valid = {name: one for name, one in record.evidence.items() if all(map(holds, one.areas))}
        touched = [json.dumps(path)[1:-1] for path in {**changed.before, **changed.after}]
        found = {}
        for name, one in valid.items():
            here = any(path in one.text for path in touched)
            if (after := one.at(changed.moved) if here else one) is not None:
                found[name] = after
        return found

    def _told(self, record: _Record) -> dict[str, dict[str, Any]]:
        """What texts tell, of files that are as they were."""
        self._known = record.told
        return {
            path: dict(places)
            for path, (sign, places) in record.told.items()
            if sign and sign == self._look_of(path)
        }

    def _look_of(self, path: str) -> str:
        """What is other whenever the text of a file is, or what git has of it."""
        entry = self._tree.entries.get(path)
        return f"{entry.stamp} {entry.blob}" if entry is not None and entry.stamp else ""

    def _record(self, key: str) -> _Record | None:
        for text in self._cache.texts(self._cache.packs_of([key]).values()).values() if key else ():
            return _Record(text)
        return None

    def keep(self, observed: Observed) -> None:
        """Remembers what was observed, unless all of it is remembered already."""
        told = {path: (self._look_of(path), places) for path, places in observed.told.items()}
        told = {path: one for path, one in told.items() if one[0]}
        same = self._found is not None and not observed.made
        if not self._latest or (same and _sizes(told) == _sizes(self._known)):
            return
        evidence = {**observed.remembered, **observed.made}
        sources: Mapping[str, Sequence[str]] = {}
        lines = Balance(0, 0, 0)
        if self._found is not None:
            state, sources, lines = self._found.state, self._found.sources, self._found.lines
        elif self._since is not None:
            record, changed = self._since
            state, sources, lines = changed.state, record.sources, changed.balance
        else:
            from mllint.changes import state_of

            state = state_of(self.collection)
        if observed.project is not None:
            made = observed.project.sources
            sources = {
                table: sorted({*sources.get(table, ()), *made.get(table, ())})
                for table in {**sources, **made}
            }
            lines = observed.project.balance
        unknown = set(MADE) - sources.keys()  # made by the other process alone
        evidence = {n: one for n, one in evidence.items() if unknown.isdisjoint(one.areas)}
        alone = {area for one in evidence.values() for area in one.areas if single(area)}
        signs = {area: self._sign(area) for area in sorted(alone)}
        head = [plain(observed.scene), sources, signs, lines]
        text = _text(head, state, told, evidence)
        self._cache.keep(text, [key for key in (self._key, self._latest) if key])

    def _sign(self, area: str) -> str:
        """What is other whenever the text or the size of one file is; "" where nothing tells."""
        what, _, path = area.partition(":")
        entry = self._tree.entries.get(path)
        if entry is None:
            return "absent"
        return entry.stamp if what == "text" else str(self.collection.size(path))


class _Record:
    """The text of a record, each part made when it is asked for."""

    def __init__(self, text: str) -> None:
        head, state, told, *rest = text.split("\n")
        self._state = state
        self.told: Mapping[str, tuple[str, Mapping[str, Any]]] = json.loads(told)
        """What texts tell of places, and the look of the file then, by path."""
        packed, sources, signs, lines = json.loads(head)
        self.scene: Scene = restored(packed)
        self.sources: Mapping[str, Sequence[str]] = sources
        """What those tables were made of that no reader writes."""
        self.signs: Mapping[str, str] = signs
        """What told the state of single files, by the area."""
        self.lines = Balance(*lines)
        """How code was spread."""
        self.evidence: dict[str, Seen] = {}
        for line in rest:
            name, areas, found = line.split("\t")
            self.evidence[name] = Seen(tuple(json.loads(areas)), found)

    @cached_property
    def state(self) -> State:
        """What the tree was."""
        from mllint.changes import State

        return State(*json.loads(self._state))


def _text(
    head: Sequence[Any], state: State, told: Mapping[str, Any], evidence: Mapping[str, Seen]
) -> str:
    heads = (json.dumps(part, separators=(",", ":")) for part in (head, state, told))
    lines = (f"{name}\t{json.dumps(one.areas)}\t{one.text}" for name, one in evidence.items())
    return "\n".join([*heads, *lines])


def _sizes(told: Mapping[str, Sequence[Any]]) -> dict[str, int]:
    return {path: len(places) for path, (_, places) in told.items()}


def _scene(record: _Record, found: Change, collection: Collection) -> Scene:
    """The scene of a record as it is after a change."""
    before, touched = record.scene, {**found.before, **found.after}
    same = {p for p, key in collection.keys.items() if record.state.keys.get(p) == key}
    problems = {p for p in before.problems if p.path in same} | set(collection.problems)
    problems.update(p for facts in found.after.values() for p in facts.problems)
    ignores = [i for i in before.ignores if i.at.path not in touched]
    ignores += [i for facts in found.after.values() for i in facts.ignores]

    def more(table: str, column: int) -> int:
        """How much more of a table, or of a column of it, there is now."""
        counts = [
            sum(row[column] if column else 1 for facts in side.values()
                for row in facts.rows.get(table, ()))
            for side in (found.after, found.before)
        ]  # fmt: skip
        return counts[0] - counts[1]

    unread = {problem.path for problem in collection.problems}
    files = len(collection.keys.keys() | unread)
    return replace(
        before,
        problems=tuple(sorted(problems)),
        ignores=tuple(sorted(ignores, key=lambda one: one.at.path)),
        notices=tuple(collection.notices),
        notebooks=before.notebooks + more("notebook", 0),
        lines=before.lines + more("extent", 1),
        head=next((row.head for row in collection.git), ""),
        files=files,
        cached=files - len(found.after),
    )


def _key_of(tree: Tree, on: str) -> str:
    """The key of the evidence about a tree; "" where some file may change without a sign of it."""
    if not all(e.stamp for e in tree.entries.values() if e.kind == "file"):
        return ""
    digest = blake2b(repr((on, tree.home, tree.git, tree.problems)).encode(), digest_size=20)
    for path, entry in tree.entries.items():
        digest.update(repr((path, *entry)).encode("utf-8", "surrogatepass"))
    return f"evidence:{digest.hexdigest()}"


def _latest_of(tree: Tree, on: str) -> str:
    """The key of the last evidence about any state of a folder; "" for a tree without one."""
    if not tree.home:
        return ""
    digest = blake2b(repr((on, tree.home)).encode("utf-8", "surrogatepass"), digest_size=20)
    return f"latest:{digest.hexdigest()}"
