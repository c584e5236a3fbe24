"""The dependencies of pyproject.toml: standard tables and those of uv, PDM, Hatch and others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mllint.facts import Dependency, Manager, Place, Problem, Python, Setting
from mllint.readers.dependencies import pixi, poetry
from mllint.readers.dependencies.requirement import bare, group_of, normal, parse, row, tidy
from mllint.readers.tomldoc import TomlDoc, TomlProblem, get, load

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class _File(NamedTuple):
    path: str
    document: TomlDoc
    own: str
    """The project's own name, which extras may name."""
    addresses: Mapping[str, str]
    """Direct references that uv keeps apart from the requirements."""

    def at(self, key: str) -> Place:
        return Place(self.path, self.document.lines.get(key, 0))


def read(path: str, text: str) -> Iterator[object]:
    """The rows of a pyproject.toml."""
    try:
        document = load(text)
    except TomlProblem as problem:
        yield from problem.rows(path)
        return
    data = document.data
    name = get(data, "project.name")
    own = normal(name) if isinstance(name, str) else ""
    file = _File(path, document, own, _addresses(get(data, "tool.uv.sources")))
    rows = [
        *_project(file),
        *_groups(file),
        *_listed(file, "build-system.requires", "build", "pyproject"),
        *_uv(file),
        *_pdm(file),
        *_hatch(file),
    ]
    yield from rows
    stated = frozenset(r.name for r in rows if isinstance(r, Dependency))
    table = get(data, "tool.poetry")
    if isinstance(table, dict):
        yield from poetry.read(path, table, document.lines, stated)
    table = get(data, "tool.pixi")
    if isinstance(table, dict):
        yield from pixi.tables(path, table, document.lines, "tool.pixi.")
    yield from _manager(file, rows)


def _addresses(sources: Any) -> dict[str, str]:
    found = {}
    for name, source in sources.items() if isinstance(sources, dict) else ():
        chosen = source[0] if isinstance(source, list) and source else source
        url = poetry.address(chosen)
        if url:
            found[normal(name)] = url
    return found


def _manager(file: _File, rows: list[object]) -> Iterator[Manager]:
    """The plain sign: a `[project]` table, where no tool of its own has a claim."""
    data = file.document.data
    tools = ("tool.poetry", "tool.pdm", "tool.uv", "tool.hatch.envs", "tool.pixi")
    if not isinstance(data.get("project"), dict) or any(get(data, tool) for tool in tools):
        return
    backend = get(data, "build-system.build-backend")
    setuptools = isinstance(backend, str) and backend.startswith("setuptools")
    if any(isinstance(r, Dependency) and r.group != "build" for r in rows) or setuptools:
        yield Manager(file.at("project"), "setuptools" if setuptools else "pip", "manifest")


def _project(file: _File) -> Iterator[object]:
    python = get(file.document.data, "project.requires-python")
    if isinstance(python, str):
        key = "project.requires-python"
        spec = tidy(python)
        if spec is None:
            text = f"`requires-python = {python[:60]!r}` is not a version specifier"
            yield Problem(file.path, "invalid", text, file.at(key).line)
        else:
            yield Python(file.at(key), bare(spec), "requires-python")
    yield from _listed(file, "project.dependencies", "main", "pyproject")
    extras = get(file.document.data, "project.optional-dependencies")
    for extra in extras if isinstance(extras, dict) else ():
        key = f"project.optional-dependencies.{extra}"
        yield from _items(file, key, extras[extra], group_of(extra), "pyproject")


def _groups(file: _File) -> Iterator[object]:
    groups = file.document.data.get("dependency-groups")
    if not isinstance(groups, dict):
        return
    for name, listed in groups.items():
        key = f"dependency-groups.{name}"
        yield from _items(file, key, listed, group_of(name), "pyproject")
        known = {normal(str(other)) for other in groups}
        for index, item in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(item, dict) and "include-group" in item:
                included = normal(str(item["include-group"]))
                at = file.at(f"{key}[{index}]")
                yield Setting(at, "include-group", included, "toml")
                if included not in known:
                    text = f"there is no dependency group `{included}`"
                    yield Problem(file.path, "invalid", text, at.line)


def _uv(file: _File) -> Iterator[object]:
    table = get(file.document.data, "tool.uv")
    if not isinstance(table, dict):
        return
    yield Manager(file.at("tool.uv"), "uv", "manifest")
    yield from _listed(file, "tool.uv.dev-dependencies", "dev", "pyproject")
    yield from _listed(file, "tool.uv.constraint-dependencies", "main", "constraint")
    yield from _listed(file, "tool.uv.override-dependencies", "main", "constraint")


def _pdm(file: _File) -> Iterator[object]:
    table = get(file.document.data, "tool.pdm")
    if not isinstance(table, dict):
        return
    yield Manager(file.at("tool.pdm"), "pdm", "manifest")
    groups = table.get("dev-dependencies")
    for name, listed in groups.items() if isinstance(groups, dict) else ():
        key = f"tool.pdm.dev-dependencies.{name}"
        yield from _items(file, key, listed, group_of(name), "pdm")


def _hatch(file: _File) -> Iterator[object]:
    environments = get(file.document.data, "tool.hatch.envs")
    if not isinstance(environments, dict):
        return
    yield Manager(file.at("tool.hatch.envs"), "hatch", "manifest")
    for name, environment in environments.items():
        for field in ("dependencies", "extra-dependencies"):
            key = f"tool.hatch.envs.{name}.{field}"
            listed = environment.get(field) if isinstance(environment, dict) else None
            group = "dev" if name in {"default", "hatch-test"} else group_of(name)
            yield from _items(file, key, listed, group, "pyproject")


def _listed(file: _File, key: str, group: str, source: str) -> Iterator[object]:
    yield from _items(file, key, get(file.document.data, key), group, source)


def _items(file: _File, key: str, listed: Any, group: str, source: str) -> Iterator[object]:
    if listed is not None and not isinstance(listed, list):
        yield Problem(file.path, "invalid", f"`{key}` is not a list", file.at(key).line)
        return
    for index, item in enumerate(listed or ()):
        at = file.at(f"{key}[{index}]")
        said = _said(item)
        if said is not None and said.name != file.own:
            url = said.url or file.addresses.get(said.name, "")
            yield row(at, said._replace(url=url), group=group, source=source)
        elif said is None and not isinstance(item, dict) and not _editable(item):
            shown = str(item)[:60]
            yield Problem(file.path, "invalid", f"`{shown}` is not a requirement", at.line)


def _said(item: Any) -> Any:
    return parse(item) if isinstance(item, str) else None


def _editable(item: Any) -> bool:
    """Whether PDM or Hatch reads the text as a path or with a placeholder."""
    return isinstance(item, str) and (item.startswith("-e ") or "{" in item)
