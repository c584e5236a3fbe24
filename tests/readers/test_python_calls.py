from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from mllint.facts import Known
from mllint.readers.python import read

if TYPE_CHECKING:
    from mllint.facts import Call, Facts

KNOWN = Known(frozenset({"torch", "sklearn", "os", "pathlib"}), frozenset({"fit", "eval"}))


def facts(source: str) -> Facts:
    return read("train.py", dedent(source).encode(), KNOWN)


def last(source: str) -> Call:
    call: Call = facts(source).rows["call"][-1]
    return call


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("7", 7),
        ("-1", -1),
        ("2 * SEED + 1", 15),
        ("7 / 2", 3.5),
        ("2 ** 10", 1024),
        ("not True", False),
        ("None", None),
        ("'a' 'b'", "ab"),
        ("'a' + 'b'", "ab"),
        ("'-' * 3", "---"),
        ("f'run-{SEED}'", "run-7"),
        ("f'{NAME}/x'", "base/x"),
        ("[1, SEED]", [1, 7]),
        ("(1, 2)", [1, 2]),
        ("{'a': SEED}", {"a": 7}),
        ("{'a': SEED}['a']", 7),
        ("[1, 2, 3][-1]", 3),
        ("dict(a=1)", {"a": 1}),
        ("dict(a=dict(b=2))['a']['b']", 2),
        ("'abc'[1]", "b"),
        ("list((1, 2))", [1, 2]),
        ("bool(1)", True),
        ("+SEED", 7),
        ("[0] * 3", [0, 0, 0]),
        ("os.environ['KEY']", "set above"),
        ("int('3')", 3),
        ("str(SEED)", "7"),
        ("os.path.join(NAME, 'x')", "base/x"),
        ("pathlib.Path(NAME) / 'x'", "base/x"),
        ("SEED if flag else SEED", 7),
    ],
)
def test_constants_are_known(given: str, expected: Any) -> None:
    given_before = (
        "import torch, os, pathlib\nos.environ['KEY'] = 'set above'\nSEED = 7\nNAME = 'base'"
    )
    arg = last(f"{given_before}\ntorch.f({given})").args[0]
    assert (arg.known, arg.const, type(arg.const)) == (True, expected, type(expected))


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("x", "?x"),
        ("SEED if flag else 8", "?"),
        ("SEED or x", "?x"),
        ("f'{x}'", "?"),
        ("os.environ['A']", "os.environ[]"),
        ("os.environ.get('A', 1)", "os.environ.get()"),
        ("args.seed", "?args.seed"),
        ("10 ** 1000", "?"),
        ("'a' * 10 ** 9", "?"),
        ("1 / 0", "?"),
        ("2 ** 60", "?"),
        ("b'x'", "?"),
        ("'\\ud800'", "?"),
        ("'a' * 2001", "?"),
        ("...", "?"),
        ("1j", "?"),
        ("[x]", "?"),
        ("torch.float16", "torch.float16"),
        ("~SEED", "?"),
        ("[1][5]", "?[]"),
        ("{'a': 1}['b']", "?[]"),
        ("'%d' % SEED", "?"),
        ("'x' + SEED", "?"),
        ("os.path.join(SEED, 'x')", "os.path.join()"),
        ("dict(*x)", "dict()"),
        ("int('1' * 50)", "int()"),
        ("list('ab')", "list()"),
        ("sorted([1])", "sorted()"),
        ("{**x, 'a': 1}", "?"),
        ("{x: 1}", "?"),
        ("[*x]", "?"),
        ("changed", "?changed"),
    ],
)
def test_what_is_not_sure_is_unknown(given: str, name: str) -> None:
    source = f"""
        import torch, os
        SEED = 7
        changed = 1
        for i in y:
            changed += 1
        torch.f({given})
        """
    arg = last(source).args[0]
    assert (arg.known, arg.const, arg.name) == (False, None, name)


