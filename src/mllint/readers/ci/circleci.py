"""CircleCI: the steps of the jobs that a workflow names, commands of the file written in.

Knows the layout of one file; orbs are kept by name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from mllint.facts import Ci, Facts, Place
from mllint.readers.ci.scripts import (
    MAX_SETTINGS,
    images,
    mapping,
    place_of,
    text_under,
)
from mllint.readers.yamldoc import Item, Node, child, get, texts
from mllint.readers.yamlrows import yaml_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mllint.readers.ci.scripts import Settings

MAX_DEPTH = 8

_PARAMETER = re.compile(r"<<\s*(?:parameters|matrix)\.([\w-]+)\s*>>")
_EVENTS = ("push", "pull_request")
_SCHEDULING = frozenset({"filters", "requires", "context", "name", "matrix", "type"})
"""Every push to any branch is built, those of pull requests with them."""


class _Job(NamedTuple):
    name: str
    on: tuple[str, ...]
    settings: Settings
    values: Mapping[str, str]


def read_circleci(path: str, data: bytes) -> Facts:
    """The steps of the jobs that run."""
    return yaml_rows(path, data, _rows)


def _rows(path: str, document: Node) -> Iterator[Any]:
    jobs = child(document, "jobs")
    orbs = {item.key: item.node.raw for item in (child(document, "orbs") or document).items}
    for name, on, arguments, line in _wanted(document):
        node = child(jobs, name)
        values = dict(_values(child(node, "parameters"), arguments))
        if node is None:
            orb = orbs.get(name.partition("/")[0], "")
            if "/" in name:
                settings = tuple(mapping("with", arguments))
                uses = f"{name} ({orb})" if orb else name
                yield Ci(Place(path, line), "circleci", name, "", on, uses, "", settings)
            continue
        executor = _executor(document, node)
        settings = (*_settings(node, executor), *_matrix(arguments))[:MAX_SETTINGS]
        for found in _images(executor or node):
            yield from images(path, found, _filled(found.raw, values))
        job = _Job(name, on, settings, values)
        yield from _steps(path, document, job, child(node, "steps"), 0)


def _wanted(document: Node) -> Iterator[tuple[str, tuple[str, ...], Node | None, int]]:
    """Job, events, arguments and line for each job of each workflow, alike ones once."""
    workflows = child(document, "workflows")
    jobs = child(document, "jobs")
    if workflows is None:
        for item in jobs.items if jobs else ():
            if item.key == "build":
                yield item.key, _EVENTS, None, item.line
        return
    seen: set[tuple[str, ...]] = set()
    for item in workflows.items:
        on = _events(item.node)
        listed = child(item.node, "jobs")
        for node in listed.list if listed else ():
            name = node.raw if node.kind == "scalar" else node.items[0].key if node.items else ""
            arguments = node.items[0].node if node.items else None
            if text_under(arguments, "type") == "approval":
                continue
            events = _filtered(on, child(arguments, "filters"))
            given = (f"{i.key}={t}" for i in _arguments(arguments) for t in texts(i.node))
            call = (name, *events, *given)
            if name and call not in seen:
                seen.add(call)
                yield name, events, arguments, node.line


def _arguments(node: Node | None) -> Iterator[Item]:
    """What a workflow gives a job, what says when it runs apart."""
    for item in node.items if node else ():
        if item.key not in _SCHEDULING:
            yield item


def _events(workflow: Node) -> tuple[str, ...]:
    triggers = child(workflow, "triggers")
    if triggers is not None and triggers.list:
        return ("schedule",)
    return _EVENTS


def _filtered(on: tuple[str, ...], filters: Node | None) -> tuple[str, ...]:
    """The events that filters leave: all branches ignored and some tags wanted is `tag`."""
    if child(filters, "tags") is None:
        return on
    ignored = texts(get(filters, "branches.ignore"))
    return ("tag",) if "/.*/" in ignored else (*on, "tag")


def _values(parameters: Node | None, arguments: Node | None) -> Iterator[tuple[str, str]]:
    for item in parameters.items if parameters else ():
        for text in texts(child(item.node, "default")):
            yield item.key, text
    matrix = get(arguments, "matrix.parameters")
    for node in (matrix, arguments):
        for item in node.items if node else ():
            for text in texts(item.node)[:1]:
                yield item.key, text


def _matrix(arguments: Node | None) -> Iterator[tuple[str, str]]:
    parameters = get(arguments, "matrix.parameters")
    for item in parameters.items if parameters else ():
        for text in texts(item.node):
            yield f"matrix.{item.key}", text


def _executor(document: Node, job: Node) -> Node | None:
    executor = child(job, "executor")
    name = text_under(executor, "name") or next(iter(texts(executor)), "")
    return child(child(document, "executors"), name)


def _images(node: Node) -> Iterator[Node]:
    docker = child(node, "docker")
    for one in docker.list if docker else ():
        found = child(one, "image")
        if found is not None and found.kind == "scalar":
            yield found


def _settings(job: Node, executor: Node | None) -> Iterator[tuple[str, str]]:
    for node in (executor, job):
        if node is not None:
            yield from mapping("env", child(node, "environment"))
            for image in _images(node):
                yield "image", image.raw
            if text := text_under(node, "working_directory"):
                yield "workspace", text


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _PARAMETER.sub(lambda found: values.get(found[1], found[0]), text)


def _steps(path: str, document: Node, job: _Job, steps: Node | None, depth: int) -> Iterator[Any]:
    for node in steps.list if steps and depth < MAX_DEPTH else ():
        name = node.raw if node.kind == "scalar" else node.items[0].key if node.items else ""
        body = node.items[0].node if node.items else None
        command = child(child(document, "commands"), name)
        if name == "run" and body is not None:
            yield from _run(path, job, body)
        elif name in {"when", "unless"}:
            yield from _steps(path, document, job, child(body, "steps"), depth + 1)
        elif command is not None:
            values = {**job.values, **dict(_values(child(command, "parameters"), body))}
            inner = job._replace(values=values)
            yield from _steps(path, document, inner, child(command, "steps"), depth + 1)
        elif name:
            at = Place(path, node.line, node.col, node.end_line)
            settings = (*job.settings, *mapping("with", body))
            yield Ci(at, "circleci", job.name, "", job.on, name, "", settings)


def _run(path: str, job: _Job, body: Node) -> Iterator[Ci]:
    command = child(body, "command") if body.kind == "mapping" else body
    if command is None or command.kind != "scalar":
        return
    settings = [*job.settings, *mapping("env", child(body, "environment"))]
    if text := text_under(body, "working_directory"):
        settings.append(("directory", _filled(text, job.values)))
    name = _filled(text_under(body, "name"), job.values)
    run = _filled(command.raw, job.values)
    yield Ci(place_of(path, command), "circleci", job.name, name, job.on, "", run, tuple(settings))
