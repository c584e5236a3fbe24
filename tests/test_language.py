"""The check language: quantifiers, conditions, the unknown, and its mistakes."""

from __future__ import annotations

from typing import Any

import pytest

from mllint.facts import Arg, Call, Dependency, File, Library, Place, Step, Tool
from mllint.language import Mistake, compile_check
from mllint.names import Names
from mllint.project import Project


def call(name: str, *args: Arg, line: int = 1) -> Call:
    return Call(Place("a.py", line), name, args, "", (), (), "", -1, -1, line, True)


def const(key: str, value: Any) -> Arg:
    return Arg(key, True, value, "", -1)


def name(key: str, origin: str) -> Arg:
    return Arg(key, False, None, origin, -1)


def project(**tables: list[Any]) -> Project:
    groups = {"split": Names(["sklearn.model_selection.train_test_split", "*.random_split"])}
    libraries = {
        "torch": Library("torch", "2.5.1", "==2.5.1", True),
        "numpy": Library("numpy", "", ">=1.20", True),
    }
    tools = {"lint": {"cli": Names(["ruff check", "flake8"])}}
    return Project(tables, groups, tools, libraries, {"tests/a.py": "test"})


def truths(spec: dict[str, Any], on: Project) -> list[bool | None]:
    mistakes: list[Mistake] = []
    check = compile_check(spec, mistakes, ["split", "lint"])
    assert mistakes == []
    return [e.ok for e in check(on)]


SPLIT = "sklearn.model_selection.train_test_split"


@pytest.mark.parametrize(
    ("args", "want", "expected"),
    [
        ([const("random_state", 7)], {"not": "None"}, True),
        ([const("random_state", None)], {"not": "None"}, False),
        ([], {"not": "None"}, False),
        ([name("random_state", "?args.seed")], {"not": "None"}, None),
        ([Arg("**", False, None, "?", -1)], {"not": "None"}, None),
        ([const("random_state", 7)], {"given": True}, True),
        ([], {"given": True}, False),
        ([], {"given": False}, True),
        ([name("random_state", "?args.seed")], {"given": True}, True),
        ([const("random_state", 7)], 7, True),
        ([const("random_state", True)], 1, False),
        ([const("random_state", 1)], True, False),
        ([const("random_state", 7)], [1, 7], True),
        ([const("random_state", 7)], {"min": 1, "max": 6}, False),
        ([const("random_state", "abc")], "a*", True),
        ([const("random_state", "abc")], {"re": "^b"}, False),
        ([name("random_state", "torch.float16")], "torch.float*", True),
    ],
)
def test_an_argument_against_a_want(args: list[Arg], want: object, expected: bool | None) -> None:
    spec = {"every": "call", "where": {"name": "@split"}, "have": {"arg.random_state": want}}
    assert truths(spec, project(call=[call(SPLIT, *args)])) == [expected]


def test_an_argument_by_position() -> None:
    spec = {"every": "call", "where": {"name": "@split"}, "have": {"arg.size@1": 3}}
    assert truths(spec, project(call=[call(SPLIT, const("0", 1), const("1", 3))])) == [True]


def test_every_judges_each_selected_row() -> None:
    rows = [call(SPLIT), call(SPLIT, const("random_state", 1)), call("other", line=9)]
    spec = {
        "every": "call",
        "where": {"name": "@split"},
        "have": {"arg.random_state": {"given": True}},
    }
    assert truths(spec, project(call=rows)) == [False, True]


def test_every_without_rows_says_nothing() -> None:
    assert truths({"every": "call", "where": {"name": "x"}, "have": {"name": "x"}}, project()) == []


def test_no_marks_each_selected_row_and_passes_without() -> None:
    spec = {"no": "call", "where": {"name": "*.random_split"}}
    assert truths(spec, project(call=[call("torch.random_split")])) == [False]
    assert truths(spec, project(call=[call("torch.cat")])) == [True]


def test_no_with_have_judges_the_sites_that_where_selects() -> None:
    spec = {"no": "call", "where": {"name": "torch.load"}, "have": {"arg.weights_only": False}}
    rows = [
        call("torch.load", const("weights_only", False)),
        call("torch.load", const("weights_only", True)),
    ]
    assert truths(spec, project(call=rows)) == [False, True]


def test_some_passes_by_one_row_and_fails_by_none() -> None:
    spec = {"some": "step", "where": {"command": "@lint"}}
    good = Step(
        Place("ci.yml", 3), "ci", "github", "j", ("push",), "ruff", "ruff check .", (), False
    )
    assert truths(spec, project(step=[good, good._replace(command="rufflike")])) == [True]
    assert truths(spec, project(step=[good._replace(command="flake8x")])) == [False]
    assert truths(spec, project()) == [False]


