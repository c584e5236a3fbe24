"""Writes what `modules` found into the rows: first-party imports, names and constants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mllint.facts import Arg, Assign, Call, Define, Facts, Import
    from mllint.link.modules import Modules


def rewritten(modules: Modules, path: str, facts: Facts) -> Mapping[str, Sequence[Any]]:
    """The rows of a file with first-party names and constants replaced by what they stand for."""
    rows = dict(facts.rows)
    imports, roots = _imports(modules, path, rows.get("import", ()))
    names = _Names(modules, path, roots)
    rows["import"] = imports
    rows["call"] = [names.call(c) for c in rows.get("call", ())]
    rows["assign"] = [names.assign(a) for a in rows.get("assign", ())]
    rows["define"] = [names.define(d) for d in rows.get("define", ())]
    return rows


def _imports(
    modules: Modules, path: str, rows: Sequence[Import]
) -> tuple[list[Import], frozenset[str]]:
    """Import rows that say what is first-party, and the roots of those names."""
    found = []
    roots = set()
    for row in rows:
        ours = modules.provides(path, row.name)
        if ours:
            roots.add(row.name.partition(".")[0])
        found.append(row if ours == row.first_party else row._replace(first_party=ours))
    return found, frozenset(roots)


class _Names(NamedTuple):
    """The names of one file."""

    modules: Modules
    path: str
    roots: frozenset[str]

    def ours(self, name: str) -> bool:
        """Whether a name may stand for something else than itself."""
        if not name or name[0] == "?":
            return False
        if name[0] == ".":
            return "(" in name
        return bool(self.roots) and name.partition(".")[0] in self.roots

    def name(self, name: str) -> str:
        if not self.ours(name):
            return name
        return self.modules.seen(self.path, name, self.modules.origin(self.path, name))

    def call(self, row: Call) -> Call:
        name = self.name(row.name)
        args = row.args
        if any(self.ours(a.name) for a in args):
            args = tuple(self.arg(a) if self.ours(a.name) else a for a in args)
        within = row.within
        if within and any(self.ours(w) for w in within):
            within = tuple(map(self.name, within))
        if name is row.name and args is row.args and within is row.within:
            return row
        return row._replace(name=name, args=args, within=within)

    def arg(self, arg: Arg) -> Arg:
        found = self.modules.origin(self.path, arg.name)
        if found.known and not arg.known:
            return arg._replace(known=True, const=found.const, name="")
        return arg._replace(name=self.modules.seen(self.path, arg.name, found))

    def assign(self, row: Assign) -> Assign:
        if row.known or not self.ours(row.name):
            return row
        found = self.modules.origin(self.path, row.name)
        if found.known:
            return row._replace(known=True, const=found.const, name="")
        return row._replace(name=self.modules.seen(self.path, row.name, found))

    def define(self, row: Define) -> Define:
        if not any(self.ours(n) for n in (*row.bases, *row.decorators)):
            return row
        return row._replace(
            bases=tuple(map(self.name, row.bases)),
            decorators=tuple(map(self.name, row.decorators)),
        )
