"""`mllint audit`: the reviewer's view."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from mllint.fetched import Remote, remote

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FAULTY = """\
import torch


def train(net, loader, criterion):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in loader:
        criterion(net(x), y).backward(){comment}
        optimizer.step()
"""
SETTINGS = """
min-score = 99
fail-on = "note"
ignore = { no-tests = "we never test" }
rules = ["./rules"]

[[waivers]]
rule = "no-ci"
reason = "nobody asks for it"
"""


@pytest.fixture(name="hiding")
def fixture_hiding(tmp_path: Path) -> Path:
    """A project that hides its faults in three ways."""
    folder = tmp_path / "hiding"
    (folder / "rules").mkdir(parents=True)
    (folder / "train.py").write_text(
        FAULTY.format(comment="  # mllint: ignore[missing-zero-grad] on purpose")
    )
    (folder / "requirements.txt").write_text("torch==2.7.0\n")
    (folder / "mllint.toml").write_text(SETTINGS)
    return folder


def audited(mllint: Callable[..., Any], *words: str) -> dict[str, Any]:
    done = mllint("audit", *words, "--no-html", "--format", "json")
    assert done.code == 0, done.err
    data: dict[str, Any] = json.loads(done.out)
    return data


def hidden(data: dict[str, Any]) -> dict[str, str]:
    return {one["rule"]: one["by"] for one in data["concealed"]}


def test_what_the_project_hides_is_shown_with_the_reason(
    mllint: Callable[..., Any], hiding: Path
) -> None:
    data = audited(mllint, str(hiding))
    assert {"missing-zero-grad", "no-tests", "no-ci"} <= {f["rule"] for f in data["findings"]}
    assert hidden(data)["missing-zero-grad"] == "waived: on purpose"
    assert hidden(data)["no-tests"] == "the rule is off: we never test"
    assert hidden(data)["no-ci"] == "waived: nobody asks for it"
    assert data["project"]["config_files"] == []


def test_a_project_that_hides_nothing_has_nothing_concealed(
    mllint: Callable[..., Any], project: Path
) -> None:
    assert audited(mllint, str(project))["concealed"] == []


def test_what_the_baseline_hides_is_shown(mllint: Callable[..., Any], hiding: Path) -> None:
    (hiding / "mllint.toml").unlink()
    (hiding / "train.py").write_text(FAULTY.format(comment=""))
    assert mllint("baseline", "create", str(hiding)).code == 0
    assert hidden(audited(mllint, str(hiding)))["missing-zero-grad"] == "in the baseline"


def test_the_terminal_report_lists_it_and_nothing_fails(
    mllint: Callable[..., Any], hiding: Path
) -> None:
    done = mllint("audit", str(hiding), "--no-html")
    assert done.code == 0
    assert "Hidden by the repository's own settings" in done.out
    assert "waived: on purpose" in done.out


def test_settings_that_are_broken_are_said_and_do_not_stop_an_audit(
    mllint: Callable[..., Any], hiding: Path
) -> None:
    (hiding / "mllint.toml").write_text("ignore = 3\n")
    done = mllint("audit", str(hiding), "--no-html")
    assert done.code == 0
    assert "its own settings cannot be used: mllint.toml:1:" in done.err


def test_several_projects_are_compared(
    mllint: Callable[..., Any], hiding: Path, project: Path
) -> None:
    out = mllint("audit", str(hiding), str(project), "--no-html").out
    head, first, second = out.splitlines()[:3]
    assert head.split() == [
        "project", "research", "internal", "production", "grade", "errors", "warnings", "notes",
        "hidden", "unread",
    ]  # fmt: skip
    assert (first.split()[0], second.split()[0]) == ("hiding", "project")


def committed(folder: Path) -> None:
    for words in (
        ("init", "-q", "-b", "main"),
        ("config", "user.name", "a"),
        ("config", "user.email", "a@example.org"),
        ("add", "-A"),
        ("commit", "-q", "-m", "one"),
        ("tag", "v1"),
    ):
        subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


def test_an_address_is_fetched_and_never_checked_out(
    mllint: Callable[..., Any], hiding: Path, tmp_path: Path
) -> None:
    """Neither hooks nor filters of the user or of the repository run."""
    (hiding / ".gitattributes").write_text("*.py filter=evil\n")
    committed(hiding)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-checkout", "reference-transaction", "post-merge"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
        (hooks / name).chmod(0o755)
    settings = tmp_path / "gitconfig"
    settings.write_text(
        f'[core]\nhooksPath = {hooks}\n[filter "evil"]\nsmudge = touch {tmp_path}/ran\n'
    )
    before = os.environ.get("GIT_CONFIG_GLOBAL")
    os.environ["HOME"], home = str(tmp_path), os.environ.get("HOME", "")
    (tmp_path / ".gitconfig").write_text(settings.read_text())
    try:
        data = audited(mllint, f"file://{hiding}@v1")
    finally:
        os.environ["HOME"] = home
    assert before == os.environ.get("GIT_CONFIG_GLOBAL")
    assert not (tmp_path / "ran").exists()
    assert hidden(data)["missing-zero-grad"] == "waived: on purpose"
    assert data["project"]["commit"]


def test_a_revision_of_a_local_repository_is_read_from_its_objects(
    mllint: Callable[..., Any], hiding: Path
) -> None:
    committed(hiding)
    (hiding / "train.py").write_text("import torch\n")
    assert "missing-zero-grad" in hidden(audited(mllint, f"{hiding}@v1"))
    assert "missing-zero-grad" not in hidden(audited(mllint, str(hiding)))


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("nowhere", "there is no such folder"),
        ("file:///nowhere/at/all.git", "cannot be fetched"),
        ("ext::sh -c touch% x", "there is no such folder"),
    ],
)
def test_what_cannot_be_audited_is_a_usage_error(
    word: str, said: str, mllint: Callable[..., Any]
) -> None:
    done = mllint("audit", word, "--no-html")
    assert done.code == 2
    assert said in done.err


def test_a_file_for_the_page_goes_with_one_target(
    mllint: Callable[..., Any], hiding: Path, project: Path
) -> None:
    assert mllint("audit", str(hiding), str(project), "--html", "x.html").code == 2


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("https://example.org/a/b.git", Remote("https://example.org/a/b.git", "HEAD")),
        ("https://example.org/a/b@v1.2", Remote("https://example.org/a/b", "v1.2")),
        ("https://example.org/a/b@feat/x", Remote("https://example.org/a/b", "feat/x")),
        ("https://me@example.org/a/b", Remote("https://me@example.org/a/b", "HEAD")),
        ("https://me@example.org/a/b@main", Remote("https://me@example.org/a/b", "main")),
        ("git@example.org:a/b.git", Remote("git@example.org:a/b.git", "HEAD")),
        ("git@example.org:a/b.git@v2", Remote("git@example.org:a/b.git", "v2")),
        ("./folder", None),
        ("folder@v1", None),
        ("ext::sh -c x", None),
        ("-u", None),
    ],
)
def test_addresses_are_told_from_paths(text: str, wanted: Remote | None) -> None:
    assert remote(text) == wanted


def test_a_page_is_written_beside_and_keeps_what_is_there(
    mllint: Callable[..., Any], hiding: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = mllint("audit", str(hiding))
    assert "wrote mllint-audit-hiding.html" in done.err
    page = (tmp_path / "mllint-audit-hiding.html").read_text("utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert mllint("audit", str(hiding)).code == 0
    assert (tmp_path / "mllint-audit-hiding-2.html").is_file()
    assert mllint("audit", str(hiding), "--html", "own.html").code == 0
    assert (tmp_path / "own.html").is_file()
