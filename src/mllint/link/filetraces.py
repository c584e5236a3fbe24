"""Traces of tools outside code: manifests, configuration, commands, hooks, actions, resources.

Knows rows and how to ask the index; grades by the ground the evidence stands on.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mllint.facts import Place
from mllint.link.codetraces import Trace
from mllint.link.shell import commands
from mllint.link.traceindex import path_pattern
from mllint.link.wrappers import unwrapped
from mllint.names import compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mllint.facts import Setting, Target
    from mllint.link.ground import Ground, Tables
    from mllint.link.traceindex import TraceIndex

_ORDINARY = frozenset(
    {
        "black", "blue", "bottle", "click", "composer", "dash", "datasets", "deal", "evaluate",
        "falcon", "fire", "flask", "hydra", "inspect", "interpret", "invoke", "isort", "lance",
        "lime", "lizard", "locust", "mango", "metadata", "modal", "nose", "orion", "panel",
        "prodigy", "radon", "reuse", "robot", "safety", "saliency", "schema", "segments", "shiny",
        "snorkel", "split", "streaming", "surprise", "supervision", "task", "tilt", "typos",
        "union", "ward", "weave", "xenon",
    }
)  # fmt: skip
"""Names of packages that are ordinary words as well."""
_WORD = re.compile(r"[\w.-]+")
_LOCAL_URL = re.compile(r"[./~\\]|[A-Za-z]:|file:")


def files(index: TraceIndex, tables: Tables, ground: Ground) -> Iterator[Trace]:
    """The traces in files other than code."""
    for find in _FINDERS:
        yield from find(index, tables, ground)


def _worth(ground: Ground, path: str, spec: Mapping[str, Any]) -> str:
    """As in code, but a file of the documentation or of a tests folder is where it belongs."""
    if ground.roles.get(path, "source") == "docs":
        return "used"
    return ground.worth(path, spec)


def _capped(grade: str, worth: str) -> str:
    return grade if worth in {"used", "optional"} else "vendored"


def _dependencies(index: TraceIndex, tables: Tables, ground: Ground) -> Iterator[Trace]:
    known = index.by["dists"]
    wild = [(text[:-1], tools) for text, tools in known.items() if text.endswith("*")]
    for row in tables.get("dependency", ()):
        if row.source.startswith(("lock:", "constraint")):
            continue
        found = [*known.get(row.name, ())]
        for start, tools in wild:
            if row.name.startswith(start):
                found += tools
        for tool in found:
            worth = _worth(ground, row.at.path, {"tests": True})
            note = f"`{row.name}` is listed in `{row.at.path}`, but no use of it was found"
            yield Trace(tool, _capped("declared", worth), row.at, "dependency", note)


def _configs(index: TraceIndex, tables: Tables, ground: Ground) -> Iterator[Trace]:
    for row in tables.get("file", ()):
        if row.tracked is False:
            continue
        path = row.at.path
        for tool in index.files(path):
            spec = index.tools[tool].spec
            worth = _worth(ground, path, {**spec, "tests": True})
            grade = _capped("used" if spec.get("files") else "declared", worth)
            yield Trace(tool, grade, row.at, "config", f"`{path}` {_there(grade)}")


def _there(grade: str) -> str:
    return "is there, but nothing was seen to read it" if grade == "declared" else "is there"


def _settings(index: TraceIndex, tables: Tables, ground: Ground) -> Iterator[Trace]:
    paths: dict[str, list[Setting]] = {}
    for row in tables.get("setting", ()):
        paths.setdefault(row.at.path, []).append(row)
    for path, rows in paths.items():
        wanted = [t for t in index.keyed if path_pattern(t.path).fullmatch(path)]
        text = "\n".join(r.key for r in rows) if wanted else ""
        for trace in wanted:
            if max(trace.key.split("*"), key=len) not in text:
                continue
            if row := _keyed(rows, trace.key, trace.value):
                spec = index.tools[trace.tool].spec
                worth = _worth(ground, path, {**spec, "tests": True})
                grade = _capped("used" if spec.get("files") else "declared", worth)
                note = f"`{row.key}` in `{path}` {_there(grade)}"
                yield Trace(trace.tool, grade, row.at, "config", note)
        if path.endswith("pyproject.toml"):
            yield from _tables(index, rows, ground)


def _keyed(rows: Sequence[Setting], key: str, value: str) -> Setting | None:
    pattern = compiled(key)
    for row in rows:
        if pattern.fullmatch(row.key) and (not value or compiled(value).fullmatch(str(row.value))):
            return row
    return None


def _tables(index: TraceIndex, rows: Sequence[Setting], ground: Ground) -> Iterator[Trace]:
    known = index.by["pyproject_tables"]
    done = set()
    for row in rows:
        table = row.key
        while table and table not in done:
            done.add(table)
            for tool in known.get(table, ()):
                spec = index.tools[tool].spec
                grade = "used" if spec.get("files") else "declared"
                grade = _capped(grade, _worth(ground, row.at.path, {"tests": True}))
                yield Trace(tool, grade, row.at, "config", f"`[{table}]` {_there(grade)}")
            table = table.rpartition(".")[0]


def _steps(index: TraceIndex, tables: Tables, ground: Ground) -> Iterator[Trace]:
    for row in tables.get("step", ()):
        for tool in index.command(row.command):
            if row.origin == "docker" and index.tools[tool].spec.get("run") == "ci":
                continue
            where = {"hook": "a hook runs", "docker": "the image runs"}
            said = f"{where.get(row.origin, 'CI runs')} `{row.command[:60]}`"
            how = "hook" if row.origin == "hook" else "step"
            grade = _capped("used", _worth(ground, row.at.path, {"tests": True}))
            yield Trace(tool, grade, row.at, how, said)


def _targets(index: TraceIndex, tables: Tables, ground: Ground) -> Iterator[Trace]:
    """Commands that people run by a target or script; of a tool for CI only half a use."""
    words = index.command_words
    for row in tables.get("target", ()):
        for number, text in enumerate(row.commands, 1):
            if words.isdisjoint(_WORD.findall(text)):
                continue
            for command in commands(text):
                for plain in unwrapped(command.words):
                    for tool in index.command(" ".join(plain)):
                        spec = index.tools[tool].spec
                        half = spec.get("run") == "ci"
                        worth = _worth(ground, row.at.path, {"tests": True})
                        grade = _capped("optional" if half else "used", worth)
                        runs = f"{_called(row)} runs `{' '.join(plain)[:60]}`"
                        note = f"only {runs}" if half else runs
                        yield Trace(tool, grade, _line(row, number), "target", note)


def _called(row: Target) -> str:
    return f"`{row.name}`" if row.tool == "shell" else f"`{row.name}` of {row.tool}"


def _line(row: Target, number: int) -> Place:
    """Where a command of a target stands, which only a script tells."""
    return Place(row.at.path, number, 1, number) if row.tool == "shell" else row.at


def _hooks(index: TraceIndex, tables: Tables, ground: Ground) -> Iterator[Trace]:
    for row in tables.get("hook", ()):
        if ground.roles.get(row.at.path, "source") not in {"source", "template"}:
            continue
        found = {*index.hooks.get(row.id.lower(), ())}
        if row.repo:
            found |= {*index.hooks.get(row.repo.lower(), ())} if row.id else set()
        for tool in sorted(found):
            grade = ground.worth(row.at.path, index.tools[tool].spec)
            yield Trace(tool, grade, row.at, "hook", f"the hook `{row.id}` runs it")


def _actions(index: TraceIndex, tables: Tables, ground: Ground) -> Iterator[Trace]:
    for row in tables.get("ci", ()):
        for tool, given in index.action(row.uses) if row.uses else ():
            if given and dict(row.settings).get(f"with.{given}", "false") == "false":
                continue
            grade = _capped("used", _worth(ground, row.at.path, {"tests": True}))
            yield Trace(tool, grade, row.at, "action", f"{row.system} uses `{row.uses}`")


def _kinds(index: TraceIndex, tables: Tables, ground: Ground) -> Iterator[Trace]:
    known = index.kinds
    for row in tables.get("manifest", ()):
        group = row.api.rpartition("/")[0] if "/" in row.api else ""
        found = [t for want, t in known.get(row.kind, ()) if want in {"", group}]
        found += [t for want, t in known.get("*", ()) if want == group]
        keys = index.by["manifest_keys"]
        found += [
            t
            for text, tools in keys.items()
            if any(compiled(text).fullmatch(k) for k in row.keys)
            for t in tools
        ]
        yield from (_resource(index, ground, t, row.at, row.kind) for t in found)
    for row in tables.get("setting", ()):
        if row.key.endswith(".Type") and row.key.startswith("Resources.") and row.value in known:
            for _, tool in known[row.value]:
                yield _resource(index, ground, tool, row.at, row.value)


def _resource(index: TraceIndex, ground: Ground, tool: int, at: Place, kind: str) -> Trace:
    grade = _capped("used", ground.worth(at.path, index.tools[tool].spec))
    return Trace(tool, grade, at, "manifest", f"`{kind}` in `{at.path}`")


def _images(index: TraceIndex, tables: Tables, ground: Ground) -> Iterator[Trace]:
    for row in tables.get("image", ()):
        name = row.name.removeprefix("docker.io/").removeprefix("library/")
        for tool in index.by["images"].get(name, ()):
            grade = _capped("used", ground.worth(row.at.path, index.tools[tool].spec))
            yield Trace(tool, grade, row.at, "image", f"the image `{name}` in `{row.at.path}`")


def _facts(index: TraceIndex, tables: Tables, ground: Ground) -> Iterator[Trace]:
    """Facts that a tool's `rows` names."""
    for name, tools in index.by["rows"].items():
        for grade, at, note in _ROWS[name](tables, ground):
            for tool in tools:
                worth = _worth(ground, at.path, {**index.tools[tool].spec, "tests": True})
                yield Trace(tool, _capped(grade, worth), at, "config", note)


