"""tox: environments as targets, from tox.ini, setup.cfg and the tox tables of TOML files.

Knows sections, factors and the few substitutions that decide what runs.
"""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, Any

from mllint.facts import Facts, Place, Python, Target
from mllint.readers.gather import binary, gather, text_of
from mllint.readers.inidoc import entries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mllint.readers.inidoc import Entry

MAX_ENVIRONMENTS = 200

_BRACES = re.compile(r"\{([^{}]*)\}")
_FACTORS = re.compile(r"(!?[\w.]+(?:[-,]!?[\w.]+)*):\s+(.*)\Z", re.DOTALL)
_POSARGS = re.compile(r"\{posargs(?::([^{}]*))?\}")
_REFERENCE = re.compile(r"\{\[([^\]]+)\](\w+)\}")
_PYTHON = re.compile(r"py(3)(\d+)|py-?(3\.\d+)|(3\.\d+)")

Sections = dict[str, dict[str, "Entry"]]


def read_tox(path: str, data: bytes) -> Facts:
    """The environments of tox.ini, or of the tox sections of setup.cfg."""
    text = text_of(data)
    return binary(path) if text is None else gather(ini_rows(path, text, 0))


def ini_rows(path: str, text: str, line: int) -> Iterator[Any]:
    """The environments of a tox.ini text; `line` is added to its lines, or replaces them if < 0."""
    sections: Sections = {}
    for entry in entries(text):
        sections.setdefault(entry.section, {})[entry.key] = entry
    general = sections.get("tox") or sections.get("tox:tox") or {}
    if not general and not any(name.startswith("testenv") for name in sections):
        return
    listed = general.get("envlist") or general.get("env_list")
    names = _environments(listed.text if listed else "")

    def place(entry: Entry | None) -> Place:
        number = entry.line if entry else 1
        return Place(path, -line if line < 0 else number + line)

    if names:
        yield Target(place(listed), "tox", "", tuple(names), ())
        yield from _pythons(place(listed), names)
    own = [name.partition(":")[2] for name in sections if name.startswith("testenv:")]
    own = [name for section in own for name in _environments(section)]
    for name in dict.fromkeys(["testenv", *names, *own]):
        keys = _keys(name, sections)
        commands = keys.get("commands")
        lines = _commands(name, keys, sections)
        if lines or name in own:
            at = place(commands) if commands else place(next(iter(keys.values()), None))
            yield Target(at, "tox", name, (), lines)


def _keys(name: str, sections: Sections) -> dict[str, Entry]:
    """The settings of an environment, those that it inherits with them."""
    found = dict(sections.get("testenv", {}))
    for section, keys in sections.items():
        kind, colon, listed = section.partition(":")
        if kind == "testenv" and colon and name in _environments(listed):
            base = keys.get("base")
            for parent in _environments(base.text) if base else ():
                found.update(sections.get(f"testenv:{parent}", {}))
            found.update(keys)
    return found


def _commands(name: str, keys: Mapping[str, Entry], sections: Sections) -> tuple[str, ...]:
    found: list[str] = []
    for key in ("commands_pre", "commands", "commands_post"):
        entry = keys.get(key)
        text = entry.text if entry else ""
        for line in _lines(_substituted(text, sections)):
            command = _for_factors(line, name)
            if command:
                found.append(_shell(command))
    ignored = keys.get("ignore_outcome")
    if ignored and ignored.text.lower() == "true":
        found = [f"{command} || true" for command in found]
    return tuple(found)


def _lines(text: str) -> list[str]:
    """The commands of a value, continuations joined, comments left out."""
    joined = re.sub(r"\\\n\s*", "", text)
    lines = (line.strip() for line in joined.split("\n"))
    return [line for line in lines if line and not line.startswith("#")]


def _substituted(text: str, sections: Sections) -> str:
    for _ in range(4):
        text = _REFERENCE.sub(lambda found: _referred(found, sections), text)
    text = _POSARGS.sub(lambda found: found[1] or "", text)
    for name in ("toxinidir", "tox_root", "{/}"):
        text = text.replace(f"{{{name}}}", ".")
    return re.sub(r"\{envbindir\}[/\\]", "", text.replace("{envpython}", "python"))


def _referred(found: re.Match[str], sections: Sections) -> str:
    entry = sections.get(found[1], {}).get(found[2])
    return entry.text if entry else ""


def _for_factors(line: str, name: str) -> str:
    """The command without its factor condition; "" where the environment does not meet it."""
    found = _FACTORS.match(line)
    if found is None:
        return line
    factors = set(name.split("-"))
    for choice in found[1].split(","):
        parts = choice.split("-")
        if all((part[1:] not in factors) if part[:1] == "!" else part in factors for part in parts):
            return found[2]
    return ""


def _shell(command: str) -> str:
    """Tox's `-` before a command as shell; its `!`, which inverts, is taken off."""
    body = command.lstrip("-! ").strip()
    return f"{body} || true" if command.startswith("-") else body


def _environments(text: str) -> list[str]:
    """The names of an envlist, `{a,b}` multiplied out."""
    found: list[str] = []
    for part in re.split(r"[,\s]+(?![^{]*\})", re.sub(r"#[^\n]*", "", text).strip()):
        pieces = [
            piece.split(",") if index % 2 else [piece]
            for index, piece in enumerate(_BRACES.split(part))
        ]
        count = 1
        for piece in pieces:
            count *= len(piece)
        if count <= MAX_ENVIRONMENTS:
            found.extend("".join(p.strip() for p in pick) for pick in product(*pieces))
    return [name for name in dict.fromkeys(found) if name][:MAX_ENVIRONMENTS]


def _pythons(at: Place, names: list[str]) -> Iterator[Python]:
    found = []
    for name in names:
        for factor in name.split("-"):
            if version := _PYTHON.fullmatch(factor):
                spec = f"{version[1]}.{version[2]}" if version[1] else version[3] or version[4]
                found.append(spec)
    for spec in dict.fromkeys(found):
        yield Python(at, spec, "tox")


def table_rows(path: str, table: Mapping[str, Any], line: int) -> Iterator[Any]:
    """The environments of a native TOML table: `env_list`, `env_run_base` and `env`."""
    at = Place(path, line)
    names = [name for name in _texts(table.get("env_list")) if name]
    if names:
        yield Target(at, "tox", "", tuple(names), ())
        yield from _pythons(at, names)
    base = table.get("env_run_base")
    shared = _table_commands(base if isinstance(base, dict) else {})
    environments = table.get("env")
    own = environments if isinstance(environments, dict) else {}
    for name in dict.fromkeys(["testenv", *names, *own]):
        keys = own.get(name)
        commands = _table_commands(keys) if isinstance(keys, dict) else ()
        if commands or shared:
            yield Target(at, "tox", name, (), commands or shared)


def _table_commands(keys: Mapping[str, Any]) -> tuple[str, ...]:
    found = []
    for key in ("commands_pre", "commands", "commands_post"):
        commands = keys.get(key)
        for command in commands if isinstance(commands, list) else ():
            words = _texts(command) if isinstance(command, list) else [str(command)]
            found.append(_shell(_substituted(" ".join(words), {})))
    return tuple(found)


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
