"""Rows about what is run, and in which containers: CI, targets, hooks, images, stages."""

from typing import NamedTuple

from mllint.facts.places import Place


class Ci(NamedTuple):
    """One step of a CI definition as it is written."""

    at: Place
    system: str
    """github, gitlab, circleci, azure, jenkins, travis, bitbucket; pre-commit for its service."""
    job: str
    name: str
    on: tuple[str, ...]
    """Events that start it: push, pull_request, schedule, tag, workflow_dispatch and so on."""
    uses: str
    """The action, orb, reusable workflow or template as written, with its ref; or "".

    Azure and GitLab: `template: x.yml`, `local: x.yml`, `project: ...`, `extends: job of a file not
    read`; Bitbucket: `pipe: x`; Travis: `deploy: provider`; Buildkite, Drone, Woodpecker:
    `plugin: x`; steps of Jenkins libraries and tasks of Tekton: `component: x`.
    """
    run: str
    """The script as written; or "". Its line n stands n lines below the first line of `at`."""
    settings: tuple[tuple[str, str], ...]
    """Scalars around it, of the step, its job and the whole file; a key may stand several times.

    `with.NAME`, `env.NAME`, `matrix.NAME` (one for each value), `inputs.NAME` (defaults), image,
    timeout (as written), permissions (`contents: read`, `read-all`, none), condition,
    allow-failure, directory, shell, runs-on, environment, schedule (cron), secrets, concurrency.
    """


class Target(NamedTuple):
    """A named list of commands: a Makefile target, tox environment, nox session, script ..."""

    at: Place
    tool: str
    """make, tox, nox, just, task, npm, shell, poe, pdm, hatch, pixi, rye, taskipy, pipenv, mise,
    mlproject."""
    name: str
    """For a shell script, its path; for hatch `environment:script`; "" is what runs by default."""
    needs: tuple[str, ...]
    commands: tuple[str, ...]
    """As shell text: a `-` that ignores failure has become `|| true`. Entry n of a shell script is
    its line n + 1, and may be ""."""


class Hook(NamedTuple):
    """A hook of pre-commit, prek, lefthook, husky or lint-staged, or a script that Git starts."""

    at: Place
    system: str
    repo: str
    """`owner/name`, "local", "meta", or ""."""
    id: str
    rev: str
    run: str
    """What runs, with its arguments; of a remote hook its id and arguments; "" for a pattern."""


class Step(NamedTuple):
    """One simple command that CI (or a hook, or an image) really runs; made by `link`."""

    at: Place
    """Where the command is written, which may be a Makefile or a script that CI calls."""
    origin: str
    """ci, hook, docker."""
    system: str
    job: str
    """Job of CI, id of a hook, stage of a Dockerfile."""
    on: tuple[str, ...]
    """As of the CI step that led to it; `commit` for a hook; () for an image."""
    tool: str
    """The program: pytest, ruff, dvc ...; `python -m pytest` is pytest; `python train.py` and
    `python -m package.module` are python. An action that runs a tool gives that tool."""
    command: str
    """The command in normal form: wrappers (poetry run, sudo, env) taken off, spaces single."""
    via: tuple[str, ...]
    """The files through which it was reached, outermost first, that of the CI definition, hook or
    Dockerfile itself included."""
    swallowed: bool
    """Whether its failure cannot fail the job (`|| true`, continue-on-error, allow_failure)."""


class Docker(NamedTuple):
    """One instruction of a Dockerfile or Containerfile."""

    at: Place
    word: str
    """Upper case: FROM, RUN, COPY ..."""
    value: str
    """Continuations joined, heredocs appended after a newline, flags taken off."""
    flags: tuple[tuple[str, str], ...]
    stage: str
    """Name of the stage, or its 0-based number."""
    final: bool
    """Whether it belongs to the last stage or to one that it is built from."""
    index: int  # type: ignore[assignment]  # hides the method of a tuple, which no row needs
    """0-based position in the file."""


class Image(NamedTuple):
    """A reference to a container image."""

    at: Place
    name: str
    """Without tag and digest; build arguments with defaults are resolved."""
    tag: str
    digest: str
    source: str
    """docker (an MLproject's too), compose, ci, kubernetes, devcontainer, terraform, helm."""
    resolved: bool
    """False where a variable could not be resolved."""


class Manifest(NamedTuple):
    """One resource of orchestration: a Kubernetes object or container, a compose service ..."""

    at: Place
    system: str
    """kubernetes, helm, compose, terraform, devcontainer, mlproject, snakemake, kedro, argo."""
    kind: str
    """Deployment, container, service, aws_instance, rule, entry-point, dataset ..."""
    name: str
    api: str
    keys: tuple[str, ...]
    """Dotted keys below it: `resources.limits.memory`, `livenessProbe.httpGet.path` ...; a boolean
    also with its value: `securityContext.privileged=true`. A container of Kubernetes has the keys
    of its pod as well: `pod.securityContext.runAsNonRoot=true`. Of Terraform, ports and values
    that admit everybody are there, too: `ingress.cidr_blocks=0.0.0.0/0`, `policy.Allow.Action=*`;
    of roles in Kubernetes `rules[]=*`, `roleRef.name=cluster-admin` and the like."""
    image: str


class Stage(NamedTuple):
    """A stage of dvc.yaml, what dvc.lock recorded of it, or a rule of a Snakefile.

    Paths are relative to the repository root.
    """

    at: Place
    system: str
    """dvc, dvc.lock or snakemake."""
    name: str
    cmd: str
    deps: tuple[str, ...]
    outs: tuple[str, ...]
    params: tuple[str, ...]
    """`file:key`, file empty for params.yaml."""
    metrics: tuple[str, ...]
    cached: tuple[str, ...] = ()
    """Those of `outs` that DVC keeps out of git."""


class Tool(NamedTuple):
    """The best evidence that the project uses a tool of a family; made by `link`."""

    at: Place
    family: str
    """Key of tools.toml: experiment_tracking, data_versioning ..."""
    tool: str
    grade: str
    """used, optional, declared, mentioned, vendored."""
    credit: float
    """1.0 used, 0.5 optional, 0.25 declared, 0.0 mentioned or vendored."""
    how: str
    """call, import, dependency, config, step, target, hook, action, image, manifest, prose."""
    note: str
    """What was seen, in a few words: "`mlflow.log_metric` in `train`"."""
    status: str = ""
    """What became of the tool: maintenance, superseded, archived, shutdown; "" = it is alive."""
