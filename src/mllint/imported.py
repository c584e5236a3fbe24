"""Findings of other tools, read from SARIF files that the user names.

mllint does not write again what other linters own: it shows what they found beside its own
findings. They cost no points and fail no run. Knows SARIF 2.1.0; knows nothing of rules.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from mllint.named import content
from mllint.others import Imported
from mllint.review import Severity, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

MAX_BYTES = 50_000_000
_LEVELS: Mapping[str, Severity] = {
    "error": "error",
    "warning": "warning",
    "note": "note",
    "none": "note",
}


def read(paths: Iterable[Path]) -> tuple[Imported, ...]:
    """The results of SARIF files, suppressed ones left out, sorted by place.

    Raises UsageError with every file that is missing, too large or no SARIF.
    """
    mistakes: list[str] = []
    found: set[Imported] = set()
    for path in paths:
        results = _read(path)
        if isinstance(results, str):
            mistakes.append(f"--import-sarif {path}: {results}")
        else:
            found.update(results)
    if mistakes:
        raise UsageError("\n".join(mistakes))
    return tuple(sorted(found))


def _read(path: Path) -> list[Imported] | str:
    """The results of a file, or why there are none."""
    try:
        data = json.loads(content(path, MAX_BYTES).decode("utf-8-sig"))
    except OSError as error:
        return error.strerror or str(error)
    except (ValueError, RecursionError) as error:
        return f"is no JSON: {error}"
    runs = data.get("runs") if isinstance(data, dict) else None
    if not isinstance(runs, list):
        return "is no SARIF file: it has no list of `runs`"
    return list(_results(runs))


def _results(runs: list[Any]) -> Iterator[Imported]:
    for run in filter(_table, runs):
        driver = _in(run, "tool", "driver")
        tool = _text(driver.get("name")) or "unknown tool"
        rules = [r if _table(r) else {} for r in _items(driver.get("rules"))]
        for result in filter(_table, _items(run.get("results"))):
            if not _items(result.get("suppressions")) and result.get("kind", "fail") == "fail":
                yield _one(tool, result, rules)


def _one(tool: str, result: dict[str, Any], rules: list[dict[str, Any]]) -> Imported:
    index = result.get("ruleIndex")
    known = isinstance(index, int) and 0 <= index < len(rules)
    rule = rules[index] if known and isinstance(index, int) else {}
    name = _text(result.get("ruleId")) or _text(rule.get("id"))
    if not rule:
        rule = next((r for r in rules if r.get("id") == name), {})
    usual = _text(_in(rule, "defaultConfiguration").get("level"))
    level = _LEVELS.get(_text(result.get("level")) or usual, "warning")
    message = _text(_in(result, "message").get("text"))
    message = message or _text(_in(rule, "shortDescription").get("text"))
    first: dict[str, Any] = next(filter(_table, _items(result.get("locations"))), {})
    physical = _in(first, "physicalLocation")
    line = _in(physical, "region").get("startLine")
    path = _path(_text(_in(physical, "artifactLocation").get("uri")))
    number = line if isinstance(line, int) and line > 0 else 0
    return Imported(path, number, tool, name, level, message)


def _path(uri: str) -> str:
    """A URI as a path."""
    try:
        split = urlsplit(uri)
    except ValueError:
        return uri
    return unquote(split.path if split.scheme == "file" else uri).removeprefix("./")


def _in(table: dict[str, Any], *keys: str) -> dict[str, Any]:
    """The table below these keys; empty where there is none."""
    for key in keys:
        inner = table.get(key)
        table = inner if isinstance(inner, dict) else {}
    return table


def _table(value: object) -> bool:
    return isinstance(value, dict)


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
