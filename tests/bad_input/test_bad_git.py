"""Repositories without commits, without files, of others, or that mean harm.

`tests/test_hostile_git.py` proves trap by trap that git runs nothing of a repository. Here all of
them are set at once, and the whole program runs.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.bad_input.conftest import Audit, Ended

    Git = Callable[..., str]

UNSAFE = "unsafe-checkpoint-load"


@pytest.fixture(name="committed")
def fixture_committed(root: Path, git: Git) -> Path:
    """The project as a repository with one commit."""
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "one")
    return root


@pytest.mark.parametrize("staged", [False, True])
def test_a_repository_without_commits_is_read(
    staged: bool, audit: Callable[..., Audit], root: Path, git: Git
) -> None:
    git(root, "init", "-q")
    if staged:
        git(root, "add", ".")
    seen = audit(root)
    assert seen.sound
    assert (seen.report["project"]["commit"], seen.notices) == (None, [])


def test_a_repository_without_files_is_empty(
    audit: Callable[..., Audit], root: Path, git: Git
) -> None:
    (root / "sound.py").unlink()
    git(root, "init", "-q")
    git(root, "commit", "-q", "--allow-empty", "-m", "none")
    seen = audit(root)
    assert (seen.code, seen.report["run"]["files"]) == (0, 0)


def test_a_bare_repository_is_read_at_its_head(
    audit: Callable[..., Audit], committed: Path, tmp_path: Path, git: Git
) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(committed), "bare.git")
    seen = audit(tmp_path / "bare.git")
    assert seen.sound
    assert seen.report["project"]["commit"] == git(committed, "rev-parse", "HEAD")


def test_an_empty_bare_repository_is_empty(
    audit: Callable[..., Audit], tmp_path: Path, git: Git
) -> None:
    git(tmp_path, "init", "-q", "--bare", "bare.git")
    seen = audit(tmp_path / "bare.git")
    assert (seen.code, seen.report["run"]["files"]) == (0, 0)
    assert seen.err.startswith("note: there is no file to look at in ")


BROKEN: dict[str, Callable[[Path], object]] = {
    "index": lambda folder: (folder / "index").write_bytes(b"DIRC broken"),
    "HEAD": lambda folder: (folder / "HEAD").write_text("nonsense\n"),
    "HEAD is missing": lambda folder: (folder / "HEAD").rename(folder / "TAIL"),
    "objects": lambda folder: shutil.rmtree(folder / "objects"),
    "object": lambda folder: [
        p.rename(p.with_suffix(".x")) for p in (folder / "objects").glob("??/*")
    ],
    "refs": lambda folder: shutil.rmtree(folder / "refs"),
    "config": lambda folder: (folder / "config").write_text("[core\nnonsense"),
    "config is binary": lambda folder: (folder / "config").write_bytes(b"\0\xff" * 1000),
    "lock": lambda folder: (folder / "index.lock").write_text(""),
    "ref circle": lambda folder: (folder / "HEAD").write_text("ref: HEAD\n"),
    "packed refs": lambda folder: (folder / "packed-refs").write_text("x\n" * 1000),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_damaged_repository_is_read_all_the_same(
    name: str, audit: Callable[..., Audit], committed: Path
) -> None:
    BROKEN[name](committed / ".git")
    seen = audit(committed)
    assert seen.sound
    assert seen.err == "".join(f"warning: {notice}\n" for notice in seen.notices)


@pytest.mark.parametrize("link", ["gitdir: /no/such/folder", "gitdir: .", "nonsense", "", "\0"])
def test_a_git_file_that_leads_nowhere_is_survived(
    link: str, audit: Callable[..., Audit], root: Path
) -> None:
    (root / ".git").write_text(link)
    assert audit(root).sound


def test_a_git_file_that_leads_to_anothers_repository_shows_nothing_of_it(
    audit: Callable[..., Audit], committed: Path, tmp_path: Path
) -> None:
    (committed / "secret_plan.py").write_text("import torch\n")
    (tmp_path / "spy").mkdir()
    (tmp_path / "spy" / "a.py").write_text("import torch\n")
    (tmp_path / "spy" / ".git").write_text(f"gitdir: {committed / '.git'}\n")
    seen = audit(tmp_path / "spy")
    assert seen.found == {place for place in seen.found if place[1] == "a.py"}


TRAPS = """
[core]
    fsmonitor = {trap}
    hooksPath = {hooks}
    pager = {trap}
    editor = {trap}
    askPass = {trap}
    sshCommand = {trap}
    gitProxy = {trap}
    attributesFile = {attributes}
    worktree = {elsewhere}
    alternateRefsCommand = {trap}
    repositoryFormatVersion = 1
