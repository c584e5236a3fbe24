from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from mllint.facts import Known
from mllint.readers.python import read

if TYPE_CHECKING:
    from mllint.facts import Facts, Function

KNOWN = Known(frozenset({"lib"}), frozenset({"fit", "eval"}))


def facts(source: str) -> Facts:
    return read("train.py", dedent(source).encode(), KNOWN)


def told(found: Facts, index: int, seen: frozenset[int] = frozenset()) -> str:
    """A value and what it was made from, as one line."""
    if index < 0:
        return "-"
    value = found.values[index]
    word = value.name if value.op in {"call", "unknown", "name", "param"} else value.op
    word += f":{value.detail}" if value.detail and value.op not in {"unknown", "param"} else ""
    if index in seen:
        return f"{word}~"
    inputs = [told(found, i, seen | {index}) for i in value.inputs]
    return f"{word}({', '.join(inputs)})" if inputs else word


def sunk(source: str) -> str:
    """What flows into the first argument of the last call of lib.sink."""
    found = facts("import lib\n" + dedent(source))
    call = [call for call in found.rows["call"] if call.name == "lib.sink"][-1]
    return told(found, call.args[0].value)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("lib.sink(x)", "?x"),
        ("y = x\nlib.sink(y)", "?x"),
        ("lib.sink(x + y)", "binary:Add(?x, ?y)"),
        ("x += y\nlib.sink(x)", "binary:Add(?x, ?y)"),
        ("lib.sink(x > y)", "compare:Gt(?x, ?y)"),
        ("lib.sink(-x)", "binary:USub(?x)"),
        ("lib.sink([x, y])", "container:list(?x, ?y)"),
        ("lib.sink({'a': x})", "container:dict(?x)"),
        ("lib.sink(x.a)", "attr:a(?x)"),
        ("lib.sink(x['a'])", "item:a(?x)"),
        ("lib.sink(x[0])", "item:0(?x)"),
        ("lib.sink(x[k])", "item:?(?x, ?k)"),
        ("lib.sink(x[:10])", "item::10(?x)"),
        ("lib.sink(x[n:])", "item:?:(?x, ?n)"),
        ("lib.sink(x[::2])", "item:::2(?x)"),
        ("lib.sink(x[:, 0])", "item::, 0(?x)"),
        ("lib.sink(x.loc[:, 'a'])", "item::, a(attr:loc(?x))"),
        ("lib.sink(lib.f(x))", "lib.f()(-, ?x)"),
        ("lib.sink(x.f(y, 3))", "?x.f()(?x, ?y, -)"),
        ("lib.sink(x(y))", "?x()(?x, ?y)"),
        ("lib.sink(lib.A().f(x))", "lib.A().f()(lib.A()(-), ?x)"),
        ("a, b = x\nlib.sink(b)", "unpack:1(?x)"),
        ("(a, b), c = x\nlib.sink(b)", "unpack:1(unpack:0(?x))"),
        ("a, *b = x\nlib.sink(b)", "unpack:*1(?x)"),
        ("*a, b = x\nlib.sink(b)", "unpack:-1(?x)"),
        ("a, b = y, x\nlib.sink(b)", "?x"),
        ("a, b = b, a\nlib.sink(a)", "?b"),
        ("for a in x:\n    lib.sink(a)", "iter(?x)"),
        ("for a, b in x:\n    lib.sink(b)", "unpack:1(iter(?x))"),
        ("for i, a in enumerate(x):\n    lib.sink(a)", "iter(?x)"),
        ("for a, b in zip(x, y):\n    lib.sink(b)", "iter(?y)"),
        ("for k, v in x.items():\n    lib.sink(v)", "iter(?x)"),
        ("lib.sink([lib.f(a) for a in x])", "container:list(lib.f()(-, iter(?x)))"),
        ("lib.sink({k: v for k, v in x})", None),
        ("lib.sink(lambda a: a + x)", "lambda:a(binary:Add(?a, ?x))"),
        ("lib.sink(x if c else y)", "merge(?x, ?y)"),
        ("lib.sink(x or y)", "merge(?x, ?y)"),
        ("lib.sink(f'{x}')", "binary:{}(?x)"),
        ("with lib.f() as a:\n    lib.sink(a)", "lib.f()(-)"),
        ("async def g():\n    lib.sink(await x)", "?x"),
    ],
)
def test_expressions_remember_what_they_were_made_from(source: str, expected: str | None) -> None:
    if expected is None:
        assert sunk(source) == "container:dict(unpack:0(iter(?x)), unpack:1(iter(?x)))"
    else:
        assert sunk(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("if c:\n    x = y\nlib.sink(x)", "?y"),
        ("lib.f(x)\nif c:\n    x = y\nlib.sink(x)", "?y"),
        ("x = a\nif c:\n    x = y\nelse:\n    x = z\nlib.sink(x)", "merge(?y, ?z)"),
        ("x = a\nif c:\n    x = y\n    raise E\nlib.sink(x)", "?a"),
        ("def g():\n    x = a\n    if c:\n        x = y\n        return\n    lib.sink(x)", "?a"),
        ("x = a\nif c:\n    x = y\nelif d:\n    x = z\nlib.sink(x)", "merge(?y, ?z, ?a)"),
        ("x = a\nfor i in y:\n    lib.sink(x)", "?a"),
        ("x = a\nfor i in y:\n    lib.sink(x)\n    x = lib.f(x)", "loop(?a, lib.f()(-, loop~))"),
        ("x = a\nfor i in y:\n    x = lib.f(x)\nlib.sink(x)", "loop(?a, lib.f()(-, loop~))"),
        ("x = a\nwhile c:\n    if d:\n        x = y\n        break\nlib.sink(x)", None),
        ("x = a\ntry:\n    x = y\nexcept E:\n    pass\nlib.sink(x)", "merge(?y, merge(?a, ?y))"),
        ("x = a\ntry:\n    x = y\nfinally:\n    lib.sink(x)", "?y"),
        ("x = a\nmatch c:\n    case 1:\n        x = y\nlib.sink(x)", "merge(?a, ?y)"),
        ("match c:\n    case [x, *_]:\n        lib.sink(x)", "unpack(?c)"),
        ("match c:\n    case {'a': x}:\n        lib.sink(x)", "unpack(?c)"),
        ("x.a = y\nlib.sink(x.a)", "?y"),
        ("x.a = y\nlib.sink(x)", "mutate:.a=(?x, ?y)"),
        ("x.a = y\nx = z\nlib.sink(x.a)", "attr:a(?z)"),
    ],
)
def test_branches_merge_and_loops_carry(source: str, expected: str | None) -> None:
    if expected is None:
        assert sunk(source) == "loop(?a, merge(?y, loop~))"
    else:
        assert sunk(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x['a'] = y\nlib.sink(x)", "mutate:[a]=(?x, ?y)"),
        ("x[k] = y\nlib.sink(x)", "mutate:[]=(?x, ?y, ?k)"),
        ("x['a']['b'] = y\nlib.sink(x)", "mutate:[b]=(?x, ?y)"),
        ("x.loc[0, 'a'] = y\nlib.sink(x)", "mutate:[[0, 'a']]=(?x, ?y)"),
        ("x['a'] += y\nlib.sink(x)", "mutate:[]=(?x, ?y)"),
        ("del x['a']\nlib.sink(x)", "mutate:del(?x)"),
        ("x = []\nx.append(y)\nlib.sink(x)", "mutate:append(?y)"),
        ("x.drop(k, inplace=True)\nlib.sink(x)", "mutate:drop(?x, ?k)"),
        ("x.drop(k, inplace=False)\nlib.sink(x)", "?x"),
        ("x.drop(k)\nlib.sink(x)", "?x"),
        ("x.fit(y)\nlib.sink(x.transform(z))", "?x.transform()(mutate:fit(?x, ?y), ?z)"),
        ("y = x.fit_transform(y)\nlib.sink(x)", "mutate:fit_transform(?x, ?y)"),
        ("x.a.append(y)\nlib.sink(x.a)", "mutate:append(attr:a(?x), ?y)"),
        ("for i in z:\n    x.append(i)\nlib.sink(x)", "mutate:append(?x, iter(?z))"),
        (
            "x = []\nfor i in z:\n    x.append(i)\nlib.sink(x)",
            "loop(mutate:append(loop~, iter(?z)))",
        ),
        ("x = lib.A()\nfor i in z:\n    x.fit(i)\nlib.sink(x)", None),
        ("lib.things.append(x)\nlib.sink(lib.things)", "-"),
    ],
)
def test_a_changed_object_remembers_both(source: str, expected: str | None) -> None:
    if expected is None:
        assert sunk(source) == "loop(lib.A()(-), mutate:fit(loop~, iter(?z)))"
    else:
        assert sunk(source) == expected


