"""Scripts that are cut into cells by comments, as editors and galleries of examples read them."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence

_CELL = re.compile(r"# ?%%|# In\[[\d ]*\]:")
"""What begins a cell."""


def last_of_cells(text: str, body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that end a cell, whose results are shown; none in a script without cells."""
    if not body or ("%%" not in text and "# In[" not in text):
        return
    lines = text.split("\n")
    begins = {number for number, line in enumerate(lines, 1) if _CELL.match(line)}
    if not begins:
        return
    for one, after in pairwise(body):
        if any(line in begins for line in range((one.end_lineno or 0) + 1, after.lineno)):
            yield one
    yield body[-1]
