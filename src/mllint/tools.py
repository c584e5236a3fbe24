"""The tools that the catalogue knows: which traces of a family of tools show which tool.

Knows the keys of `rules/tools/*.toml`; knows nothing of repositories.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from mllint.names import Names

if TYPE_CHECKING:
    from pathlib import Path

Spec: TypeAlias = Mapping[str, Any]
"""One tool: kinds of trace with their patterns, and the keys of `SWITCHES`."""
Families: TypeAlias = Mapping[str, Mapping[str, Spec]]
"""Family -> tool -> what is known of it."""

TRACES: Mapping[str, str] = {
    "dists": "distribution names, normalised as PEP 503 says",
    "imports": "dotted modules",
    "calls": "origin paths whose call is real use; `#name` asks for an argument that is not off",
    "opens": "origin paths that only begin: without one of `calls` they are a declaration",
    "config": "paths, or `path:key` or `path:key=value` for a setting in them; globs, `**/` = any",
    "pyproject_tables": "dotted tables of pyproject.toml",
    "cli": "first words of a command; words that start with `-` may stand anywhere after them",
    "gha_uses": "`owner/name` of an action, `#name` asks for that input",
    "precommit_hooks": "hook ids, or `owner/name` of the hooks' repository",
    "kinds": "`group/Kind` of Kubernetes, resource types of Terraform and CloudFormation",
    "images": "container images without tag",
    "env": "environment variables",
    "rows": "facts that `link.traces` knows by name",
    "literals": "strings in code",
    "manifest_keys": "dotted keys below a Kubernetes object",
}
"""Every kind of trace, and what its patterns are."""

SWITCHES: Mapping[str, type] = {
    "files": bool,  # a file that `config` names is itself the use
    "tests": bool,  # tests are a place where the tool is used
    "run": str,  # "ci": only CI and hooks make use of it
    "through": str,  # a tool that reads its `config`, and makes use of it where CI runs that tool
    "status": str,  # maintenance, archived, superseded, shutdown
    "at_most": str,  # the best grade it can earn
    "why": str,  # and the reason
}
_HEADER = frozenset({"title", "use"})
_INHERITED = frozenset({"files", "tests", "run"})
GRADES: Mapping[str, float] = {
    "used": 1.0,
    "optional": 0.5,
    "declared": 0.25,
    "mentioned": 0.0,
    "vendored": 0.0,
}
"""Grades of evidence, best first, with the credit that they earn."""


def load_tools(folder: Path) -> Families:
    """The families of `tools/*.toml` below a rule folder; a tool inherits what its family says."""
    return {path.stem: family(_table(path)) for path in sorted(folder.glob("tools/*.toml"))}


def _table(path: Path) -> Mapping[str, Any]:
    import tomli

    return tomli.loads(path.read_text("utf-8"))


def family(data: Mapping[str, Any]) -> Mapping[str, Spec]:
    """The tools of one file; each inherits what the family says."""
    inherited = {k: v for k, v in data.items() if k in _INHERITED}
    return {
        name: {**inherited, **spec} if inherited else spec
        for name, spec in data.items()
        if isinstance(spec, dict)
    }


def mistakes(folder: Path) -> Iterator[str]:
    """What is wrong in `tools/*.toml`, a line each."""
    for path in sorted(folder.glob("tools/*.toml")):
        for name, spec in _table(path).items():
            where = f"tools/{path.name}: {name}"
            if not isinstance(spec, dict):
                if name not in _HEADER | _INHERITED:
                    yield f"{where}: unknown key"
                continue
            yield from (f"{where}: {text}" for text in _wrong(spec))


def _wrong(spec: Spec) -> Iterator[str]:
    for key, value in spec.items():
        if key in TRACES:
            if not value or not all(isinstance(v, str) and v for v in value):
                yield f"{key}: must be a list of strings"
            elif len(set(value)) < len(value):
                yield f"{key}: names something twice"
        elif key not in SWITCHES:
            yield f"{key}: unknown key"
        elif not isinstance(value, SWITCHES[key]):
            yield f"{key}: has the wrong type"
    if spec.get("at_most", "used") not in GRADES:
        yield "at_most: is no grade"
    if "at_most" in spec and not spec.get("why"):
        yield "at_most: needs `why`"
    if not any(key in TRACES for key in spec):
        yield "has no trace"


def by_kind(families: Families) -> Mapping[str, Mapping[str, Names]]:
    """Family -> kind of trace -> its names, for rules that ask a table directly.

    `names` are the tools' own, in lower case. Patterns that ask for more than a name are left out.
    """
    return {family: _kinds(tools.values(), tools) for family, tools in families.items()}


def _kinds(specs: Any, names: Any) -> Mapping[str, Names]:
    found: dict[str, list[str]] = {"names": [name.lower() for name in names]}
    for spec in specs:
        for key, patterns in spec.items():
            if key in TRACES:
                found.setdefault(key, []).extend(_plain(key, patterns))
    return {key: Names(patterns) for key, patterns in found.items()}


def _plain(key: str, patterns: Sequence[str]) -> Sequence[str]:
    if key in {"calls", "opens", "gha_uses"}:
        return [p for p in patterns if "#" not in p and ":" not in p]
    if key == "config":
        return [p for p in patterns if ":" not in p]
    return patterns


def call_roots(families: Families) -> frozenset[str]:
    """Import roots whose calls show a tool; the Python reader must keep these calls."""
    return frozenset(
        entry.partition(".")[0]
        for tools in families.values()
        for spec in tools.values()
        for entry in (*spec.get("calls", ()), *spec.get("opens", ()))
    )
