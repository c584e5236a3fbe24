"""Earthfiles: targets with what they run and which others they are built from.

Knows instructions and references to targets of the same file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.facts import Facts, Place, Target
from mllint.readers.gather import binary, gather, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_TARGET = re.compile(r"([a-zA-Z][\w.-]*):\s*(?:#.*)?\Z")
_RUN = re.compile(r"RUN\s+(?:--\S+\s+)*(.+)", re.DOTALL)
_JSON = re.compile(r"\[(.*)\]\Z", re.DOTALL)
_NEED = re.compile(r"(?<![\w/.:])\+([a-zA-Z][\w.-]*)")
_REFERS = frozenset(("BUILD", "FROM", "COPY", "DO", "WITH"))


def read_earthfile(path: str, data: bytes) -> Facts:
    """The targets of an Earthfile."""
    text = text_of(data)
    return binary(path) if text is None else gather(_targets(path, text))


def _targets(path: str, text: str) -> Iterator[Target]:
    at, name = Place(path), ""
    body: list[str] = []
    for number, line in enumerate([*text.split("\n"), "end:"], 1):
        found = _TARGET.match(line)
        if found is None:
            body.append(line)
            continue
        if name:
            yield _target(at, name, body)
        at, name, body = Place(path, number), found[1], []


def _target(at: Place, name: str, body: list[str]) -> Target:
    needs: dict[str, None] = {}
    commands: list[str] = []
    for line in _joined(body):
        word = line.partition(" ")[0]
        if word in _REFERS:
            needs.update(dict.fromkeys(_NEED.findall(line)))
        elif run := _RUN.match(line):
            listed = _JSON.match(run[1])
            commands.append(" ".join(re.findall(r'"([^"]*)"', listed[1])) if listed else run[1])
    return Target(at, "earthly", name, tuple(needs), tuple(commands))


def _joined(body: list[str]) -> Iterator[str]:
    """The instructions, each as one line."""
    held: list[str] = []
    for line in body:
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        held.append(bare.removesuffix("\\").rstrip())
        if not bare.endswith("\\"):
            yield " ".join(held)
            held = []
