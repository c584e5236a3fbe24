"""What is to be said of suppressions and settings: what hides nothing, gives no reason, is over.

Speaks only of rules that ran. Knows waivers and what became of them; nothing of files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.facts import Place
from mllint.judge import counted
from mllint.review import Evidence
from mllint.roles import role
from mllint.suppress import faults

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mllint.judge import Locate
    from mllint.review import Outcome, Profile, Rule
    from mllint.suppress import Suppressions
    from mllint.waiver import Waiver

_FOREIGN = frozenset({"vendored", "generated"})
_FIXTURES = frozenset({"fixtures", "testdata", "test_data", "test-data"})
"""Folders of tests whose files are not the project's own code."""


def outcomes(
    suppressions: Suppressions,
    judged: Sequence[Outcome],
    rules: Mapping[str, Rule],
    profile: Profile,
    locate: Locate,
    *,
    own: frozenset[str],
    needs_reason: bool,
    idle_settings: Sequence[tuple[str, str]],
) -> list[Outcome]:
    """The outcomes of those of the rules that found something.

    `own` are the configuration files of the project itself; what a shared one says need not match
    anything here. `idle_settings` are source and text of settings that are known to match nothing.
    """
    seen: dict[str, dict[tuple[object, ...], Evidence]] = {}
    told = _told(suppressions, judged, own, needs_reason=needs_reason)
    for name, evidence in (*told, *_settings(idle_settings, own)):
        key = (evidence.at, tuple(evidence.fields.values()))
        seen.setdefault(name, {})[key] = evidence
    return [
        counted(rules[name], list(found.values()), profile, locate)
        for name, found in sorted(seen.items())
        if name in rules
    ]


def _told(
    suppressions: Suppressions,
    judged: Sequence[Outcome],
    own: frozenset[str],
    *,
    needs_reason: bool,
) -> Iterator[tuple[str, Evidence]]:
    """Rule and evidence of all that is to be said of waivers."""
    dead = set()
    for number, selector, state in suppressions.states(judged):
        waiver = suppressions.all[number]
        at = _at(waiver, own)
        if at is None or waiver.attested or state not in {"unused", "expired"}:
            continue
        dead.add((number, selector))
        if state == "expired":
            yield "expired-suppression", _about(at, selector, "", waiver.until)
        elif waiver.written is not None:
            yield "unused-suppression", _about(at, selector)
        else:
            where = f" in {', '.join(waiver.paths)}" if waiver.paths else ""
            text = f"Nothing of `{selector}` was found{where}, so there is nothing to waive"
            yield "unused-setting", _about(at, selector, text)
    for number, waiver in enumerate(suppressions.all):
        at = _at(waiver, own)
        if at is None or waiver.written is None:
            continue
        for fault in faults(waiver):
            yield "malformed-suppression", _about(at, "", fault)
        for selector in waiver.rules:
            if waiver.written.word == "noqa" and not suppressions.ids(selector):
                continue  # the code of another linter
            if said := suppressions.said_of(selector):
                yield "unknown-suppression", _about(at, selector, said[:1].upper() + said[1:])
            elif needs_reason and not waiver.reason and (number, selector) not in dead:
                yield "suppression-without-reason", _about(at, selector)


def _settings(
    idle: Sequence[tuple[str, str]], own: frozenset[str]
) -> Iterator[tuple[str, Evidence]]:
    for source, text in idle:
        at = _place(source, own)
        if at is not None:
            yield "unused-setting", _about(at, "", text)


def _about(at: Place, selector: str, note: str = "", until: str = "") -> Evidence:
    return Evidence(False, at, note, fields={"selector": selector, "until": until, "said": note})


def _at(waiver: Waiver, own: frozenset[str]) -> Place | None:
    """Where a waiver is to be spoken of; None where it is none of the project's business."""
    if waiver.written is None:
        return _place(waiver.source, own)
    at = waiver.written.at
    part = role(at.path)
    is_fixture = part == "test" and not _FIXTURES.isdisjoint(at.path.split("/"))
    return None if part in _FOREIGN or is_fixture else at


def _place(source: str, own: frozenset[str]) -> Place | None:
    path, _, line = source.rpartition(":")
    return Place(path, int(line)) if path in own and line.isdigit() else None
