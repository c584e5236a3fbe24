"""The whole report as one HTML file that fetches nothing.

Jinja escapes all text, after `clean` has made control and direction characters visible; the page's
own style and script are allowed by their hashes, and nothing else is.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mllint.reports.html.outline import concealed, contents, ledger, others, statuses
from mllint.reports.html.rows import is_chain, rows
from mllint.reports.html.sections import groups, picture, rules
from mllint.reports.lines import clean
from mllint.reports.markdown_findings import target
from mllint.reports.places import count, down, duration, place, points, where
from mllint.reports.said import NO_ML, NO_SCORE, headline, shown, tally
from mllint.reports.text_score import fix_place, judged, without_waivers
from mllint.review import PROFILES, SEVERITIES

if TYPE_CHECKING:
    from jinja2 import Environment

    from mllint.reports import View
    from mllint.review import Report

FIXES = 10
"""Entries of `Fix first`."""
_STYLE, _SCRIPT, _PAGE = "page.css", "page.js", "page.html.j2"


def render(report: Report, view: View) -> str:
    """The page."""
    pages = _pages()
    page = pages.get_template(_PAGE).render(
        **_head(report, view),
        **_lists(report),
        report=report,
        run=report.run,
        severities=SEVERITIES,
        titles={one.id: one.title for one in report.categories.values()},
        count=count,
        target=lambda at: target(at, report, view),
        hashes={name: _hashed(pages, name) for name in (_STYLE, _SCRIPT)},
    )
    return f"{page}\n"


def _head(report: Report, view: View) -> dict[str, Any]:
    """The score and what belongs to it."""
    scored = report.run.complete and report.score.value is not None
    most, bars = picture(report)
    return {
        "name": _name(report, view),
        "score": report.score,
        "scored": scored,
        "grade": report.score.grade,
        "headline": headline(report),
        "tally": tally(report),
        "judged": judged(report.score),
        "bare": without_waivers(report),
        "no_score": NO_ML if report.run.complete else NO_SCORE,
        "profiles": PROFILES,
        "most": most,
        "bars": bars,
        "fixes": [(fix, fix_place(fix, report)) for fix in report.fix_first[:FIXES]],
        "contents": contents(report, scored=scored),
    }


def _lists(report: Report) -> dict[str, Any]:
    """The findings, the rules, and what they can be filtered by."""
    judged_ones = {outcome.category for outcome in report.outcomes}
    return {
        "new": len(shown(report)),
        "groups": groups(report),
        "others": others(report),
        "concealed": concealed(report),
        "sections": rules(report),
        "ledger": ledger(report),
        "traits": [one for _, one in sorted(report.traits.items())],
        "answered": sum(one.state != "open" for one in report.attested),
        "paths": sorted({clean(f.at.path) for f in report.findings if not f.anchored}),
        "categories": [c for c in report.categories.values() if c.id in judged_ones],
        "statuses": statuses(report),
    }


def _pages() -> Environment:
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
        "points": points, "down": down, "duration": duration, "place": place, "spans": _spans,
        "rows": rows, "where": where, "is_chain": is_chain, "is_web": _is_web,
    }  # fmt: skip
    return pages


def _visible(value: Any) -> Any:
    """Text that comes from elsewhere, on one line; what is markup already stays as it is."""
    return clean(value) if type(value) is str else value


def _name(report: Report, view: View) -> str:
    """The folder of the project; "" where it is not told."""
    names = (Path(root).name for root in (view.root, report.run.root))
    return next((name for name in names if name not in {"", ".."}), "")


def _is_web(text: str) -> bool:
    """Whether a text may become a link."""
    return text.startswith(("https://", "http://"))


def _spans(text: str) -> list[str]:
    """A text cut at its backquotes: every second part is code."""
    parts = text.split("`")
    return parts if len(parts) % 2 else [*parts[:-2], f"{parts[-2]}`{parts[-1]}"]


def _hashed(pages: Environment, name: str) -> str:
    """What a policy calls the text of a file of ours."""
    text = pages.get_template(name).render()
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
