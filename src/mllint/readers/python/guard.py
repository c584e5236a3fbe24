"""Strings, comments and shapes that would bring a parser down, found without parsing.

Works on characters alone, at the speed of the regex engine. Knows nothing of syntax trees.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_NESTING = 100
MAX_RUN = 500
TOO_LARGE = "holds over 100,000 lines and elements: too much to parse"
MAX_PARTS = 100_000
"""Lines, statements and elements: beyond it a tree would take over 300 MB."""

_STRING = (  # an end that is missing is no failure: going back to try again would take for ever
    r"'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*(?:''')?"
    r'|"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*(?:""")?'
    r"|'[^'\\\n]*(?:\\.[^'\\\n]*)*'?"
    r'|"[^"\\\n]*(?:\\.[^"\\\n]*)*"?'
)
_SKIP = re.compile(rf"{_STRING}|#[^\n]*", re.DOTALL)
_FIND = re.compile(rf"({_STRING})|#[^\n]*", re.DOTALL)
_NOT_BRACKET = re.compile(r"[^()\[\]{}]+")
_TOKEN = re.compile(
    r"\b(?:and|or|not|in|is|if|else|lambda|await|for)\b|[([{]|[)\]}]|\*\*|//|<<|>>|[-+*/%@&|^~.<>]=?|[=!]="
    r"|\\\n|[\n;]"
)


class Comment(NamedTuple):
    """One comment as it is written."""

    line: int
    """1-based."""
    col: int
    """1-based, in code points."""
    text: str
    own: bool
    """Whether nothing but space precedes it on its line."""


def comments(text: str) -> list[Comment]:
    """Every comment of a text, in order."""
    if "#" not in text:
        return []
    found = []
    line, seen = 1, 0
    for match in _FIND.finditer(text):
        if match.lastindex is not None:
            continue
        start = match.start()
        line += text.count("\n", seen, start)
        seen = start
        head = text.rfind("\n", 0, start) + 1
        own = not text[head:start].strip()
        found.append(Comment(line, start - head + 1, match[0], own))
    return found


def danger(text: str) -> str:
    """Why no parser should see this text, or ""."""
    if len(text) < MAX_NESTING:
        return ""
    code = _SKIP.sub("''", text) if "'" in text or '"' in text or "#" in text else text
    if len(code) > MAX_PARTS:
        parts = code.count("\n") + code.count(",") + code.count(";")
        if parts > MAX_PARTS:
            return TOO_LARGE
    if _nests(code):
        return f"nests brackets more than {MAX_NESTING} deep"
    if _chains(code):
        return f"chains more than {MAX_RUN} operators in one expression"
    return ""


def _nests(code: str) -> bool:
    brackets = _NOT_BRACKET.sub("", code)
    for _ in range(MAX_NESTING):
        fewer = brackets.replace("()", "").replace("[]", "").replace("{}", "")
        if len(fewer) == len(brackets):
            return False  # balanced, or in a state that a parser refuses at once
        brackets = fewer
    return bool(brackets)


def _chains(code: str) -> bool:
    depth = start = seen = 0
    for part in code.split(","):
        if len(part) > MAX_RUN:
            for opening, closing in ("()", "[]", "{}"):
                depth += code.count(opening, seen, start) - code.count(closing, seen, start)
            seen = start
            if _runs(part, max(depth, 0)):
                return True
        start += len(part) + 1
    return False


def _runs(part: str, depth: int) -> bool:
    """Whether a text without commas has a statement of too many operators."""
    count = 0
    for match in _TOKEN.finditer(part):
        sign = match[0]
        if sign in ")]}":
            depth = max(depth - 1, 0)
        elif sign in {"\n", ";"}:
            if not depth:
                count = 0
        elif sign != "\\\n":
            depth += sign in "([{"
            count += 1
            if count > MAX_RUN:
                return True
    return False
