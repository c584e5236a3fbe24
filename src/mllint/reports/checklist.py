"""A published checklist, filled in for one repository: text, Markdown, JSON.

Shows how the project stands to each item, and says which share of the list a linter can see at all.
Knows nothing of how an item was decided.
"""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any

from mllint.reports.catalogue import escaped
from mllint.reports.lines import Line, Span, clean, columns, indented, wrap
from mllint.reports.paint import paint
from mllint.reports.places import count, place
from mllint.reports.practices import WORDS, row_data, why

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mllint.catalogue import Document
    from mllint.practices import Practice, PracticeMap
    from mllint.reports import View
    from mllint.standing import Standing, State

_ANSWERS: Mapping[State, tuple[str, str]] = {
    **WORDS,
    "unknown": ("cannot be seen", "yellow"),
    "open": ("cannot be seen", "dim"),
}
"""A state as the answer to an item, and the style of it."""
CAUTION = (
    "A help for whoever reviews the project, filled in from what its files show; it is no "
    "certificate, and no statement by the authors of the list."
)


def share(rows: Iterable[Practice]) -> str:
    """How much of a list any linter can see: `18 of 28 items can be seen in a repository, ...`."""
    sees = [row.see for row in rows]
    whole, partly = sees.count("yes"), sees.count("partly")
    return (
        f"{whole} of {count(len(sees), 'item')} can be seen in a repository, {partly} in part, "
        f"{sees.count('no')} only people can answer"
    )


def totals(rows: Sequence[Practice], standings: Mapping[str, Standing]) -> dict[str, int]:
    """Answer -> how many items have it."""
    told = dict.fromkeys((word for word, _ in _ANSWERS.values()), 0)
    for row in rows:
        told[_ANSWERS[standings[row.id].state][0]] += 1
    return told


def as_text(
    document: Document, rows: Sequence[Practice], standings: Mapping[str, Standing], view: View
) -> str:
    """The list by section: answer, item, what shows it."""
    lines: list[Line] = [*indented(clean(document.title), view.width, 0, "bold")]
    lines += indented(f"{share(rows)}.", view.width, 0, "dim")
    wide = max(columns(row.id) for row in rows)
    for section, members in groupby(rows, lambda row: row.section):
        lines += [[], *indented(section.replace("/", " / "), view.width, 0, "bold")]
        for row in members:
            lines += _item(row, standings[row.id], wide, view)
    told = [f"{number} {word}" for word, number in totals(rows, standings).items() if number]
    lines += [[], *indented(", ".join(told), view.width, 0, "bold")]
    return paint([*lines, *indented(CAUTION, view.width, 0, "dim")], view)


def _item(row: Practice, standing: Standing, wide: int, view: View) -> list[Line]:
    word, style = _ANSWERS[standing.state]
    indent = wide + 20
    parts = wrap(clean(row.says), view.width - indent)
    head = [
        Span("  "),
        Span(f"{word:<16}", style),
        Span(f"{row.id}{' ' * (wide - columns(row.id))}  "),
        Span(parts[0]),
    ]
    rest: list[Line] = [[Span(" " * indent), Span(part)] for part in parts[1:]]
    return [head, *rest, *indented(clean(why(standing)), view.width, indent, "dim")]


def as_markdown(
    document: Document, rows: Sequence[Practice], standings: Mapping[str, Standing]
) -> str:
    """A table per section, to be pasted into a review."""
    lines = [f"# {escaped(document.title)}", "", f"{share(rows)}.", "", CAUTION, ""]
    lines += [f"<{document.url}>", ""] if document.url else []
    for section, members in groupby(rows, lambda row: row.section):
        lines += [f"## {escaped(section.replace('/', ' / '))}", ""]
        lines += ["| Item | Answer | Shown by | Why |", "|---|---|---|---|"]
        for row in members:
            standing = standings[row.id]
            at = f"`{escaped(place(standing.at))}`" if standing.at else ""
            cells = [
                f"**{row.id}** {escaped(row.says)}",
                _ANSWERS[standing.state][0],
                at,
                escaped(standing.reason),
            ]
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    told = [f"{number} {word}" for word, number in totals(rows, standings).items() if number]
    return "\n".join([*lines, f"{', '.join(told)}."]) + "\n"


def as_json(
    document: Document,
    rows: Sequence[Practice],
    practice_map: PracticeMap,
    standings: Mapping[str, Standing],
) -> str:
    """The list as data: each item with its answer, reason and place."""
    sees = [row.see for row in rows]
    items: list[dict[str, Any]] = []
    for row in rows:
        told = row_data(row, practice_map, standings[row.id])
        items.append({**told, "answer": _ANSWERS[standings[row.id].state][0]})
    data = {
        "checklist": document.key,
        "title": document.title,
        "url": document.url or None,
        "caution": CAUTION,
        "visible": {name: sees.count(name) for name in ("yes", "partly", "no")},
        "totals": totals(rows, standings),
        "items": items,
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def as_list(documents: Mapping[str, Document], rows: Sequence[Practice], view: View) -> str:
    """The checklists that there are, and how much of each a linter can see."""
    lines: list[Line] = []
    wide = max(columns(key) for key in documents)
    for key, document in documents.items():
        members = [row for row in rows if row.document == key]
        if not members:
            continue
        lines.append([Span(f"{key}{' ' * (wide - columns(key))}  ", "bold"), Span(document.title)])
        lines += indented(share(members), view.width, wide + 2, "dim")
    return paint(lines, view)
