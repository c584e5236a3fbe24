"""Traces of tools in code: calls, classes, imports, strings, and classes that settings name.

Knows rows and how to ask the index; grades by the ground the evidence stands on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mllint.facts import Call, Define, Import, Place, Setting
from mllint.link.ground import Ground, Tables, is_off

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mllint.link.traceindex import CallTrace, TraceIndex

_TARGETS = ("_target_", "class_path", "_component_")
"""Keys whose value names a class: Hydra, LightningCLI, torchtune."""
_BESIDE = "only in a notebook"
_GUARDED = "only where it is installed"
_SWITCHED = "only behind an option that is off by default"


class Trace(NamedTuple):
    """One piece of evidence for a tool."""

    tool: int
    grade: str
    at: Place
    how: str
    note: str


class _Seen(NamedTuple):
    """A name that is called, subclassed or put to use as a decorator."""

    row: Call | Define | Setting
    name: str
    guard: str


def code(index: TraceIndex, tables: Tables, ground: Ground) -> Iterator[Trace]:
    """The traces in Python code and in settings that name classes."""
    names: dict[str, list[_Seen]] = {}
    roots = index.call_roots
    for seen in _names(tables):
        root = seen.name.partition(".")[0]
        if root in roots and (seen.row.at.path, root) not in ground.ours:
            names.setdefault(seen.name, []).append(seen)
    for name, rows in names.items():
        for trace in index.calls(name):
            yield from _called(trace, rows, index, ground)
    yield from _imports(index, tables.get("import", ()), ground)
    yield from _literals(index, tables.get("literal", ()), ground)


def _names(tables: Tables) -> Iterator[_Seen]:
    for call in tables.get("call", ()):
        if call.name[:1] not in {"?", "."} and call.guard != "type":
            yield _Seen(call, call.name, call.guard)
    for define in tables.get("define", ()):
        for name in (*define.bases, *define.decorators):
            yield _Seen(define, name, "")
    yield from _targets(tables.get("setting", ()))


def _targets(settings: Sequence[Setting]) -> Iterator[_Seen]:
    """Classes that settings name; those that no defaults list of Hydra chooses are optional."""
    found = [s for s in settings if s.key.endswith(_TARGETS) and isinstance(s.value, str)]
    chosen: dict[str, set[Any]] = {}
    for setting in settings if found else ():
        if setting.key.startswith("defaults[]."):
            group = setting.key[11:].removeprefix("override ").strip("/").rpartition("/")[2]
            chosen.setdefault(group, set()).add(setting.value)
    for setting in found:
        *_, group, name = ["", *setting.at.path.split("/")]
        stem = name.rpartition(".")[0]
        asked = group not in chosen or stem in chosen[group]
        yield _Seen(setting, setting.value, "" if asked else "flag")


def _called(
    trace: CallTrace, rows: Sequence[_Seen], index: TraceIndex, ground: Ground
) -> Iterator[Trace]:
    """The best of the places where one name is used."""
    spec = index.tools[trace.tool].spec
    off = ground.off_by_default(spec)
    for seen in rows:
        if trace.argument and not _given(seen.row, trace.argument):
            continue
        path = seen.row.at.path
        note = f"`{shown(seen.name)}`" + (f" with `{trace.argument}`" if trace.argument else "")
        if trace.opens:
            note += " begins, but nothing is made of it"
            yield Trace(
                trace.tool, _least("declared", ground.worth(path, spec)), seen.row.at, "call", note
            )
            continue
        grade = ground.worth(path, spec)
        reason = _BESIDE if grade == "optional" else ""
        if seen.guard == "optional" or (path, seen.name.partition(".")[0]) in ground.guarded:
            grade, reason = _least(grade, "optional"), _GUARDED
        elif seen.guard == "flag" and (off or isinstance(seen.row, Setting)):
            grade, reason = _least(grade, "optional"), _SWITCHED
        note = f"{note} in `{path}`" + (f", {reason}" if reason else "")
        yield Trace(trace.tool, grade, seen.row.at, "call", note)
        if grade == "used":
            return


def _least(one: str, other: str) -> str:
    order = ("used", "optional", "declared", "mentioned", "vendored")
    return max(one, other, key=order.index)


def shown(name: str) -> str:
    """An origin path as a reader would write it: `SummaryWriter.add_scalar`, `mlflow.log_metric`."""
    parts = name.replace("()", "").replace("[]", "").split(".")
    first = next((i for i, part in enumerate(parts) if part[:1].isupper()), len(parts))
    return ".".join(
        parts[first:] if first < len(parts) else parts[:1] + parts[max(1, len(parts) - 1) :]
    )


def _given(row: Call | Define | Setting, keyword: str) -> bool:
    """Whether an argument is given and not surely off."""
    if not isinstance(row, Call):
        return False
    return any(a.key == keyword and not (a.known and is_off(a.const)) for a in row.args)


def _imports(index: TraceIndex, rows: Iterable[Import], ground: Ground) -> Iterator[Trace]:
    """Imports: real use for a tool whose calls are not listed, else a declaration."""
    known = index.by["imports"]
    roots = {name.partition(".")[0] for name in known}
    done: set[tuple[int, str]] = set()
    for row in rows:
        if row.root not in roots or row.first_party:
            continue
        for tool in _prefixes(known, row.name):
            spec = index.tools[tool].spec
            grade = ground.worth(row.at.path, spec)
            if "calls" in spec:
                grade = _least(grade, "declared")
            elif row.optional:
                grade = _least(grade, "optional")
            if (tool, grade) in done:
                continue
            done.add((tool, grade))
            unused = ", but nothing that counts is called" if grade == "declared" else ""
            yield Trace(
                tool,
                grade,
                row.at,
                "import",
                f"`{row.root}` is imported in `{row.at.path}`{unused}",
            )


def _prefixes(known: dict[str, list[int]], name: str) -> Iterator[int]:
    """The tools of the modules that a dotted name lies in."""
    while name:
        yield from known.get(name, ())
        name = name.rpartition(".")[0]


def _literals(index: TraceIndex, rows: Iterable[Any], ground: Ground) -> Iterator[Trace]:
    starts = {text.rstrip("*"): tools for text, tools in index.by["literals"].items()}
    prefixes = tuple(starts)
    for row in rows:
        if row.text.startswith(prefixes):
            for start, tools in starts.items():
                if row.text.startswith(start):
                    for tool in tools:
                        grade = ground.worth(row.at.path, index.tools[tool].spec)
                        yield Trace(
                            tool, grade, row.at, "call", f"`{row.text[:60]}` in `{row.at.path}`"
                        )
