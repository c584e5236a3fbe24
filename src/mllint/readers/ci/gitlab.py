"""GitLab CI: the scripts of jobs, `extends`, `default` and `!reference` resolved in one file.

Knows the layout of one file; what it includes is read for itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mllint.facts import Ci, Facts, Place
from mllint.readers.ci.scripts import (
    MAX_SETTINGS,
    images,
    mapping,
    scalars,
    script_of,
    text_under,
)
from mllint.readers.images import substitute
from mllint.readers.yamldoc import Item, Node, child, get, texts
from mllint.readers.yamlrows import yaml_rows

if TYPE_CHECKING:
    from collections.abc import Iterator


MAX_DEPTH = 10

_NOT_JOBS = frozenset(
    (
        *("default", "include", "stages", "variables", "workflow", "image", "services", "cache"),
        *("before_script", "after_script", "spec", "types"),
    ),
)
_REFS = {
    "branches": "push",
    "pushes": "push",
    "tags": "tag",
    "merge_requests": "pull_request",
    "external_pull_requests": "pull_request",
    "schedules": "schedule",
    **dict.fromkeys(("web", "api", "triggers", "pipelines", "chat"), "workflow_dispatch"),
}
_CONDITIONS = (
    (re.compile(r"merge_request_event|CI_MERGE_REQUEST|external_pull_request"), "pull_request"),
    (re.compile(r"['\"]schedule['\"]"), "schedule"),
    (re.compile(r"CI_COMMIT_TAG\b(?!\s*==\s*null)"), "tag"),
    (re.compile(r"['\"](?:web|api|trigger|pipeline)['\"]"), "workflow_dispatch"),
)


_OF_JOBS = frozenset(
    ("stage", "image", "rules", "only", "extends", "before_script", "tags", "needs")
)


def looks_like_gitlab(document: Node) -> bool:
    """Whether a mapping of an unknown YAML file holds a job: a script beside keys of GitLab's."""
    return any(
        child(item.node, "script") is not None and any(i.key in _OF_JOBS for i in item.node.items)
        for item in document.items
    )


def read_gitlab(path: str, data: bytes) -> Facts:
    """The scripts of the jobs that run, hidden ones only where they are extended."""
    return yaml_rows(path, data, gitlab_rows)


def gitlab_rows(path: str, document: Node) -> Iterator[Any]:
    """The rows of one document."""
    if document.kind != "mapping":
        return
    workflow = _events(get(document, "workflow"), ("push",))
    include = child(document, "include")
    for node in _listed(include):
        for kind in ("template", "local", "project", "remote", "component"):
            if name := text_under(node, kind):
                at = Place(path, node.line, node.col, node.end_line)
                yield Ci(at, "gitlab", "", "include", workflow, f"{kind}: {name}", "", ())
        if node.kind == "scalar" and node.raw:
            kind = "remote" if "://" in node.raw else "local"
            at = Place(path, node.line, node.col, node.end_line)
            yield Ci(at, "gitlab", "", "include", workflow, f"{kind}: {node.raw}", "", ())
    for item in document.items:
        if item.key in _NOT_JOBS or item.key.startswith(".") or item.node.kind != "mapping":
            continue
        yield from _job(path, document, item, workflow)


def _listed(node: Node | None) -> tuple[Node, ...]:
    if node is None:
        return ()
    return node.list if node.kind == "sequence" else (node,)


def _extended(document: Node, node: Node, depth: int = 0) -> Node:
    """The job with the entries of what it extends below its own."""
    entries: dict[str, Item] = {}
    for name in texts(child(node, "extends")):
        base = child(document, name)
        if base is not None and depth < MAX_DEPTH:
            for item in _extended(document, base, depth + 1).items:
                entries[item.key] = _joined(entries.get(item.key), item)
    for item in node.items:
        entries[item.key] = _joined(entries.get(item.key), item)
    return node._replace(items=tuple(entries.values()))


