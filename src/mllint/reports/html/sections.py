"""What the sections of the page list: findings by rule, and rules by what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mllint.reports.said import shown
from mllint.review import PROFILES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mllint.review import Evidence, Finding, Outcome, Profile, Report, Rule, Severity

PIECES = 5
"""Pieces of evidence shown per rule."""


class Group(NamedTuple):
    """The findings of one rule."""

    rule: Rule
    severity: Severity
    """The worst among them."""
    lost: float
    findings: tuple[Finding, ...]
    remedy: str
    """What mends them all; "" where each needs its own."""
    seen: tuple[Evidence, ...]
    """What the rule found to be right."""


class Entry(NamedTuple):
    """A rule in a list."""

    rule: str
    category: str
    severity: str
    text: str
    evidence: tuple[Evidence, ...] = ()
    more: int = 0
    """Pieces of evidence that are left out."""
    traceback: str = ""


class Section(NamedTuple):
    """A list of rules, by category."""

    status: str
    title: str
    parts: tuple[tuple[str, tuple[Entry, ...]], ...]
    """Title of a category, and its rules."""
    note: str = ""

    @property
    def number(self) -> int:
        """How many rules there are."""
        return sum(len(entries) for _, entries in self.parts)


class Bar(NamedTuple):
    """What a category earns in one profile."""

    profile: Profile
    earned: float
    most: float
    """0 where nothing of it is expected or could be judged."""
    level: str
    """good, fair or poor."""


def groups(report: Report) -> list[Group]:
    """The new findings by rule, the worst rule first."""
    found: dict[str, list[Finding]] = {}
    for finding in shown(report):
        found.setdefault(finding.rule, []).append(finding)
    outcomes = {o.rule: o for o in report.outcomes}
    return [_group(report.rules[name], of, outcomes[name]) for name, of in found.items()]


def _group(rule: Rule, found: Sequence[Finding], outcome: Outcome) -> Group:
    remedies = {f.remedy for f in found}
    seen = tuple(e for e in outcome.evidence if e.ok and e.at and e.at.path)
    return Group(
        rule,
        found[0].severity,
        sum(f.lost for f in found),
        tuple(found),
        remedies.pop() if len(remedies) == 1 else "",
        seen[:PIECES],
    )


def rules(report: Report) -> list[Section]:
    """The rules without new findings: what passed, and what could not be judged and why."""
    masked = {line.rule for line in report.score.ledger if line.masked}

    def of(verdict: str) -> list[Outcome]:
        return [o for o in report.outcomes if o.verdict == verdict and o.rule not in masked]

    out = [o for o in report.outcomes if o.rule in masked]
    named = [k for k, why in sorted(report.disabled.items()) if why != "not selected"]
    sections = [
        _section(report, "passed", "Passed", of("pass"), _passed, "What was seen, and where."),
        _section(report, "na", "Not applicable", of("not-applicable"), _reason,
                 "These rules are left out of the score, each for the reason given."),
        _section(report, "unknown", "Unknown", of("unknown"), _unsure,
                 "Nothing sure could be seen; this neither earns nor costs points."),
        _section(report, "blocked", "Blocked", of("blocked"), _reason,
                 "They wait for another rule, on which their points are booked."),
        _section(report, "crashed", "Crashed", of("crashed"), _crashed,
                 "These are faults of mllint, not of this project; please report them."),
        _section(report, "unexpected", f"Not expected at {report.profile}", out, _unexpected,
                 "A more demanding profile asks for these."),
    ]  # fmt: skip
    disabled = [Entry(name, "", "", report.disabled[name] or "no reason given") for name in named]
    sections.append(
        Section("disabled", "Disabled", (("", tuple(disabled)),), "Somebody left these rules out.")
    )
    return [section for section in sections if section.number]


def _section(
    report: Report,
    status: str,
    title: str,
    outcomes: Iterable[Outcome],
    entry: Callable[[Outcome, str], Entry],
    note: str,
) -> Section:
    parts: dict[str, list[Entry]] = {}
    for outcome in outcomes:
        known = report.categories.get(outcome.category)
        severity = report.rules[outcome.rule].severity[report.profile]
        title_of = known.title if known else outcome.category
        parts.setdefault(title_of, []).append(entry(outcome, severity))
    return Section(status, title, tuple((name, tuple(of)) for name, of in parts.items()), note)


def _passed(outcome: Outcome, severity: str) -> Entry:
    seen = [e for e in outcome.evidence if e.ok and e.at and e.at.path]
    kept = tuple(seen[:PIECES]) if len(seen) > 1 else ()
    more = max(outcome.sites - outcome.bad - len(kept), 0) if kept else 0
    return _entry(outcome, severity)._replace(evidence=kept, more=more)


def _unsure(outcome: Outcome, severity: str) -> Entry:
    unsure = [e for e in outcome.evidence if e.ok is None and e.at and e.at.path]
    kept = tuple(unsure[:PIECES]) if len(unsure) > 1 else ()
    more = max(outcome.undecided - len(kept), 0) if kept else 0
    return _entry(outcome, severity)._replace(evidence=kept, more=more)


def _reason(outcome: Outcome, severity: str) -> Entry:
    return _entry(outcome, severity)


def _crashed(outcome: Outcome, severity: str) -> Entry:
    return _entry(outcome, severity)._replace(traceback=outcome.traceback)


def _unexpected(outcome: Outcome, severity: str) -> Entry:
    kind = outcome.verdict.replace("-", " ")
    text = f"{kind}: {outcome.reason}" if outcome.reason else kind
    return _entry(outcome, severity)._replace(text=text)


def _entry(outcome: Outcome, severity: str) -> Entry:
    return Entry(outcome.rule, outcome.category, severity, outcome.reason)


def picture(report: Report) -> tuple[float, list[tuple[str, list[Bar]]]]:
    """The most that any category can earn, and each category's bars in the order of profiles."""
    parts = [(p, c) for p in PROFILES if p in report.scores for c in report.scores[p].categories]
    titles = {c.id: c.title for _, c in parts if c.max > 0}
    bars = {(p, c.id): _bar(p, c.earned, c.max) for p, c in parts}
    known = [p for p in PROFILES if p in report.scores]
    rows = [
        (title, [bars.get((p, name)) or _bar(p, 0.0, 0.0) for p in known])
        for name, title in titles.items()
    ]
    return max((bar.most for _, row in rows for bar in row), default=0.0), rows


def _bar(profile: Profile, earned: float, most: float) -> Bar:
    share = earned / most if most > 0 else 0.0
    level = "good" if share >= 0.9 else "fair" if share >= 0.65 else "poor"
    return Bar(profile, earned, most, level)
