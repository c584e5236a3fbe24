from __future__ import annotations

import codecs
import warnings

import pytest

from mllint.facts import Facts, Known
from mllint.readers.python import read
from mllint.readers.python.guard import danger

KNOWN = Known(frozenset({"torch"}), frozenset())


def told(data: bytes | str) -> tuple[Facts, list[tuple[str, int]]]:
    found = read("a.py", data if isinstance(data, bytes) else data.encode(), KNOWN)
    return found, [(problem.kind, problem.line) for problem in found.problems]


CALL = "import torch\nx = 'é'; torch.f()\n"


@pytest.mark.parametrize(
    ("data", "problems"),
    [
        (CALL.encode(), []),
        (codecs.BOM_UTF8 + CALL.encode(), []),
        (b"# coding: latin-1\n" + CALL.encode("latin-1"), []),
        (b"#!/bin/sh\n# vim: set fileencoding=cp1252 :\n" + CALL.encode("cp1252"), []),
        (CALL.encode("latin-1"), ["encoding"]),
        (CALL.encode("utf-16"), ["encoding"]),
        (codecs.BOM_UTF16_BE + CALL.encode("utf-16-be"), ["encoding"]),
        (CALL.encode("utf-32"), ["encoding"]),
        (b"# coding: klingon\n" + CALL.encode("latin-1"), ["encoding"]),
        (b"# coding: rot13\nimport torch\ntorch.f()", ["encoding"]),
        (CALL.replace("\n", "\r\n").encode(), []),
        (CALL.replace("\n", "\r").encode(), []),
    ],
)
def test_encodings_are_read(data: bytes, problems: list[str]) -> None:
    found, said = told(data)
    assert [kind for kind, _ in said] == problems
    assert found.rows["call"][0].name == "torch.f"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"x = 1\ny = '\0'\n", ("encoding", 2)),
        ("x = 1\0".encode("utf-16"), ("encoding", 0)),
        (codecs.BOM_UTF16_LE + b"x", ("encoding", 0)),
        ("x = (1", ("syntax", 1)),
        ("x = 1\n  y = 2", ("syntax", 2)),
        ("def f(:\n", ("syntax", 1)),
        ("x = " + "(" * 101 + ")" * 101, ("nesting", 0)),
        ("x = " + "[" * 5000 + "]" * 5000, ("nesting", 0)),
        ("x = " + "+".join(["1"] * 20_000), ("nesting", 0)),
        ("x = (1," + "\n+".join(["1"] * 20_000) + ")", ("nesting", 0)),
        ("x = " + " + \\\n".join(["1"] * 20_000), ("nesting", 0)),
        ("x = " + " and ".join(["1"] * 8_000), ("nesting", 0)),
        ("x = " + "1 if a else " * 3_000 + "0", ("nesting", 0)),
        ("x = a" + ".b()" * 5_000, ("nesting", 0)),
        ("x = " + "-" * 5_000 + "1", ("nesting", 0)),
        ("x = " + "not " * 5_000 + "1", ("nesting", 0)),
        ("x = " + "lambda: " * 5_000 + "1", ("nesting", 0)),
        ("if a: pass\n" + "elif b: pass\n" * 5_000, ("nesting", 0)),
        ("x = [" + "1," * 2_500_000 + "]", ("too-large", 0)),
        ("x = 1\n" * 200_000, ("too-large", 0)),
        ('"""' + '\\"' * 100_000, ("syntax", 1)),
        ('"\\' * 100_000, ("syntax", 1)),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_problem(data: bytes | str, problem: tuple[str, int]) -> None:
    found, said = told(data)
    assert said == [problem]
    assert "call" not in found.rows


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "(" * 99 + "1" + ")" * 99,
        "x = " + " + ".join(["a"] * 499),
        "x = '" + "a" * 5_000_000 + "'",
        "x = " + "a < " * 400 + "b",
        " = ".join(f"a{i}" for i in range(800)),
        "@d\n" * 3000 + "def f(): pass",
        "x = [\n" + "1,\n" * 40_000 + "]",
        "def f():\n" + "  x = a + b + c\n" * 5000,
        "".join(" " * i + "if a:\n" for i in range(99)) + " " * 99 + "pass",
        "#" * 1_000_000,
        "x = " + "''" * 10_000,
        "df = a.b()\n" + "df = df.long_name_of_a_method()\n" * 3000,
    ],
)
def test_what_is_only_long_is_read(text: str) -> None:
    found, said = told(text)
    assert said == []
    assert found.rows["module"][0].parsed == "full"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import os, sys\nprint 'hello'\n", "Python 2"),
        ("try:\n    pass\nexcept IOError, e:\n    pass\n", "Python 2"),
        ("raise ValueError, 'x'\n", "Python 2"),
        ("x = 0777\n", "Python 2"),
        ("exec 'x = 1'\n", "Python 2"),
        ("x = ur'a'\n", "Python 2"),
        ("{% if a %}\nx = 1\n{% endif %}\n", "template"),
        ("x = {{ cookiecutter.name }}.y\nfrom {{ cookiecutter.name }} import a\n", "template"),
        ("x = = 1\n", "not valid Python"),
    ],
)
def test_a_syntax_error_says_what_the_file_is(text: str, words: str) -> None:
    (problem,) = read("a.py", text.encode(), KNOWN).problems
    assert problem.kind == "syntax"
    assert words in problem.text


