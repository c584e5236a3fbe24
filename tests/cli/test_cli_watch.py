"""`--watch`: the report once, then only what a change did."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from mllint.cli.reporting import Asked
from mllint.cli.watch import Looked, watch
from mllint.engine import run
from mllint.reports import View
from mllint.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

UNSEEDED = "left, right = train_test_split(frame)\n"
SEEDED = "left, right = train_test_split(frame, random_state=1)\n"


def test_watch_tells_what_a_change_did(terminal: Callable[..., Any], project: Path) -> None:
    screen = terminal("check", "--watch", "--color", "never", "-o", "json=../r.json")
    first = screen.wait_for("finding", 60)
    screen.rest(1.5)
    assert "unseeded-split" in first
    written = (project.parent / "r.json").read_text()
    train = project / "train.py"
    train.write_text(train.read_text().replace(UNSEEDED, SEEDED))
    screen.wait_for("  - train.py:6:15: warning unseeded-split", 30)
    screen.wait_for(" / 100  E (+", 10)
    screen.rest(0.5)
    told = screen.shown.rpartition("changed")[2]
    assert re.search(r"\d\d:\d\d:\d\d  train\.py changed", screen.shown)
    assert re.search(r"  Score \d+ / 100  [A-E] \(\+\d+\.\d\)\n", told)
    assert "no-tests" not in told
    assert told.rstrip().endswith("  FAILED: 1 finding at or above `error`")
    assert (project.parent / "r.json").read_text() != written
    train.write_text(train.read_text().replace(SEEDED, UNSEEDED))
    screen.wait_for("  + train.py:6:15: warning unseeded-split", 30)
    (project / "note.txt").write_text("nothing of ours\n")
    screen.wait_for("the findings are the same", 30)
    screen.wait_for("(as before)", 10)
    screen.rest(1)
    screen.type("\x03")
    code, shown = screen.end()
    assert code == 130
    assert shown.rstrip().endswith("interrupted")


def test_a_report_that_is_written_is_no_change(terminal: Callable[..., Any], project: Path) -> None:
    screen = terminal("check", "--watch", "--color", "never", "-o", "json=r.json")
    screen.wait_for("finding", 60)
    screen.rest(2.5)
    assert (project / "r.json").is_file()
    assert " changed" not in screen.shown
    screen.type("\x03")
    assert screen.end()[0] == 130


def test_what_changes_during_the_first_look_is_seen(project: Path) -> None:
    settings = Settings(isolated=True, cache=False, jobs=0)
    looks = []

    def look() -> Looked:
        report = run(project, settings)
        looks.append(sum(len(outcome.findings) for outcome in report.outcomes))
        if len(looks) == 2:
            raise KeyboardInterrupt
        train = project / "train.py"
        train.write_text(train.read_text().replace(UNSEEDED, SEEDED))
        return Looked(report, settings)

    with pytest.raises(KeyboardInterrupt):
        watch(project, settings, Asked("text", (), View(), "never", "never"), look)
    assert looks[1] < looks[0]


def test_watch_outlives_a_configuration_that_is_being_edited(
    terminal: Callable[..., Any], project: Path
) -> None:
    screen = terminal("check", "--watch", "--color", "never")
    screen.wait_for("finding", 60)
    screen.rest(1.5)
    (project / "mllint.toml").write_text("profile = ")
    screen.wait_for("error: mllint.toml:1", 30)
    (project / "mllint.toml").write_text('ignore = { unseeded-split = "not here" }\n')
    screen.wait_for("  - train.py:6:15: warning unseeded-split", 30)
    screen.type("\x03")
    assert screen.end()[0] == 130


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--watch", "--format", "json"], "--watch prints text, not json"),
        (["--watch", "--format", "sarif"], "--watch prints text, not sarif"),
    ],
)
def test_watch_prints_text(
    argv: list[str], said: str, mllint: Callable[..., Any], project: Path
) -> None:
    assert project.is_dir()
    result = mllint("check", *argv)
    assert (result.code, result.out) == (2, "")
    assert said in result.err


def test_watch_looks_at_one_project(mllint: Callable[..., Any], project: Path) -> None:
    (project / "part").mkdir()
    (project / "mllint.toml").write_text('[[projects]]\npath = "part"\n')
    result = mllint("check", "--watch")
    assert result.code == 2
    assert "--watch looks at one project" in result.err
