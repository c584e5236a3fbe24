"""The rules of a SARIF log: texts within GitHub's limits, and the properties that it sorts by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mllint.reports.explain import rule_page
from mllint.reports.lines import clean
from mllint.reports.page import as_markdown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mllint.review import Report, Rule

NAME = 255
"""Characters of a name that GitHub takes."""
DESCRIPTION = 1024
TAGS = 10
"""Tags that GitHub keeps of a rule."""
_PROBLEM: Mapping[str, str] = {"error": "error", "warning": "warning", "note": "recommendation"}
_SECURITY: Mapping[str, str] = {"error": "8.0", "warning": "5.5", "note": "2.0"}
"""High, medium and low on GitHub's scale from 0 to 10."""


def judged(report: Report) -> list[Rule]:
    """The rules that were judged or have findings, by id."""
    return sorted(
        (
            report.rules[o.rule]
            for o in report.outcomes
            if o.rule in report.rules and (o.verdict in {"pass", "fail"} or o.findings)
        ),
        key=lambda rule: rule.id,
    )


def descriptor(rule: Rule, report: Report) -> dict[str, Any]:
    """A rule with its help, in words and in Markdown."""
    severity = rule.severity[report.profile]
    page = rule_page(
        rule,
        report.categories.get(rule.category),
        profile=report.profile,
        sources=(),
        report=None,
    )
    return {
        "id": rule.id,
        "name": _cut(rule.title, NAME),
        "shortDescription": {"text": _cut(rule.title, DESCRIPTION)},
        "fullDescription": {"text": _cut(_joined(rule.why) or rule.title, DESCRIPTION)},
        "help": {"text": _help(rule), "markdown": as_markdown(page)},
        "defaultConfiguration": {"level": severity},
        "properties": _properties(rule, severity),
    }


def _properties(rule: Rule, severity: str) -> dict[str, Any]:
    security = rule.category == "security"
    tags = [rule.category, f"profile-{rule.profile}", *rule.tags]
    properties: dict[str, Any] = {
        "precision": rule.confidence,
        "problem.severity": _PROBLEM[severity],
        "tags": list(dict.fromkeys(tags))[:TAGS],
    }
    if security:
        properties["security-severity"] = _SECURITY[severity]
    return properties


def _help(rule: Rule) -> str:
    parts = [
        rule.title,
        _joined(rule.why),
        f"Fix: {_joined(rule.remedy)} About {rule.effort} of work.",
        f"Known limits: {_joined(rule.limits)}" if rule.limits.strip() else "",
        f"More: mllint explain {rule.id}",
    ]
    return "\n\n".join(part for part in parts if part)


def _joined(text: str) -> str:
    return " ".join(clean(line) for line in text.split("\n") if line.strip())


def _cut(text: str, length: int) -> str:
    line = clean(text.strip()) or "-"
    return line if len(line) <= length else f"{line[: length - 1]}…"
