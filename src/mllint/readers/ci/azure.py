"""Azure Pipelines: the steps of stages and jobs, and the templates that they name.

Knows the layout of one file. A template has no events of its own; `link` finds who uses it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from mllint.facts import Ci, Facts, Place
from mllint.readers.ci.gitlab import gitlab_rows, looks_like_gitlab
from mllint.readers.ci.scripts import (
    MAX_SETTINGS,
    Settings,
    images,
    mapping,
    place_of,
    python_of,
    text_under,
)
from mllint.readers.yamldoc import Node, child, get, texts
from mllint.readers.yamlrows import yaml_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Python

MAX_DEPTH = 12

_SCRIPTS = ("script", "bash", "pwsh", "powershell")
_STEP_KEYS = frozenset(
    (
        *_SCRIPTS,
        "task",
        "checkout",
        "template",
        "download",
        "publish",
        "downloadBuild",
        "getPackage",
    ),
)
_LISTS = {
    "stages": frozenset(("stage", "template")),
    "jobs": frozenset(("job", "deployment", "template")),
    "steps": _STEP_KEYS,
}
_OWN_TRIGGERS = ("trigger", "pr", "schedules", "resources", "name", "pool", "extends")
_DEPLOYMENT = ("preDeploy", "deploy", "routeTraffic", "postRouteTraffic", "on")


class _Around(NamedTuple):
    job: str
    on: tuple[str, ...]
    settings: Settings


def read_azure(path: str, data: bytes) -> Facts:
    """The steps of a pipeline or template; those of a file that only GitLab's root includes.

    The names of such files say nothing. Other YAML has no rows.
    """
    return yaml_rows(path, data, _rows)


def _rows(path: str, document: Node) -> Iterator[Any]:
    if not _is_pipeline(document):
        if looks_like_gitlab(document):
            yield from gitlab_rows(path, document)
        return
    settings = (
        *_variables(child(document, "variables")),
        *_settings(document),
        *_matrix(get(document, "strategy.matrix")),
    )
    yield from _images(path, document)
    containers = get(document, "resources.containers")
    for one in containers.list if containers else ():
        yield from images(path, child(one, "image"), text_under(one, "image"))
    around = _Around("", _events(path, document), settings)
    yield from _descend(path, document, around, 0)
    extends = child(document, "extends")
    if extends is not None:
        yield from _template(path, extends, around)


def _is_pipeline(document: Node) -> bool:
    if child(child(document, "extends"), "template") is not None:
        return True
    for key, known in _LISTS.items():
        listed = child(document, key)
        for node in listed.list if listed else ():
            if any(item.key in known or item.key.startswith("${{") for item in node.items):
                return True
    return False


def _events(path: str, document: Node) -> tuple[str, ...]:
    """What starts a pipeline; () for a template, which is never started itself."""
    own = any(child(document, key) is not None for key in _OWN_TRIGGERS)
    is_template = child(document, "parameters") is not None or "template" in path.lower()
    if is_template and not own:
        return ()
    found = []
    trigger = child(document, "trigger")
    if next(iter(texts(trigger)), "") != "none":
        only_tags = child(trigger, "tags") is not None and child(trigger, "branches") is None
        found.append("tag" if only_tags else "push")
    if next(iter(texts(child(document, "pr"))), "") != "none":
        found.append("pull_request")
    if child(document, "schedules") is not None:
        found.append("schedule")
    if get(document, "resources.pipelines") is not None:
        found.append("workflow_run")
    return tuple(found) or ("workflow_dispatch",)


def _descend(path: str, node: Node, around: _Around, depth: int) -> Iterator[Any]:
    if depth > MAX_DEPTH:
        return
    for key in _LISTS:
        listed = child(node, key)
        for one in _flat(listed, 0):
            if key == "steps":
                yield from _step(path, one, around)
                continue
            name = text_under(one, "job") or text_under(one, "deployment")
            settings = (
                *around.settings,
                *_variables(child(one, "variables")),
                *_settings(one),
                *_matrix(get(one, "strategy.matrix")),
            )
            inner = _Around(name or around.job, around.on, settings[:MAX_SETTINGS])
            yield from _images(path, one)
            if child(one, "template") is not None:
                yield from _template(path, one, inner)
            yield from _descend(path, one, inner, depth + 1)
    strategy = child(node, "strategy")
    for item in strategy.items if strategy else ():
        for key in _DEPLOYMENT:
            below = child(item.node, key)
            if below is None:
                continue
            hooks = [entry.node for entry in below.items] if key == "on" else [below]
            for hook in hooks:
                yield from _descend(path, hook, around, depth + 1)


def _flat(node: Node | None, depth: int) -> Iterator[Node]:
    """The entries of a list, those under `${{ if }}` and `${{ each }}` with them."""
    for one in node.list if node and depth < MAX_DEPTH else ():
        templated = [item for item in one.items if item.key.startswith("${{")]
        if not templated:
            yield one
        for item in templated:
            yield from _flat(item.node, depth + 1)


def _template(path: str, node: Node, around: _Around) -> Iterator[Ci]:
    value = child(node, "template")
    if value is not None and value.kind == "scalar":
        settings = (*around.settings, *mapping("with", child(node, "parameters")))
        at = Place(path, value.line, value.col, value.end_line)
        uses = f"template: {value.raw}"
        yield Ci(at, "azure", around.job, "", around.on, uses, "", settings)


def _step(path: str, node: Node, around: _Around) -> Iterator[Any]:
    if text_under(node, "enabled").lower() == "false":
        return
    if child(node, "template") is not None:
        yield from _template(path, node, around)
    name = text_under(node, "displayName")
    inputs = child(node, "inputs")
    settings = (
        *around.settings,
        *mapping("env", child(node, "env")),
        *mapping("with", inputs),
        *_settings(node),
    )
    uses = text_under(node, "task") or ("checkout" if child(node, "checkout") else "")
    value = child(node, "task") or child(node, "checkout")
    for key in _SCRIPTS:
        if (script := child(node, key)) is not None:
            value = script
            shell = "" if key in {"script", "bash"} else key
            settings = (*settings, ("shell", shell)) if shell else settings
    inline = child(inputs, "script") or child(inputs, "inlineScript")
    run = ""
    if not uses and value is not None:
        run = value.raw
    elif inline is not None and text_under(inputs, "targetType").lower() != "filepath":
        run, value = inline.raw, inline
    if value is not None and (uses or run):
        yield Ci(place_of(path, value), "azure", around.job, name, around.on, uses, run, settings)
    if uses.startswith("UsePythonVersion@"):
        yield from _pythons(path, child(inputs, "versionSpec"), settings)


def _settings(node: Node) -> Iterator[tuple[str, str]]:
    for key, name in (
        ("condition", "condition"),
        ("continueOnError", "allow-failure"),
        ("timeoutInMinutes", "timeout"),
        ("workingDirectory", "directory"),
        ("environment", "environment"),
    ):
        if text := text_under(node, key):
            yield name, text
    pool = child(node, "pool")
    if text := text_under(pool, "vmImage"):
        yield "runs-on", text
    container = child(node, "container")
    if text := text_under(container, "image") or next(iter(texts(container)), ""):
        yield "image", text


def _variables(node: Node | None) -> Iterator[tuple[str, str]]:
    yield from mapping("env", node if node and node.kind == "mapping" else None)
    for one in node.list if node else ():
        if name := text_under(one, "name"):
            yield f"env.{name}", text_under(one, "value")


def _matrix(node: Node | None) -> Iterator[tuple[str, str]]:
    for item in node.items if node else ():
        for entry in item.node.items:
            for text in texts(entry.node):
                yield f"matrix.{entry.key}", text


def _images(path: str, node: Node) -> Iterator[Any]:
    container = child(node, "container")
    found = child(container, "image") or container
    text = next(iter(texts(found)), "")
    if ":" in text or "/" in text:
        # A bare word is the name of a container resource.
        yield from images(path, found, text)


def _pythons(path: str, node: Node | None, settings: Settings) -> Iterator[Python]:
    text = next(iter(texts(node)), "")
    found = re.fullmatch(r"\$\((?:variables\.)?([\w.-]+)\)", text)
    specs = [text]
    if found:
        specs = [v for k, v in settings if k in {f"matrix.{found[1]}", f"env.{found[1]}"}]
    for spec in specs:
        if node is not None:
            yield from python_of(path, node, spec)
