"""The machine-readable report, version 1; `report.schema.json` describes it.

Lines and columns are 1-based and count code points; what is absent is null. Fields may be added
within a version, never removed or given another meaning.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mllint.reports import json_rules, json_score
from mllint.reports.json_parts import location, rounded

if TYPE_CHECKING:
    from mllint.others import Attested
    from mllint.reports import View
    from mllint.review import Finding, Report
    from mllint.waiver import BaselineUse, WaiverUse

VERSION = 1
SCHEMA = "mllint-report-1"
_SURROGATE = re.compile("[\ud800-\udfff]")


def render(report: Report, view: View) -> str:
    """The report as JSON with sorted findings and rules."""
    del view
    return dumped(document(report))


def dumped(data: object) -> str:
    """Plain data as JSON text that any parser takes."""
    text = json.dumps(data, ensure_ascii=False, indent=2)
    # A byte of a file name that is not UTF-8 has no JSON form; it is shown, not passed on.
    return _SURROGATE.sub(lambda found: f"\\\\u{ord(found[0]):04x}", text) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of the report."""
    loaded: dict[str, Any] = json.loads(Path(__file__).with_name("report.schema.json").read_text())
    return loaded


def document(report: Report) -> dict[str, Any]:
    """The report as plain data."""
    run = report.run
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "tool": {
            "name": "mllint",
            "version": run.version,
            "python": run.python,
            "rule_folders": list(run.rule_folders),
        },
        "run": _run(report),
        "project": {
            "root": run.root,
            "inside": run.inside or None,
            "commit": run.commit or None,
            "profile": report.profile,
            "ruleset": run.ruleset,
            "score_model": run.score_model,
            "config_hash": run.config_hash,
            "config_files": list(run.config_files),
            "traits": [
                {
                    "id": t.id,
                    "title": t.title,
                    "holds": t.holds,
                    "reason": t.reason,
                    "overridden": t.overridden,
                }
                for _, t in sorted(report.traits.items())
            ],
        },
        "score": json_score.told(report) if run.complete else None,
        "gate": {
            "passed": report.gate.passed,
            "exit_code": report.gate.exit_code,
            "fail_on": report.gate.fail_on,
            "reasons": [{"text": reason} for reason in report.gate.reasons],
        },
        "categories": [
            {"id": c.id, "title": c.title, "why": c.why, "budget": dict(c.budget)}
            for c in report.categories.values()
        ],
        "rules": json_rules.told(report),
        "disabled": [{"id": k, "reason": v or None} for k, v in sorted(report.disabled.items())],
        "findings": [finding_data(f, report) for f in report.findings],
        "imported": [
            {
                "tool": one.tool,
                "rule": one.rule,
                "severity": one.level,
                "message": one.message,
                "path": one.path or None,
                "line": one.line or None,
            }
            for one in report.imported
        ],
        "waivers": [_waiver(use) for use in report.waivers],
        "baseline": _baseline(report.baseline) if report.baseline else None,
        "attestations": [_attested(one) for one in report.attested],
        "concealed": [
            {**asdict(one), "path": one.path or None, "line": one.line or None}
            for one in report.concealed
        ],
    }


def _run(report: Report) -> dict[str, Any]:
    run = report.run
    notices = [
        {
            "level": "warning",
            "path": one.path or None,
            "line": one.line or None,
            "cell": one.cell or None,
            "kind": one.kind,
            "text": one.text,
        }
        for one in report.problems
    ]
    notices += [
        {"level": "warning", "path": None, "line": None, "cell": None, "kind": "run", "text": text}
        for text in run.notices
    ]
    return {
        "complete": run.complete,
        "duration_ms": round(run.seconds * 1000),
        "files": run.files,
        "notebooks": run.notebooks,
        "lines": run.lines,
        "cached": run.cached,
        "notices": notices,
    }


def finding_data(finding: Finding, report: Report) -> dict[str, Any]:
    """A finding as plain data."""
    return {
        "id": finding.id,
        "rule": finding.rule,
        "category": finding.category,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "message": finding.message,
        "remedy": finding.remedy,
        "status": finding.status,
        "reason": finding.reason or None,
        "waiver": finding.waiver.source if finding.waiver else None,
        "fingerprint": finding.fingerprint or None,
        "subject": finding.subject,
        "scope": finding.scope or None,
        "sketch": finding.sketch or None,
        "line_hash": finding.line_hash or None,
        "lost": rounded(finding.lost) if report.run.complete else None,
        "effort_min": finding.effort,
        "about_repository": finding.anchored,
        "location": location(finding.at) if finding.at.path else None,
        "related": [
            {"message": one.text, "location": location(one.at), "text": one.code or None}
            for one in finding.related
            if one.at.path
        ],
        "snippet": [{"line": number, "text": text} for number, text in finding.snippet],
    }


def _attested(one: Attested) -> dict[str, Any]:
    return {
        "id": one.id,
        "topic": one.topic,
        "question": one.question,
        "state": one.state,
        "who": one.who or None,
        "when": one.when or None,
        "proof": one.proof or None,
        "until": one.until or None,
        "says": one.says or None,
        "effect": one.effect or None,
        "source": one.source or None,
    }


def _waiver(use: WaiverUse) -> dict[str, Any]:
    waiver = use.waiver
    return {
        "rules": list(waiver.rules),
        "kind": waiver.kind,
        "reason": waiver.reason or None,
        "until": waiver.until or None,
        "issue": waiver.issue or None,
        "source": waiver.source,
        "paths": list(waiver.paths),
        "comment": waiver.written is not None,
        "state": use.state,
        "matched": use.matched,
        "points": rounded(use.points),
    }


def _baseline(use: BaselineUse) -> dict[str, Any]:
    return {
        "path": use.path,
        "matched": use.matched,
        "mended": use.mended,
        "points": rounded(use.points),
    }
