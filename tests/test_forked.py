"""A few files are read by a copy of this process, or left to a pool that knows how to lose one."""

from __future__ import annotations

import os

import pytest

from mllint import forked
from mllint.codec import decode
from mllint.pool import outcomes
from tests.odd import KNOWN, good, tasks


@pytest.fixture(name="brief")
def fixture_brief(odd: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The odd reader, which is not waited for as long as in earnest."""
    monkeypatch.setattr(forked, "_SECONDS", 1)
    return odd


def test_what_is_read_is_said(brief: str) -> None:
    batch = tasks(brief, "a", "talk", "b")
    assert decode(forked.read(batch, KNOWN)) == good(brief, batch)


@pytest.mark.parametrize("word", ["die", "exit", "leave", "sleep", "spin"])
def test_what_ends_badly_says_nothing_and_leaves_nobody(brief: str, word: str) -> None:
    assert not forked.read(tasks(brief, "a", word), KNOWN)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_where_there_is_no_fork_nothing_is_said(
    brief: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "fork")
    assert not forked.read(tasks(brief, "a"), KNOWN)


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
    brief: str, words: list[str], size: int, kinds: list[str]
) -> None:
    batches = [tasks(brief, *words)] if words else []
    found = list(outcomes(batches, KNOWN, 1, None, size))
    assert sorted({one.problem.kind if one.problem else "" for one in found}) == kinds
    read = {path: facts for one in found if one.text for path, facts in decode(one.text).items()}
    assert {path.partition(".")[2] for path in read} == set(words) - {"die"}


def test_a_reader_that_wants_too_much_memory_is_a_problem_of_its_file(brief: str) -> None:
    (facts,) = decode(forked.read(tasks(brief, "hog"), KNOWN)).values()
    assert [problem.kind for problem in facts.problems] == ["crashed"]
