"""Several projects in one repository: a score each, and what they come to together."""

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

CONFIG = """\
fail-on = "never"
exclude = ["services/*/old/**"]

[[projects]]
path = "services/ranker"
profile = "production"

[[projects]]
path = "research"
name = "papers"
"""


@pytest.fixture(name="mono")
def fixture_mono(project: Path) -> Path:
    """A repository with two projects; what lies beside them belongs to neither."""
    text = (project / "train.py").read_text()
    for folder in ("services/ranker", "services/ranker/old", "research"):
        (project / folder).mkdir(parents=True, exist_ok=True)
        (project / folder / "train.py").write_text(text)
    seeded = text.replace("(frame)", "(frame, random_state=7)")
    (project / "research/train.py").write_text(seeded)
    (project / "mllint.toml").write_text(CONFIG)
    return project


def told(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text)
    return document


def test_each_project_has_a_score_of_its_own(mllint: Run, mono: Path) -> None:
    result = mllint("check", "--format", "json")
    document = told(result.out)
    assert result.code == 0
    assert mono.is_dir()
    reports = {one["name"]: one["report"] for one in document["projects"]}
    for report in reports.values():
        jsonschema.validate(report, schema(), jsonschema.Draft202012Validator)
    assert {n: r["project"]["profile"] for n, r in reports.items()} == {
        "services/ranker": "production", "papers": "internal",
    }  # fmt: skip
    assert [r["run"]["files"] for r in reports.values()] == [1, 1]
    values = [r["score"]["value"] for r in reports.values()]
    assert document["score"]["lowest"] == min(values)
    assert document["score"]["mean"] == pytest.approx(sum(values) / 2, abs=1e-5)
    rules = {n: {f["rule"] for f in r["findings"]} for n, r in reports.items()}
    assert "unseeded-split" in rules["services/ranker"]
    assert "unseeded-split" not in rules["papers"]


def test_the_text_ends_with_all_of_them(mllint: Run, mono: Path) -> None:
    lines = mllint("check").out.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("Projects "))
    assert [line.split()[0] for line in lines[at + 1 : at + 3]] in (
        ["services/ranker", "papers"], ["papers", "services/ranker"],
    )  # fmt: skip
    assert lines[at + 3].startswith("  mean ")
    assert lines[-1] == "OK: 2 projects"
    assert mono.is_dir()


def test_one_that_fails_fails_all(mllint: Run, mono: Path) -> None:
    own = 'fail-on = "warning"\nignore = { "no-ci" = "in the repository above" }\n'
    (mono / "services/ranker/mllint.toml").write_text(own)
    result = mllint("check")
    assert result.code == 1
    assert result.out.splitlines()[-1] == "FAILED: services/ranker"
    shown = mllint("check", "--format", "json")
    assert told(shown.out)["gate"] == {"passed": False, "exit_code": 1}
    assert mllint("check", "--exit-zero").code == 0


def test_a_projects_own_word_is_the_nearest(mllint: Run, mono: Path) -> None:
    (mono / "services/ranker/mllint.toml").write_text('profile = "research"\n')
    document = told(mllint("check", "--format", "json").out)
    assert document["projects"][0]["report"]["project"]["profile"] == "research"
    document = told(mllint("check", "--profile", "internal", "--format", "json").out)
    assert document["projects"][0]["report"]["project"]["profile"] == "internal"


def test_each_project_has_a_file_of_its_own(mllint: Run, mono: Path) -> None:
    argv = ("-o", "json=all.json", "-o", "text=out.txt", "-o", "sarif=out.sarif")
    assert mllint("check", *argv).code == 0
    made = {p.name for p in mono.iterdir() if p.suffix in {".json", ".txt", ".sarif"}}
    assert made == {
        "all.json", "out.services-ranker.txt", "out.papers.txt",
        "out.services-ranker.sarif", "out.papers.sarif",
    }  # fmt: skip
    assert len(told((mono / "all.json").read_text())["projects"]) == 2


def test_a_baseline_lies_in_its_project(mllint: Run, mono: Path, git: Callable[..., str]) -> None:
    git(mono, "init", "-q", "-b", "main")
    assert mllint("baseline", "create", "services/ranker").code == 0
    document = told(mllint("check", "--format", "json").out)
    new = [
        sum(f["status"] == "new" for f in one["report"]["findings"]) for one in document["projects"]
    ]
    assert new[0] == 0
    assert new[1] > 0
    assert mono.is_dir()


def test_a_project_alone_is_what_it_is_among_the_others(
    mllint: Run, mono: Path, git: Callable[..., str]
) -> None:
    git(mono, "init", "-q", "-b", "main")
    alone = told(mllint("check", "services/ranker", "--format", "json").out)
    among = told(mllint("check", "--format", "json").out)["projects"][0]["report"]
    assert alone["score"] == among["score"]
    shown = mllint("config", "show", "services/ranker", "--origin").out
    assert 'profile = "production"  # ../../mllint.toml:6' in shown


def test_a_path_is_looked_at_alone(mllint: Run, mono: Path) -> None:
    assert told(mllint("check", "research", "--format", "json").out)["score"]
    assert told(mllint("check", "--isolated", "--exit-zero", "--format", "json").out)["score"]
    assert mono.is_dir()


def test_what_cannot_be_is_told(mllint: Run, mono: Path) -> None:
    sarif = mllint("check", "--format", "sarif")
    assert sarif.code == 2
    assert "-o sarif=FILE writes FILE with the project's name" in sarif.err
    (mono / "mllint.toml").write_text('[[projects]]\npath = "gone"\n')
    gone = mllint("check")
    assert gone.code == 2
    assert "mllint.toml:1: there is no folder gone" in gone.err
