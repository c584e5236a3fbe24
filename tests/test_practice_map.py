"""The practice map: whole, consistent, and joined with the rules."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from mllint import catalogue
from mllint.catalogue import CatalogueError, Document
from mllint.practices import PracticeMap, load
from mllint.reports.practices import as_markdown

CATALOGUE = catalogue.load()
MAP = load(CATALOGUE)
DOCUMENT = Path(__file__).parent.parent / "docs/practices.md"


def by_people(check: str) -> bool:
    """Whether only attestations settle the practices that come down to a check."""
    rows = [row for row in MAP.rows.values() if row.checks[0] == check]
    return bool(rows) and all(row.see == "no" for row in rows)


def test_no_practice_of_the_documents_is_dropped() -> None:
    seeds = [row for row in MAP.rows.values() if row.id[0] == "S"]
    assert (len(seeds), len(MAP.rows)) == (395, 788)
    assert len(MAP.checks) == 281
    assert list(MAP.attestations) == [f"Q{number:02}" for number in range(1, 39)]


def test_every_document_and_section_of_the_map_is_known() -> None:
    for row in MAP.rows.values():
        assert row.section in CATALOGUE.documents[row.document].sections


def test_every_rule_cites_a_practice() -> None:
    assert [rule.id for rule in CATALOGUE.rules.values() if not rule.practices] == []


def test_every_practice_has_a_rule_or_an_attestation() -> None:
    bare = [row for row in MAP.rows.values() if row.see != "no" and not MAP.rules(row)]
    assert {row.checks[0] for row in bare} <= set(STILL_WITHOUT_A_RULE)


def test_checks_without_a_rule_are_listed_and_become_fewer() -> None:
    without = {check for check in MAP.checks if check not in MAP.served and not by_people(check)}
    listed = set(STILL_WITHOUT_A_RULE)
    assert without - listed == set(), "a rule stopped citing these"
    assert listed - without == set(), "a rule cites these now: take them off the list"
    assert sorted(listed) == STILL_WITHOUT_A_RULE


def test_every_attestation_and_every_check_serves_a_practice() -> None:
    assert {row.attest for row in MAP.rows.values()} - {""} == set(MAP.attestations)
    assert {check for row in MAP.rows.values() for check in row.checks} == set(MAP.checks)


def test_deciding_rules_come_first() -> None:
    served = {"a.first": ("one",), "a.second": ("two", "one"), "S0-DM-1": ("zero",)}
    row = replace(MAP.rows["S0-DM-1"], checks=("a.first", "a.second"))
    joined = PracticeMap({}, {row.id: row}, {}, served, {})
    assert joined.deciding(row) == ("zero", "one")
    assert joined.rules(row) == ("zero", "one", "two")


def test_a_row_is_as_its_deciding_check_says_unless_it_says_otherwise() -> None:
    plain, own = MAP.rows["S0-DM-2"], MAP.rows["S0-DM-9"]
    assert plain.counts == MAP.checks["data.validation"].counts
    assert own.counts.startswith("a test part exists")
    assert own.kinds == MAP.checks["leak.test-refit"].kinds


def test_a_rule_that_cites_an_unknown_practice_is_named_with_the_nearest() -> None:
    rule = replace(next(iter(CATALOGUE.rules.values())), practices=("split.seded", "S0-DM-99"))
    with pytest.raises(CatalogueError) as raised:
        load(replace(CATALOGUE, rules={rule.id: rule}))
    first, second = str(raised.value).splitlines()
    near = 'practices: unknown practice "split.seded"; did you mean "split.seeded"?'
    assert first == f"{rule.file}: {near}"
    assert "S0-DM-99" in second


GOOD = {
    "checks.toml": '[split.seeded]\nasks = "a"\ncounts = "c"\n',
    "attestations.toml": '[Q01]\ntopic = "t"\nquestion = "q"\nnearest = "n"\n',
    "book.toml": "[One]\nB-1 = "
    '{ says = "s", see = "no", checks = ["split.seeded"], attest = "Q01" }\n',
}
BAD = {
    "unknown key": ("checks.toml", "counts", "count", 'unknown key count; did you mean "counts"?'),
    "missing key": ("checks.toml", "counts", "count", "split.seeded: counts is missing"),
    "unknown kind": ("checks.toml", "asks", 'kinds = ["libary"]\nasks', 'did you mean "library"?'),
    "unknown check": ("book.toml", "split.s", "splits.s", 'did you mean "split.seeded"?'),
    "unknown attestation": ("book.toml", "Q01", "Q02", 'B-1: unknown attestation "Q02"'),
    "no attestation": ("book.toml", ', attest = "Q01"', "", "needs an attestation"),
    "unknown section": ("book.toml", "One", "Ones", 'no section "Ones"; did you mean "One"?'),
    "odd visibility": ("book.toml", '"no"', '"maybe"', "see must be one of yes, partly, no"),
    "odd effect": ("attestations.toml", "topic", 'effect = "e"\ntopic', "effect must be one of"),
    "no table": ("attestations.toml", "[Q01]", "Q02 = 1\n[Q01]", "Q02: must be a table"),
    "no TOML": ("checks.toml", "[", "[[", "practices/checks.toml: "),
}


def folder(tmp_path: Path, files: dict[str, str]) -> catalogue.Catalogue:
    (tmp_path / "practices").mkdir()
    for name, text in files.items():
        (tmp_path / "practices" / name).write_text(text)
    book = Document("book", "Book", "", ("One",))
    return replace(CATALOGUE, rules={}, folders=(tmp_path,), documents={"book": book})


def test_a_map_is_read(tmp_path: Path) -> None:
    assert list(load(folder(tmp_path, GOOD)).rows) == ["B-1"]


@pytest.mark.parametrize("name", BAD)
def test_a_mistake_of_the_map_is_named(name: str, tmp_path: Path) -> None:
    file, old, new, said = BAD[name]
    assert old in GOOD[file]
    with pytest.raises(CatalogueError) as raised:
        load(folder(tmp_path, {**GOOD, file: GOOD[file].replace(old, new, 1)}))
    assert said in str(raised.value)


def test_a_file_of_no_document_and_a_row_that_is_there_twice_are_named(tmp_path: Path) -> None:
    twice = GOOD["book.toml"] + GOOD["book.toml"].replace("[One]", "[Two]")
    known = folder(tmp_path, {**GOOD, "book.toml": twice, "boook.toml": ""})
    book = Document("book", "Book", "", ("One", "Two"))
    with pytest.raises(CatalogueError) as raised:
        load(replace(known, documents={"book": book}))
    assert 'unknown document "boook"; did you mean "book"?' in str(raised.value)
    assert "B-1: is there twice" in str(raised.value)


def test_the_document_of_practices_is_up_to_date() -> None:
    """With UPDATE_GOLDENS, or by `mllint rules --isolated --practices --format markdown`."""
    text = as_markdown(MAP, list(MAP.rows.values()), CATALOGUE.documents, None)
    if os.environ.get("UPDATE_GOLDENS"):
        DOCUMENT.write_text(text, "utf-8")
    assert text == DOCUMENT.read_text("utf-8")


STILL_WITHOUT_A_RULE = (Path(__file__).parent / "unruled.txt").read_text("utf-8").split()
