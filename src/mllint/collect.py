"""The facts of all files of a tree: from the cache where they were read before, else by readers.

The only place that knows which file goes to which reader, and of pool and cache. Knows nothing of
rules. What comes back depends on the tree alone: not on the cache, nor on the number of workers.
"""

from __future__ import annotations

import gc
import os
from collections import Counter
from contextlib import closing, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from mllint.cache import Seen
from mllint.codec import Later, decode, decode_sound, encode
from mllint.collected import Collected
from mllint.factkeys import fingerprint, key_of
from mllint.facts import Facts, Known, Problem
from mllint.files import file_row, git_row, may_point, outline, pointer, stored_pointers, uses_lfs
from mllint.kinds import extension
from mllint.late import Late
from mllint.pool import Crew, Outcome, outcomes
from mllint.readers import claiming, enough
from mllint.readers.git import POINTER_SIZES, pointed_size
from mllint.roles import role
from mllint.tree import LIMIT, Unreadable
from mllint.worker import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from mllint.cache import Cache
    from mllint.facts import File, Git
    from mllint.tree import Entry, Tree

_SMALLEST, _LARGEST = 128_000, 512_000
"""Weight of a batch: from what is worth a worker of its own to what keeps the others waiting."""

_MOST_FILES = 200
_GROUP = 8_000_000
"""Bytes that are read at a time."""
_WEIGHTS = {".py": 1.0, ".yaml": 1.0, ".yml": 1.0, ".ipynb": 0.2, ".json": 0.1}
"""How long a byte of a format takes to be read, next to a byte of Python; 0.3 for others."""

_FEW, _MANY = 8, 64
"""How many packs of fewer than so many files are worth being written as one."""

_UNCACHED = frozenset({"crashed", "timeout"})
"""Kinds of problem that another run may not have."""


def jobs_here() -> int:
    """How many workers this machine is good for."""
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), 8)
    return min(os.cpu_count() or 1, 8)


