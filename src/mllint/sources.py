"""The text behind findings: snippets, fingerprints, sketches.

Reads only the files in which something was found.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from mllint.facts import Place
from mllint.fingerprints import blob, fingerprint, sketch, tokens
from mllint.judge import Source
from mllint.linehash import LineHashes
from mllint.tree import Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mllint.review import Evidence, Related, Rule, Severity
    from mllint.tree import Tree
    from mllint.waiver import Waiver

SHOWN = 160
"""Characters of a source line that a snippet keeps."""
_CONTEXT = 1
_HASHED = 1_000_000
"""Bytes of a file that git does not know, up to which its content is looked at."""


MASKED = "secret"
"""The tag of rules whose findings show lines with secrets, which no report may pass on."""
_LONG = re.compile(r"[A-Za-z0-9+/_=.~-]{12,}")
_KEPT = 4


def masked(line: str) -> str:
    """The line with all that may be a token cut to its first characters."""

    def cut(found: re.Match[str]) -> str:
        text = found[0]
        mixed = any(c.isdigit() for c in text) and any(c.isalpha() for c in text)
        return f"{text[:_KEPT]}***" if mixed else text

    return _LONG.sub(cut, line)


class Covering(Protocol):
    """Tells the waiver of a rule's finding at a place."""

    def __call__(self, rule: Rule, at: Place, *, anchored: bool) -> Waiver | None:
        """The waiver, or None."""


def _uncovered(rule: Rule, at: Place, *, anchored: bool) -> Waiver | None:
    del rule, at, anchored
    return None


class Told(NamedTuple):
    """What the text of a file tells of a place in it; plain values, for it is remembered."""

    fingerprint: str
    snippet: Sequence[Sequence[Any]]
    """Number and text of each line."""
    sketch: str
    line_hash: str | None
    """None where it was not asked for."""


