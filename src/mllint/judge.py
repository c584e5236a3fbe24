"""Evidence counted into outcomes.

Any sure bad evidence fails a rule; else any good one passes it; else undecided evidence leaves it
unknown; no evidence means that it does not apply. Knows neither files nor how evidence is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from mllint.fingerprints import digest
from mllint.review import (
    CONFIDENCES,
    EFFORTS,
    Check,
    Confidence,
    Evidence,
    Finding,
    Outcome,
    Profile,
    Related,
    Rule,
    Severity,
    Status,
    Trait,
    Verdict,
)
from mllint.wording import failed, passed, undecided

if TYPE_CHECKING:
    from mllint.catalogue import TraitRule
    from mllint.facts import Place
    from mllint.observed import Observed
    from mllint.project import Project
    from mllint.waiver import Waiver

_FOLLOWING = ("splits", "training", "reproducibility", "notebooks", "code")
KEPT = 200
"""Pieces of good or undecided evidence that an outcome keeps."""
_FRAMES = 20
"""Innermost calls that the traceback of a crash tells."""
Locate = Callable[[Rule, Evidence], "Source"]
Considers = Callable[[Rule, Evidence], bool]
"""Whether evidence speaks for or against a rule where it stands."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where bad evidence is shown, with its text."""

    at: Place
    anchored: bool
    fingerprint: str
    snippet: tuple[tuple[int, str], ...]
    waiver: Waiver | None
    """The suppression that covers it."""
    severity: Severity | None = None
    """Of a finding there; None = that of the rule."""
    scope: str = ""
    sketch: str = ""
    line_hash: str = ""
    related: tuple[Related, ...] = ()


def traits(
    observed: Observed, wanted: Mapping[str, TraitRule], overrides: Mapping[str, bool]
) -> dict[str, Trait]:
    """What the project is or has; the user's overrides win."""
    found = {}
    for name, rule in wanted.items():
        if name in overrides:
            said = f"the configuration says that it {'does' if overrides[name] else 'does not'}"
            found[name] = Trait(name, rule.title, overrides[name], said, True)
            continue
        evidence = observed.evidence(f"trait:{name}", _deciding(rule.check))
        good = next((e for e in evidence if e.ok), None)
        sure_bad = any(e.ok is False for e in evidence)
        if good is not None and not sure_bad:
            seen = (str(good.at or ""), good.note)
            reason = ": ".join(part for part in seen if part) or f"the project {rule.title}"
            found[name] = Trait(name, rule.title, True, reason)
        elif sure_bad or not evidence:
            found[name] = Trait(name, rule.title, False, rule.absent, fault=rule.fault)
        else:
            found[name] = Trait(
                name, rule.title, None, evidence[0].note or "it could not be decided"
            )
    return found


def _deciding(check: Check) -> Check:
    """A check of a trait that gives the first evidence of each kind: the rest decides nothing."""

    def first(project: Project) -> Iterator[Evidence]:
        found: set[bool | None] = set()
        for one in check(project):
            if one.ok not in found:
                found.add(one.ok)
                yield one

    return first


def judge_all(
    observed: Observed,
    rules: Mapping[str, Rule],
    held: Mapping[str, Trait],
    profile: Profile,
    locate: Locate,
    min_confidence: Confidence = "medium",
    considers: Considers = lambda *_: True,
) -> list[Outcome]:
    """The outcome of every rule, required ones first; ordered by category and rule."""
    order = TopologicalSorter(
        {r.id: [n for n in _awaited(r, held) if n in rules] for r in rules.values()}
    )
    outcomes: dict[str, Outcome] = {}
    for name in order.static_order():
        rule = rules[name]
        outcomes[name] = _prevented(rule, held, outcomes) or judge(
            observed, rule, profile, locate, min_confidence, considers
        )
    return sorted(outcomes.values(), key=lambda o: (o.category, o.rule))


