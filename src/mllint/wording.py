"""What reports say of rows and of outcomes, in sentences.

Knows how many pieces of evidence speak for and against a rule, and what a row of each table is
called; knows nothing of how evidence is found or counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mllint.review import Evidence, Rule

_NOUNS: Mapping[str, str] = {
    "ci": "CI step",
    "step": "command",
    "docker": "instruction",
    "pointer": "data pointer",
    "fence": "code block",
    "prose": "document",
    "git": "repository",
    "assign": "assignment",
    "define": "definition",
    "literal": "string",
    "python": "statement of a Python version",
    "manager": "package manager",
}
"""What a row is called, where that is not the name of its table."""
_TOLD: Mapping[str, tuple[str, ...]] = {
    "step": ("command",),
    "ci": ("uses", "run", "name"),
    "docker": ("word", "value"),
    "manifest": ("kind", "name"),
    "define": ("name",),
    "hook": ("id",),
    "import": ("name",),
    "manager": ("name",),
    "python": ("spec",),
    "remote": ("url",),
    "stage": ("name",),
    "target": ("name",),
    "heading": ("text",),
}
"""The columns that tell a row apart: those of an instruction and a resource together, else the
first that is not empty."""
_BOTH = frozenset({"docker", "manifest"})
_WIDTH = 60


def noun(table: str, count: int = 1) -> str:
    """What a row of the table is called; plural where there is not one."""
    one = _NOUNS.get(table, table)
    if count == 1:
        return one
    return f"{one[:-1]}ies" if one.endswith("y") else f"{one}s"


def short(text: str) -> str:
    """The first line of a text, cut to the width of a note."""
    line = next((part.strip() for part in text.splitlines() if part.strip()), "")
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 3]}..."


def told(table: str, row: Any) -> str:
    """A row in a few words, in backquotes; "" where its place says all."""
    if table == "image":
        tag = f":{row.tag}" * bool(row.tag)
        return f"`{row.name}{tag}{'@' * bool(row.digest)}{row.digest[:15]}`"
    if table == "dependency":
        return f"`{row.name}{row.spec}`"
    if table == "setting":
        return f"`{short(f'{row.key} = {row.value}')}`"
    if table == "target" and row.tool != "shell":
        return f"`{short(row.name)}` of {row.tool}"
    parts = [text for column in _TOLD.get(table, ()) if (text := str(getattr(row, column)))]
    if not parts:
        return ""
    return f"`{short(' '.join(parts) if table in _BOTH else parts[0])}`"


def searched(table: str, count: int, nothing: str) -> str:
    """What a search without a hit says: `nothing`, if the rule words it, and how much was seen."""
    if table == "tool":
        return nothing or "no such tool was found"
    if nothing:
        return f"{nothing} ({count} {noun(table, count)} seen)" if count else nothing
    return f"looked at {count} {noun(table, count)}" if count else f"there is no {noun(table)}"


def passed(rule: Rule, good: Sequence[Evidence]) -> str:
    """Why a rule passes."""
    if rule.counted and len(good) > 1:
        return f"{'both' if len(good) == 2 else f'all {len(good)}'} {rule.counted}"
    text = _placed(good[0]) or "it is there"
    return f"{text} (and {len(good) - 1} more)" if len(good) > 1 else text


def failed(rule: Rule, bad: Sequence[Evidence], good: int, message: str) -> str:
    """Why a rule fails; `message` is what its first finding says."""
    sites = len(bad) + good
    if rule.counted and sites > 1:
        return f"{good or 'none'} of {sites} {rule.counted}"
    if good:
        return f"{good} of {sites} places are fine"
    first = message if rule.counted else bad[0].note or message
    return f"{first} (and {sites - 1} more)" if sites > 1 else first


def undecided(unsure: Sequence[Evidence]) -> str:
    """Why nobody can tell."""
    more = f" (and {len(unsure) - 1} more)" if len(unsure) > 1 else ""
    return f"undecided: {_placed(unsure[0])}{more}"


def _placed(one: Evidence) -> str:
    """A piece of evidence with its place, the path said once."""
    if one.at is None or not one.note:
        return one.note or str(one.at or "")
    path = f"`{one.at.path}`"
    if not one.at.line and path in one.note:
        return one.note
    return f"{one.at}: {one.note.removesuffix(f' in {path}')}"
