"""Bitbucket Pipelines: the scripts of steps, by what starts them.

Knows `bitbucket-pipelines.yml`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mllint.facts import Ci, Facts, Place
from mllint.readers.ci.scripts import images, mapping, scalars, script_of, text_under
from mllint.readers.yamldoc import Node, child, texts
from mllint.readers.yamlrows import yaml_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 8

_EVENTS = {
    "default": "push",
    "branches": "push",
    "bookmarks": "push",
    "pull-requests": "pull_request",
    "tags": "tag",
    "custom": "workflow_dispatch",
}


def read_bitbucket(path: str, data: bytes) -> Facts:
    """The scripts of the steps of every pipeline."""
    return yaml_rows(path, data, _rows)


def _rows(path: str, document: Node) -> Iterator[Any]:
    pipelines = child(document, "pipelines")
    image = child(document, "image")
    yield from _image(path, image)
    for group in pipelines.items if pipelines else ():
        on = (_EVENTS.get(group.key, "push"),)
        nodes = [group.node, *(item.node for item in group.node.items)]
        for node in nodes:
            for step in _steps(node, 0):
                yield from _step(path, step, on, image)


def _steps(node: Node, depth: int) -> Iterator[Node]:
    """The steps of a list, those that run in parallel or in a stage with them."""
    for one in node.list if depth < MAX_DEPTH else ():
        step = child(one, "step")
        if step is not None:
            yield step
        for key in ("parallel", "stage"):
            below = child(one, key)
            if below is not None:
                yield from _steps(child(below, "steps") or below, depth + 1)


def _step(path: str, step: Node, on: tuple[str, ...], image: Node | None) -> Iterator[Any]:
    name = text_under(step, "name")
    settings = tuple(_settings(step, image))
    if text_under(step, "trigger") == "manual":
        on = ("workflow_dispatch",)
    yield from _image(path, child(step, "image"))
    for key in ("script", "after-script"):
        script = child(step, key)
        nodes = [one for item in (script.list if script else ()) for one in scalars(item)]
        if nodes:
            at, run = script_of(path, nodes)
            allowed = (("allow-failure", "true"),) if key == "after-script" else ()
            yield Ci(at, "bitbucket", name, key, on, "", run, settings + allowed)
        for one in script.list if script else ():
            if pipe := text_under(one, "pipe"):
                at = Place(path, one.line, one.col, one.end_line)
                arguments = (*settings, *mapping("with", child(one, "variables")))
                yield Ci(at, "bitbucket", name, key, on, f"pipe: {pipe}", "", arguments)


def _settings(step: Node, image: Node | None) -> Iterator[tuple[str, str]]:
    if reference := _reference(child(step, "image") or image):
        yield "image", reference
    for key, name in (("max-time", "timeout"), ("deployment", "environment")):
        if text := text_under(step, key):
            yield name, text


def _reference(node: Node | None) -> str:
    return text_under(node, "name") or next(iter(texts(node)), "")


def _image(path: str, node: Node | None) -> Iterator[Any]:
    yield from images(path, node, _reference(node))
