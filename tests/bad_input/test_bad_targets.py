"""What cannot be written, and pasts that git itself cannot tell."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from mllint.checks.workflows import versions_tested
from mllint.project import Project
from mllint.timeline import commits, tags

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Said = Callable[..., tuple[int, str, str]]

UNSAFE = "unsafe-checkpoint-load"
WRITE = ("suppress", "--rule", UNSAFE, "--reason")
DATES = (
    "",
    "1700000000 +0000",
    "99999999999999999999999 +0000",
    "-5 +0000",
    "253402300800 +0000",
    "x",
)


def written(repo: Path, text: str) -> str:
    """The id of a commit or tag object that no git would write like that."""
    kind = "tag" if text.startswith("object") else "commit"
    words = ["git", "hash-object", "-t", kind, "-w", "--stdin", "--literally"]
    done = subprocess.run(words, cwd=repo, input=text.encode(), check=True, capture_output=True)
    return done.stdout.decode().strip()


def test_commits_of_no_sound_date_have_no_day(
    said: Said, repo: Path, git: Callable[..., str]
) -> None:
    tree, head = git(repo, "rev-parse", "HEAD^{tree}"), git(repo, "rev-parse", "HEAD")
    for number, date in enumerate(DATES):
        who = f"author A <a@b> {date}\ncommitter A <a@b> {date}\n"
        head = written(repo, f"tree {tree}\nparent {head}\n{who}\nsubject {number}\n")
        git(repo, "update-ref", f"refs/tags/t{number}", head)
    tag = written(repo, f"object {head}\ntype commit\ntag none\n\nno tagger\n")
    git(repo, "update-ref", "refs/tags/none", tag)
    git(repo, "update-ref", "HEAD", head)
    for moments in (commits(repo, 20), tags(repo, 20)):
        assert len(moments) == len(DATES) + 1
        assert {"", "2023-11-14"} <= {one.day for one in moments}
        assert all(re.fullmatch(r"(\d{4}-\d\d-\d\d)?", one.day) for one in moments)
    code, out, err = said("trend", "-C", str(repo), "--tags", "-n", "1", "--format", "json")
    assert (code, err) == (0, "")
    assert len(json.loads(out)["points"]) == 1


def test_a_bare_repository_has_a_past(said: Said, repo: Path, git: Callable[..., str]) -> None:
    git(repo, "clone", "-q", "--bare", ".", "../bare.git")
    code, out, err = said("trend", "-C", str(repo.parent / "bare.git"), "--format", "json")
    assert (code, err) == (0, "")
    assert [point["name"] for point in json.loads(out)["points"]] == ["one"]


@pytest.mark.parametrize("words", [("--reason", "x\ny"), ("--reason=x", "--issue", "\x1b[31m")])
def test_a_reason_of_several_lines_is_refused(
    words: tuple[str, ...], said: Said, root: Path
) -> None:
    code, out, err = said("suppress", "--rule", UNSAFE, *words, str(root))
    assert (code, out) == (2, "")
    assert "one line" in err


def test_a_comment_stands_where_a_form_feed_ends_no_line(said: Said, root: Path) -> None:
    path = root / "sound.py"
    path.write_text("import torch\n\f\n'''\u2028'''\nx = torch.load('w', weights_only=False)\n")
    assert said(*WRITE, "ours", str(root))[0] == 0
    assert path.read_text().splitlines()[-2].startswith("# mllint: ignore")
    assert said("check", "-q", "--select", UNSAFE, str(root))[1] == "OK: no findings\n"


def test_what_takes_no_comment_is_named(said: Said, root: Path) -> None:
    (root / "sound.py").write_text(
        "import torch\nx = f'''{\ntorch.load('w', weights_only=False)}'''\n"
    )
    code, out, err = said(*WRITE, "ours", str(root))
    assert (code, out) == (0, "0 comments written to 0 files\n")
    assert "sound.py: is left alone" in err


def test_the_longest_name_can_be_written(said: Said, root: Path) -> None:
    path = (root / "sound.py").rename(root / f"{'n' * 252}.py")
    assert said(*WRITE, "ours", str(root))[1] == "1 comment written to 1 file\n"
    assert "# mllint: ignore" in path.read_text()
    assert [one.name for one in root.iterdir()] == [path.name]


def test_what_cannot_be_written_ends_in_2(said: Said, root: Path) -> None:
    code, out, err = said("baseline", "create", str(root), "--baseline", "/proc/no.json")
    assert (code, out) == (2, "")
    assert err.startswith("error: /proc/no.json: ")


def test_no_check_of_workflows_needs_any() -> None:
    assert list(versions_tested(Project())) == []
