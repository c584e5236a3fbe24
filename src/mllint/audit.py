"""What a repository's own settings would have hidden from a reviewer.

Compares the report under those settings with the one without them. Knows reports alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.others import Concealed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.review import Finding, Report

_BY = {"waived": "waived", "baselined": "in the baseline", "hidden": "below the wanted confidence"}


def concealed(bare: Report, own: Report) -> tuple[Concealed, ...]:
    """The findings of the bare report that are not new in the other, each with what hides it."""
    return tuple(_all(bare, own))


def _all(bare: Report, own: Report) -> Iterator[Concealed]:
    others = {(f.rule, f.id): f for f in own.findings}
    for finding in bare.findings:
        if finding.status != "new" or finding.confidence == "low":
            continue
        other = others.get((finding.rule, finding.id))
        if other is not None and other.status == "new":
            continue
        at = finding.place
        yield Concealed(
            at,
            finding.at.line if at else 0,
            finding.rule,
            finding.severity,
            finding.message,
            _reason(finding, other, own),
        )


def _reason(finding: Finding, other: Finding | None, own: Report) -> str:
    """What hides a finding: a waiver, the baseline, a rule that is off, a path left out."""
    if other is not None:
        said = f": {other.reason}" if other.reason else " without a reason"
        return _BY[other.status] + (said if other.status == "waived" else "")
    if finding.rule in own.disabled:
        return f"the rule is off: {own.disabled[finding.rule] or 'no reason given'}"
    return "the path is excluded, or the settings see it otherwise"
