"""Suppressions in the comments of line-based formats: YAML, TOML, INI, requirements, Dockerfiles.

Knows where a comment starts and how far it reaches; the grammar is in `ignores`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from mllint.facts import Facts, Ignore, Place
from mllint.readers.ignores import parse_ignore

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMENT = re.compile(r"(?:^|\s)((?:#|;|//|--)\s*mllint:.*)$")

_TRIPLE = re.compile(r"\"{3}|'{3}")

_SEEN = (".py", ".yml", ".yaml", ".toml", ".cfg", ".ini", ".json")
"""Endings of files whose suppressions the readers of code and of configuration see."""


def waivers(path: str, text: str) -> tuple[Ignore, ...]:
    """The suppressions of a text.

    A comment behind something covers its line; on a line of its own it covers the next line and
    what is indented below that. One for the whole file must stand before the first content.
    """
    if "mllint:" not in text:
        return ()
    lines = text.splitlines()
    below = _Below(lines)
    found, content, quoted = [], False, ""
    for number, line in enumerate(lines, start=1):
        within = bool(quoted)
        if path.endswith(".toml"):
            quoted = _quoted(line, quoted)
        comment = None if within else _COMMENT.search(line)
        own = comment is not None and not line[: comment.start(1)].strip()
        directive = parse_ignore(comment[1]) if comment else None
        if comment and directive:
            at = Place(path, number, comment.start(1) + 1)
            first, last = below.a(number) if own else (number, number)
            scope = "statement" if own else "line"
            found.append(directive.over(at, scope, first, last, head=not content))
        content = content or bool(line.strip("- \t") and not _is_comment(line))
    return tuple(found)


def _quoted(line: str, quoted: str) -> str:
    """The quotes of the multi-line string of TOML that is open after a line, or ""."""
    for mark in _TRIPLE.findall(line):
        quoted = "" if quoted == mark else quoted or mark
    return quoted


def waived(facts: Facts, path: str, data: bytes) -> Facts:
    """The facts with the suppressions of a file whose comments no other reader looks at."""
    if b"mllint:" not in data or path.lower().endswith(_SEEN):
        return facts
    ignores = waivers(path, data.decode("utf-8", errors="replace"))
    return replace(facts, ignores=ignores) if ignores else facts


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith(("#", ";", "//", "--"))


class _Below:
    """What stands below the lines of a text; asked from its top to its end, it looks once."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._first = 0
        self._last = -1
        """Of the block that begins at `first`; -1 where nobody asked yet."""

    def a(self, number: int) -> tuple[int, int]:
        """The line itself, and the last one indented deeper than the first content below it."""
        lines, first = self._lines, max(number, self._first)
        while first < len(lines) and (not lines[first].strip() or _is_comment(lines[first])):
            first += 1
        if first != self._first or self._last < 0:
            self._first, self._last = first, self._end(first)
        return (number, number) if first >= len(lines) else (number, self._last + 1)

    def _end(self, first: int) -> int:
        """The last line of the block that begins at a line."""
        lines, last = self._lines, first
        indent = _indent(lines[first]) if first < len(lines) else 0
        for end in range(first + 1, len(lines)):
            if lines[end].strip():
                if _indent(lines[end]) <= indent:
                    break
                last = end
        return last


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
