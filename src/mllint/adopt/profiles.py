"""Which profile suits a project, and why; a proposal, for people alone know what depends on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mllint.review import Profile, Trait

_FIRM = ("has-tests", "has-ci", "packaged", "serves")
"""A project with one of them is more than research."""


class Proposal(NamedTuple):
    """A profile and the reason for it."""

    profile: Profile
    reason: str
    serves: bool = False
    """Whether production would be right if people depend on what is served."""


def proposed(traits: Mapping[str, Trait]) -> Proposal:
    """The profile that the traits of a project suggest."""
    serves = traits.get("serves")
    if serves is not None and serves.holds:
        return Proposal("internal", f"the project serves predictions ({serves.reason})", True)
    for name in ("course", "notebook-only"):
        trait = traits.get(name)
        if trait is not None and trait.holds:
            return Proposal("research", f"the project {trait.title}")
    firm = next((traits[n] for n in _FIRM if n in traits and traits[n].holds), None)
    trains = traits.get("trains")
    if firm is None and trains is not None and trains.holds:
        reason = "it trains a model, and has neither tests nor CI, is no package and serves nothing"
        return Proposal("research", reason)
    if firm is not None:
        return Proposal("internal", f"the project {firm.title}, and serves nothing")
    return Proposal("internal", "nothing says that it is research, or that it serves")
