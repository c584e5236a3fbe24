"""How labels and outcomes are laid side by side, on a small truth and outcomes of our own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from bench import agreement
from bench.agreement import Label, Pair, Said
from mllint import catalogue
from mllint.practices import load

if TYPE_CHECKING:
    from pathlib import Path

RULES: list[dict[str, Any]] = [
    {"id": "no-cake", "practices": ["cake.exists", "cake.sweet"]},
    {"id": "burnt-cake", "practices": ["cake.exists"]},
    {"id": "no-sugar", "practices": ["cake.sweet"]},
    {"id": "no-candle", "practices": ["tea.hot", "cake.lit"]},
]


def outcomes(**of: str) -> dict[str, dict[str, Any]]:
    return {
        rule.replace("_", "-"): {"outcome": outcome, "reason": f"{rule} {outcome}"}
        for rule, outcome in of.items()
    }


def test_a_rule_decides_about_what_it_cites_first_and_others_only_where_none_does() -> None:
    assert agreement.deciders(RULES) == {
        "cake.exists": ["no-cake", "burnt-cake"],
        "cake.sweet": ["no-sugar"],
        "tea.hot": ["no-candle"],
        "cake.lit": ["no-candle"],
    }


@pytest.mark.parametrize(
    ("found", "state", "rule"),
    [
        ({"no_cake": "pass", "burnt_cake": "pass"}, "yes", "no-cake"),
        ({"no_cake": "pass", "burnt_cake": "fail"}, "no", "burnt-cake"),
        ({"no_cake": "fail", "burnt_cake": "blocked"}, "no", "no-cake"),
        ({"no_cake": "unknown", "burnt_cake": "pass"}, "yes", "burnt-cake"),
        ({"no_cake": "not-applicable", "burnt_cake": "unknown"}, "unclear", "burnt-cake"),
        ({"no_cake": "crashed"}, "unclear", "no-cake"),
        ({"no_cake": "not-applicable", "burnt_cake": "not-applicable"}, "na", "no-cake"),
        ({"no_sugar": "fail"}, "unclear", ""),
    ],
)
def test_what_several_rules_say_of_one_practice(
    found: dict[str, str], state: str, rule: str
) -> None:
    said = agreement.fold("cake.exists", agreement.deciders(RULES), outcomes(**found))
    assert (said.state, said.rule) == (state, rule)


def test_of_a_practice_without_a_rule_nothing_is_known() -> None:
    assert agreement.fold("tea.cold", agreement.deciders(RULES), {}).state == "unclear"


def pair(label: str, state: str, practice: str = "cake.exists", repository: str = "bakery") -> Pair:
    return Pair(repository, practice, Label(label, "oven.py:3", "smells"), Said(state, "r", "seen"))


def test_only_yes_and_no_count_and_silence_is_no_agreement() -> None:
    pairs = [pair("yes", "yes"), pair("no", "na"), pair("yes", "unclear"), pair("na", "yes")]
    assert agreement.share(agreement.by_practice(pairs)["cake.exists"]) == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("right", "wrong", "good"), [(95, 5, True), (94, 6, False), (0, 0, True), (0, 1, False)]
)
def test_how_much_must_agree_over_all(right: int, wrong: int, good: bool) -> None:
    pairs = [pair("no", "no", f"cake.{n}") for n in range(right)]
    pairs += [pair("no", "yes", f"tea.{n}") for n in range(wrong)]
    assert agreement.passes(pairs) == good


@pytest.mark.parametrize(("right", "wrong", "good"), [(4, 1, True), (3, 2, False), (2, 2, True)])
def test_how_much_must_agree_for_a_practice_with_five_labels(
    right: int, wrong: int, good: bool
) -> None:
    others = [pair("yes", "yes", f"tea.{n}") for n in range(100)]
    pairs = [*others, *[pair("yes", "yes")] * right, *[pair("yes", "no")] * wrong]
    assert agreement.passes(pairs) == good
    assert ("cake.exists" in agreement.page(pairs).splitlines()[-1]) != good


def test_the_page_tells_both_sides_of_a_disagreement() -> None:
    pairs = [pair("yes", "no"), pair("no", "no"), pair("na", "no", "tea.hot", "inn")]
    page = agreement.page(pairs)
    assert "cake.exists              yes  1  no  1  agreed  1  0.50" in page
    assert "bakery: cake.exists: labelled yes (oven.py:3: smells); mllint says no (r: seen)" in page
    assert "not counted" in page
    assert "inn: tea.hot: labelled na" in page
    assert "1 of 2 labels yes or no agreed: 0.500" in page


def test_the_truth_labels_the_same_sixty_known_practices_of_each_repository() -> None:
    truth = agreement.load(agreement.TRUTH)
    (practices,) = {frozenset(labels) for labels in truth.values()}
    assert (len(truth), len(practices)) == (14, 60)
    assert practices <= set(load(catalogue.load()).checks)
    for labels in truth.values():
        assert {label.label for label in labels.values()} <= {"yes", "no", "na", "unclear"}
        assert all(label.at and label.why for label in labels.values())


def test_the_script_reads_a_truth_and_runs_mllint(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    (folder / "bakery").mkdir(parents=True)
    (folder / "bakery" / "oven.py").write_text("import pandas as pd\n\nprint(pd)\n")
    truth = tmp_path / "truth.toml"
    entry = '{ label = "LABEL", at = "repository", why = "read" }'
    script = [sys.executable, agreement.__file__, str(folder), "--truth", str(truth)]

    def run(label: str, name: str = "bakery") -> subprocess.CompletedProcess[str]:
        text = f'["{name}"]\ncommit = "0"\n"ci.exists" = {entry}\n'
        truth.write_text(text.replace("LABEL", label))
        return subprocess.run(script, capture_output=True, text=True, check=False)

    assert (run("no").returncode, run("yes").returncode) == (0, 1)
    assert "labelled yes (repository: read); mllint says no (no-ci:" in run("yes").stdout
    missing = run("no", "brewery")
    assert (missing.returncode, missing.stderr) == (1, f"not in {folder}: brewery\n")