def collect(
    tree: Tree,
    known: Known,
    *,
    jobs: int | None = None,
    cache: Cache | None = None,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Collected:
    """All that the readers say of a tree, by so many worker processes: by default one a processor.

    With 0 it is read in this very process, unguarded. `progress` is told how many are done of all.
    """
    return Collection(tree, known, jobs=jobs, cache=cache, progress=progress).whole()


class Collection:
    """One collection. What was read before is not loaded until it is asked for."""

    def __init__(
        self,
        tree: Tree,
        known: Known,
        *,
        jobs: int | None = None,
        cache: Cache | None = None,
        progress: Callable[[int, int], None] = lambda *_: None,
        crew: Crew | None = None,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> None:
        """`meanwhile` is called while another process reads a few files, which takes a moment."""
        self.tree = tree
        self._meanwhile = meanwhile
        self._crew = crew
        self._known = known
        self._jobs = jobs_here() if jobs is None else jobs
        self._progress = progress
        self._cache = cache
        self._base = fingerprint(known)
        self._seen = cache.seen(tree.home, self._base) if cache and tree.home else {}
        self._modules: dict[str, tuple[str, ...]] = {}
        self._pointers: dict[str, int | None] = {}
        self._facts: dict[str, Facts] = {}
        self._problems: list[Problem] = []
        self._done = 0
        self._read = 0
        self._lost: list[str] = []
        """Files whose facts the cache had promised."""
        self._keys: dict[str, str] = {}
        self._packs: dict[str, int] = {}
        """The pack of each key that the cache was found to know."""

    @cached_property
    def keys(self) -> Mapping[str, str]:
        """The key of the facts of each file that a reader claims; all that is new is read."""
        with _collector_off():
            self._read_all(self._survey())
        self._remember()
        return self._keys

    def facts(self, path: str, key: str) -> Facts | None:
        """The facts that a file has or had under a key; None where they are no longer known."""
        if path in self._facts and self._keys.get(path) == key:
            return self._facts[path]
        packs = self._packs_of([key])
        texts = self._cache.texts(packs.values()) if self._cache and packs else {}
        return next((decode_sound(text).get(path) for text in texts.values()), None)

    def holding(self, words: Iterable[str]) -> list[Facts] | None:
        """The facts of all files in which one of some words is written, and of some more.

        None where some facts are no longer known. What is not ASCII is written in another form.
        """
        wanted = {path: key for path, key in self.keys.items() if path not in self._facts}
        packs = self._packs_of(list(wanted.values()))
        held = self._cache.holding(set(packs.values()), words) if self._cache and packs else {}
        if len(packs) < len(set(wanted.values())) or len(held) < len(set(packs.values())):
            return None
        hits = {pack for pack, hit in held.items() if hit}
        texts = self._cache.texts(hits) if self._cache and hits else {}
        known = {pack: decode_sound(text) for pack, text in texts.items()}
        found = list(self._facts.values())
        for path, key in wanted.items():
            if packs[key] in hits:
                facts = known.get(packs[key], {}).get(path)
                if facts is None:
                    return None
                found.append(facts)
        return found

    def whole(self) -> Collected:
        """Everything that the readers say of the tree."""
        wanted = {path: key for path, key in self.keys.items() if path not in self._facts}
        with _collector_off():
            packs = self._packs_of(list(wanted.values()))
            self._lost = [path for path, key in wanted.items() if key not in packs]
            self._load({path: packs[key] for path, key in wanted.items() if key in packs})
            if self._lost:
                self._read_all(self._lost)
                self._remember()
            return self._collected()

    @cached_property
    def _all(self) -> Collected:
        return self.whole()

    def later(self) -> Collected:
        """As `whole`, but what was read before is loaded when facts are first looked at."""
        facts: Mapping[str, Facts] = Late(lambda: self._all.facts)
        problems: Sequence[Problem] = Later(lambda: list(self._all.problems))
        return Collected(facts, self.files, self.git, problems, self.notices)

    def _survey(self) -> list[str]:
        """The files to be looked at; their facts may yet be found in the cache by their content."""
        fresh = []
        for path, entry in self.tree.entries.items():
            past = self._seen.get(path)
            if past and entry.stamp and past.stamp == entry.stamp:
                if past.key:
                    self._keys[path] = past.key
                self._pointers[path] = past.pointer
            elif modules := _modules(path, entry):
                self._modules[path] = modules
                fresh.append(path)
            elif may_point(path, entry):
                self._pointers[path] = pointer(self.tree, path)
        return fresh

    def _packs_of(self, keys: Sequence[str]) -> dict[str, int]:
        """The packs of those keys that the cache knows, which are asked of it once."""
        unasked = [key for key in keys if key not in self._packs]
        if self._cache and unasked:
            self._packs.update(self._cache.packs_of(unasked))
        return {key: self._packs[key] for key in keys if key in self._packs}

    def _read_all(self, paths: Sequence[str]) -> None:
        """Has files read by a pool, those apart that the cache knows by their content."""
        size = sum(self.tree.entries[path].size for path in paths)
        left = self._batches(paths)
        wait = self._wait
        with closing(outcomes(left, self._known, self._jobs, self._crew, size, wait)) as said:
            for outcome in said:
                self._take(outcome)
                self._progress(self._done, len(paths))

    def _wait(self) -> None:
        """Takes the packs of what was read before from the cache: they may have to be searched."""
        if self._cache and self._seen:
            past = [key for path, key in self._keys.items() if path not in self._modules]
            self._cache.fetch_ahead(set(self._packs_of(past).values()))
        self._meanwhile()

    def _batches(self, paths: Iterable[str]) -> Iterator[list[Task]]:
        """The files that the cache does not know by their content, the longest work first."""
        weights = {path: self._weight(path) for path in paths}
        ordered = sorted(weights, key=lambda path: (-weights[path], path))
        most = min(max(sum(weights.values()) / (6 * (self._jobs or 1)), _SMALLEST), _LARGEST)
        batch: list[Task] = []
        weight = 0.0
        for group in self._groups(ordered):
            for task in self._unknown(group):
                batch.append(task)
                weight += weights[task.path]
                if weight >= most or len(batch) == _MOST_FILES:
                    yield batch
                    batch, weight = [], 0.0
        if batch:
            yield batch

    def _groups(self, paths: Iterable[str]) -> Iterator[list[str]]:
        """The paths in groups that may well be in memory at once."""
        group: list[str] = []
        size = 0
        for path in paths:
            group.append(path)
            size += self.tree.entries[path].size
            if size >= _GROUP or len(group) == _MOST_FILES:
                yield group
                group, size = [], 0
        yield group

    def _unknown(self, paths: Sequence[str]) -> list[Task]:
        """What of these files is to be read, and by whom; notes what the cache has of the rest."""
        tasks: dict[str, Task] = {}
        for path in paths:
            try:
                data = self.tree.read(path)
            except Unreadable as error:
                self._problems.append(Problem(path, error.kind, error.text))
                self._keys.pop(path, None)
                continue
            size = pointed_size(data) if len(data) in POINTER_SIZES else None
            data = data[: enough(claiming(path)) or None]
            if size is not None:
                self._pointers[path] = size
            else:
                modules = self._modules.get(path) or _modules(path, self.tree.entries[path])
                tasks[path] = Task(path, modules, data)
                self._keys[path] = key_of(self._base, path, data)
        asked = [self._keys[path] for path in tasks if path not in self._lost]
        packs = self._packs_of(asked)
        hits = {path for path in tasks if self._keys[path] in packs}
        self._done += len(paths) - len(tasks) + len(hits)
        return [task for path, task in tasks.items() if path not in hits]

    def _weight(self, path: str) -> float:
        size = self.tree.entries[path].size
        return min(size, enough(claiming(path)) or size) * _WEIGHTS.get(extension(path), 0.3)

    def _take(self, outcome: Outcome) -> None:
        """Notes what a pool has read."""
        self._done += len(outcome.paths)
        if outcome.problem:
            self._problems.append(outcome.problem)
            return
        facts = decode(outcome.text)
        self._facts.update(facts)
        self._read += len(facts)
        if self._cache:
            lasting = [path for path, own in facts.items() if not _passing(own.problems)]
            self._cache.keep(outcome.text, [self._keys[path] for path in lasting])

    def _load(self, packs: Mapping[str, int]) -> None:
        """Takes the facts of files from the packs that hold them."""
        texts = self._cache.texts(set(packs.values())) if self._cache and packs else {}
        decoded = {pack: decode_sound(text) for pack, text in texts.items()}
        for path, pack in packs.items():
            facts = decoded.get(pack, {}).get(path)
            if facts is None:
                self._lost.append(path)
            else:
                self._facts[path] = facts
        self._gather(packs)

    def _gather(self, packs: Mapping[str, int]) -> None:
        """Puts files that many runs left in packs of few into one, which loads much faster."""
        sizes = Counter(packs.values())
        loose = [path for path, pack in packs.items() if sizes[pack] < _FEW and path in self._facts]
        if self._cache and len({packs[path] for path in loose}) > _MANY:
            text = encode({path: self._facts[path] for path in loose})
            self._cache.keep(text, [self._keys[path] for path in loose])

    @cached_property
    def _lfs(self) -> bool:
        return uses_lfs(self.tree)

    @property
    def git(self) -> Sequence[Git]:
        """The row of the repository; none where there is no git."""
        return git_row(self.tree, lfs=self._lfs)

    @cached_property
    def files(self) -> Mapping[str, File]:
        """The row of each file, in the tree's order."""
        entries, pointed = self.tree.entries.items(), self._pointed
        return {path: file_row(path, entry, pointed.get(path)) for path, entry in entries}

    @property
    def outlines(self) -> Sequence[tuple[object, ...]]:
        """What rows of files say beside how many bytes they have, in the tree's order."""
        entries, pointed = self.tree.entries.items(), self._pointed
        return [outline(entry, pointed.get(path)) for path, entry in entries]

    def size(self, path: str) -> int:
        """Bytes of a file; of a Git LFS pointer, of what it points to."""
        pointed = self._pointed.get(path)
        return self.tree.entries[path].size if pointed is None else pointed

    @cached_property
    def _pointed(self) -> Mapping[str, int | None]:
        """How many bytes of an object each file points to as a Git LFS pointer."""
        pointers = self._pointers if self.keys is not None else {}
        return {**pointers, **stored_pointers(self.tree)} if self._lfs else pointers

    @property
    def problems(self) -> Sequence[Problem]:
        """Those of the tree and of this reading; facts that were kept have theirs beside them."""
        return (*self.tree.problems, *self._problems)

    @property
    def notices(self) -> Sequence[str]:
        """What the user should know of how it was done; what the cache has to say apart."""
        return self.tree.notices

    def _collected(self) -> Collected:
        """Everything in the tree's order."""
        nothing = Facts()
        facts = {path: self._facts.get(path, nothing) for path in self.files}
        problems = set(self.problems)
        problems.update(problem for own in self._facts.values() for problem in own.problems)
        return Collected(
            facts,
            self.files,
            self.git,
            tuple(sorted(problems)),
            self.notices,
            len(self._facts) - self._read,
            self._read + len({problem.path for problem in self._problems}),
        )

    def _remember(self) -> None:
        """Leaves the state of the files with the cache, those apart that have to be seen again."""
        if not self._cache or not self.tree.home:
            return
        unread = {problem.path for problem in self._problems}
        seen = {
            path: Seen(entry.stamp, self._keys.get(path, ""), self._pointers.get(path))
            for path, entry in self.tree.entries.items()
            if entry.stamp and path not in unread
        }
        if seen != self._seen:
            self._cache.keep_seen(self.tree.home, self._base, seen)
            self._seen = seen


def _modules(path: str, entry: Entry) -> tuple[str, ...]:
    """The readers of a file: none for a link, for what tools generate and what LFS keeps."""
    if entry.kind == "link" or entry.lfs or role(path) == "generated":
        return ()
    readers = claiming(path)
    if entry.size > LIMIT and enough(readers):
        return ()
    return tuple(reader.module for reader in readers)


def _passing(problems: Iterable[Problem]) -> bool:
    """Whether another run may go better."""
    return any(problem.kind in _UNCACHED for problem in problems)


@contextmanager
def _collector_off() -> Iterator[None]:
    """Without the garbage collector, which would look again and again at rows that all stay."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
