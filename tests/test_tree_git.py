"""Folders of git repositories, and revisions read from git's objects."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from mllint.tree import Entry, Tree, TreeError, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COMMITTED = 1_700_000_000
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 9000\n"


def tracked(tree: Tree) -> dict[str, bool | None]:
    return {path: tree.entry(path).tracked for path in tree.paths}


def test_tracked_and_untracked_files_but_not_ignored_ones(repo: Path) -> None:
    (repo / ".gitignore").write_text("*.log\n")
    (repo / "new.py").write_text("")
    (repo / "run.log").write_text("")
    expected = {".gitignore": False, "data/rows.csv": True, "new.py": False, "train.py": True}
    assert tracked(Tree.open(str(repo))) == expected


def test_tracked_files_are_listed_even_if_ignored(repo: Path, git: Callable[..., str]) -> None:
    (repo / ".gitignore").write_text("*.log\n")
    (repo / "venv").mkdir()
    for path in ("run.log", "venv/a.py", "venv/b.py"):
        (repo / path).write_text("")
    git(repo, "add", "-f", "run.log", "venv/a.py")
    expected = {
        ".gitignore": False, "data/rows.csv": True, "run.log": True, "train.py": True,
        "venv/a.py": True,
    }  # fmt: skip
    assert tracked(Tree.open(str(repo))) == expected


def test_the_repositorys_own_exclude_file_counts_and_the_users_does_not(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repo / ".git" / "info").mkdir(exist_ok=True)
    (repo / ".git" / "info" / "exclude").write_text("mine.txt\n")
    (tmp_path / "home" / "git").mkdir(parents=True)
    (tmp_path / "home" / "git" / "ignore").write_text("*.py\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    (repo / "mine.txt").write_text("")
    (repo / "new.py").write_text("")
    assert Tree.open(str(repo)).paths == ("data/rows.csv", "new.py", "train.py")


def test_state_of_a_repository(repo: Path, git: Callable[..., str]) -> None:
    git(repo, "tag", "v1.0")
    git(repo, "tag", "-a", "-m", "x", "v0.9")
    state = Tree.open(str(repo)).git
    assert state is not None
    assert state.head == git(repo, "rev-parse", "HEAD")
    assert (state.commits, state.shallow, state.last_commit) == (True, False, COMMITTED)
    assert state.tags == ("v0.9", "v1.0")


def test_packed_refs_and_a_detached_head_are_read(repo: Path, git: Callable[..., str]) -> None:
    git(repo, "tag", "v1")
    git(repo, "pack-refs", "--all")
    git(repo, "checkout", "-q", "--detach")
    state = Tree.open(str(repo)).git
    assert state is not None
    assert (state.head, state.tags) == (git(repo, "rev-parse", "HEAD"), ("v1",))


def test_a_shallow_clone_is_known(repo: Path, tmp_path: Path, git: Callable[..., str]) -> None:
    git(repo, "commit", "-q", "--allow-empty", "-m", "two")
    git(tmp_path, "clone", "-q", "--depth=1", repo.as_uri(), "clone")
    state = Tree.open(str(tmp_path / "clone")).git
    assert state is not None
    assert state.shallow


def test_a_repository_without_a_commit(tmp_path: Path, git: Callable[..., str]) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "a.py").write_text("")
    tree = Tree.open(str(tmp_path))
    assert tracked(tree) == {"a.py": False}
    assert tree.git is not None
    assert (tree.git.commits, tree.git.head, tree.git.last_commit) == (False, "", 0)
    assert Tree.at(str(tmp_path), "HEAD").paths == ()


def test_files_deleted_but_not_yet_so_in_git_are_gone(repo: Path) -> None:
    (repo / "train.py").unlink()
    shutil.rmtree(repo / "data")
    tree = Tree.open(str(repo))
    assert tree.paths == ()
    assert tree.problems == ()


def test_files_left_out_of_a_sparse_checkout_are_there_and_cannot_be_read(
    repo: Path, git: Callable[..., str]
) -> None:
    git(repo, "update-index", "--skip-worktree", "data/rows.csv", "train.py")
    (repo / "data" / "rows.csv").unlink()
    tree = Tree.open(str(repo))
    entry = tree.entry("data/rows.csv")
    assert (entry.kind, entry.size, entry.tracked) == ("absent", 8, True)
    assert tree.read("train.py") == b"import torch\n"
    with pytest.raises(Unreadable, match="sparse checkout"):
        tree.read("data/rows.csv")


def test_a_folder_of_a_repository_is_the_root(repo: Path) -> None:
    (repo / "data" / ".gitignore").write_text("*.tmp\n")
    (repo / "data" / "x.tmp").write_text("")
    tree = Tree.open(str(repo / "data"))
    assert tracked(tree) == {".gitignore": False, "rows.csv": True}
    assert tree.git is not None
    assert tree.git.commits


def test_a_folder_that_the_repository_around_it_ignores_is_walked_plainly(repo: Path) -> None:
    (repo / ".gitignore").write_text("/out/\n*.log\n")
    (repo / "out" / "sub").mkdir(parents=True)
    (repo / "out" / "sub" / "a.py").write_text("")
    (repo / "out" / "run.log").write_text("")
    tree = Tree.open(str(repo / "out"))
    assert tracked(tree) == {"run.log": None, "sub/a.py": None}
    assert tree.git is None
    assert Tree.open(str(repo / "out" / "sub")).paths == ("a.py",)


def test_an_empty_folder_of_a_repository_is_an_empty_tree(repo: Path) -> None:
    (repo / "empty").mkdir()
    tree = Tree.open(str(repo / "empty"))
    assert (tree.paths, tree.git is None) == ((), False)


def test_submodules_and_nested_repositories_are_named_and_not_read(
    repo: Path, tmp_path: Path, git: Callable[..., str]
) -> None:
    git(tmp_path, "clone", "-q", str(repo), "other")
    git(repo, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(repo), "sub")
    git(repo, "clone", "-q", str(tmp_path / "other"), "nested")
    tree = Tree.open(str(repo))
    assert tree.paths == (".gitmodules", "data/rows.csv", "train.py")
    assert tree.notices == (
        "nested repositories are not read: nested/",
        "submodules are not read: sub",
    )
    git(repo, "commit", "-q", "-m", "sub")
    at = Tree.at(str(repo), "HEAD")
    assert (at.paths, at.notices) == (tree.paths, ("submodules are not read: sub",))
    assert Tree.open(str(repo / "sub")).paths == ("data/rows.csv", "train.py")


def test_a_linked_work_tree(repo: Path, tmp_path: Path, git: Callable[..., str]) -> None:
    git(repo, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    (tmp_path / "side" / "b.py").write_text("")
    git(tmp_path / "side", "add", "b.py")
    tree = Tree.open(str(tmp_path / "side"))
    assert tracked(tree) == {"b.py": True, "data/rows.csv": True, "train.py": True}
    assert tree.git is not None
    assert tree.git.head == git(repo, "rev-parse", "HEAD")


def test_a_path_in_conflict_is_listed_once(repo: Path, git: Callable[..., str]) -> None:
    git(repo, "checkout", "-q", "-b", "other")
    (repo / "train.py").write_text("other\n")
    git(repo, "commit", "-q", "-am", "other")
    git(repo, "checkout", "-q", "main")
    (repo / "train.py").write_text("main\n")
    git(repo, "commit", "-q", "-am", "main")
    with pytest.raises(Exception, match="merge"):
        git(repo, "merge", "-q", "other")
    assert tracked(Tree.open(str(repo))) == {"data/rows.csv": True, "train.py": True}


@pytest.mark.parametrize(
    "words", [["--object-format=sha256"], ["--object-format=sha1", "--shared=group"]]
)
def test_other_ways_to_initialise(
    tmp_path: Path, git: Callable[..., str], words: list[str]
) -> None:
    git(tmp_path, "init", "-q", *words)
    (tmp_path / "a.py").write_text("")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "one")
    assert tracked(Tree.open(str(tmp_path))) == {"a.py": True}
    assert tracked(Tree.at(str(tmp_path), "HEAD")) == {"a.py": True}


def test_a_split_index(repo: Path, git: Callable[..., str]) -> None:
    git(repo, "update-index", "--split-index")
    (repo / "b.py").write_text("")
    git(repo, "add", "b.py")
    tree = Tree.open(str(repo))
    assert tracked(tree) == {"b.py": True, "data/rows.csv": True, "train.py": True}
    assert tree.notices == ()


def test_a_broken_index_is_done_without(repo: Path) -> None:
    (repo / ".git" / "index").write_bytes(b"no index at all" * 9)
    tree = Tree.open(str(repo))
    assert tracked(tree) == {"data/rows.csv": None, "train.py": None}
    assert tree.git is None
    assert "files are listed without git: " in tree.notices[0]


def test_odd_names_in_a_repository(repo: Path, git: Callable[..., str]) -> None:
    names = ["two\nlines.py", 'quo"te.py', "é.py", "a\tb.py", " .py"]
    for name in names:
        (repo / name).write_text(name)
    git(repo, "add", ".")
    git(repo, "commit", "-q", "-m", "odd")
    for tree in (Tree.open(str(repo)), Tree.at(str(repo), "HEAD")):
        assert tree.paths == tuple(sorted([*names, "data/rows.csv", "train.py"]))
        assert [tree.read(name).decode() for name in names] == names
        assert tree.entry("é.py").tracked


def test_a_revision_is_what_was_committed(repo: Path, git: Callable[..., str]) -> None:
    (repo / "train.py").write_text("changed\n")
    (repo / "new.py").write_text("")
    (repo / "link").symlink_to("train.py")
    git(repo, "add", "link")
    git(repo, "commit", "-q", "-m", "two")
    head = git(repo, "rev-parse", "HEAD")
    tree = Tree.at(str(repo), "HEAD")
    assert tree.root == f"{repo.resolve()}/@{head}"
    assert tree.paths == ("data/rows.csv", "link", "train.py")
    assert tree.read("train.py") == b"import torch\n"
    assert tree.read("data/rows.csv") == b"a,b\n1,2\n"
    assert tree.entry("link").kind == "link"
    blob = git(repo, "rev-parse", "HEAD:train.py")
    assert tree.entry("train.py") == Entry(13, True, "file", blob, blob)
    assert Tree.at(str(repo), "HEAD~1").paths == ("data/rows.csv", "train.py")
    assert Tree.at(str(repo), head[:8]).paths == tree.paths
    assert Tree.at(str(repo), "main", ["data/"]).paths == ("link", "train.py")


def test_a_revision_of_a_folder(repo: Path) -> None:
    tree = Tree.at(str(repo / "data"), "HEAD")
    assert (tree.paths, tree.read("rows.csv")) == (("rows.csv",), b"a,b\n1,2\n")


def test_a_bare_repository_is_read_at_its_head(
    repo: Path, tmp_path: Path, git: Callable[..., str]
) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(repo), "bare.git")
    tree = Tree.open(str(tmp_path / "bare.git"))
    assert tracked(tree) == {"data/rows.csv": True, "train.py": True}
    assert tree.read("train.py") == b"import torch\n"
    git(tmp_path, "init", "-q", "--bare", "empty.git")
    assert Tree.open(str(tmp_path / "empty.git")).paths == ()


@pytest.mark.parametrize(
    ("rev", "said"),
    [
        ("nowhere", "revision 'nowhere' cannot be read: there is no such commit here"),
        ("--all", "a revision does not start with a dash"),
        ("HEAD:train.py", "cannot be read"),
    ],
)
def test_a_revision_that_is_none(repo: Path, rev: str, said: str) -> None:
    with pytest.raises(TreeError, match=said):
        Tree.at(str(repo), rev)


def test_a_revision_outside_of_any_repository(tmp_path: Path) -> None:
    with pytest.raises(TreeError, match="not in a git repository, so it has no revision 'HEAD'"):
        Tree.at(str(tmp_path), "HEAD")


def test_a_revision_whose_content_is_not_here(repo: Path, git: Callable[..., str]) -> None:
    blob = git(repo, "rev-parse", "HEAD:train.py")
    path = repo / ".git" / "objects" / blob[:2] / blob[2:]
    path.chmod(0o644)
    path.unlink()
    tree = Tree.at(str(repo), "HEAD")
    with pytest.raises(Unreadable, match="git does not have its content here"):
        tree.read("train.py")
    assert tree.read("data/rows.csv") == b"a,b\n1,2\n"


def test_what_git_stores_for_a_file_that_is_another_here(
    repo: Path, git: Callable[..., str]
) -> None:
    (repo / "model.pt").write_bytes(POINTER)
    (repo / "big.pt").write_bytes(b"x" * 2000)
    git(repo, "add", ".")
    (repo / "model.pt").write_bytes(b"x" * 9000)
    tree = Tree.open(str(repo))
    assert tree.stored(["model.pt", "big.pt"]) == {"model.pt": POINTER}
    assert tree.stored([]) == {}


def told(tree: Tree) -> list[tuple[str, bool]]:
    return [(commit.subject, commit.main) for commit in tree.history()]


def test_the_history_tells_what_the_branch_went_through(
    repo: Path, git: Callable[..., str]
) -> None:
    git(repo, "checkout", "-q", "-b", "side")
    git(repo, "commit", "-q", "--allow-empty", "-m", "two\n\nMore of it.")
    git(repo, "checkout", "-q", "main")
    git(repo, "merge", "-q", "--no-ff", "-m", "Merge it", "side")
    found = told(Tree.open(str(repo)))
    assert dict(found) == {"Merge it": True, "two": False, "one": True}
    newest = Tree.open(str(repo)).history()[0]
    assert (newest.parents, newest.when) == (2, COMMITTED)
    assert told(Tree.at(str(repo), "side")) == [("two", True), ("one", True)]


def test_the_history_of_a_folder_is_that_of_what_is_in_it(
    repo: Path, git: Callable[..., str]
) -> None:
    for name in ("data/more.csv", "run.py", "data/last.csv"):
        (repo / name).write_text("")
        git(repo, "add", ".")
        git(repo, "commit", "-q", "-m", name)
    expected = [("data/last.csv", True), ("data/more.csv", True), ("one", True)]
    assert told(Tree.open(str(repo / "data"))) == expected
    assert told(Tree.at(str(repo / "data"), "HEAD")) == expected


def test_without_git_or_commits_there_is_no_history(
    tmp_path: Path, git: Callable[..., str]
) -> None:
    assert Tree.open(str(tmp_path)).history() == ()
    git(tmp_path, "init", "-q")
    assert Tree.open(str(tmp_path)).history() == ()
