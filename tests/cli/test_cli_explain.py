"""`mllint explain` and `mllint rules`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TARGETS = ("unseeded-split", "splits", "split.seeded", "profile", "research", "score", "traits")


@pytest.mark.parametrize("target", TARGETS)
def test_everything_is_explained_in_every_form(
    target: str, mllint: Callable[..., Any], project: Path
) -> None:
    for form in ("text", "markdown", "json"):
        result = mllint("explain", target, str(project), "--format", form)
        assert (result.code, result.err) == (0, ""), form
        if form == "json":
            assert json.loads(result.out)["kind"]
        elif form == "markdown":
            assert result.out.startswith("# ")


@pytest.mark.parametrize("target", ["unseeded-split", "splits", "split.seeded", "production"])
def test_explaining_needs_no_project(
    target: str, mllint: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = mllint("explain", target)
    assert (result.code, result.err) == (0, "")


@pytest.mark.parametrize("target", ["score", "traits"])
def test_score_and_traits_are_those_of_the_current_folder(
    target: str, mllint: Callable[..., Any], project: Path
) -> None:
    assert project.is_dir()
    assert mllint("explain", target).code == 0


def test_rule_is_explained_with_what_the_project_shows(
    mllint: Callable[..., Any], project: Path
) -> None:
    (project / "pyproject.toml").write_text("")
    out = mllint("explain", "unseeded-split").out
    assert "In this project   fail: " in out
    assert "train.py:6:" in out
    assert "# mllint: ignore[unseeded-split]" in out
    assert "Bad  " in out
    assert "Good  " in out


def test_finding_is_explained_by_its_id(mllint: Callable[..., Any], project: Path) -> None:
    report = json.loads(mllint("check", "--format", "json").out)
    finding = next(f for f in report["findings"] if f["rule"] == "unseeded-split")
    out = mllint("explain", finding["id"], str(project)).out
    assert out.startswith(f"{finding['severity']:<7} unseeded-split")
    told = json.loads(mllint("explain", finding["id"], "--format", "json").out)
    assert told["finding"]["id"] == finding["id"]
    assert mllint("explain", "0" * 16).code == 2


def test_disabled_rule_says_why(mllint: Callable[..., Any], project: Path) -> None:
    (project / "mllint.toml").write_text('ignore = { "unseeded-split" = "on purpose" }\n')
    assert "disabled: on purpose" in mllint("explain", "unseeded-split").out


def test_unknown_target_ends_in_2_with_the_nearest(mllint: Callable[..., Any]) -> None:
    result = mllint("explain", "unseeded-splt")
    assert result.code == 2
    assert 'did you mean "unseeded-split"?' in result.err


def test_losses_of_the_account_add_up(mllint: Callable[..., Any], project: Path) -> None:
    assert project.is_dir()
    told = json.loads(mllint("explain", "score", "--format", "json").out)
    lost = sum(rule["lost"] for rule in told["rules"])
    assert told["score"]["value"] == pytest.approx(100 - lost, abs=1e-4)


def test_rules_are_listed_by_category_and_profile(mllint: Callable[..., Any]) -> None:
    every = json.loads(mllint("rules", "--format", "json").out)["rules"]
    research = json.loads(mllint("rules", "--profile", "research", "--format", "json").out)["rules"]
    splits = json.loads(mllint("rules", "--category", "splits", "--format", "json").out)["rules"]
    assert {r["profile"] for r in research} == {"research"}
    assert len(research) < len(every)
    assert {r["category"] for r in splits} == {"splits"}


def test_rules_that_apply_are_those_of_the_project(
    mllint: Callable[..., Any], project: Path
) -> None:
    assert project.is_dir()
    out = mllint("rules", "--applicable", "--format", "json").out
    ids = {rule["id"] for rule in json.loads(out)["rules"]}
    assert "unseeded-split" in ids
    assert "root-container" not in ids


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_rules_are_listed_for_people(form: str, mllint: Callable[..., Any]) -> None:
    assert "no-lockfile" in mllint("rules", "--format", form).out


def test_own_rule_folder_adds_rules(mllint: Callable[..., Any], project: Path) -> None:
    folder = project / "own" / "docs"
    folder.mkdir(parents=True)
    (folder / "no-mascot.toml").write_text(OWN)
    (project / "mllint.toml").write_text('rules = ["own"]\nextend-select = ["no-mascot"]\n')
    assert "no-mascot" in mllint("rules").out
    assert "no-mascot" not in mllint("rules", "--isolated").out
    assert "no-mascot" in mllint("check").out


OWN = """
title = "Changes are written down"
source = []
severity = "note"
confidence = "high"
profile = "research"
effort = "1 h"
message = "There is no CHANGELOG"
remedy = "Write one."
why = "Others want to know."
[check]
some = "file"
where = { path = "CHANGELOG*" }
"""


def test_examples_about_the_history_show_it(mllint: Callable[..., Any]) -> None:
    done = mllint("explain", "vague-commits")
    assert "git log\n" in done.out
    assert "| ada 2024-05-04 Add files via upload" in done.out
