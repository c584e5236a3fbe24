"""Which CI definitions start by themselves, and which workflows, actions and templates they use.

Knows how definitions name each other; nothing of commands.
"""

from __future__ import annotations

import posixpath
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mllint.facts import Ci

_FALSE = re.compile(r"(?:\$\{\{\s*)?false(?:\s*\}\})?", re.IGNORECASE)


def is_off(row: Ci) -> bool:
    """Whether a condition keeps a step or its job from ever running."""
    return any(
        (key == "condition" and _FALSE.fullmatch(value.strip()) is not None)
        or (key == "when" and value == "never")
        for key, value in row.settings
    )


class Workflows:
    """The CI rows of a repository by file."""

    def __init__(self, rows: Iterable[Ci]) -> None:
        self._rows = list(rows)
        self._by_path: dict[str, list[Ci]] = {}
        for row in self._rows:
            self._by_path.setdefault(row.at.path, []).append(row)

    def used_by(self, row: Ci) -> list[Ci]:
        """The rows of the local workflow, action or template that a row uses."""
        return [below for path in self._paths(row) for below in self._by_path.get(path, ())]

    def _paths(self, row: Ci) -> list[str]:
        uses = row.uses
        if row.system == "github" and uses.startswith("./"):
            path = posixpath.normpath(uses.partition("@")[0])
            return [path, f"{path}/action.yml", f"{path}/action.yaml"]
        if row.system == "azure" and uses.startswith("template: "):
            name = uses.removeprefix("template: ").partition("@self")[0]
            folder = "" if name.startswith("/") else posixpath.dirname(row.at.path)
            return [posixpath.normpath(posixpath.join(folder, name.lstrip("/")))]
        return []

    def roots(self) -> Sequence[Ci]:
        """The rows that run without being called from another file of the repository."""
        called = {path for row in self._rows for path in self._paths(row) if path != row.at.path}
        included = self._included()
        return [
            row
            for row in self._rows
            if row.on
            and not (row.at.path in called and (row.on == ("workflow_call",)))
            and not (row.at.path in called and row.system == "azure")
            and (row.system != "gitlab" or row.at.path in included)
        ]

    def _included(self) -> set[str]:
        """The GitLab files that the one at the root includes, itself with them."""
        paths = {row.at.path for row in self._rows if row.system == "gitlab"}
        found = {path for path in paths if path in {".gitlab-ci.yml", ".gitlab-ci.yaml"}}
        if not found:
            return paths
        waiting = list(found)
        while waiting:
            for row in self._by_path[waiting.pop()]:
                name = row.uses.removeprefix("local: ").lstrip("/")
                if name == row.uses:
                    continue
                new = {path for path in paths - found if fnmatchcase(path, name)}
                found |= new
                waiting.extend(new)
        return found
