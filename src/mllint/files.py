"""The rows that come from the listing of a tree: `file` and `git`. Reads only what LFS wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint import kinds
from mllint.facts import File, Place
from mllint.readers.git import POINTER_SIZES, pointed_size, routes_through_lfs
from mllint.tree import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mllint.facts import Git
    from mllint.tree import Entry, Tree

_BULKY = frozenset({"data", "model", "image", "media", "archive", "binary", "other"})
"""Kinds of file that git may store as a Git LFS pointer."""


def may_point(path: str, entry: Entry) -> bool:
    """Whether a file has the size and the name of a Git LFS pointer."""
    small = entry.kind == "file" and entry.size in POINTER_SIZES
    return small and entry.lfs is None and kinds.kind(path, entry.size) in _BULKY


def pointer(tree: Tree, path: str) -> int:
    """Bytes of the object that a file of the tree points to; -1 if it is no pointer."""
    try:
        size = pointed_size(tree.read(path))
    except Unreadable:
        return -1
    return -1 if size is None else size


def uses_lfs(tree: Tree) -> bool:
    """Whether a .gitattributes of the tree routes any file through Git LFS."""
    for path in tree.entries:
        if path.endswith(".gitattributes"):
            try:
                if routes_through_lfs(tree.read(path)):
                    return True
            except Unreadable:
                continue
    return False


def stored_as_pointers(tree: Tree) -> frozenset[str]:
    """Files whose content is here while git stores a pointer, in a tree that uses Git LFS."""
    bulky = [
        path
        for path, entry in tree.entries.items()
        if entry.tracked and entry.size >= POINTER_SIZES.stop
        if kinds.kind(path, entry.size) in _BULKY
    ]
    found = tree.stored(bulky)
    return frozenset(path for path, data in found.items() if pointed_size(data) is not None)


def file_row(path: str, entry: Entry, pointed: int, *, as_pointer: bool) -> File:
    """The row of one file; `pointed` is what `pointer` said of it."""
    size = pointed if pointed >= 0 else entry.size
    lfs: bool | None = as_pointer or pointed >= 0
    if entry.lfs is not None:
        lfs = entry.lfs
    elif entry.kind != "file" and not as_pointer:
        lfs = None
    return File(
        Place(path),
        size,
        kinds.kind(path, size),
        entry.tracked,
        lfs,
        kinds.extension(path),
        entry.kind == "link",
    )


def file_rows(tree: Tree, pointers: Mapping[str, int], smudged: Iterable[str]) -> list[File]:
    """The rows of all files, in the tree's order."""
    as_pointers = frozenset(smudged)
    return [
        file_row(path, entry, pointers.get(path, -1), as_pointer=path in as_pointers)
        for path, entry in tree.entries.items()
    ]


def git_row(tree: Tree, *, lfs: bool) -> list[Git]:
    """The row of the repository; none where there is no git."""
    return [tree.git._replace(lfs=lfs)] if tree.git else []
