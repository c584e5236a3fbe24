from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from mllint.facts import Known
from mllint.readers.python import read

if TYPE_CHECKING:
    from mllint.facts import Facts

KNOWN = Known(frozenset({"torch"}), frozenset({"fit"}))


def facts(source: str) -> Facts:
    return read("pkg/train.py", dedent(source).encode(), KNOWN)


def rows(source: str, table: str) -> list[Any]:
    return list(facts(source).rows.get(table, ()))


@pytest.mark.parametrize(
    ("source", "line", "col", "end_line", "end_col"),
    [
        ("import torch\ntorch.f(1)", 2, 1, 2, 11),
        ("import torch\nx = torch.f(1)", 2, 5, 2, 15),
        ("import torch\nif a:\n\tx = torch.f()", 3, 6, 3, 15),
        ("import torch\nx = 'é', torch.f()", 2, 10, 2, 19),
        ("import torch\nx = '🤖' + torch.f('ü')", 2, 11, 2, 23),
        ("import torch\ntorch.f(\n  1,\n)", 2, 1, 4, 2),
        ("import torch\r\n\r\ntorch.f()\r\n", 3, 1, 3, 10),
        ("import torch\rtorch.f()", 2, 1, 2, 10),
        ("import torch\n\x0c\ntorch.f()", 3, 1, 3, 10),
        ("import torch\nx = '''\n\u2028 \x85'''\ntorch.f()", 4, 1, 4, 10),
        ("import torch\nx = 1; torch.f()", 2, 8, 2, 17),
        ("import torch\nx = \\\n  torch.f()", 3, 3, 3, 12),
    ],
)
def test_places_are_exact(source: str, line: int, col: int, end_line: int, end_col: int) -> None:
    found = read("a.py", source.encode(), KNOWN)
    at = found.rows["call"][-1].at
    assert at == ("a.py", line, col, end_line, end_col, None)


@pytest.mark.parametrize(
    ("source", "column", "expected"),
    [
        ('"""Doc."""', "docstring", True),
        ("x = 1", "docstring", False),
        ("assert a\nif b:\n    raise ValueError(b)\ndef f():\n    assert c", "asserts", 2),
        ("if __name__ == '__main__':\n    f()", "main", True),
        ("if __name__ != 'x':\n    f()", "main", True),
        ("def f(): pass\nclass A: pass", "defines", 2),
        ("", "code", False),
        ("x = 1", "code", True),
        ("x = 1", "works", False),
        ("f()", "works", True),
        ("x = 1", "parsed", "full"),
        ("x = = 1", "parsed", "none"),
        ("x = 1", "name", "pkg.train"),
    ],
)  # fmt: skip
def test_module(source: str, column: str, expected: object) -> None:
    assert getattr(rows(source, "module")[0], column) == expected


@pytest.mark.parametrize(
    ("source", "column", "expected"),
    [
        ("# c\n\nx = 1\ndef f():\n    return 1\n", "outside", 1),
        ("# c\n\nx = 1\n", "code_lines", 1),
        ("x = 1  # c", "code_lines", 1),
        ("x = '# no'\n", "code_lines", 1),
        ("", "outside", 0),
        ("import a\nx = 1\ndef f(): g()\nif __name__ == '__main__':\n    f()", "statements", 0),
        ("x = f()\nfor a in b: pass\nf()\nx: int = f()", "statements", 4),
        ("try:\n    import a\nexcept ImportError:\n    a = None", "statements", 0),
        ("if a:\n    import b\nelse:\n    f()", "statements", 1),
    ],
)
def test_extent(source: str, column: str, expected: object) -> None:
    assert getattr(rows(source, "extent")[0], column) == expected


def test_export() -> None:
    source = "import a\nfrom b import c as d\nE = 1\ndef f(): pass\nfor g in h: i = 1"
    assert rows(source, "export")[0].names == ("E", "a", "d", "f", "g", "i")


