from __future__ import annotations

import time

import pytest

from mllint.facts import Ci, Facts, Known
from mllint.readers.ci import read

KNOWN = Known(frozenset(), frozenset())


def facts(path: str, text: str) -> Facts:
    return read(path, text.encode(), KNOWN)


def rows(path: str, text: str) -> list[Ci]:
    return list(facts(path, text).rows.get("ci", ()))


def brief(path: str, text: str) -> list[tuple[str, tuple[str, ...], str, str]]:
    return [(r.job, r.on, r.uses, r.run) for r in rows(path, text)]


GITLAB = """\
image: python:3.10
include:
  - local: /ci/x.yml
  - template: Security/SAST.gitlab-ci.yml
variables: {A: "1"}
default:
  before_script:
    - pip install .
.base:
  script:
    - base
test:
  extends: .base
  image: python:$V
  variables: {V: "3.11"}
  script:
    - cd sub
    # - pytest
    - |
      make test
      make lint
    - !reference [.base, script]
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH
      when: never
deploy:
  extends: .base
  before_script: []
  only: [tags]
  allow_failure: true
"""


def test_gitlab_jobs() -> None:
    path = ".gitlab-ci.yml"
    assert brief(path, GITLAB) == [
        ("", ("push",), "local: /ci/x.yml", ""),
        ("", ("push",), "template: Security/SAST.gitlab-ci.yml", ""),
        ("test", ("pull_request",), "", "pip install ."),
        ("test", ("pull_request",), "", "cd sub\n\n\nmake test\nmake lint\nbase"),
        ("deploy", ("tag",), "", "base"),
    ]
    found = rows(path, GITLAB)
    assert found[3].at.line == 17
    assert ("env.V", "3.11") in found[3].settings
    assert ("image", "python:3.11") in found[3].settings
    assert ("allow-failure", "true") in found[4].settings
    assert [p.spec for p in facts(path, GITLAB).rows["python"]] == ["3.11", "3.10"]


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        ("script: x", ("push",)),
        ("script: x, when: manual", ("workflow_dispatch",)),
        ("script: x, only: [merge_requests, schedules]", ("pull_request", "schedule")),
        ("script: x, only: {refs: [main]}", ("push",)),
        ("script: x, rules: [{if: $CI_COMMIT_TAG}]", ("tag",)),
        ('script: x, rules: [{if: $CI_PIPELINE_SOURCE == "schedule"}]', ("schedule",)),
        ("script: x, rules: [{changes: [a]}]", ("push",)),
    ],
)
def test_gitlab_events(job: str, expected: tuple[str, ...]) -> None:
    assert [r.on for r in rows(".gitlab-ci.yml", f"t: {{{job}}}")] == [expected]


def test_gitlab_job_that_extends_another_file() -> None:
    assert brief(".gitlab-ci.yml", "t: {extends: .other}") == [
        ("t", ("push",), "extends: .other", "")
    ]


CIRCLE = """\
version: 2.1
orbs: {python: circleci/python@2.1}
executors:
  py: {docker: [{image: "cimg/python:3.11"}]}
commands:
  inst:
    parameters: {g: {default: dev}}
    steps: [{run: "pip install .[<< parameters.g >>]"}]
jobs:
  t:
    executor: py
    steps:
      - checkout
      - inst: {g: test}
      - when: {condition: x, steps: [{run: {name: T, command: pytest}}]}
  unused: {steps: [{run: nope}]}
workflows:
  w:
    jobs: [t, {python/test: {version: "3.10"}}, {hold: {type: approval}}]
  nightly:
    triggers: [{schedule: {cron: "0 0 * * *"}}]
    jobs: [t]
"""


def test_circleci_jobs_of_workflows() -> None:
    both = ("push", "pull_request")
    found = brief(".circleci/config.yml", CIRCLE)
    assert found[:4] == [
        ("t", both, "checkout", ""),
        ("t", both, "", "pip install .[test]"),
        ("t", both, "", "pytest"),
        ("python/test", both, "python/test (circleci/python@2.1)", ""),
    ]
    assert {(job, on) for job, on, _, _ in found[4:]} == {("t", ("schedule",))}
    assert [p.spec for p in facts(".circleci/config.yml", CIRCLE).rows["python"]] == ["3.11"]


