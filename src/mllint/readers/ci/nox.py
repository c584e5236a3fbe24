"""nox: sessions as targets, read from noxfile.py without running it.

Knows the calls of a session that run something; a value that is not a constant is left out.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mllint.facts import Facts, Place, Problem, Target
from mllint.readers.ci.parsed import MAX_BYTES, parsed
from mllint.readers.gather import gather

if TYPE_CHECKING:
    from collections.abc import Iterator

_RUNS = frozenset(("run", "run_always", "run_install"))


def read_nox(path: str, data: bytes) -> Facts:
    """The sessions of a noxfile, each with the commands it runs and the sessions it notifies."""
    if len(data) > MAX_BYTES:
        return gather([Problem(path, "too-large", f"more than {MAX_BYTES:,} bytes of noxfile")])
    tree = parsed(path, data)
    if isinstance(tree, Problem):
        return gather([tree])
    return gather(_targets(path, tree))


def _targets(path: str, tree: ast.Module) -> Iterator[Target]:
    constants = dict(_constants(tree))
    default = constants.get("nox.options.sessions")
    if isinstance(default, list):
        names = tuple(name for name in default if isinstance(name, str))
        yield Target(Place(path, 1), "nox", "", names, ())
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            session = _session(node)
            if session is not None:
                yield _target(path, node, session or node.name, constants)


def _constants(tree: ast.Module) -> Iterator[tuple[str, object]]:
    for node in tree.body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                try:
                    value = ast.literal_eval(node.value)
                except (ValueError, TypeError, RecursionError, SyntaxError, MemoryError):
                    continue
                yield ast.unparse(target), list(value) if isinstance(value, tuple) else value


def _session(node: ast.FunctionDef) -> str | None:
    """The name that the decorator gives, "" for the function's own; None for other functions."""
    for decorator in node.decorator_list:
        call = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "")
        if name != "session":
            continue
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                return str(keyword.value.value)
        return ""
    return None


def _target(path: str, node: ast.FunctionDef, name: str, constants: dict[str, object]) -> Target:
    commands: list[str] = []
    needs: list[str] = []
    for call in _calls(node):
        method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        words = list(_words(call, constants))
        if method in _RUNS and words:
            commands.append(" ".join(words))
        elif method == "install" and words:
            commands.append(" ".join(["pip", "install", *words]))
        elif method == "conda_install" and words:
            commands.append(" ".join(["conda", "install", *words]))
        elif method == "notify" and words:
            needs.append(words[0])
    at = Place(path, node.lineno, 1, node.end_lineno or node.lineno)
    return Target(at, "nox", name, tuple(needs), tuple(commands))


def _calls(node: ast.FunctionDef) -> list[ast.Call]:
    """The method calls on the session, in the order of the text."""
    session = node.args.args[0].arg if node.args.args else "session"
    found = [
        below
        for below in ast.walk(node)
        if isinstance(below, ast.Call)
        and isinstance(below.func, ast.Attribute)
        and isinstance(below.func.value, ast.Name)
        and below.func.value.id == session
    ]
    return sorted(found, key=lambda call: (call.lineno, call.col_offset))


def _words(call: ast.Call, constants: dict[str, object]) -> Iterator[str]:
    for argument in call.args:
        node = argument.value if isinstance(argument, ast.Starred) else argument
        name = node.id if isinstance(node, ast.Name) else ""
        value = constants.get(name)
        if isinstance(node, ast.Constant):
            value = node.value
        elif isinstance(node, ast.List | ast.Tuple):
            value = [item.value for item in node.elts if isinstance(item, ast.Constant)]
        for word in value if isinstance(value, list) else [value]:
            if isinstance(word, str) and word:
                yield f'"{word}"' if " " in word else word
