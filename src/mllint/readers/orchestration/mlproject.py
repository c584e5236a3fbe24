"""MLflow projects: entry points and the environment they run in.

Knows the file `MLproject`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mllint.facts import Facts, Manifest, Place, Target
from mllint.readers.ci.scripts import text_under
from mllint.readers.images import image_of
from mllint.readers.yamldoc import Node, child
from mllint.readers.yamlrows import keys_of, yaml_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENVIRONMENTS = ("conda_env", "python_env", "docker_env")


def read_mlproject(path: str, data: bytes) -> Facts:
    """The entry points, each a target too, and the environment."""
    return yaml_rows(path, data, _rows)


def _rows(path: str, document: Node) -> Iterator[Any]:
    for item in document.items:
        at = Place(path, item.line, 1, item.node.end_line)
        if item.key in _ENVIRONMENTS:
            reference = text_under(item.node, "image")
            keys = keys_of(item.node)
            yield Manifest(at, "mlproject", "environment", item.key, "", keys, reference)
            image = image_of(at, reference, "docker") if reference else None
            if image:
                yield image
    points = child(document, "entry_points")
    for item in points.items if points else ():
        at = Place(path, item.line, 1, item.node.end_line)
        keys = keys_of(item.node)
        yield Manifest(at, "mlproject", "entry-point", item.key, "", keys, "")
        if command := text_under(item.node, "command"):
            yield Target(at, "mlproject", item.key, (), (command,))
