"""A report read back from its JSON, so that it can be rendered, compared and shown again.

Knows version 1. What a report does not keep is empty then: checks and examples of rules, bad
evidence, entries of the baseline, the ledgers of the other profiles.
"""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from mllint.facts import Cell, Ignore, Place, Problem
from mllint.reports.json import SCHEMA, VERSION, schema
from mllint.reports.shape import faults
from mllint.review import (
    PROFILES,
    Attested,
    Category,
    CategoryScore,
    Concealed,
    Evidence,
    Finding,
    Fix,
    Gate,
    Imported,
    Line,
    Outcome,
    Profile,
    Related,
    Report,
    Rule,
    Run,
    Score,
    Trait,
    UsageError,
)
from mllint.ruleparts import Option
from mllint.waiver import BaselineUse, Waiver, WaiverUse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mllint.project import Project

Table = dict[str, Any]
_SHOWN = 200
"""Characters of a fault that are told."""
_NO_SCORE = {"judged": 0, "not_applicable": 0, "unknown": 0, "blocked": 0, "crashed": 0}


def read(text: str | bytes, name: str) -> Report:
    """The report that a JSON report tells; `name` is what the file is called in errors.

    Raises UsageError for what is no report, and for a version that is not known here.
    """
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name}: is no JSON: {error}") from None
    if not isinstance(told, dict) or not str(told.get("schema", "")).startswith("mllint-report-"):
        raise UsageError(
            f"{name}: is no JSON report of mllint\n  hint: mllint check -o json={name}"
        )
    if told.get("schema") != SCHEMA or told.get("version") != VERSION:
        raise UsageError(
            f"{name}: is a report of version {told.get('version')}; this mllint reads version "
            f"{VERSION}\n  hint: render it with the mllint that wrote it, or check again"
        )
    known = schema()
    wrong = next(faults(told, known, known), "")
    if wrong:
        raise UsageError(f"{name}: is not a whole report: {wrong[:_SHOWN]}")
    try:
        return _report(told)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        said = (
            f"lacks {error}" if isinstance(error, KeyError) else f"holds what it may not: {error}"
        )
        raise UsageError(f"{name}: is not a whole report: it {said}") from None


def _report(told: Table) -> Report:
    profile: Profile = told["project"]["profile"]
    if profile not in PROFILES:
        raise ValueError(f"profile {profile!r}")
    rules = {one["id"]: _rule(one) for one in told["rules"]}
    waivers = [_waiver(one) for one in told["waivers"]]
    by_source = {waiver.source: waiver for waiver in waivers}
    findings: dict[str, list[Finding]] = {}
    for one in told["findings"]:
        findings.setdefault(one["rule"], []).append(_finding(one, by_source))
    scores, strict = _scores(told, profile)
    return Report(
        run=_run(told),
        profile=profile,
        rules=rules,
        categories={one["id"]: Category(**one) for one in told["categories"]},
        traits={one["id"]: Trait(**one) for one in told["project"]["traits"]},
        outcomes=tuple(_outcome(one, findings.get(one["id"], ())) for one in told["rules"]),
        scores=scores,
        fix_first=tuple(map(_fix, told["score"]["fix_first"])) if told["score"] else (),
        problems=[_problem(n) for n in told["run"]["notices"] if n["kind"] != "run"],
        disabled={one["id"]: one["reason"] or "" for one in told["disabled"]},
        gate=Gate(
            told["gate"]["passed"],
            told["gate"]["exit_code"],
            tuple(reason["text"] for reason in told["gate"]["reasons"]),
            told["gate"]["fail_on"],
        ),
        imported=tuple(map(_imported, told["imported"])),
        attested=tuple(map(_attested, told["attestations"])),
        concealed=tuple(
            Concealed(**{**one, "path": one["path"] or "", "line": one["line"] or 0})
            for one in told["concealed"]
        ),
        baseline=_baseline(told["baseline"]) if told["baseline"] else None,
        strict=strict,
        waivers=tuple(
            WaiverUse(waiver, one["state"], one["matched"], one["points"])
            for waiver, one in zip(waivers, told["waivers"], strict=True)
        ),
    )


