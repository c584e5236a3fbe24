"""The roll-up of several projects: a line each, their mean and the lowest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from mllint.reports.json import document
from mllint.reports.lines import Line, Span, clean, columns, cut_start, spread
from mllint.reports.paint import paint
from mllint.reports.places import count, down

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mllint.reports import View
    from mllint.review import Report

SCHEMA = "mllint-projects-1"


class Checked(NamedTuple):
    """A project with its report."""

    name: str
    path: str
    """Of its folder, from the root."""
    report: Report


def exit_code(checked: Sequence[Checked]) -> int:
    """The worst of all."""
    return max((one.report.gate.exit_code for one in checked), default=0)


def as_text(checked: Sequence[Checked], view: View) -> str:
    """A table of the projects, the lowest score first."""
    wide = max(columns(clean(one.name)) for one in checked)
    head = [Span("score   grade  new findings")]
    lines: list[Line] = [spread([Span("Projects", "bold")], head, view.width)]
    for one in sorted(checked, key=lambda c: (_value(c.report) is None, _value(c.report) or 0.0)):
        report = one.report
        value = _value(report)
        shown = "n/a" if value is None else down(value)
        new = sum(f.status == "new" for f in report.findings)
        name = cut_start(clean(one.name), min(wide, view.width - 50))
        left = [Span(f"  {name}"), Span(f"  {report.profile}", "dim")]
        mark = Span("  FAILED", "bold red") if not report.gate.passed else Span("  OK    ", "green")
        right = [Span(f"{shown:>5}   {report.score.grade:<5}  {new:>12}"), mark]
        lines.append(spread(left, right, view.width))
    scores = [value for one in checked if (value := _value(one.report)) is not None]
    if scores:
        text = f"mean {down(sum(scores) / len(scores))} · lowest {down(min(scores))}"
        lines.append([Span(f"  {text}", "bold")])
    failed = [one for one in checked if not one.report.gate.passed]
    if failed:
        names = ", ".join(clean(one.name) for one in failed)
        verdict = [Span("FAILED", "bold red"), Span(f": {names}")]
    else:
        verdict = [Span("OK", "bold green"), Span(f": {count(len(checked), 'project')}")]
    return paint([*lines, verdict], view)


def as_json(checked: Sequence[Checked]) -> str:
    """All reports in one document, with the mean and the lowest score."""
    scores = [value for one in checked if (value := _value(one.report)) is not None]
    told: dict[str, Any] = {
        "schema": SCHEMA,
        "version": 1,
        "score": {
            "mean": round(sum(scores) / len(scores), 6) if scores else None,
            "lowest": round(min(scores), 6) if scores else None,
        },
        "gate": {
            "passed": all(one.report.gate.passed for one in checked),
            "exit_code": exit_code(checked),
        },
        "projects": [
            {"name": one.name, "path": one.path, "report": document(one.report)} for one in checked
        ],
    }
    return json.dumps(told, ensure_ascii=True, indent=2) + "\n"


def _value(report: Report) -> float | None:
    return report.score.value if report.run.complete else None
