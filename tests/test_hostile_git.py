"""Repositories whose git configuration runs commands: mllint must run none of them.

Each trap writes a file when it springs. Where plain git springs it, the test shows that first, so
that a trap which never worked cannot pass for safety.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from typing import TYPE_CHECKING, NamedTuple

import pytest

from mllint.collect import collect
from mllint.facts import Known
from mllint.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOTHING = Known(frozenset(), frozenset())


class Trap(NamedTuple):
    config: dict[str, str]
    """`{trap}` is the command that springs it."""
    spring: str
    """What plain git does to spring it; "" where no such command is known here."""
    attributes: str = ""


TRAPS = {
    "fsmonitor": Trap({"core.fsmonitor": "{trap}"}, "status"),
    "hooks": Trap({"core.hooksPath": "{hooks}"}, "commit --allow-empty -m x"),
    "clean filter": Trap({"filter.x.clean": "{trap}"}, "add --renormalize .", "*.csv filter=x\n"),
    "smudge filter": Trap(
        {"filter.x.smudge": "{trap}", "filter.x.required": "true"},
        "checkout-index -f -a --prefix=out/",
        "*.csv filter=x\n",
    ),
    "process filter": Trap({"filter.x.process": "{trap}"}, "add --renormalize .", "* filter=x\n"),
    "textconv": Trap({"diff.x.textconv": "{trap}"}, "show -p", "*.csv diff=x\n"),
    "external diff": Trap({"diff.external": "{trap}"}, "-c core.pager=cat diff --ext-diff HEAD"),
    "pager": Trap({"core.pager": "{trap}", "pager.ls-files": "true"}, ""),
    "alias": Trap({"alias.spring": "!{trap}"}, "spring"),
    "alias of a command": Trap({"alias.ls-files": "!{trap}", "alias.cat-file": "!{trap}"}, ""),
    "gpg": Trap({"gpg.program": "{trap}", "log.showSignature": "true"}, ""),
    "include": Trap({"include.path": "{include}"}, "status"),
    "promisor over ssh": Trap(
        {
            "core.repositoryFormatVersion": "1",
            "extensions.partialClone": "origin",
            "remote.origin.url": "ssh://example.invalid/x",
            "remote.origin.promisor": "true",
            "core.sshCommand": "{trap}",
        },
        "cat-file -p 0123456789012345678901234567890123456789",
    ),
    "promisor over a helper": Trap(
        {
            "core.repositoryFormatVersion": "1",
            "extensions.partialClone": "origin",
            "remote.origin.url": "ext::{trap}",
            "remote.origin.promisor": "true",
            "protocol.allow": "always",
            "protocol.ext.allow": "always",
        },
        "cat-file -p 0123456789012345678901234567890123456789",
    ),
    "credential helper": Trap({"credential.helper": "!{trap}"}, ""),
    "editor": Trap({"core.editor": "{trap}", "core.askPass": "{trap}"}, ""),
}


@pytest.fixture
def sprung(tmp_path: Path) -> Path:
    """The file that a trap writes."""
    return tmp_path / "sprung"


@pytest.fixture
def command(tmp_path: Path, sprung: Path) -> Path:
    """A command that springs the trap; also a hook of every name."""
    script = tmp_path / "trap"
    script.write_text(f"#!/bin/sh\ntouch {shlex.quote(str(sprung))}\n")
    script.chmod(0o755)
    for hook in ("pre-commit", "post-index-change", "post-checkout", "reference-transaction"):
        (tmp_path / "hooks").mkdir(exist_ok=True)
        (tmp_path / "hooks" / hook).symlink_to(script)
    (tmp_path / "include").write_text(f"[core]\n\tfsmonitor = {script}\n")
    return script


def audit(folder: Path) -> None:
    """All that mllint does with a repository."""
    for tree in (Tree.open(str(folder)), Tree.at(str(folder), "HEAD")):
        collected = collect(tree, NOTHING, jobs=0)
        assert {"train.py", "data/rows.csv"} <= set(collected.facts)
        tree.stored(["data/rows.csv"])


@pytest.mark.parametrize("name", TRAPS)
def test_no_command_of_the_configuration_is_run(
    name: str, repo: Path, tmp_path: Path, command: Path, sprung: Path, git: Callable[..., str]
) -> None:
    trap = TRAPS[name]
    for key, value in trap.config.items():
        places = {"trap": command, "hooks": tmp_path / "hooks", "include": tmp_path / "include"}
        git(repo, "config", key, value.format(**places))
    if trap.attributes:
        (repo / ".gitattributes").write_text(trap.attributes)
    (repo / "data" / "rows.csv").write_text("changed\n")
    audit(repo)
    assert not sprung.exists()
    if trap.spring:
        done = subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a", *shlex.split(trap.spring)],
            cwd=repo,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=20,
        )
        assert sprung.exists(), done


def test_a_work_tree_that_points_elsewhere_is_not_followed(
    repo: Path, tmp_path: Path, git: Callable[..., str]
) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "secret.py").write_text("")
    git(repo, "config", "core.worktree", str(tmp_path / "secrets"))
    assert Tree.open(str(repo)).paths == ("data/rows.csv", "train.py")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GIT_DIR", "{other}/.git"),
        ("GIT_WORK_TREE", "{other}"),
        ("GIT_INDEX_FILE", "/dev/null"),
        ("GIT_OBJECT_DIRECTORY", "{other}/.git/objects"),
        ("GIT_CONFIG_COUNT", "nonsense"),
        ("GIT_CONFIG_PARAMETERS", "'core.fsmonitor={trap}'"),
        ("GIT_EXTERNAL_DIFF", "{trap}"),
        ("GIT_CEILING_DIRECTORIES", "{tmp}"),
        ("GIT_TRACE", "{tmp}/sprung"),
        ("GIT_EXEC_PATH", "{tmp}/nowhere"),
        ("GIT_LITERAL_PATHSPECS", "1"),
    ],
)
def test_inherited_variables_change_nothing(
    name: str,
    value: str,
    repo: Path,
    tmp_path: Path,
    command: Path,
    sprung: Path,
    git: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "other").mkdir()
    git(tmp_path / "other", "init", "-q")
    monkeypatch.setenv(name, value.format(other=tmp_path / "other", tmp=tmp_path, trap=command))
    tree = Tree.open(str(repo))
    assert {path: tree.entry(path).tracked for path in tree.paths} == {
        "data/rows.csv": True,
        "train.py": True,
    }
    audit(repo)
    assert not sprung.exists()


def test_the_users_own_configuration_is_not_read(
    repo: Path, tmp_path: Path, command: Path, sprung: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".gitconfig").write_text(f"[core]\n\tfsmonitor = {command}\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    audit(repo)
    assert not sprung.exists()


def test_objects_that_a_promisor_has_are_not_fetched(
    repo: Path, tmp_path: Path, git: Callable[..., str]
) -> None:
    git(repo, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--filter=blob:none", "--no-checkout", repo.as_uri(), "lazy")
    lazy = tmp_path / "lazy"
    before = sorted(path.name for path in (lazy / ".git" / "objects").rglob("*"))
    tree = Tree.at(str(lazy), "HEAD")
    assert tree.paths == ("data/rows.csv", "train.py")
    collected = collect(tree, NOTHING, jobs=0)
    assert {problem.text for problem in collected.problems} == {
        "git does not have its content here"
    }
    assert sorted(path.name for path in (lazy / ".git" / "objects").rglob("*")) == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can chown")
def test_a_repository_of_another_owner_is_read(repo: Path, git: Callable[..., str]) -> None:
    for path in (repo, *repo.rglob("*")):
        os.chown(path, 12345, 12345)
    with pytest.raises(subprocess.CalledProcessError):
        git(repo, "status")
    tree = Tree.open(str(repo))
    assert (tree.entry("train.py").tracked, tree.notices) == (True, ())


def test_git_of_the_audited_folder_is_not_run(
    repo: Path, sprung: Path, command: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repo / "git").write_bytes(command.read_bytes())
    (repo / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f".:{os.environ['PATH']}")
    monkeypatch.chdir(repo)
    assert Tree.open(".").entry("train.py").tracked
    assert not sprung.exists()


def test_nothing_is_written_to_the_repository(repo: Path) -> None:
    def state() -> dict[str, tuple[int, int]]:
        paths = sorted(repo.rglob("*"))
        return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in paths}

    before = state()
    (repo / "train.py").touch()
    touched = state()
    audit(repo)
    assert state() == touched
    assert touched != before
