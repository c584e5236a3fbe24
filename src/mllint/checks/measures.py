"""What can be counted over all own functions and files: types, docstrings, branches, names, prints.

One piece of evidence for the whole project, with the share in its note. Counts the project's own
modules only: no notebooks, tests, examples or vendored code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mllint.facts import Body, Define, Module
    from mllint.project import Project

_ENOUGH = 5
"""Fewest functions that a share says anything about."""
_SHOWN = 5
_SNAKE = regex(r"_*[a-z0-9]+(?:_[a-z0-9]+)*_*")
_CAPS = regex(r"_*[A-Z]\w*")
_IDIOMS = regex(
    r"(?:visit|depart|do|on|test|assert|get|set|plot|compute|check)_\w+|(?:setUp|tearDown)(?:Class|Module)?"
    r"|forward|runTest|maxDiff|\w*(?:_[A-Z]+|[A-Z])(?:_\w+)?"
)
"""Names that a protocol or the language of mathematics asks for: `visit_Call`, `split_X_y`."""
_CAMEL = regex(r"_*[a-z]+(?:[A-Z][a-z0-9]+)+")
_LOGGERS = frozenset({"logging", "loguru", "structlog", "logbook", "eliot", "picologging"})
_LENDERS = ("accelerate.logging", "absl.logging", "transformers.utils.logging",
            "prefect.get_run_logger", "zenml.logger", "lightning.pytorch.utilities.rank_zero",
            "pytorch_lightning.utilities.rank_zero")  # fmt: skip
_GENERATED = regex(r"_pb2(?:_grpc)?\.py$")


def modules(project: Project) -> list[Module]:
    """The project's own Python files that hold code."""
    return [
        row
        for row in project.rows("module")
        if row.at.path.endswith(".py")
        and row.code
        and project.role(row.at.path) == "source"
        and not _GENERATED.search(row.at.path)
    ]


class _Defined(NamedTuple):
    """What the own modules define, inner functions left out."""

    functions: Sequence[Define]
    classes: Sequence[Define]
    bodies: Mapping[Define, Body]


def _defined(project: Project) -> _Defined:
    functions: list[Define] = []
    classes: list[Define] = []
    bodies: dict[Define, Body] = {}
    for module in modules(project):
        tables = project.by_path[module.at.path]
        rows = tables.get("define", ())
        bodies.update(zip(rows, tables.get("body", ()), strict=True))
        inside = {row.name for row in rows if row.kind in {"function", "method"}}
        for row in rows:
            if row.name.rpartition(".")[0] in inside or row.kind == "lambda":
                continue
            (classes if row.kind == "class" else functions).append(row)
    return _Defined(functions, classes, bodies)


def _public(row: Define) -> bool:
    return not any(part.startswith("_") for part in row.name.split("."))


def _share(
    rows: Sequence[Define], good: Callable[[Define], bool], least: float, what: str
) -> Evidence:
    """One judgement of how many rows are good, with some that are not."""
    bad = [row for row in rows if not good(row)]
    count = len(rows) - len(bad)
    note = f"{count} of {len(rows)} {what} ({100 * count // len(rows)} %)"
    if count >= least * len(rows):
        return Evidence(True, None, note)
    return Evidence(False, None, note, count / len(rows), related=_others(bad))


def _others(rows: Sequence[Define]) -> tuple[Related, ...]:
    return tuple(Related(row.at, f"`{row.name}`") for row in rows[:_SHOWN])


def typed(project: Project, *, share: float) -> Iterator[Evidence]:
    """A type checker that runs; else how many public functions have annotations."""
    used = [t for t in project.used_tools.get("typing", ()) if t.grade == "used"]
    yield from (Evidence(True, tool.at, f"{tool.tool}: {tool.note}") for tool in used)
    rows = [
        row
        for row in _defined(project).functions
        if _public(row) and any(p not in {"self", "cls"} for p in row.params)
    ]
    if used or len(rows) < _ENOUGH:
        return
    yield _share(rows, lambda row: row.annotated, share, "public functions have annotations")


def documented(project: Project, *, share: float) -> Iterator[Evidence]:
    """How many public functions and classes have a docstring."""
    found = _defined(project)
    rows = [row for row in (*found.functions, *found.classes) if _public(row) and not row.stub]
    if len(rows) >= _ENOUGH:
        what = "public functions and classes have a docstring"
        rows.sort(key=lambda row: row.at)
        yield _share(rows, lambda row: found.bodies[row].docstring, share, what)


