"""Imports that no manifest declares.

Knows which distributions provide a root (`rules/imports.toml`); a root that is not listed there, or
that anything in the repository may provide, is never a finding.
"""

from __future__ import annotations

import re
import sys
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from mllint.checks import elsewhere
from mllint.checks.libraries import library
from mllint.checks.manifests import Part, apart, commands, installed, normal, parts
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mllint.facts import Import, Place
    from mllint.project import Project

_JUDGED = frozenset({"source", "example"})
_NUMBERED = regex(
    r"-?(?:cu\d+|cuda\d*\w*|gpu|cpu|nightly|binary|headless|slim|full|light|lite|core|base|all)$"
)
_SHOWN = 5
_KITS = frozenset({"gradio", "streamlit"})
_STANDARD = frozenset(sys.stdlib_module_names) | frozenset(
    {
        "__builtin__", "aifc", "annotationlib", "asynchat", "asyncore", "audioop", "binhex", "cgi",
        "cgitb", "chunk", "commands", "compression", "ConfigParser", "cookielib", "cPickle",
        "crypt", "cStringIO", "distutils", "formatter", "httplib", "HTMLParser", "imghdr", "imp",
        "lib2to3", "mailcap", "msilib", "nis", "nntplib", "ossaudiodev", "parser", "pipes",
        "Queue", "sets", "smtpd", "sndhdr", "spwd", "string", "StringIO", "sunau", "symbol",
        "telnetlib", "thread", "Tkinter", "tkMessageBox", "tomllib", "urllib2", "urlparse", "uu",
        "xdrlib", "xmlrpclib",
    }
)  # fmt: skip
"""The standard library of any Python, so that it does not matter which one runs."""
_LISTING = ("packages", "packages_to_install", "requirements", "runtime_env", "pip", "libraries")
"""Arguments by which pipelines say what the environment of a step has."""
_COMPUTED = regex(r"dependenc|install[_-]requires", re.IGNORECASE)


class _Used(NamedTuple):
    """A root that a part of the repository imports."""

    root: str
    sites: Sequence[Import]


class _Install(NamedTuple):
    """A distribution that a command installs."""

    name: str
    at: Place
    folder: str
    """For whose files that counts."""


class _Provided(NamedTuple):
    """What a part of the repository can import, by where that is said."""

    home: str
    declared: frozenset[str]
    brought: Mapping[str, str]
    """Import root -> distribution that brings it along."""
    elsewhere: Mapping[str, Place]
    """Distributions that only a command installs."""
    unsure: str
    """Why the list of what is declared may be incomplete; "" where it is whole."""
    paths: frozenset[str]
    """The files that are judged by it."""


def undeclared(project: Project) -> Iterator[Evidence]:
    """Third-party roots, judged by whether a manifest of the part declares what provides them."""
    found = parts(project, frozenset({"vendored", "generated", "template"}))
    if not any(part.dependencies for part in found):
        return
    judged = {"source"} if any(e.ok for e in library(project)) else _JUDGED
    rows: dict[str, list[Import]] = {}
    for row in project.rows("import"):
        if project.role(row.at.path) in judged:
            rows.setdefault(row.at.path, []).append(row)
    homes: dict[str, list[Import]] = {}
    known: dict[str, str] = {}
    for path in sorted(rows):
        folder = path.rpartition("/")[0]
        if folder not in known:
            known[folder] = _home(found, path)
        homes.setdefault(known[folder], []).extend(rows[path])
    installs = list(_installs(project))
    for home, imports in homes.items():
        speaking = [p for p in found if _speaks(p, home)]
        declared = _names(speaking) | _of_the_space(project, home)
        provided = _Provided(
            home,
            declared,
            {root: n for n in sorted(declared) for root in project.brings.get(n, ())},
            _elsewhere(installs, home),
            _cannot_tell(project, speaking) or _of_others(home, speaking, rows),
            frozenset(row.at.path for row in imports),
        )
        for used in _used(imports):
            yield _judge(project, used, provided)


def _home(found: Sequence[Part], path: str) -> str:
    """The innermost folder with dependencies that holds a file; "" where none does."""
    folders = [p.folder for p in found if p.holds(path) and p.dependencies]
    return max(folders, key=len, default="")


