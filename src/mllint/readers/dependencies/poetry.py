"""Poetry's tables of pyproject.toml, and its constraints in PEP 440 form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from mllint.facts import Dependency, Manager, Place, Problem, Python
from mllint.readers.dependencies.requirement import bare, group_of, normal, pinned, tidy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NUMBER = re.compile(r"(?:(\d+)!)?(\d+(?:\.\d+)*)")
_CLAUSE = re.compile(r"(\^|~=|~|===|==|=|!=|<=|>=|<|>)?\s*([^\s,]+)")

_ANY = frozenset({"", "*", "latest", "@latest"})


class Entry(NamedTuple):
    """One entry of a table of dependencies, before its constraint is read."""

    at: Place
    name: str
    value: Any
    group: str
    source: str


def read(
    path: str, table: Mapping[str, Any], lines: Mapping[str, int], stated: frozenset[str]
) -> Iterator[object]:
    """The rows of `[tool.poetry]`; `stated` are the names that `[project]` declares already."""
    top = Place(path, lines.get("tool.poetry", 1))
    yield Manager(top, "poetry", "manifest")
    extras = _extras(table)
    for group, key, entries in _tables(table):
        for name, value in entries.items():
            at = Place(path, lines.get(f"{key}.{name}", top.line))
            if normal(name) == "python":
                yield Python(at, bare(specifier(_version(value))), "poetry")
            elif not (normal(name) in stated and not _version(value)):
                own = extras.get(normal(name), "optional") if _optional(value) else group
                yield from rows(Entry(at, name, value, own, "poetry"))


def _tables(table: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    keys = [("main", "dependencies"), ("dev", "dev-dependencies")]
    for group, key in keys:
        if isinstance(table.get(key), dict):
            yield group, f"tool.poetry.{key}", table[key]
    groups = table.get("group")
    for name, group_table in groups.items() if isinstance(groups, dict) else ():
        entries = group_table.get("dependencies") if isinstance(group_table, dict) else None
        if isinstance(entries, dict):
            yield group_of(name), f"tool.poetry.group.{name}.dependencies", entries


def _extras(table: Mapping[str, Any]) -> dict[str, str]:
    """The first extra that each optional distribution belongs to."""
    extras = table.get("extras")
    found: dict[str, str] = {}
    for extra, names in extras.items() if isinstance(extras, dict) else ():
        for name in names if isinstance(names, list) else ():
            found.setdefault(normal(str(name)), group_of(extra))
    return found


def _optional(value: Any) -> bool:
    return isinstance(value, dict) and value.get("optional") is True


def _version(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("version", "")
    return value if isinstance(value, str) else ""


def rows(entry: Entry) -> Iterator[Dependency | Problem]:
    """The rows of an entry: a version, a table, or a list of tables for several platforms."""
    if isinstance(entry.value, list):
        for value in entry.value:
            yield from rows(entry._replace(value=value))
        return
    at, value = entry.at, entry.value
    if not isinstance(value, str | dict):
        yield Problem(at.path, "invalid", f"`{entry.name}` has no version", at.line)
        return
    said = _version(value)
    spec = specifier(said)
    if said.strip() not in _ANY and not spec and "|" not in said:
        text = f"`{entry.name} = {said[:60]!r}` is not a version constraint"
        yield Problem(at.path, "invalid", text, at.line)
    yield Dependency(
        at,
        normal(entry.name),
        spec,
        pinned(spec),
        False,
        entry.group,
        entry.source,
        address(value),
        _marker(value),
        _wanted(value),
    )


def _wanted(value: Any) -> tuple[str, ...]:
    """The extras that a table asks for."""
    extras = value.get("extras") if isinstance(value, dict) else None
    return tuple(normal(str(e)) for e in extras) if isinstance(extras, list) else ()


def address(value: Any) -> str:
    """The direct reference of a table: `git+URL@REV`, a path or a URL; or ""."""
    if not isinstance(value, dict):
        return ""
    for key in ("path", "url", "file"):
        if isinstance(value.get(key), str):
            return str(value[key])
    if not isinstance(value.get("git"), str):
        return "workspace" if value.get("workspace") is True else ""
    ref = next((value[k] for k in ("rev", "tag", "ref", "branch") if k in value), "")
    return f"git+{value['git']}@{ref}" if ref else f"git+{value['git']}"


def _marker(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    python = specifier(str(value.get("python", "")))
    limits = [f'python_version {clause[1]} "{clause[2]}"' for clause in _CLAUSE.finditer(python)]
    return str(value.get("markers", "")) or " and ".join(limits)


def specifier(text: str) -> str:
    """A constraint in PEP 440 form; "" for any version and for what is not understood.

    Alternatives (`^1.2 || ^2.0`) become the range that spans them.
    """
    alternatives = [_all_of(part) for part in re.split(r"\|\|?", text[:500])]
    if len(alternatives) == 1:
        return alternatives[0]
    first, last = alternatives[0].split(","), alternatives[-1].split(",")
    lower = next((c for c in first if c.startswith(">=")), "")
    upper = next((c for c in last if c.startswith("<") and not c.startswith("<=")), "")
    rising = all(alternatives) and _starts_rise(alternatives)
    return f"{lower},{upper}" if lower and upper and rising else ""


def _starts_rise(alternatives: list[str]) -> bool:
    starts = []
    for alternative in alternatives:
        found = _NUMBER.search(alternative)
        starts.append([int(n) for n in found[2].split(".")] if found else [])
    return starts == sorted(starts)


def _all_of(text: str) -> str:
    clauses = []
    for part in re.split(r"\s*,\s*|(?<=[\w*])\s+(?=[\^~=!<>])", text.strip()):
        found = _CLAUSE.fullmatch(part)
        if found is None:
            return ""
        clause = _clause(found[1] or "", found[2])
        if clause:
            clauses.append(clause)
    return tidy(",".join(clauses)) or ""


def _clause(operator: str, version: str) -> str:
    if version == "*":
        return ""
    number = _NUMBER.match(version)
    if operator in {"^", "~"} and number:
        parts = [int(n) for n in number[2].split(".")]
        end = _caret(parts) if operator == "^" else parts[:2]
        end = [*end[:-1], end[-1] + 1]
        epoch = f"{number[1]}!" if number[1] else ""
        return f">={version.removesuffix('.*')},<{epoch}{'.'.join(map(str, end))}"
    if operator in {"", "=", "=="}:
        return f"=={version}"
    return f"{operator}{version}"


def _caret(parts: list[int]) -> list[int]:
    """The parts up to the first that is not zero."""
    for index, part in enumerate(parts):
        if part:
            return parts[: index + 1]
    return parts
