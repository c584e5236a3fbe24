"""Suppression comments put into texts and taken out of them.

Knows how a comment is written in each format, and sees to it that the code stays what it is. Knows
nothing of findings; reads and writes no file.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import tomli

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

_MARKUP = (".md", ".markdown", ".html")
_NONE = (".json", ".ipynb", ".csv", ".tsv", ".lock")
"""Endings of formats without comments, or whose comments nobody reads."""
_HASH = re.compile(
    r"(?i)(?:.*\.(?:py|pyw|ya?ml|toml|ini|cfg|sh|bash|mk|txt|in|tf|smk|dockerfile)"
    r"|(?:.*/)?(?:dockerfile.*|containerfile.*|makefile|gnumakefile|snakefile.*|jenkinsfile"
    r"|\.(?:git|docker|dvc)ignore|\.gitattributes|pipfile|\.flake8|\.coveragerc))"
)
_COMMENT = re.compile(r"[ \t]*(?:#|<!--)[ \t]*mllint:[ \t]*(?:file-)?ignore\b[^\n]*")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
"""A line with its end; a form feed or U+2028 ends none, unlike in `splitlines`."""
_FENCE = re.compile(r"[ \t]*(?:```|~~~)")
_SELECTORS = re.compile(r"(ignore[ \t]*\[)([^\]\n]*)(\])")


def takes_comments(path: str) -> bool:
    """Whether a suppression can be written into a file of that name."""
    lower = path.lower()
    if lower.endswith(_NONE):
        return False
    return lower.endswith(_MARKUP) or _HASH.fullmatch(lower) is not None


def added(path: str, text: str, wanted: Mapping[int, Sequence[str]], rest: str) -> str:
    """The text with a comment above each of some lines, naming the rules that are meant there.

    `rest` follows the bracket: keys and the reason. What would change the code is left out.
    """
    return _added(path, text, sorted(wanted.items(), reverse=True), rest)


def _added(path: str, text: str, wanted: Sequence[tuple[int, Sequence[str]]], rest: str) -> str:
    """The text with comments, the last first; where not all can be written, each half is tried."""
    lines = _LINE.findall(text)
    for number, rules in wanted:
        if not 1 <= number <= len(lines):
            continue
        number = _start(path, lines, number)  # noqa: PLW2901 - where the comment goes
        line = lines[number - 1]
        space = line[: len(line) - len(line.lstrip(" \t"))]
        said = f"mllint: ignore[{', '.join(sorted(set(rules)))}] {rest}".rstrip()
        said = f"<!-- {said} -->" if path.lower().endswith(_MARKUP) else f"# {said}"
        end = line[len(line.rstrip("\r\n")) :] or "\n"
        lines.insert(number - 1, f"{space}{said}{end}")
    tried = "".join(lines)
    if _same(path, text, tried):
        return tried
    half = len(wanted) // 2
    if not half:
        return text
    return _added(path, _added(path, text, wanted[:half], rest), wanted[half:], rest)


def _start(path: str, lines: Sequence[str], number: int) -> int:
    """The line before which a comment about a line may stand: of a code block, its fence."""
    if path.lower().endswith(_MARKUP):
        fences = [n for n, line in enumerate(lines[:number], 1) if _FENCE.match(line)]
        return fences[-1] if len(fences) % 2 else number
    while not path.endswith((".py", ".pyw")) and number > 1:
        if not lines[number - 2].rstrip().endswith("\\"):
            break
        number -= 1
    return number


def removed(path: str, text: str, wanted: Mapping[int, Collection[str]]) -> str:
    """The text without some selectors in the comments of some lines; an empty comment goes too."""
    lines = _LINE.findall(text)
    for number, selectors in wanted.items():
        if not 1 <= number <= len(lines):
            continue
        line = lines[number - 1]
        comment = _COMMENT.search(line)
        named = _SELECTORS.search(comment[0]) if comment else None
        if comment is None or named is None:
            continue
        written = [part for part in re.split(r"[,\s]+", named[2]) if part]
        left = [part for part in written if part not in selectors]
        if left == written:
            continue
        if left:
            fresh = _SELECTORS.sub(rf"\g<1>{', '.join(left)}\g<3>", comment[0], count=1)
            changed = line[: comment.start()] + fresh + line[comment.end() :]
        else:
            changed = line[: comment.start()] + line[comment.end() :]
            changed = changed if changed.strip() else ""
        tried = [*lines[: number - 1], changed, *lines[number:]]
        if _same(path, "".join(lines), "".join(tried)):
            # An emptied line stays in the list, so that the numbers of the others hold.
            lines = tried
    return "".join(lines)


def _same(path: str, before: str, after: str) -> bool:
    """Whether two texts say the same to a program, as far as we can tell."""
    lower = path.lower()
    try:
        if lower.endswith((".py", ".pyw")):
            one, other = ast.parse(before), ast.parse(after)
            return ast.dump(one) == ast.dump(other) and _lengths(one) == _lengths(other)
        if lower.endswith(".toml"):
            return tomli.loads(before) == tomli.loads(after)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _lengths(tree: ast.Module) -> list[int]:
    """How many lines each formatted text spans: before Python 3.12 none may hold a comment."""
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr))
    return [(node.end_lineno or node.lineno) - node.lineno for node in texts]
