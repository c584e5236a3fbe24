"""How people work on the project together, by its history and the rules that they wrote down.

Knows the last commits and documents; needs git, and says nothing sure without it. None of it may
touch the score: the same files are as good, whoever committed them.
"""

from __future__ import annotations

import re
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from mllint.checks.documents import told
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Commit
    from mllint.project import Project

_BOT = regex(
    r"\[bot\]|\bbot\b|dependabot|renovate|github[- ]?actions?|pre-commit-ci|semantic-release"
    r"|actions-user|web-flow",
    re.IGNORECASE,
)
_EMPTY = regex(
    r"(?:updated?|fix(?:e[sd])?|bug ?fix|wip|changes?|stuff|misc|minor|tmp|temp|test(?:ing)?|commit"
    r"|initial(?: commit)?|first(?: commit)?|save|done|ok|cleanup|clean up|final|edit(?:ed|s)?|new"
    r"|add(?:ed)?(?: files?)?(?: via upload)?|upload(?:ed)?(?: files?)?|(?:update|create|delete)d? "
    r"[\w./-]+|more|again|try|modif\w*|asdf\w*|[.\-_*\W\d]*)[\s.!]*",
    re.IGNORECASE,
)
"""Subjects that do not say what changed or why."""
_SUBJECTS = 5
"""Commits from which a manner can be told."""
_MERGED = regex(
    r"merge (?:pull request|branch .* into|request)|merged in |see merge request"
    r"|\((?:#|!|gh-)\d+\)\s*$",
    re.IGNORECASE,
)
"""Subjects that forges give to changes which were proposed and merged."""
_BOARD = regex(
    r"(?:github\.com|gitlab\.[\w.]+)/[^/]+/[^/]+(?:/-)?/(?:issues(?:/?$|/?\?|/new\b)|milestones?\b"
    r"|projects\b|boards\b)|github\.com/(?:orgs|users)/[^/]+/projects/|trello\.com/b/"
    r"|atlassian\.net/|linear\.app/|dev\.azure\.com/.*_(?:boards|workitems)"
)
_ARCHIVED = regex(
    r"\b(?:this|the) (?:repo(?:sitory)?|project|package|code) (?:is|has been|was) (?:now )?"
    r"(?:archived|deprecated|discontinued|abandoned|superseded)"
    r"|no longer (?:actively )?(?:maintained|developed|supported)|not (?:actively )?maintained"
    r"|unmaintained|in maintenance mode|looking for (?:a )?maintainer"
)
_DAY = 86_400
_YEARS = 2


def people(project: Project) -> int | None:
    """How many people the last commits are of, bots apart; None where nobody can tell."""
    commits = _commits(project)
    return len(_persons(commits)) if commits else None


def _commits(project: Project) -> list[Commit]:
    """The last commits by people; none where history is missing or cut off."""
    if any(row.shallow for row in project.rows("git")):
        return []
    return [c for c in project.history() if not _BOT.search(f"{c.name} {c.email}")]


def _persons(commits: Sequence[Commit]) -> set[str]:
    """One name for each person: who shares a name or an address with another is the same."""
    known: dict[str, str] = {}

    def first(sign: str) -> str:
        while known.setdefault(sign, sign) != sign:
            sign = known[sign]
        return sign

    for commit in commits:
        name = first(re.sub(r"\W+", "", commit.name).lower() or commit.email)
        known[first(f"@{commit.email.lower()}")] = name
    return {first(re.sub(r"\W+", "", c.name).lower() or c.email) for c in commits}


def written_by_a_team(project: Project, **sought: Any) -> Iterator[Evidence]:
    """As `documents.told`, but asked only where several people work on the project."""
    found = next(told(project, **sought))
    if found.ok:
        yield found
    else:
        yield from _missing(project)


def _missing(project: Project, note: str = "") -> Iterator[Evidence]:
    """A finding for several people, nothing for one, an open question where nobody can tell."""
    count = people(project)
    if count is None:
        yield Evidence(None, None, "without its history nobody can tell who works on it")
    elif count > 1:
        yield Evidence(False, None, note or f"{count} people work on it")


