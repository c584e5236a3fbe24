"""Actions, orbs and hooks that stand for a command.

Data only: which program runs where the definition names no command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ACTIONS: Mapping[str, str] = {
    "astral-sh/ruff-action": "ruff",
    "chartboost/ruff-action": "ruff",
    "psf/black": "black",
    "rickstaa/action-black": "black",
    "lgeiger/black-action": "black",
    "isort/isort-action": "isort",
    "jamescurtin/isort-action": "isort",
    "py-actions/flake8": "flake8",
    "trailofbits/flake8-action": "flake8",
    "reviewdog/action-flake8": "flake8",
    "suo/flake8-github-action": "flake8",
    "cclauss/github_action_for_flake8": "flake8",
    "dciborow/action-pylint": "pylint",
    "reviewdog/action-pylint": "pylint",
    "jakebailey/pyright-action": "pyright",
    "jpetrucciani/mypy-check": "mypy",
    "tsuyoshicho/action-mypy": "mypy",
    "pycqa/bandit-action": "bandit",
    "mdegis/bandit-action": "bandit",
    "pypa/gh-action-pip-audit": "pip-audit",
    "pyupio/safety-action": "safety",
    "google/osv-scanner-action": "osv-scanner",
    "aquasecurity/trivy-action": "trivy",
    "anchore/scan-action": "grype",
    "snyk/actions": "snyk",
    "actions/dependency-review-action": "dependency-review",
    "github/codeql-action/analyze": "codeql",
    "semgrep/semgrep-action": "semgrep",
    "returntocorp/semgrep-action": "semgrep",
    "gitleaks/gitleaks-action": "gitleaks",
    "trufflesecurity/trufflehog": "trufflehog",
    "gitguardian/ggshield-action": "ggshield",
    "zizmorcore/zizmor-action": "zizmor",
    "hadolint/hadolint-action": "hadolint",
    "bridgecrewio/checkov-action": "checkov",
    "stackrox/kube-linter-action": "kube-linter",
    "codespell-project/actions-codespell": "codespell",
    "crate-ci/typos": "typos",
    "pre-commit/action": "pre-commit",
    "pre-commit-ci/lite-action": "pre-commit",
    "j178/prek-action": "prek",
    "super-linter/super-linter": "super-linter",
    "github/super-linter": "super-linter",
    "oxsecurity/megalinter": "megalinter",
    "pavelzw/pytest-action": "pytest",
    "codecov/codecov-action": "codecov",
    "codecov/test-results-action": "codecov",
    "coverallsapp/github-action": "coveralls",
    "py-cov-action/python-coverage-comment-action": "coverage",
    "sonarsource/sonarqube-scan-action": "sonar-scanner",
    "docker/build-push-action": "docker",
    "docker/bake-action": "docker",
    "redhat-actions/buildah-build": "buildah",
    "devcontainers/ci": "devcontainer",
    "azure/k8s-deploy": "kubectl",
    "pypa/gh-action-pypi-publish": "twine",
    "pypa/cibuildwheel": "cibuildwheel",
    "snakemake/snakemake-github-action": "snakemake",
    "promptfoo/promptfoo-action": "promptfoo",
    "sodadata/soda-github-action": "soda",
    "schemathesis/action": "schemathesis",
    "codspeedhq/action": "codspeed",
    "scientific-python/repo-review-action": "repo-review",
    "quarto-dev/quarto-actions/render": "quarto",
    # CircleCI
    "codecov/upload": "codecov",
    "python/test": "pytest",
    # Bitbucket and Travis
    "pipe: sonarsource/sonarcloud-scan": "sonar-scanner",
    "deploy: pypi": "twine",
}
"""By lower-case name without the ref; a longer name below one of these counts as well."""

TOLD: Mapping[str, str] = {
    "nick-fields/retry": "command",
    "nick-invision/retry": "command",
    "gabrielbb/xvfb-action": "run",
    "coactions/setup-xvfb": "run",
    "addnab/docker-run-action": "run",
    "uraimo/run-on-arch-action": "run",
    "vmactions/freebsd-vm": "run",
    "devcontainers/ci": "runCmd",
}
"""Actions that run the commands which an input of theirs says."""

HOOKS: Mapping[str, tuple[str, ...]] = {
    "ruff": ("ruff", "check"),
    "ruff-check": ("ruff", "check"),
    "ruff-format": ("ruff", "format"),
    "black-jupyter": ("black",),
    "flake8-nb": ("flake8-nb",),
    "mirrors-mypy": ("mypy",),
    "mypy-local": ("mypy",),
    "pyright-python": ("pyright",),
    "basedpyright": ("basedpyright",),
    "nbqa-black": ("nbqa", "black"),
    "nbqa-ruff": ("nbqa", "ruff"),
    "nbqa-isort": ("nbqa", "isort"),
    "nbqa-flake8": ("nbqa", "flake8"),
    "nbqa-pyupgrade": ("nbqa", "pyupgrade"),
    "nb-clean": ("nb-clean", "check"),
    "jupytext": ("jupytext",),
    "detect-secrets": ("detect-secrets-hook",),
    "codespell": ("codespell",),
    "uv-lock": ("uv", "lock"),
    "poetry-check": ("poetry", "check"),
    "poetry-lock": ("poetry", "lock"),
    "hadolint-docker": ("hadolint",),
    "semgrep-docker": ("semgrep",),
    "actionlint-docker": ("actionlint",),
    "python-safety-dependencies-check": ("safety", "check"),
    "gitleaks-docker": ("gitleaks",),
    "dvc-pre-push": ("dvc", "push"),
}
"""The program of a hook whose id is not its name."""


def program(uses: str) -> str:
    """The program that an action, orb or pipe runs, or ""."""
    name = uses.partition("@")[0].partition(" (")[0].lower()
    if name.startswith("pipe: "):
        name = name.partition(":")[0] + ":" + name.partition(":")[2].partition(":")[0]
    while name:
        if name in ACTIONS:
            return ACTIONS[name]
        name = name.rpartition("/")[0]
    return ""
