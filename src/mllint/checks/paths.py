"""Paths in code that only one machine has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.project import Project

_PERSONAL = re.compile(r"(?:/home/|/Users/|[A-Za-z]:[\\/]+Users[\\/]+)([^/\\\s\"'{}$<>*]+)[/\\]")
_SHARED = frozenset(
    {
        "jovyan", "user", "users", "username", "your_username", "yourname", "your_name", "name",
        "ubuntu", "ec2-user", "runner", "app", "appuser", "airflow", "vscode", "docker", "circleci",
        "nobody", "jenkins", "sagemaker-user", "shared", "public", "default", "work", "me", "you",
        "xxx", "node", "site", "data", "gitpod", "codespace", "coder", "nonroot", "mambauser",
        "spark", "azureuser",
    }
)  # fmt: skip
"""Homes of containers, of hosted machines, or of nobody in particular."""
_OURS = frozenset({"source", "template", "notebook"})


def personal(project: Project) -> Iterator[Evidence]:
    """Paths below somebody's home folder, in code."""
    found = False
    for row in project.rows("literal"):
        if row.kind != "path" or project.role(row.at.path) not in _OURS:
            continue
        match = _PERSONAL.match(row.text)
        if match and match[1].lower() not in _SHARED:
            found = True
            shown = row.text if len(row.text) <= 60 else row.text[:57] + "..."
            yield Evidence(False, row.at, shown, fields={"text": shown})
    if not found:
        yield Evidence(True, None, "no path names somebody's home folder")
