"""Whether a practice is followed, by the tools that the project really uses.

The credit is that of the best evidence: full for use, half where it is optional, a quarter where it
is only declared. Knows families of tools; knows no tool by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.checks.unread_runs import may_run
from mllint.names import Names
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Place, Tool
    from mllint.project import Project

_SHOWN = 20
"""Tools in use that a rule shows at most."""
_OTHERS = 3
"""Weaker evidence that a finding shows beside the best."""


def uses(
    project: Project,
    *,
    family: str | Sequence[str],
    but: Sequence[str] = (),
    how: Sequence[str] = (),
    ci: bool = False,
) -> Iterator[Evidence]:
    """A tool of a family is in use; else one finding with the credit of the best evidence.

    `but` leaves tools out by name; `how` asks for kinds of evidence: call, step, hook, config ...
    With `ci` it stays open where CI may run a tool out of sight.
    """
    families = (family,) if isinstance(family, str) else tuple(family)
    tools = list(_tools(project, families, but, how))
    used = [tool for tool in tools if tool.grade == "used"]
    for tool in used[:_SHOWN]:
        yield _evidence(tool, ok=True)
    if used:
        return
    if ci and (question := may_run(project, families, declared=bool(tools))) is not None:
        yield question
        return
    if not tools:
        yield Evidence(False, note=f"no tool for {_spoken(families)} was found")
        return
    yield _evidence(tools[0], ok=False, others=tools[1 : 1 + _OTHERS])


def runs(
    project: Project,
    *,
    family: str | Sequence[str],
    origin: Sequence[str] = ("ci",),
    on: Sequence[str] = (),
) -> Iterator[Evidence]:
    """CI runs a tool of a family, and its failure counts; `on` asks for one of these events."""
    families = (family,) if isinstance(family, str) else tuple(family)
    swallowed: list[Evidence] = []
    found = False
    for place, what, fails, events in _runs(project, families, origin):
        if on and not set(on) & set(events):
            continue
        if fails:
            found = True
            yield Evidence(True, place, f"`{what}`")
        else:
            swallowed.append(
                Evidence(False, place, f"`{what}` runs, but its failure is ignored", 0.25)
            )
    if found:
        return
    if swallowed:
        yield swallowed[0]
    else:
        yield Evidence(False, note=f"no tool for {_spoken(families)} is run")


def _tools(
    project: Project, families: Sequence[str], but: Sequence[str], how: Sequence[str]
) -> Iterator[Tool]:
    """The evidence of the families, best first."""
    found = [tool for family in families for tool in project.used_tools.get(family, ())]
    left_out = Names(but)
    for tool in sorted(found, key=lambda tool: -tool.credit):
        if tool.tool not in left_out and (not how or tool.how in how):
            yield tool


def _evidence(tool: Tool, *, ok: bool, others: Sequence[Tool] = ()) -> Evidence:
    fields = {"tool": tool.tool, "grade": tool.grade, "family": _spoken((tool.family,))}
    return Evidence(
        ok,
        tool.at if tool.at.path else None,
        f"{tool.tool}: {tool.note}",
        1.0 if ok else tool.credit,
        related=tuple(Related(one.at, f"{one.tool}: {one.note}") for one in others),
        fields=fields,
    )


def _runs(
    project: Project, families: Sequence[str], origin: Sequence[str]
) -> Iterator[tuple[Place, str, bool, tuple[str, ...]]]:
    """Place, command or action, whether its failure fails the job, and the events that start it."""
    commands = [project.tools.get(family, {}).get("cli", Names(())) for family in families]
    for step in project.rows("step"):
        if step.origin in origin and any(names.starts(step.command) for names in commands):
            yield step.at, step.command[:80], not step.swallowed, step.on
    if "ci" not in origin:
        return
    actions = [project.tools.get(family, {}).get("gha_uses", Names(())) for family in families]
    for row in project.rows("ci"):
        if row.uses and any(names.starts(row.uses) for names in actions):
            fails = dict(row.settings).get("continue-on-error", "false") != "true"
            yield row.at, row.uses, fails, row.on


def _spoken(families: Sequence[str]) -> str:
    """Families as a reader would call them: `experiment tracking or model registry`."""
    return " or ".join(family.replace("_", " ") for family in families)
