"""How training is started, and whether its steps are joined or run by hand one after the other.

Knows modules, imports, commands and stages; knows nothing of what a step does but its name.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from mllint.checks.nature import training_calls
from mllint.checks.written import lines_of
from mllint.flow.imports import imported_by, importing
from mllint.project import arg
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mllint.facts import Call, Module, Place, Step
    from mllint.project import Project

_OWN = frozenset({"source", "template"})
_SCRIPTS = regex(
    r"(?:project\.scripts|project\.gui-scripts|tool\.poetry\.scripts|options\.entry_points|"
    r"project\.entry-points)\b.*"
)
_TRAINERS = regex(
    r"(?:axolotl train|llamafactory-cli train|tune run|kedro run|zenml pipeline run)\b"
)
_TRAINING_NAME = regex(r"train|fit|model|learn|tun(?:e|ing)|pipeline|main", re.IGNORECASE)
_HIDDEN = ("importlib", "runpy", "hydra.utils.instantiate", "hydra.utils.get_class", "subprocess")
"""Imports by which code is reached that no import names."""
_NUMBERED = regex(r"(?:step[_-]?)?(\d{1,2}|[a-d])[_. -].+", re.IGNORECASE)
_PREPARES = regex(
    r"prepare|preprocess|pre_process|download|clean|featuri[sz]e|features?(?:_|$)|make_dataset|"
    r"build_dataset|get_data|ingest|etl|extract|convert_data",
    re.IGNORECASE,
)
_TRAINS = regex(r"(?:^|_)(?:train|fit|finetune|fine_tune)", re.IGNORECASE)
_JUDGES = regex(
    r"(?:^|_)(?:eval|evaluate|evaluation)(?:_|$)"
    r"|^(?:\d+_)?(?:ensemble|blend|submit)(?:_|$)|_(?:ensemble|blend|submit)$",
    re.IGNORECASE,
)
_PYTHON = regex(
    r"\bpython[\d.]*\s+(?!-c\b|setup\.py|-m\s+(?:pip|venv|virtualenv|build|twine|unittest|\w*test|ruff"
    r"|black|flake8|mypy|pylint|isort|coverage|pre_commit|ipykernel|http\.server)\b)(?:-m\s+)?\S"
)
"""Not what installs, checks or packs."""
_TRAINERS_OF_ONE = 4
"""Scripts of one folder that train, as parts of one whole; more are examples beside each other."""
_SHOWN = 5


class _Script(NamedTuple):
    """A file that people run."""

    at: Place
    path: str

    @property
    def stem(self) -> str:
        """Its name without folder and suffix."""
        return self.path.rpartition("/")[2].rpartition(".")[0]


def training_command(project: Project) -> Iterator[Evidence]:
    """Whether training can be started by one command: a script, a stage, a named notebook."""
    trains = training_calls(project)
    if not trains:
        return
    found = list(islice(_starts(project, trains), _SHOWN))
    if found:
        yield from found
        return
    hidden = list(islice(_hidden(project, trains), 1))
    yield from hidden
    if not hidden:
        first = min(trains, key=lambda c: (c.at.path, c.at.line))
        what = first.name.rpartition(".")[2]
        yield Evidence(False, first.at, f"`{what}` in `{first.at.path}` is reached by no script")


def _hidden(project: Project, trains: Iterable[Call]) -> Iterator[Evidence]:
    """Ways to the training that no import shows; mostly undecided."""
    loads = [r for r in project.rows("import") if r.name.startswith(_HIDDEN)]
    loads = [row for row in loads if project.role(row.at.path) in _OWN]
    for row in loads:
        if project.by_path[row.at.path]["module"][0].main:
            note = f"`{row.at.path}` can be run, and loads by `{row.name}` what it is told to"
            yield Evidence(True, row.at, note)
    above = importing(project, {call.at.path for call in trains})
    for define in project.rows("define"):
        if define.at.path in above and define.kind == "function" and define.decorators:
            by = define.decorators[0].lstrip(".?")
            yield Evidence(None, define.at, f"`{define.name}` may be started through `{by}`")
    yield from _by_setup(project)
    for row in loads:
        yield Evidence(None, row.at, f"`{row.name}` may start the training")


def _starts(project: Project, trains: Iterable[Call]) -> Iterator[Evidence]:
    paths = {call.at.path for call in trains}
    above = importing(project, paths)
    acting = _acting(project, above) | {call.at.path for call in trains if not call.scope}
    for module in project.rows("module"):
        path = module.at.path
        own = project.role(path) in _OWN | {"example"} and not path.endswith(".ipynb")
        if path in above and own and (module.main or path in acting):
            where = "trains" if path in paths else "reaches the training"
            yield Evidence(True, module.at, f"`{path}` can be run, and {where}")
    yield from _commands(project)
    books = sorted(path for path in above if path.endswith(".ipynb"))
    named = [b for b in books if _TRAINING_NAME.search(b.rpartition("/")[2])]
    for path in named or (books if len(books) == 1 else ()):
        at = next(m.at for m in project.rows("module") if m.at.path == path)
        yield Evidence(True, at, f"the notebook `{path}` trains")


def _acting(project: Project, paths: frozenset[str]) -> set[str]:
    """Those of the files that call, when they are run, a function of the project."""
    ours = {
        (row.at.path, row.root)
        for row in project.rows("import")
        if row.first_party and row.at.path in paths
    }
    found = set()
    for call in project.rows("call"):
        if call.scope or call.at.path not in paths or call.at.path in found:
            continue
        for name in (call.name, *(one.name for one in call.args)):
            if name.startswith(".") or (call.at.path, name.partition(".")[0]) in ours:
                found.add(call.at.path)
                break
    return found


def _commands(project: Project) -> Iterator[Evidence]:
    """Stages, pipelines and trainers that are told what to do by a file."""
    for stage in project.rows("stage"):
        if stage.system != "dvc.lock" and "train" in f"{stage.name} {stage.cmd}":
            yield Evidence(True, stage.at, f"the stage `{stage.name}` runs `{stage.cmd[:60]}`")
    for tool in project.used_tools.get("pipeline_orchestration", ()):
        if tool.credit == 1:
            yield Evidence(True, tool.at, f"{tool.tool} runs it: {tool.note}")
    for table in ("target", "step"):
        for row in project.rows(table):
            texts = row.commands if table == "target" else (row.command,)
            said = next((text for text in texts if _TRAINERS.search(text)), None)
            if said is not None:
                yield Evidence(True, row.at, f"`{said.strip()[:60]}`")
    for row in project.rows("setting"):
        if _SCRIPTS.fullmatch(row.key) and "train" in f"{row.key} {row.value}".lower():
            yield Evidence(True, row.at, f"`{row.key.rpartition('.')[2]}` is a command")
    yield from (e for e in _by_setup(project) if e.ok)


def _by_setup(project: Project) -> Iterator[Evidence]:
    """Commands that `setup.py` installs."""
    for call in project.rows("call"):
        points = arg(call, "entry_points") or arg(call, "scripts")
        if points is not None and call.at.path.endswith("setup.py"):
            sure = True if "train" in str(points.const) else None
            yield Evidence(sure, call.at, "`setup.py` installs commands")


def _own_modules(project: Project) -> Iterator[Module]:
    return (m for m in project.rows("module") if project.role(m.at.path) in _OWN)


def _runs(module: Module, imported: set[str]) -> bool:
    """Whether a module is there to be run: it says so, or it works and nobody imports it."""
    return module.main or (module.works and module.at.path not in imported)


def _imported(project: Project) -> set[str]:
    """The files that other files of the project import."""
    return {target for targets in imported_by(project).values() for target in targets}


def joined(project: Project) -> Iterator[Evidence]:
    """Whether the steps from data to result are joined; no place where there is one step only."""
    good = list(islice(_pipelines(project), _SHOWN))
    if good:
        yield from good
        return
    numbered = _numbered(project)
    steps = numbered or _named_steps(project)
    if len(steps) < 2:
        return
    if (driver := _driver(project, steps)) is not None:
        yield Evidence(True, driver.at, f"`{driver.path}` runs the steps")
        return
    first, *others = steps
    names = ", ".join(f"`{one.path}`" for one in steps[:3])
    related = tuple(Related(one.at, "a further step") for one in others[:_SHOWN])
    yield Evidence(False, first.at, f"{names} are run by hand", related=related)


def _pipelines(project: Project) -> Iterator[Evidence]:
    stages = [s for s in project.rows("stage") if s.system != "dvc.lock"]
    if len(stages) > 1:
        yield Evidence(True, stages[0].at, f"{len(stages)} stages, `{stages[0].name}` first")
    for tool in project.used_tools.get("pipeline_orchestration", ()):
        if tool.credit >= 0.5:
            yield Evidence(True, tool.at, tool.note)
    starts: dict[tuple[str, str, str], list[Place]] = {}
    for target in project.rows("target"):
        runs = sum(_PYTHON.search(text) is not None for text in target.commands)
        key = (target.at.path, target.tool, target.name)
        starts.setdefault(key, []).extend([target.at] * runs)
    for (path, _, name), places in starts.items():
        if len(places) > 1 and project.role(path) in _OWN:
            yield Evidence(True, places[0], f"`{name}` runs {len(places)} steps in order")
    jobs: dict[tuple[str, ...], list[Step]] = {}
    for step in project.rows("step"):
        if step.tool == "python" and ".py" in step.command and "setup.py" not in step.command:
            jobs.setdefault((*step.via, step.job), []).append(step)
    for steps in jobs.values():
        if len({step.command for step in steps}) > 1:
            yield Evidence(True, steps[0].at, f"`{steps[0].job}` runs {len(steps)} steps in order")


def _numbered(project: Project) -> list[_Script]:
    """Files that run and whose names are numbered in the order in which they are to be run."""
    found: dict[str, list[_Script]] = {}
    imported = _imported(project)
    for module in _own_modules(project):
        script = _Script(module.at, module.at.path)
        folder, _, name = module.at.path.rpartition("/")
        runs = module.at.path.endswith(".ipynb") or _runs(module, imported)
        if _NUMBERED.fullmatch(name) and runs and module.code:
            found.setdefault(folder, []).append(script)
    most = max(found.values(), key=len, default=[])
    many = sorted(most, key=lambda s: s.path)
    return many if len(many) > 2 and not _teaches(project, many[0]) else []


def _teaches(project: Project, first: _Script) -> bool:
    """Whether numbered files are lessons: the first one trains, and its name does not say so."""
    trains = any(call.at.path == first.path for call in training_calls(project))
    return trains and _TRAINS.search(first.stem) is None


def _named_steps(project: Project) -> list[_Script]:
    """One script of each kind of one folder: what prepares data, what trains, what judges."""
    trains = {call.at.path for call in training_calls(project)}
    imported = _imported(project)
    found: dict[str, dict[int, _Script]] = {}
    trainers: dict[str, int] = {}
    for module in _own_modules(project):
        script = _Script(module.at, module.at.path)
        if module.at.path.endswith(".ipynb") or not _runs(module, imported):
            continue
        kind = _kind(script, trains)
        if kind is not None:
            folder = module.at.path.rpartition("/")[0]
            found.setdefault(folder, {}).setdefault(kind, script)
            trainers[folder] = trainers.get(folder, 0) + (kind == 1)
    few = (kinds for folder, kinds in found.items() if trainers[folder] <= _TRAINERS_OF_ONE)
    complete = [kinds for kinds in few if 1 in kinds and len(kinds) > 1]
    best = max(complete, key=len, default={})
    return [best[kind] for kind in sorted(best)]


def _kind(script: _Script, trains: set[str]) -> int | None:
    """0 for a script that prepares, 1 for one that trains, 2 for one that judges."""
    if _JUDGES.search(script.stem):
        return 2
    if script.path in trains or _TRAINS.search(script.stem):
        return 1
    return 0 if _PREPARES.search(script.stem) else None


def _driver(project: Project, steps: Iterable[_Script]) -> _Script | None:
    """A file that imports, or names in a command, more than one of the steps."""
    paths = {step.path for step in steps}
    names = re.compile("|".join(re.escape(path.rpartition("/")[2]) for path in paths))
    imports: Mapping[str, frozenset[str]] = imported_by(project)
    for module in _own_modules(project):
        path = module.at.path
        if path in paths or not (module.main or module.works):
            continue
        joined = paths & imports.get(path, frozenset())
        said = {m[0] for line in lines_of(project, path) for m in names.finditer(line)}
        if len(joined) > 1 or len(said) > 1:
            return _Script(module.at, path)
    return None
