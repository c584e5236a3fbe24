"""Whole tiny repositories, and what mllint is to say of each: see `fixtures/*/expected.toml`.

about      what the fixture is there for
options    more words for `mllint check`
git        whether it is a repository with a commit (true by default)
exit_code  how the run ends
[score]    at the profile internal: least, most, or none = true
[verdicts] rule -> verdict; rules that are not named may say anything
[unread]   path -> kind of problem; no other file may stay unread
[made]     files that git or an editor would not keep: { text, times } | { base64 } | { link }
           | { fifo }
"""

from __future__ import annotations

import base64
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import jsonschema
import pytest
import tomli

from mllint.cli import run
from mllint.reports.json import schema
from mllint.review import Verdict
from tests.catalogued import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Callable

FIXTURES = Path(__file__).with_name("fixtures")
NAMES = sorted(path.parent.name for path in FIXTURES.glob("*/expected.toml"))
KEYS = {"about", "options", "git", "exit_code", "score", "verdicts", "unread", "made"}


def expected(name: str) -> dict[str, Any]:
    return tomli.loads((FIXTURES / name / "expected.toml").read_text("utf-8"))


def make(path: Path, spec: dict[str, Any]) -> None:
    """One of the files that git would not keep."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if "link" in spec:
        path.symlink_to(spec["link"])
    elif "fifo" in spec:
        os.mkfifo(path)
    elif "base64" in spec:
        path.write_bytes(base64.b64decode(spec["base64"]))
    else:
        path.write_text(spec["text"] * spec.get("times", 1), "utf-8")


@pytest.fixture(name="laid_out")
def fixture_laid_out(tmp_path: Path, git: Callable[..., str]) -> Callable[[str], Path]:
    """Lays a fixture out as it would be found."""

    def call(name: str) -> Path:
        root, wanted = tmp_path / name, expected(name)
        root.mkdir()
        if (FIXTURES / name / "repo").is_dir():
            shutil.copytree(FIXTURES / name / "repo", root, dirs_exist_ok=True)
        if wanted.get("git", True):
            git(root, "init", "-q", "-b", "main")
            git(root, "add", ".")
            git(root, "commit", "-q", "-m", "one")
        for path, spec in wanted.get("made", {}).items():
            make(root / path, spec)
        return root

    return call


def test_there_are_the_nine() -> None:
    assert NAMES == [
        "broken", "delivery-service", "empty", "good-sklearn", "hostile", "invoice-pipeline",
        "leaky-notebook", "lightning-research", "torch-service",
    ]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_what_is_expected_is_well_said(name: str) -> None:
    wanted = expected(name)
    assert set(wanted) <= KEYS
    assert set(wanted["score"]) <= {"least", "most", "none"}
    assert set(wanted.get("verdicts", {})) <= set(CATALOGUE.rules)
    assert set(wanted.get("verdicts", {}).values()) <= set(get_args(Verdict))


@pytest.mark.parametrize("name", NAMES)
def test_a_fixture_is_judged_as_expected(
    name: str,
    laid_out: Callable[[str], Path],
    capfdbinary: pytest.CaptureFixture[bytes],
    cache: Path,
) -> None:
    root, wanted = laid_out(name), expected(name)
    options = ["--format", "json", "--profile", "internal", "--cache-dir", str(cache)]
    code = run(["check", str(root), *options, *wanted.get("options", [])])
    report = json.loads(capfdbinary.readouterr().out)
    jsonschema.validate(report, schema(), jsonschema.Draft202012Validator)

    assert code == wanted.get("exit_code", code)
    assert code in {0, 1}
    verdicts = {rule["id"]: rule["outcome"] for rule in report["rules"]}
    assert "crashed" not in verdicts.values()
    named = wanted.get("verdicts", {})
    assert {rule: verdicts[rule] for rule in named} == named
    notices = report["run"]["notices"]
    unread = {one["path"]: one["kind"] for one in notices if one["path"]}
    assert unread == wanted.get("unread", {})
    score = report["score"]["value"]
    assert (score is None) is wanted["score"].get("none", False)
    assert wanted["score"].get("least", 0) <= (score or 0) <= wanted["score"].get("most", 100)


@pytest.mark.parametrize("name", NAMES)
def test_a_report_for_people_is_plain_text(
    name: str,
    laid_out: Callable[[str], Path],
    capfdbinary: pytest.CaptureFixture[bytes],
    cache: Path,
) -> None:
    root = laid_out(name)
    options = ["--show", "all", "-v", "--max-findings", "0", "--color", "never"]
    run(["check", str(root), *options, "--cache-dir", str(cache), "--isolated"])
    out = capfdbinary.readouterr().out.decode()
    assert out.endswith("\n")
    assert [char for char in out if not (char.isprintable() or char == "\n")] == []
    assert [line for line in out.splitlines() if line.startswith(("::", "##vso"))] == []


def test_the_good_one_has_nothing_to_mend(
    laid_out: Callable[[str], Path], capfdbinary: pytest.CaptureFixture[bytes], cache: Path
) -> None:
    root = laid_out("good-sklearn")
    for profile in ("research", "internal", "production"):
        words = ["--profile", profile, "--min-score", "90", "--fail-on", "warning"]
        words += ["--cache-dir", str(cache)]
        assert run(["check", str(root), "-q", *words]) == 0, capfdbinary.readouterr().out
