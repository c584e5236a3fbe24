"""Shell scripts, as targets whose name is their path.

Knows where a logical line ends; what the commands mean is found by `link`.
"""

from __future__ import annotations

import re

from mllint.facts import Facts, Place, Target
from mllint.readers.gather import binary, gather, text_of
from mllint.readers.secrets import in_command

_HEREDOC = re.compile(r"(?<!<)<<-?\s*(['\"]?)([A-Za-z_]\w*)\1")


def read_shell(path: str, data: bytes) -> Facts:
    """The one target that a shell script is; entry n of its commands stands on line n + 1."""
    text = text_of(data)
    if text is None:
        return binary(path)
    at = Place(path, 1, 1, text.count("\n") + 1)
    lines = _lines(text)
    secrets = [
        row
        for number, line in enumerate(lines, 1)
        for row in in_command(Place(path, number, 1, number), line)
    ]
    return gather([Target(at, "shell", path, (), tuple(lines)), *secrets])


def _lines(text: str) -> list[str]:
    """One entry for each line of the file, "" where a comment or the rest of a command stands.

    Continuations are joined; the lines of a here-document stay as they are.
    """
    found: list[str] = []
    ends: list[str] = []
    open_at = -1
    for line in text.split("\n"):
        if ends:
            found.append(line)
            if line.strip() == ends[0]:
                ends.pop(0)
            continue
        stripped = line.strip()
        found.append("")
        if open_at < 0 and stripped.startswith("#"):
            continue
        open_at = open_at if open_at >= 0 else len(found) - 1
        if stripped.endswith("\\") and not stripped.endswith("\\\\"):
            found[open_at] += stripped[:-1]
            continue
        found[open_at] += stripped
        ends = [document[2] for document in _HEREDOC.finditer(found[open_at])]
        open_at = -1
    while found and not found[-1]:
        found.pop()
    return found
