"""Hooks of pre-commit, prek, lefthook, lint-staged, and scripts that Git itself starts.

Knows their files; that a CI job runs them is found by `link`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mllint.facts import Ci, Facts, Hook, Place
from mllint.readers.ci.scripts import text_under
from mllint.readers.gather import binary, gather, text_of
from mllint.readers.tomldoc import TomlProblem, load
from mllint.readers.yamldoc import Node, child, texts
from mllint.readers.yamlrows import yaml_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_DEPTH = 4

_SERVICE_EVENTS = ("push", "pull_request")


def read_pre_commit(path: str, data: bytes) -> Facts:
    """The hooks of `.pre-commit-config.yaml`; `ci:` in it is a step of the hosted service."""
    return yaml_rows(path, data, _pre_commit)


def read_lefthook(path: str, data: bytes) -> Facts:
    """The commands of `lefthook.yml`, each a hook whose id is its name."""
    return yaml_rows(path, data, _lefthook)


def read_script(path: str, data: bytes) -> Facts:
    """A script that Git starts before a commit or a push; one of Python keeps what it runs."""
    text = text_of(data)
    if text is None:
        return binary(path)
    run = "" if "python" in text.partition("\n")[0] else text
    at = Place(path, 1, 1, text.count("\n") + 1)
    return gather([Hook(at, "git", "local", path.rpartition("/")[2], "", run)])


def read_toml(path: str, data: bytes) -> Facts:
    """The hooks of `prek.toml` and of `lefthook.toml`; its faults are another reader's."""
    try:
        document = load(data)
    except TomlProblem:
        return Facts()
    found = _prek if path.endswith("prek.toml") else _lefthook_table
    return gather(found(path, document.data))


def read_staged(path: str, data: bytes) -> Facts:
    """The commands of lint-staged, by pattern of the files."""
    return yaml_rows(path, data, _staged)


def of_package(path: str, value: Mapping[str, Any]) -> Iterator[Hook]:
    """The hooks that a package.json states, for husky, simple-git-hooks and lint-staged."""
    husky = value.get("husky")
    below = husky.get("hooks") if isinstance(husky, dict) else None
    for system, table in (
        ("husky", below),
        ("simple-git-hooks", value.get("simple-git-hooks")),
        ("lint-staged", value.get("lint-staged")),
    ):
        for name, said in table.items() if isinstance(table, dict) else ():
            for run in said if isinstance(said, list) else [said]:
                if isinstance(run, str):
                    yield Hook(Place(path, 1), system, "local", name, "", run)


def _staged(path: str, document: Node) -> Iterator[Hook]:
    for item in document.items:
        for run in texts(item.node):
            yield Hook(Place(path, item.line), "lint-staged", "local", item.key, "", run)


def _prek(path: str, data: Mapping[str, Any]) -> Iterator[Hook]:
    for repo, hook in _pairs(data.get("repos"), "hooks"):
        name = hook.get("id")
        if isinstance(name, str):
            args = hook.get("args")
            words = [str(hook.get("entry", name)), *(args if isinstance(args, list) else ())]
            run = " ".join(map(str, words))
            slug, rev = _slug(str(repo.get("repo", ""))), str(repo.get("rev", ""))
            yield Hook(Place(path, 1), "pre-commit", slug, name, rev, run)


def _pairs(value: Any, key: str) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Each table of a list with each table of the list that it keeps under a key."""
    for outer in value if isinstance(value, list) else ():
        inner = outer.get(key) if isinstance(outer, dict) else None
        for one in inner if isinstance(inner, list) else ():
            if isinstance(one, dict):
                yield outer, one


def _lefthook_table(path: str, data: Mapping[str, Any]) -> Iterator[Hook]:
    for group in data.values():
        commands = group.get("commands") if isinstance(group, dict) else None
        named = list(commands.items()) if isinstance(commands, dict) else []
        jobs = group.get("jobs") if isinstance(group, dict) else None
        named += [("job", one) for one in jobs] if isinstance(jobs, list) else []
        for name, one in named:
            run = one.get("run") if isinstance(one, dict) and one.get("skip") is not True else None
            if isinstance(run, str):
                yield Hook(Place(path, 1), "lefthook", "", name, "", run)


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
        scripts = child(group, "scripts")
        for entry in scripts.items if scripts else ():
            at = Place(path, entry.line, 1, entry.node.end_line)
            run = f"bash ./.lefthook/{item.key}/{entry.key}"
            yield Hook(at, "lefthook", "", entry.key, "", run)
        yield from _jobs(path, group, 0)


def _jobs(path: str, group: Node, depth: int) -> Iterator[Hook]:
    """The jobs of a hook or of a group within one."""
    jobs = child(group, "jobs")
    for node in jobs.list if jobs and depth < MAX_DEPTH else ():
        yield from _lefthook_row(path, text_under(node, "name"), node.line, node)
        below = child(node, "group")
        if below is not None:
            yield from _jobs(path, below, depth + 1)


def _lefthook_row(path: str, name: str, line: int, node: Node) -> Iterator[Hook]:
    run = text_under(node, "run")
    if run and text_under(node, "skip") != "true":
        yield Hook(Place(path, line, 1, node.end_line), "lefthook", "", name, "", run)


def _slug(url: str) -> str:
    """`owner/name` of a repository's address; `local` and `meta` stay."""
    found = re.fullmatch(r"(?:\w+://|git@)[^/:]+[/:](?:\d+/)?(.+?)(?:\.git)?/?", url)
    return found[1] if found else url
