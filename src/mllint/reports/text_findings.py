"""The findings of the text report: grouped by rule, with snippets, carets and remedies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.reports.lines import Line, Span, clean, columns, cut, cut_start, fits, indented, spread
from mllint.reports.places import SEVERITY_STYLES, count, linked, place, points, where

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Place
    from mllint.reports import View
    from mllint.review import Finding, Report

EACH = 3
"""Findings of one rule shown in full, unless all are wanted."""
_GUTTER = 5
_PRICE = 14
"""Columns kept free at the right of a paragraph for the points."""
_INDENT = 3
_DIM = "dim"


def shown(report: Report) -> tuple[Finding, ...]:
    """The findings that are neither waived nor hidden."""
    return tuple(f for f in report.findings if f.status == "new")


def blocks(report: Report, view: View) -> Iterator[list[Line]]:
    """One block of lines per rule, the worst first, and a last one for what was left out."""
    groups: dict[str, list[Finding]] = {}
    for finding in shown(report):
        groups.setdefault(finding.rule, []).append(finding)
    room = view.max_findings
    cut_off = 0
    for findings in groups.values():
        if view.max_findings and room <= 0:
            cut_off += len(findings)
            continue
        # A single one left over is no longer than the line that would stand for it.
        full = findings if not view.max_findings or len(findings) <= EACH + 1 else findings[:EACH]
        if view.max_findings:
            full = full[:room]
        room -= len(full)
        yield _group(full, findings[len(full) :], report, view)
    if cut_off:
        text = f"... {count(cut_off, 'more finding')} (mllint check --max-findings 0)"
        yield [[Span(text, _DIM)]]


def brief(report: Report, view: View) -> Iterator[Line]:
    """A line per finding: `train.py:12:5: error unseeded-split: ...`."""
    findings = shown(report)
    for finding in findings[: view.max_findings or None]:
        yield [
            linked(where(finding), finding.at, report),
            Span(": "),
            Span(finding.severity, SEVERITY_STYLES[finding.severity]),
            Span(f" {finding.rule}: {clean(finding.message)}"),
        ]
    if view.max_findings and len(findings) > view.max_findings:
        left = len(findings) - view.max_findings
        text = f"... {count(left, 'more finding')} (mllint check --max-findings 0)"
        yield [Span(text, _DIM)]


def block(finding: Finding, report: Report, view: View, *, remedy: bool) -> list[Line]:
    """One finding in full."""
    lines = [*_head(finding, report, view), *snippet(finding, view.width)]
    lines += [_related(r.at, r.text, report, view) for r in finding.related]
    measure = view.width - _PRICE
    message = indented(clean(finding.message), measure, _INDENT)
    advice = f"Fix: {clean(finding.remedy)}"
    paragraph = indented(advice, measure, _INDENT, hang=5) if remedy and finding.remedy else []
    return _priced([*lines, *message, *paragraph], finding, view)


def _group(
    full: Sequence[Finding], rest: Sequence[Finding], report: Report, view: View
) -> list[Line]:
    lines: list[Line] = []
    same = len({f.remedy for f in full}) == 1
    for n, finding in enumerate(full):
        last = n == len(full) - 1
        lines += block(finding, report, view, remedy=last or not same)
        if not last:
            lines.append([])
    if rest:
        lines += _rest(rest, view)
    return lines


def _head(finding: Finding, report: Report, view: View) -> list[Line]:
    left = [
        Span(f"{finding.severity:<7}", SEVERITY_STYLES[finding.severity]),
        Span(" "),
        Span(finding.rule, "bold"),
    ]
    if finding.confidence == "low":
        left.append(Span("  low confidence", _DIM))
    text = cut_start(where(finding), view.width - _INDENT)
    right = [linked(text, finding.at, report, "cyan")]
    if fits(left, right, view.width):
        return [spread(left, right, view.width)]
    return [left, [Span(" " * _INDENT), *right]]


def _priced(lines: list[Line], finding: Finding, view: View) -> list[Line]:
    """The block with the points that it costs at the end of its last line."""
    price = [Span(points(finding.lost), "bold" if finding.severity == "error" else "")]
    if not price[0].text:
        return lines
    if fits(lines[-1], price, view.width):
        return [*lines[:-1], spread(lines[-1], price, view.width)]
    return [*lines, spread([], price, view.width)]


def snippet(finding: Finding, width: int) -> list[Line]:
    """The source lines behind a gutter, the place underlined."""
    lines: list[Line] = []
    room = width - _GUTTER - 3
    at = finding.at
    for number, text in finding.snippet:
        mark = _mark(at, number, text)
        shift = _shift(mark, text, room)
        lines.append([Span(f"{number:>{_GUTTER}} | ", _DIM), *_source(text, shift, room)])
        if mark:
            start, length = mark
            start -= shift
            length = max(min(length, room - start), 1)
            carets = Span("^" * length, SEVERITY_STYLES[finding.severity])
            lines.append([Span(" " * _GUTTER + " | ", _DIM), Span(" " * start), carets])
    return lines


def _mark(at: Place, number: int, text: str) -> tuple[int, int] | None:
    """First column (0-based, as displayed) and length of the underline of a line."""
    last = max(at.line, at.end_line)
    if number != at.line or not at.col:
        return None
    end = at.end_col if last == at.line and at.end_col > at.col else len(text.rstrip()) + 1
    start = columns(clean(text[: at.col - 1]))
    return start, max(columns(clean(text[at.col - 1 : end - 1])), 1)


def _shift(mark: tuple[int, int] | None, text: str, room: int) -> int:
    """Columns to leave out at the start of a long line so that its mark can be seen."""
    if mark is None or columns(clean(text)) <= room or sum(mark) <= room:
        return 0
    return max(min(mark[0] - 8, mark[0] + mark[1] - room + 1), 0)


def _source(text: str, shift: int, room: int) -> Line:
    whole = clean(text.rstrip())
    if shift:
        whole = "…" + whole[shift + 1 :]
    return [Span(cut(whole, room))]


def _related(at: Place, text: str, report: Report, view: View) -> Line:
    said = clean(text)
    shown_place = cut_start(place(at), max(view.width - _GUTTER - 3 - columns(said) - 2, 20))
    head = [Span(" " * _GUTTER + " = ", _DIM), linked(shown_place, at, report, "cyan")]
    return [*head, Span(f": {said}" if said else "")]


def _rest(rest: Sequence[Finding], view: View) -> list[Line]:
    """`... and 37 more of a rule in 4 files`, with what they cost together."""
    files = len({f.at.path for f in rest})
    text = f"... and {len(rest)} more of {rest[0].rule} in {count(files, 'file')}"
    left = [Span(" " * _INDENT), Span(text, _DIM)]
    price = [Span(points(sum(f.lost for f in rest)))]
    if not price[0].text:
        return [left]
    if fits(left, price, view.width):
        return [spread(left, price, view.width)]
    return [left, spread([], price, view.width)]
