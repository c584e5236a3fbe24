"""The score: one flat weighted mean, so that every lost point belongs to a named rule.

A rule's weight is its category's budget times its severity points over those of all rules that the
profile expects there. Points are weights rescaled to the rules that could be judged. Knows
outcomes and weights; knows nothing of how outcomes came about.
"""

from __future__ import annotations

from dataclasses import replace
from math import floor, fsum
from typing import TYPE_CHECKING

from mllint.review import (
    EFFORTS,
    PROFILES,
    SEVERITY_POINTS,
    Category,
    CategoryScore,
    Fix,
    Line,
    Outcome,
    Profile,
    Rule,
    Score,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MODEL = 1
"""Version of the arithmetic; two scores compare only within one model."""
ERROR_CAP = 0.5
"""The most credit that an error rule with a bad site may earn."""
CAPPING = frozenset({"splits", "security"})
"""Categories in which a sure error caps the grade at C."""
GRADES = ((90, "A"), (80, "B"), (65, "C"), (50, "D"), (0, "E"))
_JUDGED = frozenset({"pass", "fail", "blocked"})


def expects(profile: Profile, rule: Rule) -> bool:
    """Whether a profile expects a rule at all."""
    return PROFILES.index(rule.profile) <= PROFILES.index(profile)


def counts(rule: Rule) -> bool:
    """Whether a rule may touch a score: opinions, previews and low confidence never do."""
    return not (rule.opinion or rule.preview or rule.meta or rule.confidence == "low")


def weights(
    profile: Profile, rules: Mapping[str, Rule], categories: Mapping[str, Category]
) -> dict[str, float]:
    """The weight of each rule that the profile expects, in points of its category's budget."""
    expected = [r for r in rules.values() if counts(r) and expects(profile, r)]
    totals: dict[str, int] = {}
    for rule in expected:
        totals[rule.category] = (
            totals.get(rule.category, 0) + SEVERITY_POINTS[rule.severity[profile]]
        )
    return {
        r.id: categories[r.category].budget[profile]
        * SEVERITY_POINTS[r.severity[profile]]
        / totals[r.category]
        for r in expected
    }


def credit(outcome: Outcome, rule: Rule, profile: Profile) -> float:
    """The credit that an outcome earns, 0 to 1: its share, capped for an error with a bad site."""
    if outcome.verdict == "pass":
        return 1.0
    if outcome.verdict != "fail":
        return 0.0
    capped = rule.severity[profile] == "error" and outcome.bad > 0
    return min(outcome.share, ERROR_CAP) if capped else outcome.share


def score(
    profile: Profile,
    outcomes: Iterable[Outcome],
    rules: Mapping[str, Rule],
    categories: Mapping[str, Category],
    *,
    applies: bool = True,
) -> Score:
    """The score of one profile. `applies` is False where nothing in the tree is ML."""
    weight = weights(profile, rules, categories)
    listed = sorted((o for o in outcomes if o.rule in rules), key=lambda o: (o.category, o.rule))
    judged = [o for o in listed if o.verdict in _JUDGED and weight.get(o.rule)]
    total = fsum(weight[o.rule] for o in judged)
    ledger = _ledger(profile, listed, rules, weight, total)
    value = _left(line.lost for line in ledger) if total > 0 and applies else None
    expected = fsum(weight.values())
    considered = [o.verdict for o in listed if o.rule in weight]
    caps = _caps(profile, listed, rules)
    return Score(
        profile=profile,
        value=value,
        grade="n/a" if value is None else grade(value, capped=bool(caps)),
        capped_by=caps if value is not None and value >= GRADES[1][0] else (),
        provisional=total < expected / 2,
        categories=_categories(ledger, categories),
        ledger=ledger,
        judged=len(judged),
        not_applicable=considered.count("not-applicable"),
        unknown=considered.count("unknown"),
        blocked=considered.count("blocked"),
        crashed=considered.count("crashed"),
        judged_weight=total / expected if expected else 0.0,
    )


def _left(lost: Iterable[float]) -> float:
    return min(max(100.0 - fsum(lost), 0.0), 100.0)


def _ledger(
    profile: Profile,
    outcomes: Sequence[Outcome],
    rules: Mapping[str, Rule],
    weight: Mapping[str, float],
    total: float,
) -> tuple[Line, ...]:
    lines: dict[str, Line] = {}
    booked: dict[str, list[float]] = {}
    for outcome in outcomes:
        rule = rules[outcome.rule]
        own = weight.get(rule.id, 0.0)
        points = 100.0 * own / total if outcome.verdict in _JUDGED and total else 0.0
        earned = credit(outcome, rule, profile)
        lost = points * (1.0 - earned)
        for blocker in outcome.blockers:
            booked.setdefault(blocker, []).append(lost / len(outcome.blockers))
        lines[rule.id] = Line(
            rule.id,
            rule.category,
            rule.severity[profile],
            own,
            points,
            earned,
            lost,
            0.0,
            outcome.verdict,
            not expects(profile, rule),
        )
    for name, parts in booked.items():
        if name in lines:
            lines[name] = replace(lines[name], booked=fsum(parts))
    return tuple(lines.values())


def _categories(
    ledger: Sequence[Line], categories: Mapping[str, Category]
) -> tuple[CategoryScore, ...]:
    found = []
    for category in sorted(categories.values(), key=lambda c: (-c.budget["internal"], c.id)):
        lines = [line for line in ledger if line.category == category.id]
        most = fsum(line.points for line in lines)
        if most > 0:
            earned = most - fsum(line.lost for line in lines)
            found.append(CategoryScore(category.id, category.title, most, max(earned, 0.0)))
    return tuple(found)


def _caps(
    profile: Profile, outcomes: Sequence[Outcome], rules: Mapping[str, Rule]
) -> tuple[str, ...]:
    return tuple(
        o.rule
        for o in outcomes
        if o.category in CAPPING
        and o.verdict == "fail"
        and expects(profile, rules[o.rule])
        and rules[o.rule].severity[profile] == "error"
        and any(f.confidence == "high" and f.costs for f in o.findings)
    )


def grade(value: float, *, capped: bool = False) -> str:
    """The letter of a score, never better than C where capped."""
    letter = next(name for floor_, name in GRADES if value >= floor_)
    return "C" if capped and letter in {"A", "B"} else letter


def shown(value: float | None) -> str:
    """A score as it is displayed: rounded down, so that 100 means that nothing was lost."""
    return "n/a" if value is None else str(floor(value + 1e-9))


def fixes(
    profile: Profile,
    outcomes: Sequence[Outcome],
    rules: Mapping[str, Rule],
    categories: Mapping[str, Category],
    gate: frozenset[str],
) -> tuple[Fix, ...]:
    """What to fix first: what fails the gate, then by points gained per minute of work."""
    weight = weights(profile, rules, categories)
    before = _value(profile, outcomes, rules, weight)
    found = []
    for outcome in outcomes:
        if outcome.verdict != "fail" or before is None:
            continue
        shown_findings = [f for f in outcome.findings if f.status in {"new", "baselined"}]
        if not shown_findings:
            continue
        after = _value(profile, _mended(outcome.rule, outcomes), rules, weight)
        gain = (after or 0.0) - before
        if gain <= 0 and outcome.rule not in gate:
            continue
        first = shown_findings[0]
        where = str(first.at) if len(shown_findings) == 1 else f"{len(shown_findings)} places"
        found.append(
            Fix(
                outcome.rule,
                tuple(f.id for f in shown_findings),
                where,
                gain,
                EFFORTS[rules[outcome.rule].effort] * len(shown_findings),
                outcome.rule in gate,
            )
        )
    return tuple(sorted(found, key=lambda f: (not f.blocks_gate, -f.gain / f.effort, f.rule)))


def _value(
    profile: Profile,
    outcomes: Iterable[Outcome],
    rules: Mapping[str, Rule],
    weight: Mapping[str, float],
) -> float | None:
    """The value of `score` without its ledger."""
    judged = [o for o in outcomes if o.verdict in _JUDGED and weight.get(o.rule)]
    total = fsum(weight[o.rule] for o in judged)
    if total <= 0:
        return None
    return _left(
        100.0 * weight[o.rule] / total * (1.0 - credit(o, rules[o.rule], profile)) for o in judged
    )


def _mended(rule: str, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes as they would be with one rule mended and what only it blocks unblocked."""
    mended = []
    for outcome in outcomes:
        free = outcome.verdict == "blocked" and outcome.blockers == (rule,)
        if outcome.rule == rule or free:
            mended.append(
                replace(outcome, verdict="pass", share=1.0, bad=0, findings=(), blockers=())
            )
        elif rule in outcome.blockers:
            left = tuple(b for b in outcome.blockers if b != rule)
            mended.append(replace(outcome, blockers=left))
        else:
            mended.append(outcome)
    return mended


def lost_per_finding(line: Line, findings: int) -> float:
    """The points that each finding of a rule costs, what the rule blocks included."""
    return (line.lost + line.booked) / findings if findings else 0.0
