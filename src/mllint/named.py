"""Files that the user names: read whole, yet never without end."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MOST = 200_000_000
"""Bytes of a report."""


def content(path: Path, most: int = MOST) -> bytes:
    """The bytes of a file, a pipe or a device; OSError where there are more than that."""
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"is larger than {most:,} bytes")
    return data
