"""Which reader gets which file. Knows names and patterns only; readers are imported when used."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Reader(NamedTuple):
    """A reader and the files it claims."""

    name: str
    module: str
    """Module with `read(path, data, known) -> Facts`."""
    names: tuple[str, ...]
    """Patterns for the base name, lower case."""
    folders: tuple[str, ...] = ()
    """Patterns for the whole path, lower case."""
    enough: int = 0
    """Bytes from the start of a file that tell it all that it asks; 0 where it needs the whole."""


READERS: tuple[Reader, ...] = (
    Reader("python", "mllint.readers.python", ("*.py", "*.pyw")),
    Reader("notebook", "mllint.readers.notebook", ("*.ipynb",)),
    Reader(
        "dependencies",
        "mllint.readers.dependencies",
        (
            "pyproject.toml",
            "setup.py",
            "setup.cfg",
            "pipfile",
            "pipfile.lock",
            "uv.lock",
            "poetry.lock",
            "pdm.lock",
            "pixi.lock",
            "pixi.toml",
            "pylock*.toml",
            "*conda-lock*.yml",
            "conda-*.lock",
            "pdm.*.lock",
            "*spec-file*.txt",
            "*lock.txt",
            "*freeze*.txt",
            "*frozen*.txt",
            "*pins.txt",
            "pinned*.txt",
            "*mamba*.y*ml",
            "*requirements*.txt",
            "*requirements*.in",
            "*requirements*.lock",
            "*reqs*.txt",
            "*constraints*.txt",
            "*env*.y*ml",
            "*conda*.y*ml",
            "*dependencies*.y*ml",
            ".python-version",
            ".tool-versions",
            "mise.toml",
            ".mise.toml",
            "runtime.txt",
            "tox.ini",
        ),
        (
            "*requirements/*.txt",
            "*requirements/*.in",
            "*requirements/*.lock",
            "*reqs/*.txt",
            "*locks/*.txt",
            "*envs/*.y*ml",
            "*environments/*.y*ml",
        ),
    ),
    Reader(
        "ci",
        "mllint.readers.ci",
        (
            ".gitlab-ci.y*ml",
            "azure-pipelines*.y*ml",
            "jenkinsfile*",
            "*.jenkinsfile",
            ".travis.y*ml",
            "bitbucket-pipelines.y*ml",
            "action.y*ml",
            ".pre-commit-config.y*ml",
            "lefthook.y*ml",
            ".lefthook.y*ml",
            "lefthook.json",
            "lefthook.toml",
            ".lefthook.toml",
            "prek.toml",
            ".lintstagedrc*",
            "pre-commit",
            "pre-push",
            "makefile",
            "gnumakefile",
            "*.mk",
            "tox.ini",
            "noxfile.py",
            "tasks.py",
            "buildkite.y*ml",
            "buildspec*.y*ml",
            "cloudbuild*.y*ml",
            ".drone.y*ml",
            ".cirrus.y*ml",
            "bitrise.y*ml",
            ".vela.y*ml",
            "screwdriver.y*ml",
            ".build.y*ml",
            "codefresh.y*ml",
            "codemagic.y*ml",
            "*.gocd.y*ml",
            ".onedev-buildspec.y*ml",
            ".evergreen.y*ml",
            "evergreen.y*ml",
            "buddy.y*ml",
            ".crow.y*ml",
            "wercker.y*ml",
            ".taskcluster.y*ml",
            "appveyor.y*ml",
            ".appveyor.y*ml",
            "earthfile",
            "dodo.py",
            ".woodpecker.y*ml",
            "justfile",
            ".justfile",
            "taskfile.y*ml",
            "taskfile.dist.y*ml",
            "poe_tasks.toml",
            "*.sh",
            "*.bash",
            "pyproject.toml",
            "package.json",
            "setup.cfg",
            "tox.toml",
            "hatch.toml",
            "pixi.toml",
            "mise.toml",
            ".mise.toml",
            "pipfile",
        ),
        (
            ".github/workflows/*.y*ml",
            ".circleci/*.y*ml",
            ".buildkite/*.y*ml",
            ".forgejo/workflows/*.y*ml",
            ".gitea/workflows/*.y*ml",
            ".woodpecker/*.y*ml",
            ".semaphore/*.y*ml",
            "bamboo-specs/*.y*ml",
            ".builds/*.y*ml",
            ".harness/*.y*ml",
            "concourse/*.y*ml",
            ".evergreen/*.y*ml",
            ".codecatalyst/*.y*ml",
            ".tangled/*.y*ml",
            ".crow/*.y*ml",
            ".agola/*.y*ml",
            ".appveyor/*.y*ml",
            "*tekton/*.y*ml",
            ".teamcity/*.kt*",
            "*azure*pipeline*.y*ml",
            "*.gitlab-ci.y*ml",
            "*pipelines/*.y*ml",
            ".gitlab/*.y*ml",
            ".azure*/*.y*ml",
            "*ci/*.y*ml",
            "*devops/*.y*ml",
            "*template*.y*ml",
        ),
    ),
    Reader(
        "docker",
        "mllint.readers.docker",
        (
            "dockerfile*",
            "*.dockerfile",
            "containerfile*",
            "*compose*.y*ml",
            "devcontainer.json",
            ".devcontainer.json",
        ),
    ),
    Reader(
        "orchestration",
        "mllint.readers.orchestration",
        ("*.yaml", "*.yml", "*.tf", "*.dvc", "dvc.lock", "mlproject", "snakefile*", "*.smk"),
        ("*.dvc/config",),
    ),
    Reader(
        "config",
        "mllint.readers.config",
        (
            "*.toml",
            "*.yaml",
            "*.yml",
            "*.json",
            "*.ini",
            "*.cfg",
            ".gitignore",
            ".dockerignore",
            ".dvcignore",
            ".gitattributes",
            ".editorconfig",
            ".flake8",
            ".pylintrc",
            "pylintrc",
            ".coveragerc",
            "codeowners",
            ".env*",
        ),
    ),
    Reader(
        "prose",
        "mllint.readers.prose",
        (
            "*.md",
            "*.markdown",
            "*.rst",
            "*.org",
            "*.adoc",
            "readme*",
            "license*",
            "licence*",
            "copying*",
            "contributing*",
            "citation.cff",
            "changelog*",
        ),
    ),
    Reader(
        "headers",
        "mllint.readers.headers",
        ("*.csv", "*.tsv", "*.psv", "*.jsonl", "*.ndjson"),
        enough=65_536,
    ),
)


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[Reader, re.Pattern[str], re.Pattern[str] | None], ...]:
    def union(globs: tuple[str, ...]) -> re.Pattern[str]:
        return re.compile("|".join(translate(glob) for glob in globs))

    return tuple((r, union(r.names), union(r.folders) if r.folders else None) for r in READERS)


@lru_cache(maxsize=65536)
def claiming(path: str) -> tuple[Reader, ...]:
    """The readers that want this file, in the order of `READERS`."""
    lower = path.lower()
    name = lower.rpartition("/")[2]
    return tuple(
        reader
        for reader, names, folders in _patterns()
        if names.match(name) or (folders is not None and folders.match(lower))
    )


def enough(readers: Iterable[Reader]) -> int:
    """Bytes from the start of a file that these readers want; 0 for all of them."""
    wanted = [reader.enough for reader in readers]
    return max(wanted) if all(wanted) and wanted else 0
