"""The scores of the JSON report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mllint.reports.json_parts import rounded

if TYPE_CHECKING:
    from mllint.review import Report, Score


def told(report: Report) -> dict[str, Any]:
    """The score of the chosen profile, those of all profiles, and what to fix first."""
    score = report.score
    return {
        "value": rounded(score.value),
        "strict": rounded(report.strict.get(report.profile, score).value),
        "grade": score.grade,
        "capped_by": list(score.capped_by),
        "provisional": score.provisional,
        "by_profile": {name: rounded(one.value) for name, one in report.scores.items()},
        "strict_by_profile": {
            name: rounded(report.strict.get(name, one).value) for name, one in report.scores.items()
        },
        "evidence": _evidence_counts(score),
        "categories": _categories(score),
        "profiles": {
            name: {
                "value": rounded(one.value),
                "grade": one.grade,
                "capped_by": list(one.capped_by),
                "provisional": one.provisional,
                "evidence": _evidence_counts(one),
                "categories": _categories(one),
            }
            for name, one in report.scores.items()
        },
        "fix_first": [
            {
                "rule": fix.rule,
                "findings": list(fix.findings),
                "where": fix.where,
                "gain": rounded(fix.gain),
                "effort_min": fix.effort,
                "blocks_gate": fix.blocks_gate,
            }
            for fix in report.fix_first
        ],
    }


def _evidence_counts(score: Score) -> dict[str, Any]:
    return {
        "judged": score.judged,
        "not_applicable": score.not_applicable,
        "unknown": score.unknown,
        "blocked": score.blocked,
        "crashed": score.crashed,
        "judged_weight": rounded(score.judged_weight),
    }


def _categories(score: Score) -> list[dict[str, Any]]:
    return [
        {"id": c.id, "title": c.title, "max": rounded(c.max), "earned": rounded(c.earned)}
        for c in score.categories
    ]
