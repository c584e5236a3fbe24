"""Projects that would have mllint write where it should not, or read without end."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bad_input.conftest import Audit, Ended

    Said = Callable[..., tuple[int, str, str]]

NAME = ".mllint-baseline.json"
ENTRY = {"rule": "unsafe-checkpoint-load", "path": "sound.py", "fp": "a"}


def git(root: Path, *words: str, given: bytes = b"") -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    command = ["git", *who, *words]
    done = subprocess.run(command, cwd=root, input=given, capture_output=True, check=True)
    return done.stdout.decode().strip()


def committed(root: Path) -> str:
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "first")
    return git(root, "rev-parse", "HEAD")


def repository_with(root: Path, names: list[bytes]) -> None:
    """A repository whose one tree has names that no work tree can have."""
    git(root, "init", "-q", "-b", "main")
    blob = git(root, "hash-object", "-w", "--stdin", given=b"profile = 'research'\n")
    rows = b"".join(b"100644 " + name + b"\0" + bytes.fromhex(blob) for name in names)
    words = ("hash-object", "-t", "tree", "-w", "--literally", "--stdin")
    tree = git(root, *words, given=rows)
    git(root, "update-ref", "refs/heads/main", git(root, "commit-tree", tree, "-m", "odd"))


@pytest.mark.parametrize("command", ["audit a revision", "audit a fetched one", "compare"])
def test_no_name_of_a_tree_leads_out_of_our_folder(
    command: str, said: Said, tmp_path: Path
) -> None:
    root = tmp_path / "odd"
    root.mkdir()
    outside = tmp_path / "outside.toml"
    names = [str(outside), "../up.toml", f"../..{outside}", "a.toml", "a.toml/b.toml", NAME]
    repository_with(root, [os.fsencode(name) for name in names])
    argv = {
        "audit a revision": ["audit", "--no-html", f"{root}@main"],
        "audit a fetched one": ["audit", "--no-html", f"file://{root}"],
        "compare": ["compare", "-C", str(root), "main", "main"],
    }[command]
    code, _, err = said(*argv)
    assert code in {0, 2}, err
    assert sorted(p.name for p in tmp_path.rglob("*.toml")) == []


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("how", ["link", "setting"])
def test_a_baseline_is_not_written_out_of_the_project(
    how: str, there: bool, said: Said, root: Path, tmp_path: Path
) -> None:
    other = tmp_path / "precious"
    if there:
        other.write_text("mine")
    if how == "link":
        (root / NAME).symlink_to(other)
    else:
        (root / "mllint.toml").write_text("baseline = '../precious'\n")
    code, _, err = said("baseline", "create", "--force", str(root))
    assert code == 2
    assert "leads out of the project" in err
    assert (other.read_text() if there else other.exists()) in {"mine", False}


def test_a_baseline_goes_where_the_user_says(said: Said, root: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere.json"
    assert said("baseline", "create", "--baseline", str(other), str(root))[0] == 0
    assert json.loads(other.read_text())["version"] == 1


@pytest.mark.parametrize("kind", ["folder", "FIFO"])
def test_a_baseline_that_is_no_file_is_not_written(kind: str, said: Said, root: Path) -> None:
    (root / NAME).mkdir() if kind == "folder" else os.mkfifo(root / NAME)
    code, _, err = said("baseline", "create", "--force", str(root))
    assert (code, err) == (2, f"error: {NAME}: is not a file\n")


def test_init_writes_through_no_link_out_of_the_project(
    said: Said, root: Path, tmp_path: Path
) -> None:
    committed(root)
    git(root, "remote", "add", "origin", "https://github.com/a/b")
    other = tmp_path / "other"
    other.mkdir()
    (root / ".github").symlink_to(other)
    code, _, err = said("init", "--yes", str(root))
    assert code == 2
    assert "leads out of the project" in err
    assert list(other.iterdir()) == []
    assert not (root / "mllint.toml").exists()


def test_the_page_of_an_audit_follows_no_link(said: Said, root: Path, tmp_path: Path) -> None:
    here = Path.cwd()
    (here / "mllint-audit-project.html").symlink_to(tmp_path / "victim")
    assert said("audit", str(root))[0] == 0
    assert not (tmp_path / "victim").exists()
    assert (here / "mllint-audit-project-2.html").is_file()


BASELINES = {
    "no JSON": (b"\xff\xfe\0", "is not valid JSON"),
    "deep": (b"[" * 100_000, "is not valid JSON"),
    "list": (b"[]", "is not a baseline"),
    "version": (json.dumps({"version": "x" * 99_999, "entries": []}).encode(), "has version"),
    "no entry": (b'{"version": 1, "entries": [1]}', "entry 1 is not one"),
    "too many": (
        json.dumps(
            {"version": 1, "entries": [{**ENTRY, "n": 1}, {**ENTRY, "n": 10**4000}]}
        ).encode(),
        "entry 2 is not one",
    ),
}


@pytest.mark.parametrize("name", BASELINES)
def test_a_broken_baseline_ends_in_2(name: str, said: Said, root: Path) -> None:
    data, words = BASELINES[name]
    (root / NAME).write_bytes(data)
    code, _, err = said("check", str(root))
    assert code == 2
    assert words in err
    assert len(err) < 500


def test_an_extend_that_explodes_ends(said: Said, root: Path) -> None:
    for number in range(9):
        (root / f"a{number}.toml").write_text(f"extend = {[f'a{number + 1}.toml'] * 10}\n")
    (root / "a9.toml").write_text("")
    (root / "mllint.toml").write_text("extend = 'a0.toml'\n")
    code, _, err = said("check", str(root))
    assert code == 2
    assert "over 100 files are built upon" in err


SETTINGS = {
    "NUL in extend": (r'extend = "a\u0000b"', "cannot be read"),
    "NUL in the baseline": (r'baseline = "a\u0000b"', "cannot be read"),
    "NUL in a project": ('[[projects]]\npath = "a\\u0000b"', "there is no folder"),
    "project above": ('[[projects]]\npath = "../"', "lies outside of the repository"),
    "project behind a link": ('[[projects]]\npath = "link"', "lies outside of the repository"),
    "deep": ("a = " + "[" * 150 + "]" * 150, 'unknown key "a"'),
    "long": ("#" * 2_000_000 + "\na = 1", 'unknown key "a"'),
    "long key": (".".join(["a"] * 300) + " = 1", 'unknown key "a"'),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_odd_settings_end_in_2(name: str, said: Said, root: Path, tmp_path: Path) -> None:
    text, words = SETTINGS[name]
    (root / "link").symlink_to(tmp_path)
    (root / "mllint.toml").write_text(text)
    code, _, err = said("check", str(root))
    assert code == 2
    assert words in err


@pytest.mark.parametrize("name", ["packed-refs", "shallow", "index", "config", "HEAD"])
@pytest.mark.parametrize("kind", ["folder", "FIFO"])
def test_odd_files_of_git_hold_up_nothing(
    kind: str, name: str, audit: Callable[..., Audit], root: Path
) -> None:
    committed(root)
    odd = root / ".git" / name
    odd.unlink(missing_ok=True)
    odd.mkdir() if kind == "folder" else os.mkfifo(odd)
    seen = audit(root)
    assert seen.sound
    assert seen.seconds < 15


COMMITS = {
    "separators": (b"a\x1fb\x1f\xc2\xb2\x1fz <e> 1 +0", b"a <a> 1 +0"),
    "long author": (b"a\x1fb\x1f" + b"9" * 5000 + b"\x1fz <e> 1 +0", b"a <a> 1 +0"),
    "long time": (b"a <a> 1 +0", b"a <a> " + b"9" * 5000 + b" +0000"),
    "late": (b"a <a> 1 +0", b"a <a> 9223372036854775807 +0000"),
    "nobody": (b"", b""),
    "no letters": (b"\xff\x1b[31m <\xff> 1 +0", b"\xff <> x"),
}


def test_odd_commits_are_survived(audit: Callable[..., Audit], said: Said, root: Path) -> None:
    parent = committed(root)
    tree = git(root, "write-tree")
    for author, committer in COMMITS.values():
        head = f"tree {tree}\nparent {parent}\n".encode()
        text = head + b"author " + author + b"\ncommitter " + committer + b"\n\n\x1f\x1bx\n"
        words = ("hash-object", "-t", "commit", "-w", "--literally", "--stdin")
        parent = git(root, *words, given=text)
        git(root, "update-ref", "refs/heads/main", parent)
        assert audit(root).sound
        assert said("check", "--since", "HEAD~1", str(root))[0] in {0, 1}
    assert said("trend", "-C", str(root))[0] == 0


def test_changed_lines_of_a_file_of_like_lines(process: Callable[..., Ended], root: Path) -> None:
    (root / "many.py").write_text("x = 1\n" * 19_000)
    committed(root)
    (root / "many.py").write_text("y = 1\n" + "x = 1\n" * 9_000 + "import torch\n" * 3)
    ended = process("check", "--changed-lines", "HEAD", "--no-cache", str(root))
    assert ended.code in {0, 1}
    assert ended.seconds < 15


@pytest.mark.parametrize(
    "argv",
    [
        ("check", "--import-sarif", "/dev/zero"),
        ("check", "--no-regression", "--against", "/dev/zero"),
        ("render", "/dev/zero"),
        ("compare", "/dev/zero", "/dev/zero"),
        ("check", "@/dev/zero"),
    ],
)
def test_a_device_is_not_read_for_ever(argv: tuple[str, ...], said: Said) -> None:
    code, _, err = said(*argv)
    assert code == 2
    assert "/dev/zero" in err
