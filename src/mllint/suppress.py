"""Which findings are waived: comments of the repository, waivers of the configuration.

Knows what a waiver covers and whether it is still in force; what is wrong with waivers is for
`meta` to say.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from mllint.gitignore import matcher
from mllint.review import UsageError
from mllint.selection import chosen
from mllint.waiver import KINDS, Waiver, WaiverUse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from mllint.facts import Ignore, Place
    from mllint.review import Finding, Outcome, Rule

BLANKET = frozenset({"all", "default", "*"})
"""Selectors that a waiver may not have: it would hide what nobody has looked at."""
_TELLING = frozenset({"pass", "fail", "not-applicable"})
"""Verdicts after which an unused waiver is known to be one."""


_NEAR = 50
"""Lines that a comment covers at most for it to be looked up by each of them."""
_Spot: TypeAlias = tuple[int | None, int]
"""Number of the cell, and line."""


def of_comment(ignore: Ignore) -> Waiver:
    """The waiver that a comment is."""
    return Waiver(
        ignore.rules, str(ignore.at._replace(col=0)), ignore.kind, ignore.reason, ignore.until,
        ignore.issue, (ignore.at.path,), ignore,
    )  # fmt: skip


class Suppressions:
    """All waivers of a run, and which of them were of use."""

    def __init__(self, waivers: Iterable[Waiver], rules: Mapping[str, Rule], today: date) -> None:
        self.all: Sequence[Waiver] = list(dict.fromkeys(waivers))
        self.used: set[tuple[int, str]] = set()
        """Number of a waiver and the selector by which it covered a finding."""
        self.expired: set[tuple[int, str]] = set()
        """Those that would have covered one, had their day not passed."""
        self.unknown: dict[str, str] = {}
        """Selector that names nothing -> what to say of it."""
        self._rules = rules
        self._today = today.isoformat()
        self._ids: dict[str, frozenset[str]] = {}
        self._named: dict[tuple[str, str], Sequence[tuple[int, str]]] = {}
        """See `_naming`."""
        self._near: dict[tuple[str, str], dict[_Spot | None, list[tuple[int, str]]]] = {}
        """By rule and path, the comments by the lines that they cover; under None those of many."""
        self._matchers: dict[tuple[str, ...], Callable[[str], bool]] = {}

    @cached_property
    def _by_path(self) -> Mapping[str, Sequence[int]]:
        """Numbers of comments by their file, those of the configuration under ""."""
        found: dict[str, list[int]] = {}
        for number, waiver in enumerate(self.all):
            path = waiver.written.at.path if waiver.written else ""
            found.setdefault(path, []).append(number)
        return found

    def ids(self, selector: str) -> frozenset[str]:
        """The rules that a selector names; none for one that is unknown or names them all."""
        if selector not in self._ids:
            try:
                known = frozenset() if selector in BLANKET else chosen(selector, self._rules)
            except UsageError as error:
                self.unknown[selector] = str(error)
                known = frozenset()
            self._ids[selector] = known
        return self._ids[selector]

    def covering(self, rule: Rule, at: Place, *, anchored: bool) -> Waiver | None:
        """The waiver of a finding; of several one with a reason. All of them count as used."""
        best: Waiver | None = None
        beside = () if anchored else self._beside(rule.id, at)
        for number, selector in (*self._naming(rule.id, ""), *beside):
            waiver = self.all[number]
            if not self._reaches(waiver, at, anchored=anchored):
                continue
            if self.is_over(waiver):
                self.expired.add((number, selector))
                continue
            self.used.add((number, selector))
            if best is None or (waiver.reason and not best.reason):
                best = waiver
        return best

    def _beside(self, rule: str, at: Place) -> Sequence[tuple[int, str]]:
        """As `_naming`, of the comments that may reach a place."""
        key = (rule, at.path)
        if key not in self._near:
            self._near[key] = {}
            for number, selector in self._naming(rule, at.path):
                for spot in _spots(self.all[number]):
                    self._near[key].setdefault(spot, []).append((number, selector))
        near, cell = self._near[key], _cell(at)
        spots = {None, (cell, at.line), (cell, at.end_line or at.line)}
        return sorted(one for spot in spots for one in near.get(spot, ()))

    def _naming(self, rule: str, path: str) -> Sequence[tuple[int, str]]:
        """Numbers of the waivers of a path that name a rule, and the selectors that do."""
        key = (rule, path)
        if key not in self._named:
            self._named[key] = [
                (number, selector)
                for number in self._by_path.get(path, ())
                for selector in self.all[number].rules
                if rule in self.ids(selector)
            ]
        return self._named[key]

    def is_over(self, waiver: Waiver) -> bool:
        """Whether its last day has passed; a day that cannot be read never comes."""
        return is_day(waiver.until) and waiver.until < self._today

    def _reaches(self, waiver: Waiver, at: Place, *, anchored: bool = False) -> bool:
        if waiver.written is not None:
            return waiver.written.at.path == at.path and reaches(waiver.written, at)
        return not waiver.paths or (not anchored and self.matches(waiver.paths, at.path))

    def matches(self, paths: tuple[str, ...], path: str) -> bool:
        """Whether patterns name a path."""
        if paths not in self._matchers:
            self._matchers[paths] = matcher(paths)
        return self._matchers[paths](path)

    def states(self, outcomes: Sequence[Outcome]) -> Iterator[tuple[int, str, str]]:
        """Number, selector and state (as in `WaiverUse`) of each selector of each waiver."""
        telling = {o.rule: o for o in outcomes if o.verdict in _TELLING}
        for number, waiver in enumerate(self.all):
            for selector in waiver.rules:
                ids = self.ids(selector)
                if (number, selector) in self.used:
                    yield number, selector, "used"
                elif (number, selector) in self.expired:
                    yield number, selector, "expired"
                elif not ids or any(
                    name not in telling or self._in_doubt(waiver, telling[name]) for name in ids
                ):
                    yield number, selector, "idle"
                else:
                    yield number, selector, "unused"

    def _in_doubt(self, waiver: Waiver, outcome: Outcome) -> bool:
        """Whether a rule could not decide something that the waiver covers."""
        return outcome.undecided > 0 and any(
            piece.ok is None and (piece.at is None or self._reaches(waiver, piece.at))
            for piece in outcome.evidence
        )

    def said_of(self, selector: str) -> str:
        """What is wrong with a selector, or ""."""
        self.ids(selector)
        return self.unknown.get(selector, "")

    def uses(
        self, outcomes: Sequence[Outcome], strict: Mapping[tuple[str, str], float]
    ) -> tuple[WaiverUse, ...]:
        """What became of each waiver; `strict` has the price of a finding without any."""
        covered: dict[int, list[Finding]] = {}
        for outcome in outcomes:
            for finding in outcome.findings:
                if finding.waiver is not None:
                    covered.setdefault(id(finding.waiver), []).append(finding)
        states: dict[int, set[str]] = {}
        for number, _, state in self.states(outcomes):
            states.setdefault(number, set()).add(state)
        found = []
        for number, waiver in enumerate(self.all):
            mine = covered.get(id(waiver), ())
            told = states.get(number, set())
            state = next((s for s in ("used", "expired", "idle") if s in told), "unused")
            points = sum(strict.get((f.rule, f.id), 0.0) for f in mine)
            found.append(WaiverUse(waiver, state, len(mine), points))  # type: ignore[arg-type]
        return tuple(found)


def _spots(waiver: Waiver) -> Sequence[_Spot | None]:
    """Where a comment is looked up."""
    ignore = waiver.written
    if ignore is None or ignore.scope in {"file", "misplaced", "cell"}:
        return (None,)
    last = ignore.first if ignore.scope == "line" else ignore.last
    if last - ignore.first > _NEAR:
        return (None,)
    return [(_cell(ignore.at), line) for line in range(ignore.first, last + 1)]


def _cell(at: Place) -> int | None:
    return at.cell.index if at.cell else None


def reaches(ignore: Ignore, at: Place) -> bool:
    """Whether a comment covers a place of its file."""
    if ignore.scope in {"file", "misplaced"}:
        return ignore.scope == "file"
    if _cell(ignore.at) != _cell(at):
        return False
    if ignore.scope == "cell":
        return True
    if ignore.scope == "line":
        # Formatters put the comment of a long call behind its closing bracket.
        return ignore.first in {at.line, at.end_line or at.line}
    return ignore.first <= at.line <= ignore.last


def is_day(text: str) -> bool:
    """Whether a text is a day in ISO 8601: 2026-12-31."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def faults(waiver: Waiver) -> Iterator[str]:
    """What is wrong with how a waiver is written."""
    written = waiver.written
    if not waiver.rules:
        yield "names no rule: write `ignore[rule-id]`"
    blanket = sorted(BLANKET.intersection(waiver.rules))
    if blanket:
        yield f"names every rule by `{blanket[0]}`: name those that are meant"
    if written is not None and written.scope == "misplaced":
        yield "is meant for the whole file, but stands below its first statement"
    if waiver.kind not in KINDS:
        yield f"has an unknown kind `{waiver.kind}`; known: {', '.join(KINDS)}"
    if waiver.until and not is_day(waiver.until):
        yield f"ends on `{waiver.until}`, which is no day: write it like 2026-12-31"
