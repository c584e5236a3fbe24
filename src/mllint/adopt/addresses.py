"""Where projects get mllint from; knows nothing of files."""

from __future__ import annotations

import re

from mllint import __version__

SOURCE = "https://github.com/OWNER/mllint"
"""The repository with the hooks and the action."""
RELEASE = f"v{__version__}"
PACKAGE = "mlrepo-lint"
CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1  # v7.0.1"
IMAGE = "python:3.12.11-bookworm"
"""For CI that runs in images."""
_GITHUB = re.compile(r"(?:https://|git@|ssh://git@)github\.com[/:]([\w.-]+/[\w.-]+?)(?:\.git)?/?\Z")


def on_github(address: str) -> str:
    """`owner/name` of a repository on GitHub; "" for another address."""
    found = _GITHUB.match(address)
    return found[1] if found else ""
