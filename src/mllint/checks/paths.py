"""Paths in code and configuration that only one machine has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Place
    from mllint.project import Project

_PERSONAL = regex(r"(?:/home/|/Users/|[A-Za-z]:[\\/]+Users[\\/]+)([^/\\\s\"'{}$<>*]+)[/\\]")
_DRIVE = regex(r"[D-Zd-z]:[\\/]+[^/\\\s\"'{}$<>*]+[/\\]")
"""A folder on a drive of its own, as only Windows has them."""
_SHARED = frozenset(
    {
        "jovyan", "user", "users", "username", "your_username", "yourname", "your_name", "name",
        "ubuntu", "ec2-user", "runner", "app", "appuser", "airflow", "vscode", "docker", "circleci",
        "nobody", "jenkins", "sagemaker-user", "shared", "public", "default", "work", "me", "you",
        "xxx", "node", "site", "data", "gitpod", "codespace", "coder", "nonroot", "mambauser",
        "spark", "azureuser", "ray", "model-server", "pi", "hadoop", "dagster", "prefect", "admin",
        "guest", "test", "student", "gitlab-runner", "triton-server", "kedro", "kedro_docker",
        "bentoml", "mlflow", "worker", "service",
    }
)  # fmt: skip
"""Homes of containers, of hosted machines, or of nobody in particular."""
_OURS = frozenset({"source", "template"})
_MADE = regex(r"\b(?:useradd|adduser)\b[^&|;\n]*?\s([a-z_][\w-]*)\s*(?:$|[&|;\n])")


def personal(project: Project) -> Iterator[Evidence]:
    """Paths below somebody's home folder, or on a drive of somebody's machine."""
    known = _SHARED | set(_users(project))
    found = False
    for at, text in _strings(project):
        match = _PERSONAL.match(text)
        one = match[1].lower() not in known if match else bool(_DRIVE.match(text))
        if one and project.role(at.path) in _OURS:
            found = True
            shown = text if len(text) <= 60 else f"{text[:57]}..."
            yield Evidence(False, at, f"`{shown}`", fields={"text": shown})
    if not found:
        yield Evidence(True, None, "no path in code and settings names somebody's home folder")


def _strings(project: Project) -> Iterator[tuple[Place, str]]:
    """Paths in code, and the values of configuration that no editor or forge owns."""
    for row in project.rows("literal"):
        if row.kind == "path":
            yield row.at, row.text
    for setting in project.rows("setting"):
        if isinstance(setting.value, str) and not setting.at.path.startswith("."):
            yield setting.at, setting.value


def _users(project: Project) -> Iterator[str]:
    """The users that the project's own images have."""
    for row in project.rows("docker"):
        if row.word == "USER":
            yield row.value.partition(":")[0].strip().lower()
        elif row.word == "RUN":
            yield from _MADE.findall(row.value)
        elif row.word == "WORKDIR" and (match := _PERSONAL.match(f"{row.value.strip()}/")):
            yield match[1].lower()