def test_imports_of_a_file_that_does_not_parse_are_read_by_line() -> None:
    text = "import os, numpy.random as r\nfrom .b import c as d, e\nprint 'x'\n"
    found = read("pkg/a.py", text.encode(), KNOWN)
    assert [(row.name, row.alias, row.at.line) for row in found.rows["import"]] == [
        ("os", "os", 1),
        ("numpy.random", "r", 1),
        ("pkg.b.c", "d", 2),
        ("pkg.b.e", "e", 2),
    ]
    (module,) = found.rows["module"]
    (extent,) = found.rows["extent"]
    assert (module.parsed, extent.lines) == ("none", 3)


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("type X[T] = list[T]\ntorch.f()", [("torch.f", 3, 1)]),
        ("def f[T: int, *P](x: T) -> T:\n    return torch.f(x)", [("torch.f", 3, 12)]),
        ("class A[T](torch.B):\n    type Y = int\n    x = torch.f()", [("torch.f", 4, 9)]),
        ("x = f'{torch.f(a['k'])}'", [("torch.f", 2, 8)]),
        ("x = f'a {torch.f('b')!r:>{torch.g('c')}} d' 'e' f'{torch.h('i')}'",
         [("torch.f", 2, 10), ("torch.g", 2, 27), ("torch.h", 2, 52)]),
        ("x = f'{\n  torch.f('a')  # c\n}'; torch.g()", [("torch.f", 3, 3), ("torch.g", 4, 5)]),
        ("x = f'{f'{f'{torch.f()}'}'}'", [("torch.f", 2, 14)]),
        ("try:\n    torch.f()\nexcept* ValueError:\n    torch.g()",
         [("torch.f", 3, 5), ("torch.g", 5, 5)]),
        ("x = y[*a, torch.f()]", [("torch.f", 2, 11)]),
    ],
)  # fmt: skip
def test_newer_syntax_is_read_whatever_python_runs(
    text: str, calls: list[tuple[str, int, int]]
) -> None:
    found, said = told(f"import torch\n{text}")
    assert said == []
    assert [(call.name, call.at.line, call.at.col) for call in found.rows["call"]] == calls


def test_nothing_is_warned_of() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _, said = told("x = '\\d'; y = 1 is 1\n# x = f('\\d')\n")
    assert said == []


@pytest.mark.parametrize(
    ("text", "dangerous"),
    [
        ("x = " + "1, +" * 5000, False),
        ("x = '" + "(" * 500 + "'", False),
        ("# " + "(" * 500, False),
        ("x = 'it''s' # " + "+" * 600, False),
        ("x = '''" + "+" * 600 + "'''", False),
        ("x = 1\n" + "+" * 600, True),
        ("x = f(a, " + "+" * 600, True),
        ("'" * 3 + "(" * 500, False),
    ],
)
def test_danger_is_sought_in_code_only(text: str, dangerous: bool) -> None:
    assert bool(danger(text)) is dangerous
