"""Two reports side by side: what was mended, what is new, and why the score is another.

Knows reports and the arithmetic of the score; nothing of where reports come from. The change of the
score is taken apart step by step: the old outcomes are first scored as the new run would have
scored them, so that only then what is left is due to the code.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from math import fsum
from typing import TYPE_CHECKING, NamedTuple

from mllint.baseline import collected, entry, matched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mllint.review import Finding, Line, Outcome, Report, Score

_JUDGED = frozenset({"pass", "fail", "blocked"})
_LIVE = frozenset({"new", "baselined"})
_Rows = dict[str, "Line"]


class Part(NamedTuple):
    """A reason why the score is another, and how many points it makes."""

    name: str
    """mended, worse, not-judged, newly-judged, rules, configuration or waivers."""
    points: float


class Change(NamedTuple):
    """A rule that is not judged any more, or is judged for the first time."""

    rule: str
    old: str
    """Its verdict, or `disabled`, or `unknown to it`."""
    new: str
    reason: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one report says that another did not."""

    old: Report
    new: Report
    mended: tuple[Finding, ...]
    """Findings of the old report that are gone although their rule is still judged."""
    found: tuple[Finding, ...]
    """Findings of the new report that the old one did not have, though it judged their rule."""
    waived: tuple[Finding, ...]
    """Findings that somebody waived in between, as they are in the new report."""
    gone: tuple[Finding, ...]
    """Findings of rules that are not judged any more."""
    appeared: tuple[Finding, ...]
    """Findings of rules that are judged for the first time."""
    not_judged: tuple[Change, ...]
    newly_judged: tuple[Change, ...]
    parts: tuple[Part, ...]
    """They add up to the change of the score; empty where there is none to be told."""
    notes: tuple[str, ...]
    """What makes the two reports hard to compare."""
    old_name: str = ""
    """What the old report is called where people see it: a reference, a file."""
    new_name: str = ""

    @property
    def delta(self) -> float | None:
        """By how much the score is higher; None where one of them has none."""
        old, new = _value(self.old), _value(self.new)
        return None if old is None or new is None else new - old

    def points(self, *names: str) -> float:
        """The points of these parts together."""
        return fsum(part.points for part in self.parts if part.name in names)


CODE = ("mended", "worse", "not-judged", "newly-judged")
"""The parts that are due to the code."""


def compared(old: Report, new: Report, old_name: str = "", new_name: str = "") -> Comparison:
    """What became of one report in another."""
    before = {o.rule: o for o in old.outcomes}
    after = {o.rule: o for o in new.outcomes}
    lost, found, waived = _findings(old, new)
    return Comparison(
        old=old,
        new=new,
        mended=tuple(f for f in lost if _is_judged(after.get(f.rule))),
        gone=tuple(f for f in lost if not _is_judged(after.get(f.rule))),
        found=tuple(f for f in found if _is_judged(before.get(f.rule))),
        appeared=tuple(f for f in found if not _is_judged(before.get(f.rule))),
        waived=waived,
        not_judged=tuple(_changes(before, after, old, new, ended=True)),
        newly_judged=tuple(_changes(before, after, old, new, ended=False)),
        parts=_parts(old, new),
        notes=tuple(_notes(old, new)),
        old_name=old_name,
        new_name=new_name,
    )


# --- findings ------------------------------------------------------------------------------------


def _findings(old: Report, new: Report) -> tuple[list[Finding], list[Finding], tuple[Finding, ...]]:
    """The live findings that are gone, those that are new, and those that were waived since."""
    then = [f for f in old.findings if f.status != "hidden"]
    now = [f for f in new.findings if f.status != "hidden"]
    paths = {f.at.path for f in now}
    names = {former: r.id for r in new.rules.values() for former in r.renamed_from}
    match = matched(now, collected(map(entry, then)), paths, names)
    left = Counter({one._replace(n=1): one.n for one in match.left})
    lost = []
    for finding in then:
        one = entry(finding)
        if left[one] > 0:
            left[one] -= 1
            lost.append(finding)
    found = [f for n, f in enumerate(now) if n not in match.known and f.status in _LIVE]
    live = collected(entry(f) for f in then if f.status in _LIVE)
    covered = [f for f in now if f.status == "waived"]
    ended = matched([f for f in now if f.status in _LIVE], live, paths, names).left
    known = matched(covered, ended, paths, names).known
    waived = tuple(f for n, f in enumerate(covered) if n in known)
    return [f for f in lost if f.status in _LIVE], found, waived


