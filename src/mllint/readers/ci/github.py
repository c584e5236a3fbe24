"""GitHub Actions: the steps of workflows and of composite actions.

Knows their layout; which of them is reached from where is found by `link`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from mllint.facts import Ci, Facts, Place
from mllint.readers.ci.scripts import MAX_SETTINGS, Settings, images, mapping, place_of, python_of
from mllint.readers.yamldoc import Node, child, get, texts
from mllint.readers.yamlrows import yaml_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Python

_EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")


class _Job(NamedTuple):
    name: str
    on: tuple[str, ...]
    settings: Settings


def read_workflow(path: str, data: bytes) -> Facts:
    """The steps of a workflow, and the images and Python versions that it names."""
    return yaml_rows(path, data, _workflow)


def read_action(path: str, data: bytes) -> Facts:
    """The steps of a composite action; they run where a workflow uses it, so `on` is empty."""
    return yaml_rows(path, data, _action)


def _workflow(path: str, document: Node) -> Iterator[Any]:
    jobs = child(document, "jobs")
    on = child(document, "on")
    if jobs is None or on is None:
        return
    shared = (
        *_common(document),
        *_inputs(get(on, "workflow_call.inputs")),
        *(
            ("schedule", cron)
            for item in _list(on, "schedule")
            for cron in texts(child(item, "cron"))
        ),
    )
    for item in jobs.items:
        node = item.node
        if node.kind != "mapping":
            continue
        own = tuple(_job_settings(node))
        scopes = [pair for pair in own if pair[0] == "permissions"]
        inherited = [pair for pair in shared if not (scopes and pair[0] == "permissions")]
        job = _Job(item.key, events(on), (*inherited, *own)[:MAX_SETTINGS])
        yield from _images(path, node)
        uses = child(node, "uses")
        if uses is not None and uses.kind == "scalar":
            settings = (*job.settings, *mapping("with", child(node, "with")))
            at = Place(path, uses.line, uses.col, uses.end_line)
            yield Ci(at, "github", job.name, "", job.on, uses.raw, "", settings)
        yield from _steps(path, job, child(node, "steps"))


def _action(path: str, document: Node) -> Iterator[Any]:
    shared = tuple(_inputs(child(document, "inputs")))
    yield from _steps(path, _Job("", (), shared), get(document, "runs.steps"))


def events(on: Node) -> tuple[str, ...]:
    """The events that start a workflow; a push of tags alone is `tag`."""
    if on.kind != "mapping":
        return tuple(dict.fromkeys(texts(on)))
    found: list[str] = []
    for item in on.items:
        if item.key != "push":
            found.append(item.key)
            continue
        keys = {entry.key for entry in item.node.items}
        tags = bool(keys & {"tags", "tags-ignore"})
        if not tags or keys & {"branches", "branches-ignore"}:
            found.append("push")
        if tags:
            found.append("tag")
    return tuple(dict.fromkeys(found))


def _steps(path: str, job: _Job, steps: Node | None) -> Iterator[Any]:
    for node in steps.list if steps else ():
        name = next(iter(texts(child(node, "name"))), "")
        settings = (*job.settings, *_step_settings(node))
        for key in ("uses", "run"):
            value = child(node, key)
            if value is None or value.kind != "scalar":
                continue
            uses, run = (value.raw, "") if key == "uses" else ("", value.raw)
            at = place_of(path, value)
            yield Ci(at, "github", job.name, name, job.on, uses, run, settings)
            if uses.startswith("docker://"):
                yield from images(path, value, uses.removeprefix("docker://"))
        yield from _pythons(path, child(child(node, "with"), "python-version"), settings)


def _common(node: Node) -> Iterator[tuple[str, str]]:
    """Settings that a workflow and a job have alike."""
    yield from mapping("env", child(node, "env"))
    permissions = child(node, "permissions")
    if permissions is not None:
        for item in permissions.items:
            yield "permissions", f"{item.key}: {item.node.raw}"
        if not permissions.items:
            yield "permissions", permissions.raw or "none"
    run = get(node, "defaults.run")
    for key, name in (("working-directory", "directory"), ("shell", "shell")):
        for text in texts(child(run, key)):
            yield name, text
    if child(node, "concurrency") is not None:
        yield "concurrency", "true"


def _job_settings(node: Node) -> Iterator[tuple[str, str]]:
    yield from _common(node)
    for key, name in (
        ("timeout-minutes", "timeout"),
        ("if", "condition"),
        ("continue-on-error", "allow-failure"),
        ("runs-on", "runs-on"),
        ("secrets", "secrets"),
    ):
        for text in texts(child(node, key)):
            yield name, text
    environment = child(node, "environment")
    for text in texts(child(environment, "name") or environment):
        yield "environment", text
    for text in texts(_container(child(node, "container"))):
        yield "image", text
    yield from _matrix(get(node, "strategy.matrix"))


def _step_settings(node: Node) -> Iterator[tuple[str, str]]:
    yield from mapping("with", child(node, "with"))
    yield from mapping("env", child(node, "env"))
    for key, name in (
        ("timeout-minutes", "timeout"),
        ("if", "condition"),
        ("continue-on-error", "allow-failure"),
        ("working-directory", "directory"),
        ("shell", "shell"),
        ("id", "id"),
    ):
        for text in texts(child(node, key)):
            yield name, text


def _inputs(node: Node | None) -> Iterator[tuple[str, str]]:
    """The defaults of the inputs of a reusable workflow or a composite action."""
    for item in node.items if node else ():
        for text in texts(child(item.node, "default")):
            yield f"inputs.{item.key}", text


def _matrix(node: Node | None) -> Iterator[tuple[str, str]]:
    """One pair for each value of each axis, those of `include` with them."""
    if node is None:
        return
    found: dict[tuple[str, str], None] = {}
    if node.kind == "scalar":
        found["matrix", node.raw] = None
    for item in node.items:
        if item.key == "include":
            entries = [entry for one in item.node.list for entry in one.items]
        else:
            entries = [] if item.key == "exclude" else [item]
        for entry in entries:
            for text in texts(entry.node):
                found[f"matrix.{entry.key}", text] = None
    yield from found


def _container(node: Node | None) -> Node | None:
    return child(node, "image") if node is not None and node.kind == "mapping" else node


def _images(path: str, job: Node) -> Iterator[Any]:
    services = child(job, "services")
    nodes = [child(job, "container"), *(item.node for item in (services.items if services else ()))]
    for node in nodes:
        found = _container(node)
        for text in texts(found)[:1]:
            yield from images(path, found, text)


def _pythons(path: str, node: Node | None, settings: Settings) -> Iterator[Python]:
    if node is None:
        return
    for text in texts(node):
        for value in resolved(text, settings):
            for spec in value.split("\n"):
                yield from python_of(path, node, spec)


def resolved(text: str, settings: Settings) -> list[str]:
    """The values of a text that is one expression over the matrix, the environment or inputs."""
    found = _EXPRESSION.fullmatch(text.strip())
    if found is None:
        return [text]
    return [value for key, value in settings if key == found[1]]


def _list(node: Node, key: str) -> tuple[Node, ...]:
    below = child(node, key)
    return below.list if below else ()
