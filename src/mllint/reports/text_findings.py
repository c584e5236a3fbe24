"""The findings of the text report: grouped by rule, with snippets, carets and remedies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.reports.lines import Line, Span, clean, columns, cut_start, fits, indented, spread
from mllint.reports.places import SEVERITY_STYLES, count, linked, place, points, where
from mllint.reports.snippets import GUTTER, is_within, snippet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.reports import View
    from mllint.review import Finding, Related, Report

EACH = 3
"""Findings of one rule shown in full, unless all are wanted."""
_PRICE = 14
"""Columns kept free at the right of a paragraph for the points."""
RELATED = 3
"""Related places listed with a finding, unless all are wanted."""
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
        yield one_line(finding, report)
    if view.max_findings and len(findings) > view.max_findings:
        left = len(findings) - view.max_findings
        text = f"... {count(left, 'more finding')} (mllint check --max-findings 0)"
        yield [Span(text, _DIM)]


def one_line(finding: Finding, report: Report) -> Line:
    """`train.py:12:5: error unseeded-split: ...`."""
    return [
        linked(where(finding), finding.at, report),
        Span(": "),
        Span(finding.severity, SEVERITY_STYLES[finding.severity]),
        Span(f" {finding.rule}: {clean(finding.message)}"),
    ]


def block(finding: Finding, report: Report, view: View, *, remedy: bool) -> list[Line]:
    """One finding in full."""
    lines = [*_head(finding, report, view), *snippet(finding, view.width)]
    others = [r for r in finding.related if not is_within(r, finding)]
    # One left over is no longer than the line that would stand for it.
    kept = others if len(others) <= RELATED + 1 or not view.max_findings else others[:RELATED]
    lines += [_elsewhere(r, report, view) for r in kept]
    if len(kept) < len(others):
        lines.append([Span(f"{' ' * GUTTER} = ... and {len(others) - len(kept)} more", _DIM)])
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


def _elsewhere(related: Related, report: Report, view: View) -> Line:
    said = clean(related.text)
    room = max(view.width - GUTTER - 5 - columns(said), 20)
    at = linked(cut_start(place(related.at), room), related.at, report, "cyan")
    return [Span(" " * GUTTER + " = ", _DIM), at, Span(f": {said}" if said else "")]


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