def test_the_same_object_is_the_same_value() -> None:
    found = facts(
        """
        import lib
        class A:
            def __init__(self, net):
                self.net = net
            def run(self, x):
                self.net.eval()
                return self.net(x)
        """
    )
    one, two = (call for call in found.rows["call"] if call.scope == "A.run")
    assert one.receiver == two.receiver >= 0


def function(source: str, name: str) -> tuple[Facts, Function]:
    found = facts(source)
    return found, next(function for function in found.functions if function.name == name)


def test_a_function_is_summed_up() -> None:
    source = """
        def split(x, *rest, ratio=0.2, shuffle=None, **kw):
            left = x[:ratio]
            return left, rest
        """
    found, summary = function(source, "split")
    assert [name for name, _ in summary.params] == ["x", "*rest", "ratio", "shuffle", "**kw"]
    assert summary.defaults == (("ratio", 0.2), ("shuffle", None))
    assert [told(found, at) for at in summary.returns] == [
        "container:tuple(item:?:(?x, ?ratio), ?rest)".replace("?:", ":?")
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return x", ["?x"]),
        ("if c:\n        return x\n    return y", ["?x", "?y"]),
        ("yield x", ["container:yield(?x)"]),
        ("yield from x", ["?x"]),
        ("pass", []),
        ("return 3", ["-"]),
    ],
)
def test_returns(body: str, expected: list[str]) -> None:
    found, summary = function(f"def f(x, y):\n    {body}", "f")
    assert [told(found, at) for at in summary.returns] == expected


