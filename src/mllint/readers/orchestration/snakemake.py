"""Snakefiles: rules with their inputs, outputs and commands.

Knows the sections of a rule; the Python around them is passed over.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mllint.facts import Facts, Manifest, Place, Stage
from mllint.readers.gather import binary, gather, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_RULE = re.compile(r"(?:rule|checkpoint)\s+(\w+)?\s*:")
_SECTION = re.compile(r"\s+(\w+)\s*:(.*)")
_STRING = re.compile(
    r"(?:\b[rRfFbB]{1,2})?(?:\"\"\"(.*?)\"\"\"|'''(.*?)'''|\"((?:\\.|[^\"\\\n])*)\"|'((?:\\.|[^'\\\n])*)')",
    re.DOTALL,
)


def read_snakefile(path: str, data: bytes) -> Facts:
    """The rules, each a manifest and a stage."""
    text = text_of(data)
    return binary(path) if text is None else gather(_rows(path, text))


def _rows(path: str, text: str) -> Iterator[Any]:
    lines = text.split("\n")
    starts = [n for n, line in enumerate(lines) if _RULE.match(line)]
    for start in starts:
        found = _RULE.match(lines[start])
        end = start + 1
        while end < len(lines) and (not lines[end].strip() or lines[end][0] in " \t#"):
            end += 1
        while end > start + 1 and not lines[end - 1].strip():
            end -= 1
        name = (found[1] if found else None) or f"line {start + 1}"
        sections = dict(_sections(lines[start + 1 : end]))
        at = Place(path, start + 1, 1, end)
        yield Manifest(at, "snakemake", "rule", name, "", tuple(sections), "")
        inputs, outputs = (tuple(_strings(sections.get(key, ""))) for key in ("input", "output"))
        command = "".join(_strings(sections.get("shell", ""))).strip()
        if not command and "script" in sections:
            command = "".join(f"python {name}" for name in _strings(sections["script"])[:1])
        yield Stage(at, "snakemake", name, command, inputs, outputs, (), ())


def _sections(lines: list[str]) -> Iterator[tuple[str, str]]:
    """The sections of a rule, by the indentation of the first one."""
    indent = -1
    name, body = "", ""
    for line in lines:
        width = len(line) - len(line.lstrip())
        found = _SECTION.match(line)
        if found and (indent < 0 or width == indent):
            if name:
                yield name, body
            indent, name, body = width, found[1], found[2]
        elif not line.lstrip().startswith("#"):
            body += f"\n{line}"
    if name:
        yield name, body


def _strings(text: str) -> list[str]:
    """The string literals of a section, comments left out."""
    plain = re.sub(r"(?m)^\s*#.*$", "", text)
    return [next((g for g in found.groups() if g), "") for found in _STRING.finditer(plain)]
