"""A Python file as a whole."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from mllint.facts import Export, Extent, Facts, Module, Place, Problem
from mllint.readers.python.guard import comments
from mllint.readers.python.imports import guessed
from mllint.readers.python.source import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mllint.readers.python.guard import Comment
    from mllint.readers.python.state import Chunk, Walk

_DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_QUIET = (*_DEFINES, ast.Import, ast.ImportFrom, ast.Pass, ast.Global)
_WORD = re.compile(r"^[ \t]*\S", re.MULTILINE)


def module_rows(
    w: Walk, name: str, parsed: Sequence[tuple[Chunk, ast.Module]]
) -> tuple[Module, Extent, Export]:
    """The rows of a file that was walked: what it is, how much it holds, what it gives others."""
    body = [node for _, tree in parsed for node in tree.body]
    first = body[0] if body else None
    docstring = type(first) is ast.Expr and _is_text(first)
    exports = sorted(name for name in w.module.env if name.isidentifier())
    lines = sum(line_count(chunk.text) for chunk, _ in parsed)
    code = sum(code_lines(chunk.text, chunk.comments) for chunk, _ in parsed)
    works = sum(map(_works, body))
    place = Place(w.path)
    module = Module(
        place,
        name,
        code > 0,
        any(type(node) is ast.If and _is_main(node.test) for node in body),
        docstring,
        sum(isinstance(node, _DEFINES) for node in body),
        works > 0,
        "full",
        w.module.asserts + w.module.raises,
    )
    extent = Extent(place, lines, code, min(code, sum(map(_span, body))), works)
    return module, extent, Export(place, tuple(exports))


def unread(
    path: str,
    name: str,
    package: str,
    text: str,
    error: Exception,
    problems: Iterable[Problem],
) -> Facts:
    """What can be said of a file that does not parse: its size, and imports by their lines."""
    if isinstance(error, Unreadable):
        problem = Problem(path, error.kind, error.text, error.line)
    else:
        problem = Problem(path, "nesting", "nests too deep to be read")
    rows: dict[str, list[Any]] = {}
    if problem.kind == "syntax" and "template" not in problem.text:
        rows["import"] = guessed(path, package, text)
    lines = line_count(text)
    code = code_lines(text, comments(text)) if problem.kind == "syntax" else lines
    rows["extent"] = [Extent(Place(path), lines, code, code, 0)]
    rows["module"] = [Module(Place(path), name, code > 0, False, False, 0, False, "none")]
    return Facts({t: r for t, r in rows.items() if r}, problems=[*problems, problem])


def line_count(text: str) -> int:
    """Lines of a text; a last one without a newline counts."""
    return text.count("\n") + (bool(text) and not text.endswith("\n"))


def code_lines(text: str, remarks: Sequence[Comment]) -> int:
    """Lines that hold more than space and comments."""
    return len(_WORD.findall(text)) - sum(comment.own for comment in remarks)


def _span(node: ast.stmt) -> int:
    """Lines of a statement that is no function or class."""
    if isinstance(node, _DEFINES):
        return 0
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _works(node: ast.stmt) -> bool:
    """Whether a statement of the module does work when it is imported."""
    if isinstance(node, _QUIET):
        return False
    if isinstance(node, ast.Expr):
        return not _is_text(node)
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        return any(isinstance(part, ast.Call) for part in ast.walk(node))
    if isinstance(node, ast.If):
        return not _is_main(node.test) and any(_works(part) for part in [*node.body, *node.orelse])
    if isinstance(node, ast.Try):
        handlers = [part for handler in node.handlers for part in handler.body]
        return any(_works(part) for part in [*node.body, *handlers, *node.orelse])
    return True


def _is_text(node: ast.Expr) -> bool:
    return type(node.value) is ast.Constant


def _is_main(test: ast.expr) -> bool:
    return type(test) is ast.Compare and type(test.left) is ast.Name and test.left.id == "__name__"
