"""What is loaded, and from where."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.project import Project

_OURS = frozenset({"source", "template", "example"})
_DOWNLOADED = re.compile(r"(?:requests|httpx|urllib\.request|urllib2|aiohttp)\.")
_REMOTE = re.compile(r"(?:https?|ftp)://")


def remote_pickle(project: Project) -> Iterator[Evidence]:
    """Calls that unpickle, judged by whether their input surely comes over the network."""
    for call in project.calls("unpickle"):
        if project.role(call.at.path) in _OURS:
            fields = {"short": call.name}
            yield Evidence(not _from_network(call), call.at, f"`{call.name}`", fields=fields)


def _from_network(call: Call) -> bool:
    """Whether an argument is a URL, or what a download returned."""
    return any(
        _DOWNLOADED.match(one.name) or (isinstance(one.const, str) and _REMOTE.match(one.const))
        for one in call.args[:1]
    )
