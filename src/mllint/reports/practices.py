"""The practice map as a list: a text for people, JSON, Markdown."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any

from mllint.reports.catalogue import escaped
from mllint.reports.lines import Line, Span, clean, columns, indented, wrap
from mllint.reports.paint import paint
from mllint.reports.places import count, place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mllint.catalogue import Document
    from mllint.practices import Practice, PracticeMap
    from mllint.reports import View
    from mllint.standing import Standing, State

WORDS: Mapping[State, tuple[str, str]] = {
    "met": ("met", "green"),
    "partly": ("partly", "yellow"),
    "not-met": ("not met", "red"),
    "unknown": ("unknown", "yellow"),
    "not-applicable": ("n/a", "dim"),
    "attested": ("attested", "green"),
    "open": ("open", "dim"),
}
"""A state in a word, and the style of it."""
_LEGEND = "open: no repository can show it, and nobody has attested it; n/a: it does not apply here"
_ABOUT = """\
What the documents ask for that mllint is built on, and how mllint looks at it. A row is met where
its rules pass; the texts say what counts and what does not. Where only people can answer, an
attestation does, named by the number of its question. `mllint explain ID` says more about a row, a
rule or a question; `mllint rules --practices PATH` says how a project stands to every row."""


def as_table(
    practice_map: PracticeMap,
    rows: Sequence[Practice],
    documents: Mapping[str, Document],
    standings: Mapping[str, Standing] | None,
    view: View,
) -> str:
    """Two lines per practice by document and section: what it says, and who looks at it."""
    lines: list[Line] = []
    for key, members in groupby(rows, lambda row: row.document):
        listed = list(members)
        title = documents[key].title
        lines += [[], *indented(clean(title), view.width, 0, "bold")]
        lines += indented(_summary(listed, practice_map, standings), view.width, 0, "dim")
        wide = max(columns(row.id) for row in listed)
        for section, part in groupby(listed, lambda row: row.section):
            lines += [[], *indented(section.replace("/", " / "), view.width, 0, "bold")]
            for row in part:
                lines += _entry(row, wide, practice_map, standings, view)
    if not lines:
        return paint([[Span("no practices")]], view)
    last = f"{count(len(rows), 'practice')}; mllint explain ID says more"
    lines += [[], *indented(last, view.width, 0, "dim")]
    lines += indented(_LEGEND, view.width, 0, "dim") if standings else []
    return paint(lines[1:], view)


def _entry(
    row: Practice,
    wide: int,
    practice_map: PracticeMap,
    standings: Mapping[str, Standing] | None,
    view: View,
) -> list[Line]:
    head: Line = [Span("  ")]
    indent = wide + 4
    note = _looked_at_by(row, practice_map)
    if standings is not None:
        standing = standings[row.id]
        word, style = WORDS[standing.state]
        head.append(Span(f"{word:<9}", style))
        indent += 9
        if standing.state not in {"met", "open"}:
            note = why(standing)
    parts = wrap(clean(row.says), view.width - indent)
    head += [Span(f"{row.id}{' ' * (wide - columns(row.id))}  "), Span(parts[0])]
    rest: list[Line] = [[Span(" " * indent), Span(part)] for part in parts[1:]]
    return [head, *rest, *indented(clean(note), view.width, indent, "dim")]


def why(standing: Standing) -> str:
    """What decided the state, with its place where the reason does not name that."""
    at = standing.at
    return (
        f"{place(at)}: {standing.reason}"
        if at and at.path not in standing.reason
        else standing.reason
    )


def _looked_at_by(row: Practice, practice_map: PracticeMap) -> str:
    """The rules of a row and its attestation."""
    rules = ", ".join(practice_map.rules(row))
    if row.see == "no":
        near = f" (nearest: {rules})" if rules else ""
        return f"attestation {_asked(row, practice_map)}{near}"
    attest = f"attestation {_asked(row, practice_map)}" if row.attest else ""
    return ", ".join(filter(None, (rules or "no rule yet", attest)))


def _asked(row: Practice, practice_map: PracticeMap) -> str:
    return f"{row.attest} ({practice_map.attestations[row.attest].topic.lower()})"


def _summary(
    rows: Iterable[Practice],
    practice_map: PracticeMap,
    standings: Mapping[str, Standing] | None,
) -> str:
    """How many practices of a document are in which state, or looked at in which way."""
    listed = list(rows)
    if standings is None:
        numbers = _ways(listed, practice_map)
    else:
        states = [standings[row.id].state for row in listed]
        numbers = {word: states.count(state) for state, (word, _) in WORDS.items()}
    parts = [f"{number} {word}" for word, number in numbers.items() if number]
    return f"{count(len(listed), 'practice')}: {', '.join(parts)}"


def _ways(rows: Sequence[Practice], practice_map: PracticeMap) -> dict[str, int]:
    seen = [row for row in rows if row.see != "no"]
    ruled = sum(bool(practice_map.rules(row)) for row in seen)
    return {
        "by rules": ruled,
        "by attestation": len(rows) - len(seen),
        "without a rule yet": len(seen) - ruled,
    }


def as_json(
    practice_map: PracticeMap,
    rows: Sequence[Practice],
    documents: Mapping[str, Document],
    standings: Mapping[str, Standing] | None,
) -> str:
    """The practices with their documents, checks and attestations."""
    told = {
        "documents": [
            {"key": d.key, "title": d.title, "url": d.url}
            for d in documents.values()
            if any(row.document == d.key for row in rows)
        ],
        "checks": [check_data(name, practice_map) for name in practice_map.checks],
        "attestations": [
            attestation_data(name, practice_map) for name in practice_map.attestations
        ],
        "practices": [
            row_data(row, practice_map, standings[row.id] if standings else None) for row in rows
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def row_data(row: Practice, practice_map: PracticeMap, standing: Standing | None) -> dict[str, Any]:
    """A row as plain data, with how the project stands to it where that is known."""
    told: dict[str, Any] = {
        "id": row.id,
        "document": row.document,
        "section": row.section,
        "says": row.says,
        "see": row.see,
        "checks": list(row.checks),
        "rules": list(practice_map.rules(row)),
        "attestation": row.attest or None,
        "counts": row.counts,
        "against": row.against,
        "not_applicable": row.na,
        "kinds": list(row.kinds),
    }
    if standing is not None:
        at = standing.at
        told |= {
            "state": standing.state,
            "reason": standing.reason,
            "place": {"path": at.path, "line": at.line or None} if at else None,
        }
    return told


def check_data(name: str, practice_map: PracticeMap) -> dict[str, Any]:
    """A check of the map as plain data."""
    check = practice_map.checks[name]
    return {
        "id": name,
        "asks": check.asks,
        "counts": check.counts,
        "against": check.against,
        "not_applicable": check.na,
        "kinds": list(check.kinds),
        "rules": list(practice_map.served.get(name, ())),
    }


def attestation_data(name: str, practice_map: PracticeMap) -> dict[str, Any]:
    """An attestation as plain data."""
    one = practice_map.attestations[name]
    return {
        "id": name,
        "topic": one.topic,
        "question": one.question,
        "nearest": one.nearest,
        "effect": one.effect or None,
        "practices": [row.id for row in practice_map.rows.values() if row.attest == name],
    }


def as_markdown(
    practice_map: PracticeMap,
    rows: Sequence[Practice],
    documents: Mapping[str, Document],
    standings: Mapping[str, Standing] | None,
) -> str:
    """A table per section; with standings a column of states."""
    lines = ["# Practices", "", *_ABOUT.splitlines(), ""]
    for key, members in groupby(rows, lambda row: row.document):
        listed = list(members)
        document = documents[key]
        lines += [f"## {escaped(document.title)}", ""]
        lines += [f"<{document.url}>", ""] if document.url else []
        lines += [f"{_summary(listed, practice_map, standings)}.", ""]
        for section, part in groupby(listed, lambda row: row.section):
            lines += [f"### {escaped(section.replace('/', ' / '))}", ""]
            lines += [*_header(standings), *(_cells(r, practice_map, standings) for r in part), ""]
    return "\n".join([*lines, *_questions(practice_map, rows)]).rstrip() + "\n"


def _header(standings: Mapping[str, Standing] | None) -> list[str]:
    names = ["Practice", "Rules", "What counts", "What does not"]
    names += ["State", "Why"] if standings else []
    return [f"| {' | '.join(names)} |", "|---" * len(names) + "|"]


def _cells(
    row: Practice, practice_map: PracticeMap, standings: Mapping[str, Standing] | None
) -> str:
    rules = " ".join(f"`{rule}`" for rule in practice_map.rules(row))
    counts, against = escaped(row.counts), escaped(row.against)
    if row.see == "no":
        rules = f"{row.attest}{f', nearest: {rules}' if rules else ''}"
        counts = f"an attestation; nearest evidence: {counts}"
        against = "no attestation, or one that has run out"
    else:
        rules = ", ".join(filter(None, (rules or "none yet", row.attest)))
    cells = [f"**{row.id}** {escaped(row.says)}", rules, counts, against]
    if standings:
        standing = standings[row.id]
        cells += [WORDS[standing.state][0], escaped(why(standing))]
    return f"| {' | '.join(cells)} |"


def _questions(practice_map: PracticeMap, rows: Iterable[Practice]) -> list[str]:
    """The attestations that the rows name."""
    named = {row.attest for row in rows}
    lines = ["## Attestations", "", "| Id | Topic | Question |", "|---|---|---|"]
    lines += [
        f"| {one.id} | {escaped(one.topic)} | {escaped(one.question)} |"
        for one in practice_map.attestations.values()
        if one.id in named
    ]
    return lines