AZURE = """\
trigger: [main]
pr: none
pool: {vmImage: ubuntu-latest}
strategy: {matrix: {a: {python.version: '3.9'}, b: {python.version: '3.10'}}}
steps:
- task: UsePythonVersion@0
  inputs: {versionSpec: '$(python.version)'}
- script: |
    pytest
  displayName: T
  continueOnError: true
- ${{ if eq(1, 1) }}:
  - bash: ruff check
- task: Bash@3
  inputs: {targetType: inline, script: mypy .}
- script: nope
  enabled: false
- template: steps/x.yml
"""


def test_azure_steps() -> None:
    path = "azure-pipelines.yml"
    assert brief(path, AZURE) == [
        ("", ("push",), "UsePythonVersion@0", ""),
        ("", ("push",), "", "pytest\n"),
        ("", ("push",), "", "ruff check"),
        ("", ("push",), "Bash@3", "mypy ."),
        ("", ("push",), "template: steps/x.yml", ""),
    ]
    assert rows(path, AZURE)[1].at.line == 9
    assert ("allow-failure", "true") in rows(path, AZURE)[1].settings
    assert [p.spec for p in facts(path, AZURE).rows["python"]] == ["3.9", "3.10"]


def test_azure_template_of_stages_has_no_events() -> None:
    text = (
        "parameters: [{name: a}]\nstages: [{stage: A, jobs: [{deployment: D, strategy:"
        " {runOnce: {deploy: {steps: [{script: x}]}}}}]}]"
    )
    assert brief("ci/pipelines/x.yml", text) == [("D", (), "", "x")]


@pytest.mark.parametrize(
    "text", ["steps: {a: b}", "jobs: [{x: y}]", "stages: [a, b]", "a: 1", "steps: [a]"]
)
def test_yaml_of_another_kind_has_no_rows(text: str) -> None:
    assert facts("pipelines/x.yml", text) == Facts()


JENKINS = """\
pipeline {
  agent { docker { image 'python:3.10' } }
  triggers { cron('H H * * *') }
  stages {
    stage('Test') {
      steps {
        // sh 'commented'
        /* sh 'commented' */
        sh "pip install ."
        sh '''
          pytest \\\\
            -x
        '''
        dir('sub') { sh(script: 'make test', returnStatus: true) }
        echo "sh 'no'"
      }
    }
    stage("Lint") { steps { catchError { sh label: 'x', script: 'ruff check' } } }
  }
}
"""


def test_jenkins_declarative() -> None:
    found = rows("Jenkinsfile", JENKINS)
    assert [(r.job, r.at.line, r.run.split()) for r in found] == [
        ("Test", 9, ["pip", "install", "."]),
        ("Test", 11, ["pytest", "\\", "-x"]),
        ("Test", 14, ["make", "test"]),
        ("Lint", 18, ["ruff", "check"]),
    ]
    assert {r.on for r in found} == {("push", "schedule")}
    assert found[2].settings == (("allow-failure", "true"), ("directory", "sub"))
    assert found[3].settings == (("allow-failure", "true"),)
    assert [p.spec for p in facts("Jenkinsfile", JENKINS).rows["python"]] == ["3.10"]


def test_steps_of_a_jenkins_library() -> None:
    text = "@Library('a') _\npipeline { stages { stage('S') { steps { scanIt(x: 1)\n echo('b') }}}}"
    assert [r.uses for r in rows("Jenkinsfile", text)] == ["component: scanIt"]
    assert rows("Jenkinsfile", text.partition("_")[2]) == []


def test_jenkins_scripted() -> None:
    text = "node { stage('S') { sh 'a' ; docker.image('b:1').inside { sh \"c ${X}\" } } }"
    assert [(r.job, r.run) for r in rows("Jenkinsfile", text)] == [("S", "a"), ("S", "c ${X}")]
    assert [i.name for i in facts("Jenkinsfile", text).rows["image"]] == ["b"]


@pytest.mark.parametrize("text", ["'''" * 100_000, '"' * 300_000, "{" * 300_000, "sh(" * 100_000])
def test_jenkins_hostile_text_ends_soon(text: str) -> None:
    started = time.process_time()
    facts("Jenkinsfile", text)
    assert time.process_time() - started < 10


