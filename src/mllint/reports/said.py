"""The score, the gate and the findings of a run, each in one line, for all formats alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.reports.places import count, down
from mllint.review import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mllint.review import Finding, Report

NO_SCORE = "only part of the project, or of the rules, was looked at"
NO_ML = "nothing here trains, evaluates or serves a model"


def headline(report: Report) -> str:
    """`74/100 (C)`, `n/a`, or `without a score` of a partial run."""
    if not report.run.complete:
        return "without a score"
    score = report.score
    if score.value is None:
        return "n/a"
    return f"{down(score.value)}/100 ({score.grade}{', provisional' * score.provisional})"


def shown(report: Report) -> tuple[Finding, ...]:
    """The findings that are neither known, waived nor hidden, the worst first."""
    return tuple(f for f in report.findings if f.status == "new")


def tally(report: Report) -> str:
    """`2 errors, 1 note` of the new findings; "" without any."""
    return counts(shown(report))


def counts(findings: Iterable[Finding]) -> str:
    """`2 errors, 1 note`."""
    found = list(findings)
    numbers = ((s, sum(f.severity == s for f in found)) for s in SEVERITIES)
    return ", ".join(count(number, severity) for severity, number in numbers if number)
