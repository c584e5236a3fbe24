"""Columns of data files: by their first line, and never a value of the data."""

from __future__ import annotations

import pytest

from mllint.collect import collect
from mllint.facts import Known
from mllint.readers.headers import read
from mllint.tree import Tree

NOTHING = Known(frozenset(), frozenset())


def names(path: str, text: str) -> list[str]:
    rows = read(path, text.encode(), NOTHING).rows.get("header", ())
    return [row.name for row in rows]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.csv", "id,first_name,Age (years)\n1,Ann,30\n", ["id", "first_name", "Age (years)"]),
        ("a.csv", "\ufeff\nid;e-mail\n", ["id", "e-mail"]),
        ("a.csv", ",price\n0,1\n", ["price"]),
        ("a.csv", '"street, number",city\n', []),
        ("a.tsv", "straße\tort\n", ["straße", "ort"]),
        ("a.psv", "a|b\n", ["a", "b"]),
        ("a.jsonl", '{"email": "x@y.z", "age": 3}\n{"other": 1}\n', ["email", "age"]),
        ("a.ndjson", "[1, 2]\n", []),
        ("a.jsonl", "not json\n", []),
        ("a.csv", "1,2,3\n", []),
        ("a.csv", "Ann,ann@b.org\n", []),
        ("a.csv", "Ann,1990-01-02\n", []),
        ("a.csv", "a,a,b\n", []),
        ("a.csv", "The house was small and very old,it stood by the long river\n", []),
        ("a.csv", "", []),
        ("a.csv", "a\0b,c\n", []),
    ],
)
def test_the_columns_that_a_first_line_names(path: str, text: str, expected: list[str]) -> None:
    assert names(path, text) == expected


def test_a_column_has_its_place_position_and_format() -> None:
    row = read("data/a.csv", b"id,age\n", NOTHING).rows["header"][1]
    assert (str(row.at), row.name, row.index, row.format) == ("data/a.csv:1", "age", 1, "csv")


def test_of_a_large_file_only_the_start_is_read_and_of_a_huge_one_nothing() -> None:
    tree = Tree.of(
        {"a.csv": "id,age\n" + "1,2\n" * 50_000, "b.csv": {"size": 20_000_000, "tracked": True}}
    )
    found = collect(tree, NOTHING, jobs=0)
    assert [row.name for row in found.facts["a.csv"].rows["header"]] == ["id", "age"]
    assert "header" not in found.facts["b.csv"].rows
    assert found.problems == ()