TRAVIS = """\
language: python
python: ["3.8", 3.10, nightly]
script:
  - pytest
  # - mypy
  - flake8
after_success: codecov
jobs:
  include:
    - {stage: lint, python: "3.9", script: ruff check}
deploy: {provider: pypi, on: {tags: true}}
"""


def test_travis_phases() -> None:
    both = ("push", "pull_request")
    assert brief(".travis.yml", TRAVIS) == [
        ("", both, "", "pytest\n\nflake8"),
        ("", both, "", "codecov"),
        ("", ("tag",), "deploy: pypi", ""),
        ("lint", both, "", "ruff check"),
    ]
    assert ("allow-failure", "true") in rows(".travis.yml", TRAVIS)[1].settings
    versions = [p.spec for p in facts(".travis.yml", TRAVIS).rows["python"]]
    assert sorted(versions) == ["3.10", "3.8", "3.9"]


@pytest.mark.parametrize("path", ["vendor/x/.travis.yml", "vendor/x/bitbucket-pipelines.yml"])
def test_services_that_read_only_the_root(path: str) -> None:
    assert facts(path, TRAVIS) == Facts()


BITBUCKET = """\
image: python:3.9
definitions:
  steps:
    - step: &t
        name: T
        script: [pytest, {pipe: "atlassian/x:1"}]
pipelines:
  default:
    - step: *t
    - parallel:
      - step: {image: {name: node:1}, script: [a, b]}
  pull-requests:
    '**': [{step: *t}]
  custom:
    x: [{step: {script: [z]}}]
"""


def test_bitbucket_pipelines() -> None:
    assert brief("bitbucket-pipelines.yml", BITBUCKET) == [
        ("T", ("push",), "", "pytest"),
        ("T", ("push",), "pipe: atlassian/x:1", ""),
        ("", ("push",), "", "a\nb"),
        ("T", ("pull_request",), "", "pytest"),
        ("T", ("pull_request",), "pipe: atlassian/x:1", ""),
        ("", ("workflow_dispatch",), "", "z"),
    ]


BUILDKITE = """\
steps:
- label: lint
  command: ruff check .
- wait
- group: all
  steps:
  - {key: t, commands: [pip install x, pytest], soft_fail: true}
  - block: Release
"""
CODEBUILD = """\
version: 0.2
phases:
  install: {commands: [pip install x]}
  build:
    on-failure: CONTINUE
    commands:
    - pytest
    - ruff check .
"""
DRONE = """\
kind: pipeline
steps:
- {name: test, image: python, commands: [pytest]}
- {name: notify, image: plugins/slack, failure: ignore}
"""


def test_services_with_a_list_of_steps() -> None:
    both = ("push", "pull_request")
    assert brief(".buildkite/pipeline.yml", BUILDKITE) == [
        ("lint", both, "", "ruff check ."),
        ("t", both, "", "pip install x\npytest"),
    ]
    assert rows(".buildkite/pipeline.yml", BUILDKITE)[1].settings == (("allow-failure", "true"),)
    assert brief("sub/buildspec-test.yaml", CODEBUILD) == [
        ("install", both, "", "pip install x"),
        ("build", both, "", "pytest\nruff check ."),
    ]
    assert rows("buildspec.yml", CODEBUILD)[1].settings == (("allow-failure", "true"),)
    assert brief(".drone.yml", DRONE) == [("test", both, "", "pytest")]
    mapped = "steps:\n  test: {commands: [pytest], failure: ignore}\n"
    (row,) = rows(".woodpecker/test.yml", mapped)
    assert (row.system, row.job, row.settings) == (
        "woodpecker",
        "test",
        (("allow-failure", "true"),),
    )
    assert rows("vendor/x/.drone.yml", DRONE) == []


def test_cloud_build() -> None:
    text = """\
steps:
- name: gcr.io/cloud-builders/docker
  args: [build, -t, x, .]
- {id: t, name: "python:3.12", entrypoint: bash, args: [-c, "pip install x && pytest"]}
- {name: python, script: ruff check ., allowFailure: true}
"""
    assert [row.run for row in rows("cloudbuild.yaml", text)] == [
        "docker build -t x .",
        "pip install x && pytest",
        "ruff check .",
    ]
    assert rows("cloudbuild.yaml", text)[2].settings == (("allow-failure", "true"),)