@pytest.mark.parametrize(
    ("body", "known"),
    [
        ("SEED = 7\ndef f():\n    torch.f(SEED)", True),
        ("def f():\n    torch.f(SEED)\nSEED = 7", True),
        ("SEED = 7\nSEED = 8\ndef f():\n    torch.f(SEED)", False),
        ("SEED = 7\ndef f():\n    torch.f(SEED)\ndef g():\n    global SEED\n    SEED = 1", False),
        ("def f(seed=7):\n    torch.f(seed)", False),
        ("class A:\n    SEED = 7\n    def f(self):\n        torch.f(self.SEED)", True),
        (
            (
                "class A:\n    def __init__(self):\n        self.s = 7\n"
                "    def f(self):\n        torch.f(self.s)"
            ),
            True,
        ),
        (
            (
                "class A:\n    def __init__(self):\n        self.s = 7\n    def g(self):\n"
                "        self.s = 8\n    def f(self):\n        torch.f(self.s)"
            ),
            False,
        ),
        ("class A:\n    s = 7\ntorch.f(A.s)", True),
        ("class A:\n    s = 7\ntorch.f(A().s)", True),
        ("@dataclass\nclass A:\n    s: int = 7\ntorch.f(A().s)", False),
        ("class A(Base):\n    s: int = 7\ntorch.f(A().s)", False),
        ("class A(Base):\n    SEED = 7\ntorch.f(A().SEED)", True),
        ("if a:\n    SEED = 7\nelse:\n    SEED = 7\ntorch.f(SEED)", True),
        ("if a:\n    SEED = 7\nelse:\n    SEED = 8\ntorch.f(SEED)", False),
        ("SEED = 7\nif a:\n    SEED = 8\ntorch.f(SEED)", False),
        ("SEED = 7\nif a:\n    SEED = 8\n    raise E\ntorch.f(SEED)", True),
        ("SEED = 7\nfor x in y:\n    torch.f(SEED)", True),
        ("SEED = 7\nfor x in y:\n    torch.f(SEED)\n    SEED = x", False),
        ("SEED = 7\nwhile a:\n    SEED = SEED + 1\ntorch.f(SEED)", False),
        ("try:\n    SEED = 7\nexcept E:\n    SEED = 8\ntorch.f(SEED)", False),
        ("a, SEED = 1, 7\ntorch.f(SEED)", True),
        ("SEED: int = 7\ntorch.f(SEED)", True),
        ("SEED = 7\ndel SEED\ntorch.f(SEED)", False),
        ("SEED = 7\nif a:\n    del SEED\ntorch.f(SEED)", True),
        ("def f():\n    SEED = 7\n    if a: return\n    else: raise\n    torch.f(SEED)", True),
        ("def f():\n    SEED = 7\n    [SEED for SEED in y]\n    torch.f(SEED)", True),
        ("def f():\n    SEED = 7\n    g = lambda SEED: SEED\n    torch.f(SEED)", True),
        ("cfg = {'s': 7}\ntorch.f(cfg['s'])", True),
        ("cfg = {'s': 7}\ncfg['s'] = a\ntorch.f(cfg['s'])", False),
        ("opt.s = 7\ntorch.f(opt.s)", True),
        ("opt.s = 7\nopt = other()\ntorch.f(opt.s)", False),
        ("match a:\n    case 1:\n        SEED = 7\ntorch.f(SEED)", True),
        ("SEED = 7\nmatch a:\n    case [SEED]:\n        pass\ntorch.f(SEED)", False),
    ],
)
def test_a_constant_is_known_only_where_it_is_the_only_one(body: str, known: bool) -> None:
    calls = facts(f"import torch\n{body}").rows["call"]
    arg = next(call for call in calls if call.name == "torch.f").args[0]
    assert (arg.known, arg.const) == ((True, 7) if known else (False, None))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("1, a=2", [("0", 1), ("a", 2)]),
        ("*(1, 2), 3", [("0", 1), ("1", 2), ("2", 3)]),
        ("**{'a': 1}", [("a", 1)]),
        ("**dict(a=1)", [("a", 1)]),
        ("*xs, 3, a=1", [("*", None), ("*", 3), ("a", 1)]),
        ("**kw", [("**", None)]),
    ],
)
def test_arguments_have_keys(given: str, expected: list[tuple[str, Any]]) -> None:
    call = last(f"import torch\ntorch.f({given})")
    assert [(arg.key, arg.const) for arg in call.args] == expected


def test_a_dictionary_with_unknown_values_is_unpacked_into_arguments() -> None:
    call = last("import torch\nkw = dict(lr=rate, n=3)\ntorch.f(**kw)")
    assert [(arg.key, arg.known, arg.name) for arg in call.args] == [
        ("lr", False, "?rate"),
        ("n", True, ""),
    ]


@pytest.mark.parametrize(
    ("source", "guard"),
    [
        ("torch.f()", ""),
        ("if __name__ == '__main__':\n    torch.f()", "main"),
        ("if args.x:\n    torch.f()", "flag"),
        ("if args.x:\n    pass\nelse:\n    torch.f()", "flag"),
        ("if args.x:\n    pass\nelif b:\n    torch.f()", "flag"),
        ("if __name__ == '__main__':\n    if x:\n        torch.f()", "flag"),
        ("try:\n    import a\n    torch.f()\nexcept ImportError:\n    pass", "optional"),
        ("try:\n    torch.f()\nexcept Exception:\n    pass", ""),
        ("try:\n    import a\nexcept ImportError:\n    a = None\nif a:\n    torch.f()", "optional"),
        (
            (
                "try:\n    import a\n    HAS = True\nexcept ImportError:\n    HAS = False\n"
                "if HAS:\n    torch.f()"
            ),
            "optional",
        ),
        (
            (
                "try:\n    import a\nexcept ImportError:\n    a = None\n"
                "if a is not None:\n    torch.f()"
            ),
            "optional",
        ),
        ("if rank == 0:\n    torch.f()", ""),
        ("if trainer.is_global_zero:\n    torch.f()", ""),
        ("if accelerator.is_main_process():\n    torch.f()", ""),
        ("if True:\n    torch.f()", ""),
        ("if False:\n    torch.f()", "flag"),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    torch.f()", "type"),
        ("def g():\n    torch.f()\nif a:\n    g()", ""),
        ("match a:\n    case 1:\n        torch.f()", "flag"),
    ],
)
def test_guards(source: str, guard: str) -> None:
    calls = facts(f"import torch\n{source}").rows["call"]
    assert next(call for call in calls if call.name == "torch.f").guard == guard


