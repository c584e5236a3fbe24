"""Traces of tools in code: calls, classes, imports, strings, and classes that settings name.

Knows rows and how to ask the index; grades by the ground the evidence stands on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mllint.facts import Call, Define, Import, Place, Setting
from mllint.link.ground import Ground, Tables, is_off, is_ours

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from mllint.link.traceindex import CallTrace, TraceIndex
    from mllint.tools import Spec

_TARGETS = ("_target_", "class_path", "_component_")
"""Keys whose value names a class: Hydra, LightningCLI, torchtune."""
_BESIDE = "only in a notebook"
_UNREACHED = "a file that nothing imports or runs"
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
    """A place where a name is called, subclassed or put to use as a decorator."""

    row: Call | Define | Setting
    guard: str


def code(index: TraceIndex, tables: Tables, ground: Ground) -> Iterator[Trace]:
    """The traces in Python code and in settings that name classes."""
    roots = index.call_roots
    for name, rows in _names(tables, roots).items():
        root = name.partition(".")[0]
        traces = list(index.calls(name))
        if not traces:
            continue
        seen = [s for s in rows if s.guard != "type" and (s.row.at.path, root) not in ground.ours]
        for trace in traces:
            yield from _called(trace, name, seen, index, ground)
    yield from _imports(index, tables.get("import", ()), ground)
    yield from _literals(index, tables.get("literal", ()), ground)


def _names(tables: Tables, roots: Container[str]) -> Mapping[str, Sequence[_Seen]]:
    """Where each name below one of the roots is put to use."""
    found: dict[str, list[Any]] = {}
    for call in tables.get("call", ()):
        if (rows := found.get(call.name)) is None:
            found[call.name] = rows = []
        rows.append(call)
    names = {
        name: [_Seen(c, c.guard) for c in calls]
        for name, calls in found.items()
        if name.partition(".")[0] in roots
    }
    for define in tables.get("define", ()):
        for name in (*define.bases, *define.decorators):
            if name.partition(".")[0] in roots:
                names.setdefault(name, []).append(_Seen(define, ""))
    for name, seen in _targets(tables.get("setting", ())):
        names.setdefault(name, []).append(seen)
    return names


def _targets(settings: Sequence[Setting]) -> Iterator[tuple[str, _Seen]]:
    """Classes that settings name; those that no defaults list of Hydra chooses are optional."""
    found = [s for s in settings if s.key.endswith(_TARGETS) and isinstance(s.value, str)]
    chosen = _chosen(settings) if found else {}
    for setting in found:
        group, stem = _group(setting.at.path)
        asked = group not in chosen or stem in chosen[group]
        yield setting.value, _Seen(setting, "" if asked else "flag")


def _chosen(settings: Sequence[Setting]) -> Mapping[str, set[Any]]:
    """Group of Hydra -> the options that defaults lists choose, those of chosen files included."""
    chosen: dict[str, set[Any]] = {}
    for setting in settings:
        if setting.key.startswith("defaults[]."):
            group = setting.key[11:].removeprefix("override ").strip("/").rpartition("/")[2]
            chosen.setdefault(group, set()).add(setting.value)
    for setting in settings:
        if setting.key == "defaults[]":
            group, stem = _group(setting.at.path)
            if stem in chosen.get(group, ()):
                chosen[group].add(setting.value)
    return chosen


def _group(path: str) -> tuple[str, str]:
    """The group and the option that a configuration file is for Hydra: its folder and its stem."""
    *_, group, name = ["", *path.split("/")]
    return group, name.rpartition(".")[0]


def _called(
    trace: CallTrace, name: str, rows: Sequence[_Seen], index: TraceIndex, ground: Ground
) -> Iterator[Trace]:
    """The best of the places where one name is used."""
    spec = index.tools[trace.tool].spec
    note = f"`{shown(name)}`" + (f" with `{trace.argument}`" if trace.argument else "")
    for seen in rows:
        if trace.argument and not _given(seen.row, trace.argument):
            continue
        path = seen.row.at.path
        grade, reason = _weighed(seen, name.partition(".")[0], spec, ground)
        if trace.opens:
            grade, reason = _least("declared", grade), "but nothing is seen to be recorded with it"
        said = f"{note} in `{path}`" + (f", {reason}" if reason else "")
        yield Trace(trace.tool, grade, seen.row.at, "call", said)
        if grade == "used":
            return


def _weighed(seen: _Seen, root: str, spec: Spec, ground: Ground) -> tuple[str, str]:
    """The grade of a use by where it stands, and why it is not the best."""
    path = seen.row.at.path
    grade = ground.worth(path, spec)
    if grade == "used":
        if path in ground.unreached:
            return "declared", _UNREACHED
        if seen.guard == "optional" or (path, root) in ground.guarded:
            return "optional", _GUARDED
        if seen.guard == "flag" and (isinstance(seen.row, Setting) or ground.off_by_default(spec)):
            return "optional", _SWITCHED
    return grade, _BESIDE if grade == "optional" else ""


def _least(one: str, other: str) -> str:
    order = ("used", "optional", "declared", "mentioned", "vendored")
    return max(one, other, key=order.index)


def shown(name: str) -> str:
    """An origin path as one would write it: `SummaryWriter.add_scalar`, `mlflow.log_metric`."""
    parts = name.replace("()", "").replace("[]", "").split(".")
    return ".".join(next((parts[i:] for i, part in enumerate(parts) if part[:1].isupper()), parts))


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
        if row.root not in roots or is_ours(row):
            continue
        for tool in _prefixes(known, row.name):
            spec = index.tools[tool].spec
            grade = ground.worth(row.at.path, spec)
            if "calls" in spec or "rows" in spec:
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
