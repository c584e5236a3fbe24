"""The laws of the score, on random outcomes."""

from __future__ import annotations

import re
from dataclasses import replace
from math import fsum, isclose
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mllint.facts import Place
from mllint.review import PROFILES, SEVERITIES, Category, Finding, Outcome, Profile, Rule
from mllint.score import ERROR_CAP, credit, expects, fixes, grade, score, shown, weights

SCORING = Path(__file__).parent.parent / "docs/scoring.md"
CATEGORIES = {
    name: Category(name, name, "", {"research": 10.0, "internal": 20.0 + i, "production": 30.0})
    for i, name in enumerate(("splits", "tests", "docs"))
}


def rule(
    name: str, category: str, severity: str = "warning", profile: str = "research", **more: object
) -> Rule:
    values = {
        "id": name,
        "category": category,
        "title": name,
        "source": (),
        "practices": (),
        "severity": dict.fromkeys(PROFILES, severity),
        "confidence": "high",
        "profile": profile,
        "when": (),
        "requires": (),
        "effort": "30 min",
        "message": "",
        "remedy": "",
        "why": "",
        "limits": "",
        "references": (),
        "related": (),
        "tags": (),
        "options": (),
        "anchor": (),
        "since": "",
        "preview": False,
        "opinion": False,
        "check": lambda _: (),
        "how": "",
        "examples": (),
        "file": "",
    }
    return Rule(**{**values, **more})  # type: ignore[arg-type]


def outcome(
    one: Rule, verdict: str, bad: int = 0, good: int = 0, blockers: tuple[str, ...] = ()
) -> Outcome:
    share = good / (good + bad) if good + bad else 0.0
    return Outcome(one.id, one.category, verdict, share, good + bad, bad, (), (), "", blockers)  # type: ignore[arg-type]


@st.composite
def scorecards(draw: st.DrawFn) -> tuple[dict[str, Rule], list[Outcome]]:
    rules: dict[str, Rule] = {}
    outcomes: list[Outcome] = []
    for index in range(draw(st.integers(1, 12))):
        one = rule(
            f"r{index}",
            draw(st.sampled_from(sorted(CATEGORIES))),
            draw(st.sampled_from(SEVERITIES)),
            draw(st.sampled_from(PROFILES)),
        )
        rules[one.id] = one
        verdict = draw(
            st.sampled_from(["pass", "fail", "not-applicable", "unknown", "blocked", "crashed"])
        )
        failed = [o.rule for o in outcomes if o.verdict == "fail"]
        if verdict == "fail":
            outcomes.append(outcome(one, "fail", draw(st.integers(1, 9)), draw(st.integers(0, 9))))
        elif verdict == "blocked" and failed:
            outcomes.append(
                outcome(
                    one,
                    "blocked",
                    blockers=tuple(
                        draw(st.lists(st.sampled_from(failed), min_size=1, max_size=2, unique=True))
                    ),
                )
            )
        elif verdict == "blocked":
            outcomes.append(outcome(one, "unknown"))
        else:
            outcomes.append(outcome(one, verdict, good=draw(st.integers(0, 5))))
    return rules, outcomes


profiles = st.sampled_from(PROFILES)


@given(scorecards(), profiles)
def test_losses_sum_to_what_is_missing(
    card: tuple[dict[str, Rule], list[Outcome]], profile: Profile
) -> None:
    rules, outcomes = card
    result = score(profile, outcomes, rules, CATEGORIES)
    if result.value is None:
        assert not any(line.points for line in result.ledger)
        return
    assert isclose(fsum(line.lost for line in result.ledger), 100 - result.value, abs_tol=1e-9)
    assert isclose(fsum(line.points for line in result.ledger), 100, abs_tol=1e-9)
    assert isclose(fsum(c.earned for c in result.categories), result.value, abs_tol=1e-9)
    assert isclose(fsum(c.max for c in result.categories), 100, abs_tol=1e-9)


@given(scorecards(), profiles, st.data())
def test_mending_a_finding_never_lowers_the_score(
    card: tuple[dict[str, Rule], list[Outcome]], profile: Profile, data: st.DataObject
) -> None:
    rules, outcomes = card
    failing = [i for i, o in enumerate(outcomes) if o.verdict == "fail"]
    if not failing:
        return
    index = data.draw(st.sampled_from(failing))
    old = outcomes[index]
    good, bad = old.sites - old.bad + 1, old.bad - 1
    new = outcome(rules[old.rule], "fail" if bad else "pass", bad, good)
    mended = [new if i == index else o for i, o in enumerate(outcomes)]
    if not bad:
        mended = [
            replace(o, verdict="pass", blockers=())
            if o.blockers == (old.rule,)
            else replace(o, blockers=tuple(b for b in o.blockers if b != old.rule))
            for o in mended
        ]
    before, after = (score(profile, o, rules, CATEGORIES).value for o in (outcomes, mended))
    assert (before is None) == (after is None)
    assert before is None or after is None or after >= before - 1e-9


