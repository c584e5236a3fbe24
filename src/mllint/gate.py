"""The gate: whether a run passes, and which thresholds it failed.

Knows findings, scores and thresholds; nothing of how they came about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.review import Gate
from mllint.score import shown
from mllint.settings import OVERALL, STRICT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mllint.review import Finding, Outcome, Profile, Score
    from mllint.settings import Settings


def gate(
    outcomes: Iterable[Outcome],
    score: Score | None,
    settings: Settings,
    unread: int,
    strict: Mapping[Profile, Score] | None = None,
    more: Sequence[str] = (),
) -> Gate:
    """Whether the run passes: findings at or above the threshold, least scores, crashes.

    `score` is None for a partial run. `more` are reasons why it does not, found elsewhere.
    """
    outcomes = list(outcomes)
    reasons = []
    count = sum(fails(f, settings) for o in outcomes for f in o.findings)
    if count:
        reasons.append(f"{count} finding{'s' * (count > 1)} at or above `{settings.fail_on}`")
    bare = (strict or {}).get(settings.profile, score)
    reasons.extend(_too_low(score, bare, settings.min_score) if score and bare else ())
    reasons.extend(more)
    crashed = [o.rule for o in outcomes if o.verdict == "crashed"]
    broken = [f"rule {name} crashed" for name in crashed]
    if settings.strict and unread:
        broken.append(f"{unread} file{'s' * (unread > 1)} could not be read")
    code = 3 if broken else 1 if reasons and not settings.exit_zero else 0
    return Gate(not reasons and not broken, code, (*broken, *reasons), settings.fail_on)


def fails(finding: Finding, settings: Settings) -> bool:
    """Whether a finding fails the run."""
    return Gate(True, 0, (), settings.fail_on).stops(finding)


def failing(outcomes: Iterable[Outcome], settings: Settings) -> frozenset[str]:
    """The rules whose findings fail the run."""
    return frozenset(o.rule for o in outcomes for f in o.findings if fails(f, settings))


def _too_low(score: Score, strict: Score, wanted: Mapping[str, float]) -> list[str]:
    reasons = []
    for name, least in wanted.items():
        if name in {OVERALL, STRICT}:
            whole, words = (score, "") if name == OVERALL else (strict, " without waivers")
            if whole.value is not None and whole.value < least:
                reasons.append(f"score{words} {shown(whole.value)} is below {least:g}")
            continue
        for category in score.categories:
            percent = 100.0 * category.earned / category.max
            if category.id == name and percent < least:
                reasons.append(f"{name} {shown(percent)} is below {least:g}")
    return reasons
