"""Whether tools for the quality of code are put to use: linters and hooks.

Knows families of tools; what CI runs is for `ci` to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.checks.ci import may_lint, own_steps
from mllint.checks.practice import uses
from mllint.facts import Place
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.project import Project

_RUNNERS = ("pre-commit", "prek", "lefthook")
_HOOK_FILES = (".husky/pre-commit", ".githooks/pre-commit", "hooks/pre-commit", ".overcommit.yml")


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
    tools = [t for t in project.used_tools.get("linting", ()) if t.tool in _RUNNERS]
    if tools:
        note = f"{tools[0].note.partition(';')[0]}, but no hook is defined"
        yield Evidence(False, tools[0].at, note, 0.25)
    else:
        yield Evidence(False, None, "there is no file of hooks")
