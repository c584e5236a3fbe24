"""The keys of `[tool.mllint]`: one table, from which the JSON Schema and the checks both come.

Knows the shape of the configuration; knows nothing of files, flags or the catalogue.
"""

from __future__ import annotations

from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from mllint.review import CONFIDENCES, PROFILES, SEVERITIES
from mllint.waiver import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_SELECTOR = "rule id, category, practice, glob, `tag:x`, `profile:x`, `default` or `all`"
_TEXTS = {"type": "array", "items": {"type": "string"}}
_POINTS = {"type": "number", "minimum": 0, "maximum": 100}

_IGNORE: Mapping[str, Any] = {
    "anyOf": [
        {"type": "object", "additionalProperties": {"type": "string", "minLength": 1}},
        _TEXTS,
    ],
    "description": f"Rules that do not run: {_SELECTOR} = the reason. A list has no reasons.",
}
_SEVERITY: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": {"type": "string", "enum": list(SEVERITIES)},
    "description": "Severities of your own: rule id, `category:x` or another selector.",
}
_OPTIONS: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": {"type": "object"},
    "description": "Options per rule; `mllint explain RULE` lists them.",
}
_PROFILE: Mapping[str, Any] = {
    "type": "string",
    "enum": list(PROFILES),
    "description": "What is expected of the project.",
}
_WAIVER: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "rule": {"type": "string", "minLength": 1, "description": f"A {_SELECTOR}."},
        "paths": {**_TEXTS, "description": "Where it holds, in gitignore syntax."},
        "kind": {"type": "string", "enum": list(KINDS), "description": "Why it may stay."},
        "reason": {"type": "string", "minLength": 1, "description": "The reason, in words."},
        "until": {
            "anyOf": [{"type": "string", "format": "date"}],
            "description": "Its last day: 2026-12-31.",
        },
        "issue": {"type": "string", "description": "Where it is worked on."},
    },
    "required": ["rule", "reason"],
    "additionalProperties": False,
}
_DAY: Mapping[str, Any] = {"anyOf": [{"type": "string", "format": "date"}]}
_ATTEST: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "who": {"type": "string", "minLength": 1, "description": "Who answers for it."},
        "when": {**_DAY, "description": "The day on which it was said: 2026-05-04."},
        "proof": {
            "type": "string",
            "minLength": 1,
            "description": "A file of the repository, or a link.",
        },
        "until": {**_DAY, "description": "The last day on which it holds."},
        "says": {"type": "string", "description": "The answer, in a sentence."},
    },
    "required": ["who", "when", "proof", "until"],
    "additionalProperties": False,
}
_PER_PATH: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "ignore": _IGNORE,
        "severity": _SEVERITY,
        "options": _OPTIONS,
        "profile": _PROFILE,
    },
    "additionalProperties": False,
}

PROPERTIES: Mapping[str, Mapping[str, Any]] = {
    "extend": {
        "anyOf": [_TEXTS, {"type": "string"}],
        "description": "Files to build on: paths from this file, or `pkg:package/file.toml`.",
    },
    "ruleset": {
        "type": "string",
        "description": "Which rules, severities and weights apply: `2026.1`, or `latest`.",
    },
    "profile": _PROFILE,
    "select": {
        **_TEXTS,
        "description": f"Which rules run: each a {_SELECTOR}.",
    },
    "extend-select": {
        **_TEXTS,
        "description": "Rules that run besides those of `select`.",
    },
    "ignore": _IGNORE,
    "exclude": {
        **_TEXTS,
        "description": "Paths that are not looked at, in gitignore syntax, from the root.",
    },
    "min-confidence": {
        "type": "string",
        "enum": list(reversed(CONFIDENCES)),
        "description": "Findings of less confidence are hidden and never scored.",
    },
    "fail-on": {
        "type": "string",
        "enum": [*SEVERITIES, "never"],
        "description": "The run fails for findings of this severity or a worse one.",
    },
    "min-score": {
        "anyOf": [_POINTS, {"type": "object", "additionalProperties": _POINTS}],
        "description": "The run fails below this score; a table names `overall`, `strict` (the "
        "score without waivers) and categories.",
    },
    "require-reason": {
        "type": "boolean",
        "description": "Whether what is ignored without a reason earns a warning.",
    },
    "rules": {
        **_TEXTS,
        "description": "Folders of your own rules, relative to this file.",
    },
    "severity": _SEVERITY,
    "options": _OPTIONS,
    "traits": {
        "type": "object",
        "additionalProperties": {"type": "boolean"},
        "description": "What the project is, where mllint sees it wrongly: `trains = true`.",
    },
    "attest": {
        "type": "object",
        "additionalProperties": _ATTEST,
        "description": "What no repository can show, by question: `mllint check --show attested`.",
    },
    "waivers": {
        "type": "array",
        "items": _WAIVER,
        "description": "Findings that may stay, each with the reason.",
    },
    "per-path": {
        "type": "object",
        "additionalProperties": _PER_PATH,
        "description": "Settings for some paths, by a pattern in gitignore syntax.",
    },
    "baseline": {
        "type": "string",
        "minLength": 1,
        "description": "The file of findings that are known already.",
    },
    "baseline-strict": {
        "type": "boolean",
        "description": "Whether the run fails for entries of the baseline that are mended.",
    },
    "projects": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "path": {"type": "string", "minLength": 1, "description": "A folder."},
                "name": {"type": "string", "description": "What it is called in reports."},
                "profile": _PROFILE,
            },
            "required": ["path"],
            "additionalProperties": False,
        },
        "description": "Projects of a monorepo, each of which has a score of its own.",
    },
}
"""The shape of each key, in JSON Schema."""

