"""What the host that runs mllint offers: annotations, a job summary, addresses of files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from mllint.cli.output import note

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mllint.reports import View
    from mllint.review import Report

_ADDRESS = re.compile(r"https?://[A-Za-z0-9._~:/@%+-]+")
_COMMIT = re.compile(r"[0-9a-fA-F]{7,64}")


def annotate(report: Report, view: View, env: Mapping[str, str], *, printed: bool) -> None:
    """In GitHub Actions: annotations on stderr, unless they were printed, and the job summary."""
    if env.get("GITHUB_ACTIONS") != "true":
        return
    from mllint.reports import github

    if not printed:
        # On stderr they reach the log where stdout goes to a file, too.
        note(*github.render(report, view).splitlines(), commands=True)
    path = env.get("GITHUB_STEP_SUMMARY", "")
    if not path:
        return
    try:
        _append(Path(path), report, view)
    except OSError as error:
        note(f"warning: the job summary cannot be written: {error.strerror}")


def _append(path: Path, report: Report, view: View) -> None:
    from mllint.reports.github import SUMMARY, summary

    used = path.stat().st_size if path.exists() else 0
    text = summary(report, view, max(SUMMARY - used, 1))
    with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)


def blobs(env: Mapping[str, str], commit: str) -> str:
    """The address of a commit's files on GitHub or GitLab, ended by a slash; "" elsewhere."""
    if env.get("GITHUB_SERVER_URL") and env.get("GITHUB_REPOSITORY"):
        home = f"{env['GITHUB_SERVER_URL']}/{env['GITHUB_REPOSITORY']}/blob"
        commit = commit or env.get("GITHUB_SHA", "")
    elif env.get("CI_PROJECT_URL"):
        home = f"{env['CI_PROJECT_URL']}/-/blob"
        commit = commit or env.get("CI_COMMIT_SHA", "")
    else:
        return ""
    sound = _ADDRESS.fullmatch(home) and _COMMIT.fullmatch(commit)
    return f"{home}/{commit}/" if sound else ""
