"""The grammar of suppression comments, for every file format that has comments.

    # mllint: ignore[rule, other-rule] kind=false-positive until=2026-12-31 issue=#4 the reason
    # mllint: file-ignore[category/*] the reason

Knows the grammar only: what a directive covers depends on the format, and whether a rule exists is
for others to say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mllint.facts import Ignore

if TYPE_CHECKING:
    from mllint.facts import Place

_DIRECTIVE = re.compile(
    r"mllint:[ \t]*(?P<word>file-ignore|ignore)\b[ \t]*(?:\[(?P<rules>[^\]\n]*)\])?(?P<rest>[^\n]*)"
)
_KEY = re.compile(r"[ \t]*(?P<key>kind|until|issue)=(?P<value>\S+)")
_NOQA = re.compile(r"#[ \t]*noqa[ \t]*:[ \t]*(?P<codes>[\w\-/, \t]+)", re.IGNORECASE)
_RULE = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+")


class Directive(NamedTuple):
    """What one suppression comment says."""

    file: bool
    """Whether it covers the whole file."""
    rules: tuple[str, ...]
    """Selectors as written; empty where none is given, which is a mistake of the author's."""
    kind: str
    until: str
    issue: str
    reason: str
    noqa: bool = False
    """Whether it is written as `# noqa: rule-id`."""

    def over(self, at: Place, scope: str, first: int, last: int, *, head: bool = True) -> Ignore:
        """The row for the lines that it covers; a file has no lines.

        `head` says whether it stands before the first content, where one for the file has to be.
        """
        word = "noqa" if self.noqa else "file-ignore" if self.file else "ignore"
        if self.file:
            scope, first, last = "file" if head else "misplaced", 0, 0
        return Ignore(
            at, self.rules, scope, first, last, self.kind, self.until, self.issue, self.reason, word
        )


def parse_ignore(comment: str) -> Directive | None:
    """The directive in a comment, or None; the comment may have its marks (`#`, `<!-- -->`)."""
    if "mllint:" not in comment:
        return None
    found = _DIRECTIVE.search(comment)
    if found is None:
        return None
    rest = found["rest"].rstrip()
    rest = rest.removesuffix("-->").removesuffix("*/").rstrip()
    keys = {"kind": "accepted", "until": "", "issue": ""}
    at = 0
    while pair := _KEY.match(rest, at):
        keys[pair["key"]] = pair["value"]
        at = pair.end()
    rules = tuple(part for part in re.split(r"[,\s]+", found["rules"] or "") if part)
    file = found["word"] == "file-ignore"
    reason = rest[at:].strip(" \t-:")
    return Directive(file, rules, keys["kind"], keys["until"], keys["issue"], reason)


def parse_noqa(comment: str) -> Directive | None:
    """The rules of ours that a `# noqa: rule-id` names, or None; it never has a reason.

    Codes of other linters (`E501`) are left out: ours have a hyphen and are lower case.
    """
    found = _NOQA.search(comment)
    if found is None:
        return None
    rules = tuple(code for code in re.split(r"[,\s]+", found["codes"]) if _RULE.fullmatch(code))
    return Directive(False, rules, "accepted", "", "", "", noqa=True) if rules else None
