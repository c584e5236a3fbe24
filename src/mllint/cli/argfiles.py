"""`@file` on the command line: the arguments that the file holds, one a line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


_MOST = 50_000_000
"""Bytes of such a file."""


def expanded(argv: Sequence[str]) -> list[str]:
    """The arguments with each `@file` replaced; a path that really begins with `@` stays."""
    found: list[str] = []
    for argument in argv:
        if argument.startswith("@") and len(argument) > 1 and not Path(argument).exists():
            found += _lines(Path(argument[1:]))
        else:
            found.append(argument)
    return found


def _lines(path: Path) -> list[str]:
    from mllint.named import content

    try:
        text = os.fsdecode(content(path, _MOST))
    except OSError as error:
        from mllint.review import UsageError

        raise UsageError(f"@{path}: cannot be read: {error.strerror}") from None
    return [line for line in text.splitlines() if line.strip()]
