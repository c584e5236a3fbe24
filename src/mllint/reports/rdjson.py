"""Reviewdog's diagnostic format, which reviewdog posts to whatever host it runs on.

Columns count bytes of UTF-8 there. Source: `proto/rdf` of reviewdog/reviewdog.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mllint.reports.json import dumped
from mllint.reports.lines import clean
from mllint.reports.places import place
from mllint.reports.regions import advised, by_impact, region

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mllint.facts import Place
    from mllint.reports import View
    from mllint.review import Finding, Report

_SEVERITIES: Mapping[str, str] = {"error": "ERROR", "warning": "WARNING", "note": "INFO"}


def render(report: Report, view: View) -> str:
    """One diagnostic for each finding."""
    del view
    diagnostics = [_diagnostic(finding, report) for finding in by_impact(report)]
    return dumped({"source": {"name": "mllint"}, "diagnostics": diagnostics})


def _diagnostic(finding: Finding, report: Report) -> dict[str, Any]:
    related = [r for r in finding.related if r.at.path]
    places = "; ".join(f"{place(r.at)}: {clean(r.text)}".rstrip(": ") for r in related)
    message = advised(finding)
    return {
        # Reviewdog refuses fields that its version does not know, such as related locations.
        "message": f"{message} See {places}." if places else message,
        "location": _location(finding.at, finding, report),
        "severity": _SEVERITIES[finding.severity],
        "code": {"value": finding.rule},
    }


def _location(at: Place, finding: Finding, report: Report) -> dict[str, Any]:
    here = region(at, report)
    start, end = {"line": here.line}, {"line": here.end_line}
    lines = dict(finding.snippet)
    first, last = lines.get(here.line, ""), lines.get(here.end_line, "")
    # A long line is cut in the snippet.
    if here.has_columns and here.col <= len(first) and here.end_col <= len(last) + 1:
        start["column"], end["column"] = _byte(first, here.col), _byte(last, here.end_col)
    return {"path": clean(here.path), "range": {"start": start, "end": end}}


def _byte(line: str, column: int) -> int:
    """The 1-based byte of UTF-8 at which a 1-based code point begins."""
    return len(line[: column - 1].encode("utf-8", "surrogatepass")) + 1
