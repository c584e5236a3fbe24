"""Services of CI that keep a plain list of steps: Buildkite, Cloud Build, CodeBuild, Drone.

Knows where each of them keeps its commands, and how it names its plugins; images of steps that run
commands are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.facts import Ci, Facts, Place
from mllint.readers.ci.scripts import (
    ON_CHANGES,
    mapping,
    scalars,
    script_of,
    text_under,
    tolerated,
)
from mllint.readers.yamldoc import Node, child
from mllint.readers.yamlrows import yaml_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.readers.ci.scripts import Settings

MAX_DEPTH = 4


def read_buildkite(path: str, data: bytes) -> Facts:
    """The commands of the steps of a pipeline, those in groups with them."""
    return yaml_rows(path, data, _buildkite)


def read_codebuild(path: str, data: bytes) -> Facts:
    """The commands of the phases of a build specification."""
    return yaml_rows(path, data, _codebuild)


def read_drone(path: str, data: bytes) -> Facts:
    """The commands of the steps of Drone and of Woodpecker."""
    return yaml_rows(path, data, _drone)


def read_cloudbuild(path: str, data: bytes) -> Facts:
    """The programs that the images of Google's Cloud Build are started with."""
    return yaml_rows(path, data, _cloudbuild)


def _buildkite(path: str, document: Node) -> Iterator[Ci]:
    for step in _nested(child(document, "steps") or document, 0):
        allowed = tolerated(step, "soft_fail")
        name = text_under(step, "label") or text_under(step, "key")
        for key in ("command", "commands"):
            yield from _script(path, "buildkite", name, child(step, key), allowed)
        plugins = child(step, "plugins")
        for one in plugins.list if plugins else ():
            for item in one.items:
                settings = tuple(mapping("with", item.node))
                yield _plugin(path, "buildkite", name, one, item.key, settings)
            if one.kind == "scalar":
                yield _plugin(path, "buildkite", name, one, one.raw, ())


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


def _cloudbuild(path: str, document: Node) -> Iterator[Ci]:
    steps = child(document, "steps")
    for step in steps.list if steps else ():
        name = text_under(step, "id")
        allowed = tolerated(step, "allowFailure")
        yield from _script(path, "cloudbuild", name, child(step, "script"), allowed)
        arguments = list(scalars(child(step, "args")))
        if not arguments:
            continue
        program = text_under(step, "entrypoint")
        program = program or text_under(step, "name").rpartition("/")[2].partition(":")[0]
        if program in {"bash", "sh"} and arguments[0].raw in {"-c", "-ec", "-exc"}:
            yield from _script(path, "cloudbuild", name, arguments[-1], allowed)
        else:
            words = " ".join(one.raw for one in arguments)
            at = Place(path, arguments[0].line, 1, arguments[-1].line)
            yield Ci(at, "cloudbuild", name, "", ON_CHANGES, "", f"{program} {words}", allowed)


def _drone(path: str, document: Node) -> Iterator[Ci]:
    steps = child(document, "steps") or child(document, "pipeline")
    if steps is None:
        return
    system = "woodpecker" if "woodpecker" in path else "drone"
    named = [(text_under(step, "name"), step) for step in steps.list]
    named += [(item.key, item.node) for item in steps.items]
    for name, step in named:
        allowed = tolerated(step, "failure", "ignore")
        yield from _script(path, system, name, child(step, "commands"), allowed)
        image, given = text_under(step, "image"), child(step, "settings")
        if image and given is not None and child(step, "commands") is None:
            yield _plugin(path, system, name, step, image, (*allowed, *mapping("with", given)))


def _plugin(path: str, system: str, name: str, at: Node, plugin: str, settings: Settings) -> Ci:
    """A step, or a part of one, that a plugin does without a command of the pipeline."""
    return Ci(Place(path, at.line), system, name, "", ON_CHANGES, f"plugin: {plugin}", "", settings)


def _script(
    path: str, system: str, name: str, node: Node | None, settings: Settings
) -> Iterator[Ci]:
    nodes = list(scalars(node))
    if nodes:
        at, run = script_of(path, nodes)
        yield Ci(at, system, name, "", ON_CHANGES, "", run, settings)
