"""Markdown as blocks and links, as far as a README, a model card or a notebook cell needs it."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from mllint.readers.markup import MAX_LINE, Block, Inline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_FENCE = re.compile(r"[ \t>]*(?:[-*+][ \t]+|\d{1,9}[.)][ \t]+)?(`{3,}|~{3,})[ \t]*([^`\n]*)$")
_LANGUAGE = re.compile(r"[\s{.]*([\w+#-]*)")
_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*))?$")
_UNDERLINE = re.compile(r" {0,3}(?:(=+)|(-+))[ \t]*$")
_NOT_PARAGRAPH = re.compile(r"\s*(?:[-*+>|]\s|[-*+>|]$|\d+[.)]\s|#|<|\[[^\]]+\]:)| {4}|\t")
_LIST_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s")
_HTML_HEADING = re.compile(r"<h([1-6])\b[^>]*>(.*?)</h\1\s*>", re.IGNORECASE)
_HTML_OPEN = re.compile(r"\s*<h([1-6])\b[^>]*>(?!.*</h)(.*)$", re.IGNORECASE)
_DEFINITION = re.compile(r" {0,3}\[([^\]^][^\]]*)\]:[ \t]*<?([^\s>]+)>?")
_INLINE = (
    r"\[([^\[\]]*)\]\(\s*(?:<([^<>]*)>"
    r"|([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)(?![^\s()<>]))[^()\n]*\)"
)
_IMAGE = re.compile("!" + _INLINE)
_LINK = re.compile(_INLINE)
_REFERENCE = re.compile(r"(!?)\[([^\[\]]*)\](?:\[([^\[\]]*)\])?")
_IMAGE_REFERENCE = re.compile(_REFERENCE.pattern.replace("(!?)", "(!)"))
_AUTOLINK = re.compile(r"<((?:https?|ftp|mailto):[^\s<>]+)>")
_BARE = re.compile(r"(?<![\w\"'(=/])https?://[^\s<>\"')\]`]+[^\s<>\"')\]`.,;:!?]")
_HTML_IMAGE = re.compile(r"<img\b[^<>]*?\bsrc\s*=\s*[\"']?([^\"'\s<>]+)[^<>]*>", re.IGNORECASE)
_HTML_LINK = re.compile(r"<a\b[^<>]*?\bhref\s*=\s*[\"']?([^\"'\s<>]+)[^<>]*>", re.IGNORECASE)
_REMARK = re.compile(r"<!--.*?(?:-->|$)")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_MARKS = re.compile(r"\*{1,3}|(?<!\w)_{1,3}(?=\w)|(?<=\w)_{1,3}(?!\w)|`+|~~")


def definitions(text: str) -> dict[str, str]:
    """The targets of references, by their lower-case names."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        definition = _DEFINITION.match(line)
        if definition:
            found.setdefault(definition[1].lower(), definition[2])
    return found


def blocks(text: str, first: int = 1) -> Iterator[Block]:
    """The blocks of a text whose first line has the number `first`."""
    lines = text.splitlines()
    index, paragraph, code_may_start = 0, "", True
    while index < len(lines):
        line = lines[index]
        end, block = _special(lines, index, first, code_may_start=code_may_start)
        if block is not None:
            yield block
            index, paragraph = end, ""
            continue
        blank = not line.strip()
        below = lines[index + 1] if index + 1 < len(lines) and not blank else ""
        underline = _UNDERLINE.match(below) if "=" in below or "-" in below else None
        if underline and not _NOT_PARAGRAPH.match(line):
            yield Block("heading", index + first, _plain(line), 1 if underline[1] else 2)
            index, paragraph, code_may_start = index + 2, "", True
            continue
        code_may_start = blank and not _LIST_ITEM.match(paragraph)
        paragraph = paragraph if blank else line
        if not blank and not ("[" in line and _DEFINITION.match(line)):
            yield Block("text", index + first, line)
        index += 1