@pytest.mark.parametrize(
    ("source", "column", "expected"),
    [
        ("def f(a, *b, c=1, **d): pass", "params", ("a", "*b", "c", "**d")),
        ("def f(a, /, b): pass", "params", ("a", "b")),
        ("def f(): pass", "kind", "function"),
        ("class A:\n    def f(self): pass", "kind", "method"),
        ("class A: pass", "kind", "class"),
        ("class A:\n    def f(self): pass", "name", "A.f"),
        ("def f():\n    def g(): pass", "name", "f.g"),
        ("import torch\nclass A(torch.nn.Module): pass", "bases", ("torch.nn.Module",)),
        ("class B: pass\nclass A(B): pass", "bases", (".B",)),
        ("import torch\n@torch.no_grad()\n@torch.jit.script\ndef f(): pass", "decorators",
         ("torch.no_grad()", "torch.jit.script")),
        ("def f(a: int): pass", "annotated", True),
        ("def f() -> int: pass", "annotated", True),
        ("def f(a): pass", "annotated", False),
        ("def f(a): pass", "annotations", ()),
        ("def f() -> int: pass", "annotations", ()),
        ("def f(a, *b: int, c: str = 1, **d): pass", "annotations", ("", "int", "str", "")),
        ("from typing import Dict\ndef f(a: Dict[str, int]): pass", "annotations",
         ("typing.Dict",)),
        ("from typing import Optional as O\ndef f(a: O[int]): pass", "annotations", ("int",)),
        ("import typing\ndef f(a: typing.Annotated[A, B]): pass\nclass A: pass", "annotations",
         (".A",)),
        ("def f(a: None | int, b: str | None): pass", "annotations", ("int", "str")),
        ("def f(a: 'int', b: 'not a name', c: ...): pass", "annotations", ("int", "?", "?")),
        ("def f(a: later): pass", "annotations", ("?later",)),
        ("def f(): pass", "stub", True),
        ("def f(): ...", "stub", True),
        ("def f():\n    'Doc.'\n    raise NotImplementedError('x')", "stub", True),
        ("def f():\n    raise ValueError", "stub", False),
        ("def f(): return 1", "stub", False),
        ("class A:\n    'Doc.'", "stub", True),
        ("def f():\n    assert a\n    for b in c:\n        assert b", "asserts", 2),
        ("def f(self):\n    self.assertEqual(1, 2)", "asserts", 1),
        ("import pytest\ndef f():\n    with pytest.raises(E): g()", "asserts", 1),
        ("import numpy as np\ndef f():\n    np.testing.assert_allclose(a, b)", "asserts", 1),
        ("def f():\n    if a:\n        raise ValueError\n    raise", "raises", 1),
        ("def f():\n    raise NotImplementedError(1)", "raises", 0),
        ("def f(a, b):\n    assert a\n    assert b > 1\n    assert g(a)", "guards", 2),
    ],
)  # fmt: skip
def test_define(source: str, column: str, expected: object) -> None:
    assert getattr(rows(source, "define")[-1], column) == expected


@pytest.mark.parametrize(
    ("source", "column", "expected"),
    [
        ("def f():\n    x = 1\n    return x", "lines", 3),
        ("def f():\n    'Doc.'", "docstring", True),
        ("def f(): pass", "docstring", False),
        ("def f():\n    return 1", "shape", ""),
        ("class A:\n    'Doc.'", "docstring", True),
    ],
)
def test_body(source: str, column: str, expected: object) -> None:
    assert getattr(rows(source, "body")[-1], column) == expected


