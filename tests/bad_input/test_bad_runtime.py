"""Surroundings that fail: interrupts, closed pipes, full disks, and caches in a bad state."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bad_input.conftest import Audit, Ended

    Start = Callable[..., subprocess.Popen[bytes]]
    Said = Callable[..., tuple[int, str, str]]

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
FULL = Path("/dev/full")


@pytest.fixture(name="busy")
def fixture_busy(root: Path) -> Path:
    """A project that keeps its readers busy for seconds."""
    body = "import torch\n" + "def f(x):\n    return x + 1\n\n\n" * 3_000
    for number in range(60):
        (root / f"m{number}.py").write_text(f"# {number}\n{body}")
    return root


def members(group: int) -> list[int]:
    """The living processes of a process group."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, number = entry.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if number == str(group) and state != "Z":
            found.append(int(entry.parent.name))
    return found


def until(happens: Callable[[], object], seconds: float = 20.0) -> bool:
    """Whether it happens in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if happens():
            return True
        time.sleep(0.01)
    return False


@LINUX
@pytest.mark.parametrize("whole", [True, False], ids=["terminal", "process"])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_ends_in_130_and_leaves_no_worker(
    jobs: str, whole: bool, busy: Path, start: Start
) -> None:
    child = start("check", str(busy), "--no-cache", "-j", jobs, start_new_session=True)
    with child:
        assert until(lambda: len(members(child.pid)) > int(jobs))
        time.sleep(0.2)
        (os.killpg if whole else os.kill)(child.pid, signal.SIGINT)
        out, err = child.communicate(timeout=20)
        assert (child.returncode, out, err) == (130, b"", b"\ninterrupted\n")
        assert until(lambda: not members(child.pid), 10)


@LINUX
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL, signal.SIGHUP])
def test_workers_end_with_the_process_that_started_them(
    how: signal.Signals, busy: Path, start: Start
) -> None:
    child = start("check", str(busy), "--no-cache", "-j", "2", start_new_session=True)
    with child:
        assert until(lambda: len(members(child.pid)) > 2)
        child.send_signal(how)
        child.communicate(timeout=20)
        assert child.returncode == -how
        assert until(lambda: not members(child.pid), 20)


@LINUX
def test_ctrl_c_leaves_the_cache_sound(
    busy: Path, start: Start, audit: Callable[..., Audit]
) -> None:
    child = start("check", str(busy), "-j", "2", start_new_session=True)
    with child:
        assert until(lambda: len(members(child.pid)) > 2)
        time.sleep(0.2)
        os.killpg(child.pid, signal.SIGINT)
        child.communicate(timeout=20)
    for path in busy.glob("m*.py"):
        path.unlink()
    seen = audit(busy)
    assert seen.sound
    assert seen.notices == []


@pytest.mark.parametrize(("form", "lines"), [("text", 0), ("text", 5), ("json", 0), ("json", 1)])
def test_a_reader_that_stops_early_is_no_failure(
    form: str, lines: int, root: Path, start: Start
) -> None:
    for number in range(300):
        (root / f"m{number}.py").write_bytes((root / "sound.py").read_bytes())
    with start("check", str(root), "--format", form, "--max-findings=0") as child:
        assert child.stdout
        assert child.stderr
        for _ in range(lines):
            assert child.stdout.readline()
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(30) in {0, 1}


CLOSED = {
    "no stdin": (0,),
    "no stdout": (1,),
    "no stderr": (2,),
    "no output": (1, 2),
    "nothing": (0, 1, 2),
}


@pytest.mark.parametrize("name", CLOSED)
def test_streams_may_be_closed(name: str, root: Path, start: Start, tmp_path: Path) -> None:
    def close() -> None:
        for number in CLOSED[name]:
            os.close(number)

    report = tmp_path / "report.json"
    for _ in range(2):
        child = start("check", str(root), "-o", f"json={report}", preexec_fn=close)
        with child:
            out, err = child.communicate(timeout=30)
        assert child.returncode in {0, 1}
        assert err == b""
        assert (out == b"") is (1 in CLOSED[name])
        assert json.loads(report.read_bytes())["findings"]
    assert json.loads(report.read_bytes())["run"]["cached"] in {0, 1}


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
@pytest.mark.parametrize("argv", [["check"], ["rules"], ["--help"], ["check", "--format=json"]])
def test_a_full_disk_is_said_to_be_full(argv: list[str], root: Path, start: Start) -> None:
    with FULL.open("wb") as full, start(*argv, stdout=full, cwd=root) as child:
        assert child.communicate(timeout=30)[1] == (
            b"error: the report cannot be written: No space left on device\n"
        )
    assert child.returncode == 3


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
def test_a_report_file_on_a_full_disk_ends_in_3(root: Path, said: Said) -> None:
    code, _, err = said("check", str(root), "-o", f"json={FULL}")
    assert (code, err) == (3, "error: the report cannot be written: No space left on device\n")


def _no_temporary(root: Path) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(root / "no-such")}


def test_a_missing_folder_for_temporary_files_is_survived(
    root: Path, measured: Callable[..., Audit]
) -> None:
    assert measured(root, env=_no_temporary(root)).sound


# --- the cache ---------------------------------------------------------------------------------


def damaged(cache: Path, how: str) -> None:
    """Puts something else in the place of the cache."""
    file = cache / "facts.sqlite"
    if how == "a file for the folder":
        cache.write_text("")
        return
    cache.mkdir()
    if how == "a folder for the file":
        file.mkdir()
    elif how == "a broken link":
        file.symlink_to(cache / "no" / "such")
    elif how == "a loop":
        file.symlink_to(file)
    elif how == "a device":
        file.symlink_to("/dev/full")
    elif how == "noise":
        file.write_bytes(bytes(range(256)) * 64)
    elif how == "half a header":
        file.write_bytes(b"SQLite format 3\0" + bytes(50))
    else:
        file.write_text("")


@pytest.mark.parametrize(
    "how",
    ["a file for the folder", "a folder for the file", "a broken link", "a loop", "a device",
     "noise", "half a header", "an empty file"],
)  # fmt: skip
def test_a_cache_that_is_none_costs_a_notice_at_most(
    how: str, audit: Callable[..., Audit], root: Path, no_cache: Path
) -> None:
    damaged(no_cache, how)
    for _ in range(2):
        seen = audit(root)
        assert seen.sound
        assert len(seen.notices) <= 1
        assert all(n.startswith(f"the cache {no_cache}") for n in seen.notices)


def test_a_cache_that_was_cut_short_is_made_anew(
    audit: Callable[..., Audit], root: Path, tmp_path: Path
) -> None:
    for number in range(20):
        (root / f"m{number}.py").write_text(f"import torch\nx = {number}\n")
    audit(root)
    file = tmp_path / "cache" / "facts.sqlite"
    whole = file.read_bytes()
    for size in (0, 100, 4096, 5000, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:size])
        assert audit(root).sound
        assert audit(root).notices == []


def _read_only() -> None:
    """Takes from root the right to write everywhere."""
    drop, override = 24, 1  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(drop, override, 0, 0, 0)


def _small_files() -> None:
    """Lets no file grow beyond 4 KB, as a disk that is all but full."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


