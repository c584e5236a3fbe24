"""Whether the code is under git, releases can be told apart, and configurations are kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.facts import Place
from mllint.project import arg
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.project import Project

_VERSION = regex(r"(?:^|[^\w.])v?\d+\.\d+(?:\.\d+)?\b|\b20\d\d-\d\d-\d\d\b")
_FIRST = frozenset({"0", "0.0", "0.0.0", "0.0.1", "0.1", "0.1.0", "1.0", "1.0.0"})
"""Versions that templates and habit begin with: they tell no state from another."""
_CHANGES = regex(
    r"(?:.*/)?(?:change[-_ ]?log|changes|history|news|releases?(?:[-_ ]notes)?)(?:\.\w+)?",
    re.IGNORECASE,
)
_RELEASES = (
    "softprops/action-gh-release", "actions/create-release", "ncipollo/release-action",
    "release-drafter/release-drafter", "googleapis/release-please-action",
    "google-github-actions/release-please-action", "python-semantic-release/",
    "cycjimmy/semantic-release-action", "goreleaser/goreleaser-action",
    "pypa/gh-action-pypi-publish", "marvinpinto/action-automatic-releases",
    "commitizen-tools/commitizen-action",
)  # fmt: skip
_COMMANDS = regex(
    r"gh release create|git tag\b|twine upload|semantic-release"
    r"|(?:poetry|uv|flit|hatch|pdm) publish"
    r"|cz bump|bump-?my-?version|bump2version|git push\b.*--tags"
)
_BUMPERS = regex(
    r"tool\.(?:bumpversion|commitizen|semantic_release|bumpver|setuptools_scm|versioningit"
    r"|tbump|towncrier)\b"
)
_CONFIG = regex(
    r"(?:.*/)?[\w.-]*(?:config|conf|params?|parameters|settings|hparams|hyper_?params?|args)[\w.-]*"
    r"\.(?:ya?ml|json|toml|ini|cfg|gin)|(?:.*/)?(?:configs?|conf)/(?:[\w.-]+/)*[\w.-]+\.(?:ya?ml|json|toml)",
    re.IGNORECASE,
)
_OWN_SECRET = regex(
    r"secret|credential|token|local|private|user|client_|kaggle\.json", re.IGNORECASE
)
_EXAMPLE = regex(r"example|sample|template|default|\bdist\b", re.IGNORECASE)
_READ = frozenset({"source", "template"})


def under_git(project: Project) -> Iterator[Evidence]:
    """Whether the code is committed; undecided where a copy without git was given."""
    git = next(iter(project.rows("git")), None)
    code = [
        row
        for row in project.rows("file")
        if row.kind in {"code", "notebook"} and project.role(row.at.path) in _READ
    ]
    if git is None:
        yield Evidence(None, None, "there is no git here; the files may be a copy of a repository")
    elif not git.commits:
        yield Evidence(False, None, "nothing has been committed")
    elif code and not any(row.tracked for row in code):
        yield Evidence(False, None, f"git tracks none of the {len(code)} files of code")
    else:
        tracked = sum(row.tracked is True for row in code)
        yield Evidence(True, None, f"git tracks {tracked} of {len(code)} files of code")


def released(project: Project) -> Iterator[Evidence]:
    """Whether states of the project have names: tags, releases made by CI, a list of changes."""
    found = list(_named_states(project))
    yield from found
    if found:
        return
    git = next(iter(project.rows("git")), None)
    if git is None or git.shallow:
        yield Evidence(None, None, "without the history of git its tags cannot be seen")
    else:
        yield Evidence(False, None, "there is no tag, no release and no list of changes")


def _named_states(project: Project) -> Iterator[Evidence]:
    git = next(iter(project.rows("git")), None)
    if git is not None and git.tags:
        many = f"{len(git.tags)} tags, among them" if len(git.tags) > 1 else "the tag"
        yield Evidence(True, None, f"{many} `{git.tags[-1]}`")
    for row in project.rows("heading"):
        own = project.role(row.at.path) in {"source", "docs"}
        if own and _CHANGES.fullmatch(row.at.path) and _VERSION.search(row.text):
            yield Evidence(True, row.at, f"`{row.at.path}` has “{row.text[:40]}”")
            break
    for step in project.rows("ci"):
        if step.uses.startswith(_RELEASES):
            yield Evidence(True, step.at, f"CI releases by `{step.uses}`")
            break
    for step in project.rows("step"):
        if step.origin == "ci" and _COMMANDS.match(step.command):
            yield Evidence(True, step.at, f"CI runs `{step.command[:60]}`")
            break
    if (raised := _package_version(project)) is not None:
        yield raised
    for row in project.rows("setting"):
        if row.at.path == "pyproject.toml" and (tool := _BUMPERS.match(row.key)):
            yield Evidence(True, row.at, f"`[{tool[0]}]` sets the version")
            break


def _package_version(project: Project) -> Evidence | None:
    """The version of the package, where somebody has raised it since the first one."""
    for row in project.rows("setting"):
        if row.at.path == "pyproject.toml" and row.key in {
            "project.version",
            "tool.poetry.version",
        }:
            return _raised(row.at, row.value)
        if row.at.path == "setup.cfg" and row.key == "metadata.version":
            return _raised(row.at, row.value)
    for call in project.rows("call"):
        if call.at.path == "setup.py" and call.name.rpartition(".")[2] == "setup":
            version = arg(call, "version")
            return _raised(call.at, version.const if version else None)
    return None


def _raised(at: Place, version: object) -> Evidence | None:
    if not isinstance(version, str) or version in _FIRST or not _VERSION.search(version):
        return None
    return Evidence(True, at, f"the package is of version {version}")


def configs(project: Project) -> Iterator[Evidence]:
    """Configuration files that code or a pipeline names, judged by whether they are kept."""
    paths = {row.at.path: row for row in project.rows("file")}
    names = {path.rpartition("/")[2] for path in paths}
    seen: set[str] = set()
    written = {_relative(c.args[0].const) for c in _opens(project) if _writes(c)}
    for at, text, read in _named(project):
        if text in seen or not _CONFIG.fullmatch(text) or _OWN_SECRET.search(text):
            continue
        seen.add(text)
        here = next((p for p in paths if p == text or p.endswith(f"/{text}")), "")
        if here and paths[here].tracked is not False:
            yield Evidence(True, Place(here), f"`{here}` is kept, and `{at.path}` names it")
        elif (
            read
            and text not in written
            and text.rpartition("/")[2] not in names
            and not _has_example(names, text)
            and _excluded(project, at.path, text)
        ):
            yield Evidence(False, at, f"`{text}` is ignored by git", fields={"name": text})
    for tool in project.used_tools.get("config_management", ()):
        if tool.grade == "used" and tool.how == "config":
            yield Evidence(True, tool.at, f"{tool.tool}: {tool.note}")


def _opens(project: Project) -> Iterator[Call]:
    """The calls that open a file of a constant name."""
    for call in project.calls_by_name.get("open", ()):
        if call.args and isinstance(call.args[0].const, str):
            yield call


def _writes(call: Call) -> bool:
    mode = arg(call, "mode", 1)
    return mode is not None and str(mode.const)[:1] in {"w", "a", "x"}


def _has_example(names: set[str], text: str) -> bool:
    """Whether a file beside it shows what a configuration that is not kept looks like."""
    stem = text.rpartition("/")[2].rpartition(".")[0].lower()
    return any(stem in name.lower() and _EXAMPLE.search(name) for name in names)


def _named(project: Project) -> Iterator[tuple[Place, str, bool]]:
    """The paths that code names: where, what, and whether the place surely reads it."""
    read = {path for path, role in project.roles.items() if role in _READ}
    for call in project.rows("call"):
        if call.at.path not in read:
            continue
        opens = call.name in {"open", "omegaconf.OmegaConf.load", "yaml.safe_load", "toml.load"}
        for one in () if call.name == "open" and _writes(call) else call.args:
            if isinstance(one.const, str):
                yield call.at, _relative(one.const), opens
    for row in project.assigned_texts():
        if row.at.path in read:
            yield row.at, _relative(str(row.const)), False


def _relative(text: str) -> str:
    return text.replace("\\", "/").removeprefix("./").removeprefix("../")


def _excluded(project: Project, path: str, text: str) -> bool:
    """Whether .gitignore leaves a named file out, seen from the root or from beside the code."""
    beside = f"{path.rpartition('/')[0]}/{text}".lstrip("/")
    return project.ignored(text) and project.ignored(beside)
