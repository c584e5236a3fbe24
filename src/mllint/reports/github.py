"""Workflow commands that GitHub Actions turns into annotations.

GitHub shows ten of each level and step: the ones that weigh most are written, and a last notice
says how many more there are. `summary` is what goes to the step summary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.reports import markdown
from mllint.reports.lines import clean
from mllint.reports.places import count
from mllint.reports.regions import advised, by_impact, region
from mllint.reports.said import headline, tally

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mllint.reports import View
    from mllint.review import Finding, Report

EACH = 10
"""Annotations of one level that GitHub shows of a step."""
SUMMARY = 1_000_000
"""Bytes of a step summary; GitHub takes 1 MiB of each step."""
_COMMANDS: Mapping[str, str] = {"error": "error", "warning": "warning", "note": "notice"}


def render(report: Report, view: View) -> str:
    """One command to a line."""
    del view
    findings = by_impact(report)
    written: list[Finding] = []
    for severity in _COMMANDS:
        # One notice is kept for the score.
        most = EACH - (severity == "note")
        written += [f for f in findings if f.severity == severity][:most]
    lines = [_annotation(finding, report) for finding in written]
    return "\n".join([*lines, _score(report, len(findings) - len(written))]) + "\n"


def summary(report: Report, view: View, room: int = SUMMARY) -> str:
    """The Markdown of the step summary, in at most that many bytes."""
    return markdown.within(report, view, room)


def _annotation(finding: Finding, report: Report) -> str:
    here = region(finding.at, report)
    properties = {"title": finding.rule, "file": here.path, "line": str(here.line)}
    if here.end_line > here.line or here.has_columns:
        properties["endLine"] = str(here.end_line)
    if here.has_columns and here.end_line == here.line:
        # Columns of a range of several lines are refused.
        properties |= {"col": str(here.col), "endColumn": str(here.end_col)}
    cost = f" Costs {finding.lost:.1f} of 100 points." if finding.lost >= 0.05 else ""
    text = f"{advised(finding)}{cost}\nExplain: mllint explain {finding.rule}"
    return command(_COMMANDS[finding.severity], properties, text)


def _score(report: Report, left: int) -> str:
    more = f" {count(left, 'more finding')} in the job summary." if left else ""
    verdict = "passed" if report.gate.passed else f"FAILED: {'; '.join(report.gate.reasons)}"
    text = f"{tally(report) or 'no new findings'}.{more} {verdict}"
    return command("notice", {"title": f"mllint {headline(report)}"}, clean(text))


def command(name: str, properties: Mapping[str, str], text: str) -> str:
    """A workflow command; whatever the text holds, it ends neither the line nor a property."""
    told = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {told}::{_data(text)}"


def _data(text: str) -> str:
    kept = "\n".join(clean(line) for line in text.split("\n"))
    return kept.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    value = clean(text).replace("%", "%25")
    return value.replace(":", "%3A").replace(",", "%2C")
