"""The simple commands that CI, hooks and images really run, followed through the repository.

Knows how steps, targets, scripts, hooks and workflows call each other; nothing of rules.
"""

from __future__ import annotations

import json
import posixpath
import re
from itertools import islice, pairwise, product
from typing import TYPE_CHECKING, NamedTuple

from mllint.facts import Ci, Docker, Hook, Place, Stage, Step, Target
from mllint.link.actions import HOOKS, TOLD, program
from mllint.link.runnables import Runnables, Where
from mllint.link.shell import commands, goes_on
from mllint.link.workflows import Workflows, is_off
from mllint.link.wrappers import chosen, unwrapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mllint.link.runnables import Row

MAX_DEPTH = 8
"""Calls from one list of commands to another."""
MAX_STEPS = 1000
"""Steps that one row may come down to."""
MAX_CALLS = 50_000
"""Rows and commands that are looked at in all; a large repository needs a few thousand."""
MAX_VARIANTS = 16
"""Combinations of matrix values for which a script is read."""
MAX_COMMAND = 500
"""Characters of a command that are kept."""

_EXPRESSION = re.compile(r"\$\{\{\s*((?:matrix|env|inputs|vars)\.[\w.-]+)\s*\}\}")
_SILENT = frozenset(
    (
        *(
            "cd",
            "pushd",
            "popd",
            "set",
            "export",
            "unset",
            "local",
            "declare",
            "readonly",
            "typeset",
        ),
        *(
            "return",
            "shift",
            "trap",
            ":",
            "true",
            "false",
            "exit",
            "[",
            "test",
            "source",
            ".",
            "eval",
        ),
        *("wait", "read", "break", "continue", "umask", "ulimit", "shopt", "alias", "sleep", "rem"),
    ),
)
"""Commands without an effect that a rule could ask for."""
_ASKING = frozenset((("--version",), ("-V",), ("--help",), ("version",), ("help",)))
"""What follows a program that is only asked about itself."""


class _Context(NamedTuple):
    """Where a command stands and what holds for it."""

    at: Place
    origin: str
    system: str
    job: str
    on: tuple[str, ...]
    via: tuple[str, ...]
    where: Where
    swallowed: bool = False
    active: tuple[object, ...] = ()
    """What is being followed, so that nothing is followed into itself."""


def steps(
    ci: Sequence[Ci],
    hooks: Sequence[Hook] = (),
    targets: Sequence[Target] = (),
    docker: Sequence[Docker] = (),
    stages: Sequence[Stage] = (),
) -> list[Step]:
    """The commands that CI, hooks and images run, each once for each way to it.

    Jobs that are switched off (`if: false`), and workflows and templates that only others start,
    appear only where they are called.
    """
    follower = _Follower(Runnables(targets, hooks, stages), Workflows(ci))
    found: dict[Step, None] = {}
    for row in follower.workflows.roots():
        found.update(dict.fromkeys(islice(follower.ci(row), MAX_STEPS)))
    for hook in hooks:
        where = Where(posixpath.dirname(hook.at.path), {})
        context = _Context(
            hook.at, "hook", hook.system, hook.id, ("commit",), (hook.at.path,), where
        )
        found.update(dict.fromkeys(islice(follower.hook(hook, context), MAX_STEPS)))
    found.update(dict.fromkeys(islice(follower.docker(docker), 20 * MAX_STEPS)))
    return list(found)


