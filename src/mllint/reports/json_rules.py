"""The rules of the JSON report: outcome, points, evidence, and what a rule is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mllint.reports.catalogue import as_data
from mllint.reports.json_parts import location, rounded

if TYPE_CHECKING:
    from mllint.review import Evidence, Line, Outcome, Report, Rule

PIECES = 20
"""Pieces of evidence per rule."""
_TOLD = frozenset({"id", "category", "title", "confidence", "message"})
"""What stands beside the outcome, or is of no use to a report."""


def told(report: Report) -> list[dict[str, Any]]:
    """The rules with their outcomes, their points and what there is to say of them."""
    ledger = {line.rule: line for line in report.score.ledger}
    strict = report.strict.get(report.profile)
    bare = {line.rule: line for line in strict.ledger} if strict else {}
    return [
        _rule(outcome, ledger.get(outcome.rule), bare.get(outcome.rule), report)
        for outcome in report.outcomes
    ]


def _rule(outcome: Outcome, line: Line | None, bare: Line | None, report: Report) -> dict[str, Any]:
    rule = report.rules[outcome.rule]
    expected = None if line is None else not line.masked
    line = line if report.run.complete else None
    return {
        "id": rule.id,
        "category": rule.category,
        "title": rule.title,
        "outcome": outcome.verdict,
        "expected": expected,
        "severity": rule.severity[report.profile],
        "confidence": rule.confidence,
        "weight": None if line is None else rounded(line.weight),
        "points": None if line is None else rounded(line.points),
        "sites": outcome.sites,
        "bad": outcome.bad,
        "undecided": outcome.undecided,
        "share": rounded(outcome.share),
        "credit": None if line is None else rounded(line.credit),
        "lost": None if line is None else rounded(line.lost),
        "booked": None if line is None else rounded(line.booked),
        "strict": _strict(line, bare),
        "blockers": list(outcome.blockers),
        "reason": outcome.reason or None,
        "evidence": [_evidence(piece) for piece in outcome.evidence[:PIECES]],
        "traceback": outcome.traceback or None,
        "about": _about(rule),
    }


def _evidence(piece: Evidence) -> dict[str, Any]:
    return {
        "ok": piece.ok,
        "note": piece.note or None,
        "location": location(piece.at) if piece.at and piece.at.path else None,
    }


def _strict(line: Line | None, bare: Line | None) -> dict[str, Any] | None:
    """What a rule would earn without waivers, where that is something else."""
    if line is None or bare is None or (line.verdict, line.points, line.credit) == (
        bare.verdict, bare.points, bare.credit,
    ):  # fmt: skip
        return None
    return {
        "outcome": bare.verdict,
        "points": rounded(bare.points),
        "credit": rounded(bare.credit),
        "lost": rounded(bare.lost),
    }


def _about(rule: Rule) -> dict[str, Any]:
    """What does not change from run to run."""
    said = {name: value for name, value in as_data(rule).items() if name not in _TOLD}
    return {
        **said,
        "meta": rule.meta,
        "anchor": list(rule.anchor),
        "renamed_from": list(rule.renamed_from),
        "subject": rule.subject,
    }
