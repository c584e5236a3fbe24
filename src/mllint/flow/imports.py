"""Which files of a project run together: by who imports whom.

Knows import rows and module rows; knows nothing of what the files do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mllint.project import Project

_INIT = "__init__.py"
_Edges: TypeAlias = "Mapping[str, frozenset[str]]"


def imported_by(project: Project) -> _Edges:
    """The first-party files that each file imports, as far as their names tell."""
    return project.shared("imports.imported", lambda: _imported(project))


def _imported(project: Project) -> _Edges:
    paths = {row.at.path for row in project.rows("module")}
    names: dict[str, str] = {}
    for row in project.rows("module"):
        if row.name:
            names.setdefault(row.name, row.at.path)
    found: dict[str, set[str]] = {}
    for row in project.rows("import"):
        if row.first_party:
            provider = _provider(row.at.path, row.name.removesuffix(".*"), names, paths)
            if provider:
                found.setdefault(row.at.path, set()).add(provider)
    return {path: frozenset(targets) for path, targets in found.items()}


def _provider(path: str, name: str, names: Mapping[str, str], paths: Iterable[str]) -> str:
    """The file behind an imported name: beside the importer, further up, or by its module name."""
    parts = name.split(".")
    folder = path.rpartition("/")[0]
    while True:
        for k in range(len(parts), 0, -1):
            stem = "/".join((*folder.split("/"), *parts[:k])) if folder else "/".join(parts[:k])
            for tail in (".py", "/__init__.py"):
                if stem + tail in paths and stem + tail != path:
                    return stem + tail
        if not folder:
            break
        folder = folder.rpartition("/")[0]
    for k in range(len(parts), 0, -1):
        if (found := names.get(".".join(parts[:k]))) and found != path:
            return found
    return ""


def running_with(project: Project, start: Iterable[str]) -> frozenset[str]:
    """Files that run in one process with some files: those they import, and their importers.

    What a package begins with runs before any file in it.
    """
    edges = project.shared("imports.before", lambda: _run_before(project))
    return _reached(importing(project, start), edges)


def _run_before(project: Project) -> _Edges:
    """What runs in each file before its own code: what it imports, and how its packages begin."""
    begun = [row.at.path for row in project.rows("module")]
    inits = {path[: -len(_INIT)]: path for path in begun if f"/{path}".endswith(f"/{_INIT}")}
    edges = imported_by(project)
    if not inits:
        return edges
    return {path: frozenset((*edges.get(path, ()), *_packages(path, inits))) for path in begun}


def _importers(project: Project) -> _Edges:
    found: dict[str, set[str]] = {}
    for path, targets in imported_by(project).items():
        for target in targets:
            found.setdefault(target, set()).add(path)
    return {path: frozenset(sources) for path, sources in found.items()}


def _packages(path: str, inits: Mapping[str, str]) -> Iterator[str]:
    """The first files of the packages that a file stands in."""
    folder = path[: path.rfind("/") + 1]
    while folder in inits:
        yield inits[folder]
        if not folder:
            return
        folder = folder[: folder.rfind("/", 0, -1) + 1]


def importing(project: Project, start: Iterable[str]) -> frozenset[str]:
    """Some files, and all that import them, be it through others."""
    return _reached(start, project.shared("imports.importers", lambda: _importers(project)))


def _reached(start: Iterable[str], edges: Mapping[str, Iterable[str]]) -> frozenset[str]:
    found: set[str] = set()
    stack = list(start)
    while stack:
        path = stack.pop()
        if path not in found:
            found.add(path)
            stack.extend(edges.get(path, ()))
    return frozenset(found)
