"""Whether a tool may be run by what no reader follows: files of builders, other repositories.

The text of such a file is looked at for the words of the tool's commands: where none of them stands
there, it does not run the tool.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.checks.ci import own_steps
from mllint.checks.out_of_sight import elsewhere, open_question, quoted, runner_steps, service
from mllint.checks.written import text_of
from mllint.names import Names
from mllint.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.project import Project
    from mllint.review import Evidence

_BAZEL = (
    r"(?:.*/)?(?:module\.bazel|workspace(?:\.bazel)?|build(?:\.bazel)?|buck|\.\w+rc|[\w.-]+\.bzl)"
)
_NIX = r"(?:.*/)?[\w-]+\.nix"
_FILES = {
    **dict.fromkeys(("bazel", "bazelisk", "buck2", "plz", "aspect"), _BAZEL),
    **dict.fromkeys(("nix", "devenv"), _NIX),
    "dagger": r"(?:.*/)?\.?dagger/.*\.(?:py|go|ts|php|java)|(?:ci|build)/.*\.(?:go|py|ts)",
    "pants": r"pants[\w.]*\.toml|(?:.*/)?build(?:\.pants)?",
    "earthly": r"(?:.*/)?earthfile",
    "doit": r"(?:.*/)?dodo\.py",
    "duty": r"duties\.py",
    "scons": r"(?:.*/)?scons(?:truct|cript)",
    "meson": r"(?:.*/)?meson\.build",
    "rake": r"rakefile",
    "moon": r"\.moon/.*|(?:.*/)?moon\.ya?ml",
    "nx": r"nx\.json|(?:.*/)?project\.json",
    "turbo": r"turbo\.json|(?:.*/)?package\.json",
    "gradle": r"(?:.*/)?[\w.-]+\.gradle(?:\.kts)?",
    "mage": r"(?:.*/)?magefiles?[./].*",
    "pyb": r"build\.py",
    "spin": r"\.spin/.*",
    "devbox": r"devbox\.json",
    "tilt": r"tiltfile",
    "lintrunner": r"\.lintrunner\.toml",
    "hk": r"hk\.pkl",
    "fab": r"fabfile\.py",
    "treefmt": rf"\.?treefmt\.toml|{_NIX}",
}
"""Where a runner keeps what it runs."""
_MOST = 30
"""Files of a runner whose text is looked at."""
_LONGEST = 50_000
_COMMENT = regex(r"^\s*(?:#|//).*", re.MULTILINE)


def may_run(project: Project, families: Sequence[str], *, declared: bool) -> Evidence | None:
    """Undecided evidence where a tool of the families may run out of sight.

    `declared` says that the project has the tool or its configuration, which any runner may use.
    """
    patterns = _commands(project, families)
    for step in runner_steps(project, own_steps(project)):
        if step.tool not in _FILES:
            continue
        paths = _paths(project, _FILES[step.tool])
        if declared or not paths or len(paths) > _MOST or _names_one(project, paths, patterns):
            return open_question(step.at, quoted(step.command))
    return elsewhere(project) or service(project)


def _commands(project: Project, families: Sequence[str]) -> list[list[str]]:
    """The words of each command that runs a tool of the families."""
    known = (project.tools.get(family, {}).get("cli", Names(())) for family in families)
    return [pattern.lower().split() for names in known for pattern in names.patterns]


def _paths(project: Project, pattern: str) -> list[str]:
    wanted = re.compile(pattern, re.IGNORECASE)
    return [r.at.path for r in project.rows("file") if wanted.fullmatch(r.at.path)]


def _names_one(project: Project, paths: Sequence[str], patterns: Sequence[list[str]]) -> bool:
    """Whether all words of a command stand in the files together."""
    said = " ".join(_texts(project, paths)).lower()
    return any(all(word in said for word in words) for words in patterns)


def _texts(project: Project, paths: Sequence[str]) -> Iterator[str]:
    for path in paths:
        yield _COMMENT.sub("", text_of(project, path)[:_LONGEST])
