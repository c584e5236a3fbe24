"""What the checks see in a tree: evidence, made when it is asked for, or of a run before.

Knows nothing of what evidence means, nor of how it is found again (see `memory`).
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from mllint.facts import Cell, Ignore, Place, Problem
from mllint.pair import Pair
from mllint.review import Check, Edit, Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    from mllint.collected import Collected
    from mllint.project import Project


_FEWEST, _MANY = 12, 64
"""Checks to be run, and files, for which a second process is worth its start."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a report says of the files beside evidence."""

    problems: tuple[Problem, ...] = ()
    ignores: tuple[Ignore, ...] = ()
    notices: tuple[str, ...] = ()
    notebooks: int = 0
    lines: int = 0
    """Of Python, notebooks included."""
    head: str = ""
    """The commit, or ""."""
    files: int = 0
    """Files that were read, or could not be."""
    cached: int = 0
    """Of them, those whose facts were remembered."""


def scene_of(collected: Collected, project: Project) -> Scene:
    """The scene of a tree that was collected and linked."""
    return Scene(
        problems=tuple(collected.problems),
        ignores=tuple(i for facts in collected.facts.values() for i in facts.ignores),
        notices=tuple(collected.notices),
        notebooks=len(project.rows("notebook")),
        lines=sum(row.lines for row in project.rows("extent")),
        head=next((row.head for row in project.rows("git")), ""),
        files=collected.cached + collected.read,
        cached=collected.cached,
    )


class Seen(NamedTuple):
    """The evidence that one check gave, as text, and what it depends on."""

    areas: tuple[str, ...]
    """What the check asked of the project: see `Project.reads`."""
    text: str

    def evidence(self) -> list[Evidence]:
        """The evidence itself."""
        return [_unpacked(one) for one in json.loads(self.text)]

    def at(self, moved: Callable[[Place], Place | None]) -> Seen | None:
        """The same evidence at the places to which its own have moved; None where one is lost."""
        known: dict[tuple[Any, ...], Place | None] = {}

        def after(at: Sequence[Any]) -> Place | None:
            key = (*at[:5], tuple(at[5] or ()))
            if key not in known:
                known[key] = moved(_place(at))
            return known[key]

        packed = json.loads(self.text)
        for one in packed:
            _, at, _, _, _, related, edits, *_ = one
            places = [*([at] if at else ()), *(place for place, _ in related)]
            moves = [after(place) for place in places]
            if edits or None in moves:
                return None
            if at:
                one[1] = moves.pop(0)
            one[5] = [[place, text] for place, (_, text) in zip(moves, related, strict=True)]
        return Seen(self.areas, json.dumps(packed, separators=(",", ":")))


@dataclass
class Observed:
    """The evidence about one tree, and what made it."""

    read: Callable[[], tuple[Collected, Project]]
    """Collects and links the tree; called once at most, when something is not remembered."""
    remembered: Mapping[str, Seen] = field(default_factory=dict)
    """Evidence of a run before, by the name of who asked."""
    before: Scene | None = None
    """The scene, where it is known without reading."""
    made: dict[str, Seen] = field(default_factory=dict)
    """Evidence that was not remembered."""
    alone: bool = False
    """Whether no other process may share the work, so that `seconds` holds all of it."""
    seconds: dict[str, float] = field(default_factory=dict)
    """How long each check took that was run here."""
    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What texts tell of places of evidence, by path: see `sources`."""
    _evidence: dict[str, list[Evidence]] = field(default_factory=dict)
    _pair: Pair | None = None

    @classmethod
    def of(cls, collected: Collected, project: Project) -> Observed:
        """What the checks see in a project that is linked already."""
        return cls(lambda: (collected, project))

    @cached_property
    def _live(self) -> tuple[Collected, Project]:
        return self.read()

    @property
    def project(self) -> Project | None:
        """The project, if it had to be joined."""
        return self._live[1] if "_live" in self.__dict__ else None

    @cached_property
    def scene(self) -> Scene:
        """What a report says of the files beside evidence."""
        return self.before or scene_of(*self._live)

    def evidence(self, name: str, check: Check) -> list[Evidence]:
        """What a check yields; raises whatever the check raises."""
        if name not in self._evidence:
            known = self.made.get(name) or self.remembered.get(name)
            if known is not None:
                self._evidence[name] = known.evidence()
            else:
                self._evidence[name] = self._asked(name, check)
        return self._evidence[name]

    def _asked(self, name: str, check: Check) -> list[Evidence]:
        project = self._live[1]
        project.reads.clear()
        started = time.perf_counter()
        found = list(check(project))
        self.seconds[name] = time.perf_counter() - started
        self.made[name] = seen(found, project.reads)
        return found

    def begin(self, checks: Mapping[str, Check]) -> None:
        """Has a second process make evidence of these checks, where there is enough to do.

        The order is theirs: those that stand together may share what they work out. What of them
        is wanted may be said later, to `prepare`.
        """
        missing = [name for name in checks if name not in self.remembered]
        if self.alone or len(missing) < _FEWEST:
            return
        collected, project = self._live
        if len(collected.paths) < _MANY:
            return
        _ = project.names  # of all calls, for both to have
        self._pair = Pair(missing, lambda name: self._fresh(name, checks[name]))

    def prepare(self, wanted: Container[str]) -> None:
        """Makes what is wanted of the checks with which it was begun, and not yet made."""
        if self._pair is None:
            return
        self._pair.drop({name for name in self._pair.names if name not in wanted})
        for name, (areas, text) in self._pair.finish().items():
            self.made[name] = Seen(tuple(areas), text)
        self._pair = None

    def _fresh(self, name: str, check: Check) -> list[Any]:
        self._evidence[name] = self._asked(name, check)
        return list(self.made[name])


def seen(found: Sequence[Evidence], reads: set[str]) -> Seen:
    """Evidence as text, with what it depends on."""
    text = json.dumps([_packed(one) for one in found], separators=(",", ":"))
    return Seen(tuple(sorted(reads)), text)


def plain(scene: Scene) -> list[Any]:
    """A scene as JSON has it."""
    return [
        scene.problems, scene.ignores, scene.notices, scene.notebooks, scene.lines, scene.head,
        scene.files,
    ]  # fmt: skip


def restored(packed: Sequence[Any]) -> Scene:
    """The scene that `plain` made a list of; all its files are remembered."""
    problems, ignores, notices, notebooks, lines, head, files = packed
    return Scene(
        tuple(Problem(*one) for one in problems),
        tuple(Ignore(_place(at), tuple(rules), *rest) for at, rules, *rest in ignores),
        tuple(notices), notebooks, lines, head, files, files,
    )  # fmt: skip


def _packed(one: Evidence) -> list[Any]:
    return [
        one.ok, one.at, one.note, one.credit, one.confidence,
        [[r.at, r.text] for r in one.related],
        [[e.path, e.cell, e.start, e.end, e.text] for e in one.edits],
        dict(one.fields), one.scope,
    ]  # fmt: skip


def _unpacked(one: Sequence[Any]) -> Evidence:
    ok, at, note, credit, confidence, related, edits, fields, scope = one
    return Evidence(
        ok, _place(at), note, credit, confidence,
        tuple(Related(_place(place), text) for place, text in related),
        tuple(Edit(*edit) for edit in edits), fields, scope,
    )  # fmt: skip


def _place(at: Sequence[Any] | None) -> Any:
    if at is None:
        return None
    path, line, col, end_line, end_col, cell = at
    return Place(path, line, col, end_line, end_col, Cell(*cell) if cell else None)
