"""Which lines of a file are not as they were at the base of a branch.

Compares contents, so that what git would show as changed and what is merely untracked are alike.
"""

from __future__ import annotations

from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from mllint.tree import Unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mllint.facts import Place
    from mllint.review import Finding
    from mllint.tree import Tree

MOST_LINES = 20_000
"""Of a longer file every line counts as changed if any is."""
_MOST_PAIRS = 2_000_000
"""Pairs of like lines, one old and one new, with more of which it is the same."""


class Changes:
    """The lines of a tree that its base does not have; files are read when first asked for."""

    def __init__(self, tree: Tree, base: Tree) -> None:
        self._tree = tree
        self._base = base
        self._lines: dict[str, range | frozenset[int]] = {}

    def touch(self, finding: Finding) -> bool:
        """Whether a finding, or a place that it speaks of, stands on a changed line.

        One about the whole repository does so only by the places that it speaks of.
        """
        places = [related.at for related in finding.related]
        if not finding.anchored:
            places.append(finding.at)
        return any(self._touch(at) for at in places if at.path)

    def _touch(self, at: Place) -> bool:
        lines = self._changed(at.path)
        if not at.line:
            return bool(lines)
        # The lines of a notebook's cell are those of its JSON.
        first = at.cell.raw if at.cell and at.cell.raw else at.line
        last = first + max(at.end_line - at.line, 0)
        return any(line in lines for line in range(first, last + 1))

    def _changed(self, path: str) -> range | frozenset[int]:
        if path not in self._lines:
            self._lines[path] = self._compare(path)
        return self._lines[path]

    def _compare(self, path: str) -> range | frozenset[int]:
        new, old = _content(self._tree, path), _content(self._base, path)
        if new is None or new == old:
            return frozenset()
        lines = new.splitlines()
        everything = range(1, len(lines) + 2)
        if old is None or max(len(lines), old.count(b"\n")) > MOST_LINES:
            return everything
        changed = _changed_between(old.splitlines(), lines)
        if changed is None:
            return everything
        # Lines that were only taken out leave none behind; the file has changed all the same.
        return frozenset(changed or {0})


def _changed_between(old: Sequence[bytes], new: Sequence[bytes]) -> set[int] | None:
    """Numbers of the new lines that are not old ones; None where that would take long to tell."""
    same = zip(old, new, strict=False)
    start = next((n for n, (a, b) in enumerate(same) if a != b), min(len(old), len(new)))
    behind = min(len(old), len(new)) - start
    same = zip(reversed(old), reversed(new), strict=False)
    end = next((n for n, (a, b) in enumerate(same) if a != b or n == behind), behind)
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    counts = Counter(old)
    if sum(counts[line] for line in new) > _MOST_PAIRS:
        return None
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return {
        start + line
        for tag, _, _, first, last in matcher.get_opcodes()
        if tag != "equal"
        for line in range(first + 1, last + 1)
    }


def _content(tree: Tree, path: str) -> bytes | None:
    """The bytes of a file; None where there is none, or it cannot be read."""
    if path not in tree.entries:
        return None
    try:
        return tree.read(path)
    except Unreadable:
        return str(tree.entries[path].size).encode()
