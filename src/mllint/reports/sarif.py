"""SARIF 2.1.0, within what GitHub code scanning takes: see `sarif_rules` for the rules.

Findings of other tools are left out: those tools have their own files. What is waived or known is
left out too, unless asked for, since GitHub opens alerts for suppressed results.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mllint.reports import sarif_rules
from mllint.reports.json import dumped
from mllint.reports.lines import clean
from mllint.reports.regions import advised, by_impact, cell_of, in_repository, region
from mllint.reports.steps import CHAINS, RELATED, steps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mllint.facts import Place, Problem
    from mllint.reports import View
    from mllint.review import Finding, Report

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
MOST = 5_000
"""Results that GitHub shows of one run."""
_SUPPRESSED = frozenset({"waived", "baselined"})


def render(report: Report, view: View) -> str:
    """The log of one run."""
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report, view)]}
    return dumped(log)


def _run(report: Report, view: View) -> dict[str, Any]:
    rules = sarif_rules.judged(report)
    index = {rule.id: n for n, rule in enumerate(rules)}
    findings = list(by_impact(report))
    if view.suppressed:
        findings += [f for f in report.findings if f.status in _SUPPRESSED]
    results = [_result(f, index[f.rule], report, view) for f in findings[:MOST]]
    return {
        "tool": {
            "driver": {
                "name": "mllint",
                "semanticVersion": report.run.version,
                "rules": [sarif_rules.descriptor(rule, report) for rule in rules],
            }
        },
        "automationDetails": {"id": f"mllint/{quote(report.run.inside)}/".replace("//", "/")},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report, len(findings))],
        "results": results,
        "properties": {"mllint": _summary(report)},
    }


def _invocation(report: Report, found: int) -> dict[str, Any]:
    told = [_notification(problem, report) for problem in report.problems]
    told += [{"level": "warning", "message": {"text": clean(n)}} for n in report.run.notices]
    crashed = [o for o in report.outcomes if o.verdict == "crashed"]
    told += [
        {"level": "error", "message": {"text": clean(f"rule {o.rule} crashed: {o.reason}")}}
        for o in crashed
    ]
    if found > MOST:
        text = (
            f"{found - MOST:,} results that weigh less are left out: code scanning shows {MOST:,}"
        )
        told.append({"level": "warning", "message": {"text": text}})
    return {
        "executionSuccessful": not crashed,
        "exitCode": report.gate.exit_code,
        "toolExecutionNotifications": told,
    }


def _notification(problem: Problem, report: Report) -> dict[str, Any]:
    where = in_repository(problem.path, report)
    place: dict[str, Any] = {"artifactLocation": {"uri": uri(where)}}
    if problem.line and not problem.cell:
        place["region"] = {"startLine": problem.line}
    note: dict[str, Any] = {
        "level": "warning",
        "message": {"text": clean(f"not read: {problem.text}")},
    }
    if problem.path:
        note["locations"] = [{"physicalLocation": place}]
    return note


def _summary(report: Report) -> dict[str, Any]:
    score = report.score if report.run.complete else None
    return {
        "profile": report.profile,
        "ruleset": report.run.ruleset,
        "score": None if score is None or score.value is None else round(score.value, 6),
        "grade": score.grade if score else None,
        "passed": report.gate.passed,
        "reasons": [clean(reason) for reason in report.gate.reasons],
    }


def _result(finding: Finding, index: int, report: Report, view: View) -> dict[str, Any]:
    related = [r for r in finding.related if r.at.path][:RELATED]
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.severity,
        "message": {"text": _message(finding, len(related))},
        "locations": [_location(finding.at, report, finding)],
        "partialFingerprints": _fingerprints(finding),
        "properties": {
            "confidence": finding.confidence,
            "effortMinutes": finding.effort,
            "points": round(finding.lost, 6) if report.run.complete else None,
        },
    }
    if related:
        result["relatedLocations"] = [
            {**_location(one.at, report), "id": n, "message": {"text": clean(one.text) or "here"}}
            for n, one in enumerate(related, 1)
        ]
        if finding.category in CHAINS:
            result["codeFlows"] = [_flow(finding, report)]
    if view.suppressed:
        result |= _suppression(finding)
    return result


def _message(finding: Finding, related: int) -> str:
    """What it says and how to mend it, with links to the related places."""
    text = _unlinked(advised(finding))
    names = [_bracketed(clean(r.text) or "here") for r in finding.related if r.at.path]
    links = ", ".join(f"[{names[n]}]({n + 1})" for n in range(min(related, 3)))
    return f"{text} See: {links}." if links else text


def _unlinked(text: str) -> str:
    """The text without what a viewer would take for an embedded link."""
    return text.replace("](", "]\\(")


def _bracketed(text: str) -> str:
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _location(at: Place, report: Report, finding: Finding | None = None) -> dict[str, Any]:
    here = region(at, report)
    exact = here.has_columns
    length = _length(finding, at) if finding and not exact else 0
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": uri(here.path), "uriBaseId": "%SRCROOT%"},
            "region": {
                "startLine": here.line,
                "startColumn": here.col if exact else 1,
                "endLine": here.end_line if exact else here.line,
                "endColumn": here.end_col if exact else length + 1,
            },
        }
    }
    scope = finding.scope if finding else ""
    if at.cell is not None:
        cell = cell_of(at).partition(",")[0]
        name = f"{cell}, id {at.cell.id}" if at.cell.id else cell
        location["logicalLocations"] = [{"fullyQualifiedName": clean(name), "kind": "module"}]
    elif scope:
        location["logicalLocations"] = [{"fullyQualifiedName": clean(scope), "kind": "function"}]
    return location


def _length(finding: Finding, at: Place) -> int:
    """Characters of the line of a finding, where its snippet holds it."""
    if at.cell is not None:
        return 0
    return next((len(text) for number, text in finding.snippet if number == at.line), 0)


def _fingerprints(finding: Finding) -> dict[str, str]:
    ours = {"mllint/v1": finding.id}
    if finding.line_hash:
        return {"primaryLocationLineHash": finding.line_hash, **ours}
    return ours


def _flow(finding: Finding, report: Report) -> dict[str, Any]:
    """The chain that a finding tells."""
    locations = [
        {"location": {**_location(s.at, report), "message": {"text": clean(s.text) or "here"}}}
        for s in steps(finding)
    ]
    return {"threadFlows": [{"locations": locations}]}


def _suppression(finding: Finding) -> Mapping[str, Any]:
    """Who suppressed a result; beside suppressed ones every result says whether it is known."""
    if finding.status not in _SUPPRESSED:
        return {"baselineState": "new"}
    comment = finding.waiver is not None and finding.waiver.written is not None
    known = finding.status == "baselined"
    suppressions: Sequence[Mapping[str, str]] = [
        {
            "kind": "inSource" if comment else "external",
            "status": "accepted",
            "justification": clean(finding.reason) or "no reason given",
        }
    ]
    return {"suppressions": suppressions, "baselineState": "unchanged" if known else "new"}


def uri(path: str) -> str:
    """A path as a relative, percent-encoded URI; bytes that are not UTF-8 stay what they are."""
    try:
        return quote(path.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return quote(path.encode("utf-8", "surrogatepass"))
