"""The command line on bad input: whatever a project holds, a report comes out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import jsonschema
import pytest

from mllint.cli import run
from mllint.reports.json import schema

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 60.0
"""Seconds that a command may take on a slow and busy machine before it counts as hung."""

_VALIDATOR = jsonschema.Draft202012Validator(schema())


SOUND = "import torch\n\nmodel = torch.load('weights.pt', weights_only=False)\n"


class Audit(NamedTuple):
    """How `mllint check` ended, and the JSON report that it wrote."""

    code: int
    report: dict[str, Any]
    err: str
    seconds: float
    busy: float
    """Seconds of processors: on a machine with other work to do it is these that tell."""
    peak: int
    """Bytes of the largest process; 0 where it ran in this one."""

    @property
    def unread(self) -> dict[str, tuple[str, str]]:
        """Kind and reason by path."""
        notices = self.report["run"]["notices"]
        return {one["path"]: (one["kind"], one["text"]) for one in notices if one["path"]}

    @property
    def kinds(self) -> dict[str, str]:
        """Kind alone by path."""
        return {path: kind for path, (kind, _) in self.unread.items()}

    @property
    def sound(self) -> bool:
        """Whether the project's sound file was looked at, whatever lay beside it."""
        return ("unsafe-checkpoint-load", "sound.py") in self.found

    @property
    def notices(self) -> list[str]:
        """What is said of the run as a whole."""
        return [one["text"] for one in self.report["run"]["notices"] if not one["path"]]

    @property
    def found(self) -> set[tuple[str, str]]:
        """Rule and path of each finding that has a place."""
        findings = [one for one in self.report["findings"] if one["location"]]
        return {(one["rule"], one["location"]["path"]) for one in findings}


class Ended(NamedTuple):
    """How a process ended."""

    code: int
    out: bytes
    err: str
    seconds: float
    busy: float
    """Seconds of processors, of it and of those that it started."""
    peak: int
    """Bytes of the largest process among it and those that it started."""


@pytest.fixture(autouse=True)
def _sealed(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No variable of ours and no cache from outside; nothing of the project is the current one."""
    for name in list(os.environ):
        if name.startswith("MLLINT_") or name in {"NO_COLOR", "FORCE_COLOR", "COLUMNS"}:
            monkeypatch.delenv(name)
    request.getfixturevalue("cache")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture(name="root")
def fixture_root(tmp_path: Path) -> Path:
    """The folder of a project that holds one sound file."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "sound.py").write_text(SOUND)
    return root


@pytest.fixture(name="audit")
def fixture_audit(capfdbinary: pytest.CaptureFixture[bytes]) -> Callable[..., Audit]:
    """Runs `mllint check` in this process; it must write a report."""

    def call(path: Path | str, *options: str) -> Audit:
        capfdbinary.readouterr()
        start, used = time.monotonic(), _used()
        code = run(["check", "--format", "json", *options, "--", os.fspath(path)])
        seconds, busy = time.monotonic() - start, _used() - used
        out, err = capfdbinary.readouterr()
        assert code in {0, 1}, err.decode()
        return Audit(code, _told(out), err.decode(), seconds, busy, 0)

    return call


@pytest.fixture(name="said")
def fixture_said(capfdbinary: pytest.CaptureFixture[bytes]) -> Callable[..., tuple[int, str, str]]:
    """Runs a command line in this process: its exit code, what it printed, what it complained."""

    def call(*argv: str) -> tuple[int, str, str]:
        capfdbinary.readouterr()
        code = run(argv)
        out, err = capfdbinary.readouterr()
        return code, out.decode(), err.decode()

    return call


@pytest.fixture(name="start")
def fixture_start() -> Callable[..., subprocess.Popen[bytes]]:
    """Starts a command line in a process of its own; `code` runs before it."""
    return _start


def _start(*argv: str, **more: Any) -> subprocess.Popen[bytes]:
    before = more.pop("code", "")
    program = f"{before}\nimport sys\nfrom mllint.cli import main\nmain(sys.argv[1:])"
    command = [sys.executable, "-c", program, *argv]
    more = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    return subprocess.Popen(command, **more)


@pytest.fixture(name="process")
def fixture_process(tmp_path: Path) -> Callable[..., Ended]:
    """Runs a command line in a process of its own, and measures it."""

    def call(*argv: str, **more: Any) -> Ended:
        begun = time.monotonic()
        with (tmp_path / "out").open("wb") as out, (tmp_path / "err").open("wb") as err:
            child = _start(*argv, **{"stdout": out, "stderr": err, **more})
            code, busy, peak = _end(child, begun)
        said = (tmp_path / "out").read_bytes(), (tmp_path / "err").read_text("utf-8", "replace")
        return Ended(code, *said, time.monotonic() - begun, busy, peak)

    return call


def _high_water(pid: int) -> int:
    """The most bytes that a running process or a child of it had; 0 where nobody can tell.

    The system's own figure for a process that has ended counts those of the process that forked it,
    which is pytest with all its tests.
    """
    most = 0
    with suppress(OSError, ValueError):
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
        for one in (str(pid), *below):
            lines = Path(f"/proc/{one}/status").read_text("utf-8").splitlines()
            found = next((line for line in lines if line.startswith("VmHWM:")), "VmHWM: 0 kB")
            most = max(most, int(found.split()[1]) * 1024)
    return most


_UNIT = 1 if sys.platform == "darwin" else 1024


@pytest.fixture(name="measured")
def fixture_measured(process: Callable[..., Ended]) -> Callable[..., Audit]:
    """Runs `mllint check` in a process of its own; it must write a report."""

    def call(path: Path | str, *options: str, **more: Any) -> Audit:
        ended = process("check", "--format", "json", *options, "--", os.fspath(path), **more)
        assert ended.code in {0, 1}, ended.err
        told = _told(ended.out)
        return Audit(ended.code, told, ended.err, ended.seconds, ended.busy, ended.peak)

    return call


def _told(out: bytes) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(out)
    _VALIDATOR.validate(report)
    return report


def _used() -> float:
    """Seconds of processors that this process and those that it started have had."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _end(child: subprocess.Popen[bytes], begun: float) -> tuple[int, float, int]:
    """Waits for a process; one that hangs is ended and fails the test.

    Its exit code, the seconds of processors and the most bytes that it or a child of it had.
    """
    peak = 0
    while True:
        done, status, used = os.wait4(child.pid, os.WNOHANG)
        if done:
            child.returncode = os.waitstatus_to_exitcode(status)
            busy = used.ru_utime + used.ru_stime
            return child.returncode, busy, peak or used.ru_maxrss * _UNIT
        peak = max(peak, _high_water(child.pid))
        if time.monotonic() - begun > LONGEST:
            child.send_signal(signal.SIGKILL)
            child.wait()
            pytest.fail(f"hung for {LONGEST:.0f} s")
        time.sleep(0.01)
