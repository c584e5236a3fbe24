"""Kedro catalogues: the datasets of a project.

Knows `conf/*/catalog*.yml`; pipelines are Python, and parameters are configuration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.facts import Facts, Manifest, Place
from mllint.readers.ci.scripts import text_under
from mllint.readers.yamlrows import keys_of, yaml_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.readers.yamldoc import Node


def read_catalog(path: str, data: bytes) -> Facts:
    """The datasets of a catalogue; `api` is the type, `versioned=true` may be among the keys."""
    return yaml_rows(path, data, _rows)


def _rows(path: str, document: Node) -> Iterator[Manifest]:
    for item in document.items:
        kind = text_under(item.node, "type")
        if kind and not item.key.startswith("_"):
            at = Place(path, item.line, 1, item.node.end_line)
            yield Manifest(at, "kedro", "dataset", item.key, kind, keys_of(item.node), "")