_NOUNS = {
    "array": "a list",
    "object": "a table",
    "string": "a string",
    "number": "a number",
    "boolean": "true or false",
}
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "array": list,
    "object": dict,
    "string": str,
    "number": (int, float),
    "boolean": bool,
}


class Mistake(NamedTuple):
    """Something wrong in the configuration: the keys that lead to it, and what it is."""

    path: tuple[str, ...]
    text: str


def schema() -> dict[str, Any]:
    """The JSON Schema of the configuration."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mllint",
        "description": "The keys of [tool.mllint] in pyproject.toml, or of mllint.toml.",
        "type": "object",
        "properties": {name: dict(shape) for name, shape in PROPERTIES.items()},
        "additionalProperties": False,
    }


def for_validate_pyproject(_: str) -> dict[str, Any]:
    """The schema as validate-pyproject wants it, by the entry point of its name."""
    return {
        **schema(),
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "urn:mllint:configuration",
    }


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean "x"?`, or "" where nothing is near."""
    near = get_close_matches(name.replace("_", "-"), list(known), n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else ""


def mistakes(table: Mapping[str, Any], where: str) -> Iterator[Mistake]:
    """What is wrong in a configuration; `where` names it: `[tool.mllint]`."""
    for name, value in table.items():
        shape = PROPERTIES.get(name)
        if shape is None:
            near = nearest(name, PROPERTIES)
            yield Mistake((name,), f'unknown key "{name}" in {where}{near}')
        else:
            yield from _against(value, shape, (name,))


def _against(value: Any, shape: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[Mistake]:
    shapes = shape.get("anyOf", (shape,))
    fitting = [one for one in shapes if _fits(value, one)]
    if not fitting:
        wanted = " or ".join(_NOUNS[one["type"]] for one in shapes)
        yield Mistake(path, f'"{".".join(path)}" must be {wanted}, not {_shown(value)}')
        return
    yield from _within(value, fitting[0], path)


def _within(value: Any, shape: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[Mistake]:
    key = ".".join(path)
    if "enum" in shape and value not in shape["enum"]:
        known = ", ".join(shape["enum"])
        near = nearest(value, shape["enum"])
        yield Mistake(path, f'"{key}" must be one of {known}, not {_shown(value)}{near}')
    elif "minLength" in shape and not value.strip():
        said = "needs a reason: say why" if "ignore" in path or path[-1] == "reason" else "is empty"
        yield Mistake(path, f'"{key}" {said}')
    elif shape.get("format") == "date" and not _is_day(value):
        yield Mistake(path, f'"{key}" must be a day like 2026-12-31, not {_shown(value)}')
    elif "minimum" in shape and not shape["minimum"] <= value <= shape["maximum"]:
        low, high = shape["minimum"], shape["maximum"]
        yield Mistake(path, f'"{key}" must be from {low} to {high}, not {_shown(value)}')
    elif "items" in shape:
        for number, item in enumerate(value):
            of_tables = shape["items"]["type"] == "object"
            inner = (*path[:-1], f"{path[-1]}[{number}]") if of_tables else path
            yield from _against(item, shape["items"], inner)
    elif "properties" in shape:
        yield from _table(value, shape, path)
    elif "additionalProperties" in shape:
        for name, item in value.items():
            yield from _against(item, shape["additionalProperties"], (*path, name))


def _table(value: Any, shape: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[Mistake]:
    known, key = shape["properties"], ".".join(path)
    for name, item in value.items():
        if name in known:
            yield from _against(item, known[name], (*path, name))
        else:
            near = nearest(name, known)
            yield Mistake((*path, name), f'unknown key "{name}" in "{key}"{near}')
    for name in shape.get("required", ()):
        if name not in value:
            yield Mistake(path, f'"{key}" needs a "{name}"')


def _is_day(value: date | str) -> bool:
    if isinstance(value, date):
        return True
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _fits(value: Any, shape: Mapping[str, Any]) -> bool:
    kind: str = shape["type"]
    if isinstance(value, bool):
        return kind == "boolean"
    # A day of TOML stands for its text.
    is_day: bool = shape.get("format") == "date" and isinstance(value, date)
    return is_day or isinstance(value, _TYPES[kind])


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, dict):
        return "a table"
    return "a list" if isinstance(value, list) else "a date"
