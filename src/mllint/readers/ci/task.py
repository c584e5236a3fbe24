"""Tasks of Taskfile, package.json and the task tables of TOML files.

Knows the tables of go-task, npm, poe, PDM, hatch, pixi, rye, taskipy, pipenv and mise.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from mllint.facts import Facts, Place, Problem, Target
from mllint.readers.ci.hooks import of_package
from mllint.readers.ci.tox import ini_rows, table_rows
from mllint.readers.gather import binary, gather, text_of
from mllint.readers.tomldoc import TomlProblem, load
from mllint.readers.yamldoc import Node, child, get, texts
from mllint.readers.yamlrows import yaml_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mllint.readers.tomldoc import TomlDoc

_SCRIPTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "pyproject.toml": (
        ("poe", "tool.poe.tasks"),
        ("pdm", "tool.pdm.scripts"),
        ("rye", "tool.rye.scripts"),
        ("taskipy", "tool.taskipy.tasks"),
        ("pixi", "tool.pixi.tasks"),
        ("pixi", "tool.pixi.feature.*.tasks"),
        ("pixi", "tool.pixi.target.*.tasks"),
        ("hatch", "tool.hatch.envs.*.scripts"),
    ),
    "pixi.toml": (
        ("pixi", "tasks"),
        ("pixi", "feature.*.tasks"),
        ("pixi", "target.*.tasks"),
    ),
    "poe_tasks.toml": (("poe", "tasks"), ("poe", "tool.poe.tasks")),
    "hatch.toml": (("hatch", "envs.*.scripts"),),
    "pipfile": (("pipenv", "scripts"),),
    **dict.fromkeys(("mise.toml", ".mise.toml"), (("mise", "tasks"),)),
}


class _Task(NamedTuple):
    needs: tuple[str, ...]
    commands: tuple[str, ...]


def read_taskfile(path: str, data: bytes) -> Facts:
    """The tasks of a Taskfile."""
    return yaml_rows(path, data, _taskfile)


def read_package(path: str, data: bytes) -> Facts:
    """The scripts of a package.json."""
    text = text_of(data)
    if text is None:
        return binary(path)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        return gather([Problem(path, "syntax", str(error), getattr(error, "lineno", 0))])
    value = value if isinstance(value, dict) else {}
    scripts = value.get("scripts")
    lines = {line.strip().partition('"')[2].partition('"')[0]: n for n, line in _numbered(text)}
    targets = [
        Target(Place(path, lines.get(name, 1)), "npm", name, (), (command,))
        for name, command in (scripts.items() if isinstance(scripts, dict) else ())
        if isinstance(command, str)
    ]
    return gather([*targets, *of_package(path, value)])


def read_toml(path: str, data: bytes) -> Facts:
    """The tasks and tox environments that a TOML file states; its faults are another reader's."""
    try:
        document = load(data)
    except TomlProblem:
        return Facts()
    return gather(_toml(path, document))


def _numbered(text: str) -> Iterator[tuple[int, str]]:
    return ((number, line) for number, line in enumerate(text.split("\n"), 1))


def _taskfile(path: str, document: Node) -> Iterator[Target]:
    tasks = child(document, "tasks")
    variables = {
        f"{{{{.{item.key}}}}}": item.node.raw
        for item in (child(document, "vars") or document).items
        if item.node.kind == "scalar"
    }
    for item in tasks.items if tasks else ():
        node = item.node
        needs = [_name(one) for one in _nodes(child(node, "deps"))]
        commands: list[str] = []
        for one in _nodes(child(node, "cmds") or child(node, "cmd") or node):
            called = next(iter(texts(child(one, "task"))), "")
            if called:
                needs.append(called)
                continue
            found = texts(child(one, "cmd") if one.kind == "mapping" else one)
            commands.extend(_plain(text, variables, node, one) for text in found)
        at = Place(path, item.line, 1, node.end_line)
        yield Target(at, "task", item.key, tuple(n for n in needs if n), tuple(commands))


