"""What Markdown and reStructuredText have in common: a text as a row of blocks."""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_LINE = 20_000
"""Characters of a line in which links are looked for."""
_WORD = re.compile(r"[^\W_]\S*")


class Block(NamedTuple):
    """A stretch of a text."""

    kind: str
    """heading, text (one line), code or comment."""
    line: int
    """1-based line of its first line; of the opening fence for code."""
    text: str
    level: int = 0
    """Of a heading, 1 the highest."""
    language: str = ""
    """Of code, lower case."""
    end_line: int = 0
    """Of code and comments."""


class Inline(NamedTuple):
    """A line of prose with its links taken out."""

    text: str
    """Marks, addresses and images off; the texts of links kept."""
    links: tuple[tuple[str, str, bool], ...]
    """Target, text, and whether it is an image."""


def words(text: str) -> int:
    """The words of a text: whatever stands between white space and has a letter or digit."""
    return len(_WORD.findall(text))
