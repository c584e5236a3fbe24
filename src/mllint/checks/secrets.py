"""Strings that give access to something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.project import Project

_OURS = frozenset({"source", "template", "notebook", "example", "docs"})
_KEPT = 4


def in_files(project: Project) -> Iterator[Evidence]:
    """Strings that the readers took for secrets, shown by their beginning only."""
    found = False
    for row in project.rows("literal"):
        if row.kind == "secret" and project.role(row.at.path) in _OURS:
            found = True
            name = f"{row.target} = " if row.target else ""
            yield Evidence(False, row.at, f"{name}{row.text[:_KEPT]}...")
    if not found:
        yield Evidence(True, None, "no string has the form of a token")
