"""Travis CI: the phases of a build and of the jobs that differ from it.

Knows `.travis.yml`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mllint.facts import Ci, Facts, Place, Python
from mllint.readers.ci.scripts import Settings, scalars, script_of, text_under
from mllint.readers.yamldoc import Node, child, get, texts
from mllint.readers.yamlrows import yaml_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

_PHASES = (
    *("before_install", "install", "before_script", "script"),
    *("after_success", "after_failure", "after_script", "before_deploy"),
)
_HARMLESS = frozenset(("after_success", "after_failure", "after_script"))
"""Phases whose failure does not fail the build."""
_EVENTS = ("push", "pull_request")
_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)?(?:-dev)?")


def read_travis(path: str, data: bytes) -> Facts:
    """The scripts of a build, one step for each phase."""
    return yaml_rows(path, data, _rows)


def _rows(path: str, document: Node) -> Iterator[Any]:
    if document.kind != "mapping":
        return
    settings = tuple(_settings(document))
    yield from _job(path, document, "", settings)
    jobs = get(document, "jobs.include") or get(document, "matrix.include")
    for node in jobs.list if jobs else ():
        name = text_under(node, "name") or text_under(node, "stage")
        yield from _job(path, node, name, (*settings, *_settings(node)))
        yield from _pythons(path, child(node, "python"))
    yield from _pythons(path, child(document, "python"))


def _job(path: str, node: Node, name: str, settings: Settings) -> Iterator[Ci]:
    for phase in _PHASES:
        nodes = list(scalars(child(node, phase)))
        if nodes and nodes[0].raw not in {"skip", "true"}:
            at, run = script_of(path, nodes)
            allowed = (("allow-failure", "true"),) if phase in _HARMLESS else ()
            yield Ci(at, "travis", name, phase, _EVENTS, "", run, settings + allowed)
    deploy = child(node, "deploy")
    for one in (deploy.list or (deploy,)) if deploy else ():
        provider = text_under(one, "provider")
        if provider:
            on = ("tag",) if text_under(child(one, "on"), "tags") == "true" else ("push",)
            at = Place(path, one.line, one.col, one.end_line)
            script = child(one, "script")
            run = script.raw if script and script.kind == "scalar" else ""
            yield Ci(at, "travis", name, "deploy", on, f"deploy: {provider}", run, settings)


def _settings(node: Node) -> Iterator[tuple[str, str]]:
    for key in ("language", "os", "dist", "if"):
        if text := text_under(node, key):
            yield ("condition" if key == "if" else key), text
    for text in texts(child(node, "python")):
        yield "matrix.python", text
    env = child(node, "env")
    for one in (env, child(env, "global"), child(env, "jobs"), child(env, "matrix")):
        for text in texts(one):
            for name, value in re.findall(r"(\w+)=(\"[^\"]*\"|'[^']*'|\S*)", text):
                yield f"env.{name}", value.strip("\"'")


def _pythons(path: str, node: Node | None) -> Iterator[Python]:
    for one in scalars(node):
        if _VERSION.fullmatch(one.raw):
            yield Python(Place(path, one.line, one.col), one.raw, "ci")
