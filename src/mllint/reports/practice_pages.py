"""Pages that explain the practice map: a row of a document, a check, an attestation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.reports.explain import rule_items
from mllint.reports.page import Block, Item, Page
from mllint.reports.places import count
from mllint.reports.practices import WORDS, why

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mllint.practices import Attestation, Practice, PracticeCheck, PracticeMap
    from mllint.review import Profile, Report, Rule
    from mllint.standing import Standing

_SEEN = {
    "yes": "A repository shows it.",
    "partly": "A repository can support it, not settle it.",
    "no": "No repository shows it: an attestation does; rules only see the nearest evidence.",
}
_EFFECTS = {
    "elsewhere": "It says that something is done in another repository.",
    "annotates": "It qualifies results and settles nothing.",
}


def row_page(
    row: Practice,
    practice_map: PracticeMap,
    rules: Sequence[Rule],
    *,
    title: str,
    profile: Profile,
    report: Report | None,
    standing: Standing | None,
) -> Page:
    """The page of a practice of a document."""
    here: tuple[Block, ...] = ()
    if standing is not None:
        word, style = WORDS[standing.state]
        here = (Item(word, why(standing), style),)
    attest = practice_map.attestations.get(row.attest)
    return Page(
        row.id,
        ("practice", title, row.section.replace("/", " / ")),
        f"{row.says}.",
        (
            ("In this project", here),
            ("Seen", (_SEEN[row.see],)),
            *_texts(row.counts, row.against, row.na, row.kinds),
            ("Rules", rule_items(rules, profile, report) or ("no rule looks at it yet",)),
            ("Attestation", (Item(attest.id, attest.question),) if attest else ()),
            (
                "Comes down to",
                tuple(Item(name, practice_map.checks[name].asks) for name in row.checks),
            ),
        ),
    )


def check_page(
    check: PracticeCheck,
    practice_map: PracticeMap,
    rules: Sequence[Rule],
    *,
    profile: Profile,
    report: Report | None,
) -> Page:
    """The page of what practices come down to."""
    rows = [row for row in practice_map.rows.values() if check.id in row.checks]
    decided = [row for row in rows if row.checks[0] == check.id]
    return Page(
        check.id,
        ("check", count(len(rules), "rule"), f"in {count(len(rows), 'place')} of the documents"),
        f"{check.asks}.",
        (
            *_texts(check.counts, check.against, check.na, check.kinds),
            ("Rules", rule_items(rules, profile, report) or ("no rule looks at it yet",)),
            ("Decides", tuple(Item(row.id, row.says) for row in decided)),
            ("Refines", tuple(Item(row.id, row.says) for row in rows if row not in decided)),
        ),
    )


def attestation_page(one: Attestation, practice_map: PracticeMap) -> Page:
    """The page of what only people can answer."""
    rows = [row for row in practice_map.rows.values() if row.attest == one.id]
    return Page(
        one.id,
        ("attestation", count(len(rows), "practice")),
        one.question,
        (
            ("Topic", (one.topic,)),
            ("Effect", (_EFFECTS[one.effect],) if one.effect else ()),
            ("Nearest evidence", (one.nearest,)),
            ("Practices", tuple(Item(row.id, row.says) for row in rows)),
        ),
    )


def _texts(
    counts: str, against: str, na: str, kinds: Sequence[str]
) -> list[tuple[str, tuple[Block, ...]]]:
    return [
        ("What counts", (counts,)),
        ("What does not", (against,) if against else ()),
        ("Does not apply", (na,) if na else ()),
        ("Expected of", (", ".join(kinds) or "every kind of project",)),
    ]