def _speaks(part: Part, home: str) -> bool:
    """Whether a part's manifests may hold for files of a home: from above, or from inside it."""
    above = not part.folder or home == part.folder or home.startswith(f"{part.folder}/")
    return above or not home or part.folder.startswith(f"{home}/")


def _used(imports: Iterable[Import]) -> Iterator[_Used]:
    """The roots that files import from outside whenever they are loaded, with the places."""
    sites: dict[str, list[Import]] = {}
    free: set[str] = set()
    for row in imports:
        if not row.root or row.root in _STANDARD:
            continue
        if row.first_party:
            free.add(row.root)
        elif not row.optional and not row.scope and row.guard in {"", "main"}:
            sites.setdefault(row.root, []).append(row)
    for root in sorted(sites):
        if root not in free:
            yield _Used(root, sites[root])


def _installs(project: Project) -> Iterator[_Install]:
    """What commands and programs install; a program may do so for any part."""
    for at, text, _ in commands(project):
        if "install" in text or "add" in text:
            for name in installed(text):
                yield _Install(name, at, at.path.rpartition("/")[0])
    for name, calls in project.calls_by_name.items():
        if name.endswith(".pip_install"):
            for call in calls:
                for text in chain.from_iterable(_texts(one.const) for one in call.args):
                    for one in installed(f"pip install {text}"):
                        yield _Install(one, call.at, "")
    for keyword in _LISTING:
        for call in project.calls_with(keyword):
            for text in _texts(next(one.const for one in call.args if one.key == keyword)):
                for one in installed(f"pip install {text}"):
                    yield _Install(one, call.at, "")


def _texts(const: object) -> Iterator[str]:
    """The texts of an argument, those in lists and the keys of mappings with them."""
    if isinstance(const, str):
        yield const
    elif isinstance(const, list | tuple | dict):
        for one in const:
            yield from _texts(one)
        for one in const.values() if isinstance(const, dict) else ():
            yield from _texts(one) if isinstance(one, list | tuple) else ()


def _elsewhere(installs: Iterable[_Install], home: str) -> dict[str, Place]:
    """What commands install, in the files that may speak for a home."""
    found: dict[str, Place] = {}
    for name, at, folder in installs:
        if not home or not folder or f"{folder}/".startswith(f"{home}/"):
            found.setdefault(name, at)
    return found


def _names(speaking: Sequence[Part]) -> frozenset[str]:
    """The distributions that parts declare, those that their extras are named after among them."""
    rows = [d for part in speaking for d in part.dependencies]
    extras = {e for d in rows for e in d.extras}
    return frozenset({*(d.name for d in rows), *extras, *(e.partition("-")[0] for e in extras)})


def _of_the_space(project: Project, home: str) -> frozenset[str]:
    """What a Hugging Face Space installs by itself: the kit that the head of its README names."""
    path = f"{home}/README.md" if home else "README.md"
    heads = project.by_path.get(path, {}).get("setting", ())
    kits = (row.value for row in heads if row.format == "front-matter" and row.key == "sdk")
    return frozenset(str(kit) for kit in kits if kit in _KITS)


def _beside(project: Project, paths: frozenset[str]) -> bool:
    """Whether notebooks stand beside scripts, which have more lines and a manifest of their own."""
    lines = {True: 0, False: 0}
    for path in paths:
        for row in project.by_path[path].get("extent", ()):
            lines[path.endswith(".ipynb")] += row.code_lines
    return lines[False] > lines[True]


def _cannot_tell(project: Project, speaking: Sequence[Part]) -> str:
    """Why the list of what is declared may be incomplete; "" where it is whole."""
    paths = {m.at.path for part in speaking for m in part.managers}
    for problem in project.problems:
        if problem.path in paths or problem.path.rpartition("/")[2] in {
            "setup.py",
            "pyproject.toml",
            "Pipfile",
        }:
            return f"`{problem.path}` was not read in full"
    for row in project.rows("setting"):
        if (
            row.key == "project.dynamic[]"
            and row.value == "dependencies"
            and "/" not in row.at.path
        ):
            listed = any(
                d.source in {"requirements", "setup.py", "setup.cfg"}
                for p in speaking
                for d in p.dependencies
            )
            if not listed:
                return f"`{row.at.path}` computes its dependencies"
    return ""


