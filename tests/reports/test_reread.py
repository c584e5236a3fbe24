"""Reports read back from JSON: nothing that any format shows is lost on the way."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mllint.facts import Ignore, Place, Problem
from mllint.reports import FORMATS, SECTIONS, View, renderer
from mllint.reports.reread import read
from mllint.review import Attested, Imported, UsageError
from mllint.waiver import BaselineUse, Waiver, WaiverUse

if TYPE_CHECKING:
    from types import SimpleNamespace

    from mllint.review import Report


def written(report: Report) -> str:
    return renderer("json")(report, View())


def everything(make: SimpleNamespace) -> Report:
    """A report with waivers, a score without them, other tools, a crash, notices."""
    report: Report = make.sample()
    at = Place("train.py", 3)
    ignore = Ignore(at, ("no-readme",), "line", 3, 3, "accepted", "", "#4", "because")
    comment = Waiver(("no-readme",), "train.py:3", reason="because", issue="#4", written=ignore)
    entry = Waiver(("no-lockfile",), "pyproject.toml:9", "elsewhere", "why", "2030-01-01",
                   paths=("a/**",))  # fmt: skip
    known = make.finding(
        "no-readme", 8, "m", at, 0.4, status="waived", waiver=comment, reason="because",
        scope="f", fingerprint="aa", line_hash="ab:1",
    )  # fmt: skip
    outcomes = tuple(
        replace(o, findings=(known,))
        if o.rule == "no-readme"
        else replace(o, verdict="crashed", reason="KeyError: 1", traceback="Trace")
        if o.rule == "no-group-split"
        else o
        for o in report.outcomes
    )
    strict = {p: replace(s, value=60.5) for p, s in report.scores.items()}
    own = strict["internal"]
    ledger = tuple(replace(line, credit=0.25) for line in own.ledger)
    strict["internal"] = replace(own, ledger=ledger)
    return replace(
        report,
        outcomes=outcomes,
        strict=strict,
        waivers=(WaiverUse(comment, "used", 1, 0.4), WaiverUse(entry, "unused", 0, 0.0)),
        imported=(Imported("a.py", 0, "zizmor", "x", "note", "m"),),
        problems=(Problem("a.ipynb", "invalid", "not JSON", 0, 4),),
        baseline=BaselineUse("b.json", 1, 2, 0.5, (), (), ()),
        attested=(Attested("Q1", "t", "q?", "valid", "me", "2026-01-01", "doc.md"),),
        run=replace(report.run, inside="a/b", notices=("the cache is not used",)),
    )


def partial(make: SimpleNamespace) -> Report:
    report: Report = make.sample()
    outcomes = tuple(
        replace(o, findings=tuple(replace(f, lost=0.0) for f in o.findings))
        for o in report.outcomes
    )
    run = replace(report.run, complete=False)
    return replace(report, run=run, outcomes=outcomes, fix_first=())


KINDS = ["sample", "flawless", "everything", "partial"]


def made(kind: str, make: SimpleNamespace) -> Report:
    own = {"everything": everything, "partial": partial}
    report: Report = own[kind](make) if kind in own else getattr(make, kind)()
    return report


@pytest.mark.parametrize("kind", KINDS)
def test_report_read_back_writes_the_same_json(kind: str, make: SimpleNamespace) -> None:
    text = written(made(kind, make))
    assert written(read(text, "r.json")) == text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", FORMATS)
def test_report_read_back_is_rendered_alike(kind: str, name: str, make: SimpleNamespace) -> None:
    report = made(kind, make)
    view = View(show=frozenset(SECTIONS), verbosity=1, suppressed=True)
    again = read(written(report), "r.json")
    assert renderer(name)(again, view) == renderer(name)(report, view)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "r.json: is no JSON"),
        ("[]", "r.json: is no JSON report of mllint"),
        ('{"version": 1}', "r.json: is no JSON report of mllint"),
        (
            '{"schema": "mllint-report-2", "version": 2}',
            "r.json: is a report of version 2; this mllint reads version 1",
        ),
        (
            '{"schema": "mllint-report-1", "version": 1}',
            "r.json: is not a whole report: tool is missing",
        ),
        ("[" * 100_000, "r.json: is no JSON"),
    ],
)
def test_what_is_no_report_is_refused(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(text, "r.json")
    assert said in str(caught.value)


@pytest.mark.parametrize("path", ["rules", "findings", "run", "gate", "score", "waivers"])
def test_report_with_a_part_of_another_kind_is_refused(path: str, make: SimpleNamespace) -> None:
    document: dict[str, Any] = json.loads(written(make.sample()))
    document[path] = [7]
    with pytest.raises(UsageError, match="is not a whole report"):
        read(json.dumps(document), "r.json")
