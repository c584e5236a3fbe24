"""`mllint baseline`, and runs that know what was there before."""

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

NAME = ".mllint-baseline.json"
FAULT = "\nimport yaml\n\nconfig = yaml.load(open('x'))\n"
OTHER = "\nlast = open('/home/ada/rows.csv')\n"


def told(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text)
    jsonschema.validate(document, schema(), jsonschema.Draft202012Validator)
    return document


def add(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def entries(project: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((project / NAME).read_text())["entries"]
    return found


def rules(project: Path) -> set[str]:
    return {one["rule"] for one in entries(project)}


def test_create_then_check_is_clean_at_the_same_score(mllint: Run, project: Path) -> None:
    assert project.is_dir()
    before = told(mllint("check", "--format", "json").out)
    created = mllint("baseline", "create")
    number = len(before["findings"])
    assert (created.code, created.err) == (0, "")
    assert created.out.startswith(f"{number} findings written to {NAME}\n")
    assert "     1  unseeded-split" in created.out
    result = mllint("check", "--fail-on", "note", "--format", "json")
    after = told(result.out)
    assert result.code == 0
    assert after["score"] | {"fix_first": 0} == before["score"] | {"fix_first": 0}
    assert {f["status"] for f in after["findings"]} == {"baselined"}
    assert after["baseline"]["matched"] == number
    assert after["baseline"]["points"] == pytest.approx(100 - after["score"]["value"], abs=1e-3)
    assert f"{number} known before, " in mllint("check").out
    assert "OK: no new findings" in mllint("check").out
    shown = mllint("check", "--show", "known").out
    assert f"in {NAME}" in shown


def test_only_what_is_new_fails(mllint: Run, project: Path) -> None:
    mllint("baseline", "create")
    train = project / "train.py"
    train.write_text("# a line above\n\n" + train.read_text())
    assert mllint("check", "--fail-on", "note").code == 0
    add(train, FAULT)
    result = mllint("check", "--fail-on", "note", "-q")
    assert result.code == 1
    assert [line.split(": ")[1] for line in result.out.splitlines()[:-1]] == [
        "warning unsafe-yaml-load"
    ]
    assert mllint("check", "--fail-on", "note", "train.py").code == 1
    assert mllint("check", "--fail-on", "note", "README.md").code == 0


def test_a_renamed_file_is_followed(mllint: Run, project: Path) -> None:
    mllint("baseline", "create")
    (project / "train.py").rename(project / "fit.py")
    report = told(mllint("check", "--format", "json").out)
    assert {f["status"] for f in report["findings"] if f["location"]} == {"baselined"}
    assert report["baseline"]["mended"] == 0
    updated = mllint("baseline", "update")
    assert updated.out == f"{NAME}: 0 mended and removed\n"
    paths = {e["path"] for e in entries(project)}
    assert "fit.py" in paths
    assert "train.py" not in paths


def test_create_overwrites_only_by_force(mllint: Run, project: Path) -> None:
    mllint("baseline", "create")
    before = (project / NAME).read_text()
    add(project / "train.py", FAULT)
    refused = mllint("baseline", "create")
    assert refused.code == 2
    assert f"error: {NAME}: is there already" in refused.err
    assert (project / NAME).read_text() == before
    assert mllint("baseline", "create", "--force").code == 0
    assert "unsafe-yaml-load" in rules(project)


def test_prune_removes_and_never_adds(mllint: Run, project: Path) -> None:
    add(project / "train.py", FAULT)
    mllint("baseline", "create")
    train = project / "train.py"
    train.write_text(train.read_text().replace("yaml.load(", "yaml.safe_load(") + OTHER)
    report = mllint("check")
    assert "1 of the baseline mended (mllint baseline prune)" in report.out
    pruned = mllint("baseline", "prune")
    assert pruned.out == f"{NAME}: 1 mended and removed\n     1  unsafe-yaml-load\n"
    assert "unsafe-yaml-load" not in rules(project)
    assert "absolute-path" not in rules(project)
    again = (project / NAME).read_bytes()
    assert mllint("baseline", "prune").out == f"{NAME}: 0 mended and removed\n"
    assert (project / NAME).read_bytes() == again


def test_update_adds_only_what_it_is_told_to(mllint: Run, project: Path) -> None:
    mllint("baseline", "create")
    add(project / "train.py", FAULT + OTHER)
    plain = mllint("baseline", "update")
    assert plain.out == f"{NAME}: 0 mended and removed, 2 new and not in it\n"
    assert not {"unsafe-yaml-load", "absolute-path"} & rules(project)
    one = mllint("baseline", "update", "--add", "--rule", "security")
    assert one.out.splitlines() == [
        f"{NAME}: 1 finding added, 0 mended and removed, 1 new and not in it",
        "     1  unsafe-yaml-load",
    ]
    assert "absolute-path" not in rules(project)
    mllint("baseline", "update", "--add")
    assert "absolute-path" in rules(project)


def test_show_tells_them_at_their_lines(mllint: Run, project: Path) -> None:
    mllint("baseline", "create")
    train = project / "train.py"
    train.write_text("# a line above\n" + train.read_text())
    lines = mllint("baseline", "show").out.splitlines()
    assert any(line.startswith("train.py:7:15: ") for line in lines)
    assert lines[-1].startswith(f"{len(lines) - 1} findings in {NAME}, ")


@pytest.mark.parametrize("command", ["update", "prune", "show"])
def test_without_a_baseline_there_is_nothing_to_do(
    command: str, mllint: Run, project: Path
) -> None:
    assert project.is_dir()
    result = mllint("baseline", command)
    assert result.code == 2
    assert f"{NAME}: there is no such baseline" in result.err
    assert "`mllint baseline create` writes one" in result.err


def test_rule_without_add_is_wrong_usage(mllint: Run, project: Path) -> None:
    assert project.is_dir()
    result = mllint("baseline", "update", "--rule", "no-ci")
    assert (result.code, "it needs --add" in result.err) == (2, True)


def test_the_baseline_can_be_left_out_or_be_another(mllint: Run, project: Path) -> None:
    assert mllint("baseline", "create", "--baseline", "known.json").code == 0
    assert not (project / NAME).exists()
    strict = ("check", "--fail-on", "note")
    assert mllint(*strict).code == 1
    assert mllint(*strict, "--baseline", "known.json").code == 0
    (project / "mllint.toml").write_text('baseline = "known.json"\n')
    assert mllint(*strict).code == 0
    assert mllint(*strict, "--no-baseline").code == 1
    assert mllint(*strict, "--isolated").code == 1
    assert mllint("check", "--no-baseline", "--baseline", "known.json").code == 2
    missing = mllint("check", "--baseline", "none.json")
    assert (missing.code, "none.json: there is no such baseline" in missing.err) == (2, True)


def test_a_broken_baseline_ends_in_two(mllint: Run, project: Path) -> None:
    (project / NAME).write_text("<<<<<<< ours\n")
    result = mllint("check")
    assert result.code == 2
    assert f"error: {NAME}: is not valid JSON" in result.err
    assert mllint("check", "--no-baseline", "--exit-zero").code == 0


def test_a_strict_baseline_fails_for_what_is_mended(mllint: Run, project: Path) -> None:
    add(project / "train.py", FAULT)
    mllint("baseline", "create")
    train = project / "train.py"
    train.write_text(train.read_text().replace("yaml.load(", "yaml.safe_load("))
    assert mllint("check").code == 0
    result = mllint("check", "--config", "baseline-strict = true")
    assert result.code == 1
    assert result.out.splitlines()[-1] == (
        f"FAILED: 1 entry is mended in {NAME}: run `mllint baseline prune`"
    )


def test_entries_of_rules_that_do_not_run_are_left_alone(mllint: Run, project: Path) -> None:
    add(project / "train.py", FAULT)
    mllint("baseline", "create")
    train = project / "train.py"
    train.write_text(train.read_text().replace("yaml.load(", "yaml.safe_load("))
    (project / "mllint.toml").write_text('ignore = { "unsafe-yaml-load" = "for this test" }\n')
    assert mllint("baseline", "prune").out == f"{NAME}: 0 mended and removed\n"
    assert "unsafe-yaml-load" in rules(project)
    mllint("baseline", "update")
    assert "unsafe-yaml-load" in rules(project)


def test_a_waived_finding_is_not_taken_for_mended(mllint: Run, project: Path) -> None:
    add(project / "train.py", FAULT)
    mllint("baseline", "create")
    train = project / "train.py"
    train.write_text(train.read_text().replace("'x'))", "'x'))  # mllint: ignore[security/*] mine"))
    assert told(mllint("check", "--format", "json").out)["baseline"]["mended"] == 0
    assert mllint("baseline", "prune").out == f"{NAME}: 0 mended and removed\n"


def test_a_reader_of_another_folder_finds_its_baseline(
    mllint: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mllint("baseline", "create")
    monkeypatch.chdir(project.parent)
    assert mllint("check", "project", "--fail-on", "note").code == 0
    assert mllint("baseline", "show", "project").code == 0
    away = mllint("baseline", "create", "project", "--baseline", "away.json")
    assert away.code == 0
    assert (project.parent / "away.json").exists()
