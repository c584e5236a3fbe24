"""Python source: names, constants, calls and the values that flow between them.

One walk over the syntax tree evaluates every expression to a value, in evaluation order. Knows
nothing of rules, of other files, or of what a library call means.
"""

from __future__ import annotations

import gc
import sys
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from mllint.facts import Facts, Known, Problem
from mllint.readers.python import imports, inline
from mllint.readers.python.definitions import run
from mllint.readers.python.expressions import EXPRESSIONS
from mllint.readers.python.module import module_rows, unread
from mllint.readers.python.percent import last_of_cells
from mllint.readers.python.remarks import remarks
from mllint.readers.python.rows import emitted
from mllint.readers.python.source import Unreadable, decode
from mllint.readers.python.state import Chunk, Walk
from mllint.readers.python.statements import STATEMENTS
from mllint.readers.python.stores import stores
from mllint.readers.python.syntax import parse

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence

_ALL_SHOWN = "ast_node_interactivity"
"""The setting by which a notebook shows every line of a cell, not only the last."""
_DEEPEST = 6000
"""Frames that the walk may take: an expression of `guard.MAX_RUN` links needs two for each."""


def read(path: str, data: bytes, known: Known) -> Facts:
    """The rows that one Python file states."""
    name, package = imports.package_of(path)
    try:
        source = decode(data)
    except Unreadable as error:
        return Facts(problems=[Problem(path, error.kind, error.text, error.line)])
    problems = [Problem(path, "encoding", source.note)] if source.note else []
    chunk = Chunk(path, source.text, None, ())
    with without_gc():
        try:
            tree = parse(source.text)
            facts = walked(path, [(chunk, tree)], known, problems)
        except (Unreadable, RecursionError) as error:
            return unread(path, name, package, source.text, error, problems)
    settings = [*inline.stated(path, source.text)]
    return replace(facts, rows={**facts.rows, "setting": settings}) if settings else facts


@contextmanager
def without_gc() -> Iterator[None]:
    """No garbage collection inside: a tree has no cycles, and passing over it costs a third."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def walked(
    path: str,
    parsed: Sequence[tuple[Chunk, ast.Module]],
    known: Known,
    problems: Sequence[Problem],
) -> Facts:
    """The rows of the chunks of one file, which share their names."""
    name, package = imports.package_of(path)
    w = Walk(path, package, EXPRESSIONS, STATEMENTS)
    w.callable = known.names
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _DEEPEST))
    try:
        for chunk, tree in parsed:
            w.begin(chunk)
            w.module.stores.update(stores(tree.body))
        all_shown = any(_ALL_SHOWN in chunk.text for chunk, _ in parsed)
        for chunk, tree in parsed:
            w.begin(chunk)
            if chunk.cell is not None:
                w.shown.update(tree.body if all_shown else tree.body[-1:])
            else:
                w.shown.update(last_of_cells(chunk.text, tree.body))
            w.block(tree.body)
        run(w)
    finally:
        sys.setrecursionlimit(limit)
    calls, assigns, values, functions = emitted(w, known)
    ignores = []
    for chunk, tree in parsed:
        comments, found = remarks(chunk, tree)
        ignores += found
        w.rows.setdefault("comment", []).extend(comments)
    rows = {table: found for table, found in w.rows.items() if found}
    module, extent, export = module_rows(w, name, parsed)
    rows |= {"call": calls, "assign": assigns}
    rows |= {"module": [module], "extent": [extent], "export": [export]}
    return Facts(rows, values, functions, ignores, list(problems))
