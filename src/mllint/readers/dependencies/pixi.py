"""Pixi's tables, in pixi.toml or under `[tool.pixi]` of pyproject.toml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mllint.facts import Manager, Place, Problem
from mllint.readers.dependencies import conda
from mllint.readers.dependencies.poetry import Entry, rows
from mllint.readers.dependencies.requirement import group_of
from mllint.readers.tomldoc import TomlProblem, load

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TABLES = {
    "dependencies": "conda",
    "host-dependencies": "build",
    "build-dependencies": "build",
    "pypi-dependencies": "main",
}


def read(path: str, text: str) -> Iterator[object]:
    """The rows of pixi.toml."""
    try:
        document = load(text)
    except TomlProblem as problem:
        yield from problem.rows(path)
        return
    yield from tables(path, document.data, document.lines, "")


def tables(
    path: str, data: Mapping[str, Any], lines: Mapping[str, int], prefix: str
) -> Iterator[object]:
    """The rows of Pixi's tables; `prefix` is the path of the table that holds them, with a dot."""
    yield Manager(Place(path, lines.get(prefix.removesuffix("."), 0)), "pixi", "manifest")
    yield from _tables(path, data, lines, prefix, "")
    features = data.get("feature")
    for name, feature in features.items() if isinstance(features, dict) else ():
        if isinstance(feature, dict):
            yield from _tables(path, feature, lines, f"{prefix}feature.{name}.", group_of(name))


def _tables(
    path: str, data: Mapping[str, Any], lines: Mapping[str, int], prefix: str, group: str
) -> Iterator[object]:
    for table, usual in _TABLES.items():
        entries = data.get(table)
        for name, value in entries.items() if isinstance(entries, dict) else ():
            at = Place(path, lines.get(f"{prefix}{table}.{name}", 0))
            if table == "pypi-dependencies":
                yield from rows(Entry(at, name, value, group or usual, "pixi"))
            else:
                yield _conda(at, name, value, group or usual)


def _conda(at: Place, name: str, value: Any, group: str) -> object:
    version = value.get("version", "*") if isinstance(value, dict) else value
    found = conda.package(at, f"{name} {version}", group, "pixi")
    if found is None or not isinstance(version, str):
        return Problem(at.path, "invalid", f"`{name}` has no version", at.line)
    return found