@given(scorecards(), profiles, st.data())
def test_deleting_a_bad_site_while_others_remain_never_lowers_the_score(
    card: tuple[dict[str, Rule], list[Outcome]], profile: Profile, data: st.DataObject
) -> None:
    rules, outcomes = card
    failing = [i for i, o in enumerate(outcomes) if o.verdict == "fail" and o.bad > 1]
    if not failing:
        return
    index = data.draw(st.sampled_from(failing))
    old = outcomes[index]
    fewer = outcome(rules[old.rule], "fail", old.bad - 1, old.sites - old.bad)
    before = score(profile, outcomes, rules, CATEGORIES).value
    after = score(
        profile, [fewer if i == index else o for i, o in enumerate(outcomes)], rules, CATEGORIES
    ).value
    assert (before is None) == (after is None)
    assert before is None or after is None or after >= before - 1e-9


@given(st.integers(1, 5), st.integers(0, 10_000))
def test_clean_code_cannot_lift_an_error_above_its_cap(bad: int, good: int) -> None:
    one = rule("r", "splits", "error")
    assert credit(outcome(one, "fail", bad, good), one, "internal") <= ERROR_CAP


@given(scorecards(), profiles, st.randoms())
def test_order_does_not_matter_and_two_runs_agree_bit_for_bit(
    card: tuple[dict[str, Rule], list[Outcome]], profile: Profile, random: object
) -> None:
    rules, outcomes = card
    shuffled = list(outcomes)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert score(profile, outcomes, rules, CATEGORIES) == score(
        profile, shuffled, rules, CATEGORIES
    )


@given(scorecards(), profiles)
def test_what_a_rule_blocks_is_booked_on_it(
    card: tuple[dict[str, Rule], list[Outcome]], profile: Profile
) -> None:
    rules, outcomes = card
    result = score(profile, outcomes, rules, CATEGORIES)
    blocked = fsum(line.lost for line in result.ledger if line.verdict == "blocked")
    assert isclose(fsum(line.booked for line in result.ledger), blocked, abs_tol=1e-9)


@given(profiles)
def test_the_weights_of_a_category_fill_its_budget(profile: Profile) -> None:
    rules = {f"r{i}": rule(f"r{i}", "tests", s) for i, s in enumerate(SEVERITIES)}
    assert isclose(
        fsum(weights(profile, rules, CATEGORIES).values()), CATEGORIES["tests"].budget[profile]
    )


def test_many_rules_do_not_outweigh_another_category() -> None:
    rules = {f"r{i}": rule(f"r{i}", "docs") for i in range(200)} | {"one": rule("one", "tests")}
    weight = weights("research", rules, CATEGORIES)
    assert weight["one"] == pytest.approx(10)
    assert fsum(w for name, w in weight.items() if name != "one") == pytest.approx(10)


def test_opinions_previews_and_low_confidence_weigh_nothing() -> None:
    rules = {
        "a": rule("a", "docs", opinion=True),
        "b": rule("b", "docs", preview=True),
        "c": rule("c", "docs", confidence="low"),
        "d": rule("d", "docs"),
    }
    assert set(weights("internal", rules, CATEGORIES)) == {"d"}


def test_a_profile_expects_what_less_demanding_ones_expect() -> None:
    assert [expects(p, rule("r", "docs", profile="internal")) for p in PROFILES] == [
        False,
        True,
        True,
    ]


def test_nothing_judged_gives_no_score() -> None:
    one = rule("r", "docs")
    result = score("internal", [outcome(one, "not-applicable")], {"r": one}, CATEGORIES)
    assert (result.value, result.grade) == (None, "n/a")


def test_nothing_ml_gives_no_score() -> None:
    one = rule("r", "docs")
    result = score(
        "internal", [outcome(one, "pass", good=1)], {"r": one}, CATEGORIES, applies=False
    )
    assert (result.value, result.grade) == (None, "n/a")


