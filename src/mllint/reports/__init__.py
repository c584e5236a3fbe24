"""Reports: what a run says, in one format each.

A report module has `render(report, view) -> str`. It sees only `review` (and the places of
`facts`); nothing that comes from the repository is ever read as markup.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mllint.review import Report

FORMATS: Mapping[str, str] = {
    "text": "mllint.reports.text",
    "json": "mllint.reports.json",
    "sarif": "mllint.reports.sarif",
    "github": "mllint.reports.github",
    "gitlab": "mllint.reports.gitlab",
    "junit": "mllint.reports.junit",
    "sonar": "mllint.reports.sonar",
    "rdjson": "mllint.reports.rdjson",
    "markdown": "mllint.reports.markdown",
    "html": "mllint.reports.html",
    "markdown-pr": "mllint.reports.markdown_pr",
    "badge-json": "mllint.reports.badge_json",
    "badge-svg": "mllint.reports.badge_svg",
}
"""Format -> module."""
SECTIONS = ("findings", "passed", "na", "waived", "known", "attested", "problems", "score")
"""What `--show` can name, in the order of the text report."""


@dataclass(frozen=True, slots=True)
class View:
    """How a report is to be shown; only formats for people look at it."""

    width: int = 80
    """Columns."""
    color: bool = False
    unicode: bool = True
    links: bool = False
    """Whether places are terminal hyperlinks."""
    show: frozenset[str] = field(default_factory=lambda: frozenset({"findings", "score"}))
    """Names of `SECTIONS`."""
    top: int = 5
    """Entries of `Fix first`."""
    max_findings: int = 50
    """Findings shown in full; 0 = all."""
    verbosity: int = 0
    """-2 = the verdict alone, -1 = a line per finding, 0, 1 = with evidence and tracebacks."""
    statistics: bool = False
    """Whether a table of rules takes the place of the findings."""
    times: bool = False
    """Whether that table tells how long each rule's check took."""
    root: str = ""
    """The root as the user named it; "" for the current folder."""
    origin: str = ""
    """Where the profile was chosen."""
    suppressed: bool = False
    """Whether SARIF also holds what is waived or known."""
    blobs: str = ""
    """URL before the paths of the commit on its host, ended by a slash; "" where none is known."""


Render: TypeAlias = "Callable[[Report, View], str]"


def renderer(name: str) -> Render:
    """The `render` of a format; KeyError for an unknown one."""
    return cast("Render", import_module(FORMATS[name]).render)