def branching(project: Project, *, max_branches: int, share: float) -> Iterator[Evidence]:
    """How many functions have more branches than a reader can hold in mind."""
    found = _defined(project)
    sizes = {row: found.bodies[row].branches for row in found.functions if not row.stub}
    yield from _oversized(sizes, max_branches, share, f"{max_branches} branches", "")


def sprawling(project: Project, *, max_lines: int, share: float) -> Iterator[Evidence]:
    """How many functions are longer than a few screens."""
    found = _defined(project)
    sizes = {row: found.bodies[row].lines for row in found.functions if not row.stub}
    yield from _oversized(sizes, max_lines, share, f"{max_lines} lines", " lines")


def _oversized(
    sizes: Mapping[Define, int], most: int, share: float, bound: str, unit: str
) -> Iterator[Evidence]:
    """How many functions are larger than the bound, the largest first."""
    if len(sizes) < _ENOUGH:
        return
    bad = sorted((row for row in sizes if sizes[row] > most), key=lambda row: -sizes[row])
    note = f"{len(bad)} of {len(sizes)} functions have more than {bound}"
    if bad:
        note += f"; `{bad[0].name}` has {sizes[bad[0]]}"
    if len(bad) <= share * len(sizes):
        yield Evidence(True, None, note)
    else:
        at = tuple(Related(row.at, f"`{row.name}`: {sizes[row]}{unit}") for row in bad[:_SHOWN])
        yield Evidence(False, None, note, 1 - len(bad) / len(sizes), related=at)


def named(project: Project, *, share: float) -> Iterator[Evidence]:
    """How many functions and classes are named as the language's own style says."""
    found = _defined(project)
    rows = sorted((*found.functions, *found.classes), key=lambda row: row.at)
    if len(rows) >= _ENOUGH:
        what = "functions and classes are named in the usual style"
        yield _share(rows, _usual, share, what)


def _usual(row: Define) -> bool:
    name = row.name.rpartition(".")[2]
    if row.kind == "class":
        return _CAPS.fullmatch(name) is not None
    if _SNAKE.fullmatch(name) or (row.kind == "function" and row.makes.endswith("()")):
        return True  # a function that only makes an object may be named as its class: `ResNet18`
    return _IDIOMS.fullmatch(name) is not None and not _CAMEL.fullmatch(name)


def printed(project: Project, *, max_prints: int) -> Iterator[Evidence]:
    """Whether modules that are more than a few lines log what they do, or only print it."""
    own = {row.at.path for row in modules(project)}
    logs = [
        row
        for row in project.rows("import")
        if row.at.path in own
        and not row.first_party
        and (row.root in _LOGGERS or row.name.startswith(_LENDERS))
    ]
    if logs:
        yield Evidence(True, logs[0].at, f"`{logs[0].name}` is imported")
        return
    prints = [
        call
        for call in project.calls_by_name.get("print", ())
        if call.at.path in own and all(arg.key != "file" for arg in call.args)
    ]
    if not prints:
        return
    files = len({call.at.path for call in prints})
    many = f"{len(prints)} calls of `print`" if len(prints) > 1 else "one call of `print`"
    note = f"{many} in {files} file{'s' * (files > 1)}, and no logger"
    related = tuple(Related(call.at, "prints") for call in prints[:_SHOWN])
    yield Evidence(len(prints) <= max_prints, None, note, related=related)


def commented_out(project: Project, *, share: float) -> Iterator[Evidence]:
    """How many lines of the own modules are code that is commented out."""
    own = modules(project)
    paths = {row.at.path for row in own}
    lines = sum(row.code_lines for row in project.rows("extent") if row.at.path in paths)
    if not lines:
        return
    blocks = [c for c in project.rows("comment") if c.kind == "code" and c.at.path in paths]
    dead = sum(c.at.end_line - c.at.line + 1 for c in blocks)
    note = f"{dead} lines of commented-out code beside {lines} lines of code"
    if dead <= share * lines:
        yield Evidence(True, None, note)
        return
    longest = sorted(blocks, key=lambda c: c.at.line - c.at.end_line)
    at = tuple(Related(c.at, f"`{c.text[:60]}`") for c in longest[:_SHOWN])
    yield Evidence(False, None, note, related=at)
