"""What continuous integration really runs: tests, linters, notebooks; whether failures count."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.checks.out_of_sight import (
    elsewhere,
    hosted,
    quoted,
    service,
    step_of_runner,
    step_or_service,
    unread,
)
from mllint.facts import Place
from mllint.names import Names
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Ci, Step
    from mllint.project import Project

_CHANGES = frozenset(
    {"push", "pull_request", "pull_request_target", "merge_request", "merge_group", "schedule",
     "tag", "release", "workflow_run"}
)  # fmt: skip
_IDLE = frozenset(
    {"echo", "printf", "cat", "cd", "cp", "mv", "rm", "mkdir", "curl", "wget", "git", "apt-get",
     "apt", "brew", "choco", "pip", "pip3", "pipx", "conda", "mamba", "npm", "yarn", "pnpm"}
)  # fmt: skip
"""Programs that name a tool without running it on the Python code: they install, print, move."""
_PRINTS = frozenset({"echo", "printf", "cat", "ls", "cd", "pwd", "env", "date", "tree", "true"})
_CHECKS_OUT = regex(r"actions/(?:checkout|setup-\w+|cache)@")
_INSTALLS = regex(r"(?:uv|poetry|pdm|hatch|pixi|rye)\b[\w .-]* (?:install|add|sync|venv)\b")
_OTHER_LANGUAGES = frozenset(
    {"yamllint", "hadolint", "actionlint", "shellcheck", "sqlfluff", "codespell", "typos",
     "zizmor", "fawltydeps", "deptry", "creosote", "repo-review", "pre-commit", "prek", "lefthook"}
)  # fmt: skip
"""Linters of something else than Python code, and programs that only run others."""
_MAY_LINT = regex(
    r"(?<![a-z])(?:lint(?:er|ers|ing)?|ruff|flake8|pylint|sonar\w*|codacy|qodana"
    r"|deepsource|pre-commit|prek|code[-_ ]?(?:quality|style|check|analysis)|static[-_ ]analysis)"
    r"(?![a-z])",
    re.IGNORECASE,
)
_TESTS = regex(
    r"(?:^|[\s/=\"'])(?:pytest|py\.test|unittest|nosetests|nose2|tox|nox|behave)(?=$|[\s\"'])"
    r"|^python setup\.py test\b|\bmanage\.py test\b|^(?:hatch|bazel) test\b"
)
_BUILDS = regex(
    r"^(?:docker|podman|buildah)\b.*\b(?:build|bake|up|run)\b|^docker-compose\b"
    r"|^docker/(?:build-push|bake)-action@"
    r"|^gcloud builds submit\b"
)
_OWN_CODE = frozenset({"python", "bash", "sh", "make", "docker"})
_MAY_TEST = regex(
    r"(?<![a-z])(?:unit|smoke|integration|py|run)?[-_]?tests?(?![a-z])", re.IGNORECASE
)
_LISTS_ONLY = regex(r"\s--(?:collect-only|co|version|help|fixtures|markers)\b")
"""Options by which a runner of tests runs none."""
_NOTEBOOKS = regex(
    r"--nbmake|--nbval|nbconvert\b.*--execute|\bjupyter[ -]execute\b|\bpapermill\b|\btreon\b"
    r"|\btestbook\b|\bnbqa pytest\b|\bjupyter-book build\b|\bploomber (?:build|nb)\b"
)
_SYSTEMS = {
    "github": "GitHub Actions", "gitlab": "GitLab CI", "azure": "Azure Pipelines",
    "circleci": "CircleCI", "jenkins": "Jenkins", "travis": "Travis CI",
    "bitbucket": "Bitbucket Pipelines", "pre-commit": "pre-commit.ci", "buildkite": "Buildkite",
    "codebuild": "AWS CodeBuild", "cloudbuild": "Cloud Build", "drone": "Drone",
    "woodpecker": "Woodpecker", "cirrus": "Cirrus CI", "semaphore": "Semaphore",
    "appveyor": "AppVeyor", "tekton": "Tekton", "teamcity": "TeamCity",
    "bamboo": "Bamboo", "bitrise": "Bitrise",
}  # fmt: skip
_FILE = regex(r"[\w./-]+\.(?:ya?ml|json|toml|py|sh)\b")
_MAY_RUN = regex(r"\bnotebooks?\b|\bjupyter\b|\.ipynb\b")
_ACTION = regex(r"(?:^|/)action\.ya?ml$")
"""Composite actions, which run where a workflow calls them."""
_OURS = frozenset({"source", "template"})
_NOT_OURS = frozenset({"test", "vendored", "generated"})


def own_steps(project: Project) -> list[Step]:
    """The commands of CI that do something with the project; not those of its test data."""
    return [
        s
        for s in project.rows("step")
        if s.origin == "ci"
        and s.tool not in _IDLE
        and not _INSTALLS.match(s.command)
        and project.role((s.via or (s.at.path,))[0]) not in _NOT_OURS
    ]


def _nothing(project: Project, text: str) -> Evidence:
    if (question := unread(project)) is not None:
        return question
    count = len({s.at for s in project.rows("step") if s.origin == "ci"})
    return Evidence(False, None, f"{text} ({count} command{'s' * (count != 1)} seen)")


def runs_on_change(project: Project) -> Iterator[Evidence]:
    """Steps of CI that start by themselves."""
    steps = [row for row in project.rows("ci") if not _ACTION.search(row.at.path)]
    started = [row for row in steps if not row.on or not _CHANGES.isdisjoint(row.on)]
    idle = _prints_only(project)
    good = [row for row in started if row.at.path not in idle]
    for row in good:
        events = ", ".join(e.replace("_", " ") for e in row.on if e in _CHANGES)
        note = f"{_system(row)} runs{' on ' * bool(events)}{events}"
        yield Evidence(True, Place(row.at.path), note)
    question = None if good else unread(project) or (None if steps else service(project))
    if question is not None:
        yield question
    elif started and not good:
        yield Evidence(False, started[0].at, f"`{started[0].at.path}` only prints")
    elif steps and not good:
        yield Evidence(False, steps[0].at, f"{_system(steps[0])} has to be started by hand")
    elif not good:
        yield Evidence(False, None, "there is no CI configuration")


def _system(row: Ci) -> str:
    """What a report calls the service of a step."""
    folder = row.at.path.partition("/")[0]
    if folder in {".forgejo", ".gitea"}:
        return f"{folder[1:].title()} Actions"
    if row.system == "other":
        return f"the service of `{row.at.path}`"
    return _SYSTEMS.get(row.system, row.system)


def _prints_only(project: Project) -> set[str]:
    """The definitions of CI whose commands show something and do nothing."""
    said: dict[str, set[str]] = {}
    for step in project.rows("step"):
        if step.origin == "ci":
            said.setdefault((step.via or (step.at.path,))[0], set()).add(step.tool)
    does = {r.at.path for r in project.rows("ci") if r.uses and not _CHECKS_OUT.match(r.uses)}
    return {path for path, tools in said.items() if tools <= _PRINTS} - does


def lints(project: Project) -> Iterator[Evidence]:
    """Whether CI lints or type-checks the Python code; a mere check of its format is half of it."""
    steps = own_steps(project)
    linters = [s for s in steps if _lints(project, s)]
    yield from (Evidence(True, s.at, quoted(s.command)) for s in linters)
    by_action = [
        tool
        for family in ("linting", "typing")
        for tool in project.used_tools.get(family, ())
        if tool.how == "action" and tool.grade == "used"
    ]
    yield from (Evidence(True, tool.at, tool.note) for tool in by_action)
    if linters or by_action:
        return
    open_question = may_lint(project, steps)
    if open_question is not None:
        yield open_question
        return
    formats = project.tools.get("formatting", {}).get("cli", Names(()))
    formatted = [s for s in steps if formats.starts(s.command)]
    if formatted:
        names = ", ".join(dict.fromkeys(s.tool for s in formatted))
        note = f"only the format is checked ({names})"
        yield Evidence(False, formatted[0].at, note, 0.5, fields={"more": f": {note}"})
    else:
        yield _nothing(project, "no CI step runs a linter")._replace(fields={"more": ""})


def _lints(project: Project, step: Step) -> bool:
    if step.tool in _OTHER_LANGUAGES or step.command.startswith("ruff format"):
        return False
    return any(
        project.tools.get(family, {}).get("cli", Names(())).starts(step.command)
        for family in ("linting", "typing")
    )


def may_lint(project: Project, steps: Sequence[Step]) -> Evidence | None:
    """Undecided evidence: a step or service that may lint out of sight."""
    hooked = {s.via for s in steps if any("pre-commit" in path for path in s.via)}
    for step in steps:
        if step.tool in {"pre-commit", "prek"} and hooked:
            continue
        if _MAY_LINT.search(step.command):
            return Evidence(None, step.at, f"{quoted(step.command)} may run a linter")
    for row in project.rows("ci"):
        name = row.uses.partition("@")[0]
        if row.system == "pre-commit" or (_MAY_LINT.search(name) and "./" not in name):
            return Evidence(None, row.at, f"`{row.uses or row.system}` may run a linter")
    return unread(project) or step_or_service(project, steps) or hosted(project)


def hidden(project: Project) -> Iterator[Evidence]:
    """Undecided evidence alone: a step or a service of CI whose commands are not read."""
    found = step_of_runner(project, own_steps(project)) or elsewhere(project) or service(project)
    if found is not None:
        yield found


def tests(project: Project) -> Iterator[Evidence]:
    """Whether CI runs the tests: by a runner, as a script, or through a file that it hands on."""
    steps = own_steps(project)
    good = [s for s in steps if _tests(project, s)]
    yield from (Evidence(True, s.at, quoted(s.command)) for s in good)
    if good:
        return
    for step in steps:
        if (script := _hands_on(project, step)) is not None:
            yield Evidence(True, step.at, f"{quoted(step.command)} starts `{script}`, which tests")
            return
    built = _built(project)
    if built is not None:
        yield built
        return
    for step in steps:
        if _LISTS_ONLY.search(step.command):
            continue
        if _MAY_TEST.search(" ".join(step.command.split()[:4])):
            yield Evidence(None, step.at, f"{quoted(step.command)} may run them")
            return
        own = step.tool in _OWN_CODE and not step.command.startswith("python -")
        if own and _MAY_TEST.search(step.job):
            note = f"the job `{step.job}` runs {quoted(step.command)}"
            yield Evidence(None, step.at, note)
            return
    by_action = [tool for tool in project.used_tools.get("testing", ()) if tool.how == "action"]
    for tool in by_action:
        yield Evidence(True, tool.at, tool.note)
    if by_action:
        return
    for row in project.rows("ci"):
        if row.uses and _MAY_TEST.search(row.uses) and not row.uses.startswith("./"):
            yield Evidence(None, row.at, f"`{row.uses}` may run them")
            return
    if (question := step_or_service(project, steps)) is not None:
        yield question
        return
    yield _nothing(project, "no CI step runs the tests")


def _built(project: Project) -> Evidence | None:
    """Undecided evidence: CI builds images, and one of them runs the tests."""
    builds = any(s.origin == "ci" and _BUILDS.search(s.command) for s in project.rows("step"))
    for step in project.rows("step") if builds else ():
        if step.origin == "docker" and _tests(project, step):
            return Evidence(
                None, step.at, f"an image that CI builds may run {quoted(step.command)}"
            )
    for row in project.rows("setting") if builds else ():
        key = row.key.startswith("services.") and row.key.endswith((".command", ".entrypoint"))
        if key and isinstance(row.value, str) and _TESTS.search(row.value):
            return Evidence(None, row.at, f"a service that CI starts may run {quoted(row.value)}")
    return None


def _tests(project: Project, step: Step) -> bool:
    names = project.tools.get("testing", {}).get("cli", Names(()))
    if _LISTS_ONLY.search(step.command):
        return False
    if names.starts(step.command) or _TESTS.search(step.command):
        return True
    return step.tool == "python" and any(
        project.role(path) == "test"
        for word in _FILE.findall(step.command)
        for path in _paths(project, step, word)
    )


def _paths(project: Project, step: Step, word: str) -> Iterator[str]:
    """The files that a word of a command may name: from the root, or from beside its script."""
    for path in (word.removeprefix("./"), f"{step.at.path.rpartition('/')[0]}/{word}"):
        if path in project.by_path:
            yield path


def _hands_on(project: Project, step: Step) -> str | None:
    """The script with tests that a configuration file named by the command tells to start."""
    scripts: list[str] = [
        t.name
        for t in project.rows("target")
        if t.tool == "shell" and any(_TESTS.search(c) for c in t.commands)
    ]
    for word in _FILE.findall(step.command) if scripts else ():
        for path in _paths(project, step, word):
            for row in project.by_path[path].get("setting", ()):
                for name in scripts:
                    if isinstance(row.value, str) and name in row.value.split():
                        return name
    return None


def runs_notebooks(project: Project) -> Iterator[Evidence]:
    """Whether CI runs the notebooks, for projects that keep notebooks with results."""
    kept = [
        row
        for row in project.rows("notebook")
        if row.executed and row.language in {"", "python"} and project.role(row.at.path) in _OURS
    ]
    if not kept:
        return
    good = [s for s in own_steps(project) if _NOTEBOOKS.search(s.command)]
    yield from (Evidence(True, s.at, quoted(s.command)) for s in good)
    if good:
        return
    for step in own_steps(project):
        if _MAY_RUN.search(step.command) and not _lints(project, step):
            yield Evidence(None, step.at, f"{quoted(step.command)} may run them")
            return
    many = f"{len(kept)} notebooks are" if len(kept) > 1 else "one notebook is"
    yield Evidence(False, None, f"{many} kept with results")


def failures_count(project: Project) -> Iterator[Evidence]:
    """Tests, linters and checks of data in CI, judged by whether they can fail the job.

    A linter that also runs strictly in the same job may run a second time for information.
    """
    checks = [s for s in own_steps(project) if _checks(project, s)]
    strict = {(s.at.path, s.job, s.tool) for s in checks if not s.swallowed}
    for step in checks:
        if step.swallowed and (step.at.path, step.job, step.tool) in strict:
            continue
        if "--fix-only" in step.command:
            yield Evidence(None, step.at, f"{quoted(step.command)} mends and never fails")
            continue
        fields = {"command": quoted(step.command).strip("`")}
        yield Evidence(not step.swallowed, step.at, quoted(step.command), fields=fields)


def _checks(project: Project, step: Step) -> bool:
    validation = project.tools.get("data_validation", {}).get("cli", Names(()))
    return _tests(project, step) or _lints(project, step) or validation.starts(step.command)
