"""The quantifiers of the check language: what `every`, `no` and `some` make of rows.

Knows rows and three-valued conditions on them; knows nothing of how conditions are spelt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from mllint.project import Project
from mllint.review import Check, Evidence
from mllint.wording import searched, told

Truth: TypeAlias = bool | None
Condition: TypeAlias = Callable[[Project, Any], Truth]
Matcher: TypeAlias = Callable[[Project, Any], Truth]

_OF_CODE = frozenset({"call", "assign", "define", "import"})
"""Tables whose rows come from code that was understood."""


def negate(truth: Truth) -> Truth:
    """Three-valued not."""
    return None if truth is None else not truth


class Select(NamedTuple):
    """A table and the condition on the rows that are looked at."""

    table: str
    where: Condition
    names: Callable[[Project], Iterable[str]] | None
    """For calls selected by name: the names that may be meant."""
    nothing: str = ""
    """What to say where no row is as it is looked for; "" leaves the words to `wording`."""

    def rows(self, project: Project) -> Iterator[tuple[Any, bool]]:
        """Rows that `where` selects; False marks one that it may select, but not surely."""
        rows: Iterable[Any] = project.rows(self.table)
        if self.names is not None:
            calls = project.calls_by_name
            rows = (row for name in self.names(project) for row in calls[name])
        for row in rows:
            truth = self.where(project, row)
            if truth is not False:
                yield row, truth is True


def evidence(ok: Truth, row: Any, table: str) -> Evidence:
    """Evidence about a row; against it, with its columns at hand for the rule's message."""
    note = ""
    if table == "call":
        note = f"`{row.name.lstrip('.?') or row.name.rpartition('.')[2]}`"
    return Evidence(
        ok,
        row.at,
        note or getattr(row, "note", "") or told(table, row),
        float(getattr(row, "credit", 0.0) or 0.0),
        fields=_fields(row, table) if ok is False else {},
        scope=getattr(row, "scope", "") or "",
    )


def _fields(row: Any, table: str) -> dict[str, str]:
    """What the message of a rule may name of a row."""
    fields = {k: _shown(v) for k, v in zip(row._fields, row, strict=True) if k != "at"}
    fields["short"] = fields.get("name", "").rpartition(".")[2]
    fields["path"] = row.at.path
    if table == "call":
        fields.update({f"arg_{a.key}": _shown(a.const if a.known else a.name) for a in row.args})
    return fields


def _shown(value: Any) -> str:
    if isinstance(value, tuple) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return str(value)


def every_check(select: Select, have: Condition) -> Check:
    """Each selected row must satisfy `have`."""

    def check(project: Project) -> Iterator[Evidence]:
        for row, sure in select.rows(project):
            if sure:
                yield evidence(have(project, row), row, select.table)

    return check


def no_check(select: Select, have: Condition | None) -> Check:
    """No row may be selected; with `have`, no selected row may satisfy it."""

    def check(project: Project) -> Iterator[Evidence]:
        clean = True
        for row, sure in select.rows(project):
            clean = False
            if have is None:
                yield evidence(False if sure else None, row, select.table)
            elif sure:
                yield evidence(negate(have(project, row)), row, select.table)
        if clean:
            count = len(project.rows(select.table))
            unread = _unread(project) if select.table in _OF_CODE else ""
            note = unread or searched(select.table, count, select.nothing)
            yield Evidence(None if unread else True, note=note)

    return check


def _unread(project: Project) -> str:
    """Why nothing can be said of the code as a whole: most files of it are not understood."""
    modules = project.rows("module")
    unread = sum(row.parsed == "none" for row in modules)
    most = 2 * unread > len(modules)
    return f"{unread} of {len(modules)} files of code could not be read" if most else ""


def some_check(select: Select, have: Condition | None, at_least: int) -> Check:
    """At least so many selected rows must satisfy `have`."""

    def check(project: Project) -> Iterator[Evidence]:
        good: list[Evidence] = []
        unsure: list[Evidence] = []
        partial: list[Any] = []
        seen = 0
        for row, sure in select.rows(project):
            seen += 1
            truth: Truth = (have is None or have(project, row)) if sure else None
            if truth is None:
                unsure.append(evidence(None, row, select.table))
            elif truth and 0.0 <= getattr(row, "credit", 1.0) < 1.0:
                partial.append(row)
            elif truth:
                good.append(evidence(True, row, select.table))
        if len(good) >= at_least:
            yield from good
        elif unsure:
            yield from unsure
        else:
            count = len(project.rows(select.table)) if have is None else seen
            yield _falls_short(partial, select, count)

    return check


def _falls_short(partial: Sequence[Any], select: Select, count: int) -> Evidence:
    if not partial:
        return Evidence(False, note=searched(select.table, count, select.nothing))
    best = evidence(False, max(partial, key=lambda row: row.credit), select.table)
    return best._replace(scope="")


def any_of(parts: Sequence[Check], nothing: str = "") -> Check:
    """The first part that passes speaks; else what is undecided; else the best of the bad.

    `nothing` is what bad evidence without a place then says.
    """

    def check(project: Project) -> Iterator[Evidence]:
        bad: list[Evidence] = []
        unsure: list[Evidence] = []
        for part in parts:
            found = list(part(project))
            if any(e.ok for e in found) and not any(e.ok is False for e in found):
                yield from found
                return
            bad.extend(e for e in found if e.ok is False)
            unsure.extend(e for e in found if e.ok is None)
        best = sorted(bad, key=lambda e: -e.credit)[:1]
        if nothing and best and best[0].at is None:
            best = [best[0]._replace(note=nothing)]
        yield from unsure or best

    return check


def all_of(parts: Sequence[Check]) -> Check:
    """The evidence of every part."""

    def check(project: Project) -> Iterator[Evidence]:
        for part in parts:
            yield from part(project)

    return check
