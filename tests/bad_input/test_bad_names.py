"""Names, code and settings that try to be read as markup, commands or orders to a terminal."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
import tomli
from markdown_it import MarkdownIt

from mllint.reports import FORMATS
from mllint.tomltext import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from markdown_it.token import Token

    from tests.bad_input.conftest import Audit

    Said = Callable[..., tuple[int, str, str]]

UNSAFE = "unsafe-checkpoint-load"
NAMES = (
    "::stop-commands::x", "a\nb", "\r\n::error::y", "##[error]z", "##vso[task.x]v", "]]>", "%0A::w",
    "<script>x<", "--><!--", "|a|b|", "`c`", "[l](javascript:x)", "*b* _i_", "@all #1", 'q"u\'o',
    "back\\slash", "back\\", "\u202egpj", "alm\u061cx", "soft\xadhy", "t\U000e0061g", "ls\u2028x",
    "esc\x1b[31m\x07", "$(touch pwned)", "a:1:2", "\U0001f600",
)  # fmt: skip
ODD = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u2028-\u202e\u2066-\u2069\U000e0061]")
LOG = re.compile(r"##\w*\[")
VERBATIM = {"auto", "json", "gitlab", "sonar"}
"""Formats in JSON that give names as they are."""
ALL = ("--select", UNSAFE, "--show", "all", "--max-findings", "0", "--exit-zero")
EVIL = " ".join(NAMES).replace("\n", "").replace("\r", "")


@pytest.fixture(name="odd")
def fixture_odd(root: Path, sound: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose every word means to harm, in the log of GitHub Actions."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    for name in NAMES:
        (root / f"{name}.py").write_text(sound)
    (root / "w.py").write_text(f"import torch\ntorch.load({EVIL!r}, weights_only=False)\n")
    cells = [
        {"id": EVIL, "cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [],
         "source": f"# {EVIL}\n{sound}"}
    ]  # fmt: skip
    book = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    (root / "n.ipynb").write_text(json.dumps(book))
    waiver = f'[[waivers]]\nrule = "{UNSAFE}"\npaths = ["a:1:2.py"]\nreason = {quoted(EVIL)}\n'
    (root / "mllint.toml").write_text(waiver)
    return root


@pytest.fixture(name="sound")
def fixture_sound(root: Path) -> str:
    return (root / "sound.py").read_text()


def markup(text: str) -> Iterator[Token]:
    """Every token of a Markdown text."""
    left = MarkdownIt("commonmark", {"html": True}).enable(["table"]).parse(text)
    while left:
        token = left.pop()
        left += token.children or []
        yield token


def test_no_format_lets_a_name_out(said: Said, odd: Path, tmp_path: Path) -> None:
    outputs = [f"-o{name}={tmp_path / name}" for name in FORMATS if name != "auto"]
    code, out, _ = said("check", *ALL, *outputs, str(odd))
    assert code == 0
    texts = {name: (tmp_path / name).read_text() for name in FORMATS if name != "auto"}
    for text in (out, *(texts[name] for name in FORMATS if name not in VERBATIM)):
        assert not ODD.search(text)
        assert not LOG.search(text)
    for name in ("json", "sarif", "gitlab", "sonar", "rdjson", "badge-json"):
        json.loads(texts[name])
    for name in ("junit", "badge-svg"):
        ET.fromstring(texts[name])  # noqa: S314 - ours
    for line in texts["github"].splitlines():
        assert re.match(r"::(error|warning|notice) title=", line)
    for token in (*markup(texts["markdown"]), *markup(texts["markdown-pr"])):
        assert token.type not in {"image", "link_open"}
        assert token.type != "text" or not re.search(r"[@#](all|1)", token.content)
        if token.type.startswith("html"):
            assert not re.search(r"script|<!--(?! mllint:pr)|<x", token.content)
    assert "<script>x" not in texts["html"]


@pytest.mark.parametrize("words", ["-q", "-vv", "--statistics", "--format=junit"])
def test_no_line_that_is_printed_is_a_command(words: str, said: Said, odd: Path) -> None:
    code, out, _ = said("check", words, *ALL, str(odd))
    assert code == 0
    assert not ODD.search(out)
    assert not re.search(r"(?m)^\s*::.*::", out)


def test_a_patch_of_odd_names_is_one(said: Said, odd: Path, tmp_path: Path) -> None:
    words = ("suppress", "--rule", UNSAFE, "--reason", "ours")
    code, patch, err = said(*words, "--diff", str(odd))
    assert code == 0
    (tmp_path / "x.patch").write_text(patch)
    done = subprocess.run(
        ["git", "apply", "--check", str(tmp_path / "x.patch")], cwd=odd, check=False
    )
    assert done.returncode == 0
    told = "".join(line for line in err.splitlines(keepends=True) if line.startswith("  "))
    settings = odd / "mllint.toml"
    settings.write_text(settings.read_text() + told.replace("tool.mllint.", "").replace("  ", ""))
    assert len(tomli.loads(settings.read_text())["waivers"]) == 4
    (tmp_path / "y.patch").write_text(patch)
    subprocess.run(["git", "apply", str(tmp_path / "y.patch")], cwd=odd, check=True)
    code, out, err = said("check", "-q", "--select", UNSAFE, str(odd))
    assert (code, out) == (0, "OK: no findings\n")


def test_settings_are_shown_as_they_can_be_read(said: Said, odd: Path) -> None:
    code, out, _ = said("config", "show", str(odd))
    assert code == 0
    assert not ODD.search(out)
    assert tomli.loads(out)["waivers"][0]["reason"] == EVIL


def test_what_no_file_can_be_written_for_is_said(
    said: Said, audit: Callable[..., Audit], root: Path
) -> None:
    (root / "caf\udce9.py").write_text((root / "sound.py").read_text())
    (root / "sound.py").unlink()
    assert len(audit(root).found) > 0
    code, out, err = said("suppress", "--rule", UNSAFE, "--reason", "ours", str(root))
    assert (code, out) == (0, "0 comments written to 0 files\n")
    assert "is left alone" in err


@pytest.mark.parametrize("text", [*NAMES, "\x7f", "é", "\u200d"])
def test_strings_of_toml_read_back(text: str) -> None:
    assert quoted(text).isprintable()
    assert tomli.loads(f"a = {quoted(text)}") == {"a": text}
