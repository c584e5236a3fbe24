"""How tables and lists are handled: changed in place or through a selection, asked for gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.project import arg
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Arg, Call
    from mllint.project import Project

_GIVE_NOTHING = frozenset(
    {"drop", "dropna", "drop_duplicates", "sort_values", "sort_index", "rename", "reset_index",
     "set_index", "rename_axis", "eval", "query"}
)  # fmt: skip
"""Methods that return None if they work in place, in every version of pandas."""
_PANDAS = ("pandas.", "geopandas.")
_OF_UNKNOWN = ("?", ".")
"""What the names of objects begin with that nobody knows, or that a class of the project holds."""
_SHUFFLES = regex(r"(?:numpy\.)?random\.(?:(?:Random|default_rng|RandomState)\(\)\.)?shuffle")
_NANS = frozenset({"nan", "NaN", "NAN", "NaT", "NA"})
_NAN_IS_EQUAL = frozenset({"polars", "pyspark", "databricks"})
_ASKS_FOR_GAPS = frozenset({"isna", "isnull", "notna", "notnull", "isnan", "isfinite", "isnat"})
_READ = frozenset({"source", "template", "example"})
_NOBODY = regex(r"^_$")
_ITEM = regex(r"\]")
_SELECTION = regex(
    r"pandas\.(?:DataFrame|read_(?:csv|parquet|table|feather|pickle|sql\w*|json|fwf)|concat|merge)\(\)"
    r"(?:\.(?:drop\w*|fillna|reset_index|set_index|sort_\w+|rename|copy|merge|assign|loc|iloc)"
    r"(?:\(\))?)*\[\]\[[^\]]*\]"
)


def in_place_kept(project: Project) -> Iterator[Evidence]:
    """Calls that work in place, judged by whether their result, which is None, is kept."""
    dropped = {(row.at.path, row.at.line) for row in project.assigned(_NOBODY)}
    for call in _in_place(project):
        if project.role(call.at.path) in _READ:
            short = call.name.rpartition(".")[2]
            good = not call.used or (call.at.path, call.at.line) in dropped
            what = f"`{short}` with `inplace=True`"
            fields = {"short": short, "what": what, "cure": "Leave `inplace` out"}
            yield Evidence(good, call.at, f"`{short}` in place", fields=fields)
    yield from _shuffled(project)


def _in_place(project: Project) -> Iterator[Call]:
    """Calls of tables that are told to work in place."""
    own: set[str] | None = None
    for name in project.names.ending(_GIVE_NOTHING):
        if not name.startswith((*_PANDAS, *_OF_UNKNOWN)):
            continue
        asked = [c for c in project.calls_by_name[name] if _is_true(arg(c, "inplace"))]
        if asked and name.startswith(_OF_UNKNOWN):
            if own is None:
                own = {row.name.rpartition(".")[2] for row in project.rows("define")}
            asked = [] if name.rpartition(".")[2] in own else asked
        yield from asked


def _is_true(given: Arg | None) -> bool:
    return given is not None and given.const is True


def _shuffled(project: Project) -> Iterator[Evidence]:
    """Lists that are shuffled, judged by whether the None that this gives is given a name."""
    graph = project.graph
    for name in project.names.ending({"shuffle"}):
        for call in project.calls_by_name[name] if _SHUFFLES.fullmatch(name) else ():
            if project.role(call.at.path) not in _READ:
                continue
            at = graph.of(call.at.path, call.value) if graph is not None and call.used else -1
            kept = graph is not None and at >= 0 and set(graph.targets(at)) - {"_"}
            fields = {
                "short": "shuffle",
                "what": f"`{name}`",
                "cure": "Shuffle in a line of its own",
            }
            yield Evidence(not kept, call.at, "`shuffle` in place", fields=fields)


def set_through_selection(project: Project) -> Iterator[Evidence]:
    """Cells of tables that are set, judged by whether that goes through a selection."""
    for row in project.assigned(_ITEM):
        if _SELECTION.fullmatch(row.target) and project.role(row.at.path) in _READ:
            yield Evidence(False, row.at, "an item of a selection is set", scope=row.scope)
    for call in project.calls("load"):
        if call.name.startswith("pandas.") and project.role(call.at.path) in _READ:
            yield Evidence(True, call.at, f"`{call.name}` makes a table, and no selection is set")
            return


def compared_with_nan(project: Project) -> Iterator[Evidence]:
    """How it is asked whether values are missing: by functions, or by a comparison.

    Spark and Polars take NaN for equal to itself.
    """
    equal = {row.at.path for row in project.rows("import") if row.root in _NAN_IS_EQUAL}
    for row in project.rows("compare"):
        if project.role(row.at.path) in _READ and row.at.path not in equal:
            nan = row.right if row.right.rpartition(".")[2] in _NANS else row.left
            fields = {"nan": nan, "always": "false" if row.how == "Eq" else "true"}
            yield Evidence(False, row.at, f"compared with `{nan}`", fields=fields, scope=row.scope)
    for name in project.names.ending(_ASKS_FOR_GAPS):
        for call in project.calls_by_name[name]:
            if project.role(call.at.path) in _READ:
                yield Evidence(True, call.at, f"`{name.rpartition('.')[2]}` asks for gaps")
                return
