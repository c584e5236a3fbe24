"""Help, version, completion, argument files, wrong usage, and what must not be imported for it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import mllint as package
from mllint.cli.app import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEAVY = ("libcst", "yaml", "jinja2", "rich", "numpy")


@pytest.mark.parametrize("argv", [["-h"], ["--help"], *([name, "-h"] for name in COMMANDS)])
def test_help_is_everywhere(argv: list[str], mllint: Callable[..., Any]) -> None:
    result = mllint(*argv)
    assert result.code == 0
    assert result.out.startswith("Usage: mllint")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_process_of_its_own_ends_well(name: str, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "mllint", name, "--help"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, check=False, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_help_lists_every_command(mllint: Callable[..., Any]) -> None:
    out = mllint("-h").out
    assert [name for name in COMMANDS if f"  {name} " not in out] == []


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_version_is_told(flag: str, mllint: Callable[..., Any]) -> None:
    assert mllint(flag) == (0, f"mllint {package.__version__}\n", "")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["chekc"], "there is no command or path `chekc`; did you mean `check`?"),
        (["zzz"], "there is no command or path `zzz`"),
        (["check", "nowhere"], "nowhere: there is no such file or folder"),
        (["nowhere/file.py"], "there is no command or path `nowhere/file.py`"),
        (["check", "--proflie", "x"], "No such option '--proflie'"),
        (["check", "--profile", "x"], "'x' is not one of"),
        (["check", "-o", "json"], "-o json: wants FORMAT=PATH"),
        (["check", "-o", "json=-"], "`-` is not a file"),
        (["check", "-o", "xml=x"], "there is no format `xml`"),
        (["check", "-o", "json=no/x"], "there is no folder no"),
        (["check", "-o", "json=."], ". is a folder"),
        (["check", "--min-score", "x"], "--min-score x: wants a number"),
        (["check", "--min-score", "101"], '"min-score.overall" must be from 0 to 100'),
        (["check", "--show", "x"], "--show x: known are findings"),
        (["check", "-j", "0"], "-j 0: wants a number from 1 on"),
        (["check", "-j", "x"], "-j x: wants a number from 1 on"),
        (["check", "--config", "nowhere.toml"], "nowhere.toml: there is no such file"),
        (["check", "--ruleset", "1999.1"], "there is no ruleset 1999.1"),
        (["@nowhere"], "@nowhere: cannot be read"),
        (["rules", "--category", "splist"], "there is no category `splist`"),
        (["completion", "tcsh"], "'tcsh' is not one of"),
        (["explain"], "Missing argument 'TARGET'"),
        (["config", "shwo"], "No such command 'shwo'"),
        (["config"], "Missing command"),
    ],
)
def test_wrong_usage_is_explained_and_ends_in_2(
    argv: list[str], said: str, mllint: Callable[..., Any], project: Path
) -> None:
    assert project.is_dir()
    result = mllint(*argv)
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert result.err.startswith("error: ")


def test_argument_file_gives_arguments(mllint: Callable[..., Any], project: Path) -> None:
    (project / "args").write_text("config\n\nshow\n--profile\nresearch\n")
    assert 'profile = "research"' in mllint("@args").out


def test_path_that_begins_with_an_at_sign_is_a_path(
    mllint: Callable[..., Any], project: Path
) -> None:
    (project / "@odd").mkdir()
    assert mllint("config", "show", "@odd").code == 0


@pytest.mark.parametrize("shell", ["zsh", "fish", "bash"])
def test_completion_script_names_the_command(shell: str, process: Callable[..., Any]) -> None:
    result = process("completion", shell)
    assert result.code == 0
    assert "_MLLINT_COMPLETE" in result.out


def completed(words: str) -> tuple[list[str], list[str]]:
    """What is proposed for the last word, and the heavy modules imported for it."""
    code = (
        "import sys, atexit\n"
        "heavy = sys.argv[1:]\n"
        "atexit.register(lambda: print('MODULES', *[m for m in heavy if m in sys.modules]))\n"
        "from mllint.cli import run\n"
        "run([])\n"
    )
    count = str(len(words.split(" ")) - 1)
    env = {
        **os.environ,
        "_MLLINT_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": count,
    }
    command = [sys.executable, "-c", code, *HEAVY]
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    lines = done.stdout.splitlines()
    modules = next(line.split()[1:] for line in lines if line.startswith("MODULES"))
    return [line.partition(",")[2] for line in lines if "," in line], modules


@pytest.mark.parametrize(
    ("words", "proposed"),
    [
        ("mllint exp", "explain"),
        ("mllint explain no-lock", "no-lockfile"),
        ("mllint explain spl", "splits"),
        ("mllint explain prod", "production"),
        ("mllint check --profile res", "research"),
        ("mllint check --select docs,spl", "docs,splits"),
        ("mllint rules --category spl", "splits"),
    ],
)
def test_names_are_completed_without_heavy_imports(words: str, proposed: str) -> None:
    names, modules = completed(words)
    assert proposed in names
    assert modules == []


@pytest.mark.parametrize(
    "argv",
    [
        ["--help"],
        ["--version"],
        ["check", "--help"],
        ["rules"],
        ["rules", "--format", "json"],
        ["explain", "no-lockfile"],
        ["explain", "splits"],
        ["explain", "production"],
        ["config", "show"],
        ["config", "schema"],
        ["cache", "info"],
    ],
)
def test_quick_commands_import_nothing_heavy(argv: list[str], tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from mllint.cli import run\n"
        "code = run(sys.argv[1:])\n"
        f"heavy = [m for m in {HEAVY} if m in sys.modules]\n"
        "sys.exit(f'imported {heavy}' if heavy else code)\n"
    )
    command = [sys.executable, "-c", code, *argv]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (0, "")
