"""Declared dependencies that should not be there: parts of Python, and tools of developers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Dependency
    from mllint.project import Project

_OURS = frozenset({"source", "template"})
_STANDARD = frozenset(name.replace("_", "-").lower() for name in sys.stdlib_module_names)
_ELSEWHERE = frozenset({"conda", "constraint", "pixi"})
"""Sources whose names are not those of PyPI alone: conda has a `readline` and a `zlib`."""
_PACKAGED = frozenset({"pyproject", "poetry", "pdm", "setup.py", "setup.cfg"})
"""Sources of what whoever installs the package gets."""
_FAMILIES = ("testing", "linting", "formatting", "typing", "coverage")
_EITHER = frozenset(
    {"typing-extensions", "mypy-extensions", "beartype", "typeguard", "pandas-stubs", "jaxtyping",
     "pydantic", "hypothesis", "setuptools", "nltk", "deepdiff"}
)  # fmt: skip
"""What programs use when they run, too."""


def of_python(project: Project) -> Iterator[Evidence]:
    """Declared dependencies, judged by whether Python brings a module of that name itself."""
    own = [
        row
        for row in project.rows("dependency")
        if project.role(row.at.path) in _OURS
        and row.source not in _ELSEWHERE
        and not row.source.startswith("lock:")
    ]
    found = [row for row in own if row.name in _STANDARD and not row.marker and not row.url]
    for row in found:
        yield Evidence(False, row.at, f"`{row.name}`", fields={"name": row.name})
    if own and not found:
        yield Evidence(True, None, f"none of {len(own)} dependencies is a part of Python")


def of_developers(project: Project) -> Iterator[Evidence]:
    """What a package makes its users install, judged by whether only developers need it."""
    own = [
        row
        for row in project.rows("dependency")
        if row.group == "main" and row.source in _PACKAGED and project.role(row.at.path) in _OURS
    ]
    tools = {
        name
        for family in _FAMILIES
        for name in getattr(project.tools.get(family, {}).get("dists"), "patterns", ())
    }
    found = [row for row in own if row.name in tools - _EITHER and not _imported(project, row)]
    for row in found:
        yield Evidence(False, row.at, f"`{row.name}`", fields={"name": row.name})
    if own and not found:
        yield Evidence(True, None, f"none of {len(own)} dependencies is a tool of developers")


def _imported(project: Project, row: Dependency) -> bool:
    """Whether the package itself imports it."""
    root = row.name.replace("-", "_")
    return any(
        one.root == root and project.role(one.at.path) == "source" for one in project.rows("import")
    )
