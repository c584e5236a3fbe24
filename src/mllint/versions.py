"""Questions about versions: which ones a specifier admits, and what two of them have in common.

Knows PEP 440 as far as releases are ordered by it; knows nothing of files or of what is installed.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from mllint.facts import Library

if TYPE_CHECKING:
    from collections.abc import Iterable

_VERSION = re.compile(
    r"v?(?:(?P<epoch>\d{1,9})!)?(?P<release>\d{1,18}(?:\.\d{1,18})*)"
    r"(?:[-_.]?(?P<pre>alpha|beta|preview|pre|rc|a|b|c)[-_.]?(?P<pre_n>\d{0,18}))?"
    r"(?P<post>-(?P<post_a>\d{1,18})|[-_.]?(?:post|rev|r)[-_.]?(?P<post_b>\d{0,18}))?"
    r"(?P<dev>[-_.]?dev[-_.]?(?P<dev_n>\d{0,18}))?"
    r"(?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"(~=|===|==|!=|<=|>=|<|>)\s*([^\s,]+)")
_PRE = {"a": -3, "alpha": -3, "b": -2, "beta": -2}

_Key: TypeAlias = tuple[int, tuple[int, ...], tuple[int, ...]]
_Bound: TypeAlias = tuple[_Key, int]
"""A place between versions: 0 just before the one of the key, 1 just after it."""
_FIRST: _Bound = ((-1, (), ()), 0)
_LAST: _Bound = ((1 << 60, (), ()), 0)
_BEFORE, _AFTER = (-9,), (9,)
"""Phases before and after all phases of a release."""


class _Range(NamedTuple):
    low: _Bound = _FIRST
    high: _Bound = _LAST
    low_text: str = ""
    high_text: str = ""


def _key(text: str) -> _Key | None:
    found = _VERSION.fullmatch(text)
    if found is None:
        return None
    release = [int(n) for n in found["release"].split(".")]
    while release and not release[-1]:
        release.pop()
    dev = (-1, int(found["dev_n"] or 0)) if found["dev"] else (0, 0)
    if found["pre"]:
        kind, number = _PRE.get(found["pre"].lower(), -1), int(found["pre_n"] or 0)
    elif found["post"]:
        kind, number = 1, int(found["post_a"] or found["post_b"] or 0)
    else:
        kind, number = (-4 if found["dev"] else 0), 0
    post_of_pre = (1, int(found["post_b"] or 0)) if found["pre"] and found["post"] else (0, 0)
    return int(found["epoch"] or 0), tuple(release), (kind, number, *post_of_pre, *dev)


def _release(text: str) -> list[int]:
    """The numbers of the release as written; [] where the text is not a version."""
    found = _VERSION.fullmatch(text)
    return [int(n) for n in found["release"].split(".")] if found else []


def _prefix(text: str) -> _Range | None:
    """The range of `==TEXT.*`."""
    numbers, key = _release(text), _key(text)
    if key is None:
        return None
    after = [*numbers[:-1], numbers[-1] + 1]
    shown = ".".join(map(str, after))
    shown = f"{key[0]}!{shown}" if key[0] else shown
    return _Range(_start(key[0], numbers), _start(key[0], after), f">={text}", f"<{shown}")


def _start(epoch: int, release: list[int]) -> _Bound:
    while release and not release[-1]:
        release = release[:-1]
    return (epoch, tuple(release), _BEFORE), 0


@lru_cache(maxsize=512)
def _clause(operator: str, text: str) -> _Range | None:
    """The range of one clause; None where it is not understood. `!=` admits everything."""
    if operator == "!=":
        return _Range()
    if operator == "==" and text.endswith(".*"):
        return _prefix(text.removesuffix(".*"))
    key = _key(text.partition("+")[0])
    if key is None:
        return None
    epoch, release, phase = key
    final = not any(phase)
    if operator == "~=":
        prefix = ".".join(map(str, _release(text)[:-1]))
        whole = _prefix(f"{epoch}!{prefix}" if epoch else prefix)
        return whole and whole._replace(low=(key, 0), low_text=f">={text}")
    before: _Bound = ((epoch, release, _BEFORE), 0) if final else (key, 0)
    after: _Bound = ((epoch, release, _AFTER), 0) if final else (key, 1)
    return {
        "==": _Range((key, 0), (key, 1), f">={text}", f"<={text}"),
        "===": _Range((key, 0), (key, 1), f">={text}", f"<={text}"),
        ">=": _Range((key, 0), _LAST, f">={text}", ""),
        ">": _Range(after, _LAST, f">{text}", ""),
        "<=": _Range(_FIRST, (key, 1), "", f"<={text}"),
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
    first, second = _key(one.partition("+")[0]), _key(other.partition("+")[0])
    return one == other or (first is not None and first == second)
