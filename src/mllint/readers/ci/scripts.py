"""What the readers of CI definitions share: scripts with their lines, settings, images.

Knows the convention that line n of a step's `run` stands n lines below the first line of `at`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.facts import Place, Python
from mllint.readers.images import image_of, pythons
from mllint.readers.yamldoc import Node, child, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mllint.facts import Image

Settings = tuple[tuple[str, str], ...]

_VERSION = re.compile(r"(?:[<>=~!^]+\s*)?\d+(?:\.\d+)*(?:-dev|t)?(?:\s*,?\s*[<>=~!]+[\d.]+)*")

MAX_SETTINGS = 300
"""Pairs that are kept for a step."""
ON_CHANGES = ("push", "pull_request")
"""When services run whose files do not say it."""


def first_line(node: Node) -> int:
    """The line on which the text of a scalar begins."""
    return node.line + (1 if node.style in {"|", ">"} else 0)


def place_of(path: str, node: Node) -> Place:
    """Where the text of a scalar stands."""
    line = first_line(node)
    end = node.end_line
    if node.style == "|":
        end = line + node.raw.rstrip("\n").count("\n")
    return Place(path, line, node.col, max(line, end))


def script_of(path: str, nodes: Iterable[Node]) -> tuple[Place, str]:
    """One script of several scalars, blank lines between them as in the file where that is so."""
    lines: list[str] = []
    start = 0
    for node in nodes:
        line = first_line(node)
        start = start or line
        gap = line - start - len(lines)
        lines.extend([""] * max(gap, 0))
        lines.extend(node.raw.rstrip("\n").split("\n"))
    return Place(path, start, 1, start + max(len(lines) - 1, 0)), "\n".join(lines)


def run_of(path: str, nodes: Sequence[Node]) -> tuple[Place, str]:
    """As `script_of`; a scalar that is alone stays as it is written, at its own place."""
    if len(nodes) == 1:
        return place_of(path, nodes[0]), nodes[0].raw
    return script_of(path, nodes)


def tolerated(node: Node | None, key: str, value: str = "true") -> Settings:
    """The setting of a step that may fail, where it says so under that key."""
    return (("allow-failure", "true"),) if text_under(node, key) == value else ()


def scalars(node: Node | None) -> Iterator[Node]:
    """The scalars of a scalar or of lists in lists, null apart."""
    if node is None:
        return
    if node.kind == "scalar" and node.value is not None:
        yield node
    for below in node.list:
        yield from scalars(below)


def text_under(node: Node | None, key: str) -> str:
    """The scalar under a key, as written, or ""."""
    found = child(node, key)
    return next(iter(texts(found)), "") if found and found.kind == "scalar" else ""


def mapping(prefix: str, node: Node | None) -> Iterator[tuple[str, str]]:
    """The scalars of a mapping as settings."""
    for item in node.items if node else ():
        if item.node.kind == "scalar":
            yield f"{prefix}.{item.key}", item.node.raw


def images(path: str, node: Node | None, reference: str) -> Iterator[Image | Python]:
    """The image that a node names, and the Python version that the image states."""
    at = Place(path, node.line, node.col) if node else Place(path)
    image = image_of(at, reference, "ci") if reference else None
    if image:
        yield image
        yield from pythons(image)


def python_of(path: str, node: Node, spec: str) -> Iterator[Python]:
    """The Python version that a setup step asks for; a bare `3` or `3.x` says nothing."""
    plain = re.sub(r"(?:\.[x*])+$", "", spec.strip())
    if _VERSION.fullmatch(plain) and plain != "3":
        yield Python(Place(path, node.line, node.col), plain, "ci")
