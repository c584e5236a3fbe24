"""What .gitignore and .gitattributes files say of a path, whether or not it exists.

Knows git's patterns and which folder each file speaks for; reads no file.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mllint.facts import Setting


class _Spoken:
    """The statements of the files of one name, by the folder that they stand in."""

    def __init__(self, rows: Sequence[Setting], name: str) -> None:
        self._rows = rows
        self._name = name

    @cached_property
    def by_folder(self) -> Mapping[str, Sequence[Setting]]:
        """The statements of each file, in their order."""
        found: dict[str, list[Setting]] = {}
        for row in self._rows:
            folder, _, base = row.at.path.rpartition("/")
            if base == self._name:
                found.setdefault(folder, []).append(row)
        return found


def _below(path: str, folder: str) -> str:
    """The path as seen from a folder; "" where it lies outside."""
    if not folder:
        return path
    return path[len(folder) + 1 :] if path.startswith(f"{folder}/") else ""


class Ignored(_Spoken):
    """Whether a .gitignore of the tree names a path, or a folder that it lies in."""

    @cached_property
    def _matchers(self) -> Mapping[str, Callable[[str], bool]]:
        from mllint.gitignore import matcher

        return {
            folder: matcher(str(row.value) for row in rows)
            for folder, rows in self.by_folder.items()
        }

    def __call__(self, path: str) -> bool:
        """Whether a path relative to the root is named."""
        return any(
            (inner := _below(path, folder)) and names(inner)
            for folder, names in self._matchers.items()
        )


class Routed(_Spoken):
    """The statement that routes a path through Git LFS; None where none does.

    Of those that speak of a filter the last wins, the innermost file first.
    """

    @cached_property
    def _matchers(self) -> Sequence[tuple[str, Setting, Callable[[str], bool]]]:
        from mllint.gitignore import matcher

        return [
            (folder, row, matcher([row.key]))
            for folder in sorted(self.by_folder, key=len, reverse=True)
            for row in reversed(self.by_folder[folder])
            if _filter(str(row.value)) is not None
        ]

    def __call__(self, path: str) -> Setting | None:
        """The statement about a path relative to the root."""
        for folder, row, names in self._matchers:
            if (inner := _below(path, folder)) and names(inner):
                return row if _filter(str(row.value)) == "lfs" else None
        return None


def _filter(attributes: str) -> str | None:
    """The filter that a line sets, "" where it takes it away; None where it says nothing of it."""
    for word in reversed(attributes.split()):
        if word.startswith("filter="):
            return word[7:]
        if word in {"-filter", "!filter"}:
            return ""
    return None
