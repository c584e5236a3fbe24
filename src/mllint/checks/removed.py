"""Names and arguments that newer versions of a library no longer have.

Knows how a rule lists them and which versions the project admits; which ones are gone is for the
rule to say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mllint.checks.written import found_in
from mllint.names import glob
from mllint.project import arg
from mllint.review import Evidence
from mllint.versions import admits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mllint.facts import Place
    from mllint.project import Project

_OURS = frozenset({"source", "template"})
_ENTRY = re.compile(
    r"(?P<dist>\S+) (?P<since>[\d.]+) (?P<name>[\w.*<>()]+?)(?:\((?P<key>\w+)=\))?"
    r"(?: (?P<cure>.+))?"
)
_TABLE = (
    r"pandas\.(?:DataFrame|Series|concat|merge|read_\w+)\(\)"
    r"(?:\.(?:append|copy|drop|dropna|fillna|rename|reset_index|set_index|sort_values|merge|head"
    r"|tail|sample|assign)\(\))*"
)
_LONG = 3
"""Parts of a name that is told as a whole."""
_MAKES_TABLE = re.compile(r"pandas\.(?:concat|merge|read_\w+)\(\)(?:.*\(\)(?=\.))?")
_PREPARED = re.compile(
    r"\bhasattr\(|__version__|\bparse_version\(|\bversion\(|except \(?(?:\w+, )*"
    r"(?:AttributeError|TypeError|ImportError|ModuleNotFoundError)"
)
"""Words of code that minds which version there is."""


class Gone(NamedTuple):
    """What a library has no more."""

    dist: str
    since: str
    """The first version without it."""
    name: re.Pattern[str]
    """What its origin path looks like."""
    key: str
    """The argument that is gone; "" for the name itself."""
    cure: str
    """What to use instead, or ""."""


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
    listed = [_parsed(one) for one in gone if one.partition(" ")[0] in project.libraries]
    if not listed:
        return
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
    name = glob(found["name"]).replace("<table>", _TABLE)
    key, cure = found["key"] or "", found["cure"] or ""
    return Gone(found["dist"], found["since"], re.compile(name), key, cure)


def _uses(project: Project, listed: Sequence[Gone]) -> Iterator[Use]:
    roots: dict[str, list[Gone]] = {}
    for one in listed:
        roots.setdefault(re.split(r"\W", one.name.pattern)[0], []).append(one)
    found = {name: _whole(name, roots) for name in project.calls_by_name}
    for name, ones in found.items():
        for call in project.calls_by_name[name] if ones else ():
            for one in ones:
                if call.guard not in {"optional", "type"} and (not one.key or arg(call, one.key)):
                    yield Use(call.at, call.scope, one, _shown(name, one.key))
    yield from _named(project, roots)


def _whole(name: str, roots: Mapping[str, Iterable[Gone]]) -> list[Gone]:
    """What is gone of the things that a call name calls."""
    listed = roots.get(name.partition(".")[0], ())
    return [one for one in listed if one.name.fullmatch(name)]


def _named(project: Project, roots: Mapping[str, Iterable[Gone]]) -> Iterator[Use]:
    """Imports, and names that are handed to calls."""
    seen: dict[str, list[Gone]] = {}

    def of(name: str) -> list[Gone]:
        if (ones := seen.get(name)) is None:
            ones = seen[name] = [one for one in _whole(name, roots) if not one.key]
        return ones

    for row in project.rows("import"):
        for one in of(row.name) if not row.optional and not row.first_party else ():
            yield Use(row.at, row.scope, one, row.name)
    for call in project.rows("call"):
        for given in call.args:
            for one in of(given.name) if "." in given.name else ():
                yield Use(call.at, call.scope, one, given.name)


def _shown(name: str, key: str) -> str:
    """A name as people write it: `DataFrame.append`, `OneHotEncoder(sparse=)`."""
    if name.startswith("pandas."):
        name = _MAKES_TABLE.sub("pandas.DataFrame()", name)
    parts = name.replace("()", "").replace("[]", "").split(".")
    if key:
        return f"{'.'.join(parts[-2:] if '()' in name else parts[-1:])}({key}=)"
    return ".".join(parts if len(parts) <= _LONG else parts[-2:])