def owners(project: Project) -> Iterator[Evidence]:
    """Whether it is written down who answers for which part."""
    for row in project.rows("setting"):
        if row.format == "codeowners" and row.value:
            yield Evidence(True, row.at, f"`{row.at.path}` names owners")
            return
    yield from written_by_a_team(
        project,
        files=r"(?:^|/)(?:MAINTAINERS|OWNERS|GOVERNANCE|AUTHORS)(?:\.\w+)?$",
        headings=r"^\W*(?:(?:the|project|current|core) )?(?:maintain(?:ers?|ed by)|code ?owners?"
        r"|core team|governance|contacts?(?: us)?|ownership|authors?|team)\W*$",
        below=3,
        top=True,
    )


def planned(project: Project) -> Iterator[Evidence]:
    """Whether it can be seen what comes next: in a document, or on a board that one links to."""
    for row in project.rows("link"):
        top = row.at.path.count("/") <= 1 and project.role(row.at.path) in {"source", "docs"}
        if top and _BOARD.search(row.target):
            yield Evidence(True, row.at, f"refers to `{row.target[:80]}`")
            return
    yield from written_by_a_team(
        project,
        files=r"(?:^|/)(?:roadmap|backlog|to-?do|milestones)(?:\.\w+)?$"
        r"|\.(?:github|gitlab)/issue_templates?/[^/]+\.ya?ml$",
        below=3,
        top=True,
        headings=r"\broad ?map\b|\bto-?dos?\b|\bfuture (?:work|plans?|improvements?|scope|steps?)\b"
        r"|^\W*next steps?\W*$|\bbacklog\b|\bplanned\b|\bmilestones?\b|\bwhat'?s next\b"
        r"|\b(?:possible|further) improvements?\b",
    )


def shared(project: Project) -> Iterator[Evidence]:
    """Whether more than one person works on it."""
    count = people(project)
    if count is None:
        yield Evidence(None, None, "without its history nobody can tell who works on it")
    else:
        shown = "one person" if count == 1 else f"{count} people"
        commits = len(_commits(project))
        yield Evidence(count > 1, None, f"the last {commits} commits are of {shown}")


def reviewed(project: Project, *, least: float) -> Iterator[Evidence]:
    """Whether changes come in as proposals that others can look at."""
    for row in project.rows("setting"):
        name = row.at.path.rpartition("/")[2]
        ruled = row.key.endswith(("required_approving_review_count", "required_reviews"))
        if ruled and name.endswith((".yml", ".yaml", ".json", ".tf")):
            yield Evidence(True, row.at, f"`{row.at.path}` asks for reviews")
            return
    landed = [c for c in _commits(project) if c.main]
    merged = [c for c in landed if _MERGED.search(c.subject)]
    note = f"{len(merged)} of the last {len(landed)} changes of the branch were proposed and merged"
    if merged and len(merged) >= least * len(landed):
        yield Evidence(True, None, note)
    else:
        yield from _missing(project, note)


def telling(project: Project, *, max_empty: float) -> Iterator[Evidence]:
    """Whether the subjects of commits say what changed."""
    commits = [c for c in _commits(project) if c.parents < 2]
    if len(commits) < _SUBJECTS:
        if commits:
            note = f"{len(commits)} commits are too few to judge how they are made"
            yield Evidence(None, None, note)
        else:
            yield Evidence(None, None, "without its history nobody can tell how it is made")
        return
    empty = [c.subject for c in commits if _EMPTY.fullmatch(c.subject.strip())]
    note = f"{len(empty)} of the last {len(commits)} subjects say nothing"
    example = f", as \u201c{empty[0][:40]}\u201d" if empty else ""
    good = len(empty) <= max_empty * len(commits)
    yield Evidence(good, None, note + ("" if good else example))


def maintained(project: Project) -> Iterator[Evidence]:
    """Whether somebody still works on it; not asked where it says that nobody does."""
    for row in project.rows("prose"):
        top = "/" not in row.at.path and "readme" in row.at.path.lower()
        if top and _ARCHIVED.search(row.text):
            return
    commits = _commits(project)
    if not commits:
        yield Evidence(None, None, "without its history nobody can tell when it last changed")
        return
    last = max(commit.when for commit in commits)
    day = datetime.fromtimestamp(last, tz=timezone.utc).date()
    fresh = time.time() - last < _YEARS * 365 * _DAY
    yield Evidence(fresh, None, f"the last commit is of {day}")
