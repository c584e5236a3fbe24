"""GitHub's rolling hash of a line, by which code scanning knows an alert again.

Source: `src/fingerprints.ts` of github/codeql-action, which warns for every result whose hash is
another than its own.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK = 100
"""UTF-16 code units that a hash covers, spaces and tabs left out."""
_FACTOR = 37
_BITS = (1 << 64) - 1
_END = "\uffff"
"""Stands for the end of the file."""


_BEYOND = re.compile("[\U00010000-\U0010ffff]")


class LineHashes:
    """The hashes of a file's lines, each with its number among lines of the same hash."""

    def __init__(self, text: str) -> None:
        squeezed = text.replace("\r\n", "\n").replace("\r", "\n")
        squeezed = squeezed.replace(" ", "").replace("\t", "") + _END
        if not squeezed.isascii():
            squeezed = _units(squeezed)
        self._text = f"\n{squeezed}"
        lengths = (len(line) + 1 for line in squeezed.split("\n"))
        self._starts = list(accumulate(lengths, initial=1))
        self._places: dict[str, list[int]] = {}
        """Where windows stand that were asked for."""

    def at(self, line: int) -> str:
        """`hash:occurrence` of a line (1-based); "" where the file has no such line."""
        if not 0 < line < len(self._starts):
            return ""
        start = self._starts[line - 1]
        window = self._text[start : start + BLOCK]
        value = 0
        for unit in window.ljust(BLOCK, "\0"):
            value = (value * _FACTOR + ord(unit)) & _BITS
        return f"{value:x}:{self._occurrence(window, start)}"

    def _occurrence(self, window: str, start: int) -> int:
        """How many lines up to this one begin with the same text."""
        if window not in self._places:
            self._places[window] = list(self._found(f"\n{window}"))
        return bisect_left(self._places[window], start)

    def _found(self, sought: str) -> Iterator[int]:
        """Where a text stands in the file."""
        at = -1
        while (at := self._text.find(sought, at + 1)) >= 0:
            yield at


def _units(text: str) -> str:
    """The text with characters beyond the basic plane as two surrogates, as JavaScript has them."""
    return _BEYOND.sub(lambda found: "".join(map(chr, _pair(ord(found[0])))), text)


def _pair(code: int) -> tuple[int, int]:
    return 0xD800 + ((code - 0x10000) >> 10), 0xDC00 + (code & 0x3FF)
