"""The chain that a finding tells, from place to place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mllint.facts import Place
    from mllint.review import Finding

RELATED = 20
"""Related places kept with a finding."""
CHAINS = frozenset({"splits"})
"""Categories whose related places are steps of a flow of data."""


class Step(NamedTuple):
    """One place of a chain."""

    at: Place
    text: str
    code: str
    """Its source line where the finding's snippet cannot hold it."""
    own: bool
    """Whether it is the place of the finding itself."""


def steps(finding: Finding) -> list[Step]:
    """The places in the order of the lines within a file, else as they are told."""
    found = [Step(finding.at, finding.message, "", True)]
    found += [Step(r.at, r.text, r.code, False) for r in finding.related if r.at.path][:RELATED]
    if len({step.at.path for step in found}) == 1:
        found.sort(key=lambda s: (s.at.cell.index if s.at.cell else 0, s.at[1:3]))
    return found
