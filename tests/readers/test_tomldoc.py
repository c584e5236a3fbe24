from __future__ import annotations

import pytest

from mllint.readers.tomldoc import TomlProblem, get, load, walk

TEXT = '''\
title = "x" # a
[project]
dependencies = [
  "a", # first
  "b[c]",
]
opt = { dev = ["d"], "x.y" = 1 }
long = """
[not.a.table]
key = "no"
"""
raw = \'\'\'
z = 1 \'\'\'
when = 1979-05-27 07:32:00
[[tool.index]]
url = "u"
[tool.index.more]
a.b = 1
[[tool.index]]
"quoted key" = inf
'''


def test_lines_of_keys_items_and_arrays_of_tables() -> None:
    assert load(TEXT).lines == {
        "title": 1,
        "project": 2,
        "project.dependencies": 3,
        "project.dependencies[0]": 4,
        "project.dependencies[1]": 5,
        "project.opt": 7,
        "project.opt.dev": 7,
        "project.opt.dev[0]": 7,
        "project.opt.x.y": 7,
        "project.long": 8,
        "project.raw": 12,
        "project.when": 14,
        "tool.index[0]": 15,
        "tool.index[0].url": 16,
        "tool.index[0].more": 17,
        "tool.index[0].more.a.b": 18,
        "tool.index[1]": 19,
        "tool.index[1].quoted key": 20,
    }


def test_every_scalar_has_a_line() -> None:
    document = load(TEXT)
    found = dict(walk(document.data))
    assert set(found) <= set(document.lines)
    assert found["project.when"] == "1979-05-27 07:32:00"
    assert found["tool.index[1].quoted key"] == "inf"
    assert get(document.data, "project.opt.dev") == ["d"]
    assert get(document.data, "project.nope.dev") is None


def test_windows_newlines_and_byte_order_mark() -> None:
    assert load(b"\xef\xbb\xbfa = 1\r\nb = 2\r\n").lines == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("source", "line", "kind"),
    [
        ("a = 1\nb = \n", 2, "syntax"),
        ("a = 1\na = 2\n", 2, "syntax"),
        ("[a]\nb = 'x\n", 2, "syntax"),
        ("a = [1,\n", 1, "syntax"),
        (b"a = 1\nb = '\xff'\n", 2, "encoding"),
        ("x = 1\na = " + "[" * 10_000, 2, "nesting"),
        ("a = " + "{a = " * 10_000, 1, "nesting"),
        ("a." * 10_000 + "b = 1", 1, "nesting"),
        ("#" * 1_000_001, 0, "too-large"),
    ],
)
def test_problems_have_a_line_and_a_kind(source: str | bytes, line: int, kind: str) -> None:
    with pytest.raises(TomlProblem) as caught:
        load(source)
    assert (caught.value.line, caught.value.kind) == (line, kind)
    assert "(at" not in caught.value.text
