"""Files of tasks that are Python: parsed, and never run. Knows nothing of what tasks look like."""

from __future__ import annotations

import ast
import warnings

from mllint.facts import Problem

MAX_BYTES = 500_000


def parsed(path: str, data: bytes) -> ast.Module | Problem:
    """The syntax tree of a file, or why there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return Problem(path, "syntax", str(error), getattr(error, "lineno", 0) or 0)
