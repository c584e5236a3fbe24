"""Workers that die, hang, eat memory or talk: each costs the one file that it was reading."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mllint.codec import decode
from mllint.facts import Facts, Problem
from mllint.pool import Crew, Pool
from mllint.worker import Task
from tests.odd import KNOWN, good, tasks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def outcomes(
    batches: Sequence[Sequence[Task]], jobs: int, crew: Crew | None = None
) -> tuple[dict[str, Facts], set[Problem]]:
    facts: dict[str, Facts] = {}
    problems: set[Problem] = set()
    with Pool(batches, KNOWN, jobs, seconds=1, crew=crew) as pool:
        for outcome in pool:
            if outcome.problem:
                problems.add(outcome.problem)
            else:
                assert set(outcome.paths) == set(decode(outcome.text))
                facts |= decode(outcome.text)
    return facts, problems


@pytest.mark.parametrize("jobs", [0, 1, 2])
def test_batches_are_read_whatever_the_number_of_workers(odd: str, jobs: int) -> None:
    batch = tasks(odd, *"abcdefghij")
    batches = [batch[:3], batch[3:4], batch[4:]]
    assert outcomes(batches, jobs) == (good(odd, batch), set())


@pytest.mark.parametrize("jobs", [0, 1])
def test_a_reader_that_raises_costs_its_file(odd: str, jobs: int) -> None:
    batch = tasks(odd, "a", "raise", "b")
    problem = Problem("1.raise", "crashed", "odd_reader: ValueError: no good")
    expected = good(odd, batch) | {"1.raise": Facts(problems=[problem])}
    assert outcomes([batch], jobs) == (expected, set())


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(
    ("word", "kind", "text"),
    [
        ("die", "crashed", "the parser died (SIGSEGV)"),
        ("exit", "crashed", "the parser died (exit code 3)"),
        ("spin", "timeout", "not read within 1 s"),
        ("sleep", "timeout", "not read within 1 s"),
    ],
)
def test_a_worker_that_is_lost_costs_one_file(
    odd: str, word: str, kind: str, text: str, jobs: int
) -> None:
    batch = tasks(odd, "a", word, "b", "c")
    other = [Task("x", (odd,), b"x")]
    facts, problems = outcomes([batch, other], jobs)
    assert problems == {Problem(f"1.{word}", kind, text)}
    assert facts == good(odd, [batch[0], *batch[2:], *other])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits address space")
def test_a_reader_that_eats_memory_costs_its_file(odd: str) -> None:
    batch = tasks(odd, "a", "hog", "b")
    facts, problems = outcomes([batch], 1)
    assert not problems
    assert facts["1.hog"].problems == [Problem("1.hog", "crashed", "odd_reader: MemoryError: ")]
    assert {path: facts[path] for path in ("0.a", "2.b")} == good(odd, [batch[0], batch[2]])


def test_what_a_reader_prints_goes_nowhere(odd: str) -> None:
    batch = tasks(odd, "talk", "a")
    assert outcomes([batch], 1) == (good(odd, batch), set())


@pytest.mark.parametrize("jobs", [0, 1])
def test_facts_that_cannot_be_written_cost_their_file(odd: str, jobs: int) -> None:
    if not hasattr(sys, "get_int_max_str_digits"):
        pytest.skip("this Python writes numbers of any length")
    batch = tasks(odd, "a", "number")
    facts, problems = outcomes([batch], jobs)
    assert not problems
    assert facts["0.a"] == good(odd, batch)["0.a"]
    (problem,) = facts["1.number"].problems
    assert (problem.kind, problem.text[:40]) == (
        "crashed",
        "facts cannot be written: ValueError: Exc",
    )


def test_a_reader_that_does_not_exist_costs_its_files() -> None:
    facts, _ = outcomes([[Task("a", ("no_such_reader",), b"")]], 1)
    assert facts["a"].problems[0].text == (
        "no_such_reader: ModuleNotFoundError: No module named 'no_such_reader'"
    )


def test_several_readers_of_a_file_are_joined(odd: str, tmp_path: Path) -> None:
    (tmp_path / "second_reader.py").write_text(
        "from mllint.facts import *\n"
        "def read(path, data, known):\n"
        "    return Facts({'heading': [Heading(Place(path), 'second', 2, 0)]},\n"
        "                 [Value('name', 'x', (), '', 1, 0)],\n"
        "                 problems=[Problem(path, 'invalid', 'x')])\n"
    )
    facts, _ = outcomes([[Task("a", (odd, "second_reader", "second_reader"), b"a")]], 1)
    assert [row.text for row in facts["a"].rows["heading"]] == [
        "a ['torch'] ['fit']", "second", "second",
    ]  # fmt: skip
    assert (len(facts["a"].values), len(facts["a"].problems)) == (1, 1)


def test_a_python_that_cannot_start_is_a_problem_of_every_file(
    odd: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    facts, problems = outcomes([tasks(odd, "a", "b")], 2)
    assert not facts
    assert {(p.path, p.kind) for p in problems} == {("0.a", "crashed"), ("1.b", "crashed")}


def test_modules_of_the_current_folder_are_not_imported(
    odd: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "audited").mkdir()
    (tmp_path / "audited" / "json.py").write_text("raise SystemExit(7)\n")
    (tmp_path / "audited" / "sitecustomize.py").write_text("raise SystemExit(7)\n")
    monkeypatch.chdir(tmp_path / "audited")
    monkeypatch.syspath_prepend("")
    monkeypatch.syspath_prepend(tmp_path / "audited")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "audited"))
    batch = tasks(odd, "a")
    assert outcomes([batch], 1) == (good(odd, batch), set())


def test_batches_are_drawn_as_workers_are_free(odd: str) -> None:
    drawn: list[str] = []

    def batches() -> Iterator[list[Task]]:
        for task in tasks(odd, *"abcdefgh"):
            drawn.append(task.path)
            yield [task]

    with Pool(batches(), KNOWN, 2) as pool:
        assert len(drawn) == 4
        assert sum(len(outcome.paths) for outcome in pool) == 8


def children() -> set[int]:
    """Processes whose parent this one is."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = status.read_text().rpartition(")")[2].split()
            if int(fields[1]) == os.getpid() and fields[0] != "Z":
                found.add(int(status.parent.name))
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
@pytest.mark.parametrize("killed", [False, True])
def test_a_crew_does_the_work_and_leaves_nobody_behind(odd: str, killed: bool) -> None:
    before = children()
    crew = Crew(3)
    ready = children() - before
    assert len(ready) == 3
    if killed:
        for process in ready:
            os.kill(process, signal.SIGKILL)
    batches = [tasks(odd, "a"), tasks(odd, "die"), tasks(odd, "b")]
    found, problems = outcomes(batches, 1, crew)
    assert found == good(odd, [*tasks(odd, "a"), *tasks(odd, "b")])
    assert {problem.kind for problem in problems} == {"crashed"}
    crew.dismiss()
    assert children() == before


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_no_worker_outlives_its_pool(odd: str) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = children()
    old = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    start = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            outcomes([tasks(odd, "sleep"), tasks(odd, "spin"), tasks(odd, "a")], 2)
    finally:
        signal.signal(signal.SIGALRM, old)
    assert time.monotonic() - start < 3
    assert children() == before
