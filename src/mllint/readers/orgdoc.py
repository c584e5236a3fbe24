"""Org and AsciiDoc told in Markdown, line by line, so that every line keeps its number."""

from __future__ import annotations

import re

from mllint.readers.markup import MAX_LINE

_ORG_HEADING = re.compile(r"(\*{1,6})\s+(?:(?:TODO|DONE)\s+)?(.*)")
_ORG_TITLE = re.compile(r"#\+title:\s*(.*)", re.IGNORECASE)
_ORG_BEGIN = re.compile(r"\s*#\+begin_(?:src\s+(?P<language>\S+)|src|example)", re.IGNORECASE)
_ORG_END = re.compile(r"\s*#\+end_(?:src|example)", re.IGNORECASE)
_ORG_LINE = re.compile(r"\s*: (.*)")
_ORG_CODE = re.compile(r"(?<![\w=~])([=~])(\S(?:[^=~\n]*\S)?)\1(?![\w=~])")
_ORG_LINK = re.compile(r"\[\[(?:file:)?([^\]\[]+)\](?:\[([^\]\[]*)\])?\]")
_DOC_HEADING = re.compile(r"(={1,6})\s+(\S.*)")
_DOC_LANGUAGE = re.compile(r"\[(?:source|,)\s*,?\s*([\w-]*).*\]\s*")
_DOC_FENCE = re.compile(r"(?:-{4,}|\.{4,})\s*")
_DOC_LINK = re.compile(r"(?:link:|xref:|(?=https?://))([^\s\[]{1,300})\[([^\]\n]{0,300})\]")


def from_org(text: str) -> str:
    """Org as Markdown."""
    found: list[str] = []
    fenced = False
    for line in text.split("\n"):
        begin = None if fenced else _ORG_BEGIN.match(line)
        if begin or (fenced and _ORG_END.match(line)):
            fenced = begin is not None
            found.append(f"```{(begin['language'] or '') if begin else ''}")
        elif fenced:
            found.append(line)
        else:
            found.append(_of_org(line))
    return "\n".join(found)


def _of_org(line: str) -> str:
    if len(line) > MAX_LINE:
        return line
    if title := _ORG_TITLE.match(line):
        return f"# {title[1]}"
    if heading := _ORG_HEADING.match(line):
        return f"{heading[1].replace('*', '#')} {heading[2]}"
    if line.startswith("#+"):
        return ""
    if code := _ORG_LINE.match(line):
        return f"    {code[1]}"
    line = _ORG_LINK.sub(lambda m: f"[{m[2] or m[1]}]({m[1]})", line)
    return _ORG_CODE.sub(r"`\2`", line)


def from_asciidoc(text: str) -> str:
    """AsciiDoc as Markdown."""
    found: list[str] = []
    fenced, language = "", ""
    for line in text.split("\n"):
        if fenced:
            closes = line.strip() == fenced
            found.append("```" if closes else line)
            fenced = "" if closes else fenced
        elif len(line) > MAX_LINE:
            found.append(line)
        elif named := _DOC_LANGUAGE.fullmatch(line):
            language = named[1]
            found.append("")
        elif _DOC_FENCE.fullmatch(line):
            fenced = line.strip()
            found.append(f"```{language}")
            language = ""
        elif heading := _DOC_HEADING.match(line):
            found.append(f"{heading[1].replace('=', '#')} {heading[2]}")
        else:
            found.append(_DOC_LINK.sub(lambda m: f"[{m[2] or m[1]}]({m[1]})", line))
    return "\n".join(found)
