"""The practice map on the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def listed(mllint: Callable[..., Any], *words: str) -> dict[str, Any]:
    told = json.loads(mllint("rules", "--practices", "--format", "json", *words).out)
    return {row["id"]: row for row in told["practices"]}


def test_every_practice_is_listed_without_a_project(mllint: Callable[..., Any]) -> None:
    rows = listed(mllint)
    assert len(rows) == 788
    assert "unseeded-split" in rows["S0-DM-7"]["rules"]
    assert "state" not in rows["S0-DM-7"]


def test_a_path_adds_how_the_project_stands(mllint: Callable[..., Any], project: Path) -> None:
    rows = listed(mllint, str(project))
    assert rows["S0-CQ-1"]["state"] == "not-met"
    assert rows["S0-CQ-1"]["reason"].startswith("no-tests: ")
    assert rows["S0-GB-5"]["state"] == "open"
    (project / "tests").mkdir()
    (project / "tests/test_train.py").write_text(
        "from train import model\n\n\ndef test_model():\n    assert model.coef_ is not None\n"
    )
    row = listed(mllint, str(project))["S0-CQ-1"]
    assert (row["state"], row["reason"].partition(":")[0]) == ("partly", "no-quality-test")


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_practices_are_listed_for_people(
    form: str, mllint: Callable[..., Any], project: Path
) -> None:
    out = mllint("rules", "--practices", str(project), "--format", form).out
    assert "Best Practices / Data Management" in out
    assert "not met" in out


def test_filters_leave_the_practices_of_the_rules_that_stay(mllint: Callable[..., Any]) -> None:
    rows = listed(mllint, "--category", "splits")
    assert "S0-DM-7" in rows
    assert "S0-CQ-2" not in rows


@pytest.mark.parametrize(
    ("target", "kind"), [("S0-DM-7", "practice"), ("split.seeded", "check"), ("Q21", "attestation")]
)
def test_the_parts_of_the_map_are_explained(
    target: str, kind: str, mllint: Callable[..., Any], project: Path
) -> None:
    told = json.loads(mllint("explain", target, str(project), "--format", "json").out)
    assert (told["kind"], told["id"]) == (kind, target)
    assert mllint("explain", target).out.startswith(target)


def test_a_practice_is_explained_with_what_the_project_shows(
    mllint: Callable[..., Any], project: Path
) -> None:
    told = json.loads(mllint("explain", "S0-DM-7", str(project), "--format", "json").out)
    assert told["outcomes"]["unseeded-split"] == "fail"
    assert told["state"] == "partly"
    assert "In this project   partly  " in mllint("explain", "S0-DM-7", str(project)).out


def test_an_unknown_row_ends_in_2_with_the_nearest(mllint: Callable[..., Any]) -> None:
    result = mllint("explain", "S0-DM7")
    assert result.code == 2
    assert 'did you mean "S0-DM-7"?' in result.err


def test_an_own_rule_that_cites_no_practice_of_the_map_is_named(
    mllint: Callable[..., Any], project: Path
) -> None:
    folder = project / "own" / "docs"
    folder.mkdir(parents=True)
    text = (
        'title = "T"\nsource = []\npractices = ["doc.redme"]\nseverity = "note"\nmessage = "m"\n'
        'confidence = "high"\nprofile = "research"\neffort = "1 h"\nremedy = "r"\nwhy = "w"\n'
        'check = { some = "file" }\n'
    )
    (folder / "no-files.toml").write_text(text)
    (project / "mllint.toml").write_text('rules = ["own"]\n')
    assert mllint("rules").code == 0
    result = mllint("rules", "--practices")
    assert result.code == 2
    assert 'unknown practice "doc.redme"; did you mean "doc.readme"?' in result.err


def test_what_only_a_doubtful_rule_finds_is_not_met(
    mllint: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "train.py").write_text(
        "from sklearn.ensemble import RandomForestClassifier\n\n"
        "RandomForestClassifier(n_estimators=10).fit(X, y)\n"
    )
    row = listed(mllint, str(tmp_path))["S0-CR-19"]
    assert row["state"] == "not-met"
    assert row["reason"].startswith("no-statistical-test: ")
    assert row["reason"].endswith("(low confidence)")
