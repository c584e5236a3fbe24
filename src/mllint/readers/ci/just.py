"""justfiles: recipes as targets.

Knows recipes, dependencies, variables and line prefixes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.facts import Facts, Place, Target
from mllint.readers.gather import binary, gather, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_RECIPE = re.compile(r"@?([A-Za-z_][\w-]*)(?![\w-])[^:=]*:(?!=)(.*)\Z")
_VARIABLE = re.compile(r"(?:export\s+)?([A-Za-z_][\w-]*)\s*:=\s*(['\"])(.*?)\2\s*(?:#.*)?\Z")
_ALIAS = re.compile(r"alias\s+([\w-]+)\s*:=\s*([\w-]+)")
_REFERENCE = re.compile(r"\{\{\s*([\w-]+)\s*\}\}")
_NEED = re.compile(r"\(\s*([\w-]+)[^)]*\)|([\w-]+)")


def read_just(path: str, data: bytes) -> Facts:
    """The recipes of a justfile; the first one is what runs by default."""
    text = text_of(data)
    return binary(path) if text is None else gather(_targets(path, text))


def _targets(path: str, text: str) -> Iterator[Target]:
    variables: dict[str, str] = {}
    aliases: list[Target] = []
    found: list[Target] = []
    body: list[str] = []

    def close() -> None:
        if found and body:
            found[-1] = found[-1]._replace(commands=_commands(body, variables))
        body.clear()

    for number, line in enumerate(text.split("\n"), 1):
        if line[:1] in {" ", "\t"}:
            body.append(line)
            continue
        if not line.strip() or line.startswith(("#", "[", "set ", "import ", "mod ")):
            continue
        close()
        at = Place(path, number)
        if alias := _ALIAS.match(line):
            aliases.append(Target(at, "just", alias[1], (alias[2],), ()))
        elif variable := _VARIABLE.match(line):
            variables[variable[1]] = variable[3]
        elif recipe := _RECIPE.match(line):
            needs = recipe[2].partition("#")[0].replace("&&", " ")
            names = tuple(one[1] or one[2] for one in _NEED.finditer(needs))
            found.append(Target(at, "just", recipe[1], names, ()))
    close()
    yield from found
    yield from aliases


def _commands(body: list[str], variables: dict[str, str]) -> tuple[str, ...]:
    lines = [line.strip() for line in body]

    def value(found: re.Match[str]) -> str:
        return variables.get(found[1], found[0])

    lines = [_REFERENCE.sub(value, line) for line in lines]
    if lines and lines[0].startswith("#!"):
        # A recipe with a shebang is one script.
        is_shell = re.search(r"\b(?:ba|z|da)?sh\b", lines[0])
        return ("\n".join(lines[1:]),) if is_shell else ()
    found: list[str] = []
    joined = ""
    for line in lines:
        joined += line
        if joined.endswith("\\"):
            joined = joined[:-1]
            continue
        command = joined.lstrip("@-").strip()
        prefix = joined[: len(joined) - len(joined.lstrip("@-"))]
        joined = ""
        if command and not command.startswith("#"):
            found.append(f"{command} || true" if "-" in prefix else command)
    return tuple(found)
