"""What keeps findings from failing a run: waivers, and the baseline.

Pure data. Knows nothing of where waivers are written or what they cover.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from mllint.baseline import Entry
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
    attested: bool = False
    """Whether it is an attestation, which need not cover anything."""


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


@dataclass(frozen=True, slots=True)
class BaselineUse:
    """What became of the baseline in a run."""

    path: str
    matched: int
    """Findings that are in it."""
    mended: int
    """Findings of it that are not there any more."""
    points: float
    """What the matched ones cost."""
    current: tuple[Entry, ...]
    """The entries of matched findings, as they would be written today."""
    stale: tuple[Entry, ...]
    """The entries of mended ones, as they were written."""
    idle: tuple[Entry, ...]
    """Entries of rules that did not run or could not tell."""
