"""The whole report as one HTML file that fetches nothing.

Jinja escapes all text, after `clean` has made control and direction characters visible; the page's
own style and script are allowed by their hashes, and nothing else is.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mllint.reports.lines import clean
from mllint.reports.markdown_findings import target
from mllint.reports.places import count, down, duration, place, points, where
from mllint.reports.said import NO_ML, NO_SCORE, headline, shown
from mllint.reports.text_score import judged, without_waivers
from mllint.review import PROFILES

if TYPE_CHECKING:
    from jinja2 import Environment

    from mllint.reports import View
    from mllint.review import Report

_STYLE, _SCRIPT, _PAGE = "page.css", "page.js", "page.html.j2"


def render(report: Report, view: View) -> str:
    """The page."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        finalize=_visible,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters |= {
        "points": points, "down": down, "duration": duration, "place": place, "where": where,
        "spans": _spans,
    }  # fmt: skip
    return pages.get_template(_PAGE).render(
        report=report,
        run=report.run,
        findings=shown(report),
        profiles=PROFILES,
        headline=headline(report),
        judged=judged(report.score),
        bare=without_waivers(report),
        no_score=NO_SCORE if not report.run.complete else NO_ML,
        count=count,
        target=lambda at: target(at, report, view),
        hashes={name: _hashed(pages, name) for name in (_STYLE, _SCRIPT)},
    )


def _visible(value: Any) -> Any:
    """Text that comes from elsewhere, on one line; what is markup already stays as it is."""
    return clean(value) if type(value) is str else value


def _spans(text: str) -> list[str]:
    """A text cut at its backquotes: every second part is code."""
    parts = text.split("`")
    return parts if len(parts) % 2 else [*parts[:-2], f"{parts[-2]}`{parts[-1]}"]


def _hashed(pages: Environment, name: str) -> str:
    """What a policy calls the text of a file of ours."""
    text = pages.get_template(name).render()
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
