"""What the checks see in a tree: evidence, made when it is asked for.

For a tree, a catalogue and a program that are all as they were, the evidence is that of the run
before, and neither facts are loaded nor files joined. Outcomes, scores and suppressions are always
judged anew. Knows nothing of what evidence means.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mllint.facts import Cell, Ignore, Place, Problem
from mllint.review import Check, Edit, Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mllint.cache import Cache
    from mllint.catalogue import Catalogue
    from mllint.collect import Collected
    from mllint.project import Project
    from mllint.tree import Tree

_FORMAT = 1


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


@dataclass
class Observed:
    """The evidence about one tree, and what made it."""

    read: Callable[[], tuple[Collected, Project]]
    """Collects and links the tree; called once at most, when something is not remembered."""
    remembered: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """Evidence of the run before, packed, by the name of who asked."""
    before: Scene | None = None
    made: dict[str, list[Evidence]] = field(default_factory=dict)
    """Evidence that was not remembered."""

    @classmethod
    def of(cls, collected: Collected, project: Project) -> Observed:
        """What the checks see in a project that is linked already."""
        return cls(lambda: (collected, project))

    @cached_property
    def _live(self) -> tuple[Collected, Project]:
        return self.read()

    @property
    def scene(self) -> Scene:
        """What a report says of the files beside evidence."""
        return self.before or scene_of(*self._live)

    def evidence(self, name: str, check: Check) -> list[Evidence]:
        """What a check yields; raises whatever the check raises."""
        if name in self.remembered:
            return [_unpacked(one) for one in self.remembered[name]]
        if name not in self.made:
            self.made[name] = list(check(self._live[1]))
        return self.made[name]

    def text(self) -> str:
        """All of it as JSON, for the next run."""
        packed = {name: [_packed(one) for one in found] for name, found in self.made.items()}
        scene = self.scene
        plain = [
            scene.problems, scene.ignores, scene.notices, scene.notebooks, scene.lines, scene.head,
            scene.files,
        ]  # fmt: skip
        return json.dumps([plain, {**self.remembered, **packed}], separators=(",", ":"))


def recall(cache: Cache, key: str, read: Callable[[], tuple[Collected, Project]]) -> Observed:
    """What the cache remembers under a key; all is to be made where it remembers nothing."""
    for text in cache.texts(cache.packs_of([key]).values()).values():
        plain, remembered = json.loads(text)
        problems, ignores, notices, notebooks, lines, head, files = plain
        scene = Scene(
            tuple(Problem(*one) for one in problems),
            tuple(Ignore(_place(at), tuple(rules), *rest) for at, rules, *rest in ignores),
            tuple(notices), notebooks, lines, head, files, files,
        )  # fmt: skip
        return Observed(read, remembered, scene)
    return Observed(read)


def key_of(tree: Tree, catalogue: Catalogue, options: Mapping[str, Any]) -> str:
    """What evidence depends on; "" where some file may change without a sign of it."""
    if not all(e.stamp for e in tree.entries.values() if e.kind == "file"):
        return ""
    digest = blake2b(digest_size=20)
    folders = (Path(__file__).parent, *catalogue.folders)
    asked = (_FORMAT, sys.version_info[:2], sorted(options.items()), tree.home, tree.git)
    signs = [list(_signs(folder)) for folder in folders]
    digest.update(repr((asked, tree.problems, signs)).encode("utf-8", "surrogatepass"))
    for path, entry in tree.entries.items():
        digest.update(repr((path, *entry)).encode("utf-8", "surrogatepass"))
    return f"evidence:{digest.hexdigest()}"


def _signs(folder: Path) -> Iterator[tuple[str, int, int]]:
    """Name, size and time of change of each file of the program or the catalogue."""
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if f != "__pycache__")
        for name in sorted(names):
            if name.endswith((".py", ".toml", ".json")):
                path = os.path.join(at, name)  # noqa: PTH118 - two hundred of them on every run
                found = os.stat(path)  # noqa: PTH116
                yield path, found.st_size, found.st_mtime_ns


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