class _Follower:
    """Turns rows into steps; holds what can be called, and how much work is left."""

    def __init__(self, runnables: Runnables, workflows: Workflows) -> None:
        self.runnables = runnables
        self.workflows = workflows
        self.left = MAX_CALLS

    def ci(self, row: Ci, caller: _Context | None = None) -> Iterator[Step]:
        """The steps of a CI row; under `caller` those of a workflow or action that it calls."""
        self.left -= 1
        if is_off(row) or self.left < 0:
            return
        given = dict(caller.where.variables) if caller else {}
        settings = [(k, given.get(k, v)) for k, v in row.settings]
        values: dict[str, list[str]] = {}
        for key, value in settings:
            values.setdefault(key, []).append(value)
        allowed = any(v.lower() == "true" for v in values.get("allow-failure", ()))
        directory = values.get("directory", [""])[-1]
        where = Where(_directory(_filled(directory, values)), _variables(values))
        context = _Context(
            row.at,
            "ci",
            row.system,
            caller.job if caller else row.job,
            caller.on if caller else row.on,
            (*(caller.via if caller else ()), row.at.path),
            where,
            allowed or bool(caller and caller.swallowed),
            caller.active if caller else (),
        )
        if row.uses:
            yield from self._uses(row, context, values)
        for run in _variants(row.run, values) if row.run else ():
            yield from self.text(run, context, spread=True)

    def _uses(self, row: Ci, context: _Context, values: dict[str, list[str]]) -> Iterator[Step]:
        tool = program(row.uses)
        if tool:
            yield self._step(context, tool, row.uses)
        told = TOLD.get(row.uses.partition("@")[0].lower(), "")
        for text in values.get(f"with.{told}", ())[-1:] if told else ():
            yield from self.text(text, context)
        if tool in {"pre-commit", "prek"}:
            extra = values.get("with.extra_args", [""])[-1].split()
            names = [word for word in extra[:1] if not word.startswith("-")]
            yield from self._called(["pre-commit", "run", *names], context)
        inputs = {
            f"inputs.{key.removeprefix('with.')}": value[-1]
            for key, value in values.items()
            if key.startswith("with.")
        }
        inner = context._replace(where=Where("", inputs), active=(*context.active, row.uses))
        if row.uses not in context.active and len(context.active) < MAX_DEPTH:
            for below in self.workflows.used_by(row):
                yield from self.ci(below, inner._replace(via=context.via))

    def text(
        self, text: str, context: _Context, *, spread: bool = False, forgiving: bool = False
    ) -> Iterator[Step]:
        """The steps of a shell text; with `spread`, line n of it stands n lines below the first.

        Of a `forgiving` text only the last command can fail.
        """
        found = commands(text, context.where.variables)
        for command in found:
            at = context.at
            if spread and at.line and at.end_line:
                line = min(at.line + command.line, at.end_line)
                at = at._replace(line=line, end_line=line)
            passed = command.swallowed or (forgiving and command is not found[-1])
            inner = context._replace(at=at, swallowed=context.swallowed or passed)
            yield from self._command(command.words, inner)
            if command.words[0] in {"cd", "pushd"}:
                moved = command.words[1] if len(command.words) > 1 else "~"
                context = context._replace(where=_into(context.where, moved))

    def _command(self, words: Sequence[str], context: _Context) -> Iterator[Step]:
        called = [] if tuple(words[1:]) in _ASKING else list(self._called(words, context))
        for inner in (*unwrapped(words), *unwrapped(() if called else chosen(words))):
            script = _script_text(inner)
            if script is not None:
                if len(context.active) < MAX_DEPTH:
                    nested = context._replace(active=(*context.active, script))
                    yield from self.text(script, nested)
                continue
            if inner[1:] in _ASKING:
                continue
            if inner[0] not in _SILENT:
                swallowed = context.swallowed or "--exit-zero" in inner
                normal = ("python", *inner) if inner[0].endswith(".py") else inner
                tool = _tool(normal)
                yield self._step(context._replace(swallowed=swallowed), tool, _joined(normal))
            if not called:
                yield from self._called(inner, context)
        yield from called

    def _step(self, context: _Context, tool: str, command: str) -> Step:
        return Step(
            context.at,
            context.origin,
            context.system,
            context.job,
            context.on,
            tool,
            command,
            context.via,
            context.swallowed,
        )

    def _called(self, words: Sequence[str], context: _Context) -> Iterator[Step]:
        """The steps of what a command calls by name."""
        self.left -= 1
        if len(context.active) >= MAX_DEPTH or self.left < 0:
            return
        for row in self.runnables.called(words, context.where):
            yield from self._row(row, context, strict=_stops(words))

    def _row(self, row: Row, context: _Context, *, strict: bool = True) -> Iterator[Step]:
        key = (row.at, row[1], row[2])
        if key in context.active or len(context.active) >= MAX_DEPTH:
            return
        folder = posixpath.dirname(row.at.path)
        via = context.via if context.via[-1:] == (row.at.path,) else (*context.via, row.at.path)
        inner = context._replace(
            at=row.at,
            via=via,
            active=(*context.active, key),
            where=context.where._replace(directory=folder),
        )
        if isinstance(row, Hook):
            yield from self.hook(row, inner)
        elif isinstance(row, Stage):
            yield from self.text(row.cmd, inner)
        elif row.tool == "shell":
            # A script goes on in the folder of its caller.
            here = inner._replace(where=context.where)
            forgiving = not strict and goes_on(row.commands)
            yield from self.text("\n".join(row.commands), here, spread=True, forgiving=forgiving)
        else:
            for target in self.runnables.order(row):
                for command in target.commands:
                    yield from self.text(command, inner._replace(at=target.at))

    def hook(self, hook: Hook, context: _Context) -> Iterator[Step]:
        """The steps of one hook: its command, or the program that its id stands for."""
        if hook.repo in {"local", ""}:
            where = context.where._replace(directory="")
            yield from self.text(hook.run, context._replace(where=where))
            return
        words = hook.run.split()
        if words[:1] == [hook.id]:
            words = [*HOOKS.get(hook.id, (hook.id,)), *words[1:]]
        words = words or [hook.id]
        swallowed = context.swallowed or "--exit-zero" in words
        yield self._step(context._replace(swallowed=swallowed), words[0], " ".join(words))

    def docker(self, rows: Sequence[Docker]) -> Iterator[Step]:
        """The steps that building an image and starting a container run."""
        entry: dict[tuple[str, str], list[str]] = {}
        for row in rows:
            words = _words(row.value)
            stage = (row.at.path, row.stage)
            if row.word == "ENTRYPOINT" and words:
                entry[stage] = words
            folder = posixpath.dirname(row.at.path)
            where = Where(folder, {}, suffix=True)
            context = _Context(row.at, "docker", "docker", row.stage, (), (row.at.path,), where)
            if row.word == "CMD" and words:
                yield from self._command([*entry.get(stage, ()), *words], context)
            elif words and row.word in {"RUN", "ENTRYPOINT"}:
                yield from self._command(words, context)
            elif row.word in {"RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"}:
                yield from self.text(_shell_form(row), context)


