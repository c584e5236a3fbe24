"""Kubernetes objects and the containers in them; Argo workflows are objects of their own system.

Knows where pods and containers stand; nothing of what makes them good.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from mllint.facts import Facts, Manifest, Place
from mllint.readers.ci.scripts import text_under
from mllint.readers.gather import gather
from mllint.readers.images import image_of
from mllint.readers.yamldoc import Node, YamlProblem, child, load_even_templated
from mllint.readers.yamlrows import keys_of

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 30
MAX_CONTAINERS = 300
"""Containers that are kept of one object."""

_API = re.compile(r"v\d\w*|[\w.-]+/v\d\w*")
_WORKFLOWS = frozenset(("Workflow", "WorkflowTemplate", "CronWorkflow", "ClusterWorkflowTemplate"))
_LISTS = ("containers", "initContainers", "ephemeralContainers")


def read_kubernetes(path: str, data: bytes) -> Facts:
    """The objects of a YAML file all of whose rows have `apiVersion` and `kind`; else nothing.

    Whether other YAML can be read is the affair of the reader of configuration.
    """
    if b"apiVersion" not in data or b"kind" not in data:
        return Facts()
    try:
        documents = load_even_templated(data)
    except YamlProblem:
        return Facts()
    return gather(row for document in documents for row in objects(path, document, "kubernetes"))


def objects(path: str, document: Node, system: str) -> Iterator[Any]:
    """The rows of one object, or of each object of a `List`."""
    api, kind = text_under(document, "apiVersion"), text_under(document, "kind")
    if not _API.fullmatch(api) or not kind[:1].isupper():
        return
    items = child(document, "items")
    if kind == "List" and items is not None:
        for node in items.list:
            yield from objects(path, node, system)
        return
    if api.startswith("argoproj.io/") and kind in _WORKFLOWS:
        system = "argo"
    name = text_under(child(document, "metadata"), "name")
    name = name or text_under(child(document, "metadata"), "generateName")
    keys = (*keys_of(document), *_roles(document))
    yield Manifest(_at(path, document), system, kind, name, api, keys, "")
    source = "helm" if system == "helm" else "kubernetes"
    for pod, node in islice(_containers(document, 0), MAX_CONTAINERS):
        yield from _container(path, pod, node, (system, api, source))


def _roles(document: Node) -> Iterator[str]:
    """What a role or a binding says of everybody and everything."""
    rules = child(document, "rules")
    for rule in rules.list if rules is not None else ():
        given = (child(rule, name) for name in ("verbs", "resources"))
        if all(one is not None and any(n.value == "*" for n in one.list) for one in given):
            yield "rules[]=*"
    role = text_under(child(document, "roleRef"), "name")
    if role == "cluster-admin":
        yield "roleRef.name=cluster-admin"
    subjects = child(document, "subjects")
    for subject in subjects.list if subjects is not None else ():
        if text_under(subject, "name") in {"system:unauthenticated", "system:anonymous"}:
            yield "subjects[].name=system:unauthenticated"


def _at(path: str, node: Node) -> Place:
    return Place(path, node.line, node.col, node.end_line)


def _containers(node: Node, depth: int) -> Iterator[tuple[Node, Node]]:
    """Each container with the pod specification that holds it."""
    if depth > MAX_DEPTH:
        return
    for item in node.items:
        if item.key in _LISTS:
            for one in item.node.list:
                if one.kind == "mapping":
                    yield node, one
        elif item.key == "container" and child(item.node, "image") is not None:
            yield node, item.node
        else:
            yield from _containers(item.node, depth + 1)
    for below in node.list:
        yield from _containers(below, depth + 1)


def _container(path: str, pod: Node, node: Node, about: tuple[str, str, str]) -> Iterator[Any]:
    system, api, source = about
    shared = [item for item in pod.items if item.key not in {*_LISTS, "container"}]
    keys = (*keys_of(node), *(f"pod.{key}" for key in keys_of(pod._replace(items=tuple(shared)))))
    reference = text_under(node, "image")
    name = text_under(node, "name") or text_under(pod, "name")
    yield Manifest(_at(path, node), system, "container", name, api, keys, reference)
    value = child(node, "image")
    if value is not None and reference:
        image = image_of(Place(path, value.line, value.col), reference, source)
        if image:
            yield image
