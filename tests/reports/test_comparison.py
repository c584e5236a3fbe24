"""Two reports side by side: the parts add up, and what is gone is told from what is mended."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mllint import score as scoring
from mllint.comparison import CODE, compared
from mllint.facts import Place
from mllint.reports import View, comparison_json, comparison_markdown, comparison_text, renderer
from mllint.reports.markdown_pr import ROOM, marker
from mllint.reports.reread import read
from mllint.review import PROFILES, Category, Finding, Outcome, Report, Rule, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import SimpleNamespace

BUDGETS = {
    "splits": {"research": 40.0, "internal": 30.0, "production": 20.0},
    "docs": {"research": 10.0, "internal": 15.0, "production": 25.0},
}
CATEGORIES = {name: Category(name, name.title(), "", budget) for name, budget in BUDGETS.items()}  # type: ignore[arg-type]


def made(
    make: SimpleNamespace,
    outcomes: Iterable[Outcome],
    rules: Mapping[str, Rule],
    bare: Iterable[Outcome] = (),
    **more: Any,
) -> Report:
    """A report whose scores are computed."""
    outcomes, bare = list(outcomes), list(bare)
    base: Report = make.sample()
    scores = {p: scoring.score(p, outcomes, rules, CATEGORIES) for p in PROFILES}
    strict = {p: scoring.score(p, bare, rules, CATEGORIES) for p in PROFILES} if bare else {}
    return replace(
        base, outcomes=tuple(outcomes), rules=rules, categories=CATEGORIES, scores=scores,
        strict=strict, fix_first=(), disabled={}, **more,
    )  # fmt: skip


def outcome(rule: Rule, verdict: Verdict, share: float = 0.0, *findings: Finding) -> Outcome:
    bad = round(4 * (1 - share))
    return Outcome(rule.id, rule.category, verdict, share, 4, bad, findings, (), "why")


def some_rules(make: SimpleNamespace, rng: random.Random, count: int) -> dict[str, Rule]:
    found = {}
    for n in range(count):
        level = rng.choice(["error", "warning", "note"])
        made_ = make.rule(f"rule-{n}", rng.choice(list(BUDGETS)), level)
        found[made_.id] = replace(made_, profile=rng.choice(PROFILES))
    return found


def some_outcomes(rules: Mapping[str, Rule], rng: random.Random) -> list[Outcome]:
    verdicts: list[Verdict] = [
        "pass",
        "fail",
        "fail",
        "not-applicable",
        "unknown",
        "crashed",
        "blocked",
    ]
    return [outcome(rule, rng.choice(verdicts), rng.random()) for rule in rules.values()]


@pytest.mark.parametrize("seed", range(150))
def test_parts_add_up_to_the_change_of_the_score(seed: int, make: SimpleNamespace) -> None:
    rng = random.Random(seed)  # noqa: S311 - no secret
    rules = some_rules(make, rng, 9)
    then = {n: r for n, r in rules.items() if rng.random() < 0.8}
    now = {n: r for n, r in rules.items() if rng.random() < 0.8}
    if rng.random() < 0.5:
        now = {n: replace(r, severity=dict.fromkeys(PROFILES, "note")) for n, r in now.items()}
    old = made(make, some_outcomes(then, rng), then, some_outcomes(then, rng))
    new = made(make, some_outcomes(now, rng), now)
    run = replace(new.run, ruleset="2027.1" if rng.random() < 0.5 else new.run.ruleset)
    new = replace(new, run=run, disabled={n: "" for n in then if n not in now})
    told = compared(old, new)
    if told.delta is None:
        assert told.parts == ()
    else:
        assert sum(part.points for part in told.parts) == pytest.approx(told.delta, abs=1e-6)


def test_report_beside_itself_differs_in_nothing(make: SimpleNamespace) -> None:
    told = compared(make.sample(), make.sample())
    assert not any((told.mended, told.found, told.gone, told.appeared, told.waived))
    assert told.delta == 0
    assert told.notes == ()


def two_rules(make: SimpleNamespace) -> tuple[Rule, Rule]:
    return make.rule("one", "splits"), make.rule("two", "docs")


def test_mended_and_new_findings_are_told_apart_by_their_text(make: SimpleNamespace) -> None:
    one, two = two_rules(make)
    rules = {r.id: r for r in (one, two)}

    def finding(number: int, line: int) -> Finding:
        found: Finding = replace(
            make.finding("no-readme", number, f"m{number}", Place("a.py", line), 1.0),
            rule="one", fingerprint=f"fp{number}",
        )  # fmt: skip
        return found

    same, gone, fresh = finding(1, 3), finding(2, 5), finding(3, 9)
    old = made(make, [outcome(one, "fail", 0.5, same, gone), outcome(two, "pass", 1.0)], rules)
    moved = replace(same, at=Place("a.py", 40))
    new = made(make, [outcome(one, "fail", 0.5, moved, fresh), outcome(two, "pass", 1.0)], rules)
    told = compared(old, new)
    assert [f.message for f in told.mended] == ["m2"]
    assert [f.message for f in told.found] == ["m3"]


def test_rule_that_stops_applying_is_not_mended(make: SimpleNamespace) -> None:
    one, two = two_rules(make)
    rules = {r.id: r for r in (one, two)}
    found = replace(make.finding("no-readme", 1, "m", Place("a.py", 1), 9.0), rule="one")
    old = made(make, [outcome(one, "fail", 0.0, found), outcome(two, "pass", 1.0)], rules)
    new = made(make, [outcome(one, "not-applicable"), outcome(two, "pass", 1.0)], rules)
    told = compared(old, new)
    assert told.mended == ()
    assert told.gone == (found,)
    assert [(c.rule, c.old, c.new) for c in told.not_judged] == [("one", "fail", "not-applicable")]
    assert told.points("not-judged") == pytest.approx(told.delta)
    back = compared(new, old)
    assert back.appeared == (found,)
    assert back.points("newly-judged") == pytest.approx(back.delta)
    assert [c.rule for c in back.newly_judged] == ["one"]


def test_new_rule_of_a_ruleset_is_no_fault_of_the_code(make: SimpleNamespace) -> None:
    one, two = two_rules(make)
    old = made(make, [outcome(one, "pass", 1.0)], {"one": one})
    new = made(make, [outcome(one, "pass", 1.0), outcome(two, "fail")], {"one": one, "two": two})
    new = replace(new, run=replace(new.run, ruleset="2027.1"))
    told = compared(old, new)
    assert told.points("rules") == pytest.approx(told.delta)
    assert told.points(*CODE) == 0
    assert "ruleset 2026.1, then 2027.1" in told.notes


def test_disabled_rule_is_the_configuration(make: SimpleNamespace) -> None:
    one, two = two_rules(make)
    rules = {r.id: r for r in (one, two)}
    old = made(make, [outcome(one, "fail"), outcome(two, "pass", 1.0)], rules)
    new = made(make, [outcome(two, "pass", 1.0)], {"two": two})
    new = replace(new, disabled={"one": "not ours"}, run=replace(new.run, config_hash="other"))
    told = compared(old, new)
    assert told.points("configuration") == pytest.approx(told.delta)
    assert told.not_judged[0].new == "disabled"
    assert "the configuration is another" in told.notes
    again = compared(new, old)
    assert again.points("configuration") == pytest.approx(again.delta)


def test_another_profile_is_the_configuration(make: SimpleNamespace) -> None:
    one, two = two_rules(make)
    rules = {r.id: r for r in (one, two)}
    outcomes = [outcome(one, "fail"), outcome(two, "pass", 1.0)]
    old = made(make, outcomes, rules)
    told = compared(old, replace(old, profile="production"))
    assert told.delta
    assert told.points("configuration") == pytest.approx(told.delta)


def test_waived_finding_is_the_waivers(make: SimpleNamespace) -> None:
    one, two = two_rules(make)
    rules = {r.id: r for r in (one, two)}
    found = replace(make.finding("no-readme", 1, "m", Place("a.py", 1), 9.0), rule="one")
    waived = replace(found, status="waived", reason="why")
    before = [outcome(one, "fail", 0.0, found), outcome(two, "pass", 1.0)]
    old = made(make, before, rules)
    after = [outcome(one, "not-applicable", 0.0, waived), outcome(two, "pass", 1.0)]
    new = made(make, after, rules, bare=before)
    told = compared(old, new)
    assert told.waived == (waived,)
    assert told.mended == ()
    assert told.points("waivers") == pytest.approx(told.delta)


def test_partial_report_has_no_parts(make: SimpleNamespace) -> None:
    new = make.sample()
    told = compared(make.sample(), replace(new, run=replace(new.run, complete=False)))
    assert (told.delta, told.parts) == (None, ())
    assert told.notes == ("the new report covers only a part of the project, or of the rules",)


def pair(make: SimpleNamespace) -> tuple[Report, Report]:
    """The flawless report, then the sample."""
    return make.flawless(), make.sample()


@pytest.mark.parametrize(
    ("name", "render"),
    [
        ("comparison.txt", comparison_text.render),
        ("comparison.json", comparison_json.render),
        ("comparison.md", comparison_markdown.render),
    ],
)
def test_comparison_is_as_it_was(
    name: str, render: Any, make: SimpleNamespace, golden: Callable[[str, str], None]
) -> None:
    old, new = pair(make)
    golden(name, render(compared(old, new, "main", "working tree"), View()))


def test_json_reports_compare_like_the_runs_that_wrote_them(make: SimpleNamespace) -> None:
    old, new = pair(make)
    again = [read(renderer("json")(r, View()), "r.json") for r in (old, new)]
    told = [
        json.loads(comparison_json.render(compared(*two), View())) for two in ((old, new), again)
    ]
    assert told[0]["delta"] == pytest.approx(told[1]["delta"], abs=1e-4)
    assert told[0]["found"] == told[1]["found"]


# --- the comment on a pull request ---------------------------------------------------------------


def comment(report: Report, **view: Any) -> str:
    return renderer("markdown-pr")(report, View(**view))


def test_comment_is_as_it_was(make: SimpleNamespace, golden: Callable[[str, str], None]) -> None:
    old, new = pair(make)
    golden("sample.pr.md", comment(replace(new, before=old, before_name="merge base 1a2b3c4")))
    golden("sample.pr-alone.md", comment(new))


def test_comment_begins_with_the_mark_of_its_project(make: SimpleNamespace) -> None:
    report = make.sample()
    assert comment(report).startswith("<!-- mllint:pr project=. v1 -->\n")
    nested = replace(report, run=replace(report.run, inside="a --> b/c"))
    assert marker(nested) == "<!-- mllint:pr project=a%20--%3E%20b/c v1 -->"


@pytest.mark.parametrize("number", [0, 200, 3000])
def test_comment_keeps_within_what_hosts_take(number: int, make: SimpleNamespace) -> None:
    many = tuple(
        make.finding("unseeded-split", n, f"@m{n} " + "x" * 300, Place(f"a{n}.py", 1), 0.1)
        for n in range(number)
    )
    report = make.sample()
    outcomes = tuple(
        replace(o, findings=many) if o.rule == "unseeded-split" else o for o in report.outcomes
    )
    old = make.flawless()
    for one in (report, replace(report, before=old)):
        told = comment(replace(one, outcomes=outcomes))
        assert len(told) <= ROOM
        assert told.count("<details>") == told.count("</details>")
        assert told.rstrip().endswith("</sub>")
        if number == 3000:
            assert "more in the job summary" in told


@pytest.mark.parametrize("text", ["@all", "#1", "<script>", "| x |", "```", "</details>", "-->"])
def test_comment_pings_nobody(text: str, make: SimpleNamespace) -> None:
    one = make.finding("unseeded-split", 9, f"m {text}", Place(f"a{text}.py", 1), 0.1)
    report = make.sample()
    outcomes = tuple(
        replace(o, findings=(one,)) if o.rule == "unseeded-split" else o for o in report.outcomes
    )
    told = comment(replace(report, outcomes=outcomes)).split("-->", 1)[1]
    body = "\n".join(line for line in told.split("\n") if "unseeded-split" in line)
    assert "a" in body
    for bad in ("<script>", "</details>"):
        assert bad not in body.replace(f"`a{text}.py:1`", "")
    assert "m @a" not in body
    assert "m #1" not in body
