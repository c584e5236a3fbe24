"""Running the command line: in this process for what it says, in another for how it ends."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from mllint import collect
from mllint.cli import run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

TRAIN = """\
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

frame = pd.read_csv("rows.csv")
left, right = train_test_split(frame)
model = LogisticRegression()
model.fit(left[["a"]], left["b"])
print(model.score(right[["a"]], right["b"]))
"""


_LOOKS = {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "LC_ALL", "LC_CTYPE", "LANG", "GITHUB_ACTIONS"}


class Result(NamedTuple):
    """How a command line ended and what it said."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def _sealed(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No variable of ours and no cache from outside; the current folder is an empty one."""
    for name in list(os.environ):
        if name.startswith(("MLLINT_", "CLICOLOR")) or name in _LOOKS:
            monkeypatch.delenv(name)
    request.getfixturevalue("cache")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture(name="mllint")
def fixture_mllint(
    capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """Runs a command line in this process, which also reads the files: they are ours.

    With `-j` there are workers as ever.
    """
    monkeypatch.setattr(collect, "jobs_here", lambda: 0)

    def call(*argv: str) -> Result:
        capfdbinary.readouterr()
        code = run(argv)
        out, err = capfdbinary.readouterr()
        return Result(code, out.decode(), err.decode())

    return call


@pytest.fixture(name="process")
def fixture_process() -> Callable[..., Result]:
    """Runs a command line in a process of its own."""

    def call(*argv: str, **more: Any) -> Result:
        command = [sys.executable, "-m", "mllint", *argv]
        done = subprocess.run(command, capture_output=True, check=False, timeout=120, **more)
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


@pytest.fixture(name="project")
def fixture_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project that trains a model, as the current folder."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "train.py").write_text(TRAIN)
    (root / "README.md").write_text("# Rows\n\nTrains a model.\n")
    monkeypatch.chdir(root)
    return root


class Terminal:
    """A program at a terminal of its own: what it shows, and what is typed to it."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], columns: int) -> None:
        self.child, self._descriptor = pty.fork()
        if self.child == 0:
            os.execve(argv[0], [*argv], {**env})  # noqa: S606
        size = struct.pack("HHHH", 40, columns, 0, 0)
        fcntl.ioctl(self._descriptor, termios.TIOCSWINSZ, size)
        self.shown = ""

    def type(self, text: str) -> None:
        """Types."""
        os.write(self._descriptor, text.encode())

    def wait_for(self, text: str, seconds: float = 60) -> str:
        """What is shown, once this is among it; AssertionError if it never comes."""
        ends = time.monotonic() + seconds
        while text not in self.shown and time.monotonic() < ends and self._read():
            pass
        assert text in self.shown, self.shown
        return self.shown

    def rest(self, seconds: float) -> None:
        """Let the program work for so long."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends and self._read():
            pass

    def end(self, seconds: float = 60) -> tuple[int, str]:
        """The exit code and all that was shown."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends and self._read():
            pass
        if time.monotonic() >= ends:
            os.kill(self.child, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1])
        os.close(self._descriptor)
        return code, self.shown

    def _read(self) -> bool:
        if not select.select([self._descriptor], [], [], 0.1)[0]:
            return True
        try:
            piece = os.read(self._descriptor, 65536)
        except OSError:
            return False
        self.shown += piece.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(piece)


@pytest.fixture(name="terminal")
def fixture_terminal() -> Callable[..., Terminal]:
    """Starts `mllint` with these words at a terminal; `env` is added to the variables."""

    def start(*words: str, columns: int = 80, env: Mapping[str, str] | None = None) -> Terminal:
        argv = [sys.executable, "-m", "mllint", *words]
        return Terminal(argv, {**os.environ, "TERM": "xterm", **(env or {})}, columns)

    return start


@pytest.fixture(name="screen")
def fixture_screen() -> type[Terminal]:
    """Starts any program at a terminal."""
    return Terminal