def _plain(text: str, variables: Mapping[str, str], *nodes: Node) -> str:
    for name, value in variables.items():
        text = text.replace(name, value)
    ignores = any(texts(child(node, "ignore_error")) == ("true",) for node in nodes)
    return f"{text} || true" if ignores else text


def _nodes(node: Node | None) -> tuple[Node, ...]:
    if node is None or node.kind == "mapping":
        return ()
    return node.list if node.kind == "sequence" else (node,)


def _name(node: Node) -> str:
    return next(iter(texts(get(node, "task") if node.kind == "mapping" else node)), "")


def _toml(path: str, document: TomlDoc) -> Iterator[Any]:
    name = path.lower().rpartition("/")[2]
    for tool, pattern in _SCRIPTS.get(name, ()):
        for key, table in _tables(document.data, pattern.split("."), ""):
            prefix = f"{key.split('.')[-2]}:" if tool == "hatch" else ""
            for task, value in table.items():
                at = Place(path, _line(document, f"{key}.{task}"))
                found = _task(tool, value, table, prefix)
                yield Target(at, tool, prefix + task, found.needs, found.commands)
    tox = document.data if name == "tox.toml" else _below(document.data, "tool", "tox")
    if isinstance(tox, dict):
        line = document.lines.get("tool.tox", 1)
        legacy = tox.get("legacy_tox_ini")
        if isinstance(legacy, str):
            yield from ini_rows(path, legacy, -document.lines.get("tool.tox.legacy_tox_ini", line))
        else:
            yield from table_rows(path, tox, line)


def _line(document: TomlDoc, key: str) -> int:
    """The line of a key, or of the first one below it where it is only part of dotted keys."""
    below = (line for path, line in document.lines.items() if path.startswith(f"{key}."))
    return document.lines.get(key) or next(below, 1)


def _tables(value: Any, keys: list[str], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The tables under a dotted pattern, in which `*` stands for any key."""
    if not isinstance(value, dict):
        return
    if not keys:
        yield path, value
        return
    for key in list(value) if keys[0] == "*" else keys[:1]:
        yield from _tables(value.get(key), keys[1:], f"{path}.{key}" if path else key)


def _below(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _parts(tool: str, value: Any) -> Iterator[tuple[str, str]]:
    """What a task consists of: a `need`, a command to `run`, or `either`."""
    if isinstance(value, str):
        yield ("either" if tool == "hatch" else "run"), value
    elif isinstance(value, list):
        for item in value:
            yield from [("either", item)] if isinstance(item, str) else _parts(tool, item)
    elif isinstance(value, dict):
        for key in ("deps", "depends-on", "depends_on", "depends", "ref"):
            for item in value[key] if isinstance(value.get(key), list) else [value.get(key)]:
                name = item.get("task") if isinstance(item, dict) else item
                if isinstance(name, str):
                    yield "need", name
        for key in ("sequence", "parallel", "composite"):
            yield from _parts(tool, value.get(key) if isinstance(value.get(key), list) else [])
        for text in value["run"] if isinstance(value.get("run"), list) else [value.get("run")]:
            if isinstance(text, str):
                yield "run", text
        for key in ("cmd", "shell"):
            text = value.get(key)
            text = " ".join(map(str, text)) if isinstance(text, list) else text
            if isinstance(text, str):
                yield "run", text
        if isinstance(value.get("script"), str):
            yield "run", f"python -m {value['script'].partition(':')[0]}"


def _task(tool: str, value: Any, table: Mapping[str, Any], prefix: str) -> _Task:
    """What a task needs and what it runs; the first word of an `either` may be another task."""
    needs: list[str] = []
    commands: list[str] = []
    for kind, text in _parts(tool, value):
        first = text.strip().partition(" ")[0]
        if kind == "need" or (kind == "either" and first in table):
            needs.append(prefix + first)
        else:
            commands.append(text)
    return _Task(tuple(needs), tuple(commands))
