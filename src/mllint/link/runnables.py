"""What a command calls by name: Makefile targets, tox environments, scripts, hooks, DVC stages.

Knows the command lines of the task runners; nothing of CI.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from mllint.link.wrappers import task_runner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mllint.facts import Hook, Stage, Target

    Row = Target | Hook | Stage

_SHELLS = frozenset(("bash", "sh", "zsh", "dash", "ksh", "source", "."))


class Where(NamedTuple):
    """The surroundings of a command."""

    directory: str | None
    """Relative to the root; None where it is not known."""
    variables: Mapping[str, str]
    suffix: bool = False
    """Whether a script is looked for by the end of its path, as in an image."""


class Runnables:
    """The named lists of commands of a repository."""

    def __init__(
        self, targets: Iterable[Target], hooks: Iterable[Hook], stages: Iterable[Stage]
    ) -> None:
        self._targets: dict[str, dict[str, dict[str, Target]]] = {}
        self._scripts: dict[str, Target] = {}
        for target in targets:
            if target.tool == "shell":
                self._scripts[target.name] = target
                continue
            folder = posixpath.dirname(target.at.path)
            self._targets.setdefault(target.tool, {}).setdefault(folder, {}).setdefault(
                target.name, target
            )
        self._hooks = list(hooks)
        self._stages = [stage for stage in stages if stage.system == "dvc"]

    def called(self, words: Sequence[str], where: Where) -> list[Row]:
        """The rows that a command runs, in order; [] where it calls nothing that is known."""
        tool, rest = words[0], list(words[1:])
        runner, operands = task_runner(words)
        if runner:
            return self._named(runner, operands[:1], where)
        find = _TOOLS.get(tool)
        if find is not None:
            return find(self, tool, rest, where)
        return list(self._script(tool, where))

    def order(self, target: Target) -> list[Target]:
        """A target and all that it needs, each once, what is needed first."""
        folder = posixpath.dirname(target.at.path)
        group = self._targets.get(target.tool, {}).get(folder, {})
        found: dict[Target, None] = {}
        opened: set[Target] = set()
        stack = [target]
        while stack:
            here = stack[-1]
            if here in opened:
                found[stack.pop()] = None
                continue
            opened.add(here)
            needed = [self._member(group, target.tool, name) for name in reversed(here.needs)]
            stack.extend(one for one in needed if one is not None and one not in opened)
        return list(found)

    def _member(self, group: Mapping[str, Target], tool: str, name: str) -> Target | None:
        found = group.get(name)
        if found is None and tool == "tox":
            return group.get("testenv")
        if found is None and tool == "nox":
            return group.get(re.sub(r"(?:-(?:py)?\d[\d.]*|\(.*\))$", "", name))
        return found

    def _group(self, tool: str, where: Where, names: Iterable[str]) -> Mapping[str, Target]:
        """The targets of a folder; if that is unknown, of the only one with such names."""
        folders = self._targets.get(tool, {})
        if where.directory is not None:
            return folders.get(where.directory, {})
        wanted = set(names)
        fitting = [group for group in folders.values() if wanted and wanted <= set(group)]
        return fitting[0] if len(fitting) == 1 else {}

    def _named(self, tool: str, names: Iterable[str], where: Where) -> list[Row]:
        names = list(names)
        group = self._group(tool, where, names)
        return [found for name in names if (found := self._member(group, tool, name))]

    def _included(self, tool: str, names: Iterable[str]) -> list[Row]:
        """The targets that only a file to be included has, each the only one of its name."""
        found: list[Row] = []
        for name in names:
            groups = self._targets.get(tool, {}).values()
            named = [group[name] for group in groups if name in group]
            if len(named) == 1 and named[0].at.path.endswith(".mk"):
                found.append(named[0])
        return found

    def _script(self, path: str, where: Where) -> list[Row]:
        if "/" not in path and not path.endswith((".sh", ".bash")):
            return []
        if where.directory is not None and not path.startswith("/"):
            full = posixpath.normpath(posixpath.join(where.directory, path))
            if full in self._scripts:
                return [self._scripts[full]]
        if not where.suffix and where.directory is not None and "$" not in path:
            return []
        name = posixpath.basename(path)
        fitting = [t for p, t in self._scripts.items() if posixpath.basename(p) == name]
        return list(fitting) if len(fitting) == 1 else []

    def shell(self, _: str, words: list[str], where: Where) -> list[Row]:
        """`bash script.sh`; a text after `-c` is the caller's to split."""
        for word in words:
            if word.startswith(("-", "+")):
                if word.startswith("-") and not word.startswith("--") and "c" in word:
                    return []
                continue
            return self._script(word if "/" in word else f"./{word}", where)
        return []

    def make(self, _: str, words: list[str], where: Where) -> list[Row]:
        """`make -C dir target VAR=1`; without a target, the default one."""
        names: list[str] = []
        at = 0
        while at < len(words):
            word = words[at]
            if word in {"-n", "--dry-run", "--just-print"}:
                return []
            if word in {"-C", "--directory", "-f", "--file", "--makefile"} and at + 1 < len(words):
                where = _moved(where, words[at + 1], is_file=word in {"-f", "--file", "--makefile"})
                at += 1
            elif word.startswith("--directory="):
                where = _moved(where, word.partition("=")[2])
            elif (
                word in {"-j", "--jobs", "-l"}
                and words[at + 1 : at + 2]
                and words[at + 1].isdigit()
            ):
                at += 1
            elif not word.startswith("-") and "=" not in word:
                names.append(word)
            at += 1
        return self._or_first("make", names, where)

    def _or_first(self, tool: str, names: list[str], where: Where) -> list[Row]:
        group = self._group(tool, where, names)
        if names:
            return self._named(tool, names, where) or self._included(tool, names)
        first = group.get("") or next(iter(group.values()), None)
        return [first] if first else []

    def tox(self, _: str, words: list[str], where: Where) -> list[Row]:
        """`tox -e a,b`; without a choice, the whole list of environments."""
        words = words[: words.index("--")] if "--" in words else words
        chosen = _option_values(words, ("-e", "--env", "--envlist"))
        chosen = chosen or where.variables.get("TOXENV", "").split(",")
        names = [name.strip() for one in chosen for name in one.split(",") if name.strip()]
        if any(word in {"list", "-l", "--notest", "config"} for word in words):
            return []
        if names and names != ["ALL"]:
            return self._named("tox", names, where)
        group = self._group("tox", where, ("testenv",))
        found = group.get("") or group.get("testenv")
        return [found] if found else []

    def nox(self, _: str, words: list[str], where: Where) -> list[Row]:
        """`nox -s a b`; without a choice, the default sessions or all."""
        if {"-l", "--list"} & set(words):
            return []
        words = words[: words.index("--")] if "--" in words else words
        names = _option_values(words, ("-s", "--session", "--sessions", "-e"), many=True)
        if names:
            return self._named("nox", names, where)
        if any(word in {"-k", "-t", "--tags", "--keywords"} for word in words):
            return []
        group = self._group("nox", where, ())
        return [group[""]] if "" in group else list(group.values())

    def invoke(self, _: str, words: list[str], where: Where) -> list[Row]:
        """`invoke a b --option`: every word that names a task."""
        names = [word for word in words if not word.startswith("-")]
        return self._named("invoke", names, where)

    def just(self, tool: str, words: list[str], where: Where) -> list[Row]:
        """`just recipe arguments`."""
        names = [w for w in words if not w.startswith("-") and "=" not in w][:1]
        return self._or_first(tool, names, where)

    def task(self, _: str, words: list[str], where: Where) -> list[Row]:
        """`task a b`, of go-task or of taskipy."""
        words = words[: words.index("--")] if "--" in words else words
        names = [w for w in words if not w.startswith("-") and "=" not in w] or ["default"]
        return self._named("task", names, where) or self._named("taskipy", names[:1], where)

    def earthly(self, tool: str, words: list[str], where: Where) -> list[Row]:
        """`earthly --ci +target`, and `earthly ./folder+target`."""
        word = next((w for w in words if "+" in w and not w.startswith("-")), "")
        folder, _, name = word.partition("+")
        return self._named(tool, [name], _moved(where, folder) if folder else where)

    def doit(self, tool: str, words: list[str], where: Where) -> list[Row]:
        """`doit a b` and `doit run a`; without a choice, what runs by default."""
        names = [w for w in words if not w.startswith("-") and "=" not in w]
        names = names[1:] if names[:1] == ["run"] else names
        return self._named(tool, names or [""], where)

    def npm(self, _: str, words: list[str], where: Where) -> list[Row]:
        """`npm run x`, `npm test`, `yarn x`."""
        names = [w for w in words if not w.startswith("-")]
        if names[:1] in (["run"], ["run-script"]):
            names = names[1:]
        return self._named("npm", names[:1], where)

    def mise(self, tool: str, words: list[str], where: Where) -> list[Row]:
        """`mise run a ::: b`, or `mise a`."""
        names = [w for w in words if not w.startswith("-")]
        if names[:1] not in (["run"], ["r"]):
            return self._named(tool, names[:1], where)
        starts = [1, *(n + 1 for n, word in enumerate(names) if word == ":::")]
        return self._named(tool, [names[n] for n in starts if n < len(names)], where)

    def first_word(self, tool: str, words: list[str], where: Where) -> list[Row]:
        """Runners whose first operand is the task: `poe x`, `pdm x`."""
        return self._named(tool, [w for w in words if not w.startswith("-")][:1], where)

    def hatch(self, _: str, words: list[str], where: Where) -> list[Row]:
        """`hatch run env:script`, `hatch -e env run script`."""
        environment = next(iter(_option_values(words, ("-e", "--env"))), "default")
        operands = _operands(words, ("-e", "--env", "-p", "--project"))
        operands = [word for word in operands if word[:1] != "+"]
        if operands[:1] == ["env"]:
            operands = operands[1:]
        if operands[:1] != ["run"] or len(operands) < 2:
            return []
        name = re.sub(r"\.py\d[\d.]*:", ":", operands[1])
        full = name if ":" in name else f"{environment}:{name}"
        return self._named("hatch", [full], where)

    def pixi(self, _: str, words: list[str], where: Where) -> list[Row]:
        """`pixi run -e env task`."""
        operands = _operands(words, ("-e", "--environment", "--manifest-path"))
        return self._named("pixi", operands[1:2], where) if operands[:1] in (["run"], ["r"]) else []

    def hooks(self, _: str, words: list[str], where: Where) -> list[Row]:
        """`pre-commit run`, all hooks or the one that is named."""
        valued = ("--hook-stage", "-c", "--config", "--from-ref", "--to-ref", "--color", "-o", "-s")
        operands = _operands(words, valued)
        if operands[:1] != ["run"]:
            return []
        named = [word for word in operands[1:2] if "$" not in word]
        names = named if "--files" not in words else []
        configured = _option_values(words, ("-c", "--config"))
        folder = where.directory or ""
        paths = [hook.at.path for hook in self._hooks if hook.system == "pre-commit"]
        inside = [p for p in paths if posixpath.dirname(p) == folder]
        inside = inside or [p for p in paths if not posixpath.dirname(p)]
        wanted = configured or inside[:1]
        return [h for h in self._hooks if h.at.path in wanted and (not names or h.id in names)]

    def lefthook(self, _: str, words: list[str], where: Where) -> list[Row]:
        """`lefthook run`, whichever group it names."""
        del where
        return [h for h in self._hooks if h.system == "lefthook"] if words[:1] == ["run"] else []

    def dvc(self, _: str, words: list[str], where: Where) -> list[Row]:
        """`dvc repro` and `dvc exp run`: the stages that are named, or all of the folder."""
        operands = [w for w in words if not w.startswith("-")]
        if operands[:1] != ["repro"] and operands[:2] != ["exp", "run"]:
            return []
        names = operands[1:] if operands[0] == "repro" else []
        inside = [
            s for s in self._stages if posixpath.dirname(s.at.path) == (where.directory or "")
        ]
        named = [s for s in inside if s.name.partition("@")[0] in names]
        return list(named or inside)