def _run(told: Table) -> Run:
    run, project, tool = told["run"], told["project"], told["tool"]
    return Run(
        files=run["files"],
        notebooks=run["notebooks"],
        lines=run["lines"],
        cached=run["cached"],
        seconds=run["duration_ms"] / 1000,
        root=project["root"],
        version=tool["version"],
        python=tool["python"],
        config_files=tuple(project["config_files"]),
        config_hash=project["config_hash"],
        ruleset=project["ruleset"],
        score_model=project["score_model"],
        commit=project["commit"] or "",
        complete=run["complete"],
        rule_folders=tuple(tool["rule_folders"]),
        notices=tuple(n["text"] for n in run["notices"] if n["kind"] == "run"),
        inside=project["inside"] or "",
    )


def _nothing(project: Project) -> Iterable[Evidence]:
    """Stands for the check of a rule, which a report does not keep."""
    del project
    return ()


def _rule(one: Table) -> Rule:
    about = one["about"]
    given: Table = {
        field.name: _field(field.name, str(field.type), about[field.name])
        for field in fields(Rule)
        if field.name in about and field.name not in {"options", "severity"}
    }
    return Rule(
        id=one["id"],
        category=one["category"],
        title=one["title"],
        confidence=one["confidence"],
        message="",
        severity={profile: about["severity"][profile] for profile in PROFILES},
        options=tuple(Option(**option) for option in about["options"]),
        check=_nothing,
        examples=(),
        file="",
        **given,
    )


def _field(name: str, kind: str, value: Any) -> Any:
    """A field of a rule, of which the schema of reports says nothing."""
    if not kind.startswith("tuple"):
        if isinstance(value, bool) != (kind == "bool") or not isinstance(value, bool | str):
            raise TypeError(name)
        return value
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise TypeError(name)
    return tuple(value)


def _outcome(one: Table, findings: Iterable[Finding]) -> Outcome:
    return Outcome(
        rule=one["id"],
        category=one["category"],
        verdict=one["outcome"],
        share=one["share"],
        sites=one["sites"],
        bad=one["bad"],
        findings=tuple(findings),
        evidence=tuple(
            Evidence(piece["ok"], _place(piece["location"], None), piece["note"] or "")
            for piece in one["evidence"]
        ),
        reason=one["reason"] or "",
        blockers=tuple(one["blockers"]),
        undecided=one["undecided"],
        traceback=one["traceback"] or "",
    )


def _finding(one: Table, waivers: Mapping[str, Waiver]) -> Finding:
    return Finding(
        id=one["id"],
        rule=one["rule"],
        category=one["category"],
        severity=one["severity"],
        confidence=one["confidence"],
        message=one["message"],
        remedy=one["remedy"],
        at=_place(one["location"], Place("")) or Place(""),
        anchored=one["about_repository"],
        related=tuple(
            Related(_place(r["location"], None) or Place(""), r["message"], r.get("text") or "")
            for r in one["related"]
        ),
        snippet=tuple((line["line"], line["text"]) for line in one["snippet"]),
        status=one["status"],
        lost=one["lost"] or 0.0,
        effort=one["effort_min"],
        reason=one["reason"] or "",
        waiver=waivers.get(one["waiver"] or ""),
        fingerprint=one["fingerprint"] or "",
        subject=one["subject"],
        scope=one["scope"] or "",
        sketch=one["sketch"] or "",
        line_hash=one["line_hash"] or "",
    )


def _place(one: Table | None, none: Place | None) -> Place | None:
    if one is None:
        return none
    start, end, inner = one["start"], one["end"], one["notebook"]
    if inner is None:
        ends = (start["line"], start["column"], end["line"], end["column"])
        return Place(one["path"], *_numbers(ends))
    cell = Cell(inner["cell"], inner["code_cell"] or 0, inner["id"] or "", start["line"] or 0)
    ends = (inner["line"], inner["column"], inner["end_line"], inner["end_column"])
    return Place(one["path"], *_numbers(ends), cell)


