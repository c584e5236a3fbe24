"""The source lines of a finding as rows, with a rail that joins the places which it speaks of."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from mllint.reports.lines import clean
from mllint.reports.steps import CHAINS, Step, steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mllint.facts import Place
    from mllint.review import Finding

Rail: TypeAlias = Literal["", "first", "through", "last"]
"""How a row stands to the line down the left: beside none, at its start, on it, at its end."""


class Piece(NamedTuple):
    """A part of a source line."""

    text: str
    mark: str
    """own = the place of the finding, near = a related one, "" = neither."""


class Row(NamedTuple):
    """A source line, the head of another file, or a gap between lines."""

    kind: Literal["line", "file", "gap"]
    number: int = 0
    """Of the line; 0 where a place is a whole file."""
    pieces: tuple[Piece, ...] = ()
    steps: tuple[tuple[int, str], ...] = ()
    """1-based position in the chain, and what is said there; "" for the finding itself."""
    own: bool = False
    """Whether the finding stands here."""
    at: Place | None = None
    """The file, or notebook cell, whose lines follow."""
    rail: Rail = ""


_Spot: TypeAlias = "tuple[str, int]"


def is_chain(finding: Finding) -> bool:
    """Whether the order of its places means something."""
    return finding.category in CHAINS and len(steps(finding)) > 1


def rows(finding: Finding) -> list[Row]:
    """The rows from top to bottom; none for a finding about the whole repository."""
    found = [s for s in steps(finding) if not (s.own and finding.anchored)]
    numbered = list(enumerate(found, 1))
    spots = dict.fromkeys(_spot(s.at) for s in found)
    own = _spot(finding.at)
    lines: list[Row] = []
    for spot in spots:
        here = [(n, s) for n, s in numbered if _spot(s.at) == spot]
        if spot != own or (len(spots) > 1 and spot != next(iter(spots))):
            lines.append(Row("file", at=here[0][1].at))
        lines += _of_spot(here, finding.snippet if spot == own else ())
    if not any(row.pieces for row in lines) and len(found) < 2:
        return []
    return _railed(lines)


def _spot(at: Place) -> _Spot:
    return at.path, at.cell.index if at.cell else 0


def _of_spot(here: Sequence[tuple[int, Step]], snippet: Iterable[tuple[int, str]]) -> list[Row]:
    """The rows of one file or cell."""
    texts = {s.at.line: s.code for _, s in here if s.at.line and s.code} | dict(snippet)
    spoken = {s.at.line for _, s in here}
    numbers = sorted({*texts, *spoken})
    while numbers[0] not in spoken and not texts[numbers[0]].strip():
        del numbers[0]  # a blank line before the first place tells nothing
    margin = min((_indent(text) for text in texts.values() if text.strip()), default=0)
    lines: list[Row] = []
    last = numbers[0]
    for number in numbers:
        if number > last + 1 and last:
            lines.append(Row("gap"))
        last = number
        at = [(n, s) for n, s in here if s.at.line == number]
        own = any(s.own for _, s in at)
        if not number and own and len(at) == 1:
            continue
        said = tuple((n, "" if s.own else s.text) for n, s in at)
        pieces = _pieces(number, texts.get(number, ""), margin, [s for _, s in here])
        lines.append(Row("line", number, pieces, said, own=own))
    return lines


def _pieces(number: int, text: str, margin: int, found: Sequence[Step]) -> tuple[Piece, ...]:
    """The line without its margin, cut where the places begin and end."""
    text = text.rstrip()
    marks = [""] * len(text)
    for step in sorted(found, key=lambda s: s.own):  # the finding's own mark lies on top
        start, end = _extent(step.at, number, text)
        marks[start:end] = ["own" if step.own else "near"] * max(end - start, 0)
    cuts = [
        margin,
        *(n for n in range(margin + 1, len(text)) if marks[n] != marks[n - 1]),
        len(text),
    ]
    return tuple(Piece(clean(text[a:b]), marks[a]) for a, b in pairwise(cuts) if a < b)


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _extent(at: Place, number: int, text: str) -> tuple[int, int]:
    """Where a place begins and ends in a line, in 0-based code points; (0, 0) where it does not."""
    if not at.line or not at.col or not at.line <= number <= max(at.line, at.end_line):
        return 0, 0
    start = at.col - 1 if number == at.line else _indent(text)
    end = at.end_col - 1 if number == max(at.line, at.end_line) and at.end_col else len(text)
    return min(start, len(text)), max(min(end, len(text)), min(start, len(text)))


def _railed(lines: Sequence[Row]) -> list[Row]:
    """The rows with the line that joins the first place and the last."""
    touched = [n for n, row in enumerate(lines) if row.steps]
    if len(touched) < 2:
        return list(lines)
    first, last = touched[0], touched[-1]
    rails: list[Row] = []
    for n, row in enumerate(lines):
        rail: Rail = "through" if first < n < last else ""
        rail = "first" if n == first else "last" if n == last else rail
        rails.append(row._replace(rail=rail))
    return rails
