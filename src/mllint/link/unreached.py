"""Which files of code nothing runs: what stands in them is no evidence that it is done.

A file counts as unreached only where nothing speaks against it: it only defines things, no file
imports it, no text of the project names it, nothing in it is registered by a decorator, and the
project is neither a package for others nor loads modules by names that only a run makes known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mllint.facts import Module

_DYNAMIC = frozenset({"importlib", "pkgutil", "runpy", "imp", "stevedore", "pluggy"})
_BY_CUSTOM = frozenset({
    "hubconf", "conftest", "noxfile", "tasks", "fabfile", "sitecustomize", "wsgi", "asgi",
    "handler", "inference", "settings", "pipeline_registry", "hooks", "plugins", "setup",
})  # fmt: skip
"""Names under which programs look for a file by themselves."""
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TEXTS: Mapping[str, tuple[str, ...]] = {
    "import": ("name",),
    "setting": ("value", "key"),
    "literal": ("text",),
    "step": ("command",),
    "docker": ("value",),
    "target": ("commands",),
    "stage": ("cmd", "deps"),
    "fence": ("text",),
    "link": ("target",),
    "prose": ("text",),
    "manifest": ("name", "keys"),
}
"""Columns in which a file may be named."""


def unreached(tables: Mapping[str, Sequence[Any]], roles: Mapping[str, str]) -> frozenset[str]:
    """The paths of source files that nothing runs or imports."""
    imports = tables.get("import", ())
    packaged = any(
        row.key.startswith(("build-system.", "project.name", "tool.poetry.name"))
        for row in tables.get("setting", ())
    ) or any(row.at.path.rpartition("/")[2] == "setup.py" for row in tables.get("module", ()))
    if packaged or any(row.root in _DYNAMIC for row in imports):
        return frozenset()
    quiet = [row for row in tables.get("module", ()) if _only_defines(row, roles)]
    if not quiet:
        return frozenset()
    registered = {row.at.path for row in tables.get("define", ()) if row.decorators}
    named = _named(tables) | _BY_CUSTOM
    return frozenset(
        row.at.path
        for row in quiet
        if row.at.path not in registered and _stem(row.at.path) not in named
    )


def _only_defines(row: Module, roles: Mapping[str, str]) -> bool:
    path = row.at.path
    return (
        path.endswith(".py")
        and not path.endswith("__init__.py")
        and row.parsed == "full"
        and row.defines > 0
        and not (row.main or row.works)
        and roles.get(path, "source") == "source"
    )


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".py")


def _named(tables: Mapping[str, Sequence[Any]]) -> set[str]:
    """The words of all that may name a file."""
    found: set[str] = set()
    for table, columns in _TEXTS.items():
        for row in tables.get(table, ()):
            for column in columns:
                for text in _texts(getattr(row, column, "")):
                    found.update(_WORD.findall(text))
    for call in tables.get("call", ()):
        for arg in call.args:
            for text in _texts(arg.const) if arg.known else ():
                found.update(_WORD.findall(text))
    return found


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _texts(one)
