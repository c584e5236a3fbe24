"""`mllint compare` and `mllint trend` on real repositories, and the comment on a pull request."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def git(root: Path, *words: str, day: str = "2026-01-01") -> None:
    who = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b.c", "GIT_COMMITTER_NAME": "a",
           "GIT_COMMITTER_EMAIL": "a@b.c", "GIT_AUTHOR_DATE": f"{day}T12:00:00",
           "GIT_COMMITTER_DATE": f"{day}T12:00:00"}  # fmt: skip
    subprocess.run(
        ["git", "-c", "init.defaultBranch=main", *words],
        cwd=root, check=True, capture_output=True, env={**os.environ, **who},
    )  # fmt: skip


def commit(root: Path, message: str, day: str = "2026-01-01") -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", message, day=day)


@pytest.fixture(name="history")
def fixture_history(project: Path) -> Path:
    """A project whose second commit seeds its split, and whose third has a manifest."""
    git(project, "init", "-q")
    commit(project, "start", "2026-01-01")
    git(project, "tag", "v1")
    path = project / "train.py"
    path.write_text(path.read_text().replace("(frame)", "(frame, random_state=1)"))
    commit(project, "seed | the *split* #1", "2026-02-01")
    (project / "requirements.txt").write_text("pandas==2.2.0\nscikit-learn==1.5.0\n")
    commit(project, "pin", "2026-03-01")
    git(project, "tag", "-a", "v2", "-m", "second")
    return project


def told(result: Any) -> dict[str, Any]:
    assert result.code == 0, result.err
    document: dict[str, Any] = json.loads(result.out)
    return document


def rules(findings: list[dict[str, Any]]) -> set[str]:
    return {finding["rule"] for finding in findings}


def test_two_commits_are_compared(mllint: Callable[..., Any], history: Path) -> None:
    assert history.is_dir()
    document = told(mllint("compare", "HEAD~2", "HEAD~1", "--format", "json"))
    assert rules(document["mended"]) == {"unseeded-split"}
    assert document["found"] == []
    assert document["delta"] > 0
    assert sum(document["shares"].values()) == pytest.approx(document["delta"], abs=1e-4)
    assert document["shares"]["code"] == pytest.approx(document["delta"], abs=1e-4)


def test_commit_is_compared_with_the_files_as_they_are(
    mllint: Callable[..., Any], history: Path
) -> None:
    path = history / "train.py"
    path.write_text(path.read_text().replace("(frame, random_state=1)", "(frame)"))
    document = told(mllint("compare", "HEAD", "--format", "json"))
    assert rules(document["found"]) == {"unseeded-split"}
    assert document["new"]["name"] == "working tree"
    shown = mllint("compare", "v2").out
    assert shown.startswith("Score ")
    assert "working tree" in shown
    assert "New  1" in shown


def test_reports_are_compared_with_each_other_and_with_commits(
    mllint: Callable[..., Any], history: Path, tmp_path: Path
) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    git(history, "checkout", "-q", "v1")
    mllint("check", "-o", f"json={old}")
    git(history, "checkout", "-q", "main")
    mllint("check", "-o", f"json={new}")
    by_files = told(mllint("compare", str(old), str(new), "--format", "json"))
    by_refs = told(mllint("compare", "v1", "main", "--format", "json"))
    assert {f["id"] for f in by_files["mended"]} == {f["id"] for f in by_refs["mended"]} != set()
    assert by_files["delta"] == pytest.approx(by_refs["delta"], abs=1e-4)
    mixed = told(mllint("compare", str(old), "--format", "json"))
    assert mixed["delta"] == pytest.approx(by_refs["delta"], abs=1e-4)


def test_each_commit_has_its_own_configuration(mllint: Callable[..., Any], history: Path) -> None:
    (history / "mllint.toml").write_text(
        'extend = ["more/base.toml"]\n[[waivers]]\nrule = "no-licence"\nreason = "elsewhere"\n'
    )
    (history / "more").mkdir()
    (history / "more" / "base.toml").write_text('ignore = { "no-tests" = "a sketch" }\n')
    commit(history, "configure")
    document = told(mllint("compare", "HEAD~1", "HEAD", "--format", "json"))
    assert document["shares"]["code"] == pytest.approx(0.0, abs=1e-4)
    assert document["shares"]["configuration"] != 0
    assert document["shares"]["waivers"] > 0
    assert rules(document["waived"]) == {"no-licence"}
    assert "no-tests" in {change["rule"] for change in document["not_judged"]}
    assert sum(document["shares"].values()) == pytest.approx(document["delta"], abs=1e-4)


def test_project_below_the_top_has_the_configuration_above_it(
    mllint: Callable[..., Any], history: Path
) -> None:
    inner = history / "services" / "rank"
    inner.mkdir(parents=True)
    git(history, "mv", "train.py", "services/rank/train.py")
    (history / "mllint.toml").write_text('profile = "research"\n')
    commit(history, "move")
    document = told(mllint("compare", "HEAD", "-C", str(inner), "--format", "json"))
    assert (document["old"]["profile"], document["new"]["profile"]) == ("research", "research")
    assert document["delta"] == pytest.approx(0.0, abs=1e-4)


def test_comparison_goes_to_files(mllint: Callable[..., Any], history: Path) -> None:
    result = mllint("compare", "v1", "v2", "-o", "markdown=c.md", "-o", "json=c.json")
    assert result.out.startswith("Score ")
    assert (history / "c.md").read_text().startswith("# mllint: Score ")
    assert json.loads((history / "c.json").read_text())["schema"] == "mllint-comparison-1"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["compare", "no-such-ref"], "no-such-ref: "),
        (["compare", "--", "--upload-pack=x"], "a revision does not start with a dash"),
        (["compare", "gone.json"], "gone.json: there is no such report"),
        (["compare", "README.md"], "README.md: is no JSON"),
        (["compare", "HEAD", "-o", "html=x"], "-o html=x: wants FORMAT=PATH"),
        (["compare"], "Missing argument"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    argv: list[str], said: str, mllint: Callable[..., Any], history: Path
) -> None:
    assert history.is_dir()
    result = mllint(*argv)
    assert (result.code, result.out) == (2, "")
    assert said in result.err


def test_files_that_a_partial_clone_lacks_are_told(
    mllint: Callable[..., Any], history: Path
) -> None:
    found = subprocess.run(
        ["git", "rev-parse", "v1:train.py"], cwd=history, check=True, capture_output=True
    )
    blob = found.stdout.decode().strip()
    (history / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    result = mllint("compare", "v1")
    assert result.code == 0
    assert "lacks 1 file of v1, whose score may be off" in result.err


def test_nothing_of_the_repository_is_changed(mllint: Callable[..., Any], history: Path) -> None:
    before = sorted(p.relative_to(history).as_posix() for p in history.rglob("*"))
    mllint("compare", "v1", "v2")
    mllint("trend")
    assert sorted(p.relative_to(history).as_posix() for p in history.rglob("*")) == before


# --- trend ---------------------------------------------------------------------------------------


def test_trend_tells_the_last_commits_oldest_first(
    mllint: Callable[..., Any], history: Path
) -> None:
    assert history.is_dir()
    points = told(mllint("trend", "--format", "json"))["points"]
    assert [p["name"] for p in points] == ["start", "seed | the *split* #1", "pin"]
    assert [p["day"] for p in points] == ["2026-01-01", "2026-02-01", "2026-03-01"]
    assert points[0]["score"] < points[1]["score"] < points[2]["score"]
    last = told(mllint("trend", "-n", "1", "--format", "json"))["points"]
    assert last == points[-1:]


def test_trend_tells_the_tags(mllint: Callable[..., Any], history: Path) -> None:
    assert history.is_dir()
    points = told(mllint("trend", "--tags", "--format", "json"))["points"]
    assert [p["name"] for p in points] == ["v1", "v2"]


def test_trend_is_a_table_with_a_chart(mllint: Callable[..., Any], history: Path) -> None:
    assert history.is_dir()
    lines = mllint("trend").out.splitlines()
    assert lines[0].startswith("Score at profile internal")
    assert lines[1].startswith("2026-01-01  ")
    assert lines[-1][0] == "▁"
    assert lines[-1][2] == "█"
    markdown = mllint("trend", "--format", "markdown").out
    assert "seed \\| the \\*split\\* #\u200b1 |" in markdown


def test_trend_has_the_profile_that_is_asked_for(mllint: Callable[..., Any], history: Path) -> None:
    assert history.is_dir()
    plain = told(mllint("trend", "-n", "1", "--format", "json"))["points"][0]
    asked = mllint("trend", "-n", "1", "--format", "json", "--profile", "production")
    assert told(asked)["points"][0]["score"] == plain["by_profile"]["production"]


def test_trend_needs_a_past(mllint: Callable[..., Any], project: Path) -> None:
    result = mllint("trend", "-C", str(project))
    assert (result.code, result.out) == (2, "")
    assert "is not in a git repository" in result.err
    git(project, "init", "-q")
    assert "has no commit yet" in mllint("trend").err


def test_trend_without_tags_says_so(mllint: Callable[..., Any], project: Path) -> None:
    git(project, "init", "-q")
    commit(project, "start")
    result = mllint("trend", "--tags")
    assert (result.code, result.out) == (0, "")
    assert "no tag" in result.err


# --- the comment on a pull request ---------------------------------------------------------------


def test_comment_tells_the_change_since_the_base(mllint: Callable[..., Any], history: Path) -> None:
    git(history, "checkout", "-q", "-b", "work")
    path = history / "train.py"
    path.write_text(path.read_text().replace("(frame, random_state=1)", "(frame)"))
    commit(history, "unseed")
    shown = mllint("check", "--since", "main", "--format", "markdown-pr").out
    assert shown.startswith("<!-- mllint:pr project=. v1 -->\n### mllint: ")
    assert " → " in shown.splitlines()[1]
    assert "| New findings | 1 warning |" in shown
    assert "**New**\n- warning `unseeded-split` `train.py:6:15`" in shown
    assert "compared with the merge base" in shown


def test_comment_tells_the_change_since_a_report(
    mllint: Callable[..., Any], history: Path, tmp_path: Path
) -> None:
    old = tmp_path / "old.json"
    mllint("check", "-o", f"json={old}")
    path = history / "train.py"
    path.write_text(path.read_text().replace("(frame, random_state=1)", "(frame)"))
    shown = mllint(
        "check", "--no-regression", "--against", str(old), "--format", "markdown-pr",
        "-o", "json=new.json",
    ).out  # fmt: skip
    assert "| New findings | 1 warning |" in shown
    rendered = mllint("render", "new.json", "--against", str(old), "--format", "markdown-pr").out
    assert "| New findings | 1 warning |" in rendered
    assert rendered.splitlines()[1] == shown.splitlines()[1]
