"""The badge as a picture that needs nothing from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from mllint.reports.badge import badge

if TYPE_CHECKING:
    from mllint.reports import View
    from mllint.review import Report

_LETTER = 7
"""Pixels that a letter takes, about."""
_PAD = 12

_PICTURE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" role="img" \
aria-label="{label}: {message}">
  <title>{label}: {message}</title>
  <clipPath id="r"><rect width="{whole}" height="20" rx="3"/></clipPath>
  <g clip-path="url(#r)">
    <rect width="{left}" height="20" fill="#444"/>
    <rect x="{left}" width="{right}" height="20" fill="{color}"/>
  </g>
  <g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
    <text x="{middle}" y="14">{label}</text>
    <text x="{far}" y="14">{message}</text>
  </g>
</svg>
"""


def render(report: Report, view: View) -> str:
    """The picture, 20 pixels high."""
    del view
    made = badge(report)
    left = len(made.label) * _LETTER + _PAD
    right = len(made.message) * _LETTER + _PAD
    return _PICTURE.format(
        whole=left + right,
        left=left,
        right=right,
        middle=left // 2,
        far=left + right // 2,
        color=made.color,
        label=escape(made.label),
        message=escape(made.message),
    )
