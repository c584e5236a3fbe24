"""Places and numbers of the JSON report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mllint.facts import Place


def location(at: Place) -> dict[str, Any]:
    """A place; in a notebook the lines are those of the file, the cell's own beside them."""
    shift = at.cell.raw - at.line if at.cell and at.cell.raw else 0
    notebook = None
    if at.cell:
        notebook = {
            "cell": at.cell.index,
            "code_cell": at.cell.code or None,
            "id": at.cell.id or None,
            "line": at.line or None,
            "column": at.col or None,
            "end_line": at.end_line or None,
            "end_column": at.end_col or None,
        }
    # The text of a cell stands in JSON strings, where columns are others.
    column = None if at.cell else at.col or None
    end_column = None if at.cell else at.end_col or None
    return {
        "path": at.path,
        "start": {"line": at.line + shift or None, "column": column},
        "end": {"line": at.end_line + shift if at.end_line else None, "column": end_column},
        "notebook": notebook,
    }


def rounded(value: float | None) -> float | None:
    """Rounded so that the text is short and the same everywhere."""
    return None if value is None else round(float(value), 6)
