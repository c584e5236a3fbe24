"""Which files are looked at: stdin, what is excluded or ignored, lists of arguments."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.samples import FAULTY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MENDED = FAULTY.replace("        criterion", "        optimizer.zero_grad()\n        criterion")
NOTEBOOK = json.dumps(
    {
        "cells": [
            {"cell_type": "code", "execution_count": 3, "id": "a", "metadata": {}, "outputs": [],
             "source": ["x = 1\n"]},
            {"cell_type": "code", "execution_count": 1, "id": "b", "metadata": {}, "outputs": [],
             "source": ["y = x\n"]},
        ],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
    }
)  # fmt: skip


def given(process: Callable[..., Any], name: str, text: str, *flags: str) -> Any:
    argv = ["check", "-", "--stdin-filename", name, "-q", *flags]
    return process(*argv, input=text.encode())


@pytest.mark.parametrize(
    ("name", "text", "rule"),
    [
        ("src/net.py", FAULTY, "missing-zero-grad"),
        ("explore.ipynb", NOTEBOOK, "notebook-out-of-order"),
        ("Dockerfile", "FROM python:latest\nCOPY . .\n", "unpinned-base-image"),
        (
            ".github/workflows/ci.yml",
            "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: a/b@main\n",
            "unpinned-action",
        ),
        ("pyproject.toml", '[project]\nname = "a"\ndependencies = ["sklearn"]\n', "conflicting-"),
    ],
)
def test_a_text_on_stdin_is_taken_for_a_file(
    name: str, text: str, rule: str, process: Callable[..., Any], project: Path
) -> None:
    result = given(process, name, text, "--fail-on", "note")
    assert rule in result.out, result
    assert result.code == 1
    lines = result.out.splitlines()[:-1]
    assert all(line.startswith(name) for line in lines), result.out
    assert not (project / name).exists()


def test_the_text_replaces_the_file(process: Callable[..., Any], project: Path) -> None:
    (project / "net.py").write_text(FAULTY)
    assert given(process, "net.py", FAULTY).code == 1
    assert given(process, "net.py", MENDED).code == 0
    assert given(process, str(project / "net.py"), FAULTY).code == 1
    assert process("check", "net.py").code == 1


def test_what_other_files_say_is_known(process: Callable[..., Any], project: Path) -> None:
    """The text is looked at as a part of the project, not alone."""
    (project / "steps.py").write_text("def clear(optimizer):\n    optimizer.zero_grad()\n")
    text = "from steps import clear\n" + FAULTY.replace(
        "        criterion", "        clear(optimizer)\n        criterion"
    )
    assert given(process, "net.py", text).code == 0


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["-"], "`-` needs --stdin-filename"),
        (["-", "train.py", "--stdin-filename", "a.py"], "other paths cannot stand beside it"),
        (["train.py", "--stdin-filename", "a.py"], "--stdin-filename names what `-` reads"),
        (["-", "--stdin-filename", "/elsewhere/a.py"], "is no file in the current folder"),
        (["-", "--stdin-filename", "../a.py"], "is no file in the current folder"),
        (["-", "--stdin-filename", "."], "is no file in the current folder"),
        (["-", "--stdin-filename", "a.py", "--watch"], "--watch looks at files, not at stdin"),
    ],
)
def test_wrong_use_of_stdin(
    argv: list[str], said: str, process: Callable[..., Any], project: Path
) -> None:
    assert project.is_dir()
    result = process("check", *argv, input=b"x = 1\n")
    assert (result.code, result.out) == (2, "")
    assert said in result.err


@pytest.fixture(name="hidden")
def fixture_hidden(project: Path) -> Path:
    """A project under git with a faulty file that is excluded and one that is ignored."""
    (project / "mllint.toml").write_text('exclude = ["old/"]\n')
    (project / ".gitignore").write_text("ignored.py\n")
    (project / "old").mkdir()
    (project / "old/net.py").write_text(FAULTY)
    (project / "ignored.py").write_text(FAULTY)
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    return project


@pytest.mark.parametrize("path", ["old/net.py", "ignored.py"])
def test_a_file_that_is_named_is_looked_at(
    path: str, mllint: Callable[..., Any], hidden: Path
) -> None:
    assert hidden.is_dir()
    assert path not in mllint("check", "-q").out
    named = mllint("check", "-q", path)
    assert (named.code, f"{path}:8" in named.out or f"{path}:7" in named.out) == (1, True)
    assert mllint("check", "-q", path, "--force-exclude").code == 0


@pytest.mark.parametrize("path", ["old/net.py", "ignored.py", "old/new.py"])
def test_a_text_on_stdin_is_left_out_by_force(
    path: str, process: Callable[..., Any], hidden: Path
) -> None:
    assert hidden.is_dir()
    assert given(process, path, FAULTY).code == 1
    assert given(process, path, FAULTY, "--force-exclude").code == 0


def test_a_named_file_behind_a_link_is_not_opened(
    mllint: Callable[..., Any], hidden: Path, tmp_path: Path
) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "far/net.py").write_text(FAULTY)
    (hidden / "near").symlink_to(tmp_path / "far")
    assert "zero-grad" not in mllint("check", "-q", "near/net.py").out


def test_what_git_ignores_can_be_looked_at(mllint: Callable[..., Any], hidden: Path) -> None:
    (hidden / ".venv/lib").mkdir(parents=True)
    (hidden / ".venv/lib/net.py").write_text(FAULTY)
    out = mllint("check", "-q", "--no-respect-gitignore").out
    assert "ignored.py:" in out
    assert "old/net.py" not in out
    assert ".venv" not in out


def test_without_git_a_gitignore_is_respected_or_not(
    mllint: Callable[..., Any], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / ".gitignore").write_text("net.py\n")
    (project / "net.py").write_text(FAULTY)
    assert "net.py:" not in mllint("check", "-q").out
    assert "net.py:" in mllint("check", "-q", "--no-respect-gitignore").out
    monkeypatch.setenv("PATH", "")
    assert "net.py:" not in mllint("check", "-q").out
    assert "net.py:" in mllint("check", "-q", "--no-respect-gitignore").out


def test_a_file_lists_what_is_looked_at(mllint: Callable[..., Any], project: Path) -> None:
    (project / "net.py").write_text(FAULTY)
    (project / "list").write_text("net.py\n--fail-on=error\n")
    result = mllint("check", "-q", "@list")
    assert result.code == 1
    assert "train.py" not in result.out
