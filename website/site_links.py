"""Links of the documentation site, to rules, practices and rows of documents.

Knows Markdown and ids; knows nothing of what rules say.
"""

from __future__ import annotations

import re
from posixpath import relpath
from typing import TYPE_CHECKING

from mllint.reports.lines import clean

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

_FENCE = re.compile(r"^ *(`{3,}|~{3,})")
_RULE_FILE = re.compile(r"\]\(\.\./rules/[a-z]+/([a-z0-9-]+)\.toml\)")
_GENERATED = {
    "](../rules)": "rules.md",
    "](../rules/practices)": "checks.md",
    "](../rules/traits.toml)": "traits.md",
    "](../CHANGELOG.md)": "changelog.md",
}
"""Links from `docs/` to files of the checkout that a page of the site stands for."""
_SPAN = re.compile(r"(?<![`\[])`([a-z0-9-]+)`(?![`\]])")
_ROW = re.compile(r"^\| \*\*([A-Z0-9][\w.-]*)\*\* ")
_SPECIAL = re.compile(r"([\\*_\[\]])")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;"})


def plain(text: str) -> str:
    """Text that the site shows as it stands, code spans left alone."""
    parts = clean(text).split("`")
    if len(parts) % 2 == 0:
        parts[-2:] = [f"{parts[-2]}`{parts[-1]}"]
    parts[::2] = [_SPECIAL.sub(r"\\\1", part.translate(_ENTITIES)) for part in parts[::2]]
    return "`".join(parts)


def to(page: str, target: str, shown: str) -> str:
    """A link on a page to another page of the site, both named by their paths in it."""
    path, hash_, anchor = target.partition("#")
    folder = page.rpartition("/")[0] or "."
    return f"[{shown}]({relpath(path, folder) if path else ''}{hash_}{anchor})"


def rule(page: str, name: str) -> str:
    """A link to the page of a rule."""
    return to(page, f"rules/{name}.md", f"`{name}`")


def check(page: str, name: str) -> str:
    """A link to the page of a practice."""
    return to(page, f"practices/{name}.md", f"`{name}`")


def row(page: str, name: str) -> str:
    """A link to a row of a document."""
    return to(page, f"practices.md#{anchor(name)}", name)


def anchor(name: str) -> str:
    """The anchor of a row."""
    return name.lower().replace(".", "-")


def linked(markdown: str, page: str, rules: Container[str], rows: Mapping[str, str]) -> str:
    """A hand-written page with links from each rule that it names to its page.

    `rows` has, for each row of a document, the check that decides it.
    """
    lines, fence = [], ""
    for line in markdown.splitlines():
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and fence and mark[1].startswith(fence):
            fence = ""
        lines.append(line if fence or mark else _line(line, page, rules, rows))
    return "\n".join(lines) + "\n"


def _line(line: str, page: str, rules: Container[str], rows: Mapping[str, str]) -> str:
    def known(match: re.Match[str]) -> str:
        return rule(page, match[1]) if match[1] in rules else match[0]

    def decided(match: re.Match[str]) -> str:
        name = match[1]
        if name not in rows:
            return match[0]
        link = to(page, f"practices/{rows[name]}.md", name)
        return f'| <a id="{anchor(name)}"></a>**{link}** '

    line = _RULE_FILE.sub(lambda m: to(page, f"rules/{m[1]}.md", "")[1:], line)
    for link, target in _GENERATED.items():
        line = line.replace(link, to(page, target, "")[1:])
    line = _ROW.sub(decided, _SPAN.sub(known, line))
    return line.replace("\\<", "&lt;").replace("\\>", "&gt;") if "`" not in line else _angles(line)


def _angles(line: str) -> str:
    """The line without the escapes that only other dialects of Markdown know."""
    parts = line.split("`")
    parts[::2] = [p.replace("\\<", "&lt;").replace("\\>", "&gt;") for p in parts[::2]]
    return "`".join(parts)
