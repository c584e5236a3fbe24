"""What a notebook's cells and outputs tell together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.facts import Cell, Notebook, Place
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.project import Project

_OURS = frozenset({"source", "example", "docs"})


def own_notebooks(project: Project) -> Iterator[Notebook]:
    """The project's own notebooks that hold code."""
    for row in project.rows("notebook"):
        if row.code_cells > row.empty_cells and project.role(row.at.path) in _OURS:
            yield row


def out_of_order(project: Project) -> Iterator[Evidence]:
    """Notebooks with execution counts, judged by whether the counts rise."""
    for row in own_notebooks(project):
        if row.in_order is None:
            if not row.executed:
                yield Evidence(True, row.at, "no order is kept in it that could be wrong")
            continue
        if row.in_order:
            yield Evidence(True, row.at, f"{row.executed} cells, run in order")
        elif not row.disorder:
            yield Evidence(None, row.at, "two cells have the same execution count")
        else:
            index, many = row.disorder[0], len(row.disorder)
            more = f", as did {many - 1} more" if many > 1 else ""
            note = f"cell {index} ran before one above it{more}"
            yield Evidence(False, cell_place(project, row, index), note)


def saved_error(project: Project) -> Iterator[Evidence]:
    """Notebooks that were run, judged by whether a cell ended in an error."""
    for row in own_notebooks(project):
        if not row.executed and not row.outputs:
            continue
        if not row.failed:
            yield Evidence(True, row.at, "no cell ended in an error")
            continue
        many = len(row.failed)
        shown = f"{many} cells ended in an error" if many > 1 else "A cell ended in an error"
        at = cell_place(project, row, row.failed[0])
        yield Evidence(False, at, shown, fields={"what": shown})


def cell_place(project: Project, row: Notebook, index: int) -> Place:
    """The first line of a cell of the notebook."""
    tables = project.by_path[row.at.path]
    for table in ("call", "assign", "import", "define"):
        for one in tables.get(table, ()):
            if one.at.cell and one.at.cell.index == index:
                return Place(row.at.path, 1, 1, 1, 1, one.at.cell)
    return Place(row.at.path, 1, 1, 1, 1, Cell(index, 0, "", 1))


def saved_outputs(project: Project, *, max_kb: int) -> Iterator[Evidence]:
    """Notebooks with code, judged by the size of their saved outputs."""
    for row in own_notebooks(project):
        size = row.output_bytes / 1000
        shown = f"{size / 1000:.1f} MB" if size >= 1000 else f"{size:.0f} kB"
        yield Evidence(size <= max_kb, row.at, shown)


def too_long(project: Project, *, max_lines: int) -> Iterator[Evidence]:
    """Notebooks with code, judged by their lines of code."""
    for row in own_notebooks(project):
        fields = {"lines": str(row.lines)}
        yield Evidence(row.lines <= max_lines, row.at, f"{row.lines} lines of code", fields=fields)


def logic_inside(project: Project, *, max_defines: int) -> Iterator[Evidence]:
    """Notebooks with code, judged by what they define and whether they import of the project."""
    for row in own_notebooks(project):
        imports = project.by_path[row.at.path].get("import", ())
        if row.defines <= max_defines or any(i.first_party for i in imports):
            many = "s" if row.defines != 1 else ""
            yield Evidence(True, row.at, f"{row.defines} definition{many}")
        else:
            yield Evidence(False, row.at, f"{row.defines} functions and classes are defined here")
