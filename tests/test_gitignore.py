"""Gitignore patterns mean what git takes them to mean, and none takes for ever."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from mllint.gitignore import matcher

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATHS = (
    "a", "b", "ab", "a.py", "a b", "a ", "!a", "#a", "[a]", "]", "a*", "a-b", "A", "7",
    "a/b", "a/c", "b/a", "c/b/a", "a/b/c", "a/x/y/b", "a/b/ab", "x/a.py", "x/y/a.py",
    "data/raw/a.csv", "data/a.csv", "data/raw/deep/b.csv", "b\\a", "größe/äö",
)  # fmt: skip


@pytest.mark.parametrize(
    "lines",
    [
        "a", "a/", "/a", "/a/", "a/b", "/a/b", "a/*", "*", "/*", "*/", "*/*", "**", "**/",
        "**/a", "a/**", "a/**/b", "**/b/**", "***/a", "a**b", "x/**/*.py", "data/**/*.csv",
        "*.py", "?", "a?b", "?/b", "[ab]", "[!a]", "[^a]", "[a-c]", "[c-a]", "[]]", "[!]]", "[a-]",
        r"[\]]", "[[:alpha:]]", "[[:digit:]]", "[[:none:]]", "[a", "[", "a[/]b",
        r"\a", r"\*", r"a\*", r"\!a", r"\#a", "#a", r"a\ ", "a ", "a\\", "\\", r"b\\a",
        "!a", "!", "/", "//", "a//b", "", "   ", "ä", "größe",
        "*\n!a", "a\n!a/b", "a/*\n!a/b", "/*\n!/a\n/a/*\n!/a/b", "*.py\n!a.py\nx/", "!a\na",
    ],
)  # fmt: skip
def test_paths_are_named_as_git_names_them(
    lines: str, tmp_path: Path, git: Callable[..., str]
) -> None:
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "core.ignoreCase", "false")
    (tmp_path / ".gitignore").write_text(f"{lines}\n")
    done = subprocess.run(
        ["git", "check-ignore", "--no-index", "--stdin", "-z"],
        cwd=tmp_path,
        input="\0".join(PATHS),
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode in {0, 1}, done.stderr
    named = matcher(lines.split("\n"))
    assert [path for path in PATHS if named(path)] == done.stdout.split("\0")[:-1]


def test_a_slash_at_the_end_makes_a_folder() -> None:
    named = matcher(["runs/"])
    assert [named("runs"), named("runs/"), named("a/runs/"), named("runs/x")] == [
        False,
        True,
        True,
        True,
    ]


@pytest.mark.parametrize(
    "line",
    [
        "*a" * 2000 + "b",
        "*a" * 6 + "b",
        "**/" * 500 + "x",
        "a/**/" * 30 + "x",
        "a/**/*a*a*a*b/**/" * 20 + "x",
        "*?" * 100 + "b",
        "*[!a]" * 50,
        "*" * 5000,
        "[" * 5000,
        "[[:" * 3000,
        "\\" * 5001,
        "!" * 5000,
    ],
    ids=lambda line: line[:12],
)
@pytest.mark.parametrize("path", ["a" * 255, "a/" * 2000 + "z", ("a" * 50 + "/") * 40 + "a"])
def test_no_pattern_takes_for_ever(line: str, path: str) -> None:
    begun = time.process_time()
    matcher([line])(path)
    assert time.process_time() - begun < 2
