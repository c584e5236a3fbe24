"""Credit for a practice by the tools that are in use, and by what CI runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mllint.checks.practice import runs, uses
from mllint.facts import Ci, Place, Step, Tool
from mllint.project import Project
from mllint.tools import GRADES, by_kind

if TYPE_CHECKING:
    from mllint.review import Evidence

AT = Place("train.py", 3)
TOOLS = by_kind(
    {
        "linting": {"Ruff": {"cli": ["ruff check"], "gha_uses": ["astral-sh/ruff-action"]}},
        "coverage": {"pytest-cov": {"cli": ["pytest --cov"]}},
    }
)


def tool(name: str, grade: str, family: str = "trackers", how: str = "call") -> Tool:
    return Tool(AT, family, name, grade, GRADES[grade], how, f"{name.lower()} was seen")


def used(*tools: Tool, **constants: Any) -> list[tuple[bool | None, float, str]]:
    project = Project(tables={"tool": tools})
    return [(e.ok, e.credit, e.note) for e in uses(project, **{"family": "trackers"} | constants)]


@pytest.mark.parametrize(
    ("grade", "ok", "credit"),
    [
        ("used", True, 1.0),
        ("optional", False, 0.5),
        ("declared", False, 0.25),
        ("mentioned", False, 0.0),
        ("vendored", False, 0.0),
    ],
)
def test_credit_by_grade(grade: str, ok: bool, credit: float) -> None:
    assert used(tool("A", grade)) == [(ok, credit, "A: a was seen")]


def test_the_best_tool_counts_and_the_others_are_shown_beside_it() -> None:
    project = Project(tables={"tool": [tool("A", "declared"), tool("B", "optional")]})
    (found,) = uses(project, family="trackers")
    assert (found.ok, found.credit, found.fields["tool"]) == (False, 0.5, "B")
    assert [related.text for related in found.related] == ["A: a was seen"]


def test_one_tool_in_use_is_enough() -> None:
    assert used(tool("A", "declared"), tool("B", "used")) == [(True, 1.0, "B: b was seen")]


def test_no_tool_is_a_finding_about_the_repository() -> None:
    (found,) = uses(Project(), family=["experiment_tracking", "model_registry"])
    assert (found.ok, found.at) == (False, None)
    assert found.note == "no tool for experiment tracking or model registry was found"


def test_tools_can_be_left_out_and_kinds_of_evidence_asked_for() -> None:
    assert used(tool("A", "used"), but=["A"])[0][:2] == (False, 0.0)
    assert used(tool("A", "used"), how=["step", "hook"])[0][:2] == (False, 0.0)
    assert used(tool("A", "used", how="hook"), how=["step", "hook"])[0][:2] == (True, 1.0)


def test_families_are_apart() -> None:
    assert used(tool("A", "used", "registries"))[0][0] is False
    assert used(tool("A", "used", "registries"), family=["trackers", "registries"])[0][0] is True


def step(command: str, *, swallowed: bool = False, origin: str = "ci") -> Step:
    at = Place("ci.yml", 7)
    return Step(
        at, origin, "github", "a", ("push",), command.split(maxsplit=1)[0], command, (), swallowed
    )


def action(uses: str, **settings: str) -> Ci:
    given = tuple(settings.items())
    return Ci(Place("ci.yml", 9), "github", "a", "", ("push",), uses, "", given)


def run(*rows: Any, **constants: Any) -> list[Evidence]:
    tables: dict[str, list[Any]] = {"step": [], "ci": []}
    for row in rows:
        tables[type(row).__name__.lower()].append(row)
    project = Project(tables=tables, tools=TOOLS)
    return list(runs(project, **{"family": "linting"} | constants))


@pytest.mark.parametrize(
    ("rows", "ok"),
    [
        ([step("ruff check .")], True),
        ([action("astral-sh/ruff-action@v3")], True),
        ([step("ruff check .", swallowed=True)], False),
        ([step("ruff check .", swallowed=True), step("ruff check src")], True),
        ([action("astral-sh/ruff-action@v3", **{"continue-on-error": "true"})], False),
        ([step("ruff format .")], False),
        ([step("ruff check .", origin="hook")], False),
        ([], False),
    ],
)
def test_what_ci_runs_and_whose_failure_counts(rows: list[Any], ok: bool) -> None:
    assert {e.ok for e in run(*rows)} == {ok}


def test_a_command_is_known_by_an_option_wherever_it_stands() -> None:
    assert run(step("pytest tests --cov=pkg"), family="coverage")[0].ok is True
    assert run(step("pytest tests"), family="coverage")[0].ok is False


def test_events_can_be_asked_for() -> None:
    assert run(step("ruff check ."), on=["pull_request"])[0].ok is False
    assert run(step("ruff check ."), on=["push"])[0].ok is True


def test_where_it_runs_can_be_asked_for() -> None:
    assert run(step("ruff check .", origin="hook"), origin=["ci", "hook"])[0].ok is True
