"""Two processes make what one would make, whatever becomes of the second."""

from __future__ import annotations

import os
from typing import Any

import pytest

from mllint import pair

NAMES = [f"check-{number}" for number in range(40)]
EXPECTED = {name: [name, ["é", None, 1.5]] for name in NAMES}


def make(name: str) -> list[Any]:
    return EXPECTED[name]


def test_two_make_what_one_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pair.Pair(NAMES, make).finish() == EXPECTED
    monkeypatch.delattr(os, "fork")
    assert pair.Pair(NAMES, make).finish() == EXPECTED


def test_what_raises_is_left_out() -> None:
    def some(name: str) -> list[Any]:
        if name.endswith("7"):
            raise ValueError(name)
        return make(name)

    left = {name: one for name, one in EXPECTED.items() if not name.endswith("7")}
    assert pair.Pair(NAMES, some).finish() == left


def test_a_copy_that_dies_costs_what_it_had_claimed() -> None:
    here = os.getpid()

    def dying(name: str) -> list[Any]:
        if os.getpid() != here:
            os.kill(os.getpid(), 9)
        return make(name)

    found = pair.Pair(NAMES, dying).finish()
    assert found.items() <= EXPECTED.items()
    assert len(found) >= len(NAMES) - 1


def test_a_copy_leaves_no_process_behind() -> None:
    pair.Pair(NAMES, make).finish()
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_what_is_dropped_is_not_made_here() -> None:
    made: list[str] = []

    def noted(name: str) -> list[Any]:
        made.append(name)
        return make(name)

    both = pair.Pair(NAMES, noted)
    both.drop(set(NAMES[10:]))
    found = both.finish()
    assert not set(made) - set(NAMES[:10])
    assert set(NAMES[:10]) <= found.keys()