def _special(
    lines: Sequence[str], index: int, first: int, *, code_may_start: bool
) -> tuple[int, Block | None]:
    """The block that starts here, unless it is a line of text, and the index after it."""
    line = lines[index]
    fence = _FENCE.match(line) if "```" in line or "~~~" in line else None
    if fence:
        return _fenced(lines, index, first, fence)
    start = line.lstrip()[:4]
    if start == "<!--":
        return _comment(lines, index, first)
    atx = _ATX.match(line) if start[:1] == "#" else None
    if atx:
        text = _plain(_unclosed((atx[2] or "")[:MAX_LINE].rstrip()))
        return index + 1, Block("heading", index + first, text, len(atx[1]))
    html = _HTML_HEADING.search(line) if "</" in line and len(line) < 1_000 else None
    if html:
        return index + 1, Block("heading", index + first, _plain(html[2]), int(html[1]))
    if start[:1] == "<" and _HTML_OPEN.match(line):
        return _html_heading(lines, index, first)
    if code_may_start and line.startswith(("    ", "\t")) and line.strip():
        return _indented(lines, index, first)
    return index, None


def _unclosed(text: str) -> str:
    """A heading without the `#` that may close it."""
    bare = text.rstrip("#")
    return bare if bare[-1:] in {"", " ", "\t"} else text


def _fenced(
    lines: Sequence[str], index: int, first: int, fence: re.Match[str]
) -> tuple[int, Block]:
    mark, info = fence[1], fence[2].strip()
    end = index + 1
    while end < len(lines):
        closing = lines[end].strip(" \t>")
        if closing.startswith(mark) and not closing.strip(mark[0]):
            break
        end += 1
    language = _LANGUAGE.match(info)
    text = "\n".join(lines[index + 1 : end])
    name = language[1].lower() if language else ""
    return end + 1, Block("code", index + first, text, language=name, end_line=end + first)


def _comment(lines: Sequence[str], index: int, first: int) -> tuple[int, Block]:
    end = index
    while end < len(lines) - 1 and "-->" not in lines[end]:
        end += 1
    text = "\n".join(lines[index : end + 1])
    return end + 1, Block("comment", index + first, text, end_line=end + first)


def _html_heading(lines: Sequence[str], index: int, first: int) -> tuple[int, Block | None]:
    """A heading of HTML that spans a few lines."""
    near = "\n".join(lines[index : index + 10])[:2_000]
    found = re.match(r"\s*<h([1-6])\b[^>]*>(.*?)</h\1\s*>", near, re.IGNORECASE | re.DOTALL)
    if not found:
        return index, None
    block = Block("heading", index + first, _plain(found[2]), int(found[1]))
    return index + found[0].count("\n") + 1, block


def _indented(lines: Sequence[str], index: int, first: int) -> tuple[int, Block]:
    end = index
    while end < len(lines) and (lines[end].startswith(("    ", "\t")) or not lines[end].strip()):
        end += 1
    while not lines[end - 1].strip():
        end -= 1
    text = "\n".join(line.removeprefix("\t").removeprefix("    ") for line in lines[index:end])
    return end, Block("code", index + first, text, end_line=end - 1 + first)


def _plain(text: str) -> str:
    return " ".join(inline(text, {}).text.split())


def inline(line: str, targets: Mapping[str, str]) -> Inline:
    """A line without its marks, and its links; `targets` are those of references."""
    links: list[tuple[str, str, bool]] = []
    text = line[:MAX_LINE]
    if "<!--" in text:
        text = _REMARK.sub("", text)

    def take(found: re.Match[str], *, image: bool) -> str:
        links.append((found[2] or found[3] or "", found[1].strip(), image))
        return "" if image else found[1]

    def refer(found: re.Match[str]) -> str:
        target = targets.get((found[3] or found[2]).lower())
        if target is None:
            return found[0]
        links.append((target, found[2], bool(found[1])))
        return "" if found[1] else found[2]

    def bare(found: re.Match[str]) -> str:
        target = found[found.lastindex or 0]
        links.append((target, "", found.re is _HTML_IMAGE))
        return " "

    if "[" in text:
        text = _IMAGE.sub(lambda m: take(m, image=True), text)
        text = _LINK.sub(lambda m: take(m, image=False), text)
        if targets:
            # A badge is an image inside a link.
            text = _REFERENCE.sub(refer, _IMAGE_REFERENCE.sub(refer, text))
    if "<" in text:
        for pattern in (_HTML_IMAGE, _HTML_LINK, _AUTOLINK):
            text = pattern.sub(bare, text)
        text = _TAG.sub(" ", text)
    if "://" in text:
        text = _BARE.sub(bare, text)
    text = unescape(text) if "&" in text else text
    if "*" in text or "_" in text or "`" in text or "~" in text:
        text = _MARKS.sub("", text)
    return Inline(text.strip(" #>"), tuple(links))
