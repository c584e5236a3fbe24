"""The entry in .pre-commit-config.yaml: our two hooks after those that are there.

Adds lines to a text and reads it back; whatever would not come to exactly that entry more is left
to people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mllint.adopt.addresses import RELEASE
from mllint.adopt.plan import Advice, Change, Step, as_in, ended, keeps, text_of
from mllint.readers import yamldoc

if TYPE_CHECKING:
    from mllint.readers.yamldoc import Node
    from mllint.tree import Tree

PATH = ".pre-commit-config.yaml"
_HOOKS = ("mllint", "mllint-repo")
_OTHERS = ("lefthook.yml", "lefthook.yaml", ".lefthook.yml", ".husky/pre-commit")


def step(tree: Tree, source: str) -> Step:
    """The change that adds the hooks, if they are not there."""
    entry = _entry(source, "  ")
    if PATH not in tree.entries:
        other = next((name for name in _OTHERS if name in tree.entries), "")
        if other:
            text = f"{other}: let the hook run this on the staged files:"
            return Step(advice=(Advice(text, ("mllint check --scope files --force-exclude",)),))
        return Step(Change(PATH, None, f"repos:\n{entry}"))
    by_hand = Step(advice=(Advice(f"{PATH}: add this to `repos`:", tuple(entry.splitlines())),))
    before = text_of(tree, PATH)
    if before is None:
        return by_hand
    try:
        documents = yamldoc.load(before)
    except yamldoc.YamlProblem:
        return by_hand
    repos = _repos(documents)
    if _ours(repos):
        return Step(advice=(Advice(f"{PATH}: has the hooks already"),))
    after = _added(before, repos, source)
    return Step(Change(PATH, before, after)) if after else by_hand


def _entry(source: str, indent: str) -> str:
    lines = [f"- repo: {source}", f"  rev: {RELEASE}", "  hooks:"]
    lines += [f"    - id: {hook}" for hook in _HOOKS]
    return "".join(f"{indent}{line}\n" for line in lines)


def _repos(documents: list[Node]) -> Node | None:
    items = documents[0].items if len(documents) == 1 else ()
    return next((item.node for item in items if item.key == "repos"), None)


def _ours(repos: Node | None) -> bool:
    plain = _plain(repos) if repos is not None else []
    return any(
        isinstance(hook, dict) and hook.get("id") in _HOOKS
        for repo in (plain if isinstance(plain, list) else [])
        if isinstance(repo, dict)
        for hook in repo.get("hooks") or []
    )


def _added(before: str, repos: Node | None, source: str) -> str:
    """The text with our entry after the last one; "" where it cannot be put there."""
    if repos is None or not repos.list:
        return ""
    lines = ended(before).split("\n")
    first = lines[repos.list[0].line - 1]
    indent = first[: len(first) - len(first.lstrip())]
    at = repos.list[-1].end_line
    entry = as_in(before, _entry(source, indent)).split("\n")[:-1]
    after = "\n".join([*lines[:at], *entry, *lines[at:]])
    return after if keeps(before, after) and _is_one_more(before, after, source) else ""


def _is_one_more(before: str, after: str, source: str) -> bool:
    try:
        old, new = (_plain(yamldoc.load(text)[0]) for text in (before, after))
    except (yamldoc.YamlProblem, IndexError):
        return False
    ours = {"repo": source, "rev": RELEASE, "hooks": [{"id": hook} for hook in _HOOKS]}
    return bool(new == {**old, "repos": [*old["repos"], ours]})


def _plain(node: Node) -> Any:
    if node.kind == "mapping":
        return {item.key: _plain(item.node) for item in node.items}
    if node.kind == "sequence":
        return [_plain(one) for one in node.list]
    return node.raw
