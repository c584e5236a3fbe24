"""The traces of all tools, indexed so that a row finds its tools at once.

Knows the forms of patterns; knows nothing of rows or grades.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple, TypeAlias

from mllint.names import glob
from mllint.tools import TRACES, Families, Spec

_ALIASES = (
    ("tensorflow.keras.", "keras."),
    ("tensorflow.python.keras.", "keras."),
    ("tensorflow.compat.v1.", "tensorflow."),
    ("keras.src.", "keras."),
    ("tf_keras.", "keras."),
    ("pytorch_lightning.", "lightning.pytorch."),
)
"""Names under which the same thing is reached."""
_ALIAS_ROOTS = frozenset(old.partition(".")[0] for old, _ in _ALIASES)
_ALIAS_STARTS = frozenset(old[0] for old, _ in _ALIASES)
_NAMESPACES = {"google": 3, "azure": 3, "databricks": 2, "ray": 2}
"""Roots that unlike distributions share, and the parts of a name that tell them apart."""
_RUNNERS = (["python", "-m"], ["uv", "run"], ["poetry", "run"])
_Patterns: TypeAlias = Mapping[str, Sequence[tuple[str, list[int]]]]
"""Patterns with their tools, by a key that a name must have to match."""


class ToolOf(NamedTuple):
    """A tool and its family."""

    family: str
    name: str
    spec: Spec


class CallTrace(NamedTuple):
    """A pattern of `calls` or `opens`."""

    tool: int
    argument: str
    """Keyword that must be given; "" where the call alone is enough."""
    opens: bool


class FileTrace(NamedTuple):
    """A pattern of `config` that asks for a setting."""

    tool: int
    path: str
    key: str
    """Glob of the setting's key."""
    value: str
    """Glob of that setting's value; "" for any."""


class CommandTrace(NamedTuple):
    """A pattern of `cli`."""

    tool: int
    words: tuple[str, ...]
    options: tuple[str, ...]


def spelled(name: str) -> str:
    """A dotted name without calls and items, under the first of its aliases."""
    if "(" in name or "[" in name:
        name = name.replace("()", "").replace("[]", "")
    for old, new in _ALIASES if name[:1] in _ALIAS_STARTS else ():
        if name.startswith(old):
            return new + name[len(old) :]
    return name


def short(name: str) -> str:
    """A name without the modules between its root and its first class: `torch:SummaryWriter.add`.

    Classes are reached through submodules as well as through the package that shows them off.
    """
    parts = name.split(".")
    skip = _NAMESPACES.get(parts[0], 1)
    for at in range(skip, len(parts)):
        if "*" in parts[at]:
            return name
        if parts[at][:1].isupper():
            return f"{'.'.join(parts[:skip])}:{'.'.join(parts[at:])}"
    return name


