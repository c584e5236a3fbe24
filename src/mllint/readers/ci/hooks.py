"""Hooks of pre-commit and lefthook.

Knows their files; that a CI job runs them is found by `link`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mllint.facts import Ci, Facts, Hook, Place
from mllint.readers.ci.scripts import text_under
from mllint.readers.yamldoc import Node, child, texts
from mllint.readers.yamlrows import yaml_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

_SERVICE_EVENTS = ("push", "pull_request")


def read_pre_commit(path: str, data: bytes) -> Facts:
    """The hooks of `.pre-commit-config.yaml`; `ci:` in it is a step of the hosted service."""
    return yaml_rows(path, data, _pre_commit)


def read_lefthook(path: str, data: bytes) -> Facts:
    """The commands of `lefthook.yml`, each a hook whose id is its name."""
    return yaml_rows(path, data, _lefthook)


def _pre_commit(path: str, document: Node) -> Iterator[Any]:
    repos = child(document, "repos")
    # Before pre-commit 1.0 the file was the list itself.
    nodes = repos.list if repos else document.list
    for node in nodes:
        repo = _slug(text_under(node, "repo"))
        rev = text_under(node, "rev") or text_under(node, "sha")
        hooks = child(node, "hooks")
        for hook in hooks.list if hooks else ():
            name = text_under(hook, "id")
            if not name:
                continue
            at = Place(path, hook.line, hook.col, hook.end_line)
            yield Hook(at, "pre-commit", repo, name, rev, _command(hook))
    service = child(document, "ci")
    if service is not None:
        yield _service(path, service)


def _command(hook: Node) -> str:
    """What a hook runs as far as the file says it: its entry or its id, and its arguments."""
    if text_under(hook, "language") in {"pygrep", "fail"}:
        return ""
    args = [f'"{text}"' if " " in text else text for text in texts(child(hook, "args"))]
    return " ".join([text_under(hook, "entry") or text_under(hook, "id"), *args])


def _service(path: str, node: Node) -> Ci:
    at = Place(path, node.line, node.col, node.end_line)
    skipped = tuple(("skip", text) for text in texts(child(node, "skip")))
    run = "pre-commit run --all-files"
    return Ci(at, "pre-commit", "pre-commit.ci", "", _SERVICE_EVENTS, "", run, skipped)


def _lefthook(path: str, document: Node) -> Iterator[Hook]:
    for item in document.items:
        group = item.node
        commands = child(group, "commands")
        for entry in commands.items if commands else ():
            yield from _lefthook_row(path, entry.key, entry.line, entry.node)
        jobs = child(group, "jobs")
        for node in jobs.list if jobs else ():
            yield from _lefthook_row(path, text_under(node, "name"), node.line, node)


def _lefthook_row(path: str, name: str, line: int, node: Node) -> Iterator[Hook]:
    run = text_under(node, "run")
    if run and text_under(node, "skip") != "true":
        yield Hook(Place(path, line, 1, node.end_line), "lefthook", "", name, "", run)


def _slug(url: str) -> str:
    """`owner/name` of a repository's address; `local` and `meta` stay."""
    found = re.fullmatch(r"(?:\w+://|git@)[^/:]+[/:](?:\d+/)?(.+?)(?:\.git)?/?", url)
    return found[1] if found else url
