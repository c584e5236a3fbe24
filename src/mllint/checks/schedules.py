"""What trains, measures or checks for drift without anybody asking: in CI and on schedules.

Knows commands, cron entries and the calls by which pipeline tools are told the time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.checks.ci import own_steps, tests
from mllint.checks.nature import training_calls
from mllint.checks.out_of_sight import quoted
from mllint.checks.testing import is_test
from mllint.flow.handlers import service_of
from mllint.flow.imports import importing
from mllint.names import Names
from mllint.project import arg
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from mllint.facts import Call, Place, Step
    from mllint.project import Project

_OURS = frozenset({"source", "template"})
_WORD = regex(r"[\w./-]+")
_PIPELINES = regex(
    r"(?:dvc (?:repro|exp run)|kedro run|mlflow run|zenml pipeline run|snakemake|metaflow run"
    r"|prefect deployment run|dagster job (?:execute|launch)|airflow dags (?:test|trigger)"
    r"|ploomber build|zntrack run)\b"
)
"""Commands that run a whole pipeline."""
_MAY_TRAIN = regex(r"(?:^|[\s/_.-])(?:re)?(?:train|fit|finetune|fine-tune)(?:$|[\s_.:-])")
_CLOCKS = frozenset(
    {"CronJob", "CronWorkflow", "ScheduledWorkflow", "aws_cloudwatch_event_rule",
     "aws_scheduler_schedule", "google_cloud_scheduler_job", "AWS::Events::Rule",
     "ScheduledSparkApplication", "AWS::Scheduler::Schedule"}
)  # fmt: skip
"""Objects that start something by the clock."""
_CRON_KEYS = regex(r"(?:^|[.\]])(?:schedules?\[?\]?\.?cron|cron(?:_schedule|_expression)?)$")
_TOLD = ("schedule", "schedule_interval", "cron", "interval", "rrule", "trigger", "timetable")


def training_run(project: Project) -> Iterator[Evidence]:
    """Whether CI trains a model, by a script or pipeline of its own or by a test of the trainer."""
    found = list(_trained_by(project, own_steps(project), "no CI step trains"))
    if any(e.ok for e in found) or (tested := _trained_by_test(project)) is None:
        yield from found
    else:
        yield tested


def _trained_by_test(project: Project) -> Evidence | None:
    """Evidence of a test that runs into a training call, where CI runs the tests."""
    if not any(e.ok for e in tests(project)):
        return None
    service = service_of(project)
    trained = {(call.at.path, call.scope) for call in training_calls(project)}
    files = _training_files(project)
    for row in project.rows("define"):
        if row.at.path in files and is_test(project, row):
            for run in service.reached(row):
                if (run.path, run.name) in trained:
                    return Evidence(True, row.at, f"CI runs `{row.name}`, which trains")
    return None


def retrained(project: Project) -> Iterator[Evidence]:
    """Whether anything trains or measures the model by the clock."""
    timed = [step for step in own_steps(project) if "schedule" in step.on]
    found = list(_trained_by(project, timed, ""))
    sure = [e for e in found if e.ok]
    sure += [e for e in _clocks(project, _training_files(project), _MAY_TRAIN) if e.ok]
    if sure:
        yield from sure
        return
    unsure = [e for e in found if e.ok is None]
    unsure += _clocks(project, _training_files(project), _MAY_TRAIN)
    yield next(iter(unsure), Evidence(False, None, "nothing starts the training by the clock"))


def watched(project: Project) -> Iterator[Evidence]:
    """Whether anything checks data or drift by the clock."""
    families = ("drift_monitoring", "data_validation")
    commands = [project.tools.get(family, {}).get("cli", Names(())) for family in families]
    tools = [t for f in families for t in project.used_tools.get(f, ()) if t.grade == "used"]
    files = importing(project, {tool.at.path for tool in tools})
    sure: list[Evidence] = []
    unsure: list[Evidence] = []
    for step in own_steps(project):
        if "schedule" in step.on:
            known = any(names.starts(step.command) for names in commands)
            if known or not files.isdisjoint(started(project, step)):
                sure.append(Evidence(True, step.at, f"{quoted(step.command)} by the clock"))
    for evidence in _clocks(project, files, re.compile(r"drift|monitor|validat")):
        (sure if evidence.ok else unsure).append(evidence)
    if sure or unsure:
        yield from sure or unsure[:1]
    else:
        yield Evidence(False, None, "nothing checks the data or their drift by the clock")


def started(project: Project, step: Step) -> set[str]:
    """The Python files of the project that a command starts."""
    names = {row.name: row.at.path for row in project.rows("module")}
    found = set()
    for word in _WORD.findall(step.command):
        beside = f"{step.at.path.rpartition('/')[0]}/{word}"
        for path in (word.removeprefix("./"), beside, names.get(word, "")):
            if path.endswith((".py", ".ipynb")) and path in project.by_path:
                found.add(path)
    return found


def _training_files(project: Project) -> frozenset[str]:
    """The files that train when they are run: those with the calls, and those that import them."""
    return importing(project, {call.at.path for call in training_calls(project)})


def _trained_by(project: Project, steps: Iterable[Step], nothing: str) -> Iterator[Evidence]:
    """Good evidence from commands that train; undecided from those that may; else bad."""
    trained = {(call.at.path, call.scope) for call in training_calls(project)}
    files = _training_files(project)
    unsure: Evidence | None = None
    sure = False
    for step in steps:
        begun = started(project, step)
        named = _MAY_TRAIN.search(step.command)
        runs = any(_trains(project, path, trained) for path in begun)
        if runs or (named and begun & files) or _PIPELINES.match(step.command):
            sure = True
            yield Evidence(True, step.at, quoted(step.command))
        elif unsure is None and (named or begun & files):
            unsure = Evidence(None, step.at, f"{quoted(step.command)} may train")
    if not sure and unsure is not None:
        yield unsure
    elif not sure and nothing:
        yield Evidence(False, None, nothing)


def _trains(project: Project, path: str, trained: Container[tuple[str, str]]) -> bool:
    """Whether a file runs into a training call when it is started."""
    if (path, "") in trained:
        return True
    return any((run.path, run.name) in trained for run in service_of(project).started(path))


def _clocks(project: Project, files: frozenset[str], named: re.Pattern[str]) -> Iterator[Evidence]:
    """Schedules of pipeline tools and clusters: good where what they start is known to be meant."""
    for call in project.calls("scheduled"):
        if project.role(call.at.path) in _OURS and _tells_time(call):
            ok = True if call.at.path in files else None
            yield Evidence(ok, call.at, f"`{call.name.lstrip('.?')}` sets a schedule")
    for row in project.rows("manifest"):
        if row.kind in _CLOCKS and project.role(row.at.path) in _OURS:
            meant = named.search(f"{row.name} {row.image}".lower())
            yield Evidence(True if meant else None, row.at, f"{row.kind} `{row.name}`")
    for row in project.rows("setting"):
        if _CRON_KEYS.search(row.key) and project.role(row.at.path) in _OURS:
            yield _cron(row.at, row.key, named)


def _cron(at: Place, key: str, named: re.Pattern[str]) -> Evidence:
    meant = named.search(f"{at.path} {key}".lower())
    return Evidence(True if meant else None, at, f"`{key}` sets a schedule")


def _tells_time(call: Call) -> bool:
    """Whether a call of a pipeline tool is given a time; some tools have no other use."""
    if call.name.rpartition(".")[2] in {"DAG", "dag", "serve", "deploy", "build_from_flow"}:
        given = [one for key in _TOLD if (one := arg(call, key)) is not None]
        return any(not (one.known and one.const is None) for one in given)
    return True
