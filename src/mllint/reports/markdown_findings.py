"""Findings in Markdown: a line each, or all of a rule with their source lines."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from mllint.reports.lines import clean
from mllint.reports.markup import code, folded, link, text
from mllint.reports.places import count, place, points, where
from mllint.reports.regions import region
from mllint.reports.snippets import is_within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mllint.facts import Place
    from mllint.reports import View
    from mllint.review import Finding, Report

FULL = 3
"""Findings of a rule that show their source lines."""
OPEN = 10
"""Findings of a rule that are listed before the rest is folded away."""
RELATED = 3


def block(findings: Sequence[Finding], report: Report, view: View) -> list[str]:
    """The findings of one rule."""
    first = findings[0]
    rule = report.rules[first.rule]
    lost = points(sum(f.lost for f in findings))
    head = [first.severity, count(len(findings), "finding"), *([lost] if lost else [])]
    lines = [f"### {code(first.rule)}", "", f"*{' · '.join(head)}*: {text(rule.title)}", ""]
    for number, finding in enumerate(findings[:OPEN]):
        lines.append(f"- {entry(finding, report, view)}")
        full = number < FULL
        others = [r for r in finding.related if not (full and is_within(r, finding))]
        lines += [f"  - {_related(r.at, r.text, report, view)}" for r in others[:RELATED]]
        if full:
            lines += _snippet(finding)
    rest = [f"- {entry(f, report, view)}" for f in findings[OPEN:]]
    if rest:
        lines += ["", *folded(f"{len(rest)} more", rest)]
    remedies = dict.fromkeys(f.remedy for f in findings if f.remedy)
    fixes = [f"**Fix**: {text(remedy)}" for remedy in list(remedies)[:FULL]]
    return [*lines, "", *(line for fix in fixes for line in (fix, ""))]


def entry(finding: Finding, report: Report, view: View) -> str:
    """A finding in one line: where, and what."""
    unsure = "" if finding.confidence == "high" else f" ({finding.confidence} confidence)"
    return f"{spot(finding, report, view)}: {text(finding.message)}{unsure}"


def spot(finding: Finding, report: Report, view: View) -> str:
    """The place of a finding, as a link where the host of the repository is known."""
    if finding.anchored:
        return where(finding)
    return link(code(where(finding)), target(finding.at, report, view))


def target(at: Place, report: Report, view: View) -> str:
    """The URL of a place on the host of the repository; "" where that is not known."""
    if not view.blobs or not at.path:
        return ""
    here = region(at, report)
    line = f"#L{here.line}" if at.line else ""
    return f"{view.blobs}{quote(here.path.encode('utf-8', 'surrogatepass'))}{line}"


def _related(at: Place, said: str, report: Report, view: View) -> str:
    shown = link(code(place(at)), target(at, report, view))
    return f"{shown}: {text(said)}" if said else shown


def _snippet(finding: Finding) -> list[str]:
    """The source lines behind their numbers, indented so that they belong to the entry."""
    if not finding.snippet:
        return []
    labels = {r.at.line: clean(r.text) for r in finding.related if is_within(r, finding)}
    lines = []
    for number, line in finding.snippet:
        said = f"  <- {labels[number]}" if labels.get(number) else ""
        lines.append(f"{number:>5} | {clean(line.rstrip())}{said}")
    fence = "```"
    while any(fence in line for line in lines):
        fence += "`"
    return ["", *(f"  {line}" for line in (f"{fence}text", *lines, fence)), ""]