def _joined(base: Item | None, item: Item) -> Item:
    """An entry over one of the same key: mappings are joined, the rest is replaced."""
    if base is None or base.node.kind != "mapping" or item.node.kind != "mapping":
        return item
    items = {entry.key: entry for entry in (*base.node.items, *item.node.items)}
    return item._replace(node=item.node._replace(items=tuple(items.values())))


def _job(path: str, document: Node, item: Item, workflow: tuple[str, ...]) -> Iterator[Any]:
    job = _extended(document, item.node)
    default = child(document, "default")

    def inherited(key: str) -> Node | None:
        return child(job, key) or child(default, key) or child(document, key)

    settings = tuple(_settings(document, job))
    variables = {k.removeprefix("env."): v for k, v in settings if k.startswith("env.")}
    image = inherited("image")
    reference = text_under(image, "name") if image and image.kind == "mapping" else ""
    reference = substitute(reference or next(iter(texts(image)), ""), variables)
    if reference:
        settings = (("image", reference), *settings)
    settings = settings[:MAX_SETTINGS]
    on = _events(job, workflow)
    found = False
    for key in ("before_script", "script", "after_script"):
        nodes = list(_script(document, child(job, key) if key == "script" else inherited(key)))
        if nodes:
            found = found or key == "script"
            at, run = script_of(path, nodes)
            yield Ci(at, "gitlab", item.key, key, on, "", run, settings)
    trigger = child(job, "trigger")
    uses = [f"local: {name}" for name in texts(get(trigger, "include"))]
    uses += [f"project: {name}" for name in texts(child(trigger, "project") or trigger)]
    if not found and not uses:
        uses = [f"extends: {name}" for name in texts(child(job, "extends"))]
    for name in uses:
        at = Place(path, item.line, 1, item.node.end_line)
        yield Ci(at, "gitlab", item.key, "", on, name, "", settings)
    if found:
        yield from images(path, image, reference)


def _script(document: Node, node: Node | None, depth: int = 0) -> Iterator[Node]:
    """The lines of a script, nested lists flattened and references followed."""
    if node is None or depth > MAX_DEPTH:
        return
    if node.tag == "!reference":
        target: Node | None = document
        for key in texts(node):
            target = child(target, key)
        yield from _script(document, target, depth + 1)
    elif node.kind == "sequence":
        for below in node.list:
            yield from _script(document, below, depth + 1)
    else:
        yield from scalars(node)


def _settings(document: Node, job: Node) -> Iterator[tuple[str, str]]:
    yield from mapping("env", child(document, "variables"))
    yield from mapping("env", child(job, "variables"))
    allowed = child(job, "allow_failure")
    for text in texts(allowed):
        yield "allow-failure", text
    for key, name in (("timeout", "timeout"), ("stage", "stage"), ("when", "when")):
        if text := text_under(job, key):
            yield name, text
    environment = child(job, "environment")
    for text in texts(child(environment, "name") or environment):
        yield "environment", text
    matrix = get(job, "parallel.matrix")
    for one in matrix.list if matrix else ():
        for item in one.items:
            for text in texts(item.node):
                yield f"matrix.{item.key}", text
    for rule in _listed(child(job, "rules")):
        if text := text_under(rule, "if"):
            yield "condition", text


def _events(job: Node | None, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    """What starts a job by its `rules` or `only`; `otherwise` where it has none."""
    found: dict[str, None] = {}
    rules, only = child(job, "rules"), child(job, "only")
    for rule in rules.list if rules else ():
        when = text_under(rule, "when")
        if when == "never":
            continue
        text = text_under(rule, "if")
        events = [event for pattern, event in _CONDITIONS if pattern.search(text)]
        for event in ["workflow_dispatch"] if when == "manual" else events or ["push"]:
            found[event] = None
    refs = child(only, "refs") if only and only.kind == "mapping" else only
    for ref in texts(refs):
        found[_REFS.get(ref, "push")] = None
    if text_under(job, "when") == "manual":
        return ("workflow_dispatch",)
    return tuple(found) or otherwise
