"""The score block of the text report: number, grade, bars, what was judged, what to fix first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.reports.lines import (
    Line,
    Span,
    clean,
    columns,
    cut,
    cut_start,
    fits,
    listed,
    span_columns,
    spread,
)
from mllint.reports.places import count, down, duration, where
from mllint.review import PROFILES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.reports import View
    from mllint.review import Fix, Report, Score

CELLS = 20
"""Cells of a bar."""
_STYLES = {
    "A": "bold green",
    "B": "bold green",
    "C": "bold yellow",
    "D": "bold red",
    "E": "bold red",
}


def headline(report: Report, view: View) -> list[Line]:
    """The score with its grade, and the scores of all profiles; on two lines where narrow."""
    score = report.score
    if score.value is None:
        why = "nothing here trains, evaluates or serves a model"
        return [[Span("Score n/a", "bold"), Span(f"  {why}")]]
    left = [Span("Score ", "bold"), Span(down(score.value), "bold"), Span(" / 100")]
    left.append(Span(f"  {score.grade}", _STYLES.get(score.grade, "bold")))
    if score.provisional:
        left.append(Span("  provisional"))
    if bare := without_waivers(report):
        left.append(Span(f"  ({bare})", "dim"))
    right = _profiles(report)
    if fits(left, right, view.width):
        return [spread(left, right, view.width)]
    return [left, [Span("  "), *right]]


def without_waivers(report: Report) -> str:
    """What the score were without waivers, in words; "" where it is no other."""
    strict = report.strict.get(report.profile)
    if strict is None or strict.value is None or report.score.value is None:
        return ""
    bare, value = down(strict.value), down(report.score.value)
    if bare != value:
        return f"{bare} without waivers"
    # Where both round to the same number, a digit more tells them apart.
    bare, value = down(strict.value, 1), down(report.score.value, 1)
    return f"{bare} without waivers, {value} with them" if bare != value else ""


def block(report: Report, view: View) -> list[Line]:
    """The whole score block."""
    score = report.score
    if score.value is None:
        return headline(report, view)
    parts = [c for c in score.categories if c.max > 0]
    lines = headline(report, view)
    wide = max((columns(c.title) for c in parts), default=0)
    wide = min(wide, view.width - CELLS - 24)
    for part in parts:
        filled = int(CELLS * part.earned / part.max + 1e-9)
        title = cut(part.title, wide)
        lines.append(
            [
                Span(f"  {title}{' ' * (wide - columns(title))}  "),
                Span(f"{down(part.earned, 1):>5} / {down(part.max, 1):>4}   "),
                Span("█" * filled, "green" if filled == CELLS else ""),
                Span("░" * (CELLS - filled), "dim"),
            ]
        )
    return [*lines, *listed(judged(score), view.width, 2)]


def judged(score: Score) -> list[str]:
    """`46 of 52 rules judged`, `5 not applicable`, `1 unknown`, `grade capped by ...`."""
    others = score.not_applicable + score.unknown + score.crashed
    blocked = f" ({score.blocked} blocked)" if score.blocked else ""
    parts = [f"{score.judged} of {count(score.judged + others, 'rule')} judged{blocked}"]
    counted = (
        (score.not_applicable, "not applicable"),
        (score.unknown, "unknown"),
        (score.crashed, "crashed"),
    )
    parts += [f"{number} {name}" for number, name in counted if number]
    if score.provisional:
        parts.append(f"provisional: {score.judged_weight:.0%} of the weight could be judged")
    if score.capped_by:
        parts.append(f"grade capped by {', '.join(score.capped_by)}")
    return parts


def fix_first(report: Report, view: View) -> list[Line]:
    """The table of what to fix first; empty where there is nothing."""
    fixes = report.fix_first[: view.top]
    if not fixes:
        return []
    rule = max(columns(f.rule) for f in fixes)
    places = [fix_place(fix, report) for fix in fixes]
    wanted = max(map(columns, places))
    tails = [_tail(fix) for fix in fixes]
    if view.width - rule - max(map(span_columns, tails)) - 9 < wanted:
        tails = [_tail(fix, blocks="gate") for fix in fixes]
    tail = max(map(span_columns, tails))
    place = min(wanted, view.width - rule - tail - 9)
    lines = []
    for number, (fix, at, right) in enumerate(zip(fixes, places, tails, strict=True), 1):
        left = [Span(f"{number:>3}  "), Span(fix.rule, "bold")]
        if place >= 12:
            left.append(Span(" " * (rule - columns(fix.rule) + 2)))
            shown = cut_start(at, place)
            left.append(Span(shown + " " * (place - columns(shown)), "cyan"))
        lines.append(spread(left, [*right, Span(" " * (tail - span_columns(right)))], view.width))
    head = [Span("gain  effort"), Span(" " * (tail - columns("  gain  effort")))]
    return [spread([Span("Fix first", "bold")], head, view.width), *lines]


def _tail(fix: Fix, blocks: str = "blocks the gate") -> Line:
    gain = f"{fix.gain:+.1f}" if fix.gain >= 0.05 else "+<.1" if fix.gain > 0 else ""
    line = [Span(f"{gain:>6}"), Span(f"  {duration(fix.effort):<6}")]
    return [*line, Span(f"  {blocks}", "red")] if fix.blocks_gate else line


def fix_place(fix: Fix, report: Report) -> str:
    """The place of the one finding, in the words of the findings above; or how many there are."""
    if len(fix.findings) == 1:
        found = next((f for f in report.findings if f.id == fix.findings[0]), None)
        if found is not None:
            return where(found)
    return clean(fix.where) or "repository"


def _value(value: float | None) -> str:
    return "n/a" if value is None else down(value)


def _profiles(report: Report) -> Line:
    return list(_joined(report))


def _joined(report: Report) -> Iterator[Span]:
    known = [p for p in PROFILES if p in report.scores]
    for n, profile in enumerate(known):
        if n:
            yield Span(" · ", "dim")
        style = "bold" if profile == report.profile else ""
        yield Span(f"{profile} {_value(report.scores[profile].value)}", style)
