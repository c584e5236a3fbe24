"""A reader that is many: which one of a family gets a file, by its path. Knows names only."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING

from mllint.facts import Facts
from mllint.readers.waivers import waived

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def read_by(package: str, readers: Sequence[tuple[str, str, str]], path: str, data: bytes) -> Facts:
    """What the first reader says whose pattern a path is of: pattern, module and function each."""
    for pattern, module, name in readers:
        if re.fullmatch(pattern, path, re.IGNORECASE):
            reader: Callable[[str, bytes], Facts]
            reader = getattr(import_module(f"{package}.{module}"), name)
            return waived(reader(path, data), path, data)
    return Facts()
