"""The job in CI: for GitHub and GitLab written, for others two lines to add."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.adopt.addresses import CHECKOUT, IMAGE, PACKAGE, RELEASE, on_github
from mllint.adopt.plan import Advice, Change, Step, as_in, ended, keeps, text_of
from mllint.readers import yamldoc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mllint.tree import Tree

WORKFLOWS, WORKFLOW = ".github/workflows/", ".github/workflows/mllint.yml"
GITLAB = ".gitlab-ci.yml"
_OTHERS = (
    ".circleci/config.yml", "azure-pipelines.yml", "Jenkinsfile", ".travis.yml",
    "bitbucket-pipelines.yml", ".drone.yml", ".buildkite/pipeline.yml", "appveyor.yml",
)  # fmt: skip
_LINES = (f"pip install {PACKAGE}", "mllint check")
_RUNS = re.compile(rf"(?m)^[^#\n]*\b(?:mllint|{PACKAGE})\b")
_JOB = f"""\
mllint:
  image: {IMAGE}
  variables:
    GIT_DEPTH: "0"
  script:
    - python -m venv /tmp/mllint
    - /tmp/mllint/bin/pip install --quiet {PACKAGE}
    - |
      set -- check -o gitlab=mllint-codequality.json -o junit=mllint-junit.xml
      if [ -n "${{CI_MERGE_REQUEST_DIFF_BASE_SHA:-}}" ]; then
        set -- "$@" --since "$CI_MERGE_REQUEST_DIFF_BASE_SHA"
      fi
      /tmp/mllint/bin/mllint "$@"
  artifacts:
    when: always
    expire_in: 1 week
    reports:
      codequality: mllint-codequality.json
      junit: mllint-junit.xml
"""


def steps(
    tree: Tree, source: str, remotes: Sequence[str], branch: str, known: str = ""
) -> list[Step]:
    """What each CI of the project needs.

    `known` is a file of a CI that was seen; it counts where no usual name says more.
    """
    workflows = [p for p in tree.paths if p.startswith(WORKFLOWS) and p.endswith((".yml", ".yaml"))]
    found = []
    if workflows:
        found.append(_github(tree, workflows, source, branch))
    if GITLAB in tree.entries:
        found.append(_gitlab(tree))
    found += [_other(tree, path) for path in _OTHERS if path in tree.entries]
    if not found and known:
        found.append(_other(tree, known))
    if not found and any(on_github(address) for address in remotes):
        found.append(_github(tree, [], source, branch))
    if not found:
        text = "no CI was found, and no remote on GitHub; wherever it runs, it needs two lines:"
        found.append(Step(advice=(Advice(text, _LINES),)))
    return found


def _github(tree: Tree, workflows: Sequence[str], source: str, branch: str) -> Step:
    for path in workflows:
        if _RUNS.search(text_of(tree, path) or ""):
            return Step(advice=(Advice(f"{path}: runs mllint already"),))
    if WORKFLOW in tree.entries:
        return Step(advice=(Advice(f"{WORKFLOW}: is there already, and left as it is"),))
    branches = branch or "main, master"
    text = f"""\
name: mllint
on:
  push:
    branches: [{branches}]
  pull_request:
permissions:
  contents: read
jobs:
  mllint:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    steps:
      - uses: {CHECKOUT}
        with:
          fetch-depth: 0  # the base of a pull request is read, too
          persist-credentials: false
{_run(source)}"""
    return Step(Change(WORKFLOW, None, text))


def _run(source: str) -> str:
    """The step that runs mllint: our action, or pip where it is not on GitHub."""
    name = on_github(source)
    if name:
        return f"      - uses: {name}@{RELEASE}\n"
    return f"      - run: pipx run --spec 'git+{source}@{RELEASE}' mllint check\n"


def _gitlab(tree: Tree) -> Step:
    by_hand = Step(advice=(Advice(f"{GITLAB}: add this job:", tuple(_JOB.splitlines())),))
    before = text_of(tree, GITLAB)
    if before is None:
        return by_hand
    if _RUNS.search(before):
        return Step(advice=(Advice(f"{GITLAB}: runs mllint already"),))
    try:
        documents = yamldoc.load(before)
        stages = _stages(documents)
        job = _JOB if stages is None else _JOB.replace(":\n", f":\n  stage: {stages}\n", 1)
        after = ended(before) + as_in(before, ("\n" if before.strip() else "") + job)
        old, new = documents, yamldoc.load(after)
    except yamldoc.YamlProblem:
        return by_hand
    top = [item.key for document in old for item in document.items]
    added = [item.key for document in new for item in document.items]
    if len(old) > 1 or added != [*top, "mllint"] or not keeps(before, after):
        return by_hand
    return Step(Change(GITLAB, before, after))


def _stages(documents: Sequence[yamldoc.Node]) -> str | None:
    """The stage of the job, where it cannot be `test`, which is the default."""
    for item in documents[0].items if documents else ():
        names = [one.raw for one in item.node.list] if item.key == "stages" else []
        if names and "test" not in names:
            return next((n for n in names if re.search(r"lint|check|test|quality", n)), names[0])
    return None


def _other(tree: Tree, path: str) -> Step:
    if _RUNS.search(text_of(tree, path) or ""):
        return Step(advice=(Advice(f"{path}: runs mllint already"),))
    return Step(advice=(Advice(f"{path}: add these lines to a job with Python:", _LINES),))
