"""How a project stands to the practices of the documents.

Folds the outcomes of the rules that look at a practice into one state. Knows neither evidence nor
how a practice is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mllint.facts import Place
    from mllint.practices import Effect, Practice, PracticeMap
    from mllint.review import Outcome, Report

State: TypeAlias = Literal[
    "met", "partly", "not-met", "not-applicable", "unknown", "attested", "open"
]
"""`open`: only people can answer, and nobody has."""
_JUDGED = frozenset({"pass", "fail", "blocked"})
_SEEN = frozenset({"new", "hidden"})
_SETTLED: Mapping[Effect, frozenset[State]] = {
    "": frozenset({"unknown"}),
    "elsewhere": frozenset({"unknown", "partly", "not-met", "not-applicable"}),
    "annotates": frozenset(),
}
"""Which states an attestation takes the place of, by its effect."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a project stands to a practice."""

    state: State
    reason: str
    """A sentence: what decided it."""
    at: Place | None = None
    """What shows it."""


def standings(
    practice_map: PracticeMap, report: Report, attested: Mapping[str, str] | None = None
) -> dict[str, Standing]:
    """Row -> how the reported project stands to it.

    `attested`: id of an attestation -> what is attested. An attestation settles what no repository
    shows and what stayed unknown; one that says "done elsewhere" also what was not found; one that
    only annotates settles nothing else.
    """
    outcomes = {outcome.rule: _with_doubtful(outcome) for outcome in report.outcomes}
    return {
        row.id: _attested(row, _seen(row, practice_map, outcomes), practice_map, attested or {})
        for row in practice_map.rows.values()
    }


def _with_doubtful(outcome: Outcome) -> Outcome:
    """The outcome with its findings of low confidence, which verdict and score leave out."""
    low = [f for f in outcome.findings if f.confidence == "low" and not f.excused]
    if not low:
        return outcome
    sites = outcome.sites + len(low)
    share = outcome.share * outcome.sites / sites
    told = outcome.reason if outcome.verdict == "fail" else f"{low[0].message} (low confidence)"
    return replace(outcome, verdict="fail", share=share, sites=sites, reason=told)


def _attested(
    row: Practice, seen: Standing, practice_map: PracticeMap, attested: Mapping[str, str]
) -> Standing:
    effect = practice_map.attestations[row.attest].effect if row.attest else ""
    said = attested.get(row.attest)
    if said is not None and (row.see == "no" or seen.state in _SETTLED[effect]):
        return Standing("attested", f"{row.attest}: {said}", seen.at)
    if row.see == "no":
        question = practice_map.attestations[row.attest].question
        return Standing("open", f"{row.attest} is not attested: {question}", seen.at)
    return seen


class _Seen(NamedTuple):
    """The outcomes of the rules that cite a check, those that are first about it before others."""

    found: list[Outcome]
    about: bool


def _seen(row: Practice, practice_map: PracticeMap, outcomes: Mapping[str, Outcome]) -> Standing:
    """What the rules saw: the deciding check counts, the others make it better or worse."""

    def look(*names: str) -> _Seen:
        rules = dict.fromkeys(r for name in names for r in practice_map.served.get(name, ()))
        about = [rule for rule in rules if practice_map.about[rule] in names]
        found = [outcomes[rule] for rule in dict.fromkeys((*about, *rules)) if rule in outcomes]
        return _Seen(found, any(o.rule in about for o in found))

    first = look(row.id, row.checks[0])
    others = [look(check) for check in row.checks[1:]]
    state = _state(first)
    worse = [seen for seen in others if _state(seen) in {"partly", "not-met"}]
    better = [seen for seen in others if _state(seen) in {"met", "partly"}]
    if state == "met" and worse:
        return _told("partly", worse[0].found, first.found)
    if state in {"not-met", "unknown"} and better:
        return _told("partly", first.found if state == "not-met" else better[0].found)
    if not practice_map.deciding(row):
        return Standing("unknown", "no rule looks at it yet")
    return _told(state, first.found)


def _state(seen: _Seen) -> State:
    """The outcomes of the rules of one check as one state.

    That a rule does not apply says something of the check that it is about, nothing of others.
    """
    judged = [o for o in seen.found if o.verdict in _JUDGED]
    if judged:
        if all(o.verdict == "pass" for o in judged):
            return "met"
        none = all(o.verdict != "pass" and o.share == 0 for o in judged)
        return "not-met" if none else "partly"
    if seen.about and all(o.verdict == "not-applicable" for o in seen.found):
        return "not-applicable"
    return "unknown"


_TELLING: Mapping[State, tuple[str, ...]] = {
    "met": ("pass",),
    "partly": ("fail", "blocked", "pass"),
    "not-met": ("fail", "blocked"),
    "unknown": ("crashed", "unknown", "not-applicable"),
    "not-applicable": ("not-applicable",),
}


def _told(state: State, found: Sequence[Outcome], better: Sequence[Outcome] = ()) -> Standing:
    """The state, in the words of the outcome that tells most.

    Where what is missing has no place, that of what is there is shown.
    """
    telling = next((o for v in _TELLING[state] for o in found if o.verdict == v), None)
    if telling is None:
        return Standing(state, "the rules that look at it were not run")
    shown = [f.at for f in telling.findings if f.status in _SEEN and not f.anchored]
    shown += [e.at for o in (telling, *better) for e in o.evidence if e.at is not None and e.ok]
    reason = f"{telling.rule}: {telling.reason or telling.verdict}"
    return Standing(state, reason, shown[0] if shown else None)
