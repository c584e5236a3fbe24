"""Source lines behind a gutter, with carets under the place and dashes under related ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mllint.reports.lines import Line, Span, clean, columns, cut
from mllint.reports.places import SEVERITY_STYLES

if TYPE_CHECKING:
    from mllint.facts import Place
    from mllint.review import Finding, Related

GUTTER = 5
"""Columns of the line numbers."""
_DIM = "dim"


class _Mark(NamedTuple):
    """An underline in displayed columns, the first being 0."""

    start: int
    length: int
    character: str
    style: str
    label: str


def snippet(finding: Finding, width: int) -> list[Line]:
    """The lines of a finding's snippet."""
    lines: list[Line] = []
    room = width - GUTTER - 3
    for number, text in finding.snippet:
        marks = _marks(finding, number, text)
        shift = _shift(marks[0], text, room) if marks else 0
        lines.append([Span(f"{number:>{GUTTER}} | ", _DIM), *_source(text, shift, room)])
        for mark in marks:
            lines += _underline(mark, shift, room)
    return lines


def is_within(related: Related, finding: Finding) -> bool:
    """Whether the snippet holds the line of a related place."""
    at, own = related.at, finding.at
    same = at.path == own.path and (at.cell and at.cell.index) == (own.cell and own.cell.index)
    return same and any(number == at.line for number, _ in finding.snippet)


def _marks(finding: Finding, number: int, text: str) -> list[_Mark]:
    marks = [_mark(finding.at, number, text, "^", SEVERITY_STYLES[finding.severity], "")]
    marks += [
        _mark(one.at, number, text, "-", "cyan", clean(one.text))
        for one in finding.related
        if is_within(one, finding)
    ]
    return [mark for mark in marks if mark is not None]


def _mark(
    at: Place, number: int, text: str, character: str, style: str, label: str
) -> _Mark | None:
    """None for another line, and where the line was cut before the place."""
    if number != at.line or not 0 < at.col <= max(len(text), 1):
        return None
    one_line = max(at.line, at.end_line) == at.line
    end = at.end_col if one_line and at.end_col > at.col else len(text.rstrip()) + 1
    length = max(columns(clean(text[at.col - 1 : end - 1])), 1)
    return _Mark(columns(clean(text[: at.col - 1])), length, character, style, label)


def _shift(mark: _Mark, text: str, room: int) -> int:
    """Columns to leave out at the start of a long line so that its mark can be seen."""
    end = mark.start + mark.length
    if columns(clean(text)) <= room or end <= room:
        return 0
    return max(min(mark.start - 8, end - room + 1), 0)


def _source(text: str, shift: int, room: int) -> Line:
    whole = clean(text.rstrip())
    if shift:
        whole = "…" + whole[shift + 1 :]
    return [Span(cut(whole, room))]


def _underline(mark: _Mark, shift: int, room: int) -> list[Line]:
    gutter = Span(" " * GUTTER + " | ", _DIM)
    start = min(max(mark.start - shift, 0), room - 1)
    length = max(min(mark.length, room - start), 1)
    line: Line = [gutter, Span(" " * start), Span(mark.character * length, mark.style)]
    if not mark.label:
        return [line]
    if start + length + 1 + columns(mark.label) <= room:
        return [[*line, Span(f" {mark.label}", mark.style)]]
    indent = max(min(start, room - columns(mark.label)), 0)
    below: Line = [gutter, Span(" " * indent), Span(cut(mark.label, room - indent), mark.style)]
    return [line, below]
