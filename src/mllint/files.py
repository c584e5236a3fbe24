"""The rows that come from the listing of a tree: `file` and `git`. Reads only what LFS wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint import kinds
from mllint.facts import File, Place
from mllint.readers.git import POINTER_SIZES, pointed_size, routes_through_lfs
from mllint.tree import Unreadable

if TYPE_CHECKING:
    from mllint.facts import Git
    from mllint.tree import Entry, Tree

_BULKY = frozenset({"data", "model", "image", "media", "archive", "binary", "other"})
"""Kinds of file that git may store as a Git LFS pointer."""


def may_point(path: str, entry: Entry) -> bool:
    """Whether a file has the size and the name of a Git LFS pointer."""
    small = entry.kind == "file" and entry.size in POINTER_SIZES
    return small and entry.lfs is None and kinds.kind(path, entry.size) in _BULKY


def pointer(tree: Tree, path: str) -> int | None:
    """Bytes of the object that a file of the tree points to; None if it is no pointer."""
    try:
        return pointed_size(tree.read(path))
    except Unreadable:
        return None


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


def stored_pointers(tree: Tree) -> dict[str, int]:
    """What `pointer` says of what git stores, for files whose content here is another or none."""
    bulky = [
        path
        for path, entry in tree.entries.items()
        if entry.tracked and (entry.size >= POINTER_SIZES.stop or entry.kind == "absent")
        if kinds.kind(path, entry.size) in _BULKY
    ]
    sizes = {path: pointed_size(data) for path, data in tree.stored(bulky).items()}
    return {path: size for path, size in sizes.items() if size is not None}


def file_row(path: str, entry: Entry, pointed: int | None) -> File:
    """The row of one file; `pointed` is the size of what it points to as a Git LFS pointer."""
    size = entry.size if pointed is None else pointed
    kind = kinds.kind(path, size)
    ext = kinds.extension(path)
    lfs = _stored_away(entry, pointed)
    return File(Place(path), size, kind, entry.tracked, lfs, ext, entry.kind == "link")


def outline(entry: Entry, pointed: int | None) -> tuple[object, ...]:
    """All that the row of a file says beside its path and how many bytes it has."""
    size = entry.size if pointed is None else pointed
    lfs = _stored_away(entry, pointed)
    return size > 0, size >= kinds.TEXT_DATA, entry.tracked, lfs, entry.kind == "link"


def _stored_away(entry: Entry, pointed: int | None) -> bool | None:
    """Whether the content is a Git LFS pointer; None where that could not be read."""
    if entry.lfs is None and (pointed is not None or entry.kind == "file"):
        return pointed is not None
    return entry.lfs


def git_row(tree: Tree, *, lfs: bool) -> list[Git]:
    """The row of the repository; none where there is no git."""
    return [tree.git._replace(lfs=lfs)] if tree.git else []