def test_functions_that_differ_in_names_and_constants_have_one_shape() -> None:
    body = """
        def {f}({a}):
            {b} = []
            for {c} in {a}:
                if {c} > {n}:
                    {b}.append({c} * {n})
                else:
                    {b}.append(helper({c}))
            return {b}
        """
    one = dedent(body).format(f="one", a="xs", b="out", c="x", n=3)
    two = dedent(body).format(f="two", a="items", b="found", c="item", n=5)
    other = dedent(body).format(f="other", a="xs", b="out", c="x", n=3).replace("x * 3", "x + x.y")
    found = rows(one + two + other, "body")
    shapes = {define.name: define.shape for define in found}
    assert shapes["one"] == shapes["two"] != ""
    assert shapes["other"] != shapes["one"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = open('/home/ann/data.csv')", ("path", "/home/ann/data.csv", "")),
        ("DATA = '/mnt/disk/train'", ("path", "/mnt/disk/train", "DATA")),
        ("DATA = 'C:\\\\Users\\\\ann'", ("path", "C:\\Users\\ann", "DATA")),
        ("DATA = '~/data'", ("path", "~/data", "DATA")),
        ("DATA = f'/home/ann/{name}.csv'", ("path", "/home/ann/{}.csv", "DATA")),
        ("get('https://example.org/a')", ("url", "https://example.org/a", "")),
        ("get(url='s3://bucket/key')", ("url", "s3://bucket/key", "url")),
        ("password = 'hunter2-hunter3'", ("secret", "hunter2-hunter3", "password")),
        ("connect(api_key='q83jf02kd93')", ("secret", "q83jf02kd93", "api_key")),
        ("cfg = {'token': 'q83jf02kd93'}", ("secret", "q83jf02kd93", "token")),
        ("os.environ['AWS_SECRET'] = 'q83jf02kd93'", ("secret", "q83jf02kd93", "AWS_SECRET")),
        ("def f(password='q83jf02kd93'): pass", ("secret", "q83jf02kd93", "password")),
        ("x = 'AKIA" + "A1B2C3D4E5F6G7H8'", ("secret", "AKIA" + "A1B2C3D4E5F6G7H8", "x")),
        ("x = 'ghp_" + "a1" * 18 + "'", ("secret", "ghp_" + "a1" * 18, "x")),
        ("e = connect('db://ann:s3cret9@host/x')", ("secret", "db://ann:s3cret9@host/x", "")),
    ],
)
def test_strings_that_may_matter(source: str, expected: tuple[str, str, str]) -> None:
    row = rows(source, "literal")[0]
    assert (row.kind, row.text, row.target) == expected


@pytest.mark.parametrize(
    "source",
    [
        "'''/home/ann/data is where it was'''",
        "x = '/predict'",
        "x = '/api/v1/predict'",
        "x = 'data/train.csv'",
        "pad_token = '<pad>-0123456789'",
        "token = 'your-token-here1'",
        "password = '${PASSWORD_1}'",
        "password = 'xxxxxxxxxx1'",
        "token = 'classification'",
        "tokenizer = 'bert-base-uncased'",
        "password = getpass('type it in 123')",
        "password = 'correct-horse'",
        "api_key = 'MY_API_KEY_ID'",
        "credentials = 's3_credentials'",
        "e = connect('db://user:password@host/x')",
        "e = connect('db://user:{}@host/x')",
        "x = 'a: //b'",
        "x = ''",
    ],
)
def test_strings_that_do_not_matter(source: str) -> None:
    assert rows(source, "literal") == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("# TODO: this", [("todo", "# TODO: this")]),
        ("x = 1  # FIXME later", [("todo", "# FIXME later")]),
        ("x = 1  # noqa", [("noqa", "# noqa")]),
        ("x = 1  # noqa: E501", [("noqa", "# noqa: E501")]),
        ("x = 1  # type: ignore[x]", [("type-ignore", "# type: ignore[x]")]),
        ("x = 1  # nosec B101", [("nosec", "# nosec B101")]),
        ("# x = f(1)\n# y = g(x)", [("code", "x = f(1)")]),
        ("# import torch", [("code", "import torch")]),
        ("# for x in y:\n#     f(x)", [("code", "for x in y:")]),
        ("#model.fit(X, y)", [("code", "model.fit(X, y)")]),
        ("# a word of prose", []),
        ("# see also: the paper (2017)", []),
        ("# Returns the loss", []),
        ("# import all of it", []),
        ("# else:", [("code", "else:")]),
        ("# elif x > 3:", [("code", "elif x > 3:")]),
        ("# try:", [("code", "try:")]),
        ("# @decorated", [("code", "@decorated")]),
        ("# x: int", []),
        ("# except when it rains:", []),
        ("# TODO: a\n# x = f(1)", [("todo", "# TODO: a"), ("code", "x = f(1)")]),
        ("# default = good", [("code", "default = good")]),
        ("# if this happens: stop", []),
        ("# yields (a, b)", []),
        ("x = '# TODO not a comment'", []),
        ("x = '''\n# TODO not a comment\n'''", []),
        ('x = "it\'s"  # TODO one', [("todo", "# TODO one")]),
    ],
)
def test_comments(source: str, expected: list[tuple[str, str]]) -> None:
    assert [(row.kind, row.text) for row in rows(source, "comment")] == expected


