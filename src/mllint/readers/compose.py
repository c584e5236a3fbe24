"""Docker compose files: services as manifests, with their images.

Knows the layout of a compose file; nothing of what makes a service good.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mllint.facts import Facts, Manifest, Place
from mllint.readers.images import image_of, substitute
from mllint.readers.yamldoc import child, texts
from mllint.readers.yamlrows import keys_of, yaml_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.readers.yamldoc import Item, Node

_NAME = re.compile(r"(?:[\w.-]*-)?(?:docker-?)?compose(?:[._-][\w.-]*)?\.ya?ml\Z", re.IGNORECASE)


def read_compose(path: str, data: bytes) -> Facts:
    """The rows of a compose file; nothing for YAML that is no such file."""
    if not _NAME.fullmatch(path.rpartition("/")[2]):
        return Facts()
    return yaml_rows(path, data, _rows)


def _rows(path: str, document: Node) -> Iterator[Any]:
    services = child(document, "services")
    if services is None and _is_version_one(document):
        services = document
    for item in services.items if services else ():
        if item.node.kind == "mapping":
            yield from _service(path, item)
    for kind in ("volumes", "networks", "secrets", "configs", "models"):
        group = child(document, kind)
        for item in group.items if group else ():
            at = Place(path, item.line, 1, item.node.end_line)
            keys = keys_of(item.node)
            yield Manifest(at, "compose", kind.removesuffix("s"), item.key, "", keys, "")


def _is_version_one(document: Node) -> bool:
    """Whether every entry looks like a service, as in files from before `services:`."""
    return bool(document.items) and all(
        child(item.node, "image") or child(item.node, "build") for item in document.items
    )


def _service(path: str, item: Item) -> Iterator[Any]:
    reference = next(iter(texts(child(item.node, "image"))), "")
    at = Place(path, item.line, 1, item.node.end_line)
    yield Manifest(at, "compose", "service", item.key, "", keys_of(item.node), reference)
    node = child(item.node, "image")
    if node is None or child(item.node, "build") is not None:
        # With `build`, `image` is the name that the result is given.
        return
    image = image_of(
        Place(path, node.line, node.col, node.end_line),
        substitute(reference, {}),
        "compose",
    )
    if image:
        yield image
