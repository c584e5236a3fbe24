"""Services of CI with lists of their own: Cirrus, Semaphore, AppVeyor, Tekton, Bamboo and others.

Knows where each of them keeps its commands. What takes its steps from elsewhere is said to do so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.facts import Ci, Facts, Place
from mllint.readers.ci.scripts import (
    ON_CHANGES,
    run_of,
    scalars,
    text_under,
    tolerated,
)
from mllint.readers.gather import binary, gather, text_of
from mllint.readers.yamldoc import Node, child
from mllint.readers.yamlrows import yaml_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mllint.readers.ci.scripts import Settings

_KOTLIN = re.compile(r'\bscriptContent\s*=\s*(?:(?P<long>""")|"(?P<short>(?:\\.|[^"\\\n])*)")')
_OTHER_STEPS = re.compile(
    r"\b(?:python|gradle|maven|ant|dotnet\w*|powerShell|exec|nodeJS|ssh\w+|dockerCommand|kotlinFile"
    r"|rake|step|dockerCompose|cargo|bazel|qodana|recipe|template[s]?)\s*[({]"
)
"""Steps of TeamCity that are no script."""
_PHASES = (
    "init", "install", "before_build", "build_script", "after_build", "before_test", "test_script",
    "after_test", "before_deploy", "deploy_script", "after_deploy", "on_success", "on_finish",
)  # fmt: skip


def read_cirrus(path: str, data: bytes) -> Facts:
    """The scripts of the tasks of Cirrus CI."""
    return yaml_rows(path, data, _cirrus)


def read_semaphore(path: str, data: bytes) -> Facts:
    """The commands of the jobs of Semaphore, and those that go before each of them."""
    return yaml_rows(path, data, _semaphore)


def read_appveyor(path: str, data: bytes) -> Facts:
    """The scripts of AppVeyor."""
    return yaml_rows(path, data, _appveyor)


def read_tekton(path: str, data: bytes) -> Facts:
    """The scripts of the steps of Tekton; a task that another file describes is named."""
    return yaml_rows(path, data, _tekton)


def read_teamcity(path: str, data: bytes) -> Facts:
    """The scripts of a project of TeamCity in Kotlin, where all of its steps are scripts."""
    text = text_of(data)
    if text is None:
        return binary(path)
    return Facts() if _OTHER_STEPS.search(text) else gather(_teamcity(path, text))


def read_bamboo(path: str, data: bytes) -> Facts:
    """The scripts of the jobs of Bamboo."""
    return yaml_rows(path, data, _bamboo)


def read_bitrise(path: str, data: bytes) -> Facts:
    """The scripts of the workflows of Bitrise."""
    return yaml_rows(path, data, _bitrise)


def _bamboo(path: str, document: Node) -> Iterator[Ci]:
    for job in document.items:
        for key in ("tasks", "final-tasks"):
            tasks = child(job.node, key)
            for task in tasks.list if tasks else ():
                script = child(task, "script")
                inner = child(script, "scripts") if script is not None else None
                yield from _script(path, "bamboo", job.key, [inner or script])


def _bitrise(path: str, document: Node) -> Iterator[Ci]:
    workflows = child(document, "workflows")
    for workflow in workflows.items if workflows else ():
        steps = child(workflow.node, "steps")
        for step in steps.list if steps else ():
            for item in step.items:
                inputs = child(item.node, "inputs") if item.key.startswith("script") else None
                found = [child(one, "content") for one in inputs.list] if inputs else []
                yield from _script(path, "bitrise", workflow.key, found)


def _cirrus(path: str, document: Node) -> Iterator[Ci]:
    for item in document.items:
        if not item.key.endswith(("task", "builder")):
            continue
        for task in (item.node, *item.node.list):
            allowed = tolerated(task, "allow_failures")
            name = text_under(task, "name") or item.key
            for below in task.items:
                if below.key.endswith("script"):
                    yield from _script(path, "cirrus", name, [below.node], allowed)


def _semaphore(path: str, document: Node) -> Iterator[Ci]:
    blocks = child(document, "blocks")
    tasks = (
        [(text_under(one, "name"), child(one, "task")) for one in blocks.list if blocks]
        if blocks
        else []
    )
    tasks.append(("", child(child(document, "after_pipeline"), "task")))
    tasks.append(("", child(document, "global_job_config")))
    for name, task in tasks:
        for key in ("prologue", "epilogue"):
            commands = child(child(task, key), "commands")
            yield from _script(path, "semaphore", name, [commands])
        jobs = child(task, "jobs")
        for job in jobs.list if jobs else ():
            own = f"{name} {text_under(job, 'name')}".strip()
            yield from _script(path, "semaphore", own, [child(job, "commands")])


def _appveyor(path: str, document: Node) -> Iterator[Ci]:
    for phase in _PHASES:
        node = child(document, phase)
        for one in (node, *(node.list if node else ())):
            if one is None or one.kind == "scalar":
                yield from _script(path, "appveyor", phase, [one])
            else:
                yield from _script(path, "appveyor", phase, [i.node for i in one.items])


def _tekton(path: str, document: Node) -> Iterator[Ci]:
    spec = child(document, "spec")
    whole = child(spec, "pipelineSpec") or spec
    named: list[tuple[str, Node | None]] = [("", spec)]
    for key in ("tasks", "finally"):
        tasks = child(whole, key)
        for task in tasks.list if tasks else ():
            name = text_under(task, "name")
            named.append((name, child(task, "taskSpec")))
            if (ref := child(task, "taskRef")) is not None:
                uses = f"component: {text_under(ref, 'name') or 'a task'}"
                yield Ci(Place(path, ref.line), "tekton", name, "", ON_CHANGES, uses, "", ())
    for name, holder in named:
        steps = child(holder, "steps")
        for step in steps.list if steps else ():
            job = name or text_under(step, "name")
            yield from _script(path, "tekton", job, [child(step, "script")])
            words = [*scalars(child(step, "command")), *scalars(child(step, "args"))]
            if words:
                yield from _started(path, job, words)


def _started(path: str, job: str, words: list[Node]) -> Iterator[Ci]:
    """What a container is started with: a text for a shell, or a program and its words."""
    if words[0].raw.rpartition("/")[2] in {"bash", "sh"} and words[-1].raw not in {"-c", "-ec"}:
        yield from _script(path, "tekton", job, [words[-1]])
    else:
        at = Place(path, words[0].line, 1, words[-1].line)
        yield Ci(at, "tekton", job, "", ON_CHANGES, "", " ".join(one.raw for one in words), ())


def _teamcity(path: str, text: str) -> Iterator[Ci]:
    last, line = 0, 1
    for found in _KOTLIN.finditer(text):
        if found["long"]:
            start, end = found.end(), text.find('"""', found.end())
            if end < 0:
                return
            run = text[start:end]
        else:
            start, run = found.start("short"), found["short"].replace('\\"', '"')
        line += text.count("\n", last, start)
        last = start
        at = Place(path, line, 1, line + run.count("\n"))
        yield Ci(at, "teamcity", "", "", ON_CHANGES, "", run, ())


def _script(
    path: str, system: str, name: str, found: Iterable[Node | None], settings: Settings = ()
) -> Iterator[Ci]:
    nodes = [one for node in found for one in scalars(node)]
    if nodes:
        at, run = run_of(path, nodes)
        yield Ci(at, system, name, "", ON_CHANGES, "", run, settings)
