"""What a script states of itself in a comment at its head (PEP 723): packages and a Python.

Knows the block's syntax; the settings that it gives are of the format "script".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.facts import Place, Setting
from mllint.readers import tomldoc

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK = re.compile(r"^# /// script[ \t]*\r?\n((?:#(?: .*)?\r?\n)*?)# ///[ \t]*\r?$", re.MULTILINE)


def stated(path: str, text: str) -> Iterator[Setting]:
    """The settings of a script's own block; none where there is none that can be read."""
    found = _BLOCK.search(text) if "# /// script" in text else None
    if found is None:
        return
    try:
        data = tomldoc.load("\n".join(line[2:] for line in found[1].splitlines())).data
    except tomldoc.TomlProblem:
        return
    at = Place(path, text.count("\n", 0, found.start()) + 1)
    python, listed = data.get("requires-python"), data.get("dependencies")
    if isinstance(python, str):
        yield Setting(at, "script.requires-python", python, "script")
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, str):
            yield Setting(at, "script.dependencies[]", item, "script")
