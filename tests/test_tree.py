"""A tree in memory, and what all trees have in common."""

from __future__ import annotations

import pytest

from mllint.tree import LIMIT, Entry, Tree, TreeError, Unreadable


def test_paths_are_sorted_and_read_as_given() -> None:
    tree = Tree.of({"b.py": "é", "a.bin": b"\xff", "c": {"base64": "AAE="}, "d": {}})
    assert tree.paths == ("a.bin", "b.py", "c", "d")
    assert [tree.read(path) for path in tree.paths] == [b"\xff", "é".encode(), b"\0\1", b""]
    assert [tree.entry(path).size for path in tree.paths] == [1, 2, 2, 0]


def test_without_git_nothing_is_said_of_tracking() -> None:
    tree = Tree.of({"a.py": ""})
    assert tree.git is None
    assert tree.entry("a.py").tracked is None


def test_a_tree_has_git_as_soon_as_a_file_says_whether_it_is_tracked() -> None:
    tree = Tree.of({"a.py": "", "b.csv": {"size": 7, "tracked": False}, "c.bin": {"lfs": True}})
    assert tree.git is not None
    assert tree.git.commits
    assert tree.entry("a.py") == Entry(0, True)
    assert tree.entry("b.csv") == Entry(7, False)
    assert tree.entry("c.bin") == Entry(0, True, lfs=True)


def test_a_file_of_which_only_the_size_is_known_cannot_be_read() -> None:
    tree = Tree.of({"big.csv": {"size": 10}, "huge.json": {"size": LIMIT + 1}})
    with pytest.raises(Unreadable, match="only its size"):
        tree.read("big.csv")
    with pytest.raises(Unreadable, match=r"10\.0 MB; the limit is 10 MB") as caught:
        tree.read("huge.json")
    assert caught.value.kind == "too-large"


def test_unknown_keys_of_a_file_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown key of a file: txt"):
        Tree.of({"a.py": {"txt": ""}})


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        ([], "a.py docs/conf.py lib/a.py lib/deep/a.py"),
        (["lib/"], "a.py docs/conf.py"),
        (["lib/**"], "a.py docs/conf.py"),
        (["/a.py"], "docs/conf.py lib/a.py lib/deep/a.py"),
        (["a.py"], "docs/conf.py"),
        (["*.py", "!lib/*.py"], "lib/a.py"),
        (["lib/*", "!lib/deep/"], "a.py docs/conf.py lib/deep/a.py"),
        (["# lib/", ""], "a.py docs/conf.py lib/a.py lib/deep/a.py"),
    ],
)
def test_excludes_speak_gitignore(patterns: list[str], left: str) -> None:
    tree = Tree.of({"a.py": "", "lib/a.py": "", "lib/deep/a.py": "", "docs/conf.py": ""})
    assert tree.without(patterns).paths == tuple(left.split())


def test_a_path_that_does_not_exist_is_said_so() -> None:
    with pytest.raises(TreeError, match="/nowhere/at/all: there is no such file or folder"):
        Tree.open("/nowhere/at/all")
