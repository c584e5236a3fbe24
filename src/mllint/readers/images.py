"""References to container images, and the Python version that some of them state.

Knows how a reference is written; nothing of the files that hold one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.facts import Image, Python

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mllint.facts import Place

_VARIABLE = re.compile(
    r"\$(?:(\w+)|\{(\w+)(?:(:?[-+?])((?:[^{}]|\{[^{}]*\})*))?\})",
)
_UNKNOWN = re.compile(r"\$|\{\{|\{%|__[\w.]+__|<[\w-]+>")
_IN_TAG = re.compile(r"(?:^|[-_.])(?:py|python)[-_]?(3(?:\.\d+)*)(?=$|[-_.])")
_LEADING = re.compile(r"(?:\d+-)?([23](?:\.\d+)*)(?=$|[-_])")


def image_of(at: Place, reference: str, source: str) -> Image | None:
    """The row of a reference; None for `scratch` and for what cannot name an image."""
    reference = reference.strip()
    if not reference or reference == "scratch" or any(c.isspace() for c in reference):
        return None
    name, _, digest = reference.partition("@")
    head, slash, last = name.rpartition("/")
    if "$" in last or "{" in last:
        last, tag = _split_tag(last)
    else:
        last, _, tag = last.partition(":")
    resolved = not _UNKNOWN.search(reference)
    return Image(at, f"{head}{slash}{last}", tag, digest, source, resolved)


def _split_tag(last: str) -> tuple[str, str]:
    """The name and tag around the first colon that stands outside of braces."""
    depth = 0
    for index, character in enumerate(last):
        depth += (character == "{") - (character == "}")
        if character == ":" and depth == 0:
            return last[:index], last[index + 1 :]
    return last, ""


def substitute(text: str, variables: Mapping[str, str]) -> str:
    """The text with `$X`, `${X}`, `${X:-default}` and `${X:+other}` resolved where known."""

    def value(found: re.Match[str]) -> str:
        name, operator, other = found[1] or found[2], found[3] or "", found[4] or ""
        known = variables.get(name)
        if operator.endswith("-"):
            return substitute(other, variables) if known is None or not known else known
        if operator.endswith("+"):
            return substitute(other, variables) if known else ""
        return found[0] if known is None else known

    return _VARIABLE.sub(value, text)


def pythons(image: Image) -> Iterator[Python]:
    """The Python version that the tag of an image states, if it does."""
    found = _IN_TAG.search(image.tag)
    if found is None and image.name.rpartition("/")[2] in {"python", "pypy"}:
        found = _LEADING.match(image.tag)
    if found:
        yield Python(image.at, found[1], image.source)
