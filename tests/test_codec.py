"""Facts survive being written and read, to the last type."""

from __future__ import annotations

from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mllint.codec import Later, decode, encode
from mllint.facts import (
    ROWS,
    Arg,
    Call,
    Cell,
    Facts,
    Function,
    Heading,
    Ignore,
    Place,
    Problem,
    Setting,
    Value,
)

TEXT = st.text(max_size=8)
NUMBER = st.integers(-(2**40), 2**40)
CONST = st.recursive(
    st.none() | st.booleans() | NUMBER | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)


def of_type(said: Any, path: str) -> st.SearchStrategy[Any]:
    """Anything that a column of this type may hold."""
    simple: dict[Any, st.SearchStrategy[Any]] = {
        str: TEXT,
        int: NUMBER,
        bool: st.booleans(),
        float: st.floats(allow_nan=False),
        type(None): st.none(),
        Any: CONST,
    }
    if said in simple:
        return simple[said]
    if said is Place:
        cells = st.none() | of_type(Cell, path)
        return st.builds(Place, st.just(path), NUMBER, NUMBER, NUMBER, NUMBER, cells)
    if hasattr(said, "_fields"):
        return st.builds(said, *(of_type(t, path) for t in get_type_hints(said).values()))
    if get_origin(said) is tuple and get_args(said)[1:] == (Ellipsis,):
        return st.lists(of_type(get_args(said)[0], path), max_size=3).map(tuple)
    if get_origin(said) is tuple:
        return st.tuples(*(of_type(item, path) for item in get_args(said)))
    return st.one_of([of_type(item, path) for item in get_args(said)])


def same(left: Facts, right: Facts) -> bool:
    """Equal down to the types, so that 1 is not True and a list no tuple."""
    parts = [
        (f.rows, list(f.values), list(f.functions), list(f.ignores), list(f.problems))
        for f in (left, right)
    ]
    return repr(parts[0]) == repr(parts[1])


@pytest.mark.parametrize("table", ROWS)
@given(data=st.data())
@settings(max_examples=8, deadline=None)
def test_rows_of_every_table_come_back(table: str, data: st.DataObject) -> None:
    files = {
        path: Facts({table: rows} if rows else {})
        for path in ("a.py", "b/c.py", "d")
        for rows in [data.draw(st.lists(of_type(ROWS[table], path), max_size=4))]
    }
    back = decode(encode(files))
    assert list(back) == list(files)
    assert all(same(back[path], files[path]) for path in files)


@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_all_else_that_a_file_says_comes_back(data: st.DataObject) -> None:
    def some(row: Any) -> list[Any]:
        return data.draw(st.lists(of_type(row, "a.py"), max_size=4))

    facts = Facts({}, some(Value), some(Function), some(Ignore), some(Problem))
    assert same(decode(encode({"a.py": facts}))["a.py"], facts)


def test_text_is_ascii_and_each_table_and_graph_has_a_line() -> None:
    value = Value("name", "é\n\ud800", (), "", 1, 0)
    heading = Heading(Place("a.py", 1), "\x00 ü \ud800", 1, 0)
    text = encode({"a.py": Facts({"heading": [heading]}, [value]), "b.py": Facts()})
    assert text.isascii()
    assert text.count("\n") == 3
    assert decode(text)["a.py"].rows["heading"] == [heading]
    assert decode(text)["a.py"].values[0] == value


def test_rows_of_a_type_are_rows_of_that_type() -> None:
    call = Call(
        Place("a.py", 3, 1, 3, 9, Cell(1, 1, "x", 40)), "f",
        (Arg("0", True, [1, {"a": None}], "", -1), Arg("k", False, None, "?", 4)),
        "", (1, 2), ("with",), "", 7, -1, 0, True,
    )  # fmt: skip
    back = decode(encode({"a.py": Facts({"call": [call, call]})}))["a.py"].rows["call"]
    assert back == [call, call]
    assert [type(part) for part in (back[0], back[0].at, back[0].at.cell, *back[0].args)] == [
        Call, Place, Cell, Arg, Arg,
    ]  # fmt: skip


def test_equal_constants_of_different_types_stay_apart() -> None:
    values = [1, True, 1.0, "1", None, [1], [True]]
    rows = [Setting(Place("a", 1), "k", value, "yaml") for value in values]
    back = decode(encode({"a": Facts({"setting": rows})}))["a"].rows["setting"]
    assert [repr(row.value) for row in back] == [repr(value) for value in values]


def test_the_graph_is_decoded_when_it_is_first_looked_at() -> None:
    made: list[int] = []
    later: Later[int] = Later(lambda: made.append(1) or [1, 2, 3])  # type: ignore[func-returns-value]
    assert not made
    assert (len(later), later[1], later[1:], list(later), later == [1, 2, 3]) == (
        3, 2, [2, 3], [1, 2, 3], True,
    )  # fmt: skip
    assert made == [1]
