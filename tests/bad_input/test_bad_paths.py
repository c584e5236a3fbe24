"""Paths that are missing, empty, locked, special, oddly named, or that lead astray."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.bad_input.conftest import Audit, Ended

    Said = Callable[..., tuple[int, str, str]]

UNSAFE = "unsafe-checkpoint-load"


@pytest.mark.parametrize("path", ["", "no-such", "no/such/file.py", "sound.py/inside", "n" * 5000])
def test_a_path_that_does_not_exist_ends_in_2(path: str, said: Said, root: Path) -> None:
    os.chdir(root)
    code, out, err = said("check", path)
    assert (code, out) == (2, "")
    assert err.strip() == f"error: {path}: there is no such file or folder"


def test_one_missing_path_among_others_ends_in_2(said: Said, root: Path) -> None:
    assert said("check", str(root), str(root / "no-such"))[0] == 2


def test_a_current_folder_that_was_removed_ends_in_2(process: Callable[..., Ended]) -> None:
    gone = "import os; os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')"
    ended = process("check", code=gone)
    assert (ended.code, ended.out) == (2, b"")
    assert ended.err == "error: the current folder does not exist any more\n"


def test_an_empty_folder_has_no_score_and_no_findings(
    audit: Callable[..., Audit], root: Path
) -> None:
    (root / "sound.py").unlink()
    seen = audit(root)
    assert (seen.code, seen.report["run"]["files"]) == (0, 0)
    assert (seen.report["score"]["value"], seen.report["findings"]) == (None, [])


def test_a_folder_of_empty_folders_is_empty(audit: Callable[..., Audit], root: Path) -> None:
    (root / "sound.py").unlink()
    (root / "a" / "b").mkdir(parents=True)
    assert (audit(root).code, audit(root).report["run"]["files"]) == (0, 0)


def test_a_folder_without_python_is_judged_by_what_it_has(
    audit: Callable[..., Audit], root: Path
) -> None:
    (root / "sound.py").unlink()
    (root / "main.rs").write_text("fn main() {}\n")
    (root / "rows.csv").write_text("a,b\n1,2\n")
    (root / "Dockerfile").write_text("FROM rust\nCMD cargo run\n")
    seen = audit(root)
    assert seen.report["run"]["files"] == 3
    assert ("unpinned-base-image", "Dockerfile") in seen.found
    assert {t["id"]: t["holds"] for t in seen.report["project"]["traits"]}["trains"] is False
    outcomes = {rule["id"]: rule["outcome"] for rule in seen.report["rules"]}
    assert outcomes["unseeded-split"] == "not-applicable"


def test_links_that_loop_or_leave_are_named_and_not_followed(
    audit: Callable[..., Audit], root: Path, tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "load.py").write_text("import torch\ntorch.load('secret.pt')\n")
    links = {
        "loop.py": "loop.py",
        "one": "two",
        "two": "one",
        "self": ".",
        "out.py": "../outside/load.py",
        "out": "../outside",
        "broken.py": "nowhere.py",
    }
    for name, target in links.items():
        (root / name).symlink_to(target)
    seen = audit(root)
    assert seen.kinds == {
        "loop.py": "unreadable",
        "one": "unreadable",
        "two": "unreadable",
        "out.py": "outside",
        "out": "outside",
    }
    assert {place for place in seen.found if place[0] == UNSAFE} == {(UNSAFE, "sound.py")}
    assert "secret.pt" not in str(seen.report)


@pytest.mark.parametrize("name", ["loop.py", "broken.py", "out.py"])
def test_a_link_may_be_what_is_asked_for(
    name: str, audit: Callable[..., Audit], root: Path, tmp_path: Path
) -> None:
    (tmp_path / "load.py").write_text("import torch\ntorch.load('secret.pt')\n")
    targets = {"loop.py": "loop.py", "broken.py": "nowhere.py", "out.py": "../load.py"}
    (root / name).symlink_to(targets[name])
    seen = audit(root / name)
    assert (seen.code, seen.report["findings"]) == (0, [])


def test_fifos_and_sockets_are_named_and_never_opened(
    measured: Callable[..., Audit], root: Path
) -> None:
    for name in ("a.py", "pyproject.toml", "mllint.toml", "README.md", ".gitignore"):
        os.mkfifo(root / name)
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        os.chdir(root)
        listener.bind("s.py")
        seen = measured(root, code="import mllint.gitread; mllint.gitread.SECONDS = 1")
    assert seen.unread["a.py"] == ("special", "a FIFO is never opened")
    assert seen.unread["pyproject.toml"] == ("special", "a FIFO is never opened")
    assert seen.unread["s.py"] == ("special", "a socket is never opened")
    assert seen.sound


def test_a_fifo_may_be_what_is_asked_for(measured: Callable[..., Audit], root: Path) -> None:
    os.mkfifo(root / "a.py")
    seen = measured(root / "a.py")
    assert (seen.code, seen.kinds["a.py"]) == (0, "special")


def test_a_fifo_in_a_rule_folder_holds_nothing_up(
    process: Callable[..., Ended], root: Path
) -> None:
    (root / "pyproject.toml").write_text('[tool.mllint]\nrules = ["own"]\n')
    (root / "own" / "x").mkdir(parents=True)
    os.mkfifo(root / "own" / "x" / "rule.toml")
    os.mkfifo(root / "own" / "x" / "category.toml")
    ended = process("check", str(root))
    assert ended.code == 2
    assert "own/x/rule.toml: is not a file" in ended.err


ODD_NAMES = {
    "spaces": "with two  spaces.py",
    "newline": "new\nline.py",
    "escape": "esc\x1b[31mape\x07.py",
    "quotes": 'it\'s "quoted" `so`.py',
    "option": "--select.py",
    "markup": "[red]bold[].py",
    "template": "{name} %s {0}.py",
    "backslash": "back\\slash.py",
    "letters": "größe ﷺ 模型 😀.py",
    "right to left": "\u202egpj.py",
    "long": "n" * 250 + ".py",
}


def test_odd_names_are_read_and_shown(audit: Callable[..., Audit], said: Said, root: Path) -> None:
    for name in ODD_NAMES.values():
        (root / name).write_bytes((root / "sound.py").read_bytes())
    seen = audit(root)
    assert seen.found >= {(UNSAFE, name) for name in ODD_NAMES.values()}
    assert seen.unread == {}
    code, out, err = said("check", str(root), "-v", "--color", "never")
    assert (code, err) == (seen.code, "")
    assert not {"\x1b", "\x07", "\u202e"} & set(out)


@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES)
def test_a_file_of_an_odd_name_may_be_asked_for(name: str, said: Said, root: Path) -> None:
    (root / "sound.py").rename(root / name)
    code, out, err = said("check", "-q", "--select", UNSAFE, "--", str(root / name))
    assert (code, err) == (0, "")
    assert UNSAFE in out


NOT_UTF8 = os.fsdecode(b"caf\xe9")
BYTES_ALLOWED = sys.platform == "linux"


@pytest.mark.skipif(not BYTES_ALLOWED, reason="names are Unicode here")
def test_names_that_are_not_utf8_are_read_and_shown(
    audit: Callable[..., Audit], said: Said, root: Path
) -> None:
    (root / "sound.py").rename(root / f"{NOT_UTF8}.py")
    assert (UNSAFE, r"caf\xe9.py") in audit(root).found
    code, out, err = said("check", str(root), "--select", UNSAFE)
    assert (code, err) == (0, "")
    assert r"caf\xe9.py" in out


@pytest.mark.skipif(not BYTES_ALLOWED, reason="names are Unicode here")
@pytest.mark.parametrize("warm", [False, True])
def test_a_root_that_is_not_utf8_is_read_and_cached(
    warm: bool, audit: Callable[..., Audit], said: Said, root: Path
) -> None:
    odd = root.rename(root.with_name(NOT_UTF8))
    os.utime(odd / "sound.py", (1, 1))
    if warm:
        audit(odd)
    seen = audit(odd)
    assert seen.sound
    assert (seen.report["run"]["cached"], seen.notices) == (int(warm), [])
    os.chdir(odd)
    assert said("check")[0] == seen.code
    assert said("check", "sound.py")[0] == 0
    assert said("explain", UNSAFE)[0] == 0
    assert said("check", "-o", f"json={NOT_UTF8}.json")[0] == seen.code


@pytest.mark.skipif(not BYTES_ALLOWED, reason="names are Unicode here")
def test_a_missing_path_that_is_not_utf8_ends_in_2(said: Said) -> None:
    code, out, err = said("check", NOT_UTF8)
    assert (code, out) == (2, "")
    assert "there is no such file or folder" in err


def test_a_deep_tree_is_read(audit: Callable[..., Audit], root: Path) -> None:
    folder = root.joinpath(*["deep" * 10] * 80)
    folder.mkdir(parents=True)
    (root / "sound.py").rename(folder / "sound.py")
    seen = audit(root)
    assert [rule for rule, _ in seen.found if rule == UNSAFE] == [UNSAFE]


READ_ALL = (1, 2)
"""The capabilities of root to pass over file modes: CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH."""


def _as_others() -> None:
    """Takes from root, in the process to be started, the right to read everything."""
    drop = 24  # PR_CAPBSET_DROP
    for capability in READ_ALL if os.geteuid() == 0 else ():
        ctypes.CDLL(None).prctl(drop, capability, 0, 0, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="root cannot be kept from reading here")
class TestLocked:
    """What may not be read."""

    @pytest.fixture(name="locked")
    def fixture_locked(self, root: Path) -> Iterator[Path]:
        (root / "shut.py").write_text("import torch\n")
        (root / "closed").mkdir()
        (root / "closed" / "a.py").write_text("import torch\n")
        for name in ("shut.py", "closed"):
            (root / name).chmod(0)
        words = ["cat", str(root / "shut.py")]
        if not subprocess.run(words, preexec_fn=_as_others, check=False).returncode:
            pytest.skip("root cannot be kept from reading in this container")
        yield root
        for path in (root, root / "closed"):
            path.chmod(0o700)

    @pytest.mark.parametrize("lister", ["git", "by hand"])
    def test_locked_files_and_folders_are_named(
        self,
        lister: str,
        locked: Path,
        measured: Callable[..., Audit],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        if lister == "by hand":
            monkeypatch.setenv("PATH", "")
        seen = measured(locked, preexec_fn=_as_others)
        assert seen.kinds == {"shut.py": "unreadable", "closed": "unreadable"}
        assert seen.unread["shut.py"][1] == "Permission denied"
        assert seen.sound

    def test_a_locked_root_is_named(self, locked: Path, process: Callable[..., Ended]) -> None:
        locked.chmod(0)
        ended = process("check", str(locked), preexec_fn=_as_others)
        assert ended.code == 2
        assert f"Path '{locked}' is not readable" in ended.err

    def test_locked_settings_end_in_2(self, locked: Path, process: Callable[..., Ended]) -> None:
        (locked / "pyproject.toml").write_text("[tool.mllint]\n")
        (locked / "pyproject.toml").chmod(0)
        ended = process("check", str(locked), preexec_fn=_as_others)
        assert ended.code == 2
        assert ended.err == "error: pyproject.toml: cannot be read: Permission denied\n"
