"""The machine-readable report, version 1; `report.schema.json` describes it.

Lines and columns are 1-based and count code points; what is absent is null. Fields may be added
within a version, never removed or given another meaning.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mllint.facts import Place
    from mllint.others import Attested
    from mllint.reports import View
    from mllint.review import Evidence, Finding, Line, Outcome, Report, Score
    from mllint.waiver import BaselineUse, WaiverUse

VERSION = 1
SCHEMA = "mllint-report-1"
PIECES = 20
"""Pieces of evidence per rule."""
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
        "score": _score(report) if run.complete else None,
        "gate": {
            "passed": report.gate.passed,
            "exit_code": report.gate.exit_code,
            "reasons": [{"text": reason} for reason in report.gate.reasons],
        },
        "rules": _rules(report),
        "disabled": [{"id": k, "reason": v or None} for k, v in sorted(report.disabled.items())],
        "findings": [_finding(f, report) for f in report.findings],
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


def _score(report: Report) -> dict[str, Any]:
    score = report.score
    return {
        "value": _points(score.value),
        "strict": _points(report.strict.get(report.profile, score).value),
        "grade": score.grade,
        "capped_by": list(score.capped_by),
        "provisional": score.provisional,
        "by_profile": {name: _points(one.value) for name, one in report.scores.items()},
        "strict_by_profile": {
            name: _points(report.strict.get(name, one).value) for name, one in report.scores.items()
        },
        "evidence": _evidence_counts(score),
        "categories": [
            {"id": c.id, "title": c.title, "max": _points(c.max), "earned": _points(c.earned)}
            for c in score.categories
        ],
        "fix_first": [
            {
                "rule": fix.rule,
                "findings": list(fix.findings),
                "where": fix.where,
                "gain": _points(fix.gain),
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
        "judged_weight": _points(score.judged_weight),
    }


def _rules(report: Report) -> list[dict[str, Any]]:
    ledger = {line.rule: line for line in report.score.ledger} if report.run.complete else {}
    return [_rule(outcome, ledger.get(outcome.rule), report) for outcome in report.outcomes]


def _rule(outcome: Outcome, line: Line | None, report: Report) -> dict[str, Any]:
    rule = report.rules[outcome.rule]
    return {
        "id": rule.id,
        "category": rule.category,
        "title": rule.title,
        "outcome": outcome.verdict,
        "expected": None if line is None else not line.masked,
        "severity": rule.severity[report.profile],
        "confidence": rule.confidence,
        "weight": None if line is None else _points(line.weight),
        "points": None if line is None else _points(line.points),
        "sites": outcome.sites,
        "bad": outcome.bad,
        "undecided": outcome.undecided,
        "credit": None if line is None else _points(line.credit),
        "lost": None if line is None else _points(line.lost),
        "booked": None if line is None else _points(line.booked),
        "blockers": list(outcome.blockers),
        "reason": outcome.reason or None,
        "evidence": [_evidence(piece) for piece in outcome.evidence[:PIECES]],
        "traceback": outcome.traceback or None,
    }


def _evidence(piece: Evidence) -> dict[str, Any]:
    return {
        "ok": piece.ok,
        "note": piece.note or None,
        "location": _location(piece.at) if piece.at and piece.at.path else None,
    }


def _finding(finding: Finding, report: Report) -> dict[str, Any]:
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
        "lost": _points(finding.lost) if report.run.complete else None,
        "effort_min": finding.effort,
        "about_repository": finding.anchored,
        "location": _location(finding.at) if finding.at.path else None,
        "related": [
            {"message": one.text, "location": _location(one.at)}
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
        "comment": waiver.written is not None,
        "state": use.state,
        "matched": use.matched,
        "points": _points(use.points),
    }


def _baseline(use: BaselineUse) -> dict[str, Any]:
    return {
        "path": use.path,
        "matched": use.matched,
        "mended": use.mended,
        "points": _points(use.points),
    }


def _location(at: Place) -> dict[str, Any]:
    """A place; in a notebook the lines are those of the file, the cell's own beside them."""
    shift = at.cell.raw - at.line if at.cell and at.cell.raw else 0
    notebook = None
    if at.cell:
        notebook = {
            "cell": at.cell.index,
            "code_cell": at.cell.code or None,
            "id": at.cell.id or None,
            "line": at.line or None,
            "column": at.col or None,
        }
    # The text of a cell stands in JSON strings, where columns are others.
    column = None if at.cell else at.col or None
    end_column = None if at.cell else at.end_col or None
    return {
        "path": at.path,
        "start": {"line": at.line + shift or None, "column": column},
        "end": {"line": at.end_line + shift if at.end_line else None, "column": end_column},
        "notebook": notebook,
    }


def _points(value: float | None) -> float | None:
    """Rounded so that the text is short and the same everywhere."""
    return None if value is None else round(value, 6)
