"""What IPython adds to Python, taken out of a cell without moving a line or a column.

Knows the surface of magics, shell lines and help lines; what the shell commands do is for others.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEEP = frozenset({"time", "timeit", "capture", "prun", "memit", "mprun", "lprun", "heat", "px",
                   "wandb", "notify", "scalene", "snakeviz", "debug", "filprofile",
                   "ipytest", "run_pytest", "local"})  # fmt: skip
"""Cell magics whose body is Python of the notebook."""

_SHELL = frozenset({"bash", "sh", "system", "sx", "!", "script", "cmd", "zsh"})
_INLINE = frozenset({"time", "timeit", "prun", "memit"})
_RUNS = frozenset({"pip", "conda", "mamba", "micromamba", "uv"})

LONGEST = 1000
"""Longest line that may be a help line or an assignment from the shell, in characters."""

_WORDS = r"(?:run|pip3?|conda|mamba|cd|ls|mkdir|pwd|cat|rm|cp|mv|git|wget|curl|unzip)\b"
"""What a line may start with where IPython would add the percent sign or exclamation mark."""

_SUSPECT = re.compile(
    rf"^[ \t]*(?:[!%?]|{_WORDS}[ \t]+[^ \t=(,\[:])|\?[ \t;]*(?:#.*)?$|=[ \t]*[!%]",
    re.MULTILINE,
)
_HELP = re.compile(r"^[ \t]*(?:\?{1,2}[ \t]*[\w.*%]+|[\w.*%\[\]'\"()]+\?{1,2})[ \t;]*(?:#.*)?$")
_ASSIGNED = re.compile(r"^(?P<head>[\w.,\[\]'\" \t]+=[ \t]*)(?P<mark>[!%])(?P<rest>.*)$")
_MAGIC = re.compile(r"^(?P<space>[ \t]*)%(?P<name>\w+)(?P<rest>.*)$")
_FLAGS = re.compile(r"(?:[ \t]+-\w+(?:[ \t]*\d+)?)*[ \t]*")
_AUTO = re.compile(rf"[ \t]*{_WORDS}(?![ \t]*[=(,\[:]|\.)")
_RUN = re.compile(r"^run[ \t]+")
_COMPOUND = re.compile(r"(?:for|while|if|with|try|def|class|async)\b")
_ENV = re.compile(r"[ \t]+(?P<name>\w+)[ \t=][ \t]*(?P<value>.*)$")


class Plain(NamedTuple):
    """A cell without its magics."""

    code: str
    """As many lines as the cell; "" where the cell is not Python."""
    commands: tuple[tuple[int, str], ...]
    """Line and text of each shell command that the cell runs."""
    env: tuple[tuple[int, str, str], ...]
    """Line, name and value of each environment variable that `%env` sets."""


def suspect(source: str) -> bool:
    """Whether a cell may hold anything that is not Python."""
    return _SUSPECT.search(source) is not None


def plain(source: str) -> Plain:
    """The Python of a cell, and what else it does."""
    head = source.lstrip()
    if head.startswith("%%"):
        return _cell_magic(source)
    return _lines(source.split("\n"))


def _cell_magic(source: str) -> Plain:
    lines = source.split("\n")
    at = next(i for i, line in enumerate(lines) if line.strip())
    words = lines[at].strip()[2:].split()
    name = words[0] if words else ""
    body = lines[at + 1 :]
    if name in _KEEP:
        return _lines([""] * (at + 1) + body)
    if name in _SHELL:
        return Plain("", tuple(_script(body, at + 2)), ())
    return Plain("", (), ())


def _script(lines: list[str], first: int) -> Iterator[tuple[int, str]]:
    """The commands of a shell script, continuations joined, with the lines they begin on."""
    text, start = "", first
    for number, line in enumerate([*lines, ""], first):
        start = start if text else number
        text += line.strip()
        if text.endswith("\\"):
            text = text[:-1]
            continue
        if text and text[0] != "#":
            yield start, text.rstrip()
        text = ""


def _lines(lines: list[str]) -> Plain:
    code: list[str] = []
    commands: list[tuple[int, str]] = []
    env: list[tuple[int, str, str]] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        number = at
        text, command = _line(line, number, env)
        code.append(text)
        if command is not None:
            while command.endswith("\\") and at < len(lines):
                command = f"{command[:-1].rstrip()} {lines[at].strip()}"
                code.append("")
                at += 1
            if command.strip():
                commands.append((number, command.strip()))
    return Plain("\n".join(code), tuple(commands), tuple(env))


def _line(line: str, number: int, env: list[tuple[int, str, str]]) -> tuple[str, str | None]:
    """A line as Python, and the shell command that it runs instead."""
    bare = line.lstrip()
    space = line[: len(line) - len(bare)]
    if not bare or bare[0] == "#":
        return line, None
    if bare[0] == "!":
        return f"{space}pass", bare.lstrip("!").strip()
    if bare[0] == "%" and (magic := _MAGIC.match(line)):
        return _line_magic(magic, line, number, env)
    if len(line) > LONGEST:
        return line, None
    if "?" in bare and _HELP.match(line):
        return f"{space}pass", None
    if given := _ASSIGNED.match(line):
        command = given["rest"].strip() if given["mark"] == "!" else None
        return f"{given['head']}...", command
    if _AUTO.match(line):
        return f"{space}pass", _RUN.sub("python ", bare)
    return line, None


def _line_magic(
    magic: re.Match[str], line: str, number: int, env: list[tuple[int, str, str]]
) -> tuple[str, str | None]:
    name, rest, space = magic["name"], magic["rest"], magic["space"]
    if name in _INLINE:
        flags = _FLAGS.match(rest)
        start = magic.start("rest") + (flags.end() if flags else 0)
        if line[start:].strip() and not _COMPOUND.match(line[start:]):
            width = start - len(space)
            return f"{space}0{' ' * (width - 2)};{line[start:]}", None  # columns stay
    if name == "env" and (given := _ENV.match(rest)):
        env.append((number, given["name"], given["value"].strip()))
    command = None
    if name in _RUNS:
        command = f"{name}{rest}"
    elif name == "run":
        command = f"python{rest}"
    elif name in {"sx", "system"}:
        command = rest.strip()
    return f"{space}pass", command
