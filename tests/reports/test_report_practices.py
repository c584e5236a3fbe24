"""The practice map for people and machines: lists, and pages of its rows."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest

from mllint.catalogue import Document
from mllint.facts import Place
from mllint.practices import Attestation, Practice, PracticeCheck, PracticeMap
from mllint.reports import View, page, practice_pages, practices
from mllint.reports.lines import columns
from mllint.standing import Standing, State

if TYPE_CHECKING:
    from types import SimpleNamespace

    from mllint.reports.page import Page

GOLDENS = Path(__file__).parent / "goldens"
SEEDED = PracticeCheck(
    "split.seeded", "The split can be repeated", "a seed", "a random split without one",
    "a split by time", ("research", "pipeline"),
)  # fmt: skip
OWNED = PracticeCheck("feat.owner", "Features have owners", "an owner", "", "", ())
TEAM = Attestation("Q03", "Cross-functional work", "Which roles took part?", "CODEOWNERS", "")
ELSEWHERE = Attestation("Q21", "Split upstream", "Is the split done elsewhere?", "", "elsewhere")


def row(name: str, says: str, see: str, *checks: str, **more: str) -> Practice:
    given = {"document": "handbook", "section": "Data/Splits", "attest": "", **more}
    texts = ("a seed or *stored* rows", "a random split without one", "a split by time")
    return Practice(
        name, given["document"], given["section"], says, see, checks,  # type: ignore[arg-type]
        given["attest"], *texts, ("research", "pipeline"),
    )  # fmt: skip


ROWS = {
    r.id: r
    for r in (
        row("H-1", "The split can be repeated", "yes", "split.seeded", attest="Q21"),
        row("H-2", "The parts are told apart by an owner of the data, who keeps a list of all that "
            "went into them", "partly", "feat.owner", "split.seeded"),
        row("H-3", "Features have owners", "yes", "feat.owner", section="Features"),
        row("G-1.1", "People of several roles take part", "no", "feat.owner", attest="Q03",
            document="guide", section="Team"),
    )
}  # fmt: skip
MAP = PracticeMap(
    {c.id: c for c in (SEEDED, OWNED)},
    ROWS,
    {a.id: a for a in (TEAM, ELSEWHERE)},
    {"split.seeded": ("unseeded-split", "shuffled-time-series")},
    {"unseeded-split": "split.seeded", "shuffled-time-series": "split.temporal"},
)
DOCUMENTS = {
    "handbook": Document("handbook", "The Handbook", "https://example.org/h", ()),
    "guide": Document("guide", "A Guide", "", ()),
}
STANDINGS = {
    "H-1": Standing("met", "unseeded-split: all 7 splits are seeded", Place("src/train.py", 50)),
    "H-2": Standing("partly", "unseeded-split: all 7 splits are seeded", Place("src/train.py", 50)),
    "H-3": Standing("unknown", "no rule looks at it yet"),
    "G-1.1": Standing("open", "Q03 is not attested: Which roles took part?"),
}
LISTS = {"alone": None, "project": STANDINGS}


def golden(name: str, text: str) -> None:
    path = GOLDENS / name
    if os.environ.get("UPDATE_GOLDENS"):
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


def pages(make: SimpleNamespace) -> dict[str, Page]:
    report = make.sample()
    rules = [report.rules[name] for name in MAP.served["split.seeded"]]
    return {
        "row": practice_pages.row_page(
            ROWS["H-1"], MAP, rules, title="The Handbook", profile="internal", report=report,
            standing=STANDINGS["H-1"],
        ),
        "row-alone": practice_pages.row_page(
            ROWS["G-1.1"], MAP, [], title="A Guide", profile="internal", report=None, standing=None
        ),
        "check": practice_pages.check_page(SEEDED, MAP, rules, profile="internal", report=report),
        "check-alone": practice_pages.check_page(OWNED, MAP, [], profile="internal", report=None),
        "attestation": practice_pages.attestation_page(ELSEWHERE, MAP),
    }  # fmt: skip


PAGES = ("row", "row-alone", "check", "check-alone", "attestation")


@pytest.mark.parametrize("name", PAGES)
def test_page_is_as_it_was(name: str, make: SimpleNamespace) -> None:
    golden(f"page-{name}.txt", page.as_text(pages(make)[name], View()))
    golden(f"page-{name}.md", page.as_markdown(pages(make)[name]))


@pytest.mark.parametrize("name", LISTS)
def test_list_is_as_it_was(name: str) -> None:
    given = (MAP, list(ROWS.values()), DOCUMENTS, LISTS[name])
    golden(f"practices-{name}.txt", practices.as_table(*given, View()))
    golden(f"practices-{name}.md", practices.as_markdown(*given))


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("name", LISTS)
def test_no_line_of_a_list_is_too_wide(name: str, width: int) -> None:
    text = practices.as_table(MAP, list(ROWS.values()), DOCUMENTS, LISTS[name], View(width=width))
    assert [line for line in text.splitlines() if columns(line) > width] == []


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("name", PAGES)
def test_no_line_of_a_page_is_too_wide(name: str, width: int, make: SimpleNamespace) -> None:
    text = page.as_text(pages(make)[name], View(width=width))
    assert [line for line in text.splitlines() if columns(line) > width] == []


def test_every_state_has_a_word() -> None:
    assert set(practices.WORDS) == set(get_args(State))


def test_an_empty_list_says_so() -> None:
    assert practices.as_table(MAP, [], DOCUMENTS, None, View()) == "no practices\n"


def test_json_holds_everything() -> None:
    told = json.loads(practices.as_json(MAP, list(ROWS.values())[:2], DOCUMENTS, STANDINGS))
    assert [document["key"] for document in told["documents"]] == ["handbook"]
    assert [check["rules"] for check in told["checks"]] == [
        ["unseeded-split", "shuffled-time-series"], []
    ]  # fmt: skip
    assert told["attestations"][1] == {
        "id": "Q21", "topic": "Split upstream", "question": "Is the split done elsewhere?",
        "nearest": "", "effect": "elsewhere", "practices": ["H-1"],
    }  # fmt: skip
    first = told["practices"][0]
    assert (first["state"], first["place"]) == ("met", {"path": "src/train.py", "line": 50})
    assert first["rules"] == ["unseeded-split", "shuffled-time-series"]
    alone = json.loads(practices.as_json(MAP, list(ROWS.values()), DOCUMENTS, None))
    assert "state" not in alone["practices"][0]
