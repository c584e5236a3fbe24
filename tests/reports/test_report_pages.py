"""Pages of explanation, lists of rules, and the account of a score."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mllint.reports import View, catalogue, explain, ledger, page, traits
from mllint.reports.lines import columns
from mllint.ruleparts import Example

if TYPE_CHECKING:
    from types import SimpleNamespace

GOLDENS = Path(__file__).parent / "goldens"
BAD = Example("bad", {"train.py": "\nimport x\nx.f()  # !\n", "big.csv": {"size": 9_000}}, ())
GOOD = Example("good", {"README.md": "```\ncode\n```\n"}, (), "a note")


def golden(name: str, text: str) -> None:
    path = GOLDENS / name
    if os.environ.get("UPDATE_GOLDENS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


def pages(make: SimpleNamespace) -> dict[str, page.Page]:
    report = make.sample()
    splits = [r for r in report.rules.values() if r.category == "splits"]
    failed, passed = (
        replace(report.rules[name], examples=(BAD, GOOD))
        for name in ("fit-before-split", "unseeded-split")
    )
    category = report.categories["splits"]
    return {
        "rule-failed": explain.rule_page(
            failed, category, profile="internal", sources=["Handbook, Splits"], report=report
        ),
        "rule-passed": explain.rule_page(
            passed, category, profile="research", sources=[], report=report
        ),
        "rule-alone": explain.rule_page(
            failed, None, profile="internal", sources=[], report=None, unavailable="not looked at"
        ),
        "category": explain.category_page(category, splits, profile="internal", report=report),
        "profile": explain.profile_page(
            "production",
            report.rules.values(),
            report.categories,
            expects=lambda profile, rule: profile == "production" or rule.profile == "research",
            report=report,
        ),
    }


NAMES = ("rule-failed", "rule-passed", "rule-alone", "category", "profile")


@pytest.mark.parametrize("name", NAMES)
def test_page_is_as_it_was(name: str, make: SimpleNamespace) -> None:
    golden(f"page-{name}.txt", page.as_text(pages(make)[name], View()))
    golden(f"page-{name}.md", page.as_markdown(pages(make)[name]))


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("name", NAMES)
def test_no_line_of_a_page_is_too_wide(name: str, width: int, make: SimpleNamespace) -> None:
    text = page.as_text(pages(make)[name], View(width=width))
    assert [line for line in text.splitlines() if columns(line) > width] == []


def test_account_is_as_it_was(make: SimpleNamespace) -> None:
    golden("ledger.txt", ledger.as_text(make.sample(), View()))
    golden("ledger.md", ledger.as_markdown(make.sample()))


def test_traits_are_as_they_were(make: SimpleNamespace) -> None:
    golden("traits.txt", traits.as_text(make.sample(), View()))
    golden("traits.md", traits.as_markdown(make.sample()))


def test_list_of_rules_is_as_it_was(make: SimpleNamespace) -> None:
    report = make.sample()
    view = View()
    table = catalogue.as_table(report.rules, report.categories, "internal", view)
    golden("rules.txt", table)
    golden("rules.md", catalogue.as_markdown(report.rules, report.categories))


def test_no_rules_make_an_empty_list() -> None:
    assert catalogue.as_table({}, {}, "internal", View()) == "no rules\n"
    assert json.loads(catalogue.as_json({}, {})) == {"categories": [], "rules": []}


def test_rules_as_json_leave_the_code_out(make: SimpleNamespace) -> None:
    report = make.sample()
    told = json.loads(catalogue.as_json(report.rules, report.categories))
    assert [rule["id"] for rule in told["rules"]] == list(report.rules)
    assert "check" not in told["rules"][0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a|b*c", "a\\|b\\*c"),
        ("`a|b*c`", "`a\\|b*c`"),
        ("<b>[x](y)", "\\<b\\>\\[x\\](y)"),
        ("a\nb", "a\\\\nb"),
    ],
)
def test_markdown_shows_text_as_it_stands(text: str, expected: str) -> None:
    assert catalogue.escaped(text) == expected
