"""A comparison of two reports as JSON, version 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mllint.reports.compared import shares
from mllint.reports.json import dumped, finding_data
from mllint.reports.json_parts import rounded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mllint.comparison import Change, Comparison
    from mllint.reports import View
    from mllint.review import Finding, Report

SCHEMA = "mllint-comparison-1"


def render(compared: Comparison, view: View) -> str:
    """Everything that the comparison says."""
    del view
    old, new = compared.old, compared.new
    return dumped(
        {
            "schema": SCHEMA,
            "version": 1,
            "old": _side(old, compared.old_name),
            "new": _side(new, compared.new_name),
            "delta": rounded(compared.delta),
            "shares": {share.name: rounded(share.points) for share in shares(compared)},
            "parts": {part.name: rounded(part.points) for part in compared.parts},
            "found": _findings(compared.found, new),
            "appeared": _findings(compared.appeared, new),
            "mended": _findings(compared.mended, old),
            "gone": _findings(compared.gone, old),
            "waived": _findings(compared.waived, new),
            "not_judged": _changes(compared.not_judged),
            "newly_judged": _changes(compared.newly_judged),
            "notes": list(compared.notes),
        }
    )


def _side(report: Report, name: str) -> dict[str, Any]:
    run = report.run
    return {
        "name": name or None,
        "commit": run.commit or None,
        "profile": report.profile,
        "ruleset": run.ruleset,
        "version": run.version,
        "config_hash": run.config_hash,
        "score": rounded(report.score.value) if run.complete else None,
        "strict": rounded(report.strict.get(report.profile, report.score).value)
        if run.complete
        else None,
        "grade": report.score.grade if run.complete else None,
    }


def _findings(findings: Iterable[Finding], report: Report) -> list[dict[str, Any]]:
    return [finding_data(finding, report) for finding in findings]


def _changes(changes: Iterable[Change]) -> list[dict[str, Any]]:
    return [
        {"rule": one.rule, "old": one.old, "new": one.new, "reason": one.reason or None}
        for one in changes
    ]
