"""What git's own files say: Git LFS pointers and the patterns of .gitattributes."""

from __future__ import annotations

import re

_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:[a-z0-9.-]+ [^\n]*\n)*?size (\d{1,18})\n?"
)
POINTER_SIZES = range(100, 1024)
"""Bytes that a Git LFS pointer can have."""


def pointed_size(data: bytes) -> int | None:
    """Bytes of the object that a Git LFS pointer stands for; None for any other content."""
    found = _POINTER.match(data)
    return int(found[1]) if found else None


def routes_through_lfs(attributes: bytes) -> bool:
    """Whether any line of a .gitattributes gives its files the `lfs` filter."""
    lines = (line.split() for line in attributes.splitlines() if not line.startswith(b"#"))
    return any(b"filter=lfs" in words[1:] for words in lines)
