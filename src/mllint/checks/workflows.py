"""What the workflows of GitHub may do, and whether strangers can make them do more.

Knows events, tokens and expressions; leaves the long tail of such questions to zizmor and its like.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.facts import Place
from mllint.project import arg
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mllint.facts import Ci
    from mllint.project import Project

_OURS = frozenset({"source", "template"})
_PYTHONS = regex(r"matrix\.py(?:thon)?(?:[-_]?versions?)?")
_VERSION = regex(r"3\.\d+(?:\.\d+)?")
_WITH_RIGHTS = frozenset({"pull_request_target", "workflow_run"})
"""Events that strangers start by a pull request, and whose jobs hold secrets and may write."""
_BY_STRANGERS = _WITH_RIGHTS | {
    "issues", "issue_comment", "discussion", "discussion_comment", "fork", "watch",
}  # fmt: skip
_HEAD = regex(
    r"github\.event\.pull_request\.head\.|github\.head_ref|refs/pull/"
    r"|github\.event\.workflow_run\.head_|github\.event\.workflow_run\.pull_requests"
)
_FETCHES_HEAD = regex(
    r"\bgh pr checkout\b|\bgit (?:fetch|checkout|pull|switch)\b.*"
    r"(?:pull_request\.head\.|github\.head_ref|refs/pull/|pull/\$\{\{)"
)
_TRUSTED = regex(r"\blabels?\b|author_association|github\.actor|head\.repo\.full_name|\.fork\b")
"""Conditions that ask who it was, or that somebody has looked at it."""
_SCANNERS = frozenset({"zizmor", "poutine", "OpenSSF Scorecard", "actionlint", "Harden-Runner"})
_TEXT = regex(
    r"\$\{\{[^}]*?\b(github\.head_ref|github\.event\.(?:issue|pull_request|discussion)\.(?:title|body)"
    r"|github\.event\.(?:comment|review|review_comment)\.body"
    r"|github\.event\.pull_request\.head\.(?:ref|label)|github\.event\.pages\S*\.page_name"
    r"|github\.event\.(?:commits\S*|head_commit)\.(?:message|author\.(?:email|name))"
    r"|github\.event\.workflow_run\.(?:head_branch|display_title)"
    r"|github\.event\.workflow_run\.head_commit\.message)\b[^}]*\}\}"
)


def _github(project: Project) -> Iterator[Ci]:
    for row in project.rows("ci"):
        if row.system == "github" and project.role(row.at.path) in _OURS:
            yield row


def _workflows(project: Project) -> Mapping[str, Sequence[Ci]]:
    """The steps of each workflow; composite actions, which no event starts, are left out."""
    found: dict[str, list[Ci]] = {}
    for row in _github(project):
        if row.on:
            found.setdefault(row.at.path, []).append(row)
    return found


def permissions(project: Project) -> Iterator[Evidence]:
    """Workflows, judged by whether they say what their token may do, and ask for less than all."""
    for path, rows in _workflows(project).items():
        if not path.startswith(".github/"):
            continue  # Gitea and Forgejo read the same files, and know no such key
        if set(rows[0].on) == {"workflow_call"}:
            continue  # whoever calls it says what it may do
        silent: list[str] = []
        broad: Ci | None = None
        for row in rows:
            given = [value for key, value in row.settings if key == "permissions"]
            if not given and row.job not in silent:
                silent.append(row.job)
            if "write-all" in given:
                broad = broad or row
        if broad is not None:
            fields = {"what": f"The job `{broad.job}` asks for every right of the token"}
            yield Evidence(False, broad.at, "`permissions: write-all`", fields=fields)
        elif silent:
            jobs = ", ".join(f"`{job}`" for job in silent[:3]) + ", ..." * (len(silent) > 3)
            what = f"Nothing says what the token of {jobs} may do"
            yield Evidence(False, Place(path), "no `permissions`", fields={"what": what})
        else:
            yield Evidence(True, Place(path), "`permissions` are stated")


def untrusted_checkout(project: Project) -> Iterator[Evidence]:
    """Workflows that strangers start with rights, judged by whether they fetch strangers' code."""
    found = [e for rows in _workflows(project).values() for e in _with_rights(rows)]
    yield from found or _harmless(project, "no workflow runs with rights on a fork's request")
    yield from _scanned(project)


