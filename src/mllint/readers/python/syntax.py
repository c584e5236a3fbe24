"""From text to a syntax tree, or to the reason why there is none.

The tree is that of `ast`: it is exact about places and costs a sixth of a concrete one. Syntax that
is newer than the running Python is read with the help of libcst.
"""

from __future__ import annotations

import ast
import re
import warnings

from mllint.readers.python.guard import TOO_LARGE, danger
from mllint.readers.python.newer import older
from mllint.readers.python.source import Unreadable

_INVALID = "is not valid Python"
LONGEST = 1000
"""How much of a line is looked at for the reason of an error, in characters."""

_OLD = re.compile(
    r"^[ \t]*(?:print[ \t]+[^\s(=.,:\[]|print[ \t]*>>|exec[ \t]+[\"'\w]|raise[ \t]+[\w.]+[ \t]*,)"
    r"|^[ \t]*except[ \t]+[\w.()]+(?:[ \t]*,[ \t]*\w+)+[ \t]*:|(?<![.\w])0[0-7]+[lL]?\b(?!\.)"
    r"|<>|\b\d+[lL]\b|\bur[\"']|`\w+`",
    re.MULTILINE,
)
_TEMPLATE = re.compile(r"\{%|\{\{ ?\w[\w. |]*\}\}")


def parse(text: str) -> ast.Module:
    """The tree of one file or cell; raises `Unreadable` with a line where there is none."""
    if why := danger(text):
        raise Unreadable("too-large" if why is TOO_LARGE else "nesting", why)
    try:
        return _parsed(text)
    except SyntaxError as error:
        reason = _reason(text, error)
        tree = _newer(text, error.msg) if reason.startswith(_INVALID) else None
        if tree is not None:
            return tree
        raise Unreadable("syntax", reason, error.lineno or 0) from error
    except (RecursionError, MemoryError) as error:
        raise Unreadable("nesting", "nests too deep to be parsed") from error
    except ValueError as error:
        raise Unreadable("syntax", f"cannot be parsed: {error}"[:200]) from error


def _newer(text: str, said: str) -> ast.Module | None:
    """The tree of a text whose syntax is newer than the running Python."""
    try:
        with_older = older(text, said)
        return None if with_older is None else _parsed(with_older)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _parsed(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the audited code's invalid escapes are not our news
        return ast.parse(text)


def _reason(text: str, error: SyntaxError) -> str:
    at = error.lineno or 0
    lines = text.split("\n")
    line = lines[at - 1][:LONGEST] if 0 < at <= len(lines) else ""
    if _OLD.search(line) or ("parentheses in call to 'print'" in str(error.msg)):
        return "is Python 2: convert it to Python 3 or exclude it"
    if any(_TEMPLATE.search(line) for line in lines[max(at - 2, 0) : at + 1]):
        return "is a template, not Python: exclude it or give it another suffix"
    return f"{_INVALID}: {error.msg}"[:200]
