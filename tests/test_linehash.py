"""GitHub's line hash: the numbers are those of the code that computes it on GitHub's side."""

from __future__ import annotations

import pytest

from mllint.linehash import LineHashes


@pytest.mark.parametrize(
    ("text", "hashes"),
    [
        (
            "a\nb\n\n\n\na\n",
            [
                "a4f8f40b2d0dc433:1",
                "2fb867ef5bed2b1c:1",
                "f9e100e4a16ec7c8:1",
                "2564fb0555e24d7e:1",
                "6f7821bf6a94a0cc:1",
                "243cbaa4685aab12:1",
                "c129715d7a2bc9a3:1",
            ],
        ),
        (
            "x = 1\r\ny\t= 2\r \n\rz",
            [
                "c05fc98a69bdd697:1",
                "66042db4af4313fb:1",
                "d14e489d3d22223d:1",
                "483058b3d6ce6067:1",
                "76dcabf80cb35c79:1",
            ],
        ),
        ("", ["c129715d7a2bc9a3:1"]),
        (
            "é𝄞 x\né𝄞 x\né𝄞 x\nend",
            [
                "6c6ab197cdb4a2a9:1",
                "95918e9f732ea8e0:1",
                "3ef41f1835a56aa3:1",
                "43b6461eda086fe2:1",
            ],
        ),
        ("\ufeffa = 1\n", ["6b2f97718843b037:1", "c129715d7a2bc9a3:1"]),
    ],
)
def test_hashes_are_those_of_github(text: str, hashes: list[str]) -> None:
    made = LineHashes(text)
    assert [made.at(line) for line in range(1, len(hashes) + 1)] == hashes
    assert made.at(len(hashes) + 1) == ""


def test_equal_lines_are_counted_where_they_overlap() -> None:
    made = LineHashes("\n" * 103)
    assert [made.at(line).partition(":")[2] for line in (1, 2, 3, 4)] == ["1", "2", "3", "4"]


def test_no_line_has_no_hash() -> None:
    assert LineHashes("a\n").at(0) == ""
