"""The parts of a repository that have dependencies of their own, and what each part states.

A part is a folder with a manifest or a lock file: the whole repository, or a project inside it.
Knows rows of dependencies and where they stand; knows no rule but whether anything is stated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mllint.checks import elsewhere
from mllint.checks.written import text_of
from mllint.facts import Dependency, Manager, Place
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mllint.project import Project

SIDE_GROUPS = frozenset({"dev", "test", "docs", "build"})
_OUTSIDE = frozenset({"vendored", "generated", "template", "docs", "test", "example"})
_GROUPING_FOLDERS = frozenset(
    {
        "requirements", "requirement", "reqs", "deps", "dependencies", "env", "envs", "environment",
        "environments", "conda", "docker", "build", "config", "conf", "setup", "ci", "install",
        ".devcontainer", ".binder", "binder", "lock", "locks", "lockfiles",
    }
)  # fmt: skip
"""Folders whose manifests speak for the folder above."""
_OTHER_MANIFEST = regex(
    r"(?:.*/)?(?:env\.ya?ml|meta\.ya?ml|recipe\.ya?ml|(?:flake|shell|default|devenv)\.nix"
    r"|spack\.yaml|module\.bazel|workspace|pants\.toml|(?:reqs?|dependenc|packages?|pip)[\w.-]*\.txt"
    r"|install[\w.-]*\.sh|singularity(?:\.def)?|[\w.-]*\.def|manifest\.scm|devbox\.json"
    r"|modulefile|cog\.yaml|bentofile\.yaml|truss.*/config\.yaml|requirements[\w.-]*\.lock)",
    re.IGNORECASE,
)
_INSTALL = regex(
    r"\b(?:pip3?(?:\.\d+)?|uv pip|conda|mamba|micromamba|pipx|poetry|uv|zenml integration)\s+"
    r"(?:-\S+\s+)*(?:install|add|create)\b([^\n;&|#]*)"
)
_NAME = regex(r"[\"']?([A-Za-z][A-Za-z0-9._-]*)")
_VALUED = frozenset(
    {
        "-r",
        "-c",
        "-e",
        "-i",
        "-f",
        "-n",
        "-t",
        "--index-url",
        "--extra-index-url",
        "--find-links",
        "--channel",
        "--name",
        "--file",
        "--requirement",
        "--constraint",
        "--target",
        "--timeout",
        "--trusted-host",
    }
)
_INSTALLING = frozenset(
    {"packages_to_install", "pip_packages", "python_packages", "pip_requirements", "runtime_env"}
)
"""Keywords by which jobs and images are told what to install."""
_PACKERS = regex(
    r"(?:flytekit|zenml|metaflow|modal|prefect|azureml|azure|beam|union|snowflake|bentoml)\."
)
_PACKED = frozenset({"packages", "requirements", "libraries"})
"""Keywords that say it too, of the libraries that make images."""
_MENTIONS = regex(r"install_requires|dependencies")
_RUN = regex(r"[-_.]+")


@dataclass(frozen=True)
class Part:
    """A folder that states dependencies, with what it states."""

    folder: str
    managers: Sequence[Manager]
    dependencies: Sequence[Dependency]

    @property
    def locked(self) -> Mapping[str, Sequence[Dependency]]:
        """What lock files fix, by name."""
        return _by_name(d for d in self.dependencies if d.source.startswith("lock:"))

    @property
    def stated(self) -> Sequence[Dependency]:
        """What manifests ask for, build requirements apart."""
        return [
            d
            for d in self.dependencies
            if not d.source.startswith("lock:") and d.source != "constraint" and d.group != "build"
        ]

    def holds(self, path: str) -> bool:
        """Whether a file lies in this part's folder."""
        return not self.folder or path.startswith(f"{self.folder}/")


def _by_name(rows: Iterator[Dependency]) -> dict[str, list[Dependency]]:
    found: dict[str, list[Dependency]] = {}
    for row in rows:
        found.setdefault(row.name, []).append(row)
    return found


def folder_of(path: str) -> str:
    """The folder that a manifest speaks for."""
    folder = path.rpartition("/")[0]
    while folder.rpartition("/")[2].lower() in _GROUPING_FOLDERS:
        folder = folder.rpartition("/")[0]
    return folder


def parts(project: Project, outside: frozenset[str] = _OUTSIDE) -> list[Part]:
    """The parts of a repository, outermost first; those of `outside` roles left out."""
    managers: dict[str, list[Manager]] = {}
    stated: dict[str, list[Dependency]] = {}
    for row in project.rows("manager"):
        if project.role(row.at.path) not in outside:
            managers.setdefault(folder_of(row.at.path), []).append(row)
    for row in project.rows("dependency"):
        if project.role(row.at.path) not in outside:
            stated.setdefault(folder_of(row.at.path), []).append(row)
    folders = sorted(set(managers) | set(stated))
    return [Part(f, managers.get(f, ()), stated.get(f, ())) for f in folders]


