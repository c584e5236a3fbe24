"""What a value of the graph is named by, and how names are followed to other files."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

Resolve: TypeAlias = Callable[[str, str], "tuple[str, str] | None"]
"""The path and qualified name of the definition that a call name in a file reaches."""

SHIFT = 32
"""Bits of an index in the graph that number the value in its file; the rest number the file."""


class Node(NamedTuple):
    """A value as it is seen through a chain of calls."""

    at: int
    """Index of the value in the graph."""
    calls: tuple[int, ...] = ()
    """Values of the calls that were entered, outermost first; empty at module level, and in a
    function whose caller is not known."""
