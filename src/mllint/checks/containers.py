"""What a Dockerfile's instructions mean together: order, context, user."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Docker
    from mllint.project import Project

_EVERYTHING = re.compile(r"(?:\./?|/)\s+\S+")
_INSTALLS = re.compile(
    r"\b(?:pip3?|uv pip) install\b[^&|;]*(?:-r|--requirement)\b|\bconda env (?:create|update)\b"
    r"|\b(?:poetry|pdm) (?:install|sync)\b[^&|;]*--no-root|\bpipenv (?:install|sync)\b"
)
_SWITCHES_USER = re.compile(
    r"nonroot|rootless|distroless|jupyter/|bitnami/|chainguard/|cgr\.dev|unprivileged|mambaorg/|selenium/"
)
_ROOT = frozenset({"root", "0", "root:root", "0:0"})


def _files(project: Project) -> Iterator[tuple[str, Sequence[Docker]]]:
    """The instructions of each Dockerfile that is the project's own."""
    for path, tables in project.by_path.items():
        rows = tables.get("docker", ())
        if rows and project.role(path) in {"source", "template"}:
            yield path, rows


def _copies_everything(row: Docker) -> bool:
    """Whether an instruction copies the whole build context."""
    if row.word not in {"COPY", "ADD"} or any(flag == "from" for flag, _ in row.flags):
        return False
    return bool(_EVERYTHING.fullmatch(row.value.strip()))


def copied_before_install(project: Project) -> Iterator[Evidence]:
    """Installs from a manifest, judged by whether everything was copied before them."""
    for _, rows in _files(project):
        copied: dict[str, Docker] = {}
        for row in rows:
            if _copies_everything(row):
                copied.setdefault(row.stage, row)
            elif row.word == "RUN" and _INSTALLS.search(row.value):
                first = copied.get(row.stage)
                if first is None:
                    yield Evidence(True, row.at, "installs before the code is copied")
                else:
                    yield Evidence(
                        False, first.at, related=(Related(row.at, "installed only here"),)
                    )


def no_dockerignore(project: Project) -> Iterator[Evidence]:
    """Copies of the whole context, judged by whether an ignore file trims it."""
    paths = {row.at.path for row in project.rows("file")}
    for path, rows in _files(project):
        folder = path.rpartition("/")[0]
        candidates = {
            ".dockerignore",
            f"{path}.dockerignore",
            f"{folder}/.dockerignore".lstrip("/"),
        }
        found = sorted(candidates & paths)
        copies = [row for row in rows if _copies_everything(row)]
        for row in copies:
            yield Evidence(bool(found), row.at, f"`{found[0]}` trims the context" if found else "")
        if not copies:
            yield Evidence(True, rows[0].at, "copies only what it names")


def runs_as_root(project: Project) -> Iterator[Evidence]:
    """Images that start a program, judged by the user they start it as."""
    for _, rows in _files(project):
        start = next(
            (r for r in reversed(rows) if r.final and r.word in {"CMD", "ENTRYPOINT"}), None
        )
        if start is None:
            continue
        user = next((r for r in reversed(rows) if r.final and r.word == "USER"), None)
        bases = [r.value for r in rows if r.final and r.word == "FROM"]
        if user is not None and user.value.strip().lower() not in _ROOT:
            yield Evidence(True, user.at, f"runs as `{user.value.strip()}`")
        elif user is not None:
            yield Evidence(
                False,
                start.at,
                "the last `USER` is root",
                related=(Related(user.at, "switched here"),),
            )
        elif any(_SWITCHES_USER.search(base) for base in bases):
            yield Evidence(
                True if any("nonroot" in b for b in bases) else None,
                start.at,
                "the base image may switch the user",
            )
        elif any("$" in base for base in bases):
            yield Evidence(None, start.at, "the base image is not known")
        else:
            yield Evidence(False, start.at, "there is no `USER` instruction")