def _of_others(home: str, speaking: Sequence[Part], paths: Iterable[str]) -> str:
    """Why no manifest may be for files: each stands in a folder with code of its own."""
    stating = [part for part in speaking if part.dependencies]
    if home or not all(apart(part, paths) for part in stating):
        return ""
    return f"`{stating[0].folder}` has a manifest for its own code, and no other folder has one"


def _judge(project: Project, used: _Used, provided: _Provided) -> Evidence:
    """What is said about one root."""
    first = min(used.sites, key=lambda row: (row.at.path.endswith(".ipynb"), row.at))
    root, home = used.root, provided.home
    providers = project.distributions.get(root, ())
    if declared := _declared(root, providers, provided.declared):
        return Evidence(True, first.at, f"`{root}` comes from `{declared}`")
    if root in provided.brought:
        return Evidence(True, first.at, f"`{root}` comes along with `{provided.brought[root]}`")
    if doubt := _doubt(project, used, provided, providers):
        return Evidence(None, first.at, doubt)
    where = f"no manifest for `{home}`" if home else "no manifest"
    return Evidence(
        False,
        first.at,
        f"`{root}`",
        confidence="medium" if _in_notebooks_only(used) else None,
        related=_others(used, first),
        fields={"root": root, "dist": providers[0], "where": where},
    )


def _doubt(project: Project, used: _Used, provided: _Provided, providers: Sequence[str]) -> str:
    """Why a root that no manifest declares may be there all the same; "" where nothing says so."""
    root = used.root
    if _with_jupyter(project, used):
        return f"whoever opens the notebooks has `{root}`"
    for name in (*providers, normal(root)):
        if name in provided.elsewhere:
            return f"only a command in `{provided.elsewhere[name].path}` installs `{name}`"
    if not providers:
        return f"which distribution provides `{root}` is not known"
    for name in sorted(provided.declared):
        if name.startswith(tuple(f"{one}-providers-" for one in providers)):
            return f"`{name}` may bring `{root}` along"
    for name in sorted(provided.declared):
        if name.endswith(tuple(f"-{one}" for one in providers)):  # a plugin: kedro-pandera
            return f"`{name}` may bring `{root}` along"
    if path := elsewhere.naming(project, (*providers, root)):
        return f"`{path}` may bring `{root}` along"
    if _in_image(project, root, providers):
        return f"the container image may bring `{root}` along"
    if _in_notebooks_only(used) and _beside(project, provided.paths):
        return f"only notebooks import `{root}`, and the manifest may be meant for the scripts"
    return provided.unsure


def _in_notebooks_only(used: _Used) -> bool:
    return all(row.at.path.endswith(".ipynb") for row in used.sites)


def _with_jupyter(project: Project, used: _Used) -> bool:
    """Whether what runs notebooks brings a root along, in a project that has notebooks."""
    if used.root == "ipywidgets":
        return _in_notebooks_only(used)
    notebooks = (row.at.path for row in project.rows("notebook"))
    return used.root == "IPython" and any(project.role(path) == "source" for path in notebooks)


def _others(used: _Used, first: Import) -> tuple[Related, ...]:
    by_path = {row.at.path: row for row in used.sites if row.at.path != first.at.path}
    return tuple(Related(row.at, "imported here too") for row in list(by_path.values())[:_SHOWN])


def _declared(root: str, providers: Sequence[str], names: frozenset[str]) -> str:
    """The declared distribution that provides a root; "" where there is none."""
    plain = normal(root)
    for name in (
        *providers,
        plain,
        f"python-{plain}",
        f"{plain}-python",
        f"py{plain}",
        f"{plain}-py",
    ):
        if name in names:
            return name
    stems = (*providers, plain)
    for name in sorted(names):
        bare = _NUMBERED.sub("", name)
        if bare in stems or (not providers and name.startswith(f"{plain}-")):
            return name
    return ""


def _in_image(project: Project, root: str, providers: Sequence[str]) -> bool:
    """Whether a base image is named after what provides a root."""
    words = {root.lower(), *providers}
    full = (
        "kaggle",
        "scipy-notebook",
        "datascience-notebook",
        "anaconda3",
        "rapidsai",
        "sagemaker",
        "deepo",
        "aws-glue",
        "databricks",
        "astro-runtime",
    )
    return any(
        any(word in image.name.lower() for word in words)
        or any(one in image.name.lower() for one in full)
        for image in project.rows("image")
        if image.source in {"docker", "devcontainer"}
    )
