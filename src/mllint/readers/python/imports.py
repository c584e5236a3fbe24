"""Import statements: what they bind and where it comes from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.facts import Import, Place

if TYPE_CHECKING:
    import ast

    from mllint.readers.python.state import Walk

_PLAIN = re.compile(
    r"^(?P<space>[ \t]*)(?:from[ \t]+(?P<module>\.*[\w.]*)[ \t]+import[ \t]+(?P<names>[\w, \t*]+)"
    r"|import[ \t]+(?P<imports>[\w., \t]+))",
    re.MULTILINE,
)


def package_of(path: str) -> tuple[str, str]:
    """The dotted name of the module at a path, and the package its relative imports start from."""
    parts = path.rpartition(".")[0].split("/")
    if parts[-1] == "__init__":
        name = ".".join(parts[:-1])
        return name, name
    return ".".join(parts), ".".join(parts[:-1])


def absolute(package: str, module: str, level: int) -> str:
    """The dotted origin of `from ..module import`."""
    if not level:
        return module
    parts = package.split(".") if package else []
    kept = parts[: len(parts) - (level - 1)] if level > 1 else parts
    return ".".join([*kept, module] if module else kept)


def plain(w: Walk, node: ast.Import) -> bool:
    """`import a.b as c`."""
    for alias in node.names:
        root = alias.name.partition(".")[0]
        if alias.asname:
            _bind(w, alias, alias.asname, alias.name, alias.name)
        else:
            _bind(w, alias, root, root, alias.name)
    return False


def origin(w: Walk, node: ast.ImportFrom) -> bool:
    """`from a import b as c`."""
    module = absolute(w.package, node.module or "", node.level)
    for alias in node.names:
        name = f"{module}.{alias.name}" if module else alias.name
        if alias.name == "*":
            if module not in w.stars:
                w.stars.append(module)
            _row(w, alias, name, "*")
        else:
            _bind(w, alias, alias.asname or alias.name, name, name)
    return False


def _bind(w: Walk, alias: ast.alias, bound: str, path: str, name: str) -> None:
    value = w.graph.add("name", path, (), "", alias.lineno)
    w.scope.bind(bound, value)
    _row(w, alias, name, bound)


def _row(w: Walk, alias: ast.alias, name: str, bound: str) -> None:
    guard = w.scope.guard
    optional = guard in {"optional", "type"}
    w.imported[name] = optional
    place = w.chunk.place(alias)
    root = name.partition(".")[0]
    w.row("import", Import(place, name, bound, root, False, optional, w.scope.name, guard))


def guessed(path: str, package: str, text: str) -> list[Import]:
    """Import rows of a text that does not parse, by its lines alone."""
    rows = []
    for found in _PLAIN.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        col = len(found["space"]) + 1
        place = Place(path, line, col, line, found.end() - found.start() + 1)
        if found["imports"]:
            names = [(part, part) for part in found["imports"].split(",")]
        else:
            dots = len(found["module"]) - len(found["module"].lstrip("."))
            module = absolute(package, found["module"][dots:], dots)
            names = [(f"{module}.{part.strip()}", part) for part in found["names"].split(",")]
        for name, bound in names:
            words, alias = name.split(" as ")[0].strip(), bound.split(" as ")[-1].strip()
            if words and alias and " " not in words:
                root = words.partition(".")[0]
                rows.append(Import(place, words, alias, root, False, False, ""))
    return rows
