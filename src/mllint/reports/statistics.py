"""A line per rule in place of the findings: how many, of how many sites, at what price."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mllint.reports.lines import Line, Span, spread
from mllint.reports.places import SEVERITY_STYLES, count

if TYPE_CHECKING:
    from mllint.reports import View
    from mllint.review import Outcome, Report

_SLOWEST = 20
"""Rules without findings whose time is told, too."""
_LEAST = 0.001
"""Seconds that are worth a line."""


class _Row(NamedTuple):
    outcome: Outcome
    severity: str
    """"" of a rule without findings."""
    number: int
    points: float
    seconds: float


def table(report: Report, view: View) -> list[Line]:
    """The rules with findings, the dearest first; the slowest first where times are wanted."""
    rows = list(_rows(report))
    if view.times:
        rows.sort(key=lambda row: (-row.seconds, row.outcome.rule))
        told = [r for r in rows if r.number]
        quiet = [r for r in rows if not r.number and r.seconds >= _LEAST][:_SLOWEST]
        shown = [r for r in rows if r in told or r in quiet]
    else:
        rows.sort(key=lambda row: (-row.points, -row.number, row.outcome.rule))
        shown = [row for row in rows if row.number]
    if not shown:
        return []
    head = "findings    sites    points" + ("        ms" if view.times else "")
    lines: list[Line] = [spread([Span("Rule", "bold")], [Span(head)], view.width)]
    lines += [_line(row, report, view) for row in shown]
    if view.times:
        rest = [row for row in rows if row not in shown]
        left = [Span(f"{'':<7} {count(len(rest), 'other rule')}", "dim")]
        own = sum(row.seconds for row in rest)
        lines.append(spread(left, [Span(f"{own * 1000:.0f}")], view.width))
        whole = sum(report.seconds.values())
        note = f"{whole:.1f} s for all checks; what several share is told of the first that ran"
        lines.append([Span(note, "dim")])
    return lines


def _rows(report: Report) -> list[_Row]:
    lost = {line.rule: line.lost + line.booked for line in report.score.ledger}
    found = []
    for outcome in report.outcomes:
        new = [f for f in outcome.findings if f.status == "new"]
        severity = new[0].severity if new else ""
        points = lost.get(outcome.rule, 0.0) if new else 0.0
        seconds = report.seconds.get(outcome.rule, 0.0)
        found.append(_Row(outcome, severity, len(new), points, seconds))
    return found


def _line(row: _Row, report: Report, view: View) -> Line:
    style = SEVERITY_STYLES.get(row.severity, "")
    left = [Span(f"{row.severity:<7}", style), Span(f" {row.outcome.rule}")]
    price = f"{-row.points:.1f}" if row.points and report.run.complete else ""
    number = row.number or ""
    right = f"{number:>8} {row.outcome.sites or '':>8} {price:>9}"
    if view.times:
        right += f" {row.seconds * 1000:>9.0f}"
    return spread(left, [Span(right)], view.width)
