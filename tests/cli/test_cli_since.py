"""`--since`, `--changed-lines`, `--no-regression`: what was there where the branch began."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Any]

FAULT = "\nimport yaml\n\nconfig = yaml.load(open('x'))\n"
NOTE = ("check", "--fail-on", "note")


def add(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def told(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text)
    return document


def fresh(result: Any) -> list[str]:
    return [f["rule"] for f in told(result.out)["findings"] if f["status"] == "new"]


@pytest.fixture(name="branch")
def fixture_branch(project: Path, git: Callable[..., str]) -> Path:
    """The project under git, on a branch that went off `main` one commit ago."""
    git(project, "init", "-q", "-b", "main")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "one")
    git(project, "checkout", "-q", "-b", "work")
    (project / "notes.md").write_text("# Notes\n")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "two")
    return project


def test_what_was_there_fails_nothing_and_costs_what_it_costs(mllint: Run, branch: Path) -> None:
    plain = told(mllint("check", "--format", "json").out)
    result = mllint(*NOTE, "--since", "main", "--format", "json")
    report = told(result.out)
    assert result.code == 0
    assert report["score"]["value"] == plain["score"]["value"]
    assert {f["status"] for f in report["findings"]} == {"baselined"}
    assert report["findings"][0]["reason"].startswith("known at the merge base ")
    assert report["findings"][0]["reason"].endswith(" with main")
    assert report["baseline"] is None
    assert branch.is_dir()


@pytest.mark.parametrize("flag", ["--since", "--changed-lines"])
@pytest.mark.parametrize("how", ["edited", "committed", "untracked"])
def test_what_is_new_fails(
    flag: str, how: str, mllint: Run, branch: Path, git: Callable[..., str]
) -> None:
    if how == "untracked":
        (branch / "fresh.py").write_text(FAULT)
    else:
        add(branch / "train.py", FAULT)
    if how == "committed":
        git(branch, "commit", "-q", "-a", "-m", "three")
    result = mllint(*NOTE, flag, "main", "--format", "json")
    assert (result.code, fresh(result)) == (1, ["unsafe-yaml-load"])


def test_main_may_have_gone_on(mllint: Run, branch: Path, git: Callable[..., str]) -> None:
    """What main mended meanwhile is not this branch's fault."""
    git(branch, "checkout", "-q", "main")
    train = branch / "train.py"
    train.write_text(train.read_text().replace("(frame)", "(frame, random_state=7)"))
    git(branch, "commit", "-q", "-a", "-m", "seed")
    git(branch, "checkout", "-q", "work")
    assert mllint(*NOTE, "--since", "main").code == 0


def test_a_moved_line_and_a_renamed_file_are_known(
    mllint: Run, branch: Path, git: Callable[..., str]
) -> None:
    train = branch / "train.py"
    train.write_text("# above\n\n" + train.read_text())
    git(branch, "mv", "train.py", "fit.py")
    assert mllint(*NOTE, "--since", "main").code == 0


def test_a_comment_taken_away_makes_its_finding_new(
    mllint: Run, branch: Path, git: Callable[..., str]
) -> None:
    train = branch / "train.py"
    plain = train.read_text()
    train.write_text(plain.replace("(frame)", "(frame)  # mllint: ignore[unseeded-split] why"))
    git(branch, "commit", "-q", "-a", "-m", "waive")
    train.write_text(plain)
    result = mllint(*NOTE, "--since", "HEAD", "--format", "json")
    assert fresh(result) == ["unseeded-split"]


def test_changed_lines_see_no_further_than_the_lines(mllint: Run, branch: Path) -> None:
    train = branch / "train.py"
    text = train.read_text()
    train.write_text(text.replace("(frame)", "(frame )"))
    assert fresh(mllint("check", "--changed-lines", "main", "--format", "json")) == [
        "unseeded-split"
    ]
    assert fresh(mllint("check", "--since", "main", "--format", "json")) == []
    train.write_text("# above\n" + text)
    assert fresh(mllint("check", "--changed-lines", "main", "--format", "json")) == []


def test_a_folder_within_is_compared_with_itself(
    mllint: Run, branch: Path, git: Callable[..., str]
) -> None:
    inner = branch / "inner"
    inner.mkdir()
    (inner / "a.py").write_text(FAULT)
    assert fresh(mllint("check", "inner", "--since", "main", "--format", "json"))
    git(branch, "add", ".")
    git(branch, "commit", "-q", "-m", "three")
    assert mllint(*NOTE, "inner", "--since", "HEAD").code == 0


def test_the_score_may_not_fall(mllint: Run, branch: Path) -> None:
    gate = ("check", "--fail-on", "never", "--no-regression", "--since", "main")
    assert mllint(*gate).code == 0
    train = branch / "train.py"
    train.write_text(train.read_text().replace("right[", "left["))
    result = mllint(*gate)
    assert result.code == 1
    assert result.out.splitlines()[-1].startswith("FAILED: the score fell from ")
    assert mllint(*gate, "--exit-zero").code == 0


