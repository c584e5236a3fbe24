"""The shell of the GitHub Action, run outside GitHub. `gh` alone is a stand-in."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.samples import FAULTY

ROOT = Path(__file__).parents[2]
GH = """#!/usr/bin/env bash
printf '%s\\n' "$*" >> "$GH_LOG"
case "$*" in
  *--paginate*) cat "$GH_COMMENTS" 2>/dev/null; exit 0 ;;
esac
exit "${GH_CODE:-0}"
"""
IDENTITY = ("-c", "user.name=a", "-c", "user.email=a@example.org")
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))


class Runner:
    """A machine of GitHub's with a checkout."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.repo = folder / "repo"
        self.repo.mkdir()
        (folder / "bin").mkdir()
        (folder / "bin/gh").write_text(GH)
        (folder / "bin/gh").chmod(0o755)
        (folder / "mllint").mkdir()
        for name, words in (("mllint", f"{sys.executable} -m mllint"), ("python", sys.executable)):
            (folder / "mllint" / name).write_text(f'#!/bin/sh\nexec {words} "$@"\n')
            (folder / "mllint" / name).chmod(0o755)
        self.output, self.summary = folder / "output", folder / "summary"
        self.log, self.comments = folder / "gh.log", folder / "comments"
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str) -> None:
        """Run git in the checkout."""
        subprocess.run(["git", *IDENTITY, *words], cwd=self.repo, check=True, capture_output=True)

    def commit(self, **files: str) -> None:
        """Commit files; `__` stands for a dot."""
        for name, text in files.items():
            (self.repo / name.replace("__", ".")).write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "change")

    def run(self, **inputs: str) -> subprocess.CompletedProcess[str]:
        """Run the script with inputs of the action and variables of the runner."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "GITHUB_"))}
        return subprocess.run(
            ["bash", str(ROOT / "action/run.sh")],
            cwd=self.repo,
            env={
                **kept,
                "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
                "MLLINT_BIN": str(self.folder / "mllint"),
                "MLLINT_CACHE_DIR": str(self.folder / "cache"),
                "RUNNER_TEMP": str(self.folder),
                "GITHUB_ACTIONS": "true",
                "GITHUB_REPOSITORY": "acme/ranker",
                "GITHUB_OUTPUT": str(self.output),
                "GITHUB_STEP_SUMMARY": str(self.summary),
                "GH_LOG": str(self.log),
                "GH_COMMENTS": str(self.comments),
                **inputs,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs of the step."""
        lines = self.output.read_text().splitlines()
        return {name: value for name, _, value in (line.partition("=") for line in lines)}


@pytest.fixture(name="runner")
def fixture_runner(tmp_path: Path) -> Runner:
    """A checkout with one commit."""
    runner = Runner(tmp_path)
    runner.commit(train__py=FAULTY, requirements__txt="torch==2.7.0\n")
    return runner


def test_the_step_fails_for_an_error_and_sets_the_outputs(runner: Runner) -> None:
    done = runner.run()
    assert done.returncode == 1, done.stderr
    assert set(runner.outputs) == {"score", "grade", "new", "report", "sarif-file"}
    assert 0 < float(runner.outputs["score"]) < 100
    assert runner.outputs["grade"] in "ABCDE"
    report = json.loads(Path(runner.outputs["report"]).read_text("utf-8"))
    assert int(runner.outputs["new"]) == sum(f["status"] == "new" for f in report["findings"])
    sarif = json.loads(Path(runner.outputs["sarif-file"]).read_text("utf-8"))
    assert sarif["version"] == "2.1.0"


def test_inputs_reach_the_command_line_as_they_are(runner: Runner) -> None:
    """Neither shell nor option parser reads what is in a value."""
    hostile = "$(touch pwned); `touch pwned`"
    done = runner.run(INPUT_PATHS=hostile, INPUT_FAIL_ON="never")
    assert done.returncode == 2
    assert "$(touch pwned); `touch pwned`: there is no such file or folder" in done.stderr
    assert runner.run(INPUT_PATHS="--exit-zero").returncode == 2
    assert not (runner.repo / "pwned").exists()


