"""Questions about versions: which ones a specifier admits, and what two of them have in common.

Knows ranges of versions, which PEP 440 orders; knows nothing of files or of what is installed.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from packaging.version import Version

from mllint.facts import Library

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_CLAUSE = re.compile(r"(~=|===|==|!=|<=|>=|<|>)\s*([^\s,]+)")
_LARGEST = 10**18
"""A number above those of all releases."""

_Bound: TypeAlias = tuple[Version, int]
"""A place between versions: 0 just before the one given, 1 just after it."""
_FIRST: _Bound = (Version("0.dev0"), 0)
_LAST: _Bound = (Version(f"{_LARGEST}!0"), 1)


class _Range(NamedTuple):
    low: _Bound = _FIRST
    high: _Bound = _LAST
    low_text: str = ""
    high_text: str = ""


def _version(text: str) -> Version | None:
    """The public version that a text names; None where it is none."""
    try:
        return Version(text.partition("+")[0])
    except ValueError:
        return None


def _before(base: str) -> _Bound:
    """Before all phases of a release: the alphas, and what was developed before them."""
    return Version(f"{base}.dev0"), 0


def _prefix(epoch: int, release: Sequence[int]) -> _Range:
    """The range of all releases that start with these numbers."""
    first, after = (_shown(epoch, [*release[:-1], release[-1] + more]) for more in (0, 1))
    return _Range(_before(first), _before(after), f">={first}", f"<{after}")


def _shown(epoch: int, release: Sequence[int]) -> str:
    numbers = ".".join(map(str, release))
    return f"{epoch}!{numbers}" if epoch else numbers


@lru_cache(maxsize=512)
def _clause(operator: str, text: str) -> _Range | None:
    """The range of one clause; None where it is not understood. `!=` admits everything."""
    if operator == "!=":
        return _Range()
    known = _version(text.removesuffix(".*"))
    if known is None:
        return None
    if operator == "==" and text.endswith(".*"):
        return _prefix(known.epoch, known.release)
    final = not known.is_prerelease and not known.is_postrelease
    if operator == "~=":
        whole = _prefix(known.epoch, known.release[:-1] or known.release)
        return whole._replace(low=(known, 0), low_text=f">={text}")
    before = _before(known.base_version) if final else (known, 0)
    after = (Version(f"{known.base_version}.post{_LARGEST}"), 1) if final else (known, 1)
    return {
        "==": _Range((known, 0), (known, 1), f">={text}", f"<={text}"),
        "===": _Range((known, 0), (known, 1), f">={text}", f"<={text}"),
        ">=": _Range((known, 0), _LAST, f">={text}", ""),
        ">": _Range(after, _LAST, f">{text}", ""),
        "<=": _Range(_FIRST, (known, 1), "", f"<={text}"),
        "<": _Range(_FIRST, before, "", f"<{text}"),
    }[operator]


def _range(spec: str) -> _Range | None:
    """The range that all clauses together leave; None where none is understood."""
    whole, understood = _Range(), False
    for operator, text in _CLAUSE.findall(spec):
        one = _clause(operator, text)
        if one is None:
            continue
        understood = understood or operator != "!="
        if one.low > whole.low:
            whole = whole._replace(low=one.low, low_text=one.low_text)
        if one.high < whole.high:
            whole = whole._replace(high=one.high, high_text=one.high_text)
    return whole if understood else None


def admits(library: Library, spec: str) -> bool | None:
    """Whether the versions that a project admits satisfy a specifier such as `<2.6`.

    True where all of them do, False where none does, None where that cannot be told. Local
    versions count as the public one: `2.1.0+cu118` is 2.1.0. `!=` counts for one version only.
    """
    own = _range(f"=={library.version}" if library.version else library.spec)
    asked = _range(spec)
    if own is None or asked is None or own.low >= own.high:
        return None
    if own.high <= asked.low or asked.high <= own.low:
        return False
    excluded = [text for operator, text in _CLAUSE.findall(spec) if operator == "!="]
    if excluded:
        return _without(library, excluded, within=asked.low <= own.low and own.high <= asked.high)
    return True if asked.low <= own.low and own.high <= asked.high else None


def _without(library: Library, excluded: list[str], *, within: bool) -> bool | None:
    if not (within and library.version):
        return None
    own = Library(library.name, library.version, "", library.declared)
    return not any(admits(own, f"=={text}") for text in excluded)


def hull(specs: Iterable[str]) -> str:
    """The smallest simple specifier that admits whatever one of the specifiers admits."""
    ranges = [_range(spec) for spec in specs]
    known = [one for one in ranges if one is not None]
    if not known or len(known) < len(ranges):
        return ""
    low = min(known, key=lambda one: one.low).low_text
    high = max(known, key=lambda one: one.high).high_text
    return ",".join(part for part in (low, high) if part)


def same(one: str, other: str) -> bool:
    """Whether two versions are equal, local parts apart: 1.0 and 1.0.0 are."""
    first, second = _version(one), _version(other)
    return one == other or (first is not None and first == second)