def _is_judged(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.verdict in _JUDGED


def _changes(
    before: Mapping[str, Outcome],
    after: Mapping[str, Outcome],
    old: Report,
    new: Report,
    *,
    ended: bool,
) -> Iterable[Change]:
    """The rules that one report judged and the other did not."""
    here, there, other = (before, after, new) if ended else (after, before, old)
    for rule, outcome in sorted(here.items()):
        if not _is_judged(outcome) or _is_judged(there.get(rule)):
            continue
        beside = there.get(rule)
        missing = "disabled" if rule in other.disabled else "unknown to it"
        verdict, reason = (
            (beside.verdict, beside.reason) if beside else (missing, other.disabled.get(rule, ""))
        )
        if ended:
            yield Change(rule, outcome.verdict, verdict, reason)
        else:
            yield Change(rule, verdict, outcome.verdict, outcome.reason)


# --- the score -----------------------------------------------------------------------------------


def _value(report: Report) -> float | None:
    return report.score.value if report.run.complete else None


def _bare(report: Report) -> Score:
    """The score without waivers."""
    bare = report.strict.get(report.profile, report.score)
    return report.score if bare.value is None else bare


def _rows(report: Report) -> _Rows:
    return {line.rule: line for line in _bare(report).ledger}


def _total(rows: Mapping[str, Line]) -> float | None:
    """The value of a score with these entries, shared out among them anew."""
    judged = [r for r in rows.values() if r.verdict in _JUDGED and r.weight > 0]
    whole = fsum(r.weight for r in judged)
    return 100.0 * fsum(r.weight * _credit(r) for r in judged) / whole if whole else None


def _credit(row: Line) -> float:
    return 0.0 if row.verdict == "blocked" else row.credit


def _parts(old: Report, new: Report) -> tuple[Part, ...]:
    values = (_value(old), _value(new), _bare(old).value, _bare(new).value)
    known = [value for value in values if value is not None]
    if len(known) < len(values) or old.run.score_model != new.run.score_model:
        return ()
    before, after, then, now = known
    steps = [*_steps(old, new), ("waivers", (after - now) - (before - then))]
    order = (*CODE, "rules", "configuration", "waivers")
    return tuple(Part(name, fsum(p for n, p in steps if n == name)) for name in order)


def _steps(old: Report, new: Report) -> list[tuple[str, float]]:
    """The way from the one score without waivers to the other, each step with its reason."""
    then, now = _rows(old), _rows(new)
    same_rules = (old.run.version, old.run.ruleset) == (new.run.version, new.run.ruleset)
    setting = "configuration" if same_rules else "rules"
    freed, caught = _waiting(old, new.disabled), _waiting(new, old.disabled)
    kept = {
        n: now[n] if n in freed and n in now else r
        for n, r in then.items()
        if n not in new.disabled
    }
    reweighed = {n: _at(r, now[n]) for n, r in kept.items() if n in now}
    common = {n: reweighed[n] if n in caught else now[n] for n in reweighed}
    enabled = {n: r for n, r in now.items() if n in common or n in old.disabled}
    both = {n for n in common if _counts(reweighed[n]) and _counts(common[n])}
    return _walked(
        _total(then),
        [
            ("configuration", _total(kept)),
            (setting, _total(reweighed)),
            ("not-judged", _total(_only(reweighed, both))),
            *_mended(reweighed, common, both),
            ("newly-judged", _total(common)),
            ("configuration", _total(enabled)),
            (setting, _total(now)),
        ],
    )


def _waiting(report: Report, disabled: Mapping[str, str]) -> set[str]:
    """The rules that wait for one that the other run left out."""
    return {o.rule for o in report.outcomes if not disabled.keys().isdisjoint(o.blockers)}


def _at(row: Line, other: Line) -> Line:
    """An entry with the weight of another."""
    return replace(row, weight=other.weight)


def _counts(row: Line) -> bool:
    return row.verdict in _JUDGED and row.weight > 0


def _only(rows: Mapping[str, Line], names: set[str]) -> _Rows:
    return {n: r for n, r in rows.items() if n in names}


def _mended(
    then: Mapping[str, Line], now: Mapping[str, Line], both: set[str]
) -> Sequence[tuple[str, float | None]]:
    """First all that got better, then all that got worse."""
    better = {n: now[n] if _credit(now[n]) > _credit(then[n]) else then[n] for n in both}
    return (("mended", _total(better)), ("worse", _total(_only(now, both))))


def _walked(
    start: float | None, stations: Iterable[tuple[str, float | None]]
) -> list[tuple[str, float]]:
    """The points of each step; a station where nothing is judged is passed by."""
    steps, here = [], start or 0.0
    for name, value in stations:
        if value is not None:
            steps.append((name, value - here))
            here = value
    return steps


def _notes(old: Report, new: Report) -> Iterable[str]:
    told: Sequence[tuple[str, Callable[[Report], object]]] = (
        ("profile", lambda r: r.profile),
        ("ruleset", lambda r: r.run.ruleset),
        ("mllint", lambda r: r.run.version),
        ("arithmetic of the score", lambda r: r.run.score_model),
    )
    for name, of in told:
        if of(old) != of(new):
            yield f"{name} {of(old)}, then {of(new)}"
    if old.run.config_hash != new.run.config_hash:
        yield "the configuration is another"
    if old.run.version != new.run.version:
        same = old.run.commit and old.run.commit == new.run.commit
        yield (
            "both are of one commit, so what counts as code may be what the newer mllint sees"
            if (same)
            else "what a rule sees more or less of in a newer mllint counts as code"
        )
    for report, word in ((old, "old"), (new, "new")):
        if not report.run.complete:
            yield f"the {word} report covers only a part of the project, or of the rules"
