"""Joins the facts of all files to a project: modules, names, values, tools.

Knows what belongs together across files; knows nothing of rules. What a single file says was said
by its readers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mllint.facts import ROWS, Facts
from mllint.graph import Graph
from mllint.link.dependencies import libraries
from mllint.link.modules import Modules
from mllint.link.paths import Ignored, Routed
from mllint.link.rewrite import rewritten
from mllint.link.steps import steps
from mllint.link.tools import tools
from mllint.project import Project
from mllint.roles import role
from mllint.tools import by_kind
from mllint.tree import Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mllint.catalogue import Catalogue
    from mllint.collect import Collected
    from mllint.tree import Tree


def link(collected: Collected, tree: Tree, catalogue: Catalogue) -> Project:
    """The project that the facts of all files make together."""
    facts = collected.facts
    modules = Modules(facts)
    rows = {
        path: rewritten(modules, path, one) if one.rows.get("module") else one.rows
        for path, one in sorted(facts.items())
    }
    tables = joined(rows)
    roles = {path: role(path) for path in facts}
    tables["step"] = steps(
        *(tables[name] for name in ("ci", "hook", "target", "docker", "stage")),
    )
    tables["tool"] = tools(tables, roles, catalogue.families)
    variants = catalogue.imports.get("variants", {})
    return Project(
        tables=tables,
        groups=catalogue.groups,
        tools=by_kind(catalogue.families),
        roles=roles,
        graph=graph(modules, facts, rows),
        problems=collected.problems,
        libraries=libraries(tables["dependency"], tables["setting"], roles, variants),
        distributions=catalogue.imports.get("distributions", {}),
        brings=catalogue.imports.get("brings", {}),
        variants=variants,
        ignored=Ignored(tables["setting"], ".gitignore"),
        routed=Routed(tables["setting"], ".gitattributes"),
        provider=modules.provider,
        text=lambda path: _text(tree, path),
        files=rows,
    )


def _text(tree: Tree, path: str) -> str:
    """The text of a file; KeyError where it cannot be read."""
    try:
        return tree.read(path).decode("utf-8", "replace")
    except Unreadable as error:
        raise KeyError(path) from error


def joined(rows: Mapping[str, Mapping[str, Sequence[Any]]]) -> dict[str, Sequence[Any]]:
    """All rows by table, in the order of the files."""
    tables: dict[str, list[Any]] = {table: [] for table in ROWS}
    for one in rows.values():
        for table, found in one.items():
            tables[table].extend(found)
    return dict(tables)


def graph(
    modules: Modules, facts: Mapping[str, Facts], rows: Mapping[str, Mapping[str, Sequence[Any]]]
) -> Graph | None:
    """The value graph over all files; None where there is no Python code."""
    if not any(one.rows.get("module") for one in facts.values()):
        return None
    calls = {path: tables.get("call", ()) for path, tables in rows.items()}
    return Graph(facts, calls, modules.callee)
