"""Writes what `modules` found into the rows: first-party imports, names and constants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mllint.facts import Arg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mllint.facts import Assign, Call, Define, Facts, Import
    from mllint.link.modules import Modules


def rewritten(modules: Modules, path: str, facts: Facts) -> Mapping[str, Sequence[Any]]:
    """The rows of a file with first-party names and constants replaced by what they stand for."""
    rows = dict(facts.rows)
    imports, roots = _imports(modules, path, rows.get("import", ()))
    names = _Names(modules, path, roots)
    rows["import"] = imports
    rows["call"] = names.calls(rows.get("call", ()))
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


class _Names:
    """The names of one file."""

    def __init__(self, modules: Modules, path: str, roots: frozenset[str]) -> None:
        self._modules = modules
        self._path = path
        self._starts = (".", *(f"{root}." for root in roots))
        """How a name starts that may stand for something else than itself."""
        self._found: dict[str, Arg] = {}

    def stands_for(self, name: str) -> Arg:
        """A name as an argument that says what it stands for."""
        if (found := self._found.get(name)) is None:
            if name[:1] == "." and "(" not in name:
                found = Arg("", False, None, name, -1)  # the reader has followed it already
            else:
                origin = self._modules.origin(self._path, name)
                seen = self._modules.seen(self._path, name, origin)
                found = Arg("", origin.known, origin.const, seen, -1)
            self._found[name] = found
        return found

    def name(self, name: str) -> str:
        return self.stands_for(name).name if name.startswith(self._starts) else name

    def calls(self, rows: Sequence[Call]) -> list[Call]:
        starts = self._starts
        found = list(rows)
        for k, row in enumerate(rows):
            if row.name.startswith(starts):
                name = self.stands_for(row.name).name
                if name != row.name:
                    found[k] = row._replace(name=name)
            for arg in row.args:
                if arg.name.startswith(starts):
                    found[k] = found[k]._replace(args=tuple(map(self.arg, row.args)))
                    break
            if row.within and any(w.startswith(starts) for w in row.within):
                found[k] = found[k]._replace(within=tuple(map(self.name, row.within)))
        return found

    def arg(self, arg: Arg) -> Arg:
        if not arg.name.startswith(self._starts):
            return arg
        found = self.stands_for(arg.name)
        if found.known and not arg.known:
            return arg._replace(known=True, const=found.const, name="")
        return arg if found.name == arg.name else arg._replace(name=found.name)

    def assign(self, row: Assign) -> Assign:
        if row.known or not row.name.startswith(self._starts):
            return row
        found = self.stands_for(row.name)
        if found.known:
            return row._replace(known=True, const=found.const, name="")
        return row if found.name == row.name else row._replace(name=found.name)

    def define(self, row: Define) -> Define:
        named = (*row.bases, *row.decorators, *row.annotations)
        if not any(name.startswith(self._starts) for name in named):
            return row
        return row._replace(
            bases=tuple(map(self.name, row.bases)),
            decorators=tuple(map(self.name, row.decorators)),
            annotations=tuple(map(self.name, row.annotations)),
        )
