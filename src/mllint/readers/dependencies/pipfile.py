"""Pipenv's Pipfile and Pipfile.lock."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from mllint.facts import Dependency, Manager, Place, Problem, Python
from mllint.readers.dependencies.poetry import Entry, address, rows
from mllint.readers.dependencies.requirement import group_of, normal, tidy
from mllint.readers.tomldoc import TomlProblem, load

if TYPE_CHECKING:
    from collections.abc import Iterator

_NOT_PACKAGES = frozenset({"source", "requires", "scripts", "pipenv", "pipfile"})
_GROUPS = {"packages": "main", "dev-packages": "dev", "default": "main", "develop": "dev"}
_KEY = re.compile(r'\s*"([^"]+)": \{')


def read(path: str, text: str) -> Iterator[object]:
    """The rows of a Pipfile."""
    try:
        document = load(text)
    except TomlProblem as problem:
        yield from problem.rows(path)
        return
    yield Manager(Place(path), "pipenv", "manifest")
    for table, entries in document.data.items():
        if table in _NOT_PACKAGES or not isinstance(entries, dict):
            continue
        group = _GROUPS.get(table) or group_of(table)
        for name, value in entries.items():
            at = Place(path, document.lines.get(f"{table}.{name}", 1))
            yield from rows(Entry(at, name, value, group, "pipfile"))
    requires = document.data.get("requires")
    for key in ("python_full_version", "python_version"):
        if isinstance(requires, dict) and isinstance(requires.get(key), str):
            at = Place(path, document.lines.get(f"requires.{key}", 1))
            yield Python(at, requires[key], "pipfile")


def read_lock(path: str, text: str) -> Iterator[object]:
    """The rows of a Pipfile.lock."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        yield Problem(path, "syntax", f"not JSON: {error}", getattr(error, "lineno", 0))
        return
    if not isinstance(document, dict):
        yield Problem(path, "invalid", "not a Pipfile.lock")
        return
    yield Manager(Place(path), "pipenv", "lock")
    lines = _lines(text)
    for table, entries in document.items():
        if table.startswith("_") or not isinstance(entries, dict):
            continue
        group = _GROUPS.get(table) or group_of(table)
        for name, value in entries.items():
            if isinstance(value, dict):
                yield _locked(Place(path, lines.get((table, name), 0)), name, value, group)


def _locked(at: Place, name: str, value: dict[str, Any], group: str) -> Dependency:
    spec = tidy(str(value.get("version", ""))) or ""
    return Dependency(
        at,
        normal(name),
        spec,
        spec.removeprefix("=="),
        bool(value.get("hashes")),
        group,
        "lock:pipfile",
        address(value),
        str(value.get("markers", "")),
    )


def _lines(text: str) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        key = _KEY.match(line)
        if key is None:
            continue
        if len(line) - len(line.lstrip()) <= 4:
            table = key[1]
        found.setdefault((table, key[1]), number)
    return found
