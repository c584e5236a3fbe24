"""Joins Python files: which file provides a module, and what a first-party name stands for.

Knows import rows, definitions and returned values; knows nothing of libraries or rules.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from mllint.facts import Facts
from mllint.link.offers import Offers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DEPTH = 8
"""Steps through re-exports and returned values before a name is left as it is."""
_TOKEN = re.compile(r"\(\)|\[\]|[^.()\[\]]+")
_SOURCE_FOLDERS = ("src", "lib", "python")
"""Folders that are put on the import path: by packaging, by tests, by notebooks."""


class Symbol(NamedTuple):
    """A definition of a first-party file."""

    path: str
    name: str
    """Qualified within its file; "" is the module itself."""


class Origin(NamedTuple):
    """What a name stands for."""

    path: str
    """The file in which `name` is to be read; matters for names with a leading dot."""
    name: str
    known: bool = False
    const: Any = None


class _Found(NamedTuple):
    """The longest part of a dotted name that could be followed."""

    path: str
    """"" for a library."""
    name: str
    """Of the definition or variable in that file; of a library, the whole name."""
    rest: tuple[str, ...]
    """What comes after it."""


class Modules:
    """The Python files of a tree, by the names under which they can be imported."""

    def __init__(self, facts: Mapping[str, Facts]) -> None:
        self._facts = {p: f for p, f in facts.items() if f.rows.get("module")}
        self._files: dict[str, Offers] = {}
        self._bases: dict[str, tuple[str, ...]] = {}
        self._dotted: dict[str, str] = {}
        self._folders: set[str] = set()
        for path in self._facts:
            if path.endswith(".py"):
                stem = path[:-3].removesuffix("/__init__")
                self._dotted[stem.replace("/", ".")] = path
                while "/" in stem:
                    stem = stem.rpartition("/")[0]
                    self._folders.add(stem.replace("/", "."))
        self._found: dict[tuple[str, str], str | None] = {}
        self._provided: dict[tuple[str, str], bool] = {}
        self._views: dict[str, str] = {}
        self._origins: dict[tuple[str, str], Origin] = {}

    def file(self, path: str) -> Offers:
        """What a file offers."""
        if (found := self._files.get(path)) is None:
            found = self._files[path] = Offers(self._facts.get(path) or Facts())
        return found

    @cached_property
    def _roots(self) -> frozenset[str]:
        """Names that an import of a file of the tree may start with."""
        return frozenset(part for dotted in self._dotted for part in dotted.split("."))

    @cached_property
    def _alike(self) -> frozenset[str]:
        """Roots that are imported somewhere: a file of such a name cannot import itself."""
        rows = (row for facts in self._facts.values() for row in facts.rows.get("import", ()))
        return frozenset(row.root for row in rows)

    @cached_property
    def _tails(self) -> Mapping[str, Sequence[str]]:
        """Paths by the last name of their module."""
        found: dict[str, list[str]] = {}
        for dotted, path in self._dotted.items():
            found.setdefault(dotted.rpartition(".")[2], []).append(path)
        return found

    @cached_property
    def _installed(self) -> Mapping[str, str]:
        """Prefix to import from, by each package that stands beside a `setup.py` or in `src`."""
        found: dict[str, str] = {}
        for dotted, path in self._dotted.items():
            parent, _, name = dotted.rpartition(".")
            if not path.endswith("/__init__.py") or parent in self._dotted:
                continue
            prefix = f"{parent}." if parent else ""
            if parent.rpartition(".")[2] == "src" or f"{prefix}setup" in self._dotted:
                found[name] = prefix
        return found

    def _prefixes(self, path: str) -> tuple[str, ...]:
        """Dotted prefixes of the folders that a file may import from, nearest first."""
        folder = path.rpartition("/")[0]
        if (found := self._bases.get(folder)) is None:
            parts = folder.split("/") if folder else []
            ups = [".".join(parts[:k]) for k in range(len(parts), -1, -1)]
            inner = [f"{up}.{sub}" if up else sub for up in ups for sub in _SOURCE_FOLDERS]
            extra = [i for i in inner if i in self._folders]
            found = tuple(f"{b}." if b else "" for b in (*ups, *extra))
            self._bases[folder] = found
        return found

    def provider(self, path: str, dotted: str) -> str | None:
        """The file that an importing file gets as a module; None for a library's."""
        key = (path.rpartition("/")[0], dotted)
        if key not in self._found:
            self._found[key] = self._provider(path, dotted)
        found = self._found[key]
        if found is None and self.file(path).finds_path:
            found = self._by_tail(dotted)
        return None if found == path else found

    def _provider(self, path: str, dotted: str) -> str | None:
        for prefix in self._prefixes(path):
            if (found := self._dotted.get(prefix + dotted)) is not None:
                return found
        root = dotted.partition(".")[0]
        if root in self._installed:
            return self._dotted.get(self._installed[root] + dotted)
        return None

    def _by_tail(self, dotted: str) -> str | None:
        """The one file whose path ends like the module's name."""
        end = f"/{dotted.replace('.', '/')}"
        paths = [
            p
            for p in self._tails.get(dotted.rpartition(".")[2], ())
            if f"/{p[:-3].removesuffix('/__init__')}".endswith(end)
        ]
        return paths[0] if len(paths) == 1 else None

    def provides(self, path: str, name: str) -> bool:
        """Whether a file of the tree provides an imported name, or a package it lies in."""
        if name.partition(".")[0] not in self._roots:
            return False
        key = (self._viewpoint(path), name)
        if (found := self._provided.get(key)) is None:
            parts = name.removesuffix(".*").split(".")
            found = self._provided[key] = any(
                self.provider(path, ".".join(parts[:k])) for k in range(len(parts), 0, -1)
            )
        return found

    def _viewpoint(self, path: str) -> str:
        """What a file's view of absolute names depends on: mostly its folder alone."""
        if (found := self._views.get(path)) is None:
            folder, _, name = path.rpartition("/")
            own = name.removesuffix(".py") in self._alike or self.file(path).finds_path
            found = self._views[path] = path if own else folder
        return found

    def _locate(self, path: str, dotted: str, depth: int = 0) -> _Found | None:
        """Where the definition of a dotted name stands, as seen from a file."""
        if depth > _DEPTH or not dotted or dotted[0] == "?":
            return None
        if dotted[0] == ".":
            return self._inside(path, dotted[1:].split("."), depth)
        parts = dotted.split(".")
        if parts[0] not in self._roots:
            return _Found("", dotted, ())
        for k in range(len(parts), 0, -1):
            provider = self.provider(path, ".".join(parts[:k]))
            if provider is not None:
                return self._inside(provider, parts[k:], depth + 1)
        return _Found("", dotted, ())

    def _inside(self, path: str, parts: Sequence[str], depth: int) -> _Found | None:
        file = self.file(path)
        if not parts:
            return _Found(path, "", ())
        for k in range(len(parts), 0, -1):
            name = ".".join(parts[:k])
            if name in file.defines or file.assigned(*_scoped(name)):
                return _Found(path, name, tuple(parts[k:]))
        if parts[0] in file.variables:
            return _Found(path, parts[0], tuple(parts[1:]))
        if parts[0] in file.imports:
            return self._locate(path, ".".join((file.imports[parts[0]], *parts[1:])), depth + 1)
        for star in file.stars:
            found = self._locate(path, f"{star}.{'.'.join(parts)}", depth + 1)
            if found is not None and found.path and found.name:
                return found
        return None

    def symbol(self, path: str, name: str) -> Symbol | None:
        """The definition that an origin path without calls names, as seen from a file."""
        found = self._locate(path, name)
        if found is None or not found.path:
            return None
        if not found.rest:
            return Symbol(found.path, found.name)
        at = Symbol(found.path, found.name)
        return self.member(at, found.rest[0]) if len(found.rest) == 1 else None

    def is_class(self, at: Symbol) -> bool:
        """Whether a symbol is a class."""
        define = self.file(at.path).defines.get(at.name)
        return define is not None and define.kind == "class"

    def member(self, at: Symbol, name: str, depth: int = 0) -> Symbol | None:
        """The method of a class, its own or that of a first-party base."""
        if depth > _DEPTH or not self.is_class(at):
            return None
        file = self.file(at.path)
        if f"{at.name}.{name}" in file.defines:
            return Symbol(at.path, f"{at.name}.{name}")
        for base in file.defines[at.name].bases:
            above = self.symbol(at.path, base)
            if above is not None and above != at:
                found = self.member(above, name, depth + 1)
                if found is not None:
                    return found
        return None

    def outer_base(self, at: Symbol, depth: int = 0) -> str:
        """The one library class that a first-party class is made from; "" where not unique."""
        define = self.file(at.path).defines.get(at.name)
        if define is None or depth > _DEPTH:
            return ""
        names = set()
        for base in define.bases:
            found = self._locate(at.path, base)
            if found is None:
                names.add("?")
            elif not found.path:
                names.add(found.name)
            else:
                names.add(self.outer_base(Symbol(found.path, found.name), depth + 1))
        names -= {"", *_PLAIN_BASES}
        return names.pop() if len(names) == 1 and "?" not in names else ""

    def callee(self, path: str, name: str) -> Symbol | None:
        """The first-party function, method or class that a call in a file reaches."""
        if name[:1] != "." and name.partition(".")[0].partition("(")[0] not in self._roots:
            return None
        head, made, method = name.rpartition("().")
        if not made:
            return self.symbol(path, name) if "(" not in name and "[" not in name else None
        if "[" in method:
            return None
        owner = self.origin(path, f"{head}()")
        if not owner.name.startswith(".") or not owner.name.endswith("()"):
            return None
        at = self.symbol(owner.path, owner.name[:-2]) if "(" not in owner.name[:-2] else None
        return self.member(at, method) if at is not None else None

    def origin(self, path: str, name: str, depth: int = 0) -> Origin:
        """What a name seen in a file stands for; the name itself where that is not certain."""
        key = (path, name) if name[:1] == "." else (self._viewpoint(path), name)
        if (found := self._origins.get(key)) is None:
            self._origins[key] = Origin(path, name)
            found = self._origins[key] = self._origin(path, name, depth)
        return found

    def _origin(self, path: str, name: str, depth: int) -> Origin:
        if depth > _DEPTH or not name or name[0] == "?":
            return Origin(path, name)
        dotted = name.partition("(")[0].partition("[")[0]
        found = self._locate(path, dotted)
        if found is None:
            return Origin(path, name)
        rest = (*found.rest, *_TOKEN.findall(name, len(dotted)))
        if not found.path:
            return Origin("", join(found.name, rest))
        at = Symbol(found.path, found.name)
        return self._followed(at, rest, depth) or Origin(at.path, join(f".{at.name}", rest))

    def _followed(self, at: Symbol, rest: Sequence[str], depth: int) -> Origin | None:
        """What comes of reading, calling or entering a definition; None where uncertain."""
        if at.name not in self.file(at.path).defines:
            return self._variable(at, rest, depth) if at.name else None
        if not rest or rest[0] != "()":
            return self._class_constant(at, rest) or self._inherited(at, rest)
        if not self.is_class(at):
            return self._result(at, rest[1:], depth)
        return self._instance(at, rest[1:], depth)

    def _variable(self, at: Symbol, rest: Sequence[str], depth: int) -> Origin | None:
        file = self.file(at.path)
        row = file.assigned(*_scoped(at.name))
        if row is not None and row.known:
            return None if rest else Origin(at.path, f".{at.name}", True, row.const)
        name = row.name if row is not None else ""
        if not name or name[0] == "?":
            return None
        return self.origin(at.path, join(name, rest), depth + 1)

    def _class_constant(self, at: Symbol, rest: Sequence[str]) -> Origin | None:
        if len(rest) != 1 or not self.is_class(at):
            return None
        row = self.file(at.path).assigned(at.name, rest[0])
        name = f".{at.name}.{rest[0]}"
        return Origin(at.path, name, True, row.const) if row is not None and row.known else None

    def _inherited(self, at: Symbol, rest: Sequence[str]) -> Origin | None:
        """What a class has from the one library class that it is made from: `Rows.validate`."""
        if not rest or rest[0][0] in "([" or not self.is_class(at):
            return None
        file = self.file(at.path)
        own = rest[0] in dict(file.defines[at.name].attributes) or self.member(at, rest[0])
        if own or file.assigned(at.name, rest[0]) is not None:
            return None
        outer = self.outer_base(at)
        return Origin("", join(f"{outer}()", rest)) if outer else None

    def _result(self, at: Symbol, rest: Sequence[str], depth: int) -> Origin | None:
        """What a function returns, where that is one thing."""
        made = self.file(at.path).defines[at.name].makes
        return self.origin(at.path, join(made, rest), depth + 1) if made else None

    def _instance(self, at: Symbol, rest: Sequence[str], depth: int) -> Origin | None:
        """A method or attribute of an instance: ours, or that of the library class it extends."""
        if not rest or rest[0][0] in "([":
            return None
        own = self.member(at, rest[0])
        if own is not None:
            return self._result(own, rest[2:], depth) if rest[1:2] == ("()",) else None
        constant = self._class_constant(at, rest)
        if constant is not None:
            return constant
        held = dict(self.file(at.path).defines[at.name].attributes).get(rest[0], "")
        if held:
            made = "" if held[0] == "?" else join(held, rest[1:])
            return self.origin(at.path, made, depth + 1) if made else None
        outer = self.outer_base(at)
        return Origin("", join(f"{outer}()", rest)) if outer else None

    def seen(self, path: str, written: str, found: Origin) -> str:
        """A found name as a file may write it; what was written where there is no way to."""
        if not found.name.startswith("."):
            return found.name or written
        if found.path == path:
            return found.name
        if "(" not in written:
            return written
        rows = self._facts[found.path].rows["module"]
        return f"{rows[0].name}{found.name}" if rows[0].name else written


_PLAIN_BASES = ("object", "abc.ABC", "typing.Generic", "typing.Protocol", "Exception")


def _scoped(name: str) -> tuple[str, str]:
    """A name as the scope and target of its assignment."""
    scope, _, target = name.rpartition(".")
    return scope, target


def join(head: str, rest: Sequence[str]) -> str:
    """An origin path with further steps."""
    return head + "".join(t if t[0] in "([" else f".{t}" for t in rest)
