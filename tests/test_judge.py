"""What an outcome says of itself: the reason of every kind of verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mllint.catalogue import load
from mllint.collected import Collected
from mllint.facts import Place
from mllint.judge import Source, judge, judge_all
from mllint.observed import Observed
from mllint.project import Project
from mllint.review import Evidence, Outcome, Rule, Trait
from mllint.sources import Sources
from mllint.tree import Tree

RULE = load().rules["unpinned-action"]
GOOD = Evidence(True, Place("a.yml", 3, 7), "`one/two@v1`")
PLAIN = Evidence(True, Place("b.yml", 1))
LAST = Evidence(True, Place("e.yml", 1))
BAD = Evidence(False, Place("c.yml", 2), "`one/three@main`", fields={"uses": "one/three@main"})
OPEN = Evidence(None, Place("d.yml", 9), "`one/four@$REF`")
LATER = OPEN._replace(note="`one/five@$REF`")
ABSENT = Evidence(False, None, "no CI step runs a linter (67 commands seen)")


WORDS = {
    "counted": "",
    "nothing": "no action is used",
    "message": "`{uses}` names no version",
}


def nothing() -> Observed:
    return Observed.of(Collected(), Project())


def judged(*evidence: Evidence, **more: Any) -> Outcome:
    rule: Rule = replace(RULE, **{**WORDS, "check": lambda _: evidence, **more})
    source = Source(Place("c.yml", 2), False, "f" * 16, (), None)
    return judge(nothing(), rule, "internal", lambda *_: source)


def test_findings_of_low_confidence_are_told_and_not_judged() -> None:
    outcome = judged(BAD, confidence="low")
    assert (outcome.verdict, outcome.bad) == ("not-applicable", 0)
    assert outcome.reason == "findings of low confidence are not judged (1)"
    assert judged(GOOD, BAD, confidence="low").verdict == "pass"


@pytest.mark.parametrize(
    ("evidence", "counted", "verdict", "reason"),
    [
        ([], "", "not-applicable", "no action is used"),
        ([GOOD], "", "pass", "a.yml:3:7: `one/two@v1`"),
        ([GOOD], "actions are pinned", "pass", "a.yml:3:7: `one/two@v1`"),
        ([GOOD, PLAIN], "", "pass", "a.yml:3:7: `one/two@v1` (and 1 more)"),
        ([GOOD, PLAIN], "actions are pinned", "pass", "both actions are pinned"),
        ([GOOD, PLAIN, LAST], "actions are pinned", "pass", "all 3 actions are pinned"),
        ([PLAIN], "", "pass", "b.yml:1"),
        ([PLAIN._replace(note="`x` in `b.yml`")], "", "pass", "b.yml:1: `x`"),
        ([Evidence(True, Place("LICENSE"), "`LICENSE`")], "", "pass", "`LICENSE`"),
        ([GOOD, OPEN], "", "pass", "a.yml:3:7: `one/two@v1`; 1 could not be decided"),
        ([ABSENT], "", "fail", "no CI step runs a linter (67 commands seen)"),
        ([BAD], "actions are pinned", "fail", "`one/three@main` names no version"),
        ([BAD], "", "fail", "`one/three@main`"),
        ([BAD, GOOD], "actions are pinned", "fail", "1 of 2 actions are pinned"),
        ([BAD, ABSENT], "actions are pinned", "fail", "none of 2 actions are pinned"),
        ([BAD, GOOD], "", "fail", "1 of 2 places are fine"),
        ([BAD, ABSENT], "", "fail", "`one/three@main` (and 1 more)"),
        ([OPEN], "", "unknown", "undecided: d.yml:9: `one/four@$REF`"),
        ([OPEN, LATER], "", "unknown", "undecided: d.yml:9: `one/four@$REF` (and 1 more)"),
    ],
)  # fmt: skip
def test_the_reason(evidence: list[Evidence], counted: str, verdict: str, reason: str) -> None:
    found = judged(*evidence, counted=counted)
    assert (found.verdict, found.reason) == (verdict, reason)


def test_a_finding_without_a_note_gives_its_message_as_the_reason() -> None:
    found = judged(BAD._replace(note=""))
    assert found.reason == "`one/three@main` names no version"


def test_a_check_that_raises_is_a_crash_with_its_traceback() -> None:
    def broken(_: Project) -> list[Evidence]:
        message = "no such table"
        raise KeyError(message)

    found = judged(check=broken)
    assert (found.verdict, found.reason) == ("crashed", "KeyError: 'no such table'")
    assert "broken" in found.traceback


@pytest.mark.parametrize(
    ("first", "second", "verdict", "reason"),
    [
        (True, True, "pass", "a.yml:3:7: `one/two@v1`"),
        (None, True, "unknown", "undecided: why first"),
        (None, False, "not-applicable", "why second"),
        (False, None, "not-applicable", "why first"),
    ],
)
def test_a_trait_that_surely_fails_settles_what_another_leaves_open(
    first: bool | None, second: bool | None, verdict: str, reason: str
) -> None:
    held = {
        name: Trait(name, name, holds, f"why {name}")
        for name, holds in (("first", first), ("second", second))
    }
    rule = replace(RULE, check=lambda _: [GOOD], when=("first", "second"), counted="")
    source = Source(Place("c.yml", 2), False, "f" * 16, (), None)
    (found,) = judge_all(nothing(), {rule.id: rule}, held, "internal", lambda *_: source)
    assert (found.verdict, found.reason) == (verdict, reason)


@pytest.mark.parametrize(
    ("verdict", "second", "expected", "reason"),
    [
        ("fail", True, "blocked", "waits for no-tests"),
        ("fail", False, "not-applicable", "why second"),
        ("fail", None, "unknown", "undecided: why second"),
        ("pass", True, "not-applicable", "why has-tests"),
        ("not-applicable", True, "not-applicable", "why has-tests"),
    ],
)
def test_what_needs_a_trait_waits_for_the_rule_that_reports_its_absence(
    verdict: str, second: bool | None, expected: str, reason: str
) -> None:
    """Else a first test could lower the score by what it makes apply."""
    held = {
        "has-tests": Trait("has-tests", "", False, "why has-tests", fault="no-tests"),
        "second": Trait("second", "", second, "why second"),
    }
    evidence = {"fail": [BAD], "pass": [GOOD], "not-applicable": []}[verdict]
    fault = replace(RULE, id="no-tests", check=lambda _: evidence, when=())
    rule = replace(RULE, id="a-rule", check=lambda _: [GOOD], when=("has-tests", "second"))
    source = Source(Place("c.yml", 2), False, "f" * 16, (), None)
    rules = {rule.id: rule, fault.id: fault}
    found = judge_all(nothing(), rules, held, "internal", lambda *_: source)
    outcome = next(o for o in found if o.rule == rule.id)
    assert (outcome.verdict, outcome.reason) == (expected, reason)


def test_no_report_passes_a_secret_on() -> None:
    """Its first characters are enough to find it."""
    key = "sk9f2b" + "71c0de5a" * 4
    tree = Tree.of({"call.py": f'import openai\n\nopenai.api_key = "{key}"\n'})
    rule = replace(load().rules["secret-in-git"], when=())
    evidence = [Evidence(False, Place("call.py", 3, 18, 3, 58), "a key", fields={"what": "a key"})]
    sources = Sources(tree, lambda *_, **__: None, lambda *_: "error")
    (found,) = judge_all(
        nothing(),
        {rule.id: replace(rule, check=lambda _: evidence)},
        {},
        "internal",
        sources.locate,
    )
    shown = "\n".join(text for _, text in found.findings[0].snippet)
    assert "openai.api_key" in shown
    assert "sk9f***" in shown
    assert key not in shown
