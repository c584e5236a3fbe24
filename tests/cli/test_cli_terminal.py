"""What the report looks like where: colour, links, characters and width."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COLOR = "\x1b[1;31m"
LINK = "\x1b]8;"
ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x1b]*\x1b\\)")


def at_terminal(terminal: Callable[..., Any], *flags: str, **more: Any) -> str:
    shown: str = terminal("check", "--exit-zero", "--no-progress", *flags, **more).end()[1]
    return shown


@pytest.mark.parametrize(
    ("env", "flags", "colored"),
    [
        ({}, [], True),
        ({"NO_COLOR": "1"}, [], False),
        ({"NO_COLOR": ""}, [], True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, [], False),
        ({"NO_COLOR": "1"}, ["--color", "always"], True),
        ({"TERM": "dumb"}, [], False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, [], True),
        ({"CLICOLOR": "0"}, [], False),
        ({"CLICOLOR": "1"}, [], True),
        ({"FORCE_COLOR": "0"}, [], False),
        ({}, ["--color", "never"], False),
    ],
)
def test_colour_at_a_terminal(
    env: dict[str, str],
    flags: list[str],
    colored: bool,
    terminal: Callable[..., Any],
    project: Path,
) -> None:
    assert project.is_dir()
    shown = at_terminal(terminal, *flags, env=env)
    assert bool(re.search(r"\x1b\[[0-9;]*m", shown)) is colored
    assert "Score " in ESCAPES.sub("", shown)


@pytest.mark.parametrize(
    ("env", "colored"),
    [({}, False), ({"FORCE_COLOR": "1"}, True), ({"CLICOLOR_FORCE": "1"}, True),
     ({"CLICOLOR_FORCE": "0"}, False), ({"CLICOLOR": "1"}, False)],
)  # fmt: skip
def test_colour_in_a_pipe(
    env: dict[str, str],
    colored: bool,
    mllint: Callable[..., Any],
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert project.is_dir()
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    out = mllint("check", "--exit-zero").out
    assert ("\x1b[" in out) is colored
    assert LINK not in out


@pytest.mark.parametrize(
    ("env", "flags", "linked"),
    [
        ({}, [], True),
        ({}, ["--links", "never"], False),
        ({"NO_COLOR": "1"}, [], False),
        ({"TERM": "dumb"}, [], False),
        ({"NO_COLOR": "1"}, ["--links", "always"], True),
        ({"TERM": "dumb"}, ["--links", "always"], True),
    ],
)
def test_places_are_links_at_a_terminal(
    env: dict[str, str], flags: list[str], linked: bool, terminal: Callable[..., Any], project: Path
) -> None:
    shown = at_terminal(terminal, *flags, env=env)
    assert (LINK in shown) is linked
    assert (f"file://{project}/train.py" in shown) is linked


def test_links_are_written_where_they_are_asked_for(
    mllint: Callable[..., Any], project: Path
) -> None:
    out = mllint("check", "--exit-zero", "--links", "always").out
    assert f"{LINK};file://{project}/train.py\x1b\\train.py:6:15{LINK};\x1b\\" in out
    bare = mllint("check", "--exit-zero").out
    assert ESCAPES.sub("", out).split("\n")[2:] == bare.split("\n")[2:]


@pytest.mark.parametrize(
    ("env", "plain"),
    [
        ({"LANG": "C"}, True),
        ({"LC_ALL": "C"}, True),
        ({"LC_ALL": "POSIX", "LANG": "C.UTF-8"}, True),
        ({"PYTHONIOENCODING": "ascii"}, True),
        ({"PYTHONIOENCODING": "latin-1"}, True),
        ({"LANG": "C.UTF-8"}, False),
        ({}, False),
    ],
)
def test_ornaments_are_ascii_where_the_locale_is(
    env: dict[str, str], plain: bool, terminal: Callable[..., Any], project: Path
) -> None:
    assert project.is_dir()
    shown = ESCAPES.sub("", at_terminal(terminal, env=env))
    assert shown.isascii() is plain
    assert ("##########" in shown) is plain


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(
    columns: int, terminal: Callable[..., Any], project: Path
) -> None:
    assert project.is_dir()
    shown = at_terminal(terminal, "--show", "all", columns=columns)
    lines = ESCAPES.sub("", shown).split("\n")
    assert [line for line in lines if len(line) > columns] == []
    assert max(map(len, lines)) > columns - 10


@pytest.mark.parametrize("term", ["dumb", "xterm"])
def test_progress_is_no_animation_on_a_dumb_terminal(
    term: str, terminal: Callable[..., Any], project: Path
) -> None:
    for number in range(300):  # more than half a second of work
        (project / f"m{number}.py").write_text("x = [" + "1, " * 2000 + "]\n")
    shown: str = terminal("check", "--exit-zero", env={"TERM": term}).end()[1]
    assert ("reading" in shown) is (term == "xterm")


def test_statistics_take_the_place_of_the_findings(
    mllint: Callable[..., Any], project: Path
) -> None:
    assert project.is_dir()
    out = mllint("check", "--exit-zero", "--statistics", ".").out
    assert re.search(r"(?m)^Rule +findings +sites +points$", out)
    assert re.search(r"(?m)^warning unseeded-split +1 +1 +-\d+\.\d$", out)
    assert " ms" not in out


def test_statistics_tell_what_checks_took_even_in_a_warm_run(
    mllint: Callable[..., Any], project: Path
) -> None:
    assert project.is_dir()
    mllint("check")
    out = mllint("check", "--exit-zero", "--statistics=time").out
    assert re.search(r"(?m)^Rule +findings +sites +points +ms$", out)
    assert re.search(r"(?m)^warning unseeded-split +1 +1 +-\d+\.\d +\d+$", out)
    seconds = re.search(r"(?m)^(\d+\.\d) s for all checks", out)
    assert seconds
    assert sum(int(n) for n in re.findall(r"(?m) (\d+)$", out)) > 0


def test_statistics_of_nothing_else(mllint: Callable[..., Any], project: Path) -> None:
    assert mllint("check", "--statistics=size").code == 2
    mllint("check", "-o", "json=r.json")
    result = mllint("render", "r.json", "--statistics=time")
    assert (result.code, result.out) == (2, "")
    assert "a report does not hold what its run took" in result.err
    assert mllint("render", "r.json", "--statistics").code == 0
    assert project.is_dir()
