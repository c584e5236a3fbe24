"""Notebooks: what their JSON says, their headings, and the Python of their cells as one program.

Each code cell is parsed on its own, and all share one set of names, in the order of the file.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from mllint.facts import (
    Assign,
    Cell,
    Facts,
    Ignore,
    Known,
    Literal,
    Notebook,
    Place,
    Problem,
    Python,
    Target,
)
from mllint.readers.ignores import parse_ignore
from mllint.readers.notebook.document import Document, NotANotebook, RawCell, document
from mllint.readers.notebook.headings import headings
from mllint.readers.notebook.magics import Plain, plain, suspect
from mllint.readers.python import walked, without_gc
from mllint.readers.python.guard import comments
from mllint.readers.python.module import code_lines
from mllint.readers.python.source import Unreadable, decode
from mllint.readers.python.state import Chunk
from mllint.readers.python.syntax import parse
from mllint.readers.secrets import in_command

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

_RESTARTS = re.compile(r"\.do_shutdown\(|\bos\._exit\(|\bos\.kill\(\s*os\.getpid\(")
"""Code that ends its own kernel, of which a front end then speaks as of an error."""


def read(path: str, data: bytes, known: Known) -> Facts:
    """The rows that one notebook states."""
    try:
        source = decode(data)
        notebook = document(source.text)
    except Unreadable as error:
        return Facts(problems=[Problem(path, error.kind, error.text, error.line)])
    except NotANotebook as error:
        return Facts(problems=[Problem(path, "invalid", error.text, error.line)])
    return _Reading(path, notebook).facts(known)


class _Reading:
    """One notebook while it is being read."""

    def __init__(self, path: str, notebook: Document) -> None:
        self.path = path
        self.cells = notebook.cells
        self.metadata = notebook.metadata
        self.kernel, self.language, self.python = _kernel(notebook.metadata)
        self.problems: list[Problem] = []
        self.targets: list[Target] = []
        self.secrets: list[Literal] = []
        self.env: list[Assign] = []
        self.places = list(_cells(self.cells))

    def facts(self, known: Known) -> Facts:
        chunks: list[tuple[Chunk, ast.Module]] = []
        with without_gc():
            if self.language == "python":
                for raw, cell in zip(self.cells, self.places, strict=True):
                    if raw.kind == "code" and (parsed := self._parsed(raw, cell)) is not None:
                        chunks.append(parsed)
                made = walked(self.path, chunks, known, self.problems)
            else:
                made = Facts()
        rows: dict[str, list[Any]] = {table: list(found) for table, found in made.rows.items()}
        rows["notebook"] = [
            self._row(sum(d.kind != "lambda" and "." not in d.name for d in rows.get("define", ())))
        ]
        rows["heading"] = headings(self.path, self.cells, self.places)
        rows["target"] = self.targets
        rows["literal"] = [*rows.get("literal", ()), *self.secrets]
        rows.setdefault("assign", []).extend(self.env)
        if self.python:
            rows["python"] = [Python(Place(self.path), self.python, "notebook")]
        ignores = [*made.ignores, *self._ignores()]
        kept = {table: found for table, found in rows.items() if found}
        return Facts(kept, made.values, made.functions, ignores, made.problems)

    def _parsed(self, raw: RawCell, cell: Cell) -> tuple[Chunk, ast.Module] | None:
        source, indent = _dedented(raw.source)
        try:
            text, tree = self._tree(source, raw, cell)
        except Unreadable as error:
            self.problems.append(Problem(self.path, error.kind, error.text, error.line, cell.index))
            return None
        return Chunk(self.path, text, cell, raw.raw, indent), tree

    def _tree(self, text: str, raw: RawCell, cell: Cell) -> tuple[str, ast.Module]:
        if suspect(text):
            try:  # a line that looks like a magic may stand in a string
                return text, parse(text)
            except Unreadable as error:
                if error.kind != "syntax":
                    raise
            made = plain(text)
            self._said(made, cell, raw)
            text = made.code
        return text, parse(text)

    def _said(self, made: Plain, cell: Cell, raw: RawCell) -> None:
        """Rows for what a cell does apart from Python."""
        for line, command in made.commands:
            place = self._place(cell, raw, line)
            self.targets.append(Target(place, "notebook", f"cell {cell.index}", (), (command,)))
            self.secrets += in_command(place, command)
        for line, name, value in made.env:
            place = self._place(cell, raw, line)
            self.secrets += in_command(place, f"{name}={value}")
            target = f"os.environ[{name}]"
            self.env.append(Assign(place, target, True, value, "", "", (), -1))

    def _place(self, cell: Cell, raw: RawCell, line: int) -> Place:
        return Place(self.path, line, 1, line, 1, cell._replace(raw=raw.raw[line - 1]))

    def _ignores(self) -> list[Ignore]:
        """Suppressions in the metadata of the notebook and of its cells, of any kind."""
        found = []
        told = self.metadata.get("mllint")
        if isinstance(told, dict):
            found.append(_told(told, Place(self.path), 0))
        for raw, cell in zip(self.cells, self.places, strict=True):
            if not cell.code and "mllint:" in raw.source and "<!--" in raw.source:
                found += self._remarks(cell, raw)
            said = raw.metadata.get("mllint")
            if not isinstance(said, dict):
                continue
            found.append(_told(said, Place(self.path, 0, 0, 0, 0, cell), len(raw.raw)))
        return found

    def _remarks(self, cell: Cell, raw: RawCell) -> Iterator[Ignore]:
        """Suppressions in the HTML comments of a cell of text: each covers its cell."""
        for number, line in enumerate(raw.source.split("\n")[: len(raw.raw)], 1):
            directive = parse_ignore(line) if "<!--" in line else None
            if directive is not None:
                at = self._place(cell, raw, number)
                yield directive.over(at, "cell", 1, len(raw.raw), head=cell.index == 1)

    def _row(self, defines: int) -> Notebook:
        code = [(raw, cell) for raw, cell in zip(self.cells, self.places, strict=True) if cell.code]
        counts = [(raw.executed, cell.index) for raw, cell in code if raw.executed is not None]
        numbers = [count for count, _ in counts]
        lines = [code_lines(raw.source, comments(raw.source)) for raw, _ in code]
        several = len(numbers) > 1
        outputs = [output for raw, _ in code for output in raw.outputs if isinstance(output, dict)]
        return Notebook(
            Place(self.path),
            len(self.cells),
            len(code),
            sum(raw.kind in {"markdown", "heading"} for raw in self.cells),
            sum(not raw.source.strip() for raw, _ in code),
            len(numbers),
            all(one < two for one, two in pairwise(numbers)) if several else None,
            numbers == list(range(1, len(numbers) + 1)) if several else None,
            sum(bool(raw.outputs) for raw, _ in code),
            sum(raw.output_bytes for raw, _ in code),
            sum(map(_is_error, outputs)),
            sum(lines),
            max(lines, default=0),
            defines,
            self.python,
            self.kernel,
            self.language,
            _disorder(counts),
            tuple(cell.index for raw, cell in code if _has_failed(raw)),
        )


def _told(said: dict[str, Any], at: Place, last: int) -> Ignore:
    """The suppression that metadata spell; of the whole notebook where the place has no cell."""
    rules = said.get("ignore")
    named = rules if isinstance(rules, list) else [rules]
    words = {key: str(said.get(key) or "") for key in ("kind", "until", "issue", "reason")}
    return Ignore(
        at,
        tuple(rule for rule in named if isinstance(rule, str)),
        "cell" if at.cell else "file",
        min(1, last),
        last,
        words["kind"] or "accepted",
        words["until"],
        words["issue"],
        words["reason"],
        "metadata",
    )


def _dedented(source: str) -> tuple[str, int]:
    """A cell without the indentation of its first line, as IPython runs it, and its width."""
    if source[:1] not in {" ", "\t"}:
        return source, 0
    width = len(source) - len(source.lstrip(" \t"))
    space = source[:width]
    lines = source.split("\n")
    if any(line.strip() and not line.startswith(space) for line in lines):
        return source, 0
    return "\n".join(line[width:] for line in lines), width


def _has_failed(raw: RawCell) -> bool:
    """Whether a cell holds an error that it does not mean to show, or cause by a restart."""
    tags = raw.metadata.get("tags")
    meant = isinstance(tags, list) and "raises-exception" in tags
    meant = meant or _RESTARTS.search(raw.source) is not None
    return not meant and any(isinstance(o, dict) and _is_error(o) for o in raw.outputs)


def _is_error(output: dict[str, Any]) -> bool:
    return output.get("output_type") in ("error", "pyerr")


def _disorder(counts: list[tuple[int, int]]) -> tuple[int, ...]:
    """The cells that were run before one that stands above them."""
    highest = 0
    found = []
    for count, index in counts:
        if count < highest:
            found.append(index)
        highest = max(highest, count)
    return tuple(found)


def _cells(cells: list[RawCell]) -> Iterator[Cell]:
    code = 0
    for index, raw in enumerate(cells, 1):
        is_code = raw.kind == "code"
        code += is_code
        yield Cell(index, code if is_code else 0, raw.id, raw.raw[0])


def _kernel(metadata: dict[str, Any]) -> tuple[str, str, str]:
    """Kernel, language (lower case; "python" where nothing is said) and Python version."""
    spec = metadata.get("kernelspec")
    spec = spec if isinstance(spec, dict) else {}
    info = metadata.get("language_info")
    info = info if isinstance(info, dict) else {}
    kernel = str(spec.get("name") or "")
    language = str(info.get("name") or spec.get("language") or "python").lower()
    if language == "ipython":
        language = "python"
    version = str(info.get("version") or "") if language == "python" else ""
    return kernel, language, version
