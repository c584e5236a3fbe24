"""Completion in the shells themselves: the script is sourced, a word begun and TAB pressed."""

from __future__ import annotations

import os
import re
import shutil
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHELLS = {
    "bash": (["--norc", "--noprofile", "-i"], 'eval "$(mllint completion bash)"'),
    "zsh": (
        ["-f", "-i"],
        'bindkey -e; autoload -U compinit; compinit -u -D; eval "$(mllint completion zsh)"',
    ),
    "fish": (["--no-config", "-i"], "mllint completion fish | source"),
}
WORDS = (
    ("mllint expl", "mllint explain"),
    ("mllint explain no-lockf", "mllint explain no-lockfile"),
    ("mllint explain S0-DM-2", "mllint explain S0-DM-2"),
    ("mllint check --select profile:resea", "mllint check --select profile:research"),
    ("mllint check --select splits,notebooks,respons", "splits,notebooks,responsibility"),
    ("mllint check --format=jso", "mllint check --format=json"),
    ("mllint check -o sar", "mllint check -o sarif="),
    ("mllint checklist rules-o", "mllint checklist rules-of-ml"),
)


@pytest.fixture(name="home")
def fixture_home(tmp_path: Path) -> Path:
    """A home with `mllint` on its path."""
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin/mllint"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m mllint "$@"\n')
    script.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_completes_what_is_begun(
    shell: str, home: Path, screen: Callable[..., Any]
) -> None:
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"{shell} is not installed here")
    words, setup = SHELLS[shell]
    env = {
        **{k: v for k, v in os.environ.items() if k != "ZDOTDIR"},
        "PATH": f"{home / 'bin'}:{os.environ['PATH']}",
        "HOME": str(home),
        "TERM": "xterm",
        "LANG": "C.UTF-8",
    }
    terminal = screen([path, *words], env, 160)
    terminal.type(f"{setup}; echo REA''DY\n")
    terminal.wait_for("READY\n")
    for number, (begun, wanted) in enumerate(WORDS):
        # What stands on the line after TAB is printed, for the screen itself says it in pieces.
        # A shell reads on when it has completed.
        terminal.type(f"{begun}\t\x01echo DO''NE{number} \x05; echo EN''D{number}\n")
        shown = terminal.wait_for(f"END{number}\n")
        line = re.findall(rf"DONE{number} ([^\n]*)\n", terminal.shown)[-1]
        assert wanted in line, shown[-500:]
    terminal.type("exit\n")
    terminal.end(10)
