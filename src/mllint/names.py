"""Groups of names: which calls, distributions, commands and files mean what.

Knows patterns, not where they come from (`rules/apis.toml`, `rules/tools.toml`) nor who asks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache


def glob(pattern: str) -> str:
    """The regular expression of a glob in which `*` and `?` match any characters, dots included."""
    return "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)


class Names:
    """A set of names, some of them globs."""

    __slots__ = ("_ends", "_exact", "_matches", "_rooted", "_seen", "patterns")

    def __init__(self, patterns: Iterable[str]) -> None:
        self.patterns = tuple(dict.fromkeys(patterns))
        self._exact = frozenset(p for p in self.patterns if "*" not in p and "?" not in p)
        self._ends: set[str] = set()
        """The `x` of each `*.x`, which most globs are."""
        self._rooted: dict[str, list[str]] = {}
        """Globs by what stands before their first dot; those that have a glob there under ""."""
        self._matches: dict[str, Callable[[str], object]] = {}
        self._seen: dict[str, bool] = {}
        for pattern in self.patterns:
            if pattern not in self._exact:
                self._add(pattern)

    def _add(self, pattern: str) -> None:
        root, _, rest = pattern.partition(".")
        if root == "*" and rest.isidentifier():
            self._ends.add(rest)
        else:
            plain = rest and "*" not in root and "?" not in root
            self._rooted.setdefault(root if plain else "", []).append(pattern)

    def __contains__(self, name: object) -> bool:
        """Whether a pattern matches the whole of the name."""
        if not isinstance(name, str):
            return False
        if name in self._exact:
            return True
        if not self._ends and not self._rooted:
            return False
        if (seen := self._seen.get(name)) is None:
            seen = self._seen[name] = self._fits(name)
        return seen

    def _fits(self, name: str) -> bool:
        _, dot, last = name.rpartition(".")
        if dot and last in self._ends:
            return True
        roots = self._rooted
        return bool(roots) and any(
            self._match(root, name) for root in ("", name.partition(".")[0]) if root in roots
        )

    def _match(self, root: str, name: str) -> bool:
        if (match := self._matches.get(root)) is None:
            either = "|".join(map(glob, self._rooted[root]))
            match = self._matches[root] = re.compile(either, re.DOTALL).fullmatch
        return match(name) is not None

    def among(self, index: NameIndex) -> list[str]:
        """The names of an index that match, in its order."""
        near = {name for name in self._exact if name in index.place}
        for end in self._ends:
            near.update(index.ends.get(end, ()))
        for root in self._rooted:
            near.update(index.roots.get(root, ()) if root else index.place)
        return sorted((name for name in near if name in self), key=index.place.__getitem__)

    def __bool__(self) -> bool:
        return bool(self.patterns)

    def starts(self, text: str) -> bool:
        """Whether the text is one of the names or goes on after one with a space, slash or `@`.

        Options of a name may stand anywhere in the text: `pytest --cov` starts `pytest . --cov=x`.
        """
        return any(_starts(text, pattern) for pattern in self.patterns)


def _starts(text: str, pattern: str) -> bool:
    head, dash, options = pattern.partition(" -")
    if text != head and not text.startswith((f"{head} ", f"{head}/", f"{head}@")):
        return False
    return not dash or f" -{options}" in text


class NameIndex:
    """Many dotted names, kept so that those which match a few patterns are found at once."""

    def __init__(self, names: Iterable[str]) -> None:
        self.place = {name: place for place, name in enumerate(names)}
        """Each name and its place in their order."""
        self.roots: dict[str, list[str]] = {}
        """Names by what stands before their first dot."""
        self.ends: dict[str, list[str]] = {}
        """Names by what stands after their last dot."""
        for name in self.place:
            self.roots.setdefault(name.partition(".")[0], []).append(name)
            self.ends.setdefault(name.rpartition(".")[2], []).append(name)

    def ending(self, ends: Iterable[str]) -> list[str]:
        """The names with one of these after their last dot, in order."""
        found = (name for end in dict.fromkeys(ends) for name in self.ends.get(end, ()))
        return sorted(found, key=self.place.__getitem__)


Groups = Mapping[str, Names]


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """The glob as a compiled expression for `fullmatch`."""
    return re.compile(glob(pattern), re.DOTALL)
