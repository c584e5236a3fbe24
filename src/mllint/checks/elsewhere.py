"""What the files of less common tools say, told by their names and by a pattern of their text.

Knows how such a tool spells a Python version, an image, or a list of packages; judges nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mllint.checks.written import text_of
from mllint.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mllint.project import Project

_OURS = frozenset({"source", "template"})
_COMMENT = regex(r"[ \t]*(?:#|//|;)")
_LONGEST = 20_000
"""Characters of a file that are looked at: patterns may look far ahead from each of its lines."""


class Sign(NamedTuple):
    """A file of that path whose text, comments apart, holds that pattern."""

    path: str
    text: str


PYTHON = (
    Sign(
        r"(?:.*/)?(?:\.?mise|\.rtx)(?:[.\w-]*\.toml|/config\.toml)",
        r'^\s*"?(?:core:)?python"?\s*=.*\d\.\d+|^\[tools\.python\]\s+version\s*=\s*"\d.*',
    ),
    Sign(r"\.prototools|hatch\.toml|condapkg\.toml", r'^python\s*=\s*"[^"\n]*\d'),
    Sign(r"\.python-versions?", r"\b3\.\d+"),
    Sign(
        r"(?:.*/)?pyproject\.toml",
        r'^\[tool\.hatch\.envs\.[\w.-]+\]\s(?:(?!\[).*\n)*?python\s*=\s*"3[\d.]*"'
        r"|^\[tool\.flit\.metadata\]\s(?:(?!\[).*\n)*?requires-python\b.*",
    ),
    Sign(r"(?:.*/)?(?:uv\.lock|pylock(?:\.[\w-]+)?\.toml)", r'^requires-python\s*=\s*".*\d.*'),
    Sign(r"(?:.*/)?[\w-]+\.nix", r'\bpython3\d+|languages\.python\b[^}]*?version\s*=\s*"3[\d.]+"'),
    Sign(r"devbox\.json", r'\bpython3?@3[\d.]*|\bpython3\d+|"python3?"\s*:\s*"3[\d.]*"'),
    Sign(r"\.flox/env/manifest\.toml", r'\bpython3\d+|python3?\.version\s*=\s*"[^"\n]*3\.\d+'),
    Sign(r"(?:.*/)?(?:manifest|guix)\.scm|spack\.yaml", r"\bpython[@-]3\.\d+"),
    Sign(
        r"(?:.*/)?(?:cog\.yaml|config\.ya?ml|bentofile\.ya?ml|cerebrium\.toml)",
        r"^\s*python_version\s*[:=]\s*[\"']?(?:py)?3[\d.]*",
    ),
    Sign(r"(?:.*/)?python_env\.ya?ml", r"^python\s*:\s*[\"']?3[\d.]*"),
    Sign(r"(?:.*/)?build\.envd", r'\bpython\(\s*version\s*=\s*"3[\d.]*|"python3\.\d+"'),
    Sign(r"(?:.*/)?anaconda-project\.ya?ml", r"^\s*-\s*python\s*[=<>~].*\d"),
    Sign(r"(?:.*/)?(?:meta|recipe)\.ya?ml", r"^\s*-\s*python\s*[=<>~].*\d"),
    Sign(r"(?:.*/)?[\w.-]*conda-lock[\w.-]*\.ya?ml", r"name:\s*python\s+version:\s*[\"']?3[\d.]*"),
    Sign(
        r"(?:.*/)?(?:[\w.-]*\.(?:def|nf|smk)|earthfile|singularity|snakefile)",
        r"^\s*(?:from:?|container:?)\s*[\"']?(?:docker://)?\S*\bpython:3[\w.-]*",
    ),
    Sign(r"\.gitpod\.ya?ml|\.replit", r"\bpython-?3[\d.]*"),
    Sign(r"\.envrc", r"^\s*(?:layout|use)\s+(?:pyenv|python|asdf|mise)\S*\s+\S*3\.\d+"),
    Sign(
        r"(?:.*/)?[\w.-]+\.(?:ya?ml|tf)|zappa_settings\.json",
        r"^\s*\"?runtime\"?\s*[:=]\s*[\"']?python3[\d.]+|\bspark_version:\s*[\"']?\d+\.\d+\.x"
        r"|^\s*runtime_version:\s*[\"']?3\.\d+",
    ),
    Sign(
        r"(?:render\.ya?ml|(?:netlify|nixpacks|project|railway)\.toml)",
        r"PYTHON_VERSION\W+(?:value\W+)?3\.\d+",
    ),
    Sign(r"\.build\.ya?ml|\.builds/.*\.ya?ml|\.cirrus\.ya?ml", r"\bpython-?3\.\d+"),
    Sign(r"pants\.toml", r"^interpreter_constraints\s*=\s*\[[^\]]*\d"),
    Sign(r"module\.bazel|workspace(?:\.bazel)?", r'\bpython_version\s*=\s*"3\.\d+"'),
    Sign(r"renv\.lock", r'"Python"\s*:\s*\{\s*"Version"\s*:\s*"3[\d.]*"'),
    Sign(
        r"\.devcontainer(?:/.*)?\.?(?:json)",
        r'features/python:\d+"\s*:\s*\{[^}]*"version"\s*:\s*"3[\d.]*',
    ),
    Sign(
        r"(?:.*/)?[\w.-]+\.(?:sh|sbatch|slurm|pbs|job)",
        r"^\s*(?:module|ml)\s+(?:load\s+|add\s+)?.*\bpython/3[\w.-]*",
    ),
)
"""Files in which a set-up reads the version of Python."""
IMAGE = (
    Sign(r"(?:.*/)?earthfile", r"^\s*save image\b.*"),
    Sign(
        r"(?:.*/)?[\w-]+\.nix",
        r"\bdockertools\.\w+|\bnix2container\b.*|^\s*\{?\s*containers\.\w[\w.-]*\s*=",
    ),
    Sign(
        r"(?:.*/)?build(?:\.bazel)?",
        r"^\s*(?:oci_image|container_image|docker_image|py3?_image)\(",
    ),
    Sign(r"(?:.*/)?project\.toml", r"^\[+io\.buildpacks.*"),
    Sign(r"(?:.*/)?[\w.-]+\.pkr\.hcl", r'^\s*source\s+"docker"'),
    Sign(r"(?:.*/)?(?:apko|[\w.-]+\.apko)\.ya?ml", r"^contents:"),
    Sign(r"(?:.*/)?rockcraft\.ya?ml", r"^parts:"),
    Sign(r"(?:.*/)?(?:[\w.-]*\.def|singularity[\w.-]*)", r"^\s*bootstrap:.*"),
    Sign(r"(?:.*/)?[\w.@-]+\.container", r"^\s*image\s*=\s*\S+"),
    Sign(
        r"(?:.*/)?[\w.-]+\.(?:hcl|nomad)", r'\bdriver\s*=\s*"(?:docker|podman)"[\s\S]*?\bimage\s*='
    ),
    Sign(r"(?:.*/)?[\w.-]+\.tf", r"^.*\bimage(?:_uri)?\"?\s*[:=].*(?:/|ecr|registry).*"),
    Sign(r"config/deploy\.ya?ml", r"^image:\s*\S+"),
    Sign(r"copilot/.+/manifest\.ya?ml", r"^image:"),
    Sign(r"(?:.*/)?fly[\w.-]*\.toml", r"^\s*(?:image|builder|dockerfile)\s*=.*"),
)
"""Files that describe or name an image."""
HEALTH = (Sign(r"(?:.*/)?[\w.-]+\.(?:hcl|nomad|tf)", r"^\s*(?:check|health_check)\s*\{"),)
"""Files in which an orchestrator is told how to ask a service if it is well."""
PLATFORM = (
    Sign(
        r"(?:.*/)?(?:fly[\w.-]*\.toml|railway\.(?:json|toml)|nixpacks\.toml|railpack\.json"
        r"|zappa_settings\.\w+|vercel\.json|\.chalice/config\.json|\.s2i/.*)",
        r"\S.*",
    ),
    Sign(r"(?:.*/)?render\.ya?ml", r"^services:"),
    Sign(r"(?:.*/)?(?:app|serverless)\.ya?ml", r"^\s*runtime:\s*[\"']?python.*"),
    Sign(r"(?:.*/)?config\.ya?ml", r"^model_name:.*"),
    Sign(r"readme\.md", r"\A---\n(?:.+\n)*?sdk:\s*(?:gradio|streamlit|docker)\b"),
    Sign(
        r"(?:.*/)?(?:makefile|justfile|taskfile\.ya?ml|[\w.-]+\.sh|\.github/workflows/.*"
        r"|\.gitlab-ci\.yml|cloudbuild\.ya?ml)",
        r"\bgcloud run deploy\b.*--source\b|\baz (?:containerapp|webapp) up\b|\bch-image build\b"
        r"|\bbuildah (?:from|bud|build|commit)\b|/kaniko/executor\b",
    ),
)
"""Files of platforms and builders that make the image by themselves."""
PACKAGES = (
    Sign(
        r"(?:.*/)?(?:(?:anaconda|conda)-project\.ya?ml|guix\.scm|[\w-]+\.nix|build\.envd"
        r"|\.flox/env/manifest\.toml|python_env\.ya?ml|hatch\.toml|condapkg\.toml|postbuild"
        r"|[\w.-]+\.eb|[\w.-]*spec-file[\w.-]*\.txt|requirements(?:\.pip)?|deps?\.txt"
        r"|reqs/[\w.-]+\.txt)",
        r"\S.*",
    ),
    Sign(r"settings\.ini", r"^(?:pip_)?requirements\s*=\s*\S.*"),
    Sign(r"(?:.*/)?pyproject\.toml", r"^\[tool\.flit\.metadata\]|^dependencies\s*=\s*\{\s*file\b"),
    Sign(r"(?:.*/)?build(?:\.bazel|\.pants)?", r"\bpython_requirements?\("),
    Sign(r"(?:.*/)?config\.ya?ml", r"^requirements:\s*\n\s*-"),
    Sign(r"(?:.*/)?[\w.-]+\.ya?ml", r"^\s*-?\s*pypi:\s*\n\s*-?\s*package:\s*\S+"),
    Sign(r"(?:.*/)?[\w.-]+\.nf", r"^.*\b(?:conda|container)\s+[\"'].+"),
)
"""Files that may list what has to be installed."""
LISTED = regex(
    r"(?:.*/)?(?:[\w-]+\.nix|(?:manifest|guix)\.scm|spack\.ya?ml|devbox\.json|build\.envd|hatch\.toml"
    r"|\.flox/env/manifest\.toml|earthfile|singularity[\w.-]*|postbuild|[\w.-]+\.(?:def|eb|nf|smk))",
    re.IGNORECASE,
)
"""Files that name packages in the midst of other things."""
LOCKED = (
    Sign(
        r"(?:.*/)?[\w-]+\.nix",
        r"\bwithpackages\b|\bpython3\d*packages\b|\b(?:poetry2nix|uv2nix|pyproject-nix|dream2nix)\b",
    ),
    Sign(r"(?:.*/)?(?:devbox|(?:.*/)?manifest)\.lock|spack\.lock|channels\.scm", r"\S.*"),
    Sign(r"(?:.*/)?(?:[\w.-]*\.lock|[\w.-]*lock\.json)", r'"locked_resolves"'),
    Sign(r"(?:.*/)?anaconda-project-lock\.ya?ml", r"^locking_enabled:\s*true"),
    Sign(r"(?:.*/)?(?:pyproject|uv)\.toml", r"^exclude-newer\s*=\s*.*\d{4}"),
)
"""Files that may fix the versions of what a manifest asks for."""


def seen(project: Project, signs: tuple[Sign, ...]) -> tuple[str, str] | None:
    """The first file with one of the signs, and what it says there."""
    known = [(re.compile(one.path, re.IGNORECASE), one.text) for one in signs]
    for path in _ours(project):
        for place, said in known:
            if not place.fullmatch(path):
                continue
            text = _said(project, path)
            if found := re.search(said, text, re.IGNORECASE | re.MULTILINE):
                return path, " ".join(found[0].split())[:60]
    return None


def naming(project: Project, names: Iterable[str]) -> str:
    """The first file among `LISTED` that names a package, by itself or as one of Python; or ""."""
    either = "|".join(re.escape(name) for name in dict.fromkeys(names))
    wanted = re.compile(rf"(?<![\w-])(?:py(?:thon)?-)?(?:{either})(?![\w-])", re.IGNORECASE)
    found = (path for path in _ours(project) if LISTED.fullmatch(path))
    return next((path for path in found if wanted.search(_said(project, path))), "")


def _said(project: Project, path: str) -> str:
    """The lines of a file that are neither empty nor a comment; "" where it cannot be read."""
    lines = text_of(project, path)[:_LONGEST].split("\n")
    return "\n".join(one for one in lines if one.strip() and not _COMMENT.match(one))


def _ours(project: Project) -> Iterator[str]:
    for row in project.rows("file"):
        if row.size and project.role(row.at.path) in _OURS:
            yield row.at.path
