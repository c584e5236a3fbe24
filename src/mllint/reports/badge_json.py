"""The badge as an endpoint of shields.io: `{"label": "mllint", "message": "C 74"}`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mllint.reports.badge import badge

if TYPE_CHECKING:
    from mllint.reports import View
    from mllint.review import Report


def render(report: Report, view: View) -> str:
    """One object on one line."""
    del view
    made = badge(report)
    told = {
        "schemaVersion": 1,
        "label": made.label,
        "message": made.message,
        "color": made.name,
    }
    return json.dumps(told) + "\n"
