"""One requirement as Python packaging writes it: its name, specifier, marker and address.

Knows the grammar of names, versions and specifiers (PEP 440, 503, 508), nothing of files.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from packaging import requirements, specifiers, utils

from mllint.facts import Dependency, Place

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_WHEEL = re.compile(rf"({_NAME})-([^-]+)-(?:[^-]+-)?[^-]+-[^-]+-[^-]+\.whl")
_ARCHIVE = re.compile(rf"({_NAME}?)-(\d[\w.!+]*?)\.(?:tar\.gz|zip|tar\.bz2|tgz)")
_OPERATORS = ("===", "==", "~=", ">=", ">", "!=", "<=", "<")
_EGG = re.compile(rf"[#&]egg=({_NAME})")
_SPECIAL = {
    **dict.fromkeys(("dev", "devel", "develop", "development", "local"), "dev"),
    **dict.fromkeys(("test", "tests", "testing", "pytest"), "test"),
    **dict.fromkeys(("doc", "docs", "documentation", "rtd", "sphinx"), "docs"),
    "build": "build",
}
MAX_TEXT = 2_000


class Requirement(NamedTuple):
    """What one requirement says."""

    name: str
    """Normalised."""
    spec: str
    url: str
    marker: str
    extras: tuple[str, ...] = ()


def normal(name: str) -> str:
    """A distribution's name as PEP 503 normalises it."""
    return utils.canonicalize_name(name)


def parse(text: str) -> Requirement | None:
    """A PEP 508 requirement; None where the text is not one."""
    if len(text) > MAX_TEXT:
        return None
    try:
        said = requirements.Requirement(text)
    except (requirements.InvalidRequirement, RecursionError):
        return None
    extras = tuple(sorted(map(normal, said.extras)))
    marker = str(said.marker or "")
    return Requirement(normal(said.name), _written(said.specifier), said.url or "", marker, extras)


def tidy(text: str) -> str | None:
    """A PEP 440 specifier without brackets and spaces; None where the text is not one."""
    inner = text.strip()
    if inner.startswith("(") and inner.endswith(")"):
        inner = inner[1:-1]
    try:
        return _written(specifiers.SpecifierSet(inner))
    except specifiers.InvalidSpecifier:
        return None


def _written(clauses: Iterable[specifiers.Specifier]) -> str:
    """Clauses from the lowest version that they admit to the highest."""
    order = sorted(clauses, key=lambda one: (_OPERATORS.index(one.operator), str(one)))
    return ",".join(map(str, order))


def pinned(spec: str) -> str:
    """The one version that a specifier admits, or ""."""
    for clause in spec.split(","):
        if clause.startswith("==") and not clause.endswith("*"):
            return clause.lstrip("=").strip()
    return ""


def bare(spec: str) -> str:
    """`3.11` for `==3.11.*` or `==3.11`; any other specifier as it is."""
    single = spec.startswith("==") and "," not in spec
    return spec.lstrip("=").removesuffix(".*") if single else spec


def from_address(url: str) -> tuple[str, str]:
    """The name and the version that a path or URL of a distribution tells, or "" for each."""
    plain = unquote(re.split(r"[#?]", url, maxsplit=1)[0])
    base = plain.rstrip("/").rpartition("/")[2][-200:]
    egg = _EGG.search(url)
    file = _WHEEL.fullmatch(base) or _ARCHIVE.fullmatch(base)
    if file:
        return normal(egg[1] if egg else file[1]), file[2].replace("_", "-")
    if egg:
        return normal(egg[1]), ""
    if "+" in url.partition(":")[0]:
        # A reference may have slashes of its own: `.../x.git@feature/new`.
        path = plain.partition("://")[2].partition("/")[2] or base
        name = path.partition("@")[0].rstrip("/").rpartition("/")[2].removesuffix(".git")
        return (normal(name), "") if re.fullmatch(_NAME, name) else ("", "")
    return "", ""


def group_of(name: str) -> str:
    """The usual name of a group or extra."""
    plain = normal(name)
    return _SPECIAL.get(plain, plain)


def row(
    at: Place,
    said: Requirement,
    *,
    group: str,
    source: str,
    hashed: bool = False,
) -> Dependency:
    """The row of a requirement."""
    version = pinned(said.spec) or (from_address(said.url)[1] if said.url else "")
    return Dependency(
        at,
        said.name,
        said.spec,
        version,
        hashed,
        group,
        source,
        said.url,
        said.marker,
        said.extras,
    )
