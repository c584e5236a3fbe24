"""The text behind findings: snippets, fingerprints, and the suppressions that cover them.

Reads only the files in which something was found.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from mllint.facts import Ignore, Place
from mllint.judge import Source
from mllint.tree import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from mllint.review import Evidence, Rule
    from mllint.tree import Tree

SHOWN = 160
"""Characters of a source line that a snippet keeps."""
_CONTEXT = 1


class Sources:
    """Source lines by path and cell, read when first asked for."""

    def __init__(
        self, tree: Tree, ignores: Iterable[Ignore], *, require_reason: bool, today: date
    ) -> None:
        self._tree = tree
        self._lines: dict[str, Sequence[str]] = {}
        self._cells: dict[str, Mapping[int, Sequence[str]]] = {}
        self._ignores: dict[str, list[Ignore]] = {}
        self._require_reason = require_reason
        self._today = today.isoformat()
        for ignore in ignores:
            self._ignores.setdefault(ignore.at.path, []).append(ignore)

    def locate(self, rule: Rule, evidence: Evidence) -> Source:
        """Where bad evidence is shown. What is about the whole repository goes to the anchor."""
        at = evidence.at if evidence.at is not None and evidence.at.path else None
        if at is None:
            anchor = next((p for p in (*rule.anchor, *_ANCHORS) if p in self._tree.entries), "")
            return Source(Place(anchor), True, _hash(rule.id, "", ""), (), None)
        snippet = self._snippet(at, [r.at for r in evidence.related])
        text = " ".join(t for n, t in snippet if at.line <= n <= max(at.line, at.end_line))
        scope = evidence.scope or (f"cell:{at.cell.id or at.cell.index}" if at.cell else "")
        shown = text if at.line else at.path
        return Source(at, False, _hash(rule.id, scope, shown), snippet, self._waived(rule, at))

    def lines(self, path: str, cell: int = 0) -> Sequence[str]:
        """The lines of a file or notebook cell; empty where it cannot be read."""
        if cell:
            if path not in self._cells:
                self._cells[path] = _cells(self._text(path))
            return self._cells[path].get(cell, ())
        if path not in self._lines:
            self._lines[path] = _split(self._text(path))
        return self._lines[path]

    def _text(self, path: str) -> str:
        try:
            return self._tree.read(path).decode("utf-8-sig", "replace")
        except (Unreadable, KeyError):
            return ""

    def _snippet(self, at: Place, related: Sequence[Place]) -> tuple[tuple[int, str], ...]:
        """The lines of a place, one before it, and those of related places beside it."""
        if not at.line:
            return ()
        cell = at.cell.index if at.cell else 0
        lines = self.lines(at.path, cell)
        wanted = set(
            range(max(at.line - _CONTEXT, 1), max(at.line, min(at.end_line, at.line + 5)) + 1)
        )
        wanted |= {
            r.line for r in related if r.path == at.path and (r.cell.index if r.cell else 0) == cell
        }
        return tuple((n, lines[n - 1][:SHOWN]) for n in sorted(wanted) if 1 <= n <= len(lines))

    def _waived(self, rule: Rule, at: Place) -> str | None:
        for ignore in self._ignores.get(at.path, ()):
            covers = ignore.scope == "file" or (
                ignore.first <= at.line <= ignore.last
                and (ignore.at.cell and ignore.at.cell.index) == (at.cell and at.cell.index)
            )
            named = any(r in {rule.id, rule.category, f"{rule.category}/*"} for r in ignore.rules)
            in_time = not ignore.until or ignore.until >= self._today
            if covers and named and in_time and (ignore.reason or not self._require_reason):
                return ignore.reason or "no reason given"
        return None


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


def _hash(rule: str, scope: str, text: str) -> str:
    """16 hexadecimal digits that survive moved lines, white space and changed quotes."""
    plain = "".join(text.split()).replace('"', "'")
    return hashlib.blake2b(
        f"{rule}\0{scope}\0{plain}".encode("utf-8", "replace"), digest_size=8
    ).hexdigest()
