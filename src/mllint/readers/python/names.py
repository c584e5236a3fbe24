"""Small questions about names and values that several parts of the walk ask."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from mllint.readers.python import constants
from mllint.readers.python.constants import UNKNOWN

if TYPE_CHECKING:
    from mllint.readers.python.graph import Node
    from mllint.readers.python.state import Walk


_TABLE = re.compile(r"(?:pandas|polars)\.\w+\(\)(?:\[\])*$")
"""A table that a function of these libraries made, or a part of it: arithmetic gives another."""


def attribute(w: Walk, base: Node, attr: str, line: int) -> Node:
    """The attribute of a value."""
    name = f"{origin(base)}.{attr}"
    if base.op == "name":
        return w.graph.add("name", name, (), "", line)
    return w.graph.add("attr", name, (base,), attr, line)


def dotted(node: ast.expr) -> str:
    """`a.b.c` for a chain of names, else ""."""
    parts = []
    at = node
    while type(at) is ast.Attribute:
        parts.append(at.attr)
        at = at.value
    if type(at) is not ast.Name:
        return ""
    parts.append(at.id)
    return ".".join(reversed(parts))


def combined(w: Walk, op: ast.operator, one: Node, other: Node, line: int) -> Node:
    """What an arithmetic operator makes of two values."""
    if one.known and other.known:
        folded = constants.binary(op, one.const, other.const)
        if folded is not UNKNOWN:
            made = w.graph.constant(folded, line)
            made.name = one.name
            return made
    name = one.name if type(op) is ast.Div and one.name.startswith("pathlib.") else "?"
    name = next((side.name for side in (one, other) if _TABLE.match(side.name)), name)
    return w.graph.add("binary", name, (one, other), type(op).__name__, line)


def origin(base: Node) -> str:
    """The origin path of a value; that of a constant is its type's."""
    if base.name:
        return base.name
    return f"{type(base.const).__name__}()" if base.known else "?"


def root_of(name: str) -> str:
    """The first part of an origin path: `torch`, "?model" of an unknown, "" of this file's own."""
    for i, char in enumerate(name):
        if char in ".([":
            return name[:i]
    return name
