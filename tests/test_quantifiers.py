"""What the quantifiers say of the rows that they saw."""

from __future__ import annotations

from typing import Any

import pytest

from mllint.facts import ROWS, Dependency, Docker, Image, Place, Step, Target, Tool
from mllint.language import Mistake, compile_check
from mllint.project import Project
from mllint.wording import noun, told

AT = Place("ci.yml", 4)


def step(command: str, origin: str = "ci") -> Step:
    return Step(AT, origin, "github", "test", ("push",), "ruff", command, ("ci.yml",), False)


def notes(spec: dict[str, Any], *rows: Any, table: str = "step") -> list[str]:
    mistakes: list[Mistake] = []
    check = compile_check(spec, mistakes, [])
    assert not mistakes
    return [e.note for e in check(Project(tables={table: rows}))]


LINTS = {"command": "ruff*"}
OF_CI = {"origin": "ci"}


@pytest.mark.parametrize(
    ("spec", "rows", "expected"),
    [
        ({"some": "step", "where": LINTS}, [step("ruff check .")], ["`ruff check .`"]),
        ({"some": "step", "where": LINTS}, [], ["there is no command"]),
        ({"some": "step", "where": LINTS}, [step("ls")], ["looked at 1 command"]),
        (
            {"some": "step", "where": LINTS, "none": "nothing lints"},
            [step("ls"), step("pwd")],
            ["nothing lints (2 commands seen)"],
        ),
        (
            {"some": "step", "where": OF_CI, "have": LINTS, "none": "nothing lints"},
            [step("ls"), step("pwd", origin="hook")],
            ["nothing lints (1 command seen)"],
        ),
        ({"no": "step", "where": LINTS, "none": "nothing lints"}, [], ["nothing lints"]),
        ({"no": "step", "where": LINTS}, [step("ls"), step("cd")], ["looked at 2 commands"]),
        (
            {"any": [{"some": "step", "where": LINTS}, {"some": "hook"}], "none": "no lint"},
            [step("ls")],
            ["no lint"],
        ),
    ],
)
def test_the_note(spec: dict[str, Any], rows: list[Step], expected: list[str]) -> None:
    assert notes(spec, *rows) == expected


def test_a_tool_that_only_earns_a_part_speaks_for_itself() -> None:
    tool = Tool(AT, "linting", "Ruff", "declared", 0.25, "dependency", "`ruff` is listed")
    assert notes({"some": "tool", "none": "no linter"}, tool, table="tool") == ["`ruff` is listed"]
    assert notes({"some": "tool", "none": "no linter"}, table="tool") == ["no linter"]
    assert notes({"some": "tool"}, table="tool") == ["no such tool was found"]


@pytest.mark.parametrize(
    ("table", "row", "expected"),
    [
        ("image", Image(AT, "python", "3.11", "", "docker", True), "`python:3.11`"),
        ("image", Image(AT, "a", "", "sha256:0123456789", "docker", True), "`a@sha256:01234567`"),
        ("docker", Docker(AT, "COPY", ". /app", (), "0", True, 2), "`COPY . /app`"),
        ("target", Target(AT, "tox", "lint", (), ()), "`lint` of tox"),
        ("target", Target(AT, "shell", "scripts/lint.sh", (), ()), "`scripts/lint.sh`"),
        ("step", step("x" * 99), f"`{'x' * 57}...`"),
        (
            "dependency",
            Dependency(AT, "torch", ">=2", "", False, "main", "requirements", "", ""),
            "`torch>=2`",
        ),
    ],
)
def test_a_row_in_a_few_words(table: str, row: Any, expected: str) -> None:
    assert told(table, row) == expected


def test_every_table_has_a_noun_in_both_numbers() -> None:
    assert noun("dependency", 2) == "dependencies"
    assert noun("ci", 1) == "CI step"
    assert all(noun(table, 0) != noun(table, 1) for table in ROWS)
