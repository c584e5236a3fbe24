"""The JSON report: its schema, its order, and its 1-based lines."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from mllint.facts import Place, Problem
from mllint.reports import View, renderer
from mllint.reports.json import schema

if TYPE_CHECKING:
    from types import SimpleNamespace

    from mllint.review import Report


def told(report: Report) -> dict[str, Any]:
    text = renderer("json")(report, View())
    document: dict[str, Any] = json.loads(text)
    jsonschema.validate(document, schema(), jsonschema.Draft202012Validator)
    return document


def test_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("kind", ["sample", "flawless"])
def test_report_fits_the_schema(kind: str, make: SimpleNamespace) -> None:
    assert told(getattr(make, kind)())["version"] == 1


def test_two_reports_of_one_run_are_the_same_text(make: SimpleNamespace) -> None:
    assert renderer("json")(make.sample(), View()) == renderer("json")(make.sample(), View())


def test_partial_run_fits_the_schema_without_a_score(make: SimpleNamespace) -> None:
    report = make.sample()
    document = told(replace(report, run=replace(report.run, complete=False)))
    assert document["score"] is None
    assert {f["lost"] for f in document["findings"]} == {None}
    assert {r["points"] for r in document["rules"]} == {None}


def test_score_that_is_not_applicable_is_null(make: SimpleNamespace) -> None:
    report = make.sample()
    scores = {p: replace(s, value=None, grade="n/a") for p, s in report.scores.items()}
    score = told(replace(report, scores=scores))["score"]
    assert (score["value"], score["grade"]) == (None, "n/a")


def test_places_count_from_one(make: SimpleNamespace) -> None:
    first = told(make.sample())["findings"][0]
    assert first["location"] == {
        "path": "src/train.py",
        "start": {"line": 48, "column": 9},
        "end": {"line": 48, "column": 29},
        "notebook": None,
    }


def test_place_in_a_notebook_names_the_line_of_the_file_and_of_the_cell(
    make: SimpleNamespace,
) -> None:
    found = {f["id"]: f for f in told(make.sample())["findings"]}
    assert found[f"{2:016x}"]["location"] == {
        "path": "notebooks/eda.ipynb",
        "start": {"line": 112, "column": None},
        "end": {"line": 112, "column": None},
        "notebook": {
            "cell": 7, "code_cell": 5, "id": "8f3a",
            "line": 1, "column": 1, "end_line": 1, "end_column": 12,
        },
    }  # fmt: skip


def test_finding_about_the_repository_says_so(make: SimpleNamespace) -> None:
    found = {f["id"]: f for f in told(make.sample())["findings"]}
    assert found[f"{4:016x}"]["about_repository"] is True
    assert found[f"{4:016x}"]["location"]["start"] == {"line": None, "column": None}


def test_unread_files_are_notices(make: SimpleNamespace) -> None:
    problem = Problem("a.ipynb", "invalid", "not JSON", 0, 4)
    notices = told(replace(make.sample(), problems=(problem,)))["run"]["notices"]
    assert notices == [
        {
            "level": "warning",
            "path": "a.ipynb",
            "line": None,
            "cell": 4,
            "kind": "invalid",
            "text": "not JSON",
        }
    ]


@pytest.mark.parametrize("text", ["\udcff", "\x00", '"', "\u2028"])
def test_any_text_makes_sound_json(text: str, make: SimpleNamespace) -> None:
    report = make.sample()
    one = make.finding("unseeded-split", 9, text, Place(f"a{text}", 1, 1), 0.0)
    outcomes = tuple(replace(o, findings=(one,)) for o in report.outcomes[-1:])
    renderer("json")(replace(report, outcomes=outcomes), View()).encode("utf-8")
    told(replace(report, outcomes=outcomes))