@LINUX
@pytest.mark.parametrize("warm", [False, True])
def test_a_read_only_cache_costs_a_notice_at_most(
    warm: bool, audit: Callable[..., Audit], measured: Callable[..., Audit], root: Path,
    no_cache: Path,
) -> None:  # fmt: skip
    cache = no_cache
    cache.mkdir()
    if warm:
        audit(root)
    for path in cache.iterdir():
        path.chmod(0o400)
    cache.chmod(0o500)
    seen = measured(root, preexec_fn=_read_only)
    cache.chmod(0o700)
    assert seen.sound
    assert len(seen.notices) <= 1
    assert all(str(cache) in notice for notice in seen.notices)


@LINUX
@pytest.mark.usefixtures("no_cache")
@pytest.mark.parametrize("warm", [False, True])
def test_a_cache_on_a_full_disk_costs_a_notice(
    warm: bool, audit: Callable[..., Audit], start: Start, root: Path
) -> None:
    if warm:
        audit(root)
    for number in range(50):
        (root / f"m{number}.py").write_text(f"import torch\nx = {number}\n")
    with start("check", str(root), "--format=json", preexec_fn=_small_files) as child:
        out, err = child.communicate(timeout=60)
    assert child.returncode in {0, 1}, err
    report = json.loads(out)
    assert report["findings"]
    texts = [notice["text"] for notice in report["run"]["notices"]]
    assert len(texts) == 1
    assert "facts.sqlite is not used: " in texts[0]
    seen = audit(root)
    assert seen.sound
    assert seen.notices == []


def test_a_cache_in_the_project_is_not_used(
    audit: Callable[..., Audit], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLLINT_CACHE_DIR", str(root / "cache"))
    seen = audit(root)
    assert [notice.partition(" is not used")[2] for notice in seen.notices] == [
        ": it lies in the project"
    ]


def test_runs_at_once_share_a_cache(root: Path, start: Start, audit: Callable[..., Audit]) -> None:
    for number in range(40):
        (root / f"m{number}.py").write_text(f"import torch\nx = {number}\n" * 50)
    children = [start("check", str(root), "--format=json") for _ in range(5)]
    reports = []
    for child in children:
        with child:
            out, err = child.communicate(timeout=60)
        assert (child.returncode, err) == (children[0].returncode, b"")
        reports.append(json.loads(out))
    for report in reports:
        assert report["run"]["notices"] == []
        report["run"]["duration_ms"] = report["run"]["cached"] = 0
    assert all(report == reports[0] for report in reports)
    assert audit(root).report["run"]["cached"] == 41


def test_a_cache_that_another_run_holds_is_not_waited_for_long(
    root: Path, audit: Callable[..., Audit], tmp_path: Path
) -> None:
    audit(root)
    (root / "new.py").write_text("import torch\n")
    holder = (
        "import sqlite3, sys, time\n"
        f"held = sqlite3.connect({str(tmp_path / 'cache' / 'facts.sqlite')!r})\n"
        "held.execute('BEGIN EXCLUSIVE')\n"
        "print('held', flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", holder], stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdout.readline() == b"held\n"
        seen = audit(root)
        other.kill()
    assert seen.sound
    assert seen.seconds < 30
    assert len(seen.notices) <= 1


def test_the_cache_holds_no_pickle_and_is_ones_own(
    audit: Callable[..., Audit], root: Path, no_cache: Path, process: Callable[..., Ended]
) -> None:
    audit(root)
    assert sorted(path.name for path in no_cache.iterdir()) == ["facts.sqlite"]
    if os.name == "posix":
        assert no_cache.stat().st_mode & 0o077 == 0
    assert process("cache", "clean").code == 0
    assert list(no_cache.iterdir()) == []
