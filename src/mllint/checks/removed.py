"""Names and arguments that newer versions of a library no longer have.

Knows how a rule lists them and which versions the project admits; which ones are gone is for the
rule to say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mllint.checks.written import found_in
from mllint.project import arg, unpacks
from mllint.regexes import regex
from mllint.review import Evidence
from mllint.versions import admits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mllint.facts import Call, Place
    from mllint.project import Project

_OURS = frozenset({"source", "template"})
_ENTRY = regex(
    r"(?P<dist>\S+) (?P<since>[\d.]+) (?P<name>[\w.*<>()]+?)"
    r"(?:\((?P<key>\w+)(?:=|@(?P<place>\d))\))?(?: (?P<cure>.+))?"
)
_TABLE = regex(
    r"pandas\.(?:DataFrame|Series|concat|merge|read_\w+)\(\)"
    r"(?:\.(?:append|copy|drop|dropna|fillna|rename|reset_index|set_index|sort_values|merge|head"
    r"|tail|sample|assign)\(\))*"
)
_LONG = 3
"""Parts of a name that is told as a whole."""
_MAKES_TABLE = regex(r"pandas\.(?:concat|merge|read_\w+)\(\)(?:.*\(\)(?=\.))?")
_PREPARED = regex(
    r"\bhasattr\(|__version__|\bparse_version\(|\bversion\(|except \(?(?:\w+, )*"
    r"(?:AttributeError|TypeError|ImportError|ModuleNotFoundError)"
)
"""Words of code that minds which version there is."""


class Gone(NamedTuple):
    """What a library has no more."""

    dist: str
    since: str
    """The first version without it."""
    name: str
    """Its origin path; with `*` for anything, and `<table>` for what makes a pandas table."""
    key: str
    """The argument that is gone; "" for the name itself."""
    place: int | None
    """Where that argument stands, if what is gone is the call without it."""
    cure: str
    """What to use instead, or ""."""


class _Listed:
    """What is gone, by name: most names are plain, and patterns are few."""

    def __init__(self, gone: Iterable[Gone]) -> None:
        self._exact: dict[str, list[Gone]] = {}
        self._patterns: dict[str, list[Gone]] = {}
        """By what stands before the first dot."""
        self._seen: dict[str, Sequence[Gone]] = {}
        for one in gone:
            if one.name.startswith("<table>"):
                self._patterns.setdefault("pandas", []).append(one)
            elif "*" in one.name:
                self._patterns.setdefault(one.name.partition(".")[0], []).append(one)
            else:
                self._exact.setdefault(one.name, []).append(one)

    def of(self, name: str) -> Sequence[Gone]:
        """What is gone of the things that a name stands for."""
        if (found := self._seen.get(name)) is None:
            patterns = self._patterns.get(name.partition(".")[0], ())
            found = [*self._exact.get(name, ()), *(p for p in patterns if _fits(p.name, name))]
            self._seen[name] = found
        return found


def _fits(pattern: str, name: str) -> bool:
    """Whether a name is one of those that a pattern with one star, or `<table>`, stands for."""
    head, star, tail = pattern.partition("*")
    if star:
        long = len(name) >= len(head) + len(tail)
        return long and name.startswith(head) and name.endswith(tail)
    tail = pattern.removeprefix("<table>")
    return name.endswith(tail) and _TABLE.fullmatch(name.removesuffix(tail)) is not None


class Use(NamedTuple):
    """A place where something is used by its name."""

    at: Place
    scope: str
    gone: Gone
    shown: str


def used(project: Project, *, gone: Sequence[str]) -> Iterator[Evidence]:
    """Uses of what a library has dropped, judged by whether the admitted versions still have it.

    The first in each file stands for all of them.
    """
    known = [one for one in gone if one.partition(" ")[0] in project.libraries]
    if not known:
        return
    listed = _Listed(map(_parsed, known))
    given_back = {row.target for row in project.assigned(re.compile(r"^(?:numpy|np|PIL|Image)\."))}
    met: set[tuple[str, Gone]] = set()
    for use in sorted(_uses(project, listed), key=lambda one: one.at):
        if project.role(use.at.path) not in _OURS or (use.at.path, use.gone) in met:
            continue
        met.add((use.at.path, use.gone))
        there = admits(project.libraries[use.gone.dist], f">={use.gone.since}")
        again = any(one.rpartition(".")[2] == use.shown.rpartition(".")[2] for one in given_back)
        ok = None if there is None or again else not there
        if ok is False and found_in(project, use.at.path, _PREPARED) is not None:
            ok = None
        yield _judged(project, use, ok)


def _judged(project: Project, use: Use, ok: bool | None) -> Evidence:
    library = project.libraries[use.gone.dist]
    fields = {
        "what": use.shown,
        "library": f"{use.gone.dist} {use.gone.since}",
        "admits": f"{use.gone.dist}{library.spec}",
        "cure": f"Use {use.gone.cure}" if use.gone.cure else "Use what took its place",
    }
    return Evidence(ok, use.at, f"`{use.shown}`", fields=fields, scope=use.scope)


def _parsed(text: str) -> Gone:
    found = _ENTRY.fullmatch(text)
    assert found is not None, text  # noqa: S101 - entries are of the catalogue
    key, cure = found["key"] or "", found["cure"] or ""
    place = int(found["place"]) if found["place"] else None
    return Gone(found["dist"], found["since"], found["name"], key, place, cure)


def _meant(call: Call, gone: Gone) -> bool:
    """Whether a call of that name does what no longer goes."""
    if gone.place is None:
        return not gone.key or arg(call, gone.key) is not None
    return arg(call, gone.key, gone.place) is None and not unpacks(call)


def _uses(project: Project, listed: _Listed) -> Iterator[Use]:
    """Calls, imports, and names that are handed to calls."""
    for name, calls in project.calls_by_name.items():
        ones = listed.of(name)
        for call in calls if ones else ():
            for one in ones:
                if call.guard not in {"optional", "type"} and _meant(call, one):
                    yield Use(call.at, call.scope, one, _shown(name, one))
    for row in project.rows("import"):
        for one in listed.of(row.name) if not row.optional and not row.first_party else ():
            if not one.key:
                yield Use(row.at, row.scope, one, row.name)
    for call in project.rows("call"):
        for given in call.args:
            for one in listed.of(given.name) if "." in given.name else ():
                if not one.key:
                    yield Use(call.at, call.scope, one, given.name)


def _shown(name: str, gone: Gone) -> str:
    """A name as people write it: `DataFrame.append`, `OneHotEncoder(sparse=)`."""
    if gone.place is not None:
        return f"{name} without {gone.key}"
    if name.startswith("pandas."):
        name = _MAKES_TABLE.sub("pandas.DataFrame()", name)
    parts = name.replace("()", "").replace("[]", "").split(".")
    if gone.key:
        return f"{'.'.join(parts[-2:] if '()' in name else parts[-1:])}({gone.key}=)"
    return ".".join(parts if len(parts) <= _LONG else parts[-2:])
