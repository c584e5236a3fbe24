"""Where formats for machines point, and what they say there in one line.

Lines are those of the files themselves, in notebooks too, so that a host marks the right line.
What is about the whole repository points to the first line of its anchor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mllint.reports.lines import clean

if TYPE_CHECKING:
    from mllint.facts import Place
    from mllint.review import Finding, Report

FALLBACK = "README.md"
"""What a finding about a repository points to where it has none of the usual files."""


class Region(NamedTuple):
    """A part of a file. Columns count code points; they are 0 where they are not known."""

    path: str
    """POSIX, from the top of the git repository."""
    line: int
    """1-based."""
    col: int
    end_line: int
    end_col: int
    """Of the character behind the last one."""

    @property
    def has_columns(self) -> bool:
        """Whether it names a run of characters."""
        return self.col > 0 and (self.end_line, self.end_col) > (self.line, self.col)


def region(at: Place, report: Report) -> Region:
    """A place as a part of its file.

    In a notebook it is one line: the text of a cell stands in JSON, where columns are others.
    """
    path = in_repository(at.path or FALLBACK, report)
    if at.cell is not None:
        line = max(at.cell.raw, 1)
        return Region(path, line, 0, line, 0)
    line = max(at.line, 1)
    if not at.line or not at.col or not at.end_col:
        return Region(path, line, 0, max(at.end_line, line), 0)
    return Region(path, line, at.col, max(at.end_line, line), at.end_col)


def in_repository(path: str, report: Report) -> str:
    """A path of the report as seen from the top of the git repository."""
    return f"{report.run.inside}/{path}" if report.run.inside else path


def cell_of(at: Place) -> str:
    """`Cell 7, line 1`, or "" outside notebooks."""
    if at.cell is None:
        return ""
    return f"Cell {at.cell.index}, line {at.line}" if at.line else f"Cell {at.cell.index}"


def told(finding: Finding) -> str:
    """What a finding says in one line, its cell first; without control characters."""
    cell = cell_of(finding.at)
    return clean(f"{cell}: {finding.message}" if cell else finding.message)


def advised(finding: Finding) -> str:
    """The same with what to do about it."""
    fact = told(finding)
    stop = "" if fact.endswith((".", "!", "?")) else "."
    return f"{fact}{stop} {clean(finding.remedy)}" if finding.remedy else fact


def by_impact(report: Report) -> tuple[Finding, ...]:
    """The findings that are neither known, waived nor hidden, the worst first.

    Of a rule about the whole repository only one: hosts would merge them.
    """
    seen: set[str] = set()
    found = []
    for finding in report.findings:
        if finding.status != "new" or (finding.anchored and finding.rule in seen):
            continue
        if finding.anchored:
            seen.add(finding.rule)
        found.append(finding)
    return tuple(found)