@pytest.mark.parametrize(
    ("value", "capped", "letter"),
    [
        (100, False, "A"),
        (90, False, "A"),
        (89.99, False, "B"),
        (80, False, "B"),
        (65, False, "C"),
        (64, False, "D"),
        (49.9, False, "E"),
        (0, False, "E"),
        (99, True, "C"),
        (81, True, "C"),
        (55, True, "D"),
    ],
)
def test_grade(value: float, letter: str, *, capped: bool) -> None:
    assert grade(value, capped=capped) == letter


@pytest.mark.parametrize(
    ("value", "text"), [(100.0, "100"), (99.999, "99"), (73.0, "73"), (0.2, "0"), (None, "n/a")]
)
def test_a_score_is_shown_rounded_down(value: float | None, text: str) -> None:
    assert shown(value) == text


def test_few_judged_rules_make_a_grade_provisional() -> None:
    rules = {f"r{i}": rule(f"r{i}", "docs") for i in range(3)}
    outcomes = [
        outcome(rules["r0"], "pass", good=1),
        outcome(rules["r1"], "unknown"),
        outcome(rules["r2"], "unknown"),
    ]
    assert score("internal", outcomes, rules, CATEGORIES).provisional


def test_nothing_failed_and_there_is_nothing_to_fix_first() -> None:
    assert fixes("internal", [], {}, CATEGORIES, frozenset()) == ()


def failing(one: Rule, places: int) -> Outcome:
    findings = tuple(
        Finding(f"{one.id}-{n}", one.id, one.category, "warning", "high", "", "", Place("a.py", n),
                False, (), (), "new", 0.0, 30)
        for n in range(1, places + 1)
    )  # fmt: skip
    return replace(outcome(one, "fail", bad=places), findings=findings)


def test_fixes_are_sorted_by_gain_for_the_work_at_all_places_after_what_fails_the_gate() -> None:
    rules = {name: rule(name, "tests") for name in ("many", "one", "gate")}
    outcomes = [failing(rules["many"], 4), failing(rules["one"], 1), failing(rules["gate"], 2)]
    found = fixes("internal", outcomes, rules, CATEGORIES, frozenset({"gate"}))
    assert [(fix.rule, fix.where, fix.effort) for fix in found] == [
        ("gate", "2 places", 60),
        ("one", "a.py:1", 30),
        ("many", "4 places", 120),
    ]


def worked_example() -> list[list[str]]:
    """The rows of the table in `docs/scoring.md`."""
    text = SCORING.read_text("utf-8").partition("## A worked example")[2].partition("\n*")[0]
    cells = [[c.strip(" `") for c in x.strip("|").split("|")] for x in text.splitlines() if x]
    return [row for row in cells if row[0] != "rule" and len(row) == 9 and row[0][0] != "-"]


def test_the_worked_example_of_the_documentation_is_right() -> None:
    table = worked_example()
    text = SCORING.read_text("utf-8")
    assert len(table) == 5
    categories = {
        name: Category(name, name, "", dict.fromkeys(PROFILES, budget))
        for name, budget in (("splits", 20.0), ("tests", 10.0))
    }
    rules = {row[0]: rule(row[0], row[1], row[2]) for row in table}
    outcomes = []
    for name, _, _, verdict, judged, *_ in table:
        good, _, all_ = judged.partition(" of ")
        bad = int(all_) - int(good) if all_ else 0
        outcomes.append(outcome(rules[name], verdict, bad, int(good) if all_ else 0))
    result = score("internal", outcomes, rules, categories)
    lines = {line.rule: line for line in result.ledger}
    for name, *_, weight, points, earned, lost in table:
        line = lines[name]
        numbers = [line.weight, line.points, line.credit, line.lost]
        if points == "-":
            assert (f"{line.weight:.2f}", line.points, line.lost) == (weight, 0, 0)
        else:
            assert [f"{number:.2f}" for number in numbers] == [weight, points, earned, lost]
    (value,) = re.findall(r"are lost: ([\d.]+) are left", text)
    assert result.value is not None
    assert f"{result.value:.2f}" == value
    assert result.grade == "C"
    mended = [
        replace(o, verdict="pass", share=1.0, bad=0) if o.rule == "fit-on-test" else o
        for o in outcomes
    ]
    after = score("internal", mended, rules, categories).value
    assert after is not None
    gain = re.findall(r"mended the score is ([\d.]+): .*\n.*gains ([\d.]+) points", text)
    assert gain == [(f"{after:.2f}", f"{after - result.value:.2f}")]