def by_need(rules: Mapping[str, Rule]) -> list[Rule]:
    """Rules by category, those first that follow values through code, and those of tools last."""
    place = {name: number for number, name in enumerate(_FOLLOWING)}
    return sorted(rules.values(), key=lambda r: (place.get(r.category, 9), r.category, r.id))


def open_rules(rules: Mapping[str, Rule], held: Mapping[str, Trait]) -> list[Rule]:
    """The rules that traits let run."""
    return [rule for rule in rules.values() if _prevented(rule, held, {}) is None]


def _awaited(rule: Rule, held: Mapping[str, Trait]) -> tuple[str, ...]:
    """The rules whose outcome this one depends on."""
    faults = (held[name].fault for when in rule.when for name in when.split("|") if name in held)
    return (*rule.requires, *(fault for fault in faults if fault != rule.id))


def _prevented(
    rule: Rule, held: Mapping[str, Trait], outcomes: Mapping[str, Outcome]
) -> Outcome | None:
    """The outcome of a rule that need not or cannot be run; None where it must be."""
    unsure = ""
    faults: list[Outcome] = []
    for when in rule.when:
        truths = {name: _holds(name, held) for name in when.split("|")}
        if not any(truths.values()):
            fault = outcomes.get(held[when].fault) if when in held else None
            if fault is not None and fault.verdict in {"fail", "blocked"}:
                faults.append(fault)
            elif None not in truths.values():
                return _empty(rule, "not-applicable", _absence(next(iter(truths)), held))
            else:
                unsure = unsure or next(name for name, truth in truths.items() if truth is None)
    if unsure:
        return _empty(rule, "unknown", f"undecided: {held[unsure.lstrip('!')].reason}")
    required = [*faults, *(outcomes[name] for name in rule.requires if name in outcomes)]
    blockers = [
        o.rule if o.verdict == "fail" else b
        for o in required
        for b in (o.blockers if o.verdict == "blocked" else (o.rule,))
        if o.verdict in {"fail", "blocked"}
    ]
    if blockers:
        unique = tuple(dict.fromkeys(blockers))
        return _empty(rule, "blocked", f"waits for {', '.join(unique)}", unique)
    for other in required:
        if other.verdict == "not-applicable":
            return _empty(rule, "not-applicable", other.reason)
    for other in required:
        if other.verdict in {"unknown", "crashed"}:
            return _empty(rule, "unknown", f"{other.rule} could not be decided")
    return None


def _holds(name: str, held: Mapping[str, Trait]) -> bool | None:
    truth = held[name.lstrip("!")].holds
    return truth if not name.startswith("!") or truth is None else not truth


def _absence(name: str, held: Mapping[str, Trait]) -> str:
    trait = held[name.lstrip("!")]
    return f"the project {trait.title} ({trait.reason})" if name.startswith("!") else trait.reason


def _empty(rule: Rule, verdict: str, reason: str, blockers: tuple[str, ...] = ()) -> Outcome:
    return Outcome(rule.id, rule.category, verdict, 0.0, 0, 0, (), (), reason, blockers)  # type: ignore[arg-type]


def judge(
    observed: Observed,
    rule: Rule,
    profile: Profile,
    locate: Locate,
    min_confidence: Confidence = "medium",
    considers: Considers = lambda *_: True,
) -> Outcome:
    """Run one rule's check and count what it yields; a check that raises gives `crashed`."""
    try:
        evidence = _once(observed.evidence(rule.id, rule.check))
        pieces = [one for one in evidence if considers(rule, one)]
        return counted(rule, pieces, profile, locate, min_confidence)
    except Exception as error:  # noqa: BLE001 - a rule of ours that fails must not take the run with it
        import traceback

        text = "".join(traceback.format_exception(error, limit=-_FRAMES))
        return Outcome(
            rule.id,
            rule.category,
            "crashed",
            0.0,
            0,
            0,
            (),
            (),
            f"{type(error).__name__}: {error}",
            traceback=text,
        )


def _once(evidence: Iterable[Evidence]) -> list[Evidence]:
    """The evidence, where two ways to the same place count once."""
    found: dict[tuple[object, ...], Evidence] = {}
    for one in evidence:
        found.setdefault((one.ok, one.at, one.note), one)
    return list(found.values())


