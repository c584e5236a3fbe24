"""CI definitions, hooks and task runners: which reader gets which of those files.

Knows names only. Commands are kept as they are written; `link` follows them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.readers.by_path import read_by

if TYPE_CHECKING:
    from mllint.facts import Facts, Known

# The services that read only the file at the root have no row for one further below.
_READERS: tuple[tuple[str, str, str], ...] = (
    (r"(?:.*/)?\.github/workflows/[^/]+\.ya?ml", "github", "read_workflow"),
    (r"\.(?:forgejo|gitea)/workflows/[^/]+\.ya?ml", "github", "read_workflow"),
    (r"(?:.*/)?action\.ya?ml", "github", "read_action"),
    (r"(?:.*/)?\.circleci/[^/]+\.ya?ml", "circleci", "read_circleci"),
    (r"\.travis\.ya?ml", "travis", "read_travis"),
    (r"bitbucket-pipelines\.ya?ml", "bitbucket", "read_bitbucket"),
    (r".*\.gitlab-ci\.ya?ml|(?:.*/)?\.gitlab/.*\.ya?ml", "gitlab", "read_gitlab"),
    (r"(?:.*/)?\.pre-commit-config\.ya?ml", "hooks", "read_pre_commit"),
    (r"(?:.*/)?\.?lefthook\.(?:ya?ml|json)", "hooks", "read_lefthook"),
    (r"(?:.*/)?(?:prek|\.?lefthook)\.toml", "hooks", "read_toml"),
    (r"\.lintstagedrc(?:\.json|\.ya?ml)?", "hooks", "read_staged"),
    (
        r"(?:.*/)?(?:\.husky|\.?(?:git)?[-_]?hooks|scripts)/pre-(?:commit|push)",
        "hooks",
        "read_script",
    ),
    (r"(?:.*/)?taskfile(?:\.dist)?\.ya?ml", "task", "read_taskfile"),
    (r"(?:\.buildkite/.*|buildkite)\.ya?ml", "services", "read_buildkite"),
    (r"(?:.*/)?buildspec[^/]*\.ya?ml", "services", "read_codebuild"),
    (r"(?:.*/)?cloudbuild[^/]*\.ya?ml", "services", "read_cloudbuild"),
    (r"\.cirrus\.ya?ml", "lists", "read_cirrus"),
    (r"\.semaphore/.*\.ya?ml", "lists", "read_semaphore"),
    (r"\.?appveyor\.ya?ml|\.appveyor/.*\.ya?ml", "lists", "read_appveyor"),
    (r"(?:\.ci/)?\.?tekton/.*\.ya?ml", "lists", "read_tekton"),
    (r"bamboo-specs/.*\.ya?ml", "lists", "read_bamboo"),
    (r"bitrise\.ya?ml", "lists", "read_bitrise"),
    (r"\.teamcity/.*\.kts?", "lists", "read_teamcity"),
    (
        (
            r"\.vela\.ya?ml|screwdriver\.ya?ml|\.build\.ya?ml|\.builds/.*\.ya?ml|codefresh\.ya?ml"
            r"|\.harness/.*\.ya?ml|concourse/.*\.ya?ml|ci/pipeline\.ya?ml|codemagic\.ya?ml"
            r"|[^/]*\.gocd\.ya?ml|\.onedev-buildspec\.ya?ml|\.?evergreen\.ya?ml|\.evergreen/.*\.ya?ml"
            r"|\.codecatalyst/workflows/.*\.ya?ml|\.tangled/workflows/.*\.ya?ml|buddy\.ya?ml"
            r"|\.crow(?:/.*)?\.ya?ml|wercker\.ya?ml|\.agola/.*\.ya?ml|\.taskcluster\.ya?ml"
        ),
        "others",
        "read_other",
    ),
    (r"(?:.*/)?earthfile", "earthly", "read_earthfile"),
    (r"(?:.*/)?dodo\.py", "doit", "read_dodo"),
    (r"\.drone\.ya?ml|\.woodpecker(?:/.+)?\.ya?ml", "services", "read_drone"),
    (r".*\.ya?ml", "azure", "read_azure"),
    (r"(?:.*/)?(?:jenkinsfile[^/]*|[^/]*\.jenkinsfile)", "jenkins", "read_jenkins"),
    (r"(?:.*/)?(?:gnu)?makefile|.*\.mk", "make", "read_make"),
    (r"(?:.*/)?noxfile\.py", "nox", "read_nox"),
    (r"(?:.*/)?tasks\.py", "invoke", "read_invoke"),
    (r"(?:.*/)?\.?justfile", "just", "read_just"),
    (r".*\.(?:sh|bash)", "shell", "read_shell"),
    (r"(?:.*/)?(?:tox\.ini|setup\.cfg)", "tox", "read_tox"),
    (r"(?:.*/)?(?:pyproject|pixi|hatch|tox|\.?mise|poe_tasks)\.toml", "task", "read_toml"),
    (r"(?:.*/)?pipfile", "task", "read_toml"),
    (r"(?:.*/)?package\.json", "task", "read_package"),
)


def read(path: str, data: bytes, known: Known) -> Facts:
    """The CI steps, hooks or targets that a file states."""
    del known
    return read_by(__name__, _READERS, path, data)
