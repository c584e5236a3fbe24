"""Settings that are known to match nothing: patterns without a file, ignores of what never runs.

What cannot be told is passed over: a pattern that begins with a wildcard may mean files to come.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from mllint.meta_rules import RULES
from mllint.selection import chosen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.catalogue import Catalogue
    from mllint.settings import Settings
    from mllint.tree import Tree

_WILD = re.compile(r"[*?\[\\!]")


def idle_settings(
    settings: Settings, catalogue: Catalogue, tree: Tree
) -> Iterator[tuple[str, str]]:
    """Source and text of each setting that matches nothing."""
    if Path(tree.root).is_dir():
        for pattern in settings.exclude:
            if _is_gone(tree.root, pattern):
                where = settings.source_of("exclude", pattern)
                yield where, f"Nothing is excluded by `{pattern}`: there is no such path"
        for pattern in settings.per_path:
            if _is_gone(tree.root, pattern):
                where = settings.source_below(f"per-path.{pattern}")
                yield where, f"The settings for `{pattern}` hold nowhere: there is no such path"
    rules = {**catalogue.rules, **RULES}
    wanted = set(RULES).union(
        *(chosen(s, rules) for s in (*settings.select, *settings.extend_select))
    )
    for selector in settings.ignore:
        if not chosen(selector, rules) & wanted:
            text = f"`{selector}` is ignored, but would not run anyway"
            yield settings.source(f"ignore.{selector}"), text
    for selector in settings.severity:
        if not chosen(selector, rules) & wanted:
            text = f"`{selector}` has a severity, but does not run"
            yield settings.source(f"severity.{selector}"), text


def _is_gone(root: str, pattern: str) -> bool:
    """Whether the part of a pattern before its first wildcard names no path."""
    if _WILD.match(pattern) or "/" not in pattern.rstrip("/"):
        return False
    parts = []
    for part in pattern.strip("/").split("/"):
        if _WILD.search(part):
            break
        parts.append(part)
    return bool(parts) and not os.path.lexists(Path(root, *parts))
