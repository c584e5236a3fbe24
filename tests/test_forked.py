"""A few files are read by a copy of this process, or left to a pool that knows how to lose one."""

from __future__ import annotations

import os
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from mllint import forked
from mllint.codec import decode
from mllint.facts import Facts, Heading, Known, Place
from mllint.pool import outcomes
from mllint.worker import Task

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = Known(frozenset({"torch"}), frozenset({"fit"}))
ODD = """
    import os, time
    from mllint.facts import Facts, Heading, Place

    def read(path, data, known):
        word = data.decode()
        if word == "die":
            os.kill(os.getpid(), 11)
        if word == "exit":
            os._exit(0)
        if word == "sleep":
            time.sleep(600)
        if word == "spin":
            while True:
                pass
        if word == "hog":
            bytearray(3_000_000_000)
        if word == "talk":
            os.write(1, b"x" * 100_000)
            print("y" * 100_000, flush=True)
        return Facts({"heading": [Heading(Place(path), word, 1, 0)]})
"""


@pytest.fixture
def odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A reader that does what the file says."""
    (tmp_path / "forked_reader.py").write_text(dedent(ODD))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "forked_reader", raising=False)
    monkeypatch.setattr(forked, "_SECONDS", 1)
    return "forked_reader"


def tasks(reader: str, *words: str) -> list[Task]:
    return [Task(f"{n}.{word}", (reader,), word.encode()) for n, word in enumerate(words)]


def good(*words: str) -> dict[str, Facts]:
    paths = [f"{n}.{word}" for n, word in enumerate(words)]
    return {
        path: Facts({"heading": [Heading(Place(path), word, 1, 0)]})
        for path, word in zip(paths, words, strict=True)
    }


def test_what_is_read_is_said(odd: str) -> None:
    assert decode(forked.read(tasks(odd, "a", "talk", "b"), KNOWN)) == good("a", "talk", "b")


@pytest.mark.parametrize("word", ["die", "exit", "sleep", "spin"])
def test_what_ends_badly_says_nothing_and_leaves_nobody(odd: str, word: str) -> None:
    assert not forked.read(tasks(odd, "a", word), KNOWN)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_where_there_is_no_fork_nothing_is_said(odd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    assert not forked.read(tasks(odd, "a"), KNOWN)


@pytest.mark.parametrize(
    ("words", "size", "kinds"),
    [
        (["a", "b"], 2, [""]),
        (["a", "die", "b"], 2, ["", "crashed"]),
        (["a", "hog"], 2, [""]),
        (["a", "b"], forked.MOST + 1, [""]),
        ([], 0, []),
    ],
)
def test_a_pool_reads_what_a_copy_could_not(
    odd: str, words: list[str], size: int, kinds: list[str]
) -> None:
    batches = [tasks(odd, *words)] if words else []
    found = list(outcomes(batches, KNOWN, 1, None, size))
    assert sorted({one.problem.kind if one.problem else "" for one in found}) == kinds
    read = {path: facts for one in found if one.text for path, facts in decode(one.text).items()}
    assert {path.partition(".")[2] for path in read} == set(words) - {"die"}


def test_a_reader_that_wants_too_much_memory_is_a_problem_of_its_file(odd: str) -> None:
    (facts,) = decode(forked.read(tasks(odd, "hog"), KNOWN)).values()
    assert [problem.kind for problem in facts.problems] == ["crashed"]
