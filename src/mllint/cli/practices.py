"""What `mllint explain` says of the practice map: its rows, its checks, its attestations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mllint.catalogue import Catalogue
    from mllint.practices import PracticeMap
    from mllint.reports.page import Page
    from mllint.review import Profile, Report


def kind_of(name: str, practices: PracticeMap) -> str:
    """`practice`, `check` or `attestation`; "" for what the map does not hold."""
    if name in practices.rows:
        return "practice"
    if name in practices.checks:
        return "check"
    return "attestation" if name in practices.attestations else ""


def page(
    name: str,
    practices: PracticeMap,
    catalogue: Catalogue,
    profile: Profile,
    report: Report | None,
) -> Page:
    """The page of a row, a check or an attestation."""
    from mllint.attest import sayings
    from mllint.reports.practice_pages import attestation_page, check_page, row_page
    from mllint.standing import standings

    if name in practices.attestations:
        return attestation_page(practices.attestations[name], practices)
    if name in practices.checks:
        rules = [catalogue.rules[rule] for rule in practices.served.get(name, ())]
        return check_page(practices.checks[name], practices, rules, profile=profile, report=report)
    row = practices.rows[name]
    return row_page(
        row,
        practices,
        [catalogue.rules[rule] for rule in practices.rules(row)],
        title=catalogue.documents[row.document].title,
        profile=profile,
        report=report,
        standing=standings(practices, report, sayings(report.attested))[name] if report else None,
    )


def data(name: str, practices: PracticeMap, report: Report | None) -> dict[str, Any]:
    """The same as plain data."""
    from mllint.attest import sayings
    from mllint.reports.practices import attestation_data, check_data, row_data
    from mllint.standing import standings

    kind = kind_of(name, practices)
    if kind == "attestation":
        told = attestation_data(name, practices)
    elif kind == "check":
        told = check_data(name, practices)
    else:
        standing = standings(practices, report, sayings(report.attested))[name] if report else None
        told = row_data(practices.rows[name], practices, standing)
    outcomes = {o.rule: o.verdict for o in report.outcomes} if report else {}
    if "rules" in told:
        told["outcomes"] = {rule: outcomes.get(rule) for rule in told["rules"]}
    return {"kind": kind, **told}