[extensions]
    partialClone = origin
[remote "origin"]
    url = ext::{trap}
    promisor = true
    partialCloneFilter = blob:none
    uploadpack = {trap}
    vcs = ext
[protocol]
    allow = always
[protocol "ext"]
    allow = always
[filter "x"]
    clean = {trap}
    smudge = {trap}
    process = {trap}
    required = true
[diff]
    external = {trap}
[diff "x"]
    textconv = {trap}
    command = {trap}
[merge "x"]
    driver = {trap}
[pager]
    ls-files = {trap}
    cat-file = {trap}
    for-each-ref = {trap}
[alias]
    ls-files = !{trap}
    cat-file = !{trap}
    check-ignore = !{trap}
    for-each-ref = !{trap}
[gpg]
    program = {trap}
[log]
    showSignature = true
[credential]
    helper = !{trap}
[submodule]
    recurse = true
[include]
    path = {include}
[includeIf "gitdir:**"]
    path = {include}
[safe]
    directory = /no/such
"""


class TestTraps:
    """A repository that runs a command at every turn of git."""

    @pytest.fixture(name="sprung")
    def fixture_sprung(self, tmp_path: Path) -> Path:
        return tmp_path / "sprung"

    @pytest.fixture(name="trapped")
    def fixture_trapped(self, committed: Path, tmp_path: Path, sprung: Path, git: Git) -> Path:
        trap = tmp_path / "trap"
        trap.write_text(f"#!/bin/sh\ntouch {shlex.quote(str(sprung))}\n")
        trap.chmod(0o755)
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere" / "secret.py").write_text("import torch\n")
        (tmp_path / "include").write_text(f"[core]\nfsmonitor = {trap}\n")
        (tmp_path / "attributes").write_text("* filter=x diff=x\n")
        (committed / ".gitattributes").write_text("* filter=x diff=x merge=x\n")
        (committed / "data.csv").write_text("a\n")
        git(committed, "add", "data.csv")
        (committed / "data.csv").write_text("b\n")
        hooks = committed / ".git" / "hooks"
        hooks.mkdir(exist_ok=True)
        for name in ("pre-commit", "post-checkout", "post-index-change", "reference-transaction"):
            shutil.copy(trap, hooks / name)
        (committed / ".git" / "config").write_text(
            TRAPS.format(
                trap=trap,
                hooks=hooks,
                attributes=tmp_path / "attributes",
                elsewhere=tmp_path / "elsewhere",
                include=tmp_path / "include",
            )
        )
        return committed

    def test_plain_git_springs_them(self, trapped: Path, tmp_path: Path, sprung: Path) -> None:
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "elsewhere")}
        words = ["git", "--work-tree", str(trapped), "status"]
        subprocess.run(words, cwd=trapped, env=environment, check=False, capture_output=True)
        assert sprung.exists()

    @pytest.mark.parametrize("inherited", [False, True])
    def test_mllint_springs_none(
        self,
        inherited: bool,
        trapped: Path,
        sprung: Path,
        tmp_path: Path,
        measured: Callable[..., Audit],
    ) -> None:
        environment = {**os.environ, "HOME": str(tmp_path / "elsewhere")}
        (tmp_path / "elsewhere" / ".gitconfig").write_text(
            f"[core]\nfsmonitor = {tmp_path / 'trap'}\n"
        )
        if inherited:
            trap = str(tmp_path / "trap")
            environment |= {
                "GIT_DIR": str(tmp_path / "elsewhere"),
                "GIT_WORK_TREE": str(tmp_path / "elsewhere"),
                "GIT_INDEX_FILE": "/dev/null",
                "GIT_OBJECT_DIRECTORY": "/dev/null",
                "GIT_ALTERNATE_OBJECT_DIRECTORIES": "/dev/null",
                "GIT_CONFIG_COUNT": "1",
                "GIT_CONFIG_KEY_0": "core.fsmonitor",
                "GIT_CONFIG_VALUE_0": trap,
                "GIT_CONFIG_PARAMETERS": f"'core.fsmonitor={trap}'",
                "GIT_CONFIG_GLOBAL": str(tmp_path / "include"),
                "GIT_EXTERNAL_DIFF": trap,
                "GIT_PAGER": trap,
                "GIT_SSH_COMMAND": trap,
                "GIT_ASKPASS": trap,
                "GIT_EDITOR": trap,
                "GIT_EXEC_PATH": str(tmp_path),
                "GIT_TRACE": str(sprung),
                "GIT_TRACE2": str(sprung),
                "GIT_NAMESPACE": "x",
                "GIT_CEILING_DIRECTORIES": "/",
            }
        seen = measured(trapped, env=environment)
        assert not sprung.exists()
        assert seen.sound
        assert seen.unread == {}
        assert "secret.py" not in str(seen.report)

    def test_they_do_not_keep_mllint_from_knowing_what_is_tracked(
        self, trapped: Path, audit: Callable[..., Audit]
    ) -> None:
        (trapped / "model.pt").write_bytes(b"\x80\x04" + bytes(100))
        assert ("model-in-git", "model.pt") not in audit(trapped).found


def test_what_a_promisor_keeps_is_not_fetched(
    audit: Callable[..., Audit], committed: Path, tmp_path: Path, git: Git
) -> None:
    git(committed, "config", "uploadpack.allowFilter", "true")
    words = ["clone", "-q", "--bare", "--filter=blob:none", committed.as_uri(), "lazy.git"]
    git(tmp_path, *words)
    before = sorted(path.name for path in (tmp_path / "lazy.git").rglob("*"))
    seen = audit(tmp_path / "lazy.git")
    assert seen.unread == {"sound.py": ("unreadable", "git does not have its content here")}
    assert sorted(path.name for path in (tmp_path / "lazy.git").rglob("*")) == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can chown")
def test_a_repository_of_another_owner_is_read(
    audit: Callable[..., Audit], committed: Path, git: Git
) -> None:
    for path in (committed, *committed.rglob("*")):
        os.chown(path, 12345, 12345)
    with pytest.raises(subprocess.CalledProcessError):
        git(committed, "status")
    seen = audit(committed)
    assert seen.sound
    assert seen.notices == []
    assert len(seen.report["project"]["commit"]) == 40


@pytest.mark.parametrize("pattern", ["inner/", "*", "/inner/*", "**/inner"])
def test_a_folder_that_an_enclosing_repository_ignores_is_walked(
    pattern: str, audit: Callable[..., Audit], committed: Path
) -> None:
    (committed / ".gitignore").write_text(f"{pattern}\n")
    inner = (committed / "sound.py").rename(committed / "moved.py").parent / "inner"
    inner.mkdir()
    (committed / "moved.py").rename(inner / "sound.py")
    seen = audit(inner)
    assert seen.sound
    assert seen.report["run"]["files"] == 1


def test_no_file_above_the_root_is_judged_and_no_settings_above_the_repository_hold(
    audit: Callable[..., Audit], committed: Path, git: Git
) -> None:
    (committed.parent / "pyproject.toml").write_text("[tool.mllint]\nnonsense = 1\n")
    (committed / "train.py").write_text("import torch\n")
    (committed / "inner").mkdir()
    (committed / "inner" / "sound.py").write_bytes((committed / "sound.py").read_bytes())
    git(committed, "add", ".")
    seen = audit(committed / "inner")
    assert seen.sound
    assert seen.report["run"]["files"] == 1


def test_patterns_that_git_cannot_cope_with_hold_nothing_up(
    measured: Callable[..., Audit], root: Path
) -> None:
    lines = [
        "!",
        "\\",
        "[z-a]",
        "[",
        "[]",
        "[!]",
        "a\\",
        "/",
        "//",
        "!!",
        "a" * 40 + "*a" * 40 + "b",
    ]
    (root / ".gitignore").write_text("\n".join(lines) + "\n")
    (root / ("a" * 200 + ".py")).write_text("")
    for path in ("", os.environ["PATH"]):
        soon = "import mllint.gitread; mllint.gitread.SECONDS = 1"
        seen = measured(root, env={**os.environ, "PATH": path}, code=soon)
        assert seen.sound
        assert seen.seconds < 20


def test_a_repository_without_git_installed_is_read(
    process: Callable[..., Ended], committed: Path
) -> None:
    ended = process("check", str(committed), env={**os.environ, "PATH": ""})
    assert ended.code in {0, 1}
    assert "warning: files are listed without git: git is not installed\n" in ended.err
    assert UNSAFE.encode() in ended.out