_Fact = tuple[str, Any, str]


def _pointers(tables: Tables, _: Ground) -> Iterator[_Fact]:
    for row in tables.get("pointer", ()):
        if row.hash:
            yield "used", row.at, f"`{row.path}` is tracked by `{row.at.path}`"


def _lfs(tables: Tables, _: Ground) -> Iterator[_Fact]:
    for row in tables.get("file", ()):
        if row.lfs:
            yield "used", row.at, f"`{row.at.path}` is a Git LFS pointer"
            return
    for row in tables.get("git", ()):
        if row.lfs:
            yield (
                "declared",
                row.at,
                ".gitattributes routes files through Git LFS, but no pointer is there",
            )


def _stage_params(tables: Tables, _: Ground) -> Iterator[_Fact]:
    for row in tables.get("stage", ()):
        if row.params:
            yield "used", row.at, f"the stage `{row.name}` depends on parameters"


def _target_needs(tables: Tables, _: Ground) -> Iterator[_Fact]:
    for row in tables.get("target", ()):
        trains = any("train" in text for text in (row.name, *row.commands))
        if trains and row.needs and row.tool in {"make", "just", "task"}:
            needs = ", ".join(row.needs[:3])
            yield "used", row.at, f"`{row.name}` of {row.tool} depends on {needs}"