def test_a_run_of_code_comments_is_one_row() -> None:
    (row,) = rows("x = 1\n  # a = b(1)\n  # c = d(2)\n# e = f(3)\n", "comment")
    assert (row.at.line, row.at.col, row.at.end_line, row.at.end_col) == (2, 3, 4, 11)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1  # mllint: ignore[a-b] why", ("line", 1, 1)),
        ("f(\n  1,  # mllint: ignore[a-b] why\n  2)", ("line", 2, 2)),
        ("# mllint: ignore[a-b] why\nx = f(\n  1)\ny = 2", ("statement", 2, 3)),
        ("# mllint: ignore[a-b] why\n\n# more\nx = 1", ("statement", 4, 4)),
        ("f(\n  # mllint: ignore[a-b] why\n  1,\n)", ("statement", 1, 4)),
        ("# mllint: ignore[a-b] why\n@d\ndef f(\n  a):\n  x = 1", ("statement", 2, 4)),
        ("# mllint: ignore[a-b] why\nclass A:\n  x = 1", ("statement", 2, 2)),
        ("# mllint: ignore[a-b] why\nfor x in y:\n  z = 1", ("statement", 2, 2)),
        ("# mllint: ignore[a-b] why\nif a: b = 1", ("statement", 2, 2)),
        ("if a:\n  # mllint: ignore[a-b] why\n  b = 1\nc = 1", ("statement", 3, 3)),
        ("match a:\n  # mllint: ignore[a-b] why\n  case 1:\n    b = 1", ("statement", 4, 4)),
        ("x = 1\n# mllint: ignore[a-b] why", ("statement", 2, 2)),
        ("# mllint: file-ignore[a-b] why\nx = 1", ("file", 0, 0)),
        ("'''Doc.'''\n# mllint: file-ignore[a-b] why\nx = 1", ("file", 0, 0)),
        ("x = 1  # noqa: a-b, E501", ("line", 1, 1)),
        ("x = 1\n# mllint: file-ignore[a-b] too late", ("misplaced", 0, 0)),
    ],
)
def test_suppressions_cover_lines(source: str, expected: tuple[str, int, int]) -> None:
    (ignore,) = facts(source).ignores
    assert (ignore.scope, ignore.first, ignore.last) == expected
    assert ignore.rules == ("a-b",)


@pytest.mark.parametrize(
    "source",
    [
        "x = '# mllint: ignore[a-b] no comment'",
        "x = 1  # noqa: E501",
        "x = 1  # noqa",
        "# mllint is a linter",
    ],
)
def test_what_suppresses_nothing(source: str) -> None:
    assert facts(source).ignores == []


def test_branches_are_counted_per_function_without_those_of_inner_ones() -> None:
    found = rows(
        """
            def plain(x):
                return x if x else 0
            def chain(x):
                if x == 1:
                    return 1
                elif x == 2:
                    return 2
                else:
                    return 3
            def loops(x):
                def inner():
                    while x:
                        break
                for i in x:
                    try:
                        pass
                    except ValueError:
                        pass
                match x:
                    case 1:
                        pass
            """,
        "body",
    )
    assert {row.name: row.branches for row in found} == {
        "plain": 0,
        "chain": 2,
        "loops": 3,
        "loops.inner": 1,
    }