def test_some_falls_short_with_partial_credit() -> None:
    tool = Tool(
        Place("pyproject.toml", 4),
        "tracking",
        "mlflow",
        "declared",
        0.25,
        "dependency",
        "only a dependency",
    )
    mistakes: list[Mistake] = []
    check = compile_check({"some": "tool", "where": {"family": "tracking"}}, mistakes, [])
    (one,) = check(project(tool=[tool]))
    assert (one.ok, one.credit, one.note) == (False, 0.25, "only a dependency")


def test_some_may_ask_for_several() -> None:
    files = [File(Place(f"{i}.py"), 1, "code", True, None, ".py", False) for i in range(2)]
    assert truths({"some": "file", "at_least": 2}, project(file=files)) == [True, True]
    assert truths({"some": "file", "at_least": 3}, project(file=files)) == [False]


def test_a_nullable_column_is_unknown_and_where_must_be_sure() -> None:
    row = File(Place("m.pt"), 9, "model", None, None, ".pt", False)
    assert truths({"every": "file", "have": {"tracked": False}}, project(file=[row])) == [None]
    assert (
        truths(
            {"every": "file", "where": {"tracked": True}, "have": {"size": 9}}, project(file=[row])
        )
        == []
    )
    assert truths({"no": "file", "where": {"tracked": True}}, project(file=[row])) == [None]


@pytest.mark.parametrize(
    ("column", "want", "expected"),
    [
        ("lib.torch", "<2.6", True),
        ("lib.torch", ">=2.6", False),
        ("lib.numpy", "<2", None),
        ("lib.jax", "<2", None),
    ],
)
def test_versions(column: str, want: str, expected: bool | None) -> None:
    assert truths({"every": "call", "have": {column: want}}, project(call=[call("x")])) == [
        expected
    ]


def test_conditions_join_by_and_in_a_table_and_by_or_in_a_list() -> None:
    row = Dependency(
        Place("r.txt", 1), "torch", "==2.0", "2.0", False, "main", "requirements", "", ""
    )
    both = {"every": "dependency", "have": {"name": "torch", "group": "dev"}}
    either = {"every": "dependency", "have": [{"name": "x"}, {"group": "main"}]}
    assert truths(both, project(dependency=[row])) == [False]
    assert truths(either, project(dependency=[row])) == [True]


def test_role_and_path_are_columns_of_every_table() -> None:
    row = call(SPLIT)._replace(at=Place("tests/a.py", 1))
    assert truths(
        {"every": "call", "have": {"role": "test", "path": "tests/*"}}, project(call=[row])
    ) == [True]


def test_any_takes_the_part_that_passes() -> None:
    spec = {"any": [{"some": "notebook"}, {"some": "call", "where": {"name": "a"}}]}
    assert truths(spec, project(call=[call("a")])) == [True]
    assert truths(spec, project(call=[call("b")])) == [False]


def test_all_joins_the_evidence() -> None:
    spec = {"all": [{"no": "notebook"}, {"some": "call", "where": {"name": "a"}}]}
    assert truths(spec, project(call=[call("b")])) == [True, False]


@pytest.mark.parametrize(
    ("spec", "key", "text"),
    [
        ({"evry": "call"}, "check.evry", 'did you mean "every"?'),
        ({"every": "cal", "have": {}}, "check.every", 'did you mean "call"?'),
        ({"every": "call", "have": {"nam": "x"}}, "check.have.nam", 'did you mean "name"?'),
        ({"every": "call"}, "check", "needs `have`"),
        ({"every": "call", "have": {"name": "@splt"}}, "check.have.name", 'did you mean "split"?'),
        (
            {"every": "call", "have": {"name": {"nott": 1}}},
            "check.have.name.nott",
            'did you mean "not"?',
        ),
        (
            {"every": "call", "have": {"name": {"re": "("}}},
            "check.have.name.re",
            "not a regular expression",
        ),
        (
            {"every": "call", "have": {"name": {"re": "(a+)+b"}}},
            "check.have.name.re",
            "nested quantifiers",
        ),
        ({"every": "call", "have": {"lib.torch": "2.6"}}, "check.have.lib.torch", "must read like"),
        ({"python": "leakage"}, "check.python", "module:function"),
        ({"any": [{"some": "x"}]}, "check.any[0].some", "unknown table"),
        ({}, "check", "needs exactly one of"),
    ],
)
def test_mistakes_name_key_and_cure(spec: dict[str, Any], key: str, text: str) -> None:
    mistakes: list[Mistake] = []
    compile_check(spec, mistakes, ["split"])
    assert [m.key for m in mistakes][:1] == [key]
    assert text in mistakes[0].text
