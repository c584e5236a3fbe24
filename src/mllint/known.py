"""Findings that are known already fail no gate: from the baseline, or from the base of a branch.

Knows which findings are known and says so of them; their points stay. Nothing of git or of files.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from mllint.baseline import collected, entry, matched
from mllint.selection import renamed
from mllint.waiver import BaselineUse

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from mllint.baseline import Entry
    from mllint.review import Finding, Outcome, Report, Rule

_TELLING = frozenset({"pass", "fail", "not-applicable"})
"""Verdicts after which an entry without a finding is known to be mended."""


class Base(NamedTuple):
    """What was found at the base of a branch."""

    entries: tuple[Entry, ...]
    name: str
    """For people: `merge base 1a2b3c4 with main`."""
    score: float | None = None
    report: Report | None = None


@dataclass(frozen=True)
class Known:
    """What is known before a run."""

    baseline: tuple[Entry, ...] | None = None
    """None where there is no baseline."""
    path: str = ""
    """Of the baseline, as it is shown."""
    base: Base | None = None
    touched: Callable[[Finding], bool] | None = None
    """Whether a finding stands on a changed line; None where that does not matter."""


class Marked(NamedTuple):
    """Outcomes whose known findings say that they are, and what became of the baseline."""

    outcomes: list[Outcome]
    use: BaselineUse | None


def marked(
    known: Known, outcomes: Sequence[Outcome], paths: Collection[str], rules: Mapping[str, Rule]
) -> Marked:
    """Say of every known finding that it is; what is waived or hidden stays so."""
    findings = [f for outcome in outcomes for f in outcome.findings]
    findings.sort(key=lambda f: f.status != "new")
    old = renamed(rules)
    reasons: dict[tuple[str, str], str] = {}
    use = None
    if known.touched is not None:
        reasons |= {(f.rule, f.id): "on no changed line" for f in findings if not known.touched(f)}
    if known.base is not None:
        found = matched(findings, known.base.entries, paths, old)
        reasons |= {_key(findings[n]): f"known at the {known.base.name}" for n in found.known}
    if known.baseline is not None:
        found = matched(findings, known.baseline, paths, old)
        reasons |= {_key(findings[n]): f"in {known.path}" for n in found.known}
        telling = {o.rule for o in outcomes if o.verdict in _TELLING}
        telling |= {rule.id for rule in rules.values() if rule.meta}
        mine = [findings[n] for n in found.known]
        use = _use(known.path, mine, found.left, lambda rule: old.get(rule, rule) in telling)
    return Marked([_with(outcome, reasons) for outcome in outcomes], use)


def _key(finding: Finding) -> tuple[str, str]:
    return finding.rule, finding.id


def _with(outcome: Outcome, reasons: Mapping[tuple[str, str], str]) -> Outcome:
    if not any(_key(f) in reasons for f in outcome.findings):
        return outcome
    findings = tuple(
        replace(f, status="baselined", reason=reasons[_key(f)])
        if f.status == "new" and _key(f) in reasons
        else f
        for f in outcome.findings
    )
    return replace(outcome, findings=findings)


def _use(
    path: str,
    mine: Sequence[Finding],
    left: Sequence[Entry],
    is_telling: Callable[[str], bool],
) -> BaselineUse:
    mended = [one for one in left if is_telling(one.rule)]
    idle = [one for one in left if not is_telling(one.rule)]
    shown = [f for f in mine if f.status == "new"]
    return BaselineUse(
        path=path,
        matched=len(shown),
        mended=sum(one.n for one in mended),
        points=sum(f.lost for f in shown),
        current=collected(map(entry, mine)),
        stale=tuple(mended),
        idle=tuple(idle),
    )
