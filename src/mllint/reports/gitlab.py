"""GitLab's code quality report: the findings of one branch, which GitLab compares with another's.

Source: "Code Quality report format" of GitLab's documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mllint.reports.json import dumped
from mllint.reports.regions import advised, by_impact, region

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mllint.reports import View
    from mllint.review import Finding, Report

_SEVERITIES: Mapping[str, str] = {"error": "major", "warning": "minor", "note": "info"}


def render(report: Report, view: View) -> str:
    """One issue for each finding."""
    del view
    return dumped([_issue(finding, report) for finding in by_impact(report)])


def _issue(finding: Finding, report: Report) -> dict[str, Any]:
    here = region(finding.at, report)
    capped = report.run.complete and finding.rule in report.score.capped_by
    return {
        # GitLab does not show the name of the check.
        "description": f"{finding.rule}: {advised(finding)}",
        "check_name": finding.rule,
        "fingerprint": finding.id,
        "severity": "critical" if capped else _SEVERITIES[finding.severity],
        "location": {"path": here.path, "lines": {"begin": here.line, "end": here.end_line}},
    }