@pytest.mark.parametrize(
    ("source", "loops"),
    [
        ("torch.f()", 0),
        ("for x in torch.f(): pass", 0),
        ("for x in y: torch.f()", 1),
        ("while torch.f(): pass", 1),
        ("for x in y:\n    while x:\n        torch.f()", 2),
        ("[torch.f() for x in y]", 1),
        ("[x for x in torch.f()]", 0),
        ("[x for x in y for z in torch.f()]", 1),
        ("{x: torch.f() for x in y}", 1),
        ("for x in y:\n    def g():\n        torch.f()", 0),
    ],
)
def test_loops(source: str, loops: int) -> None:
    assert len(last(f"import torch\n{source}").loops) == loops


def test_two_calls_in_one_loop_share_its_id() -> None:
    calls = facts("import torch\nfor x in y:\n    torch.f()\n    torch.g()\ntorch.h()").rows["call"]
    assert [call.loops for call in calls] == [(1,), (1,), ()]


@pytest.mark.parametrize(
    ("source", "within"),
    [
        ("torch.f()", ()),
        ("with torch.no_grad():\n    torch.f()", ("torch.no_grad()",)),
        ("with torch.no_grad(), open(p) as g:\n    torch.f()", ("torch.no_grad()", "open()")),
        ("@torch.no_grad()\ndef g():\n    torch.f()", ("torch.no_grad()",)),
        ("with torch.no_grad():\n    def g():\n        torch.f()", ()),
        ("with torch.no_grad():\n    pass\ntorch.f()", ()),
        (
            "async def g():\n    async with torch.no_grad():\n        torch.f()",
            ("torch.no_grad()",),
        ),
    ],
)
def test_within(source: str, within: tuple[str, ...]) -> None:
    calls = facts(f"import torch\n{source}").rows["call"]
    assert next(call for call in calls if call.name == "torch.f").within == within


@pytest.mark.parametrize(
    ("source", "scope"),
    [
        ("torch.f()", ""),
        ("def g():\n    torch.f()", "g"),
        ("class A:\n    torch.f()", "A"),
        ("class A:\n    def g(self):\n        torch.f()", "A.g"),
        ("def g():\n    def h():\n        torch.f()", "g.h"),
        ("def g(x=torch.f()):\n    pass", ""),
        ("x = lambda: torch.f()", ""),
    ],
)
def test_scope(source: str, scope: str) -> None:
    assert last(f"import torch\n{source}").scope == scope


def test_order_is_that_of_evaluation() -> None:
    calls = facts("import torch\ntorch.a(torch.b(), torch.c())\ntorch.d()").rows["call"]
    assert [call.name for call in sorted(calls, key=lambda call: call.order)] == [
        "torch.b",
        "torch.c",
        "torch.a",
        "torch.d",
    ]


@pytest.mark.parametrize(
    ("source", "used"),
    [
        ("torch.f()", False),
        ("x = torch.f()", True),
        ("torch.f().g", True),
        ("async def g():\n    await torch.f()", False),
    ],
)
def test_used(source: str, used: bool) -> None:
    assert last(f"import torch\n{source}").used is used


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("import torch\ntorch.f()", True),
        ("import json\njson.loads(x)", False),
        ("import os\nos.getenv('A')", True),
        ("import ours\nours.f()", True),
        ("f()", False),
        ("x.fit()", True),
        ("x.other()", False),
        ("open(x)", True),
        ("json.f().read()", False),
        ("len(x)", False),
        ("print(x)", True),
        ("def f(): pass\nf()", True),
    ],
)
def test_only_calls_that_a_rule_may_ask_for_are_kept(source: str, kept: bool) -> None:
    assert bool(facts(source).rows["call"]) is kept


@pytest.mark.parametrize(
    ("source", "entered"),
    [
        ("with torch.no_grad():\n    pass", True),
        ("with torch.no_grad() as a, torch.load('b') as b:\n    pass", True),
        ("async def f():\n    async with torch.load(torch.tensor(1)):\n        pass", True),
        ("torch.no_grad()", False),
        ("with open(torch.get_default_dtype()):\n    pass", False),
        ("context = torch.no_grad()\nwith context:\n    pass", False),
    ],
)  # fmt: skip
def test_entered(source: str, entered: bool) -> None:
    calls = [c for c in facts(f"import torch\n{source}").rows["call"] if c.name.startswith("torch")]
    assert calls[-1].entered is entered
