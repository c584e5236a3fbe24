"""What everything that is said of a repository points to: a place in one of its files."""

from typing import Any, NamedTuple, TypeAlias

Const: TypeAlias = Any
"""A statically known constant: None, bool, int, float, str, or a list or dict of these."""


class Cell(NamedTuple):
    """The notebook cell that a place lies in."""

    index: int  # type: ignore[assignment]  # hides the method of a tuple, which no row needs
    """1-based, counting all cells."""
    code: int
    """1-based, counting code cells; 0 for a cell of another kind."""
    id: str
    """The cell's id, or "" where the notebook has none."""
    raw: int
    """1-based line of the `.ipynb` file itself that holds the place's first line."""


class Place(NamedTuple):
    """Where something stands. Lines and columns are 1-based; columns count code points.

    `line` is 0 for a whole file and `path` is "" for the whole repository. In a notebook `line`
    counts within the cell.
    """

    path: str
    line: int = 0
    col: int = 0
    end_line: int = 0
    end_col: int = 0
    cell: Cell | None = None

    def __str__(self) -> str:
        """`train.py:12:5`, `eda.ipynb cell 3:2:1`, or the bare path of a whole file."""
        where = f"{self.path} cell {self.cell.index}" if self.cell else self.path
        return ":".join([where, *(str(n) for n in (self.line, self.col) if n)])