def apart(part: Part, paths: Iterable[str]) -> bool:
    """Whether a part's manifests are for code of its own folder, and not for that beside it."""
    return bool(part.folder) and any(part.holds(path) for path in paths)


def around(found: Sequence[Part], path: str) -> list[Part]:
    """The parts that speak for a file: those whose folder holds it, innermost first; else all."""
    holding = [part for part in found if part.holds(path)]
    return sorted(holding, key=lambda part: -len(part.folder)) or list(found)


def installed(text: str) -> set[str]:
    """The distributions that the install commands of a text name, normalised."""
    found: set[str] = set()
    for command in _INSTALL.finditer(text.replace("\\\n", " ")):
        skip = False
        for word in command[1].split():
            if skip:
                skip = False
            elif word.startswith("-"):
                skip = word in _VALUED
            elif (name := _NAME.match(word)) and "/" not in word:
                found.add(normal(name[1]))
    return found


def normal(name: str) -> str:
    """A distribution's name as PEP 503 normalises it."""
    return _RUN.sub("-", name).lower().rstrip("-")


def commands(project: Project) -> Iterator[tuple[Place, str, str]]:
    """Texts that may install something, with the kind of place: docker, ci, script or prose."""
    for row in project.rows("docker"):
        if row.word == "RUN":
            yield row.at, row.value, "docker"
    for row in project.rows("ci"):
        if row.run:
            yield row.at, row.run, "ci"
    for row in project.rows("target"):
        yield row.at, "\n".join(row.commands), "script"
    for row in project.rows("fence"):
        yield row.at, row.text, "prose"


def no_manifest(project: Project) -> Iterator[Evidence]:
    """Whether anything states what to install, in a project that imports other people's code."""
    first = next(_third_party(project), None)
    stating = {d.at.path for d in project.rows("dependency") if d.group != "build"}
    computed = ""
    for row in sorted(project.rows("manager"), key=_outermost):
        if project.role(row.at.path) in {"vendored", "generated", "docs"}:
            continue
        if row.at.path in stating or row.role == "lock":
            yield Evidence(True, row.at, f"`{row.at.path}`")
            return
        if first is not None and _computes(project, row.at.path):
            computed = row.at.path
    if first is None:
        return
    inline = {r.at.path: r.at for r in project.rows("setting") if r.key == "script.dependencies[]"}
    if inline:
        path, at = next(iter(inline.items()))
        whole = {row.at.path for row in _third_party(project)} <= set(inline)
        yield Evidence(whole or None, at, f"`{path}` states its own")
        return
    if computed:
        yield Evidence(None, Place(computed), f"`{computed}` computes them")
        return
    other = next(
        (
            f.at.path
            for f in project.rows("file")
            if _OTHER_MANIFEST.fullmatch(f.at.path) and project.role(f.at.path) == "source"
        ),
        None,
    )
    sign = elsewhere.seen(project, elsewhere.PACKAGES) if other is None else None
    other = other or (sign[0] if sign is not None else _in_code(project))
    if other is not None:
        yield Evidence(None, Place(other), f"`{other}` may state them")
        return
    for at, text, where in commands(project):
        if where in {"docker", "script"} and installed(text):
            note = f"only `{at.path}` says what is installed"
            yield Evidence(False, None, note, 0.5 if where == "docker" else 0.25)
            return
    yield Evidence(False, None, f"`{first.root}` is imported, and none lists it")


def _in_code(project: Project) -> str | None:
    """A file of code that tells a job or an image what to install."""
    for name, calls in project.calls_by_name.items():
        told = name.endswith(("pip_install", "pip_install_from_requirements", "pip_packages"))
        for call in calls:
            listed = any(
                a.key in _INSTALLING or (a.key in _PACKED and _PACKERS.match(name))
                for a in call.args
            )
            if (told or listed) and project.role(call.at.path) in {"source", "template"}:
                return str(call.at.path)
    return None


def _outermost(row: Manager) -> tuple[int, bool, Place]:
    return row.at.path.count("/"), row.role == "lock", row.at


def _computes(project: Project, path: str) -> bool:
    """Whether a manifest that states nothing readable mentions dependencies."""
    return _MENTIONS.search(text_of(project, path)) is not None


def _third_party(project: Project) -> Iterator[Any]:
    for row in project.rows("import"):
        if (
            not row.first_party
            and row.root
            and row.root in WELL_KNOWN
            and project.role(row.at.path) == "source"
        ):
            yield row


WELL_KNOWN = frozenset(
    {
        "numpy", "pandas", "scipy", "sklearn", "torch", "tensorflow", "keras", "jax", "xgboost",
        "lightgbm", "matplotlib", "requests", "flask", "fastapi", "transformers", "cv2", "PIL",
        "yaml", "tqdm", "mlflow",
    }
)  # fmt: skip
"""Import roots that surely come from a distribution."""
