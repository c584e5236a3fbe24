"""Regular expressions that are compiled when they are first used.

Checks know some four hundred, of which a run uses a fifth; to compile them all takes longer than to
read a small project.
"""

from __future__ import annotations

import re
from typing import Any, cast


class _Late:
    """Stands for a compiled pattern until something is asked of it."""

    def __init__(self, text: str, flags: int) -> None:
        self._made = (text, flags)

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(*self._made), name)
        setattr(self, name, found)  # the next time nobody asks here
        return found


def regex(text: str, flags: int = 0) -> re.Pattern[str]:
    """As `re.compile`; a mistake in the text shows when it is first used."""
    return cast("re.Pattern[str]", _Late(text, flags))
