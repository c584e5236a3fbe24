"""Files that are none, links that lead astray, and files that change while they are looked at."""

from __future__ import annotations

import os
import socket
import stat
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from mllint import gitread
from mllint.collect import collect
from mllint.facts import Known, Problem
from mllint.tree import Tree, Unreadable

if TYPE_CHECKING:
    from pathlib import Path

NOTHING = Known(frozenset(), frozenset())


@pytest.fixture(params=["git", "by hand"], autouse=True)
def _lister(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With git on the machine and without."""
    if request.param == "by hand":
        monkeypatch.setenv("PATH", "")


def kinds(tree: Tree) -> dict[str, str]:
    return {problem.path: problem.kind for problem in tree.problems}


def test_fifos_and_sockets_are_never_opened(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("")
    os.mkfifo(tmp_path / "pipe.py")
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(tmp_path / "s.py"))
        tree = Tree.open(str(tmp_path))
    assert tree.paths == ("a.py",)
    assert tree.problems == (
        Problem("pipe.py", "special", "a FIFO is never opened"),
        Problem("s.py", "special", "a socket is never opened"),
    )
    assert collect(tree, NOTHING, jobs=0).problems == tree.problems


def test_devices_are_never_opened(tmp_path: Path) -> None:
    try:
        os.mknod(tmp_path / "zero.py", 0o644 | stat.S_IFCHR, os.makedev(1, 5))
    except OSError:
        pytest.skip("this user cannot make devices")
    assert kinds(Tree.open(str(tmp_path))) == {"zero.py": "special"}


def test_a_root_that_is_special(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    tree = Tree.open(str(tmp_path / "pipe.py"))
    assert (tree.paths, kinds(tree)) == ((), {"pipe.py": "special"})


def test_links_are_listed_and_not_followed(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "lib").mkdir(parents=True)
    (root / "a.py").write_text("")
    (root / "lib" / "b.py").write_text("")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "c.py").write_text("")
    links = {
        "inside.py": "a.py", "lib/up.py": "../a.py", "folder": "lib", "broken.py": "nowhere.py",
        "absolute.py": str(root / "a.py"), "out.py": "../outside/c.py", "out": "../outside",
        "etc.py": "/etc/hosts", "loop.py": "loop.py", "one": "two", "two": "one", "self": ".",
        "chain.py": "etc.py",
    }  # fmt: skip
    for name, target in links.items():
        (root / name).symlink_to(target)
    tree = Tree.open(str(root))
    assert [p for p in tree.paths if tree.entry(p).kind == "file"] == ["a.py", "lib/b.py"]
    assert {p for p in tree.paths if tree.entry(p).kind == "link"} == set(links)
    assert kinds(tree) == {
        "out.py": "outside", "out": "outside", "etc.py": "outside", "chain.py": "outside",
        "loop.py": "unreadable", "one": "unreadable", "two": "unreadable",
    }  # fmt: skip
    with pytest.raises(Unreadable, match="a symbolic link"):
        tree.read("etc.py")
    found = collect(tree, NOTHING, jobs=0)
    assert found.files["inside.py"].link
    assert found.facts["inside.py"].rows == {}


def test_the_root_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "a.py").write_text("")
    (tmp_path / "link").symlink_to("root")
    assert Tree.open(str(tmp_path / "link")).paths == ("a.py",)


def test_a_file_that_turns_into_something_else_is_not_opened(tmp_path: Path) -> None:
    for name in ("fifo.py", "link.py", "folder.py"):
        (tmp_path / name).write_text("")
    tree = Tree.open(str(tmp_path))
    for path in tmp_path.glob("*.py"):
        path.unlink()
    os.mkfifo(tmp_path / "fifo.py")
    (tmp_path / "link.py").symlink_to("/etc/hosts")
    (tmp_path / "folder.py").mkdir()
    for name, kind in (("fifo.py", "special"), ("link.py", "unreadable"), ("folder.py", "special")):
        with pytest.raises(Unreadable) as caught:
            tree.read(name)
        assert caught.value.kind == kind


def test_what_may_not_be_read_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("")
    (tmp_path / "a.py").chmod(0)
    if os.access(tmp_path / "a.py", os.R_OK):
        pytest.skip("this user reads everything")
    (tmp_path / "shut").mkdir(mode=0)
    tree = Tree.open(str(tmp_path))
    assert kinds(tree) == {"shut": "unreadable"}
    assert [p.path for p in collect(tree, NOTHING, jobs=0).problems] == ["a.py", "shut"]
    (tmp_path / "shut").chmod(0o700)


@pytest.mark.parametrize("name", [".gitignore", ".git/index", ".git/HEAD", ".git/config", ".git"])
def test_git_files_that_are_fifos_hold_nothing_up(
    name: str, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gitread, "SECONDS", 0.5)
    if name == ".git":
        (repo / name).rename(repo / "git")
    else:
        (repo / name).unlink(missing_ok=True)
    os.mkfifo(repo / name)
    assert {"data/rows.csv", "train.py"} <= set(Tree.open(str(repo)).paths)


def test_a_tracked_folder_that_was_replaced_by_a_link_is_not_entered(
    repo: Path, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "rows.csv").write_text("secret")
    (repo / "data" / "rows.csv").unlink()
    (repo / "data").rmdir()
    (repo / "data").symlink_to(tmp_path / "elsewhere")
    tree = Tree.open(str(repo))
    assert "data/rows.csv" not in tree.paths
    assert kinds(tree) == {"data": "outside"}


def test_a_deep_folder_is_no_trouble(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*["d" * 10] * 200)
    folder.mkdir(parents=True)
    (folder / "a.py").write_text("x = 1\n")
    tree = Tree.open(str(tmp_path))
    assert [tree.read(path) for path in tree.paths] == [b"x = 1\n"]
