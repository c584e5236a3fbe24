"""Comments that mean something to tools, commented-out code, and suppressions."""

from __future__ import annotations

import ast
import re
import warnings
from typing import TYPE_CHECKING

from mllint.facts import Comment, Ignore
from mllint.readers.ignores import parse_ignore, parse_noqa

if TYPE_CHECKING:
    from mllint.readers.python.guard import Comment as Written
    from mllint.readers.python.state import Chunk

_KINDS = (
    (
        "noqa",
        re.compile(r"#\s*(?:noqa|ruff:\s*noqa|flake8[:=]\s*noqa|pylint:\s*disable)", re.IGNORECASE),
    ),
    ("type-ignore", re.compile(r"#\s*(?:type:\s*ignore|mypy:\s*ignore-errors|pyright:\s*ignore)")),
    ("nosec", re.compile(r"#\s*nosec\b", re.IGNORECASE)),
    ("todo", re.compile(r"#[\s#]*(?:TODO|FIXME|XXX|HACK)\b")),
)
_CODE = re.compile(
    r"(?:(?:async )?(?:def|class|with) .+:$|(?:if|for|while|elif|except|try|else)\b.*:$"
    r"|(?:import|from) [\w.]+|(?:return|raise|assert|del|yield)\b.|[\w.\[\]'\", ]+ ?[-+*/|&]?= ?\S"
    r"|[\w.]+(?:\[[^\]]*\])?\(.*\)?$|@[\w.]+)"
)
_WORTH = frozenset({ast.Assign, ast.AugAssign, ast.Import, ast.ImportFrom,
                    ast.Return, ast.Raise, ast.Assert, ast.Delete, ast.For, ast.While, ast.With,
                    ast.If, ast.Try, ast.FunctionDef, ast.ClassDef})  # fmt: skip
LONGEST = 200


def remarks(chunk: Chunk, tree: ast.Module) -> tuple[list[Comment], list[Ignore]]:
    """The comment rows and the suppressions of a stretch of source."""
    rows: list[Comment] = []
    ignores: list[Ignore] = []
    block: list[Written] = []
    for comment in chunk.comments:
        place = chunk.point(comment.line, comment.col, comment.col + len(comment.text))
        directive = parse_ignore(comment.text) or parse_noqa(comment.text)
        if directive is not None:
            first, last, scope = comment.line, comment.line, "line"
            if comment.own:
                first, last = _covered(tree, comment.line)
                scope = "statement"
            head = not directive.file or _is_head(chunk, tree, comment.line)
            ignores.append(directive.over(place, scope, first, last, head=head))
        kind = next((kind for kind, wanted in _KINDS if wanted.match(comment.text)), "")
        if kind:
            rows.append(Comment(place, kind, comment.text[:LONGEST]))
        if block and (not comment.own or comment.line != block[-1].line + 1 or kind):
            rows += _code(chunk, block)
            block = []
        if comment.own and not kind and directive is None:
            block.append(comment)
    rows += _code(chunk, block)
    return rows, ignores


def _is_head(chunk: Chunk, tree: ast.Module, line: int) -> bool:
    """Whether a line comes before the first statement of its file, the docstring apart."""
    if chunk.cell is not None and chunk.cell.code > 1:
        return False
    for node in tree.body:
        if not (type(node) is ast.Expr and type(node.value) is ast.Constant):
            return line <= _start(node)
    return True


def _start(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", None)
    return decorators[0].lineno if decorators else node.lineno


def _covered(tree: ast.Module, line: int) -> tuple[int, int]:
    """The lines of the statement that a comment on a line of its own stands in or before.

    Of a compound statement, its header.
    """
    best: tuple[int, int] | None = None
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt):
            continue
        first, last = _start(node), _header_end(node)
        if last >= line and (best is None or (first, -last) < (best[0], -best[1])):
            best = (first, last)
    return best or (line, line)


def _header_end(node: ast.stmt) -> int:
    """The last line of a statement; of a compound one, that of its header."""
    if not hasattr(node, "body") and not hasattr(node, "cases"):
        return node.end_lineno or node.lineno
    parts = [
        part
        for child in ast.iter_child_nodes(node)
        if not isinstance(child, (ast.stmt, ast.excepthandler, ast.match_case))
        for part in ast.walk(child)
    ]
    return max((getattr(part, "end_lineno", 0) or 0 for part in parts), default=0) or node.lineno


def _code(chunk: Chunk, block: list[Written]) -> list[Comment]:
    """One row where a run of comment lines is code."""
    texts = [comment.text.lstrip("#").strip() for comment in block]
    at = next((i for i, text in enumerate(texts) if _is_code(text)), None)
    if at is None:
        return []
    first, last = block[at], block[-1]
    place = chunk.point(first.line, first.col, first.col + len(first.text))
    if last.line != first.line:
        place = place._replace(end_line=last.line, end_col=last.col + len(last.text))
    return [Comment(place, "code", texts[at][:LONGEST])]


def _is_code(text: str) -> bool:
    if len(text) > LONGEST or not _CODE.match(text):
        return False
    if text.endswith(":"):
        text += " pass"
        if text.startswith(("elif", "else", "except")):
            return " " not in text.removesuffix(": pass") or text.startswith("elif ")
        if text.startswith("try"):
            return text == "try: pass"
    elif text.startswith("@"):
        text += "\ndef f(): pass"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    if len(body) != 1:
        return False
    node = body[0]
    if type(node) is ast.Expr:
        return type(node.value) is ast.Call and type(node.value.func) is not ast.Call
    return type(node) in _WORTH
