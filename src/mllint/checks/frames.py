"""How tables of pandas are changed: in place with the result kept, or through a selection."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.project import arg
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.project import Project

_GIVE_NOTHING = frozenset(
    {"drop", "dropna", "drop_duplicates", "sort_values", "sort_index", "rename", "reset_index",
     "set_index", "rename_axis", "eval", "query"}
)  # fmt: skip
"""Methods that return None if they work in place, in every version of pandas."""
_READ = frozenset({"source", "template", "example"})
_NOBODY = re.compile(r"^_$")
_ITEM = re.compile(r"\]")
_SELECTION = re.compile(
    r"pandas\.(?:DataFrame|read_(?:csv|parquet|table|feather|pickle|sql\w*|json|fwf)|concat|merge)\(\)"
    r"(?:\.(?:drop\w*|fillna|reset_index|set_index|sort_\w+|rename|copy|merge|assign|loc|iloc)"
    r"(?:\(\))?)*\[\]\[[^\]]*\]"
)


def in_place_kept(project: Project) -> Iterator[Evidence]:
    """Calls that work in place, judged by whether their result, which is None, is kept."""
    dropped = {(row.at.path, row.at.line) for row in project.assigned(_NOBODY)}
    for name in project.names.ending(_GIVE_NOTHING):
        if not name.startswith("pandas."):
            continue
        for call in project.calls_by_name[name]:
            given = arg(call, "inplace")
            if given is None or given.const is not True or project.role(call.at.path) not in _READ:
                continue
            fields = {"short": name.rpartition(".")[2]}
            good = not call.used or (call.at.path, call.at.line) in dropped
            yield Evidence(good, call.at, f"`{fields['short']}` in place", fields=fields)


def set_through_selection(project: Project) -> Iterator[Evidence]:
    """Cells of tables that are set, judged by whether that goes through a selection."""
    for row in project.assigned(_ITEM):
        if _SELECTION.fullmatch(row.target) and project.role(row.at.path) in _READ:
            yield Evidence(False, row.at, "an item of a selection is set", scope=row.scope)
    for call in project.calls("load"):
        if call.name.startswith("pandas.") and project.role(call.at.path) in _READ:
            yield Evidence(True, call.at, f"`{call.name}` makes a table, and no selection is set")
            return
