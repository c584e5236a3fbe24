"""Groups of names: which calls, distributions, commands and files mean what.

Knows patterns, not where they come from (`rules/apis.toml`, `rules/tools.toml`) nor who asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache


def glob(pattern: str) -> str:
    """The regular expression of a glob in which `*` and `?` match any characters, dots included."""
    return "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)


class Names:
    """A set of names, some of them globs."""

    __slots__ = ("_exact", "_globs", "_seen", "_wild", "patterns")

    def __init__(self, patterns: Iterable[str]) -> None:
        self.patterns = tuple(dict.fromkeys(patterns))
        self._exact = frozenset(p for p in self.patterns if "*" not in p and "?" not in p)
        self._wild = tuple(p for p in self.patterns if p not in self._exact)
        self._globs: re.Pattern[str] | None = None
        self._seen: dict[str, bool] = {}

    def __contains__(self, name: object) -> bool:
        """Whether a pattern matches the whole of the name."""
        if not isinstance(name, str):
            return False
        if name in self._exact:
            return True
        if not self._wild:
            return False
        if self._globs is None:  # compiled when first asked for: most groups never are
            self._globs = re.compile("|".join(map(glob, self._wild)), re.DOTALL)
        if (seen := self._seen.get(name)) is None:
            seen = self._seen[name] = self._globs.fullmatch(name) is not None
        return seen

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


Groups = Mapping[str, Names]


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """The glob as a compiled expression for `fullmatch`."""
    return re.compile(glob(pattern), re.DOTALL)