def _numbers(values: tuple[int | None, ...]) -> tuple[int, int, int, int]:
    line, col, end_line, end_col = (value or 0 for value in values)
    return line, col, end_line, end_col


def _waiver(one: Table) -> Waiver:
    rules = tuple(one["rules"])
    path, _, line = one["source"].rpartition(":")
    number = int(line) if line.isdecimal() else 0
    written = Ignore(
        Place(path, number), rules, "line", number, number, one["kind"], one["until"] or "",
        one["issue"] or "", one["reason"] or "",
    )  # fmt: skip
    return Waiver(
        rules=rules,
        source=one["source"],
        kind=one["kind"],
        reason=one["reason"] or "",
        until=one["until"] or "",
        issue=one["issue"] or "",
        paths=tuple(one["paths"]),
        written=written if one["comment"] else None,
    )


def _fix(one: Table) -> Fix:
    return Fix(
        one["rule"], tuple(one["findings"]), one["where"], one["gain"], one["effort_min"],
        one["blocks_gate"],
    )  # fmt: skip


def _problem(one: Table) -> Problem:
    return Problem(one["path"] or "", one["kind"], one["text"], one["line"] or 0, one["cell"] or 0)


def _imported(one: Table) -> Imported:
    return Imported(
        one["path"] or "", one["line"] or 0, one["tool"], one["rule"], one["severity"],
        one["message"],
    )  # fmt: skip


def _attested(one: Table) -> Attested:
    return Attested(**{name: value for name, value in one.items() if value is not None})


def _baseline(one: Table) -> BaselineUse:
    return BaselineUse(one["path"], one["matched"], one["mended"], one["points"], (), (), ())


# --- scores --------------------------------------------------------------------------------------


def _scores(told: Table, profile: Profile) -> tuple[dict[Profile, Score], dict[Profile, Score]]:
    """The scores with waivers and those without; the second is empty where they are the same."""
    score = told["score"]
    ledger = tuple(_line(one) for one in told["rules"] if one["expected"] is not None)
    if score is None:
        none: Table = {"value": None, "grade": "n/a", "capped_by": [], "provisional": False,
                "evidence": {**_NO_SCORE, "judged_weight": 0.0}, "categories": []}  # fmt: skip
        return {p: _score(p, none, ledger if p == profile else ()) for p in PROFILES}, {}
    scores = {p: _score(p, score["profiles"][p], ledger if p == profile else ()) for p in PROFILES}
    bare = score["strict_by_profile"]
    changed = any(one["strict"] for one in told["rules"])
    if not changed and all(bare[p] == score["by_profile"][p] for p in bare):
        return scores, {}
    lines = tuple(_bare(one) for one in told["rules"] if one["expected"] is not None)
    return scores, {
        p: _score(p, {**one, "value": bare[p]}, lines if p == profile else ())
        for p, one in score["profiles"].items()
    }


def _score(profile: Profile, one: Table, ledger: tuple[Line, ...]) -> Score:
    return Score(
        profile=profile,
        value=one["value"],
        grade=one["grade"],
        capped_by=tuple(one["capped_by"]),
        provisional=one["provisional"],
        categories=tuple(CategoryScore(**category) for category in one["categories"]),
        ledger=ledger,
        **one["evidence"],
    )


def _line(one: Table) -> Line:
    return Line(
        rule=one["id"],
        category=one["category"],
        severity=one["severity"],
        weight=one["weight"] or 0.0,
        points=one["points"] or 0.0,
        credit=one["credit"] or 0.0,
        lost=one["lost"] or 0.0,
        booked=one["booked"] or 0.0,
        verdict=one["outcome"],
        masked=not one["expected"],
    )


def _bare(one: Table) -> Line:
    """The entry without waivers."""
    return _line({**one, **(one["strict"] or {})})