class Sources:
    """Source lines by path and cell, read when first asked for."""

    def __init__(
        self,
        tree: Tree,
        covering: Covering,
        severity: Callable[[Rule, str], Severity],
        told: dict[str, dict[str, Any]] | None = None,
        *,
        hashed: bool = True,
    ) -> None:
        self._tree = tree
        self._covering = covering
        self._severity = severity
        self._told = {} if told is None else told
        """What is known of places already, by path; all that becomes known is added."""
        self._hashed = hashed
        """Whether hashes of lines are wanted."""
        self._lines: dict[str, Sequence[str]] = {}
        self._cells: dict[str, Mapping[int, Sequence[str]]] = {}
        self._hashes: dict[str, LineHashes] = {}

    def bare(self, rule: Rule, evidence: Evidence) -> Source:
        """As `locate`, as if nothing were waived."""
        return self._located(rule, evidence, _uncovered)

    def locate(self, rule: Rule, evidence: Evidence) -> Source:
        """Where bad evidence is shown. What is about the whole repository goes to the anchor."""
        return self._located(rule, evidence, self._covering)

    def _located(self, rule: Rule, evidence: Evidence, covering: Covering) -> Source:
        at = evidence.at if evidence.at is not None and evidence.at.path else None
        distinct = "\0".join(evidence.fields.get(name, "") for name in rule.distinct)
        scope, beside = "", []
        if at is None:
            anchor = next((p for p in (*rule.anchor, *_ANCHORS) if p in self._tree.entries), "")
            place, subject = Place(anchor), "anchor"
        else:
            place, beside = at, _beside(at, evidence.related)
            if rule.subject == "project" or distinct.strip("\0"):
                subject = "name"
            elif at.line and rule.subject == "place":
                subject = "place"
                scope = evidence.scope or (f"cell:{at.cell.id}".rstrip(":") if at.cell else "")
            else:
                subject = "file"
        told = self._of_place(place, subject, scope, distinct, beside)
        return Source(
            place,
            at is None,
            told.fingerprint,
            tuple(
                (number, masked(text) if MASKED in rule.tags else text)
                for number, text in told.snippet
            ),
            covering(rule, place, anchored=at is None),
            self._severity(rule, at.path) if at is not None else None,
            scope,
            told.sketch,
            told.line_hash or "",
            self._with_code(place, evidence.related, secret=MASKED in rule.tags),
        )

    def _of_place(
        self, at: Place, subject: str, scope: str, distinct: str, beside: Sequence[int]
    ) -> Told:
        """What is told of a place, worked out once."""
        key = repr((at[1:], subject, scope, distinct, beside))
        known = self._told.setdefault(at.path, {})
        if key in known and (known[key][-1] is not None or not self._hashed):
            return Told(*known[key])
        words: list[str] = []
        sketched = ""
        if subject == "place":
            text = self._node(at)
            # A comment alone is its own text.
            words = tokens(at.path, text) or text.split()
            sketched = sketch(words)
        elif subject == "file":
            words, sketched = [at.path], f"blob:{self._blob(at.path)}"
        snippet = self._snippet(at, beside) if subject != "anchor" else ()
        line_hash = self._line_hash(at) if self._hashed else None
        known[key] = told = Told(fingerprint(scope, words, distinct), snippet, sketched, line_hash)
        return told

    def _with_code(
        self, at: Place, related: Sequence[Related], *, secret: bool
    ) -> tuple[Related, ...]:
        """The related places, each that the snippet cannot hold with its source line."""
        own = (at.path, _cell(at)) if at.line else None
        told = []
        for one in related:
            if one.at.line and (one.at.path, _cell(one.at)) != own:
                code = self._code(one.at)
                told.append(one._replace(code=masked(code) if secret else code))
            else:
                told.append(one)
        return tuple(told)

    def _code(self, at: Place) -> str:
        """The source line in which a place begins, read once."""
        key = repr((at.line, _cell(at)))
        known = self._told.setdefault(at.path, {})
        if key not in known:
            line = self.lines(at.path, _cell(at))[at.line - 1 : at.line]
            known[key] = Told("", [(at.line, text[:SHOWN]) for text in line], "", "")
        return "".join(text for _, text in Told(*known[key]).snippet)

    def lines(self, path: str, cell: int = 0) -> Sequence[str]:
        """The lines of a file or notebook cell; empty where it cannot be read."""
        if cell:
            if path not in self._cells:
                self._cells[path] = _cells(self._text(path))
            return self._cells[path].get(cell, ())
        if path not in self._lines:
            self._lines[path] = _split(self._text(path))
        return self._lines[path]

    def _line_hash(self, at: Place) -> str:
        """GitHub's hash of the line of the file in which a place begins."""
        if at.path not in self._tree.entries:
            return ""
        if at.path not in self._hashes:
            self._hashes[at.path] = LineHashes(self._text(at.path, "utf-8"))
        return self._hashes[at.path].at(at.cell.raw if at.cell else max(at.line, 1))

    def _text(self, path: str, encoding: str = "utf-8-sig") -> str:
        try:
            return self._tree.read(path).decode(encoding, "replace")
        except (Unreadable, KeyError):
            return ""

    def _snippet(self, at: Place, beside: Sequence[int]) -> tuple[tuple[int, str], ...]:
        """The lines of a place, one before it, and those of related places beside it."""
        if not at.line:
            return ()
        lines = self.lines(at.path, _cell(at))
        wanted = set(
            range(max(at.line - _CONTEXT, 1), max(at.line, min(at.end_line, at.line + 5)) + 1)
        )
        wanted |= set(beside)
        return tuple((n, lines[n - 1][:SHOWN]) for n in sorted(wanted) if 1 <= n <= len(lines))

    def _node(self, at: Place) -> str:
        """The text of a place; its whole lines where it has no columns."""
        lines = list(self.lines(at.path, _cell(at)))
        lines = lines[at.line - 1 : max(at.line, at.end_line)]
        if lines and at.col and at.end_col and at.end_line >= at.line:
            lines[-1] = lines[-1][: at.end_col - 1]
            lines[0] = lines[0][at.col - 1 :]
        return "\n".join(lines)

    def _blob(self, path: str) -> str:
        """What git calls the content of a file; "" where that cannot be told, or takes long."""
        entry = self._tree.entries.get(path)
        if entry is None or entry.blob or entry.size > _HASHED:
            return entry.blob if entry else ""
        try:
            return blob(self._tree.read(path))
        except Unreadable:
            return ""


def _cell(at: Place) -> int:
    return at.cell.index if at.cell else 0


def _beside(at: Place, related: Sequence[Related]) -> list[int]:
    """The lines of related places that stand in the same file or cell."""
    places = (one.at for one in related)
    return sorted({r.line for r in places if r.path == at.path and _cell(r) == _cell(at)})


_ANCHORS = ("pyproject.toml", "setup.py", "README.md", "README.rst", "README", "requirements.txt")


def _cells(text: str) -> dict[int, Sequence[str]]:
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(notebook, dict):
        return {}
    cells = notebook.get("cells")
    if cells is None:
        sheets = notebook.get("worksheets") or [{}]
        cells = sheets[0].get("cells", []) if isinstance(sheets[0], dict) else []
    found: dict[int, Sequence[str]] = {}
    for index, cell in enumerate(cells if isinstance(cells, list) else [], 1):
        source = cell.get("source", cell.get("input", "")) if isinstance(cell, dict) else ""
        found[index] = _split(
            "".join(map(str, source)) if isinstance(source, list) else str(source)
        )
    return found


def _split(text: str) -> Sequence[str]:
    """Lines as the readers count them: only line feeds and carriage returns end one."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
