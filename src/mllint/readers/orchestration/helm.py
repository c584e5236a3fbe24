"""Helm charts: the chart, its values and the objects of its templates.

Knows the layout of a chart; Go templates are put out of the way, so that what they would write is
unknown.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from mllint.facts import Facts, Manifest, Place
from mllint.readers.ci.scripts import text_under
from mllint.readers.gather import gather
from mllint.readers.images import image_of
from mllint.readers.orchestration.kubernetes import objects, read_kubernetes
from mllint.readers.yamldoc import Node, YamlProblem, load, load_even_templated, walk
from mllint.readers.yamlrows import keys_of

if TYPE_CHECKING:
    from collections.abc import Iterator


def read_chart(path: str, data: bytes) -> Facts:
    """The chart that Chart.yaml describes."""
    return gather(row for node in _documents(data) for row in _chart(path, node))


def read_values(path: str, data: bytes) -> Facts:
    """The values of a chart, and the images that they name by repository and tag."""
    return gather(row for node in _documents(data) for row in _values(path, node))


def read_template(path: str, data: bytes) -> Facts:
    """The objects of a template, as far as it is YAML without its Go actions."""
    if b"{{" not in data:
        return read_kubernetes(path, data)
    try:
        documents = load(data, templated=True)
    except YamlProblem:
        return Facts()
    return gather(row for node in documents for row in objects(path, node, "helm"))


def _documents(data: bytes) -> list[Node]:
    try:
        return load_even_templated(data)
    except YamlProblem:
        return []


def _at(path: str, node: Node) -> Place:
    return Place(path, node.line, node.col, node.end_line)


def _chart(path: str, node: Node) -> Iterator[Manifest]:
    name, api = text_under(node, "name"), text_under(node, "apiVersion")
    if name and api in {"v1", "v2"}:
        yield Manifest(_at(path, node), "helm", "Chart", name, api, keys_of(node), "")


def _values(path: str, node: Node) -> Iterator[Any]:
    found = [image for key, _, below in walk(node) if key for image in _image(path, below)]
    folder = posixpath.dirname(path)
    if found or "chart" in folder.lower() or "helm" in folder.lower():
        name = posixpath.basename(folder)
        yield Manifest(_at(path, node), "helm", "values", name, "", keys_of(node), "")
        yield from found


def _image(path: str, node: Node) -> Iterator[Any]:
    repository = text_under(node, "repository")
    tag, digest = text_under(node, "tag"), text_under(node, "digest")
    if not repository or "://" in repository or not any(i.key == "tag" for i in node.items):
        return
    registry = text_under(node, "registry")
    reference = f"{registry}/{repository}" if registry else repository
    reference += f":{tag}" if tag else ""
    reference += f"@{digest}" if digest else ""
    image = image_of(_at(path, node), reference, "helm")
    if image:
        yield image