def _moved(where: Where, path: str, *, is_file: bool = False) -> Where:
    if where.directory is None or "$" in path or path.startswith("/"):
        return where._replace(directory=None)
    full = posixpath.normpath(posixpath.join(where.directory, path))
    full = posixpath.dirname(full) if is_file else full
    return where._replace(directory="" if full == "." else full)


def _option_values(
    words: Sequence[str], names: tuple[str, ...], *, many: bool = False
) -> list[str]:
    """The values of an option; with `many`, all words up to the next option."""
    found: list[str] = []
    taking = False
    for word in words:
        name, equals, value = word.partition("=")
        if name in names:
            if equals:
                found.append(value)
            taking = not equals
        elif word.startswith("-"):
            taking = False
            if word[:2] in names and not word.startswith("--"):
                found.append(word[2:])
        elif taking:
            found.append(word)
            taking = many
    return found


def _operands(words: Sequence[str], valued: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word in valued
        else:
            found.append(word)
    return found


_TOOLS: Mapping[str, Callable[[Runnables, str, list[str], Where], list[Row]]] = {
    **dict.fromkeys(_SHELLS, Runnables.shell),
    **dict.fromkeys(("make", "gmake"), Runnables.make),
    "tox": Runnables.tox,
    "nox": Runnables.nox,
    **dict.fromkeys(("invoke", "inv"), Runnables.invoke),
    "just": Runnables.just,
    "earthly": Runnables.earthly,
    "doit": Runnables.doit,
    "task": Runnables.task,
    "go-task": Runnables.task,
    **dict.fromkeys(("npm", "yarn", "pnpm"), Runnables.npm),
    **dict.fromkeys(("poe", "pdm", "rye"), Runnables.first_word),
    "hatch": Runnables.hatch,
    "mise": Runnables.mise,
    "pixi": Runnables.pixi,
    **dict.fromkeys(("pre-commit", "prek"), Runnables.hooks),
    "lefthook": Runnables.lefthook,
    "dvc": Runnables.dvc,
}
