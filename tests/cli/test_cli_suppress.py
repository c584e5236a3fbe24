"""Suppression through the command line: two scores, gates, days, what the reports say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from mllint.reports.json import schema

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Any]

SPLIT = "left, right = train_test_split(frame)"


def told(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text)
    jsonschema.validate(document, schema(), jsonschema.Draft202012Validator)
    return document


def comment(project: Path, text: str) -> None:
    train = project / "train.py"
    train.write_text(train.read_text().replace(SPLIT, f"{SPLIT}  # mllint: {text}"))


def test_both_scores_are_told_where_they_differ(mllint: Run, project: Path) -> None:
    bare = told(mllint("check", "--format", "json").out)
    assert bare["score"]["strict"] == bare["score"]["value"]
    comment(project, "ignore[unseeded-split] kind=elsewhere seeded by the launcher")
    report = told(mllint("check", "--format", "json").out)
    score = report["score"]
    assert score["value"] > score["strict"] == bare["score"]["value"]
    assert score["strict_by_profile"] == bare["score"]["by_profile"]
    (waiver,) = report["waivers"]
    assert waiver["points"] == pytest.approx(score["value"] - score["strict"], abs=2)
    assert {k: waiver[k] for k in ("kind", "reason", "source", "state", "matched")} == {
        "kind": "elsewhere", "reason": "seeded by the launcher", "source": "train.py:6",
        "state": "used", "matched": 1,
    }  # fmt: skip
    text = mllint("check").out
    assert " without waivers" in text
    assert "1 waived (--show waived)" in text
    assert "seeded by the launcher" in mllint("check", "--show", "waived").out


def test_the_strict_score_can_be_asked_for(mllint: Run, project: Path) -> None:
    comment(project, "ignore[unseeded-split] seeded by the launcher")
    score = told(mllint("check", "--format", "json").out)["score"]
    between = (score["value"] + score["strict"]) / 2
    gate = ("check", "--fail-on", "never", "--min-score")
    assert mllint(*gate, f"{between}").code == 0
    result = mllint(*gate, f"strict={between}")
    assert result.code == 1
    assert result.out.splitlines()[-1].startswith("FAILED: score without waivers ")


def test_without_a_reason_nothing_is_gained(mllint: Run, project: Path) -> None:
    bare = told(mllint("check", "--format", "json").out)["score"]
    comment(project, "ignore[unseeded-split]")
    report = told(mllint("check", "--format", "json").out)
    assert report["score"]["value"] == bare["value"]
    shown = {f["rule"] for f in report["findings"] if f["status"] == "new"}
    assert "suppression-without-reason" in shown
    assert "unseeded-split" not in shown


@pytest.mark.parametrize(("day", "status"), [("2026-05-01", "waived"), ("2026-05-02", "new")])
def test_the_day_can_be_set(day: str, status: str, mllint: Run, project: Path) -> None:
    comment(project, "ignore[unseeded-split] until=2026-05-01 waits for the new launcher")
    report = told(mllint("check", "--today", day, "--format", "json").out)
    statuses = {f["rule"]: f["status"] for f in report["findings"]}
    assert statuses["unseeded-split"] == status


def test_a_day_that_is_none_is_wrong_usage(mllint: Run, project: Path) -> None:
    assert project.is_dir()
    assert mllint("check", "--today", "soon").code == 2


@pytest.mark.parametrize(
    ("comment_text", "fail_on", "code"),
    [
        ("ignore[unseeded-split] x", "warning", 1),
        ("ignore[absolute-path] x", "never", 0),
    ],
)
def test_what_is_said_of_waivers_passes_the_gate_of_its_severity(
    comment_text: str, fail_on: str, code: int, mllint: Run, project: Path
) -> None:
    comment(project, comment_text)
    assert mllint("check", "--fail-on", fail_on).code == code


def test_rules_about_suppressions_can_be_left_out_and_graded(mllint: Run, project: Path) -> None:
    comment(project, "ignore[absolute-path] x")
    one = ("check", "--select", "absolute-path", "--fail-on", "error")
    assert mllint(*one).code == 0
    graded = mllint(*one, "--config", 'severity = { "unused-suppression" = "error" }')
    assert graded.code == 1
    assert mllint(*one, "--fail-on", "note", "--ignore", "unused-suppression").code == 0


def test_waivers_of_the_configuration(mllint: Run, project: Path) -> None:
    (project / "pyproject.toml").write_text(
        '[tool.mllint]\n[[tool.mllint.waivers]]\nrule = "no-ci"\nkind = "elsewhere"\n'
        'reason = "runs in the monorepo"\nuntil = 2026-12-31\n'
        '[[tool.mllint.waivers]]\nrule = "absolute-path"\npaths = ["old/**"]\nreason = "old"\n'
    )
    report = told(mllint("check", "--today", "2026-01-01", "--format", "json").out)
    statuses = {f["rule"]: f["status"] for f in report["findings"]}
    assert statuses["no-ci"] == "waived"
    assert [w["state"] for w in report["waivers"]] == ["used", "unused"]
    (said,) = (f for f in report["findings"] if f["rule"] == "unused-setting")
    assert said["location"]["path"] == "pyproject.toml"
    assert said["location"]["start"]["line"] == 8


def test_unknown_rule_in_a_waiver_is_wrong_configuration(mllint: Run, project: Path) -> None:
    (project / "mllint.toml").write_text('[[waivers]]\nrule = "no-sea"\nreason = "x"\n')
    result = mllint("check")
    assert result.code == 2
    assert 'mllint.toml:2: no rule, category, practice or tag is called "no-sea"' in result.err


def test_explain_knows_the_rules_about_suppressions(mllint: Run, project: Path) -> None:
    assert project.is_dir()
    result = mllint("explain", "unused-suppression")
    assert result.code == 0
    assert "A suppression hides nothing" in result.out


# --- `mllint suppress` ---------------------------------------------------------------------


def test_comments_are_written_for_a_rule(mllint: Run, project: Path) -> None:
    before = (project / "train.py").read_text()
    argv = ["suppress", "--rule", "unseeded-split", "--reason", "seeded by the launcher"]
    argv += ["--kind", "elsewhere", "--until", "2031-05-01", "--issue", "#4"]
    shown = mllint(*argv, "--diff")
    comment_line = (
        "# mllint: ignore[unseeded-split] kind=elsewhere until=2031-05-01 issue=#4 "
        "seeded by the launcher"
    )
    assert shown.code == 0
    assert f"+{comment_line}" in shown.out.splitlines()
    assert (project / "train.py").read_text() == before
    written = mllint(*argv)
    assert (written.code, written.out) == (0, "1 comment written to 1 file\n")
    assert comment_line in (project / "train.py").read_text()
    report = told(mllint("check", "--format", "json").out)
    assert {f["status"] for f in report["findings"] if f["rule"] == "unseeded-split"} == {"waived"}
    assert mllint(*argv).out == "0 comments written to 0 files\n"


def test_what_has_no_line_is_told_as_a_waiver(mllint: Run, project: Path) -> None:
    result = mllint("suppress", "--rule", "no-ci", "--reason", "runs in the monorepo")
    assert result.out == "0 comments written to 0 files\n"
    assert '  [[tool.mllint.waivers]]\n  rule = "no-ci"' in result.err
    table = result.err.partition("pyproject.toml:\n")[2].replace("\n  ", "\n")
    (project / "pyproject.toml").write_text(table)
    report = told(mllint("check", "--format", "json").out)
    assert {f["status"] for f in report["findings"] if f["rule"] == "no-ci"} == {"waived"}


def test_unused_comments_are_removed(mllint: Run, project: Path) -> None:
    train = project / "train.py"
    before = train.read_text()
    comment(project, "ignore[absolute-path, unseeded-split] seeded by the launcher")
    shown = mllint("suppress", "--remove-unused", "--diff")
    assert "-" + SPLIT in shown.out
    assert "[absolute-path" in train.read_text()
    assert mllint("suppress", "--remove-unused").out == "1 comment removed from 1 file\n"
    assert "# mllint: ignore[unseeded-split] seeded by the launcher" in train.read_text()
    train.write_text(before.replace("(frame)", "(frame, random_state=7)"))
    comment_free = train.read_text()
    train.write_text(comment_free.replace("model =", "# mllint: ignore[unseeded-split] x\nmodel ="))
    assert mllint("suppress", "--remove-unused").code == 0
    assert train.read_text() == comment_free


@pytest.mark.parametrize(
    "argv",
    [
        ["suppress"],
        ["suppress", "--rule", "no-ci"],
        ["suppress", "--rule", "no-ci", "--reason", " "],
        ["suppress", "--rule", "no-sea", "--reason", "x"],
        ["suppress", "--rule", "no-ci", "--reason", "x", "--remove-unused"],
        ["suppress", "--rule", "no-ci", "--reason", "x", "--until", "soon"],
    ],
)
def test_wrong_usage_of_suppress(argv: list[str], mllint: Run, project: Path) -> None:
    before = (project / "train.py").read_text()
    assert mllint(*argv).code == 2
    assert (project / "train.py").read_text() == before
