"""What gitignore patterns mean: for excludes, and for listing a folder where git cannot.

Knows nothing of git's own folders or objects.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pathspec import GitIgnoreSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


def matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Whether a path relative to the root is named by the patterns, the last match winning."""
    spec = GitIgnoreSpec.from_lines(patterns)
    return spec.match_file


def walk(
    root: str, always: Sequence[str], read: Callable[[str], str]
) -> tuple[list[str], list[str]]:
    """The files below a folder that no .gitignore names, and the folders that cannot be opened.

    Paths are as the file system has them. Ignored folders are not entered, as git does it; neither
    are links, `.git` and what `always` names. `read` gives the text of a file, "" where there is
    none.
    """
    ignored = GitIgnoreSpec.from_lines(always)
    found: list[str] = []
    closed: list[str] = []
    stack: list[tuple[str, tuple[tuple[str, GitIgnoreSpec], ...]]] = [("", ())]
    while stack:
        folder, specs = stack.pop()
        try:
            with os.scandir(os.path.join(root, folder)) as entries:
                children = list(entries)
        except OSError:
            closed.append(folder)
            continue
        if any(child.name == ".gitignore" for child in children):
            lines = read(os.path.join(root, folder, ".gitignore")).splitlines()
            specs = (*specs, (folder, GitIgnoreSpec.from_lines(lines)))
        for child in children:
            path = f"{folder}/{child.name}" if folder else child.name
            inner = child.is_dir(follow_symlinks=False)
            if child.name == ".git" or _named(path, inner, specs) or _last(ignored, path, inner):
                continue
            if inner:
                stack.append((path, specs))
            else:
                found.append(path)
    return found, closed


def _named(path: str, folder: bool, specs: tuple[tuple[str, GitIgnoreSpec], ...]) -> bool:
    """Whether the innermost .gitignore that speaks of the path ignores it."""
    for base, spec in reversed(specs):
        said = _last(spec, path[len(base) + 1 :] if base else path, folder)
        if said is not None:
            return said
    return False


def _last(spec: GitIgnoreSpec, path: str, folder: bool) -> bool | None:
    return spec.check_file(f"{path}/" if folder else path).include
