"""Rulesets: what counts, how much, and that a released one stays as it is."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mllint.catalogue import home
from mllint.review import UsageError
from mllint.rulesets import applied, written
from tests.catalogued import CATALOGUE

if TYPE_CHECKING:
    from pathlib import Path

    from mllint.catalogue import Catalogue


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    """The catalogue in a folder of its own, with a ruleset that has one rule."""
    folder = tmp_path / home().name
    shutil.copytree(home() / "rulesets", folder / "rulesets")
    (folder / "rulesets/1999.1.toml").write_text(
        "[budgets]\nsplits = { research = 1, internal = 2, production = 3 }\n"
        '[rules]\nno-holdout = { research = "note", internal = "note", production = "error" }\n'
    )
    return replace(CATALOGUE, folders=(folder,))


def test_the_newest_ruleset_lists_the_catalogue() -> None:
    listed = (home() / "rulesets/2026.1.toml").read_text("utf-8")
    assert listed == written(CATALOGUE), "run `python -m mllint.rulesets`"


def test_the_newest_ruleset_changes_nothing() -> None:
    rules = applied(CATALOGUE, "2026.1").rules
    assert {r.id: (r.severity, r.preview) for r in rules.values()} == {
        r.id: (r.severity, r.preview) for r in CATALOGUE.rules.values()
    }


def test_rules_that_a_ruleset_does_not_have_are_previews(catalogue: Catalogue) -> None:
    rules = applied(catalogue, "1999.1").rules
    assert [r.id for r in rules.values() if not r.preview] == ["no-holdout"]


def test_a_ruleset_sets_severities_and_budgets(catalogue: Catalogue) -> None:
    old = applied(catalogue, "1999.1")
    assert old.rules["no-holdout"].severity["production"] == "error"
    assert old.rules["no-holdout"].severity["internal"] == "note"
    assert old.categories["splits"].budget == {"research": 1, "internal": 2, "production": 3}
    assert old.categories["tests"] == CATALOGUE.categories["tests"]


def test_an_unknown_ruleset_is_a_mistake_that_names_the_known_ones(catalogue: Catalogue) -> None:
    with pytest.raises(UsageError, match=r"there is no ruleset 1998.1; known: 1999.1, 2026.1"):
        applied(catalogue, "1998.1")
