"""How the repository is laid out: loose files, long scripts, copies beside their originals."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.checks.measures import modules
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.project import Project

_TOOLING = frozenset(
    {"setup.py", "conftest.py", "noxfile.py", "tasks.py", "fabfile.py", "dodo.py", "hubconf.py",
     "__init__.py", "versioneer.py", "manage.py", "wsgi.py", "asgi.py", "app.py", "predict.py"}
)  # fmt: skip
"""Files that tools look for at the root."""
_SMALL = 6
"""Fewest files of code that can be laid out at all."""
_CERTAIN = regex(
    r".+(?:\.py|\.ipynb|\.ya?ml|\.toml|\.json|\.txt|\.sh)(?:\.(?:bak|orig|old|save|backup)|~)"
    r"|.+(?:-copy\d+| - copy(?: \(\d+\))?| copy(?: \d+)?)\.(?:py|ipynb|ya?ml|toml|sh)",
    re.IGNORECASE,
)
_PERHAPS = regex(
    r"(?P<stem>.+?)[-_. ]?(?:old|bak|backup|copy\d*|orig|original|deprecated|final|\(\d\))"
    r"(?P<ext>\.(?:py|ipynb|ya?ml|toml|sh))",
    re.IGNORECASE,
)
"""Names that tell of a copy only where the file without the ending stands beside it."""
_OURS = frozenset({"source", "test", "example"})
_SHOWN = 5


def loose(project: Project, *, max_loose: int) -> Iterator[Evidence]:
    """How many scripts and notebooks lie at the root of the repository."""
    own = [
        row
        for row in project.rows("module")
        if row.code and project.role(row.at.path) in {"source", "test"}
    ]
    if len(own) < _SMALL:
        return
    root = [row for row in own if "/" not in row.at.path and row.at.path not in _TOOLING]
    root = [row for row in root if project.role(row.at.path) == "source"]
    folders = sorted({row.at.path.partition("/")[0] for row in own if "/" in row.at.path})
    inside = ", ".join(f"`{name}/`" for name in folders[:3])
    note = f"{len(root)} scripts and notebooks lie at the root"
    if len(root) > max_loose:
        related = tuple(Related(row.at, f"`{row.at.path}`") for row in root[:_SHOWN])
        yield Evidence(False, None, note, related=related)
    else:
        yield Evidence(True, None, f"code lies in {inside}" if inside else note)


def monolith(project: Project, *, max_lines: int, max_statements: int) -> Iterator[Evidence]:
    """Modules, judged by how much they do outside of any function."""
    large = {row.at.path: row for row in project.extending(max_lines, max_statements)}
    for module in modules(project):
        path = module.at.path
        if path.rpartition("/")[2] == "setup.py" or module.parsed == "none":
            continue
        if path in large:
            note = f"{large[path].outside} lines outside of any function"
            fields = {"lines": str(large[path].outside)}
            yield Evidence(False, module.at, note, fields=fields)
        else:
            yield Evidence(True, module.at, "little stands outside of functions")


def copies(project: Project) -> Iterator[Evidence]:
    """Files that are copies of others by their names."""
    names = {row.at.path.lower() for row in project.rows("file")}
    found = False
    for row in project.rows("file"):
        folder, _, name = row.at.path.rpartition("/")
        if row.tracked is False or project.role(row.at.path) not in _OURS:
            continue
        copied = _CERTAIN.fullmatch(name)
        if not copied and (perhaps := _PERHAPS.fullmatch(name)):
            beside = f"{perhaps['stem']}{perhaps['ext']}".lower()
            copied = perhaps if f"{folder}/{beside}".lstrip("/").lower() in names else None
        if copied:
            found = True
            yield Evidence(False, row.at, f"`{name}`", fields={"name": name})
    code = next((m for m in project.rows("module") if project.role(m.at.path) in _OURS), None)
    if not found and code is not None:
        yield Evidence(True, None, "no file is a copy of another by its name")
