"""Dockerfiles and Containerfiles; compose files and dev containers are passed on.

Knows the syntax of instructions and of stages; nothing of what makes an image good.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from mllint.facts import Docker, Facts, Place, Python
from mllint.readers.compose import read_compose
from mllint.readers.devcontainer import read_devcontainer
from mllint.readers.gather import binary, gather, text_of
from mllint.readers.images import image_of, pythons, substitute
from mllint.readers.waivers import waived

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mllint.facts import Known

_WORDS = frozenset(
    (
        *("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK"),
        *("LABEL", "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME"),
        "WORKDIR",
    ),
)
_OTHER_SUFFIXES = frozenset(
    (".py", ".md", ".sh", ".yml", ".yaml", ".json", ".txt", ".rst", ".toml", ".ipynb", ".html"),
)
_DIRECTIVE = re.compile(r"#\s*(\w+)\s*=\s*(\S*)\s*$")
_FLAG = re.compile(r"--([\w-]+)(?:=(\"[^\"]*\"|'[^']*'|\S*))?(?:\s+|$)")
_HEREDOC = re.compile(r"<<(-?)(['\"]?)([A-Za-z_]\w*)\2")
_AS = re.compile(r"(.*?)(?:\s+as\s+(\S+))?\s*$", re.IGNORECASE | re.DOTALL)
_INSTALLED = re.compile(
    r"\b(?:install|add|create)\b[^;&|\n]{0,500}?\bpython(?:=|==)?(3\.\d{1,2})\b"
    r"|\buv python install (3\.\d{1,2})\b"
)
"""A Python that an image gets from its distribution, from Conda or from uv."""
_ASSIGNMENT = re.compile(r"(\w+)(?:=(\"[^\"]*\"|'[^']*'|\S*))?")


class _Instruction(NamedTuple):
    word: str
    value: str
    flags: tuple[tuple[str, str], ...]
    line: int
    end_line: int


def read(path: str, data: bytes, known: Known) -> Facts:
    """The rows that a Dockerfile, compose file or dev container states."""
    del known
    name = path.lower().rpartition("/")[2]
    if name.endswith(".json"):
        return read_devcontainer(path, data)
    if name.endswith((".yml", ".yaml")):
        return read_compose(path, data)
    if any(name.endswith(suffix) for suffix in _OTHER_SUFFIXES):
        return Facts()
    text = text_of(data)
    return binary(path) if text is None else waived(gather(_rows(path, text)), path, data)


def _rows(path: str, text: str) -> Iterator[Any]:
    instructions = list(_instructions(text))
    stages = _Stages(instructions)
    for index, one in enumerate(instructions):
        stage = stages.of(index)
        at = Place(path, one.line, 1, one.end_line)
        name = stages.names[stage] if stage >= 0 else ""
        final = stage in stages.final
        yield Docker(at, one.word, one.value, one.flags, name, final, index)
        if one.word == "RUN" and (installed := _INSTALLED.search(one.value)):
            yield Python(at, installed[1] or installed[2], "docker")
        reference = stages.reference(index)
        image = image_of(at, reference, "docker") if reference else None
        if image:
            yield image
            if one.word == "FROM":
                yield from pythons(image)


class _Stages:
    """Which instruction lies in which stage, and which stages make up the last one."""

    def __init__(self, instructions: list[_Instruction]) -> None:
        self._instructions = instructions
        self.starts = [i for i, one in enumerate(instructions) if one.word == "FROM"]
        self.names: list[str] = []
        self._bases: list[str] = []
        variables: dict[str, str] = {}
        for one in instructions:
            if one.word == "ARG" and not self._bases:
                variables.update(_defaults(one.value, variables))
            elif one.word == "FROM":
                found = _AS.match(one.value)
                base, alias = (found[1], found[2]) if found else (one.value, None)
                self._bases.append(substitute(base.strip(), variables))
                self.names.append(alias or str(len(self.names)))
        self.final = self._ancestors()

    def of(self, index: int) -> int:
        """The 0-based stage of an instruction; -1 before the first one."""
        return sum(start <= index for start in self.starts) - 1

    def _earlier(self, reference: str, stage: int) -> int:
        """The stage before `stage` that the reference names, or -1."""
        wanted = reference.lower()
        for number in reversed(range(stage)):
            if self.names[number].lower() == wanted:
                return number
        return int(wanted) if wanted.isdecimal() and int(wanted[:6]) < stage else -1

    def _ancestors(self) -> frozenset[int]:
        found = set()
        stage = len(self.starts) - 1
        while stage >= 0 and stage not in found:
            found.add(stage)
            stage = self._earlier(self._bases[stage], stage)
        return frozenset(found)

    def reference(self, index: int) -> str:
        """The outer image that a FROM or a `COPY --from` names; "" for a stage or none."""
        one, stage = self._instructions[index], self.of(index)
        if one.word == "FROM":
            reference = self._bases[stage]
        else:
            reference = dict(one.flags).get("from", "")
            if reference.isdecimal() or "$" in reference:
                return ""
        return "" if self._earlier(reference, stage) >= 0 else reference


def _defaults(text: str, variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for found in _ASSIGNMENT.finditer(text):
        if found[2] is not None:
            yield found[1], substitute(found[2].strip("\"'"), variables)


def _instructions(text: str) -> Iterator[_Instruction]:
    lines = text.split("\n")
    escape = _escape(lines)
    number = 0
    while number < len(lines):
        start = number
        parts: list[str] = []
        more = True
        while more and number < len(lines):
            line = lines[number]
            number += 1
            stripped = line.strip()
            if stripped.startswith("#") or (parts and not stripped):
                continue
            body = stripped.removesuffix(escape)
            more = body != stripped
            if not parts:
                start = number - 1
            parts.append(body.strip())
        word, _, rest = " ".join(part for part in parts if part).partition(" ")
        word = word.upper()
        if word not in _WORDS:
            continue
        flags, value = _flags(rest.strip())
        if word in {"RUN", "COPY", "ADD"}:
            number, documents = _heredocs(value, lines, number)
            value = "\n".join((value, *documents))
        yield _Instruction(word, value, flags, start + 1, number)


def _escape(lines: list[str]) -> str:
    for line in lines:
        found = _DIRECTIVE.match(line.strip())
        if not found:
            break
        if found[1].lower() == "escape" and found[2] in {"`", "\\"}:
            return found[2]
    return "\\"


def _flags(text: str) -> tuple[tuple[tuple[str, str], ...], str]:
    flags = []
    while found := _FLAG.match(text):
        flags.append((found[1], (found[2] or "").strip("\"'")))
        text = text[found.end() :]
    return tuple(flags), text


def _heredocs(value: str, lines: list[str], number: int) -> tuple[int, list[str]]:
    """The line after the here-documents that the value opens, and their lines with the last word.

    Where an end is missing the text is taken for something else, and nothing is skipped.
    """
    documents: list[str] = []
    for found in _HEREDOC.finditer(value):
        end = number
        while end < len(lines):
            line = lines[end].lstrip("\t") if found[1] else lines[end]
            if line.rstrip() == found[3]:
                break
            end += 1
        if end == len(lines):
            break
        documents.extend(lines[number : end + 1])
        number = end + 1
    return number, documents
