"""Hosted services of CI that keep a plain list of steps: Buildkite, CodeBuild, Drone, Woodpecker.

Knows where each of them keeps its commands; plugins and images of steps are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.facts import Ci, Facts
from mllint.readers.ci.scripts import scalars, script_of, text_under
from mllint.readers.yamldoc import Node, child
from mllint.readers.yamlrows import yaml_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.readers.ci.scripts import Settings

MAX_DEPTH = 4

_ON = ("push", "pull_request")


def read_buildkite(path: str, data: bytes) -> Facts:
    """The commands of the steps of a pipeline, those in groups with them."""
    return yaml_rows(path, data, _buildkite)


def read_codebuild(path: str, data: bytes) -> Facts:
    """The commands of the phases of a build specification."""
    return yaml_rows(path, data, _codebuild)


def read_drone(path: str, data: bytes) -> Facts:
    """The commands of the steps of Drone and of Woodpecker."""
    return yaml_rows(path, data, _drone)


def _buildkite(path: str, document: Node) -> Iterator[Ci]:
    for step in _nested(child(document, "steps") or document, 0):
        allowed: Settings = ()
        if text_under(step, "soft_fail") == "true":
            allowed = (("allow-failure", "true"),)
        name = text_under(step, "label") or text_under(step, "key")
        for key in ("command", "commands"):
            yield from _script(path, "buildkite", name, child(step, key), allowed)


def _nested(steps: Node, depth: int) -> Iterator[Node]:
    for step in steps.list if depth < MAX_DEPTH else ():
        yield step
        below = child(step, "steps")
        if below is not None:
            yield from _nested(below, depth + 1)


def _codebuild(path: str, document: Node) -> Iterator[Ci]:
    phases = child(document, "phases")
    for phase in phases.items if phases else ():
        allowed: Settings = ()
        if text_under(phase.node, "on-failure").upper() == "CONTINUE":
            allowed = (("allow-failure", "true"),)
        yield from _script(path, "codebuild", phase.key, child(phase.node, "commands"), allowed)


def _drone(path: str, document: Node) -> Iterator[Ci]:
    steps = child(document, "steps") or child(document, "pipeline")
    if steps is None:
        return
    system = "woodpecker" if "woodpecker" in path else "drone"
    named = [(text_under(step, "name"), step) for step in steps.list]
    named += [(item.key, item.node) for item in steps.items]
    for name, step in named:
        allowed: Settings = ()
        if text_under(step, "failure") == "ignore":
            allowed = (("allow-failure", "true"),)
        yield from _script(path, system, name, child(step, "commands"), allowed)


def _script(
    path: str, system: str, name: str, node: Node | None, settings: Settings
) -> Iterator[Ci]:
    nodes = list(scalars(node))
    if nodes:
        at, run = script_of(path, nodes)
        yield Ci(at, system, name, "", _ON, "", run, settings)