def test_settings_come_as_inputs(runner: Runner) -> None:
    assert runner.run(INPUT_FAIL_ON="never").returncode == 0
    assert runner.run(INPUT_FAIL_ON="never", INPUT_MIN_SCORE="99\nsplits=1\n").returncode == 1
    assert runner.run(INPUT_PROFILE="nobody").returncode == 2
    done = runner.run(INPUT_ARGS="--ignore\nmissing-zero-grad\n")
    assert done.returncode == 0, done.stdout
    badge = runner.repo / "badge.svg"
    runner.run(INPUT_FAIL_ON="never", INPUT_BADGE_PATH=str(badge))
    assert badge.read_text("utf-8").startswith("<svg")


def test_on_a_pull_request_only_new_findings_fail(runner: Runner) -> None:
    runner.git("update-ref", "refs/remotes/origin/main", "HEAD")
    runner.git("checkout", "-q", "-b", "feature")
    runner.commit(other__py="import numpy\n")
    assert runner.run(GITHUB_BASE_REF="main").returncode == 0
    assert runner.run(GITHUB_BASE_REF="main", INPUT_SINCE="none").returncode == 1
    runner.commit(second__py=FAULTY)
    assert runner.run(GITHUB_BASE_REF="main").returncode == 1


def test_a_base_that_the_checkout_lacks_is_said_aloud(runner: Runner) -> None:
    done = runner.run(GITHUB_BASE_REF="main")
    assert done.returncode == 1
    assert "Add 'fetch-depth: 0' to actions/checkout" in done.stderr


def test_one_comment_is_kept(runner: Runner) -> None:
    common = {"INPUT_COMMENT": "true", "PULL_REQUEST": "7", "INPUT_FAIL_ON": "never"}
    runner.run(**common)
    posted = runner.log.read_text().splitlines()[-1]
    assert posted.startswith("api --silent -X POST repos/acme/ranker/issues/7/comments -F body=@")
    body = Path(posted.partition("body=@")[2]).read_text("utf-8")
    marker = body.splitlines()[0]
    assert re.fullmatch(r"<!-- mllint:pr .*-->", marker)
    runner.comments.write_text(f"3\tsomething else\n41\t{marker}\n")
    runner.run(**common)
    assert "-X PATCH repos/acme/ranker/issues/comments/41" in runner.log.read_text()


def test_without_a_token_the_comment_goes_to_the_summary(runner: Runner) -> None:
    done = runner.run(INPUT_COMMENT="true", PULL_REQUEST="7", INPUT_FAIL_ON="never", GH_CODE="1")
    assert done.returncode == 0
    assert "could not be written" in done.stderr
    assert "<!-- mllint:pr" in runner.summary.read_text("utf-8")


def test_without_a_pull_request_nothing_is_commented(runner: Runner) -> None:
    runner.run(INPUT_COMMENT="true", INPUT_FAIL_ON="never")
    assert not runner.log.exists()


def test_every_input_reaches_the_script_through_the_environment() -> None:
    text = (ROOT / "action/run.sh").read_text("utf-8")
    steps = ACTION["runs"]["steps"]
    run = next(step for step in steps if step.get("id") == "run")
    passed = {name for name in run["env"] if name.startswith("INPUT_")}
    assert passed == set(re.findall(r"\bINPUT_[A-Z_]+", text))
    assert all("${{" not in step.get("run", "") for step in steps)
    set_by_steps = {"python-version", "sarif", "token"}
    assert {name.removeprefix("INPUT_").lower().replace("_", "-") for name in passed} == (
        set(ACTION["inputs"]) - set_by_steps
    )


def test_every_action_that_is_used_is_pinned_to_a_commit() -> None:
    used = [step["uses"] for step in ACTION["runs"]["steps"] if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", name) for name in used)
