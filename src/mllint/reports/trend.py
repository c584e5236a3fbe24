"""The scores of several commits: a table with a small chart, JSON, Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mllint.reports.json import dumped
from mllint.reports.json_parts import rounded
from mllint.reports.lines import Line, Span, clean, columns, cut
from mllint.reports.markup import code, table, text
from mllint.reports.paint import paint
from mllint.reports.places import count, down
from mllint.review import PROFILES, SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mllint.reports import View
    from mllint.review import Report

BARS = "▁▂▃▄▅▆▇█"
_ASCII = "_.-=+*#@"
_GRADES = {"A": "green", "B": "green", "C": "yellow", "D": "red", "E": "red"}
_CELLS = 20


class Point(NamedTuple):
    """A commit and what it scored."""

    commit: str
    day: str
    name: str
    report: Report


def as_text(points: Sequence[Point], view: View) -> str:
    """The table, the oldest first, with a bar for each score and a line of them all below."""
    lines: list[Line] = [[Span(_head(points), "bold")]]
    before: float | None = None
    for point in points:
        lines.append(_row(point, before, view))
        value = _value(point)
        before = value if value is not None else before
    values = [value for point in points if (value := _value(point)) is not None]
    if len(values) > 1:
        spark = "".join(_bar(v, values, view) for v in values)
        range_ = f"  {down(min(values), 1)} to {down(max(values), 1)}"
        lines += [[], [Span(spark, "cyan"), Span(range_, "dim")]]
    return paint(lines, view)


def _head(points: Sequence[Point]) -> str:
    profile = points[-1].report.profile if points else ""
    return f"Score at profile {profile}, under today's configuration and rules"


def _row(point: Point, before: float | None, view: View) -> Line:
    value, report = _value(point), point.report
    grade = report.score.grade
    shown = "   n/a" if value is None else f"{down(value, 1):>6}"
    change = "" if value is None or before is None else _change(value - before)
    filled = int(_CELLS * value / 100 + 1e-9) if value is not None else 0
    left: Line = [
        Span(f"{point.day:<10}  {point.commit[:7]}  ", "dim"),
        Span(shown),
        Span(f" {grade:<3}", _GRADES.get(grade, "")),
        Span(f" {change:>6}  "),
        Span("█" * filled),
        Span("░" * (_CELLS - filled), "dim"),
    ]
    used = sum(columns(span.text) for span in left)
    return [*left, Span(f"  {cut(clean(point.name), max(view.width - used - 2, 8))}")]


def _change(points: float) -> str:
    return f"{points:+.1f}" if abs(points) >= 0.05 else "="


def _bar(value: float, values: Sequence[float], view: View) -> str:
    """A bar as high as the value lies between the least and the most of them."""
    bars = BARS if view.unicode else _ASCII
    least, most = min(values), max(values)
    share = (value - least) / (most - least) if most - least >= 0.05 else 1.0
    return bars[min(int(share * len(bars)), len(bars) - 1)]


def as_json(points: Sequence[Point], view: View) -> str:
    """The points, the oldest first."""
    del view
    told = {
        "schema": "mllint-trend-1",
        "version": 1,
        "points": [
            {
                "commit": point.commit,
                "day": point.day,
                "name": point.name,
                "score": rounded(_value(point)),
                "grade": point.report.score.grade,
                "by_profile": {
                    p: rounded(point.report.scores[p].value)
                    for p in PROFILES
                    if p in point.report.scores
                },
                "findings": _findings(point),
            }
            for point in points
        ],
    }
    return dumped(told)


def as_markdown(points: Sequence[Point], view: View) -> str:
    """The table, the newest first."""
    del view
    rows = []
    for older, point in reversed(list(zip([None, *points], points, strict=False))):
        value, before = _value(point), _value(older) if older else None
        change = "" if value is None or before is None else _change(value - before)
        score = "n/a" if value is None else down(value, 1)
        found = _findings(point)
        told = ", ".join(count(number, name) for name, number in found.items() if number) or "none"
        rows.append(
            (point.day, code(point.commit[:7]), score, point.report.score.grade, change, told,
             text(point.name))
        )  # fmt: skip
    head = ("Day", "Commit", "Score:", "Grade", "Change:", "Findings", "")
    return "\n".join([f"# {_head(points)}", "", *table(head, rows)]) + "\n"


def _findings(point: Point) -> Mapping[str, int]:
    live = [f for f in point.report.findings if f.status in {"new", "baselined"}]
    return {severity: sum(f.severity == severity for f in live) for severity in SEVERITIES}


def _value(point: Point) -> float | None:
    return point.report.score.value