def _shell_form(row: Docker) -> str:
    """The shell text of an instruction; of a bare here-document, its lines."""
    text = row.value
    if row.word == "HEALTHCHECK":
        text = text.partition("CMD ")[2]
        return " ".join(_words(text)) or text
    if text.startswith("<<") and "\n" in text:
        return text.partition("\n")[2].rpartition("\n")[0]
    return text


def _words(text: str) -> list[str]:
    """The words of an instruction in its JSON form, or []."""
    if not text.startswith("["):
        return []
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []


def _script_text(words: tuple[str, ...]) -> str | None:
    """The text that `bash -c`, `eval` or `nix-shell --run` runs, or None."""
    if words[0] == "eval":
        return " ".join(words[1:])
    if words[0] == "nix-shell":
        return next((b for a, b in pairwise(words) if a in {"--run", "--command"}), None)
    if words[0] not in {"bash", "sh", "zsh", "dash"}:
        return None
    for index, word in enumerate(words[1:], 1):
        if not word.startswith(("-", "+")):
            return None
        if not word.startswith("--") and "c" in word:
            rest = [w for w in words[index + 1 :] if not w.startswith("-")]
            return rest[0] if rest else None
    return None


def _stops(words: Sequence[str]) -> bool:
    """Whether a shell is told to stop at what fails, or may have been told so before."""
    return words[0] in {"source", "."} or any(w.startswith("-") and "e" in w for w in words[1:])


def _tool(words: Sequence[str]) -> str:
    """The program of a command; a module of Python itself counts as one."""
    is_module = words[0] == "python" and words[1:2] == ("-m",) and len(words) > 2
    return words[2] if is_module and "." not in words[2] else words[0]


def _joined(words: Sequence[str]) -> str:
    """The words as one line, those with spaces in quotes."""
    parts = []
    for word in words:
        flat = " ".join(word.split())
        parts.append(f'"{flat}"' if " " in flat or not flat else flat)
    return " ".join(parts)[:MAX_COMMAND]


def _directory(text: str) -> str | None:
    """A working directory relative to the root, or None where it is not known."""
    text = text.strip()
    for prefix in ("${{ github.workspace }}", "${{github.workspace}}", "$GITHUB_WORKSPACE"):
        text = text.removeprefix(prefix).lstrip("/") if text.startswith(prefix) else text
    if "$" in text or "{{" in text or text.startswith(("/", "~")):
        return None
    full = posixpath.normpath(text) if text else ""
    return "" if full == "." else full


def _into(where: Where, path: str) -> Where:
    """The surroundings after `cd`."""
    if path.startswith(("$GITHUB_WORKSPACE", "${{")):
        return where._replace(directory=_directory(path))
    if where.directory is None or path == "-" or path.startswith(("/", "~")) or "$" in path:
        return where._replace(directory=None)
    return where._replace(directory=_directory(posixpath.join(where.directory, path)))


def _variables(values: Mapping[str, list[str]]) -> dict[str, str]:
    """The environment that a script starts with, as far as it is plain."""
    return {
        key.removeprefix("env."): value[-1]
        for key, value in values.items()
        if key.startswith("env.") and "$" not in value[-1]
    }


def _filled(text: str, values: Mapping[str, list[str]]) -> str:
    """The text with expressions of a single known value resolved."""

    def value(found: re.Match[str]) -> str:
        known = values.get(found[1], ())
        return known[0] if len(known) == 1 else found[0]

    return _EXPRESSION.sub(value, text)


def _variants(run: str, values: Mapping[str, list[str]]) -> Iterable[str]:
    """The script for each combination of the values that its expressions may have."""
    run = _filled(_filled(run, values), values)
    names = list(dict.fromkeys(name for name in _EXPRESSION.findall(run) if name in values))
    if not names:
        return [run]
    picks = islice(product(*(values[name] for name in names)), MAX_VARIANTS)
    return [_filled(run, {n: [v] for n, v in zip(names, pick, strict=True)}) for pick in picks]