HOOKS = """\
ci: {skip: [t]}
repos:
- repo: https://forge.test/a/ruff-pre-commit.git
  rev: v1
  hooks:
  - id: ruff
    args: [--fix, "a b"]
  # - id: mypy
- repo: local
  hooks:
  - {id: t, entry: pytest, args: [-x], language: system}
  - {id: p, entry: "print\\\\(", language: pygrep}
"""


def test_pre_commit_hooks() -> None:
    found = facts(".pre-commit-config.yaml", HOOKS)
    assert [(h.at.line, h.repo, h.id, h.rev, h.run) for h in found.rows["hook"]] == [
        (6, "a/ruff-pre-commit", "ruff", "v1", 'ruff --fix "a b"'),
        (11, "local", "t", "", "pytest -x"),
        (12, "local", "p", "", ""),
    ]
    (service,) = found.rows["ci"]
    assert (service.system, service.settings) == ("pre-commit", (("skip", "t"),))


def test_pre_commit_without_its_service_is_no_ci() -> None:
    assert "ci" not in facts(".pre-commit-config.yaml", "repos: []").rows


def test_lefthook_commands_and_jobs() -> None:
    text = (
        "pre-commit: {commands: {a: {run: x}, b: {run: y, skip: true}}, jobs: [{name: c, run: z}]}"
    )
    found = facts("lefthook.yml", text).rows["hook"]
    assert [(h.system, h.id, h.run) for h in found] == [
        ("lefthook", "a", "x"),
        ("lefthook", "c", "z"),
    ]


@pytest.mark.parametrize(
    "path",
    [
        ".gitlab-ci.yml",
        ".circleci/config.yml",
        "azure-pipelines.yml",
        ".travis.yml",
        "bitbucket-pipelines.yml",
        ".pre-commit-config.yaml",
        "lefthook.yml",
        "Taskfile.yml",
        ".buildkite/pipeline.yml",
        "buildspec.yml",
        "cloudbuild.yaml",
        ".drone.yml",
    ],
)
@pytest.mark.parametrize(
    "text", ["", "a", "- b", "jobs: 1", "steps: x", "repos: {a: b}", "pipelines: [1]", "tasks: []"]
)
def test_strange_shapes_have_no_rows_and_no_crash(path: str, text: str) -> None:
    assert facts(path, text) == Facts()


