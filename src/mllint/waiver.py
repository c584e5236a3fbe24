"""Waivers: who said that which finding may stay, and why.

Pure data. Knows nothing of where waivers are written or what they cover.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from mllint.facts import Ignore

KINDS = ("accepted", "false-positive", "not-applicable", "elsewhere")
"""Why a finding may be waived: it is real, the tool is wrong, it does not apply, or another place
takes care of it."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """A suppression that somebody wrote: a comment, or an entry of the configuration."""

    rules: tuple[str, ...]
    """Selectors as written."""
    source: str
    """Where it stands: `train.py:12`, `pyproject.toml:52`."""
    kind: str = "accepted"
    """One of `KINDS`."""
    reason: str = ""
    until: str = ""
    """Its last day, ISO 8601; "" for no end."""
    issue: str = ""
    paths: tuple[str, ...] = ()
    """Patterns in gitignore syntax, from the root; none = everywhere."""
    written: Ignore | None = None
    """The comment; None for an entry of the configuration."""


@dataclass(frozen=True, slots=True)
class WaiverUse:
    """What became of a waiver in a run."""

    waiver: Waiver
    state: Literal["used", "unused", "expired", "idle"]
    """idle: a rule that it names did not run, so nobody can tell."""
    matched: int
    """Findings."""
    points: float
    """What those would cost."""