def _with_rights(rows: Sequence[Ci]) -> Iterator[Evidence]:
    events = sorted(_WITH_RIGHTS.intersection(rows[0].on))
    if not events:
        return
    fetches = [row for row in rows if _fetches_head(row)]
    for row in fetches:
        asked = any(
            key == "environment" or (key == "condition" and _TRUSTED.search(value))
            for key, value in row.settings
        )
        if asked:
            yield Evidence(None, row.at, "somebody may have to agree before it runs")
        else:
            fields = {"event": events[0]}
            yield Evidence(False, row.at, f"started by `{events[0]}`", fields=fields)
    if not fetches:
        note = f"started by `{events[0]}`, and takes no code of the pull request"
        yield Evidence(True, Place(rows[0].at.path), note)


def _fetches_head(row: Ci) -> bool:
    if row.uses.startswith("actions/checkout"):
        given = [v for k, v in row.settings if k in {"with.ref", "with.repository"}]
        return any(_HEAD.search(value) for value in given)
    return bool(_FETCHES_HEAD.search(row.run))


def _harmless(project: Project, note: str) -> Iterator[Evidence]:
    """Good evidence from a project with workflows, for checks that find something in few."""
    for path in _workflows(project):
        yield Evidence(True, Place(path), note)
        return


def untrusted_text(project: Project) -> Iterator[Evidence]:
    """Scripts of workflows, judged by whether a stranger's text becomes a part of them."""
    found = [e for rows in _workflows(project).values() for row in rows for e in _takes_in(row)]
    yield from found or _harmless(project, "no script takes in a text that strangers write")
    yield from _scanned(project)


def _takes_in(row: Ci) -> Iterator[Evidence]:
    script = row.run or _github_script(row)
    found = _TEXT.search(script)
    if found is None:
        return
    line = row.at.line + script.count("\n", 0, found.start()) if row.run else row.at.line
    at, text = Place(row.at.path, line), found[1]
    events = sorted(_BY_STRANGERS.intersection(row.on))
    if events:
        job = Related(row.at, f"this job runs on `{events[0]}`")
        yield Evidence(False, at, f"`{text}`", related=(job,), fields={"text": text})
    else:
        yield Evidence(None, at, f"`{text}` in a job that holds no secrets for strangers")


def _scanned(project: Project) -> Iterator[Evidence]:
    """Good evidence from tools that CI runs over the workflows, which know the rarer forms."""
    for tool in project.used_tools.get("workflow_scanning", ()):
        if tool.grade == "used" and tool.tool in _SCANNERS:
            yield Evidence(True, tool.at, f"{tool.tool} looks for more: {tool.note}")


def _github_script(row: Ci) -> str:
    if not row.uses.startswith("actions/github-script"):
        return ""
    return next((value for key, value in row.settings if key == "with.script"), "")


def versions_tested(project: Project) -> Iterator[Evidence]:
    """Whether CI, or what it runs, tests on more than one version of Python or system."""
    by_spec: dict[str, Place] = {}
    named: list[Place] = []
    for row in project.rows("python"):
        if row.source in {"ci", "tox"} and project.role(row.at.path) in _OURS:
            by_spec.setdefault(row.spec, row.at)
            named.append(row.at)
    for call in project.calls_by_name.get("nox.session", ()):
        asked = arg(call, "python")
        for spec in asked.const if asked is not None and isinstance(asked.const, list) else ():
            by_spec.setdefault(str(spec), call.at)
    systems: dict[str, Place] = {}
    for step in project.rows("ci"):
        for key, value in step.settings:
            if key in {"matrix.os", "matrix.platform", "matrix.runner"}:
                systems.setdefault(value, step.at)
            elif _PYTHONS.fullmatch(key) and _VERSION.fullmatch(value):
                by_spec.setdefault(value, step.at)
    for what, seen in (("versions of Python", by_spec), ("systems", systems)):
        if len(seen) > 1:
            note = f"{len(seen)} {what}: {', '.join(sorted(seen))}"
            first = next(iter(seen.values()))
            at = max(named, key=named.count) if seen is by_spec and named else first
            yield Evidence(True, at, note)
            return
    if by_spec:
        spec, at = next(iter(by_spec.items()))
        yield Evidence(False, at, f"only Python {spec} is tested", fields={"version": spec})
        return
    for step in project.rows("ci")[:1]:
        yield Evidence(None, step.at, "which Python the tests run on cannot be told")
