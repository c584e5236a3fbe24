"""What gitignore patterns mean: for excludes, and for listing a folder where git cannot.

Knows nothing of git's own folders or objects.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from pathspec import GitIgnoreSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pathspec.pattern import Pattern

    _Rules = Sequence[tuple[Pattern, bool]]


def matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Whether a path relative to the root is named by the patterns, the last match winning."""
    return GitIgnoreSpec(pattern for line in patterns for pattern in _parsed(line)).match_file


def walk(
    root: str, always: Sequence[str], read: Callable[[str], str]
) -> tuple[list[str], list[str]]:
    """The files below a folder that no .gitignore names, and the folders that cannot be opened.

    Paths are as the file system has them. Ignored folders are not entered, as git does it; neither
    are links, `.git` and what `always` names. `read` gives the text of a file, "" where there is
    none.
    """
    ignored = _rules(always)
    found: list[str] = []
    closed: list[str] = []
    stack: list[tuple[str, tuple[tuple[str, _Rules], ...]]] = [("", ())]
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
            specs = (*specs, (folder, _rules(lines)))
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


def _parsed(line: str) -> Sequence[Any]:
    """The pattern of a line; none where it is malformed, which git passes over too."""
    try:
        return tuple(GitIgnoreSpec.from_lines([line]).patterns)
    except (ValueError, re.error):
        return ()


def _rules(lines: Iterable[str]) -> _Rules:
    """Each line's pattern, the last first, and whether it names folders alone."""
    rules = [
        (pattern, line.rstrip().endswith("/"))
        for line in lines
        for pattern in _parsed(line)
        if pattern.include is not None
    ]
    return rules[::-1]


def _named(path: str, folder: bool, specs: tuple[tuple[str, _Rules], ...]) -> bool:
    """Whether the innermost .gitignore that speaks of the path ignores it."""
    for base, rules in reversed(specs):
        said = _last(rules, path[len(base) + 1 :] if base else path, folder)
        if said is not None:
            return said
    return False


def _last(rules: _Rules, path: str, folder: bool) -> bool | None:
    """What the last pattern that matches says.

    The library's own verdict weighs the folders above too, which here were seen on the way.
    """
    for pattern, folders_only in rules:
        name = f"{path}/" if folder and folders_only else path
        if pattern.match_file(name):
            return pattern.include
    return None
