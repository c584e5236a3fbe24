"""What continuous integration runs where nobody reads it: other repositories, runners, services.

Knows which programs and files keep commands that no reader follows; judges nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.facts import Place
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Ci, Setting, Step
    from mllint.project import Project

RUNNERS = frozenset(
    {"earthly", "dagger", "doit", "duty", "pants", "rake", "moon", "nx", "npx", "turbo", "gradle",
     "mage", "bazel", "bazelisk", "buck2", "plz", "spin", "pyb", "devenv", "devbox", "nix", "tilt",
     "lintrunner", "hk", "fab", "meson", "ninja", "ctest", "scons", "cibuildwheel", "rattler-build",
     "boa", "reviewdog", "treefmt"}
)  # fmt: skip
"""Programs that run what a file of their own says, which is not read."""
_TASKS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("make", "just", "task", "poe", "invoke", "inv", "nox", "tox"), ()),
    **dict.fromkeys(("hatch", "pixi", "mise"), ("run", "r")),
}
"""Programs that run a task by name, and the words of theirs that stand before it."""
_BY_FACTOR = frozenset({"tox", "nox"})
"""Runners that make names up: py311 of testenv, tests-3.11 of tests."""
_PROGRAMS = tuple(
    [name]
    for name in (
        "python", "pytest", "ruff", "black", "flake8", "pylint", "mypy", "pip", "jupyter", "dvc",
        "coverage", "sphinx-build", "mkdocs", "pre-commit", "uvicorn", "streamlit",
    )
)  # fmt: skip
"""What environments are asked to run beside their tasks."""
_NO_CHECK = regex(
    r"(?:^|[-_:])(?:docs?|html|install|build|publish|deploy|release|dist|clean|set-?up|init|up|down"
    r"|start|stop|push|pull|train|run|serve|image|docker|env|sync|deps|requirements)(?:[-_:]|$)"
)
"""Tasks that one would not ask for a check of the code."""
_ELSEWHERE = regex(
    r"(?:project|remote|component): |template: (?:\S+@|Auto-DevOps)|[^./][^@]*/\.github/workflows/"
    r"|[\w-]+/continue\b|[\w-]+/(?:dagger-for-github|cibuildwheel)@"
)
"""What is taken from other repositories, and actions that run what a file of theirs says."""
_ENTRIES = ("project.scripts.", "tool.poetry.scripts.")
"""Programs of the project itself."""
_CHECKING = regex(r"(?:^|[/_-])(?:ci|checks?|tests?|lint|qa|verify|tasks|build)(?:[_.-]|$)")
_DEFINITION = regex(
    r"\.github/workflows/[^/]+\.ya?ml|\.gitlab-ci\.ya?ml|\.circleci/config\.ya?ml|\.travis\.ya?ml"
    r"|azure-pipelines[\w.-]*\.ya?ml|Jenkinsfile|bitbucket-pipelines\.ya?ml"
    r"|(?:\.buildkite/[^/]+|buildkite|cloudbuild[^/]*|buildspec[^/]*|\.drone|\.woodpecker(?:/[^/]+)?"
    r"|\.(?:forgejo|gitea)/workflows/[^/]+)\.ya?ml"
)
_OTHER_SERVICES = regex(
    r"\.cirrus\.(?:ya?ml|star)|(?:\.appveyor/.*|\.?appveyor)\.ya?ml|\.semaphore/.*\.ya?ml"
    r"|(?:.*/)?Jenkinsfile[^/]*|(?:.*/)?[^/]*\.jenkinsfile|\.jenkins/.*"
    r"|(?:\.ci/)?\.?tekton/.*\.ya?ml|\.teamcity/.*"
    r"|\.builds/.*\.ya?ml|\.build\.ya?ml|wercker\.ya?ml|codefresh\.ya?ml|\.harness/.*|concourse/.*"
    r"|ci/pipeline\.ya?ml|\.travis\.ya?ml|circle\.ya?ml|\.drone\.(?:star|jsonnet)"
    r"|\.woodpecker/.*\.ya?ml|\.crow(?:/.*)?\.ya?ml|\.vela\.ya?ml|screwdriver\.ya?ml"
    r"|buddy\.ya?ml|\.buddy/.*\.ya?ml|\.?zuul\.ya?ml|\.?zuul\.d/.*\.ya?ml|\.?prow\.ya?ml|\.prow/.*"
    r"|shippable\.ya?ml|codeship-steps\.ya?ml|codemagic\.ya?ml|bitrise\.ya?ml|[^/]*\.gocd\.ya?ml"
    r"|\.onedev-buildspec\.ya?ml|\.taskcluster\.ya?ml|\.?evergreen\.ya?ml|\.evergreen/.*\.ya?ml"
    r"|\.codecatalyst/workflows/.*\.ya?ml|\.agola/.*|\.radicle/.*\.ya?ml"
    r"|\.tangled/workflows/.*\.ya?ml|\.kokoro/.*|\.vsts-ci\.ya?ml|cloudbuild\.json"
    r"|buildspecs?/[^/]*\.ya?ml|\.buildkite/[^/]+\.(?:py|sh|json|rb)"
)
"""Files of services whose steps are not read, or not always."""
_SCRIPTS = frozenset(
    {"script", "scripts", "command", "commands", "run", "content", "cmd", "sh", "bash", "shell"}
)
_RUNS = regex(
    r"(?:^|[\s;&|/])(?:pytest|ruff|flake8|pylint|mypy|pyright|unittest|nox|tox|prospector)(?=[\s;]|$)"
    r"|\b(?:make|just|task|poe|inv|duty|doit) (?:ci|checks?|tests?|lint|all)\b"
)
_OF_TOOLS = regex(
    r"(?:^|/)(?:\.pre-commit|\.?lefthook|taskfile|dvc\.|.*compose|mkdocs|environment|\.gitpod"
    r"|\.github/|\.circleci/|params|config)[\w.-]*",
    re.IGNORECASE,
)
"""Files of YAML whose commands are read elsewhere, or run by nothing on a push."""
_LISTENERS = frozenset({"Sensor", "EventListener", "TriggerTemplate", "EventSource"})
"""Kinds of manifests by which Argo and Tekton start something on a push."""
_HOSTED = regex(
    r"\.(?:deepsource\.toml|codacy\.ya?ml|codeclimate\.ya?ml|hound\.ya?ml|pep8speaks\.ya?ml"
    r"|coderabbit\.ya?ml|sourcery\.ya?ml|scrutinizer\.ya?ml|restyled\.ya?ml|codefactor\.ya?ml"
    r"|sonarcloud\.properties|trunk/trunk\.ya?ml|qlty/qlty\.toml)"
    r"|sonar-project\.properties|qodana\.ya?ml|\.overcommit\.ya?ml|hk\.pkl"
)
"""Files of services and hooks that look at each change by themselves."""


def open_question(at: Place, what: str) -> Evidence:
    """Undecided evidence: what something runs is not known."""
    return Evidence(None, at, f"what {what} runs is not known")


def quoted(command: str) -> str:
    """A command as a report shows it."""
    return f"`{command if len(command) <= 60 else command[:57] + '...'}`"


def service(project: Project) -> Evidence | None:
    """A file of a service whose steps are not read."""
    read = {row.at.path for row in project.rows("ci")}
    if not any(step.tool == "buildkite-agent" for step in project.rows("step")):
        read |= {path for step in project.rows("step") for path in step.via}
    read -= {row.at.path for row in project.rows("ci") if row.system == "other"}
    for row in project.rows("file"):
        if _OTHER_SERVICES.fullmatch(row.at.path) and row.at.path not in read:
            return open_question(Place(row.at.path), f"`{row.at.path}`")
    for row in project.rows("setting"):
        if row.at.path not in read and _looks_run(row) and project.role(row.at.path) == "source":
            return open_question(row.at, f"`{row.key}` of `{row.at.path}`")
    for row in project.rows("manifest"):
        if row.kind in _LISTENERS:
            return open_question(row.at, f"what the {row.kind} of `{row.at.path}` starts")
    return None


def _looks_run(row: Setting) -> bool:
    """Whether a setting near the root is a script with a check of code, of whatever service."""
    path, key = row.at.path, row.key.removesuffix("[]").rpartition(".")[2]
    near = row.format == "yaml" and path.count("/") < 3 and _OF_TOOLS.search(path) is None
    return near and key in _SCRIPTS and isinstance(row.value, str) and bool(_RUNS.search(row.value))


def hosted(project: Project) -> Evidence | None:
    """The file of a tool that looks at changes where no CI is asked."""
    for row in project.rows("file"):
        if _HOSTED.fullmatch(row.at.path):
            return open_question(Place(row.at.path), f"the tool of `{row.at.path}`")
    return None


def unread(project: Project) -> Evidence | None:
    """A definition of CI that could not be read."""
    for problem in project.problems:
        if _DEFINITION.fullmatch(problem.path):
            at = Place(problem.path, problem.line)
            return Evidence(None, at, f"`{problem.path}` could not be read")
    return None


def step_of_runner(project: Project, steps: Sequence[Step]) -> Evidence | None:
    """A step whose program runs what stands in a file that is not read."""
    for step in runner_steps(project, steps):
        return open_question(step.at, quoted(step.command))
    return None


def runner_steps(project: Project, steps: Sequence[Step]) -> Iterator[Step]:
    """The steps whose program runs what stands in a file that is not read."""
    known = {target.name for target in project.rows("target")}
    known |= {target.tool for target in project.rows("target") if target.tool in _BY_FACTOR}
    read = {(target.tool, target.name) for target in project.rows("target")}
    for step in steps:
        if (step.tool in RUNNERS and not _is_read(step, read)) or _task(step, known):
            yield step


def _is_read(step: Step, read: set[tuple[str, str]]) -> bool:
    """Whether a step calls targets by names that a file which is read has, and nothing else."""
    words = [w for w in step.command.split()[1:] if w[:1] != "-" and "=" not in w and w != "run"]
    return all((step.tool, word.partition("+")[2] or word) in read for word in words or [""])


def _task(step: Step, known: set[str]) -> bool:
    """Whether a step runs a task by a name that no file that is read has."""
    before = _TASKS.get(step.tool)
    words = [w for w in step.command.split()[1:] if w[:1] not in "-+$" and "=" not in w]
    if before is None or not words or (before and words[0] not in before):
        return False
    names = words[1:] if before else words
    if (step.tool in _BY_FACTOR and step.tool in known) or (before and names[:1] in _PROGRAMS):
        return False
    ends = {name.rpartition(":")[2] for name in known} | known
    return bool(names) and ends.isdisjoint(names) and not _NO_CHECK.search(names[-1])


def step_or_service(project: Project, steps: Sequence[Step]) -> Evidence | None:
    """A step whose commands stand where they are not read."""
    scripts = {r.at.path for r in project.rows("import") if r.root in {"subprocess", "sh", "nox"}}
    paths = {row.at.path for row in project.rows("file")}
    own = {row.key for row in project.rows("setting") if row.key.startswith(_ENTRIES)}
    for step in steps:
        entry = any(f"{start}{step.tool}" in own for start in _ENTRIES)
        entry = entry and _CHECKING.search(step.tool) is not None
        if entry or _checks(step, scripts) or _own(step, paths):
            return open_question(step.at, quoted(step.command))
    if (found := step_of_runner(project, steps)) is not None:
        return found
    return elsewhere(project) or service(project)


def elsewhere(project: Project) -> Evidence | None:
    """A row of CI that takes its steps from a file which is not read."""
    for row in project.rows("ci"):
        if _ELSEWHERE.match(row.uses) or _included(row, project):
            return open_question(row.at, f"`{row.uses}`")
    return None


def _checks(step: Step, scripts: set[str]) -> bool:
    """Whether a step starts a script of Python that starts programs and is named for checks."""
    words = step.command.split()
    named = {word.removeprefix("./") for word in words[:3]}
    if words[:2] == ["python", "-m"]:
        named = {f"{word.replace('.', '/')}.py" for word in words[2:3]}
    return any(_CHECKING.search(path) or "noxfile" in path for path in named & scripts)


def _own(step: Step, paths: set[str]) -> bool:
    """Whether a step starts a program of the repository that is no script which is read."""
    words = step.command.split()
    if step.tool.startswith("$(call "):
        return True
    first = words[1] if words[0] in {"bash", "sh"} and len(words) > 1 else words[0]
    path = first.removeprefix("./")
    kind = path.rpartition("/")[2].partition(".")[2]
    if kind and kind not in {"ps1", "bat", "cmd", "pl", "rb", "js", "xsh"}:
        return False
    return path in paths and (kind != "" or "/" in first or first is not words[0])


def _included(row: Ci, project: Project) -> bool:
    """Whether a row takes in a file of the repository that has no steps of its own."""
    kind, _, path = row.uses.partition(": ")
    return kind == "local" and all(
        other.at.path != path.removeprefix("/") for other in project.rows("ci")
    )
