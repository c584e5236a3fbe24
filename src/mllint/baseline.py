"""The baseline: findings that are known already, by content and not by line.

Knows the file and how findings are laid beside its entries; nothing of how findings come about or
of what they cost.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from mllint.fingerprints import ALIKE, alike
from mllint.review import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from mllint.review import Finding

NAME = ".mllint-baseline.json"
VERSION = 1
MAX_BYTES = 50_000_000
WHOLE = "blob:"
"""Begins the sketch of a whole file, which is known by its content."""
_COMPARED = 50
"""Entries of one scope with which an edited text is compared."""
_SHOWN = 40
"""Characters of a version that is told."""
_MOST = 1_000_000
"""How many an entry may count."""
_TEXTS = ("rule", "path", "scope", "fp", "sketch")


class Entry(NamedTuple):
    """A known finding."""

    rule: str
    path: str
    """ "" for one about the whole repository."""
    scope: str
    """Qualified name of the function or class around it, or the cell."""
    fp: str
    """`Finding.fingerprint`."""
    sketch: str
    """`Finding.sketch`: what it is known by when its text was edited."""
    n: int = 1
    """How many there are that are alike in all of this."""


class Match(NamedTuple):
    """Findings laid beside entries."""

    known: frozenset[int]
    """Indexes of the findings that have an entry."""
    left: tuple[Entry, ...]
    """Entries without a finding, with how many are left of each."""


def entry(finding: Finding) -> Entry:
    """The entry that a finding makes."""
    return Entry(finding.rule, finding.place, finding.scope, finding.fingerprint, finding.sketch)


def collected(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries in order, like ones counted together."""
    counts: Counter[Entry] = Counter()
    for one in entries:
        counts[one._replace(n=1)] += one.n
    return tuple(one._replace(n=count) for one, count in sorted(counts.items()))


# --- the file ------------------------------------------------------------------------------------


def written(entries: Iterable[Entry], ruleset: str, tool: str) -> str:
    """The text of a baseline: an entry a line, so that two branches can be merged."""
    lines = [json.dumps(one._asdict(), ensure_ascii=True) for one in collected(entries)]
    head = json.dumps({"version": VERSION, "ruleset": ruleset, "tool": tool})[:-1]
    body = ",\n ".join(lines)
    return f'{head}, "entries": [{f"{chr(10)} {body}{chr(10)}" if body else ""}]}}\n'


def parsed(data: bytes, shown: str) -> tuple[Entry, ...]:
    """The entries of a baseline; UsageError where it is none that we can read."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _broken(shown, f"is not valid JSON: {error}") from None
    if not isinstance(document, dict) or not isinstance(document.get("entries"), list):
        raise _broken(shown, "is not a baseline of mllint")
    if document.get("version") != VERSION:
        version = repr(document.get("version"))[:_SHOWN]
        raise UsageError(
            f"{shown}: has version {version}; this mllint reads {VERSION}\n"
            "  hint: a newer mllint wrote it"
        )
    return collected(_entries(document["entries"], shown))


def _entries(entries: Sequence[Any], shown: str) -> Iterator[Entry]:
    for number, one in enumerate(entries, 1):
        n = one.get("n", 1) if isinstance(one, dict) else 0
        if not isinstance(n, int) or isinstance(n, bool) or not 1 <= n <= _MOST:
            raise _broken(shown, f"entry {number} is not one")
        texts = [one.get(name, "") for name in _TEXTS]
        if not all(isinstance(text, str) for text in texts) or not texts[0] or not texts[3]:
            raise _broken(shown, f"entry {number} is not one")
        rule, path, scope, fp, sketch = texts
        yield Entry(rule, path, scope, fp, sketch, n)


def _broken(shown: str, text: str) -> UsageError:
    return UsageError(
        f"{shown}: {text}\n"
        "  hint: `mllint baseline create --force` writes it anew; --no-baseline leaves it out"
    )


# --- laying findings beside entries --------------------------------------------------------------


def matched(
    findings: Sequence[Finding],
    entries: Iterable[Entry],
    paths: Collection[str],
    renamed: Mapping[str, str],
) -> Match:
    """Which findings have an entry.

    First those of the same text at the same path, then in a file whose old path is gone, last those
    at the same path and in the same scope whose text was hardly edited. `paths` are those of the
    tree; `renamed` has the ids of rules today by former ones.
    """
    pool = _Pool(entries, renamed)
    known: set[int] = set()
    mine = [entry(finding) for finding in findings]
    for step in (pool.same, lambda one: pool.moved(one, paths)):
        for index, one in enumerate(mine):
            if index not in known and step(one):
                known.add(index)
    known |= pool.edited({n: one for n, one in enumerate(mine) if n not in known})
    return Match(frozenset(known), pool.left())


class _Pool:
    """Entries that wait for their findings."""

    def __init__(self, entries: Iterable[Entry], renamed: Mapping[str, str]) -> None:
        self._left: Counter[Entry] = Counter()
        self._written: dict[Entry, Entry] = {}
        self._places: dict[tuple[str, str, str], list[Entry]] = {}
        self._texts: dict[tuple[str, str], list[Entry]] = {}
        for written_ in entries:
            one = written_._replace(rule=renamed.get(written_.rule, written_.rule), n=1)
            self._left[one] += written_.n
            self._written[one] = written_
            self._places.setdefault((one.rule, one.path, one.fp), []).append(one)
            known_by = one.sketch if one.sketch.startswith(WHOLE) else one.fp
            self._texts.setdefault((one.rule, known_by), []).append(one)

    def _take(self, candidates: Iterable[Entry]) -> bool:
        for one in candidates:
            if self._left[one]:
                self._left[one] -= 1
                return True
        return False

    def same(self, one: Entry) -> bool:
        """Takes the entry of the same text at the same path, if there is one."""
        return self._take(self._places.get((one.rule, one.path, one.fp), ()))

    def moved(self, one: Entry, paths: Collection[str]) -> bool:
        """Takes an entry of the same text whose file is gone, if there is one."""
        known_by = one.sketch if one.sketch.startswith(WHOLE) else one.fp
        if not one.path or known_by == WHOLE:
            return False
        found = self._texts.get((one.rule, known_by), ())
        return self._take(e for e in found if e.path not in paths and e.scope == one.scope)

    def edited(self, findings: Mapping[int, Entry]) -> set[int]:
        """Takes the entries of texts that are nearly those of findings, the nearest first."""
        beside: dict[tuple[str, str, str], list[Entry]] = {}
        for one, left in self._left.items():
            if left and one.sketch and not one.sketch.startswith(WHOLE):
                beside.setdefault((one.rule, one.path, one.scope), []).append(one)
        pairs = [
            (-likeness, index, near)
            for index, one in findings.items()
            for near in beside.get((one.rule, one.path, one.scope), ())[:_COMPARED]
            if (likeness := alike(one.sketch, near.sketch)) >= ALIKE
        ]
        taken: set[int] = set()
        for _, index, near in sorted(pairs):
            if index not in taken and self._take((near,)):
                taken.add(index)
        return taken

    def left(self) -> tuple[Entry, ...]:
        """The entries that are left, as they were written."""
        left = (self._written[one]._replace(n=n) for one, n in self._left.items() if n)
        return tuple(sorted(left))
