"""Several audited projects side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.reports.lines import Line, Span, clean, columns
from mllint.reports.paint import paint
from mllint.reports.places import down
from mllint.review import PROFILES, SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mllint.reports import View
    from mllint.review import Report

_HEAD = ("project", *PROFILES, "grade", *(f"{name}s" for name in SEVERITIES), "hidden", "unread")


def table(reports: Sequence[tuple[str, Report]], view: View) -> str:
    """A row per project, in the order they were named."""
    rows = [_HEAD, *(_row(name, report) for name, report in reports)]
    wide = [max(columns(row[n]) for row in rows) for n in range(len(_HEAD))]
    lines: list[Line] = []
    for number, row in enumerate(rows):
        cells = [
            text.ljust(wide[n]) if n == 0 else text.rjust(wide[n]) for n, text in enumerate(row)
        ]
        lines.append([Span("  ".join(cells), "bold" if number == 0 else "")])
    said = "hidden: findings that the project's own settings would have hidden"
    return paint([*lines, [], [Span(said, "dim")]], view)


def _row(name: str, report: Report) -> tuple[str, ...]:
    scores = (report.scores[profile].value for profile in PROFILES)
    new = [finding.severity for finding in report.findings if finding.status == "new"]
    return (
        clean(name),
        *("n/a" if value is None else down(value) for value in scores),
        report.score.grade or "n/a",
        *(str(new.count(severity)) for severity in SEVERITIES),
        str(len(report.concealed)),
        str(len({problem.path for problem in report.problems})),
    )
