"""reStructuredText as blocks and links, as far as a README or a page of documentation needs it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.readers.markup import MAX_LINE, Block, Inline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_LINE = re.compile(r"([=\-`:'\"~^_*+#<>.!$%&,;?@|/\\])\1{2,}\s*$")
_DIRECTIVE = re.compile(r"(\s*)\.\. (?:\|[^|]+\| )?([\w:+.-]+)::\s*(.*)$")
_CODE = frozenset(
    {"code-block", "code", "sourcecode", "prompt", "parsed-literal", "literalinclude"}
)
_TARGET = re.compile(r"\s*\.\. _`?([^`:]+?)`?:\s+(\S+)\s*$")
_COMMENT = re.compile(r"(\s*)\.\.(?: (?!_|\||\[|[\w:+.-]+::).*)?$")
_IMAGES = frozenset({"image", "figure"})
_EMBEDDED = re.compile(r"`([^`<>]*)<([^`<>\s]+)>`__?")
_NAMED = re.compile(r"`([^`<>]+)`__?|(?<![\w`])(\w[\w-]*)_(?!\w)")
_BARE = re.compile(r"(?<![\w\"'<(])https?://[^\s<>\"')\]`]+[^\s<>\"')\]`.,;:!?]")
_ROLE = re.compile(r":[\w.:+-]+:`([^`<]+)(?:<[^`]*>)?`")
_MARKS = re.compile(r"\*{1,2}|`{1,2}|\|")


def definitions(text: str) -> dict[str, str]:
    """The targets of references, by their lower-case names."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        target = _TARGET.match(line)
        if target:
            found.setdefault(" ".join(target[1].lower().split()), target[2])
    return found


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a text."""
    lines = text.splitlines()
    styles: list[tuple[str, bool]] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        if not line.strip() or _TARGET.match(line):
            index += 1
            continue
        heading = _heading(lines, index)
        if heading is not None:
            end, title, style = heading
            if style not in styles:
                styles.append(style)
            yield Block("heading", end - 1, inline(title, {}).text, styles.index(style) + 1)
            index = end
            continue
        index, found = _block(lines, index)
        yield from found


def _heading(lines: Sequence[str], index: int) -> tuple[int, str, tuple[str, bool]] | None:
    """The index after a heading, its title and its style."""
    over = _LINE.match(lines[index])
    start = index + 1 if over else index
    if start + 1 >= len(lines):
        return None
    title, under = lines[start].rstrip(), _LINE.match(lines[start + 1])
    if not under or not title.strip() or _LINE.match(title) or (over and over[1] != under[1]):
        return None
    if title[0].isspace() and not over:
        return None
    if len(lines[start + 1].rstrip()) < min(len(title.strip()), 4):
        return None
    return start + 2, title.strip(), (under[1], over is not None)


def _block(lines: Sequence[str], index: int) -> tuple[int, tuple[Block, ...]]:
    """The index after what starts here, and its blocks."""
    line = lines[index]
    directive = _DIRECTIVE.match(line)
    if directive:
        return _directive(lines, index, directive)
    comment = _COMMENT.match(line)
    if comment:
        end, _ = _body(lines, index + 1, len(comment[1]))
        text = "\n".join(lines[index:end])
        return end, (Block("comment", index + 1, text, end_line=end),)
    said = Block("text", index + 1, line)
    if line.rstrip().endswith("::"):
        end, body = _body(lines, index + 1, len(line) - len(line.lstrip()))
        if body:
            return end, (said, Block("code", index + 1, body, end_line=end))
    return index + 1, (said,)


def _directive(
    lines: Sequence[str], index: int, found: re.Match[str]
) -> tuple[int, tuple[Block, ...]]:
    name, argument = found[2].lower(), found[3].strip()
    end, body = _body(lines, index + 1, len(found[1]))
    if name in _CODE:
        language = argument.partition(" ")[0].lower()
        return end, (Block("code", index + 1, body, language=language, end_line=end),)
    if name in _IMAGES:
        return end, (Block("text", index + 1, f"`image <{argument}>`__"),)
    if name == "raw":
        return end, ()
    # The body of a note or of a table is prose like any other.
    return index + 1, (Block("text", index + 1, argument),) if argument else ()


def _body(lines: Sequence[str], start: int, indent: int) -> tuple[int, str]:
    """The index after the lines indented deeper, and their text without options."""
    end = last = start
    while end < len(lines):
        line = lines[end]
        if line.strip():
            if len(line) - len(line.lstrip()) <= indent:
                break
            last = end + 1
        end += 1
    body = [line.strip() for line in lines[start:last]]
    while body and (not body[0] or re.match(r":[\w-]+:", body[0])):
        body.pop(0)
    return last, "\n".join(body)


def inline(line: str, targets: Mapping[str, str]) -> Inline:
    """A line without its marks, and its links; `targets` are those of references."""
    links: list[tuple[str, str, bool]] = []

    def take(found: re.Match[str]) -> str:
        said = found[1].strip()
        image = said == "image" and line.startswith("`image <")
        links.append((found[2], "" if image else said, image))
        return "" if image else said

    def refer(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        target = targets.get(" ".join(name.lower().split()))
        if target is None:
            return found[0]
        links.append((target, name, False))
        return name

    def bare(found: re.Match[str]) -> str:
        links.append((found[0], "", False))
        return " "

    text = _ROLE.sub(r"\1", line[:MAX_LINE])
    text = _EMBEDDED.sub(take, text)
    if targets:
        text = _NAMED.sub(refer, text)
    if "://" in text:
        text = _BARE.sub(bare, text)
    return Inline(_MARKS.sub("", text).strip(), tuple(links))
