"""Evidence of an unchanged tree is remembered; of a changed one it is made anew."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mllint import engine
from mllint.settings import Settings

if TYPE_CHECKING:
    from mllint.review import Report

BAD = "from sklearn.model_selection import train_test_split\n\na, b = train_test_split(x)\n"
GOOD = BAD.replace("(x)", "(x, random_state=7)")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "churn"
    folder.mkdir()
    (folder / "train.py").write_text(BAD)
    (folder / "broken.py").write_text("def f(:\n")
    return folder


def check(project: Path, **changes: Any) -> Report:
    settings = Settings(jobs=1, cache_dir=project.parent / "cache")
    return engine.run(project, replace(settings, **changes))


def plain(report: Report) -> Report:
    """A report without what may differ from run to run."""
    return replace(report, run=replace(report.run, cached=0, seconds=0.0), rules={})


def settle() -> None:
    """Wait until the files are old enough to be known by their stamp."""
    time.sleep(2.2)


def links(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts how often files are joined from now on."""
    import mllint.link

    calls: list[int] = []
    real = mllint.link.link

    def counted(*given: Any) -> Any:
        calls.append(1)
        return real(*given)

    monkeypatch.setattr(mllint.link, "link", counted)
    return calls


def test_a_second_run_says_the_same_without_joining_the_files(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle()
    first = check(project)
    calls = links(monkeypatch)
    second = check(project)
    assert calls == []
    assert plain(second) == plain(first)
    assert second.run.cached == 2
    assert [p.path for p in second.problems] == ["broken.py"]


def test_a_run_without_cache_says_the_same(project: Path) -> None:
    check(project)
    assert plain(check(project)) == plain(check(project, cache=False))


def test_a_changed_file_is_seen(project: Path) -> None:
    assert "unseeded-split" in {f.rule for f in check(project).findings}
    (project / "train.py").write_text(GOOD)
    assert "unseeded-split" not in {f.rule for f in check(project).findings}


def test_other_options_are_other_evidence(project: Path) -> None:
    (project / "requirements.txt").write_text("scikit-learn==1.5.2\n")
    (project / "README.md").write_text("# Churn\n\nPredicts who will leave.\n")
    settle()
    assert "no-readme" in {f.rule for f in check(project).findings}
    few = check(project, options={"no-readme": {"min-words": 2}})
    assert "no-readme" not in {f.rule for f in few.findings}


def test_another_profile_or_selection_uses_what_is_remembered(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle()
    check(project)
    calls = links(monkeypatch)
    report = check(project, profile="research")
    assert calls == []
    assert report.profile == "research"


def test_a_rule_that_did_not_run_before_is_run(project: Path) -> None:
    settle()
    check(project, select=("notebooks",))
    assert "unseeded-split" in {f.rule for f in check(project).findings}
    assert plain(check(project)) == plain(check(project, cache=False))


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
@pytest.mark.parametrize("files", [1, 12])
def test_workers_that_got_ready_early_change_nothing_and_are_gone(
    project: Path, files: int
) -> None:
    (project / "steps").mkdir()
    for number in range(files):
        (project / "steps" / f"step_{number}.py").write_text(BAD)
    early = check(project, jobs=2)
    assert plain(early) == plain(check(project, jobs=1, cache=False))
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    assert [c for c in children if "mllint.worker" in Path(f"/proc/{c}/cmdline").read_text()] == []
