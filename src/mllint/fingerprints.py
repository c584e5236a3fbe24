"""What tells one finding from another when lines have moved: a hash of its text, and a sketch.

White space, comments, quotes and commas before a closing bracket do not matter. Knows texts only:
neither rules nor where a text comes from.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST = 8_000
"""Characters of a text that are looked at."""
SKETCHED = 40
"""Tokens that a sketch keeps, two hexadecimal digits each."""
ALIKE = 0.85
"""The part of their tokens that two texts must share to be one text, edited."""

_STRING = (
    r"(?P<string>(?:\b[rbfuRBFU]{1,2})?(?:\"{3}(?:[^\\]|\\.)*?(?:\"{3}|\Z)|'{3}(?:[^\\]|\\.)*?(?:'{3}|\Z)"
    r"|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'))|"
)
_REST = r"|\w+|[^\w\s]"
_CODE = re.compile(_STRING + r"(?P<comment>#[^\n]*)" + _REST, re.DOTALL)
_CONFIG = re.compile(_STRING + r"(?P<comment>(?<!\S)(?:#|//)[^\n]*)" + _REST, re.DOTALL)
_PROSE = re.compile(r"(?P<string>(?!))|(?P<comment><!--.*?(?:-->|\Z))" + _REST, re.DOTALL)
_PROSE_ENDINGS = (".md", ".markdown", ".rst", ".html", ".json")
_CLOSING = frozenset(")]}")


def tokens(path: str, text: str) -> list[str]:
    """The words and marks of a text, as the format of its file has them."""
    lower = path.lower()
    pattern = _PROSE if lower.endswith(_PROSE_ENDINGS) else _CONFIG
    if lower.endswith((".py", ".pyi", ".pyw", ".ipynb")):
        pattern = _CODE
    found: list[str] = []
    for match in pattern.finditer(text[:LONGEST]):
        if match["comment"] is not None:
            continue
        token = match[0]
        if match["string"] is not None:
            token = f"'{token.lstrip('rbfuRBFU').strip(token[-1])}'"
        if token in _CLOSING and found and found[-1] == ",":
            found.pop()
        found.append(token)
    return found


def fingerprint(scope: str, words: Sequence[str], distinct: str = "") -> str:
    """16 hexadecimal digits for what was found, whatever the rule is called."""
    return digest(scope, "\1".join(words), distinct)


def digest(*parts: str) -> str:
    """16 hexadecimal digits."""
    return blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=8).hexdigest()


def sketch(words: Sequence[str]) -> str:
    """A text made too short to be read and long enough to be compared with another."""
    return "".join(
        blake2b(word.encode("utf-8", "replace"), digest_size=1).hexdigest()
        for word in words[:SKETCHED]
    )


def alike(one: str, other: str) -> float:
    """How much two sketches share, 0 to 1."""
    if not one or not other:
        return 0.0
    left, right = ([text[n : n + 2] for n in range(0, len(text), 2)] for text in (one, other))
    match = SequenceMatcher(None, left, right, autojunk=False)
    if min(match.real_quick_ratio(), match.quick_ratio()) < ALIKE:
        return 0.0
    return float(match.ratio())


def blob(data: bytes) -> str:
    """The id that git gives to a content."""
    from hashlib import sha1

    return sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
