"""What a score says: its ledger, its categories, what to fix first. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mllint.review import Profile, Severity, Verdict


@dataclass(frozen=True, slots=True)
class Line:
    """A rule's entry in the ledger of one profile."""

    rule: str
    category: str
    severity: Severity
    weight: float
    """Of the category's budget, before what does not apply is left out."""
    points: float
    """Of 100, after what does not apply is left out; 0 where not judged."""
    credit: float
    lost: float
    """Points lost by this rule itself."""
    booked: float
    """Points lost by rules that it blocks; booked here."""
    verdict: Verdict
    masked: bool
    """Whether the profile does not expect the rule."""


@dataclass(frozen=True, slots=True)
class CategoryScore:
    """A category's part of a score."""

    id: str
    title: str
    max: float
    earned: float


@dataclass(frozen=True, slots=True)
class Score:
    """The score of one profile; `value` is None where nothing could be judged."""

    profile: Profile
    value: float | None
    grade: str
    """A to E, or "n/a"."""
    capped_by: tuple[str, ...]
    """Rules that cap the grade at C."""
    provisional: bool
    """Whether less than half of the weight could be judged."""
    categories: tuple[CategoryScore, ...]
    ledger: tuple[Line, ...]
    judged: int
    not_applicable: int
    unknown: int
    blocked: int
    crashed: int
    judged_weight: float
    """Judged weight over expected weight, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Fix:
    """An entry of `Fix first`."""

    rule: str
    findings: tuple[str, ...]
    """Ids."""
    where: str
    gain: float
    """Points gained by mending the rule, with what that unblocks."""
    effort: int
    """Minutes, for all places together."""
    blocks_gate: bool