def test_the_score_may_be_held_against_a_report(mllint: Run, branch: Path) -> None:
    mllint("check", "-o", "json=before.json")
    gate = [*["check", "--fail-on", "never", "--no-regression", "--against", "before.json"]]
    gate += ["--exclude", "before.json"]
    assert mllint(*gate).code == 0
    train = branch / "train.py"
    train.write_text(train.read_text().replace("right[", "left["))
    assert mllint(*gate).code == 1
    other = mllint(*gate, "--profile", "production")
    assert other.code == 2
    assert "has profile internal, this run production; their scores cannot be compared" in other.err
    mllint("check", "--select", "no-ci", "-o", "json=before.json")
    assert "is a report on a part of the project" in mllint(*gate).err
    (branch / "before.json").write_text("{}")
    assert "is no report of mllint in JSON" in mllint(*gate).err
    (branch / "before.json").unlink()
    assert mllint(*gate).code == 2


@pytest.mark.parametrize(
    ("argv", "text"),
    [
        (["--no-regression"], "--no-regression needs --since REF or --against REPORT.json"),
        (["--against", "x.json"], "--against says what to compare with: it needs --no-regression"),
        (
            ["--no-regression", "--since", "main", "train.py"],
            "--no-regression compares scores, which only a run over the whole project has",
        ),
        (["--since", "mian"], "--since mian: there is no such commit in this clone; did you mean"),
        (["--since", "-x"], "--since -x: there is no such commit"),
        (["--changed-lines", "none"], "--changed-lines none: there is no such commit"),
    ],
)
def test_wrong_usage(argv: list[str], text: str, mllint: Run, branch: Path) -> None:
    assert branch.is_dir()
    result = mllint("check", *argv)
    assert (result.code, result.out) == (2, "")
    assert f"error: {text}" in result.err


def test_without_git_nothing_can_be_compared(mllint: Run, project: Path) -> None:
    result = mllint("check", "--since", "main")
    assert result.code == 2
    assert "is not in a git repository" in result.err
    assert project.is_dir()


def test_without_a_commit_nothing_can_be_compared(
    mllint: Run, project: Path, git: Callable[..., str]
) -> None:
    git(project, "init", "-q", "-b", "main")
    result = mllint("check", "--since", "main")
    assert (result.code, "the repository has no commit yet" in result.err) == (2, True)


def test_unrelated_histories_have_no_base(
    mllint: Run, branch: Path, git: Callable[..., str]
) -> None:
    git(branch, "checkout", "-q", "--orphan", "other")
    git(branch, "commit", "-q", "-m", "alone")
    result = mllint("check", "--since", "main")
    assert result.code == 2
    assert "HEAD and main have no commit in common" in result.err


def shallow(branch: Path, git: Callable[..., str], *words: str) -> Path:
    clone = branch.parent / "clone"
    git(branch.parent, "clone", "-q", "--depth", "1", *words, f"file://{branch}", str(clone))
    return clone


@pytest.mark.parametrize(
    ("ref", "command"),
    [
        ("origin/main", "git fetch --unshallow origin main:refs/remotes/origin/main"),
        ("HEAD~1", "git fetch --unshallow origin"),
        ("main", "git fetch --unshallow origin main:refs/remotes/origin/main"),
    ],
)
def test_a_shallow_clone_is_told_the_command_that_mends_it(
    ref: str, command: str, mllint: Run, branch: Path, git: Callable[..., str]
) -> None:
    clone = shallow(branch, git, "--branch", "work")
    result = mllint("check", str(clone), "--since", ref)
    assert (result.code, result.out) == (2, "")
    assert f"hint: {command}" in result.err
    assert "`fetch-depth: 0`" in result.err
    subprocess.run(command.split(), cwd=clone, check=True, capture_output=True)
    mended = "origin/main" if ref == "main" else ref
    assert mllint(*NOTE, str(clone), "--since", mended).code == 0


def test_a_clone_that_does_not_reach_back_is_told_too(
    mllint: Run, branch: Path, git: Callable[..., str]
) -> None:
    git(branch, "checkout", "-q", "main")
    (branch / "more.md").write_text("# More\n")
    git(branch, "add", ".")
    git(branch, "commit", "-q", "-m", "on main")
    git(branch, "checkout", "-q", "work")
    clone = shallow(branch, git, "--no-single-branch")
    result = mllint("check", str(clone), "--since", "origin/main")
    assert result.code == 2
    assert "does not reach back to where HEAD left origin/main" in result.err
    assert "hint: git fetch --unshallow origin" in result.err
    git(clone, "fetch", "-q", "--unshallow", "origin")
    assert mllint(*NOTE, str(clone), "--since", "origin/main").code == 0


def test_baseline_and_base_are_both_known(
    mllint: Run, branch: Path, git: Callable[..., str]
) -> None:
    add(branch / "train.py", FAULT)
    mllint("baseline", "create")
    git(branch, "stash", "-q")
    git(branch, "stash", "pop", "-q")
    result = mllint(*NOTE, "--since", "main", "--format", "json")
    assert (result.code, fresh(result)) == (0, [])
    assert told(result.out)["baseline"]["matched"] > 0
