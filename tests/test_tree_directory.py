"""Folders without git, as they are on disk."""

from __future__ import annotations

import json
import os
import random
from typing import TYPE_CHECKING

import pytest

from mllint import directory, gitread
from mllint.facts import Problem
from mllint.tree import LIMIT, Tree, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(params=["git", "by hand"])
def lister(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With git on the machine and without: a folder must look the same."""
    if request.param == "by hand":
        monkeypatch.setenv("PATH", "")
    return str(request.param)


def fill(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)


def test_an_empty_folder_is_an_empty_tree(tmp_path: Path, lister: str) -> None:
    tree = Tree.open(str(tmp_path))
    assert tree.paths == ()
    assert tree.git is None
    assert bool(tree.notices) == (lister == "by hand")


@pytest.mark.usefixtures("lister")
def test_files_are_listed_sorted_and_untracked_by_nobody(tmp_path: Path) -> None:
    fill(tmp_path, "b.py", "a/z.py", "a.py", "a-b/c.py")
    tree = Tree.open(str(tmp_path))
    assert tree.paths == ("a-b/c.py", "a.py", "a/z.py", "b.py")
    assert {tree.entry(path).tracked for path in tree.paths} == {None}
    assert tree.read("a/z.py") == b"a/z.py"
    assert tree.root == tree.home == str(tmp_path.resolve())


@pytest.mark.usefixtures("lister")
@pytest.mark.parametrize(
    ("ignores", "left"),
    [
        ({".gitignore": "*.csv\n"}, "a.py data/deep/x.py data/x.py"),
        ({".gitignore": "data/\n!data/x.py\n"}, "a.py b.csv"),
        ({".gitignore": "data/*\n!data/x.py\n"}, "a.py b.csv data/x.py"),
        ({".gitignore": "/x.py\ndeep\n"}, "a.py b.csv data/r.csv data/x.py"),
        ({".gitignore": "*.csv\n", "data/.gitignore": "!r.csv\n"},
         "a.py data/deep/x.py data/r.csv data/x.py"),
        ({"data/.gitignore": "/x.py\n"}, "a.py b.csv data/deep/x.py data/r.csv"),
        ({".gitignore": "**/deep/**\n\\#x\n  \n"}, "a.py b.csv data/r.csv data/x.py"),
        ({".gitignore": "x.[a-p]y\n"}, "a.py b.csv data/r.csv"),
    ],
)  # fmt: skip
def test_gitignore_is_honoured(tmp_path: Path, ignores: dict[str, str], left: str) -> None:
    fill(tmp_path, "a.py", "b.csv", "data/x.py", "data/r.csv", "data/deep/x.py")
    for path, text in ignores.items():
        (tmp_path / path).write_text(text)
    found = [p for p in Tree.open(str(tmp_path)).paths if not p.endswith(".gitignore")]
    assert found == left.split()


def test_by_hand_and_by_git_agree_on_made_up_patterns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = random.Random(20261121)  # noqa: S311 - a test that must repeat itself
    names = ["a", "b.py", "c.csv", "data", "x y", "éé.txt", "*", "?.py", "[a-c]*", "a/**/c.csv"]
    for _ in range(60):
        folders = draw.choices(["", "data/", "a/", "a/data/", "b.py/"], k=2)
        fill(tmp_path / "t", "".join(folders) + draw.choice(["1.py", "c.csv", "éé.txt", "x y"]))
    for number in range(40):
        for folder in ("", "a", "data"):
            parts = [
                draw.choice(["", "/", "**/"]) + draw.choice(names) + draw.choice(["", "/", "/**"])
                for _ in range(draw.randint(1, 3))
            ]
            parts.append(draw.choice(["", "!c.csv", "!*.csv", "!/1.py"]))
            if (tmp_path / "t" / folder).is_dir():
                (tmp_path / "t" / folder / ".gitignore").write_text("\n".join(parts) + "\n")
        by_git = Tree.open(str(tmp_path / "t")).paths
        with monkeypatch.context() as patch:
            patch.setenv("PATH", "")
            assert Tree.open(str(tmp_path / "t")).paths == by_git, number


@pytest.mark.usefixtures("lister")
def test_environments_and_caches_are_passed_over(tmp_path: Path) -> None:
    fill(
        tmp_path, "a.py", ".venv/lib/x.py", "venv/x.py", "web/node_modules/x.js", ".hg/store",
        "pkg/__pycache__/a.pyc", "pkg.egg-info/PKG-INFO", ".ipynb_checkpoints/n.ipynb",
    )  # fmt: skip
    assert Tree.open(str(tmp_path)).paths == ("a.py",)


@pytest.mark.usefixtures("lister")
def test_repositories_within_a_plain_folder_are_read(
    tmp_path: Path, git: Callable[..., str]
) -> None:
    for name in ("one", "one/inner", "two"):
        fill(tmp_path, f"{name}/a.py")
        git(tmp_path / name, "init", "-q")
    assert Tree.open(str(tmp_path)).paths == ("one/a.py", "one/inner/a.py", "two/a.py")


def test_too_many_repositories_within_a_folder_are_listed_without_git(
    tmp_path: Path, git: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "_NESTED", 2)
    for name in ("one", "two", "three"):
        fill(tmp_path, f"{name}/a.py")
        git(tmp_path / name, "init", "-q")
    tree = Tree.open(str(tmp_path))
    assert tree.paths == ("one/a.py", "three/a.py", "two/a.py")
    assert tree.notices == ("files are listed without git: it holds more than 2 repositories",)


@pytest.mark.usefixtures("lister")
def test_one_file_is_a_tree_of_one(tmp_path: Path) -> None:
    fill(tmp_path, "a.py", "b.py", "venv/c.py")
    assert Tree.open(str(tmp_path / "a.py")).paths == ("a.py",)
    assert Tree.open(str(tmp_path / "venv" / "c.py")).paths == ("c.py",)


@pytest.mark.usefixtures("lister")
def test_odd_names_are_shown_escaped_and_still_read(tmp_path: Path) -> None:
    root = os.fsencode(tmp_path)
    for name in (b"caf\xe9.py", b"two\nlines.py", b"a b.py", b"tab\t.py", b'quo"te.py'):
        with open(os.path.join(root, name), "wb") as file:  # noqa: PTH118, PTH123 - bytes
            file.write(name)
    tree = Tree.open(str(tmp_path))
    assert tree.paths == ("a b.py", "caf\\xe9.py", 'quo"te.py', "tab\t.py", "two\nlines.py")
    assert tree.read("caf\\xe9.py") == b"caf\xe9.py"
    assert json.loads(json.dumps(tree.paths, ensure_ascii=False).encode()) == list(tree.paths)


def test_only_a_file_that_has_been_left_alone_for_a_while_has_a_stamp(tmp_path: Path) -> None:
    fill(tmp_path, "a.py")
    assert Tree.open(str(tmp_path)).entry("a.py").stamp == ""


def test_stamps_change_with_the_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, "a.py")
    monkeypatch.setattr("mllint.directory.time.time", lambda: 4e9)
    before = Tree.open(str(tmp_path)).entry("a.py").stamp
    assert Tree.open(str(tmp_path)).entry("a.py").stamp == before != ""
    times = (tmp_path / "a.py").stat()
    (tmp_path / "a.py").write_text("A.PY")
    os.utime(tmp_path / "a.py", ns=(times.st_atime_ns, times.st_mtime_ns))
    assert Tree.open(str(tmp_path)).entry("a.py").stamp != before


def test_large_files_are_listed_and_not_read(tmp_path: Path) -> None:
    with (tmp_path / "big.py").open("wb") as file:
        file.truncate(LIMIT + 1)
    tree = Tree.open(str(tmp_path))
    assert tree.entry("big.py").size == LIMIT + 1
    with pytest.raises(Unreadable) as caught:
        tree.read("big.py")
    assert caught.value.kind == "too-large"


def test_a_file_that_grows_while_it_is_read_is_given_up(tmp_path: Path) -> None:
    fill(tmp_path, "a.py")
    tree = Tree.open(str(tmp_path))
    with (tmp_path / "a.py").open("wb") as file:
        file.truncate(LIMIT + 1)
    with pytest.raises(Unreadable) as caught:
        tree.read("a.py")
    assert caught.value.kind == "too-large"


def test_a_file_that_goes_away_is_unreadable(tmp_path: Path) -> None:
    fill(tmp_path, "a.py")
    tree = Tree.open(str(tmp_path))
    (tmp_path / "a.py").unlink()
    with pytest.raises(Unreadable, match="No such file"):
        tree.read("a.py")


def test_a_git_folder_that_is_none_is_said_to_be_ignored(tmp_path: Path) -> None:
    fill(tmp_path, "a.py", ".git/config")
    tree = Tree.open(str(tmp_path))
    assert tree.paths == ("a.py",)
    assert tree.git is None
    assert tree.notices == ("`.git` is no repository that git can read; it is ignored",)


def test_git_that_takes_too_long_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, "a.py")
    slow = tmp_path / "bin" / "git"
    fill(tmp_path, "bin/git")
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(gitread, "SECONDS", 0.2)
    tree = Tree.open(str(tmp_path))
    assert tree.paths == ("a.py", "bin/git")
    assert tree.notices == ("files are listed without git: git took more than 0 s",)


def test_excluded_problems_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "a.py").symlink_to("/etc/hosts")
    assert Tree.open(str(tmp_path)).problems == (
        Problem("lib/a.py", "outside", "a symbolic link to /etc/hosts"),
    )
    assert Tree.open(str(tmp_path), ["lib/"]).problems == ()
