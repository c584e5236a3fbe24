"""JUnit XML: a suite for each category, a test case for each rule.

A rule that does not apply or cannot be judged is skipped with its reason; one that crashed is an
error. A rule fails where a new finding fails the run; what else it found is its output, so that a
build is red where mllint is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from mllint.reports.lines import clean
from mllint.reports.places import where
from mllint.reports.regions import told
from mllint.reports.said import headline

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mllint.reports import View
    from mllint.review import Finding, Gate, Outcome, Report

_SKIPPED = frozenset({"not-applicable", "unknown", "blocked"})
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, view: View) -> str:
    """The suites of one run."""
    del view
    masked = {line.rule for line in report.score.ledger if line.masked}
    outcomes = [o for o in report.outcomes if o.rule not in masked or o.verdict == "crashed"]
    suites: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        suites.setdefault(outcome.category, []).append(outcome)
    numbers = _numbers(outcomes, report.gate)
    seconds = f"{report.run.seconds:.3f}"
    name = _attribute(f"mllint {headline(report)}")
    del numbers["skipped"]  # the schema knows it of a suite alone
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f"<testsuites name={name} {_joined(numbers)} time={_attribute(seconds)}>")
    for category, members in suites.items():
        lines += _suite(category, members, report)
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _suite(category: str, outcomes: Sequence[Outcome], report: Report) -> list[str]:
    known = report.categories.get(category)
    name = _attribute(known.title if known else category)
    return [
        f"  <testsuite name={name} {_joined(_numbers(outcomes, report.gate))}>",
        *(line for outcome in outcomes for line in _case(outcome, report.gate)),
        "  </testsuite>",
    ]


def _numbers(outcomes: Iterable[Outcome], gate: Gate) -> dict[str, int]:
    listed = list(outcomes)
    return {
        "tests": len(listed),
        "failures": sum(_stopped(o, gate) and o.verdict != "crashed" for o in listed),
        "errors": sum(o.verdict == "crashed" for o in listed),
        "skipped": sum(o.verdict in _SKIPPED and not _new(o) for o in listed),
    }


def _joined(numbers: dict[str, int]) -> str:
    return " ".join(f'{name}="{number}"' for name, number in numbers.items())


def _case(outcome: Outcome, gate: Gate) -> list[str]:
    name, group = _attribute(outcome.rule), _attribute(f"mllint.{outcome.category}")
    head = f"    <testcase name={name} classname={group}"
    inner = _inner(outcome, gate)
    return [f"{head}>", *inner, "    </testcase>"] if inner else [f"{head}/>"]


def _inner(outcome: Outcome, gate: Gate) -> list[str]:
    if outcome.verdict == "crashed":
        text = _text(outcome.traceback or outcome.reason)
        return [f'      <error type="crashed" message={_attribute(outcome.reason)}>{text}</error>']
    findings = _new(outcome)
    if findings:
        message = findings[0].message if len(findings) == 1 else outcome.reason
        lines = "\n".join(f"{where(f)}: {told(f)}" for f in findings)
        text = _text(f"{lines}\n{clean(findings[0].remedy)}")
        if not _stopped(outcome, gate):
            return [f"      <system-out>{text}</system-out>"]
        kind = _attribute(findings[0].severity)
        return [f"      <failure type={kind} message={_attribute(message)}>{text}</failure>"]
    if outcome.verdict in _SKIPPED:
        reason = f"{outcome.verdict.replace('-', ' ')}: {outcome.reason}".rstrip(": ")
        return [f"      <skipped message={_attribute(reason)}/>"]
    return []


def _stopped(outcome: Outcome, gate: Gate) -> bool:
    """Whether a finding of the rule fails the run."""
    return any(map(gate.stops, outcome.findings))


def _new(outcome: Outcome) -> list[Finding]:
    found = [f for f in outcome.findings if f.status == "new"]
    return sorted(found, key=lambda f: (f.at.path, f.at.cell or (), f.at.line, f.at.col, f.id))


def _attribute(text: str) -> str:
    """The text in quotation marks."""
    return quoteattr(_sound(clean(text)))


def _text(text: str) -> str:
    """The text as content of an element; `>` too, since `]]>` may not stand in one."""
    kept = _sound("\n".join(clean(line) for line in text.split("\n")))
    return kept.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _sound(text: str) -> str:
    """The text without characters that XML cannot hold, not even escaped."""
    return _FORBIDDEN.sub("\ufffd", text)
