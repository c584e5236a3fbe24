"""Conda environments: `environment.yml` with its `pip:` block, and `conda list --export` files.

Knows conda's match specifications and says them in PEP 440 form where that is possible.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.facts import Dependency, Manager, Place, Problem, Python
from mllint.readers.dependencies import requirements
from mllint.readers.dependencies.requirement import bare, normal, tidy
from mllint.readers.yamldoc import Node, YamlProblem, child, load_even_templated

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPEC = re.compile(r"(?:[\w./:-]+::)?(?P<name>[A-Za-z0-9_][\w.-]*)\s*(?P<rest>.*)", re.DOTALL)
_EXPLICIT = re.compile(r"\S*/(?P<name>[\w.-]+)-(?P<version>[^-/]+)-[^-/]+\.(?:conda|tar\.bz2)\b")
_PART = re.compile(
    r"(?P<op>==|>=|<=|!=|~=|=|<|>)?\s*(?P<value>v?(?:\d+!)?\d[\w.+]*\*?)(?P<build>[= ]\s*\S+)?"
)
_EXPORT = re.compile(r"conda create --name .* --file|^@EXPLICIT", re.MULTILINE)
_BRACKET = re.compile(r"\[.*?version\s*=\s*['\"]?([^'\"\]]+)['\"]?.*\]")


def read(path: str, data: bytes) -> Iterator[object]:
    """The rows of an environment file; none where the YAML is of another kind."""
    try:
        documents = load_even_templated(data)
    except YamlProblem as problem:
        yield from problem.rows(path)
        return
    for document in documents[:1]:
        listed = child(document, "dependencies")
        if listed is not None and listed.kind == "sequence":
            yield from _environment(path, document, listed)


def _environment(path: str, document: Node, listed: Node) -> Iterator[object]:
    if not any(child(document, key) for key in ("name", "channels", "prefix", "platforms")):
        return
    yield Manager(Place(path), "conda", "manifest")
    group = requirements.group_for(path)
    for node in listed.list:
        pip = child(node, "pip")
        if pip is not None:
            yield from _pip(path, pip, group)
        elif node.kind == "scalar" and node.value is not None:
            at = Place(path, node.line)
            yield package(at, node.raw, "conda" if group == "main" else group) or Problem(
                path, "invalid", f"`{node.raw[:60]}` is not a conda package", node.line
            )


def _pip(path: str, block: Node, group: str) -> Iterator[object]:
    file = requirements.Source(path, group, "conda")
    for node in block.list:
        if node.kind == "scalar" and node.value is not None:
            yield from requirements.line(file, node.line, node.raw.partition(" #")[0].strip())


def package(at: Place, text: str, group: str, source: str = "conda") -> Dependency | Python | None:
    """The row of a match specification: `numpy=1.26`, `conda-forge::numpy >=1.24,<2`."""
    found = _SPEC.fullmatch(text.partition("#")[0].strip()[:500])
    if found is None:
        return None
    name, rest = normal(found["name"]), found["rest"].strip()
    bracket = _BRACKET.match(rest)
    spec, version = specifier(bracket[1] if bracket else rest.strip("'\""))
    if name == "python":
        return Python(at, bare(spec), "conda")
    return Dependency(at, name, spec, version, False, group, source, "", "")


def specifier(text: str) -> tuple[str, str]:
    """A conda version in PEP 440 form, and the one version where it fixes one.

    `=1.2` is a prefix; `=1.2.3` counts as fixed, since its three parts rarely name two releases.
    What PEP 440 cannot say (`|`) becomes "".
    """
    clauses, version = [], ""
    for part in text.split(","):
        found = _PART.fullmatch(part.strip())
        if found is None:
            return "", ""
        operator, value = found["op"] or "", found["value"].rstrip(".*")
        open_end = found["value"].endswith("*")
        if operator not in {"", "=", "=="}:
            clauses.append(operator + value)
        elif open_end or (operator == "=" and not found["build"] and value.count(".") < 2):
            clauses.append(f"=={value}.*")
        else:
            clauses.append(f"=={value}")
            version = value
    spec = tidy(",".join(clauses))
    return (spec, version) if spec else ("", "")


def is_export(text: str) -> bool:
    """Whether a text is what `conda list --export` or `--explicit` prints."""
    return _EXPORT.search(text[:2_000]) is not None


def exported(path: str, text: str) -> Iterator[object]:
    """The rows of `conda list --export` or `--explicit`, which is saved as requirements.txt too."""
    lock = "@EXPLICIT" in text
    yield Manager(Place(path), *(("conda-lock", "lock") if lock else ("conda", "manifest")))
    source = "lock:conda" if lock else "conda"
    for number, line in enumerate(text.splitlines(), start=1):
        said = line[:500].strip()
        if not said or said.startswith(("#", "@")):
            continue
        at = Place(path, number)
        address = _EXPLICIT.match(said)
        shown = f"{address['name']}={address['version']}=0" if address else said
        yield package(at, shown, "conda", source) or Problem(
            path, "invalid", f"`{said[:60]}` is not a conda package", number
        )
