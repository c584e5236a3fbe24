"""Sets up this checkout with nothing but Python 3.10+ and git.

    python3 bootstrap.py run [PATH] [OPTION ...]   makes .venv, installs, runs `mllint check PATH`
    python3 bootstrap.py test [OPTION ...]         makes .venv-dev, passes the whole test suite

Without a PATH, `run` lints the bundled example project, whose faults do not fail the command.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
EXAMPLE = ROOT / "examples" / "churn"


def environment(name: str) -> Path:
    """The Python of a virtual environment beside this file, made where it is missing."""
    folder = ROOT / name
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        print(f"making {name}", file=sys.stderr, flush=True)
        venv.create(folder, with_pip=True)
    return python


def call(*command: str | Path) -> int:
    """Run a command in the checkout and return its exit code."""
    return subprocess.run([str(word) for word in command], cwd=ROOT, check=False).returncode


def pip(python: Path, *words: str) -> None:
    """Run pip quietly; ends the program where it fails."""
    code = call(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *words)
    if code:
        sys.exit(code)


def run(arguments: list[str]) -> int:
    """Install mllint and lint a project."""
    python = environment(".venv")
    pip(python, "--editable", ".")
    if arguments and not arguments[0].startswith("-"):
        arguments[0] = str(Path(arguments[0]).resolve())
    else:
        arguments[:0] = [str(EXAMPLE), "--exit-zero"]
    return call(python, "-m", "mllint", "check", *arguments)


def test(arguments: list[str]) -> int:
    """Install what development needs, then run linter, type checker and tests."""
    python = environment(".venv-dev")
    pip(python, "--no-deps", "--require-hashes", "--requirement", "requirements-dev.txt")
    pip(python, "--no-deps", "--no-build-isolation", "--editable", ".")
    with tempfile.TemporaryFile() as said:
        # Types are checked beside the tests, for it takes one processor; told when they are done.
        types = subprocess.Popen([python, "-m", "mypy"], cwd=ROOT, stdout=said, stderr=said)
        checks = (
            ("ruff", "check", "."),
            ("ruff", "format", "--check", "."),
            ("pytest", "--numprocesses", "auto", "--dist", "worksteal", *arguments),
        )
        codes = [call(python, "-m", *check) for check in checks]
        codes.append(types.wait())
        said.seek(0)
        print(f"mypy: {said.read().decode()}", end="", flush=True)
    return max(codes, key=abs)


def main() -> int:
    """Do what the first word says."""
    commands = {"run": run, "test": test}
    if len(sys.argv) < 2 or sys.argv[1] not in commands or sys.version_info < (3, 10):
        print(__doc__, file=sys.stderr)
        return 2
    return commands[sys.argv[1]](sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
