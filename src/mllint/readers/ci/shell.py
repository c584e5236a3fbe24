"""Shell scripts, as targets whose name is their path.

Knows where a logical line ends; what the commands mean is found by `link`.
"""

from __future__ import annotations

import re

from mllint.facts import Facts, Place, Target
from mllint.readers.gather import binary, gather, text_of

_HEREDOC = re.compile(r"(?<!<)<<-?\s*(['\"]?)([A-Za-z_]\w*)\1")


def read_shell(path: str, data: bytes) -> Facts:
    """The one target that a shell script is; comment lines and blank lines are left out."""
    text = text_of(data)
    if text is None:
        return binary(path)
    at = Place(path, 1, 1, text.count("\n") + 1)
    return gather([Target(at, "shell", path, (), tuple(_lines(text)))])


def _lines(text: str) -> list[str]:
    """The lines with continuations joined; the lines of a here-document stay as they are."""
    found: list[str] = []
    ends: list[str] = []
    joined = ""
    for line in text.split("\n"):
        if ends:
            found.append(line)
            if line.strip() == ends[0]:
                ends.pop(0)
            continue
        stripped = line.strip()
        if not joined and (not stripped or stripped.startswith("#")):
            continue
        joined += stripped
        if stripped.endswith("\\") and not stripped.endswith("\\\\"):
            joined = joined[:-1]
            continue
        found.append(joined)
        ends = [document[2] for document in _HEREDOC.finditer(joined)]
        joined = ""
    return [*found, joined] if joined else found