def counted(
    rule: Rule,
    evidence: Sequence[Evidence],
    profile: Profile,
    locate: Locate,
    min_confidence: Confidence = "medium",
) -> Outcome:
    """The outcome that evidence comes to."""
    findings = _findings(
        rule, [e for e in evidence if e.ok is False], profile, locate, min_confidence
    )
    new = [(e, f) for e, f in findings if scores(f)]
    waived = sum(f.excused for _, f in findings)
    good = [e for e in evidence if e.ok]
    unsure = [e for e in evidence if e.ok is None]
    sites = len(new) + len(good)
    share = (sum(e.credit for e, _ in new) + len(good)) / sites if sites else 0.0
    low = len(findings) - len(new) - waived
    verdict, reason = _verdict(rule, new, good, unsure, (waived, low))
    kept = tuple((*good, *unsure)[:KEPT])
    return Outcome(
        rule.id,
        rule.category,
        verdict,
        share,
        sites,
        len(new),
        tuple(f for _, f in findings),
        kept,
        reason,
        undecided=len(unsure),
    )


def _verdict(
    rule: Rule,
    bad: Sequence[tuple[Evidence, Finding]],
    good: Sequence[Evidence],
    unsure: Sequence[Evidence],
    apart: tuple[int, int],
) -> tuple[Verdict, str]:
    """Verdict and reason; `apart`: findings that are waived, and those of low confidence."""
    waived, low = apart
    doubt = f"; {len(unsure)} could not be decided" if unsure else ""
    if bad:
        return "fail", failed(rule, [e for e, _ in bad], len(good), bad[0][1].message) + doubt
    if good:
        return "pass", passed(rule, good) + doubt
    if unsure:
        return "unknown", undecided(unsure)
    if waived:
        return "not-applicable", f"every finding is waived ({waived})"
    if low:
        return "not-applicable", f"findings of low confidence are not judged ({low})"
    return "not-applicable", rule.nothing


def _findings(
    rule: Rule,
    evidence: Iterable[Evidence],
    profile: Profile,
    locate: Locate,
    min_confidence: Confidence,
) -> list[tuple[Evidence, Finding]]:
    found = []
    seen: dict[str, int] = {}
    for one in evidence:
        source = locate(rule, one)
        confidence = one.confidence or rule.confidence
        hidden = CONFIDENCES.index(confidence) > CONFIDENCES.index(min_confidence)
        own = digest(rule.id, source.fingerprint)
        nth = seen[own] = seen.get(own, 0) + 1
        status = _status(source, hidden=hidden or rule.preview)
        finding = Finding(
            id=own if nth == 1 else f"{own}-{nth}",
            rule=rule.id,
            category=rule.category,
            severity=source.severity or rule.severity[profile],
            confidence=confidence,
            message=worded(rule.message, one),
            remedy=worded(rule.remedy, one),
            at=source.at,
            anchored=source.anchored,
            related=source.related,
            snippet=source.snippet,
            status=status,
            lost=0.0,
            effort=EFFORTS[rule.effort],
            reason=source.waiver.reason if source.waiver else "",
            waiver=source.waiver,
            fingerprint=source.fingerprint,
            subject=rule.subject,
            scope=source.scope,
            sketch=source.sketch,
            line_hash=source.line_hash,
        )
        found.append((one, finding))
    return found


def _status(source: Source, *, hidden: bool) -> Status:
    if source.waiver is not None:
        return "waived"
    return "hidden" if hidden else "new"


def scores(finding: Finding) -> bool:
    """Whether a finding touches verdict and score, shown or not: low confidence never does."""
    return finding.confidence != "low" and not finding.excused


class _Fields(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def worded(template: str, evidence: Evidence) -> str:
    """A rule's text with the evidence's fields and note put in; `{note}` is what was seen."""
    return template.format_map(_Fields({**evidence.fields, "note": evidence.note}))