def _remotes(tables: Tables, _: Ground) -> Iterator[_Fact]:
    for row in tables.get("remote", ()):
        if _LOCAL_URL.match(row.url):
            yield "declared", row.at, f"the DVC remote `{row.name}` is on one disk"
        else:
            yield "used", row.at, f"the DVC remote `{row.name}` is at `{row.url[:60]}`"


def _tests(root: str) -> Callable[[Tables, Ground], Iterator[_Fact]]:
    def find(tables: Tables, ground: Ground) -> Iterator[_Fact]:
        files = {
            r.at.path
            for r in tables.get("import", ())
            if r.root == root and ground.roles.get(r.at.path) == "test"
        }
        for row in tables.get("define", ()):
            path = row.at.path
            if not row.asserts or ground.roles.get(path) != "test":
                continue
            if not row.name.rpartition(".")[2].startswith("test"):
                continue
            if path in files or (root == "pytest" and row.kind == "function"):
                yield "used", row.at, f"`{row.name}` in `{path}` asserts something"
                return

    return find


_ROWS: Mapping[str, Callable[[Tables, Ground], Iterator[_Fact]]] = {
    "pointer": _pointers,
    "lfs": _lfs,
    "stage-params": _stage_params,
    "target-needs": _target_needs,
    "remote": _remotes,
    "pytest-tests": _tests("pytest"),
    "unittest-tests": _tests("unittest"),
}
"""Every fact that `rows` may name."""


def _environment(index: TraceIndex, tables: Tables, ground: Ground) -> Iterator[Trace]:
    known = index.by["env"]
    for row in tables.get("assign", ()):
        if row.target.startswith("os.environ["):
            for tool in known.get(row.target[11:-1].strip("\"'"), ()):
                grade = _capped("declared", ground.worth(row.at.path, index.tools[tool].spec))
                yield Trace(tool, grade, row.at, "config", f"`{row.target}` is set")


def _prose(index: TraceIndex, tables: Tables, _: Ground) -> Iterator[Trace]:
    """Tools that the top README names by the name of their package."""
    for row in tables.get("prose", ()):
        if "/" in row.at.path or "readme" not in row.at.path.lower():
            continue
        words = set(re.findall(r"[a-z][a-z0-9.+-]{3,}", row.text)) - _ORDINARY
        for number, tool in enumerate(index.tools):
            name = tool.name.lower()
            known = (*tool.spec.get("dists", ()), *tool.spec.get("imports", ()))
            if name in words and name in known:
                note = f"`{row.at.path}` speaks of {tool.name}, but no use of it was found"
                yield Trace(number, "mentioned", row.at, "prose", note)


_FINDERS = (
    _steps, _hooks, _actions, _kinds, _images, _facts, _targets, _configs, _settings,
    _dependencies, _environment, _prose,
)  # fmt: skip
