"""The headings of a notebook's Markdown cells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.facts import Cell, Heading, Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mllint.readers.notebook.document import RawCell

LONGEST = 1000
"""Longest line that may be a heading, in characters."""

_ATX = re.compile(r" {0,3}(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*$")
_HTML = re.compile(r"\s*<h([1-6])[^>]*>(.*?)(?:</h\1>|$)", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_RULE = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")
_FENCE = re.compile(r" {0,3}(?:```|~~~)")


def headings(path: str, cells: Sequence[RawCell], places: Sequence[Cell]) -> list[Heading]:
    """Each heading with the words of text below it, up to the next of its level or above."""
    rows: list[Heading] = []
    words: list[int] = []
    for raw, cell in zip(cells, places, strict=True):
        if raw.kind == "heading":
            rows.append(_row(path, cell, raw, 1, raw.source.strip(), raw.level))
            words.append(0)
        elif raw.kind == "markdown":
            _markdown(path, cell, raw, rows, words)
    return [row._replace(words=_below(rows, words, i)) for i, row in enumerate(rows)]


def _markdown(path: str, cell: Cell, raw: RawCell, rows: list[Heading], words: list[int]) -> None:
    fenced = False
    lines = raw.source.split("\n")
    for number, line in enumerate(lines, 1):
        if _FENCE.match(line):
            fenced = not fenced
            continue
        found = None if fenced else _heading(line, lines[number] if number < len(lines) else "")
        if found is not None:
            rows.append(_row(path, cell, raw, number, found[1], found[0]))
            words.append(0)
        elif words and not _RULE.match(line):
            words[-1] += len(line.split())


def _heading(line: str, following: str) -> tuple[int, str] | None:
    """Level and text of the heading that a line is, or None."""
    if len(line) > LONGEST:
        return None
    if found := _ATX.match(line):
        return len(found[1]), _TAG.sub("", found[2]).strip()
    if found := _HTML.match(line):
        return int(found[1]), _TAG.sub("", found[2]).strip()
    if line.strip() and (rule := _RULE.match(following)):
        return (1 if rule[1][0] == "=" else 2), line.strip()
    return None


def _row(path: str, cell: Cell, raw: RawCell, line: int, text: str, level: int) -> Heading:
    at = cell._replace(raw=raw.raw[min(line, len(raw.raw)) - 1])
    return Heading(Place(path, line, 1, line, len(text) + 1, at), text, level, 0)


def _below(rows: Sequence[Heading], words: Sequence[int], at: int) -> int:
    total = words[at]
    for row, count in zip(rows[at + 1 :], words[at + 1 :], strict=True):
        if row.level <= rows[at].level:
            break
        total += count
    return total