def test_a_class_tells_its_attributes() -> None:
    source = """
        import lib
        class A:
            kind = lib.kind()
            def __init__(self, x):
                self.x = x
                self.y = lib.f(x)
                self.n = 3
            def more(self):
                self.y = lib.g()
        """
    found, summary = function(source, "A")
    assert {name: told(found, at) for name, at in summary.attributes} == {
        "kind": "lib.kind()(-)",
        "x": "?x",
        "y": "merge(lib.f()(-, ?x), lib.g()(-))",
    }


def test_a_module_tells_its_variables() -> None:
    found, summary = function("import lib\nSEED = 3\nx = lib.load()\ndef f(): pass", "")
    assert {name: told(found, at) for name, at in summary.attributes} == {"x": "lib.load()(-)"}


def test_nothing_that_no_call_needs_is_kept() -> None:
    found = facts("a = b + c\nd = a.e(f)\n")
    kept = facts("import lib\na = b + c\nlib.f(d)\n")
    assert [value.name for value in kept.values if value.name in {"?b", "?c"}] == ["?b", "?c"]
    assert [name for name, _ in found.functions[0].attributes] == ["a", "d"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("SEED = 7", ("SEED", True, 7, "")),
        ("import lib\nlib.flags.on = True", ("lib.flags.on", True, True, "")),
        ("import lib as m\nm.flags.on = x", ("lib.flags.on", False, None, "?x")),
        ("import os\nos.environ['A'] = '1'", ("os.environ[A]", True, "1", "")),
        ("from os import environ as e\ne['A'] = x", ("os.environ[A]", False, None, "?x")),
        ("class A:\n    N = 3", ("N", True, 3, "")),
        ("class A:\n    def f(self):\n        self.n = 3", ("self.n", True, 3, "")),
        ("class A:\n    def f(me):\n        me.n = 3", ("self.n", True, 3, "")),
        ("def f():\n    n = 3", ("n", True, 3, "")),
        ("import lib\nx = lib.load()", ("x", False, None, "lib.load()")),
        ("import lib\na, b = lib.load()\nlib.f(b)", ("b", False, None, "lib.load()[]")),
        ("a.b = x", ("a.b", False, None, "?x")),
    ],
)
def test_assignments(source: str, expected: tuple[str, bool, object, str]) -> None:
    row = facts(source).rows["assign"][-1]
    assert (row.target, row.known, row.const, row.name) == expected
