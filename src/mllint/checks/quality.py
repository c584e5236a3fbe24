"""Whether tools for the quality of code are put to use: linters and hooks.

Knows families of tools; what CI runs is for `ci` to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.checks.ci import may_lint, own_steps
from mllint.checks.manifests import parts
from mllint.checks.practice import uses
from mllint.facts import Place
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Tool
    from mllint.project import Project

_RUNNERS = ("pre-commit", "prek", "lefthook")
_HOOK_FILES = (".overcommit.yml", "hk.pkl")

_ONE_OF = ("experiment_tracking", "pipeline_orchestration", "hyperparameter_tuning")
_USE = frozenset({"call", "config", "step", "manifest"})
_BESIDE = frozenset({"TensorBoard", "tensorboardX", "scikit-learn search", "Make", "DVC"})
"""Tools that go along with another of their family."""


def linted(project: Project) -> Iterator[Evidence]:
    """Whether CI or a hook runs a linter."""
    found = list(uses(project, family="linting", but=_RUNNERS))
    if not any(one.ok for one in found) and (
        open_question := may_lint(project, own_steps(project))
    ):
        yield open_question
        return
    yield from found


def hooked(project: Project) -> Iterator[Evidence]:
    """Whether the repository defines hooks that run before a commit."""
    hooks = [
        row
        for row in project.rows("hook")
        if project.role(row.at.path) in {"source", "template"} and row.id != "identity"
    ]
    if hooks:
        many = f" and {len(hooks) - 1} more" if len(hooks) > 1 else ""
        yield Evidence(True, hooks[0].at, f"{hooks[0].system} runs `{hooks[0].id}`{many}")
        return
    for path in _HOOK_FILES:
        if path in project.by_path:
            yield Evidence(True, Place(path), f"`{path}` runs before a commit")
            return
    tools = [
        tool
        for tool in project.used_tools.get("linting", ())
        if tool.tool in _RUNNERS and project.role(tool.at.path) == "source"
    ]
    if tools:
        note = f"{tools[0].note.partition(';')[0].partition(', but')[0]}, but no hook is defined"
        yield Evidence(False, tools[0].at, note, 0.25)
    else:
        yield Evidence(False, None, "there is no file of hooks")


def competing(project: Project) -> Iterator[Evidence]:
    """Families of tools of which a project needs one, judged by how many it uses."""
    for family in _ONE_OF:
        by_part: dict[str, list[Tool]] = {}
        for tool in project.used_tools.get(family, ()):
            own = project.role(tool.at.path) == "source" and tool.grade == "used"
            if own and tool.how in _USE and tool.tool not in _BESIDE:
                by_part.setdefault(_part(project, tool.at.path), []).append(tool)
        spoken = family.replace("_", " ")
        for tools in by_part.values():
            names = sorted({tool.tool for tool in tools})
            if len(names) == 1:
                yield Evidence(True, tools[0].at, f"{spoken}: {names[0]}")
            else:
                related = tuple(Related(tool.at, tool.tool) for tool in tools)
                note = f"{', '.join(names[:-1])} and {names[-1]} for {spoken}"
                yield Evidence(False, None, note, related=related)


def _part(project: Project, path: str) -> str:
    """The innermost folder with dependencies of its own that holds a file."""
    folders = [part.folder for part in parts(project) if part.holds(path)]
    return max(folders, key=len, default="")