TEAMCITY = '''\
object Check : BuildType({
    steps {
        script { scriptContent = "pytest \\"a b\\"" }
        script {
            scriptContent = """
                ruff check .
            """.trimIndent()
        }
    }
})
'''


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            ".cirrus.yml",
            ("env: {A: 1}\ncheck_task:\n  name: all\n  install_script: make deps\n"
            "  test_script: [pytest, ruff check]\ntask:\n  allow_failures: true\n  script: mypy\n"),
            [("all", "make deps"), ("all", "pytest\nruff check"), ("task", "mypy")],
        ),
        (
            ".semaphore/semaphore.yml",
            ("blocks:\n- name: a\n  task:\n    prologue: {commands: [checkout]}\n    jobs:\n"
            "    - name: b\n      commands:\n      - pytest\n      - mypy\n"
            "global_job_config: {prologue: {commands: [make deps]}}\n"),
            [("a", "checkout"), ("a b", "pytest\nmypy"), ("", "make deps")],
        ),
        (
            "appveyor.yml",
            "build: off\ninstall: make deps\ntest_script:\n- pytest\n- ps: mypy\n",
            [("install", "make deps"), ("test_script", "pytest"), ("test_script", "mypy")],
        ),
        (
            ".tekton/push.yaml",
            ("spec:\n  pipelineSpec:\n    tasks:\n    - name: a\n      taskSpec:\n        steps:\n"
            "        - {script: pytest}\n        - {command: [sh, -c], args: [mypy src]}\n"
            "        - {command: [ruff], args: [check]}\n    - {name: b, taskRef: {name: scan}}\n"),
            [("b", ""), ("a", "pytest"), ("a", "mypy src"), ("a", "ruff check")],
        ),
        (
            ".teamcity/settings.kts",
            TEAMCITY,
            [("", 'pytest "a b"'), ("", "\n                ruff check .\n            ")],
        ),
        (".teamcity/settings.kts", f"{TEAMCITY}\npython {{ command = file() }}", []),
        (".cirrus.yml", "task: [x]\nno_task: {script: {}}", []),
        (".semaphore/a.yml", "blocks: x\nafter_pipeline: []", []),
        ("appveyor.yml", "install: {a: {b: c}}\ninit:\n- x: [y]\n", [("init", "y")]),
        (".tekton/x.yaml", "spec: [a]", []),
    ],
)  # fmt: skip
def test_services_with_lists_of_their_own(
    path: str, text: str, expected: list[tuple[str, str]]
) -> None:
    assert [(row.job, row.run) for row in rows(path, text)] == expected


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "bamboo-specs/bamboo.yml",
            "Check:\n  tasks:\n  - x\n  - script: pytest\n  - script: {scripts: [mypy, ruff]}\n",
            [("Check", "pytest"), ("Check", "mypy\nruff")],
        ),
        (
            "bitrise.yml",
            (
                "workflows:\n  a:\n    steps:\n    - git-clone@8: {}\n"
                "    - script@1: {inputs: [{content: pytest}]}\n"
            ),
            [("a", "pytest")],
        ),
        (
            "screwdriver.yaml",
            "jobs:\n  a:\n    steps:\n    - lint: ruff check\n    - test: pytest\n",
            [("lint", "ruff check"), ("test", "pytest")],
        ),
        (
            "ci.gocd.yaml",
            (
                "pipelines: {a: {stages: [{s: {jobs: {j: {tasks: [{exec: {command: ruff,"
                " arguments: [check, .]}}]}}}}]}}\n"
            ),
            [("", "ruff check .")],
        ),
        (
            "concourse/check.yml",
            "run: {path: sh, args: [-ec, 'make test']}\n",
            [("", "make test")],
        ),
        (
            ".onedev-buildspec.yml",
            (
                "jobs:\n- name: a\n  steps:\n  - !CommandStep\n    interpreter: !Default\n"
                "      commands: |\n        pytest\n"
            ),
            [("a", "pytest\n")],
        ),
        (".build.yml", "tasks:\n- a: |\n    pytest\n    mypy\n", [("a", "pytest\nmypy\n")]),
        ("wercker.yml", "script: {script: {script: {script: [x]}}}\n", [("", "x")]),
    ],
)
def test_services_whose_scripts_are_read(
    path: str, text: str, expected: list[tuple[str, str]]
) -> None:
    assert [(row.job, row.run) for row in rows(path, text)] == expected


def test_plugins_are_named() -> None:
    drone = "steps:\n- {name: a, image: plugins/docker, settings: {repo: x}}\n- {image: y}\n"
    buildkite = "steps:\n- plugins:\n  - docker-compose#v5: {build: app}\n  - ecr#v2\n"
    assert [(r.uses, r.settings) for r in rows(".drone.yml", drone)] == [
        ("plugin: plugins/docker", (("with.repo", "x"),))
    ]
    assert [(r.uses, r.settings) for r in rows(".buildkite/p.yml", buildkite)] == [
        ("plugin: docker-compose#v5", (("with.build", "app"),)),
        ("plugin: ecr#v2", ()),
    ]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".teamcity/a.kts", 'scriptContent = """ ' * 100_000),
        (".teamcity/a.kts", 'scriptContent = "\\' * 100_000),
        (
            ".vela.yml",
            "a0: &a0 {steps: [{run: x}]}\n"
            + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)),
        ),
        (".harness/a.yml", "a:\n" + "- run: x\n" * 30_000),
        ("Earthfile", "a:\n" + "  RUN x \\\n" * 100_000),
        ("Earthfile", "a:\n  RUN " + "--x " * 200_000),
    ],
)
def test_long_definitions_take_no_long_time(path: str, text: str) -> None:
    started = time.process_time()
    facts(path, text)
    assert time.process_time() - started < 5