@lru_cache(maxsize=4096)
def path_pattern(text: str) -> re.Pattern[str]:
    """A path glob: `*` stays within a folder, `**` crosses folders."""
    out = ""
    for part in re.split(r"(\*\*/|\*\*|\*|\?)", text):
        out += {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(part, re.escape(part))
    return re.compile(out, re.DOTALL)


class TraceIndex:
    """Every tool of every family, by the traces it leaves.

    Patterns are taken apart when something like them is first asked for: most never are.
    """

    def __init__(self, families: Families) -> None:
        self.tools: list[ToolOf] = []
        self.by: dict[str, dict[str, list[int]]] = {kind: {} for kind in TRACES}
        """Kind of trace -> pattern -> tools."""
        for family, tools in families.items():
            for name, spec in tools.items():
                self._add(len(self.tools), spec)
                self.tools.append(ToolOf(family, name, spec))
        self._call_texts = self._by_root()
        self.call_roots = frozenset(self._call_texts) | _ALIAS_ROOTS
        self._calls: dict[str, _Calls] = {}

    def _add(self, number: int, spec: Spec) -> None:
        for kind, patterns in spec.items():
            if kind in TRACES:
                found = self.by[kind]
                for text in patterns:
                    found.setdefault(text, []).append(number)

    def _by_root(self) -> Mapping[str, list[tuple[str, int, bool]]]:
        found: dict[str, list[tuple[str, int, bool]]] = {}
        for kind in ("calls", "opens"):
            for text, tools in self.by[kind].items():
                root = spelled(text).partition(".")[0]
                found.setdefault(root, []).extend((text, tool, kind == "opens") for tool in tools)
        return found

    def calls(self, name: str) -> Iterator[CallTrace]:
        """The traces that a call of this origin path leaves."""
        name = spelled(name)
        root = name.partition(".")[0]
        if root not in self._call_texts:
            return
        if (calls := self._calls.get(root)) is None:
            calls = self._calls[root] = _Calls.of(self._call_texts[root])
        yield from calls.matching(name)

    def command(self, text: str) -> Iterator[int]:
        """The tools that a command in normal form runs."""
        words = text.split()
        for trace in self._commands.get(words[0], ()) if words else ():
            if tuple(words[: len(trace.words)]) == trace.words and all(
                any(_option(word, option) for word in words) for option in trace.options
            ):
                yield trace.tool

    @cached_property
    def command_words(self) -> frozenset[str]:
        """The programs that commands of tools begin with."""
        return frozenset(self._commands)

    @cached_property
    def _commands(self) -> Mapping[str, Sequence[CommandTrace]]:
        found: dict[str, list[CommandTrace]] = {}
        for text, tools in self.by["cli"].items():
            words = text.split()
            if words[:2] in _RUNNERS and words[2:]:
                words = words[2:]
            first = next((i for i, w in enumerate(words) if w.startswith("-")), len(words))
            for tool in tools:
                trace = CommandTrace(tool, tuple(words[:first]), tuple(words[first:]))
                found.setdefault(words[0], []).append(trace)
        return found

    def action(self, uses: str) -> Iterator[tuple[int, str]]:
        """The tools of an action, and the input that must be given; "" for none."""
        name = uses.lower().partition("@")[0]
        for text, tools in self._actions.get("/".join(name.split("/")[:2]), ()):
            prefix, _, given = text.lower().partition("#")
            if name == prefix or name.startswith(f"{prefix}/"):
                yield from ((tool, given) for tool in tools)

    @cached_property
    def _actions(self) -> Mapping[str, Sequence[tuple[str, list[int]]]]:
        """`owner/name` -> patterns and their tools."""
        found: dict[str, list[tuple[str, list[int]]]] = {}
        for text, tools in self.by["gha_uses"].items():
            key = "/".join(text.lower().partition("#")[0].split("/")[:2])
            found.setdefault(key, []).append((text, tools))
        return found

    @cached_property
    def hooks(self) -> Mapping[str, Sequence[int]]:
        """Hook id or `owner/name`, in lower case -> tools."""
        return {text.lower(): tools for text, tools in self.by["precommit_hooks"].items()}

    @cached_property
    def kinds(self) -> Mapping[str, Sequence[tuple[str, int]]]:
        """Kind -> API group ("" for any) and tool; `*` stands for every kind of a group."""
        found: dict[str, list[tuple[str, int]]] = {}
        for text, tools in self.by["kinds"].items():
            group, _, kind = text.rpartition("/")
            found.setdefault(kind, []).extend((group, tool) for tool in tools)
        return found

    def files(self, path: str) -> Iterator[int]:
        """The tools that a file of this path belongs to."""
        names, starts = self._file_patterns
        name = path.rpartition("/")[2]
        found = [*names.get(name, ()), *starts.get("", ()), *starts.get(name[:3], ())]
        if "." in name:
            found += starts.get(name[name.rindex(".") :], ())
        for text, tools in found:
            if path_pattern(text).fullmatch(path):
                yield from tools

    @cached_property
    def _file_patterns(self) -> tuple[_Patterns, _Patterns]:
        """Patterns by the whole name of the file, and by a part of it."""
        names: dict[str, list[tuple[str, list[int]]]] = {}
        starts: dict[str, list[tuple[str, list[int]]]] = {}
        for text, tools in self.by["config"].items():
            if ":" not in text:
                name = text.rpartition("/")[2]
                literal = name.partition("*")[0].partition("?")[0]
                where, key = (names, name) if literal == name else (starts, _start(literal, name))
                where.setdefault(key, []).append((text, tools))
        return names, starts

    @cached_property
    def keyed(self) -> Sequence[FileTrace]:
        """The patterns of `config` that ask for a setting."""
        found: list[FileTrace] = []
        for text, tools in self.by["config"].items():
            path, colon, key = text.partition(":")
            key, _, value = key.partition("=")
            if colon:
                found.extend(FileTrace(tool, path, key, value) for tool in tools)
        return found


_LAST: list[tuple[Families, TraceIndex]] = []


def index_of(families: Families) -> TraceIndex:
    """The index of a catalogue's families, made once for all the trees that it is held against."""
    if not _LAST or _LAST[0][0] is not families:
        _LAST[:] = [(families, TraceIndex(families))]
    return _LAST[0][1]


class _Calls(NamedTuple):
    """The call patterns below one root."""

    exact: Mapping[str, Sequence[CallTrace]]
    globs: Sequence[tuple[re.Pattern[str], CallTrace]]
    union: re.Pattern[str] | None
    """Any of the globs."""

    @classmethod
    def of(cls, texts: Iterable[tuple[str, int, bool]]) -> _Calls:
        exact: dict[str, list[CallTrace]] = {}
        globs = []
        union = []
        for text, tool, opens in texts:
            name, _, argument = text.replace(":", ".").partition("#")
            name = short(spelled(name))
            trace = CallTrace(tool, argument, opens)
            if "*" in name:
                union.append(glob(name))
                globs.append((_compiled(name), trace))
            else:
                exact.setdefault(name, []).append(trace)
        return cls(exact, globs, re.compile("|".join(union)) if union else None)

    def matching(self, name: str) -> Iterator[CallTrace]:
        brief = short(name)
        yield from self.exact.get(brief, ())
        if brief != name:
            yield from self.exact.get(name, ())
        if self.union and (self.union.fullmatch(name) or self.union.fullmatch(brief)):
            for pattern, trace in self.globs:
                if pattern.fullmatch(name) or pattern.fullmatch(brief):
                    yield trace


def _start(literal: str, name: str) -> str:
    """The key under which a name with wildcards is kept: its start, its suffix, or ""."""
    if len(literal) >= 3:
        return literal[:3]
    suffix = name[name.rindex(".") :] if "." in name else ""
    return suffix if suffix and "*" not in suffix and "?" not in suffix else ""


def _option(word: str, option: str) -> bool:
    return word == option or word.startswith(f"{option}=")


@lru_cache(maxsize=4096)
def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(glob(text), re.DOTALL)
