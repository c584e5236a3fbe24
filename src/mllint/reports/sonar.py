"""SonarQube's generic issues, in the form of version 10.3 and later.

Columns are 0-based there. Source: "Generic formatted reports" of SonarQube's documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mllint.reports.json import dumped
from mllint.reports.lines import clean
from mllint.reports.regions import advised, by_impact, region

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mllint.facts import Place
    from mllint.reports import View
    from mllint.review import Finding, Report, Rule

ENGINE = "mllint"
_SEVERITIES: Mapping[str, str] = {"error": "HIGH", "warning": "MEDIUM", "note": "LOW"}


class _Quality(NamedTuple):
    """What a category is called in Sonar's taxonomy."""

    attribute: str
    quality: str


_QUALITIES: Mapping[str, _Quality] = {
    "splits": _Quality("LOGICAL", "RELIABILITY"),
    "training": _Quality("LOGICAL", "RELIABILITY"),
    "reproducibility": _Quality("COMPLETE", "RELIABILITY"),
    "versioning": _Quality("COMPLETE", "RELIABILITY"),
    "data": _Quality("COMPLETE", "RELIABILITY"),
    "monitoring": _Quality("COMPLETE", "RELIABILITY"),
    "tests": _Quality("TESTED", "MAINTAINABILITY"),
    "ci": _Quality("TESTED", "MAINTAINABILITY"),
    "security": _Quality("TRUSTWORTHY", "SECURITY"),
    "responsibility": _Quality("RESPECTFUL", "RELIABILITY"),
    "containers": _Quality("MODULAR", "MAINTAINABILITY"),
    "deployment": _Quality("MODULAR", "MAINTAINABILITY"),
    "notebooks": _Quality("CLEAR", "MAINTAINABILITY"),
    "code": _Quality("CLEAR", "MAINTAINABILITY"),
    "docs": _Quality("CLEAR", "MAINTAINABILITY"),
}
_OTHER = _Quality("CONVENTIONAL", "MAINTAINABILITY")


def render(report: Report, view: View) -> str:
    """The rules with findings, and the findings."""
    del view
    findings = by_impact(report)
    used = sorted({finding.rule for finding in findings})
    rules = [_rule(report.rules[name], report) for name in used]
    return dumped({"rules": rules, "issues": [_issue(f, report) for f in findings]})


def _rule(rule: Rule, report: Report) -> dict[str, Any]:
    found = _QUALITIES.get(rule.category, _OTHER)
    why = " ".join(clean(line) for line in rule.why.split("\n") if line.strip())
    return {
        "id": rule.id,
        "name": clean(rule.title),
        "description": why or clean(rule.title),
        "engineId": ENGINE,
        "cleanCodeAttribute": found.attribute,
        "impacts": [
            {
                "softwareQuality": found.quality,
                "severity": _SEVERITIES[rule.severity[report.profile]],
            }
        ],
    }


def _issue(finding: Finding, report: Report) -> dict[str, Any]:
    issue: dict[str, Any] = {
        "ruleId": finding.rule,
        "effortMinutes": finding.effort,
        "primaryLocation": _location(finding.at, advised(finding), report),
    }
    related = [r for r in finding.related if r.at.path]
    if related:
        issue["secondaryLocations"] = [
            _location(r.at, clean(r.text) or "here", report) for r in related
        ]
    return issue


def _location(at: Place, message: str, report: Report) -> dict[str, Any]:
    here = region(at, report)
    text_range = {"startLine": here.line, "endLine": here.end_line}
    if here.has_columns:
        text_range |= {"startColumn": here.col - 1, "endColumn": here.end_col - 1}
    return {"message": message, "filePath": here.path, "textRange": text_range}
