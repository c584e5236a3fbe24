"""What the tests are and what they ask: whether there are any, of data and of a model's quality."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from mllint.checks.gates import MEASURES, gate
from mllint.names import Names
from mllint.project import arg
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from mllint.facts import Call, Define, Import, Tool
    from mllint.project import Project

_FORMATS = ("json", "csv", "parquet", "text")
_OURS = frozenset({"source", "template"})
_STARTERS = regex(r"(?:subprocess|runpy|typer\.testing|click\.testing|sh)\b")
"""What a test imports to run code that it does not import."""
_RUNNERS = frozenset(
    {"behave", "Robot Framework", "pytest-bdd", "ward", "nose", "doctest / xdoctest", "nbdev"}
)
"""Test tools whose tests are not functions that assert."""
_SKIPS = regex(r"(?:^|\.)skip(?:\(\))?$")
"""Decorators of tests that are never run; conditions are for `skipif`."""
_TEST_JOB = regex(r"\b(?:unit|smoke|integration)?[-_]?tests?\b", re.IGNORECASE)
_FOREIGN = regex(
    r"\.bats$|\.nf\.test$|\.tavern\.ya?ml$|(?:^|/)testthat/test[\w.-]*\.[Rr]$|(?:^|/)\w+_spec\.py$"
    r"|\.(?:test|spec)\.[jt]sx?$|(?:^|/)tests?/[\w/]*\w+\.(?:rs|jl|go|cpp|cc|java)$|_test\.go$"
)
"""Files of tests that pytest and unittest do not find by themselves."""
_TOLD = regex(
    r"(?:^|\.)addopts(?:\[\])?=.*--(?:doctest-|nbval|nbmake)|(?:^|\.)python_(?:files|functions)(?:\[\])?="
)
_GATE = regex(
    r"--(?:hard-fail|min[-_](?:acc\w*|score|f1|auc|metric|map)|fail[-_](?:under|below)"
    r"|(?:acc\w*|score|f1|auc|metric|quality)[-_]threshold|max[-_](?:loss|error|rmse|mae))\b"
)
_MADE = regex(r"\b(?:metrics|torchmetrics|classification|regression)\.[A-Z]\w*$")
"""Classes of metrics, which measure only when they are called in turn."""
_FITS = ("fit", "train", "fit_model", "train_model", "learn")
_CONDITIONS = (
    "kfp.dsl.If", "kfp.dsl.Condition", "sagemaker.workflow.condition_step.ConditionStep",
)  # fmt: skip
"""What lets a step of a pipeline run only if something holds."""
_WRAPPED = regex(r"\.(?:entrypoint|fn|func|function|__wrapped__|callback)$")
"""How a test gets at the function inside of a step or task of a pipeline."""
_ABOUT_QUALITY = regex(
    r"accura|metric|score|f1|auc|rmse|\bmae\b|quality|perform|thresh|regress|invarian|directional"
    r"|behavi|functionality|robust|bias|fair|overfit|evaluat|predict",
    re.IGNORECASE,
)
CHECKING = regex(
    r"(?:^|[_.])(?:valid\w*|checks?|verify|sanity|assert\w*)_(?:\w+_)?"
    r"(?:data\w*|schema|frame|df|columns?|rows?|inputs?|csv|labels?)\b"
    r"|(?:data\w*|schema|frame|df|columns?|rows?|inputs?|csv|labels?)_"
    r"(?:valid\w*|checks?|quality|sanity)|(?:data|schema)(?:validat|check|quality)",
    re.IGNORECASE,
)
_PLAIN = frozenset({"check", "validate", "verify"})
"""Names that say that something is refused, and not what."""
TABLES = ("pandas.", "polars.", "pyarrow.", "duckdb.", "dask.", "pyspark.", "geopandas.")
"""Libraries whose loads give tables."""
_LOOSE = frozenset(
    {"jsonschema", "fastjsonschema", "Pydantic (rows)", "msgspec", "marshmallow", "Cerberus",
     "Voluptuous", "typed load (Arrow, Polars, pandas)"}
)  # fmt: skip
"""Tools that mostly check something else than data: their mere declaration says nothing."""


def is_test(project: Project, row: Define) -> bool:
    """Whether a definition is a test function or method, and no fixture."""
    return (
        row.kind in {"function", "method"}
        and row.name.rpartition(".")[2].startswith("test")
        and project.role(row.at.path) == "test"
        and not row.at.path.endswith("conftest.py")
        and not any(d.endswith("fixture") for d in row.decorators)
    )


def is_skipped(row: Define) -> bool:
    """Whether a test is never run, whatever the circumstances."""
    return any(_SKIPS.search(decorator) for decorator in row.decorators)


def _tests(project: Project) -> list[Define]:
    return [row for row in project.rows("define") if is_test(project, row)]


def exist(project: Project) -> Iterator[Evidence]:
    """Whether any test asks anything."""
    tests = _tests(project)
    asking = [t for t in tests if t.asserts and not t.stub]
    run = [t for t in asking if not is_skipped(t)]
    yield from (Evidence(True, t.at, f"`{t.name}`") for t in run)
    if run:
        return
    if asking:
        yield Evidence(None, asking[0].at, f"`{asking[0].name}` is skipped, as are all that assert")
        return
    full = [t for t in tests if not t.stub]
    helpers = [
        row for row in project.rows("define") if row.asserts and project.role(row.at.path) == "test"
    ]
    if full and helpers:
        yield Evidence(True, full[0].at, f"`{full[0].name}`, with `{helpers[0].name}`")
    elif (other := _other_tests(project)) is not None:
        yield other
    elif full:
        yield Evidence(None, full[0].at, f"`{full[0].name}` holds no assertion of its own")
    elif tests:
        note = f"`{tests[0].name}` does nothing"
        many = f" (nor do {len(tests) - 1} more)" if len(tests) > 1 else ""
        yield Evidence(False, None, note + many, fields={"more": f": {note}{many}"})
    else:
        yield Evidence(False, None, "there is no test function", fields={"more": ""})


def _foreign(project: Project) -> Evidence | None:
    """Undecided evidence: tests of another runner or language, or a runner told of other names."""
    for file in project.rows("file"):
        if _FOREIGN.search(file.at.path) and file.size and project.role(file.at.path) != "vendored":
            return Evidence(None, file.at, f"`{file.at.path}` may be a test of another kind")
    for row in project.rows("setting"):
        if _TOLD.search(f"{row.key}={row.value}"):
            return Evidence(None, row.at, f"`{row.key}` tells the runner of other tests")
    return None


def _other_tests(project: Project) -> Evidence | None:
    """Evidence of tests that are no test functions: features, scripts, jobs, files not read."""
    for tool in project.used_tools.get("testing", ()):
        if tool.tool in _RUNNERS and tool.grade == "used":
            return Evidence(True, tool.at, tool.note)
    scripts = [m for m in project.rows("module") if project.role(m.at.path) == "test"]
    for step in project.rows("step"):
        if step.origin == "ci" and step.tool == "python":
            for module in scripts:
                if module.at.path in step.command.split():
                    return Evidence(True, step.at, f"CI runs `{module.at.path}`")
    if (foreign := _foreign(project)) is not None:
        return foreign
    for module in scripts:
        if module.parsed == "none":
            return Evidence(None, module.at, f"`{module.at.path}` could not be read")
    for step in project.rows("step"):
        own = step.tool in {"python", "bash"} and not step.command.startswith("python -")
        if own and step.origin == "ci" and _TEST_JOB.search(step.job):
            note = f"the job `{step.job}` runs `{step.command[:60]}`"
            return Evidence(None, step.at, note)
    return None


def placeholders(project: Project) -> Iterator[Evidence]:
    """Test functions, judged by whether they do anything."""
    for test in _tests(project):
        if not any(d.rpartition(".")[2].startswith("skip") for d in test.decorators):
            fields = {"name": test.name}
            yield Evidence(not test.stub, test.at, f"`{test.name}`", fields=fields)


def metric_tested(project: Project) -> Iterator[Evidence]:
    """Whether a test, or a step of CI, asks for the quality of a model."""
    tests = _tests(project)
    asking = {(t.at.path, t.name) for t in tests if t.asserts}
    sure = [
        Evidence(True, call.at, f"`{call.scope}` measures a model")
        for call in project.calls("evaluation")
        if (call.at.path, call.scope) in asking and _measures(call)
    ]
    sure += _through_functions(project, asking)
    sure += [
        Evidence(True, step.at, f"CI runs `{step.command[:70]}`")
        for step in project.rows("step")
        if step.origin == "ci" and step.tool == "python" and _GATE.search(step.command)
    ]
    sure += [
        Evidence(True, tool.at, tool.note)
        for tool in project.used_tools.get("model_validation_testing", ())
        if tool.grade == "used" and project.role(tool.at.path) != "example"
    ]
    yield from sure or (_perhaps_measured(project, tests),)


def _measures(call: Call) -> bool:
    """Whether a call measures by itself: `keras.metrics.AUC()` only makes what may do so."""
    return not call.name.endswith(".eval") and _MADE.search(call.name) is None


def _through_functions(project: Project, asking: Container[tuple[str, str]]) -> Iterator[Evidence]:
    """Tests that call a function of the project's own which measures a model."""
    for call, name in _asks(project, asking):
        yield Evidence(True, call.at, f"`{call.scope}` asks `{name}`, which measures a model")


def _asks(project: Project, asking: Container[tuple[str, str]]) -> Iterator[tuple[Call, str]]:
    """Calls in some functions of a function of another file which measures a model."""
    measuring = {
        call.scope.rpartition(".")[2]
        for call in project.calls("evaluation")
        if call.scope and project.role(call.at.path) in _OURS and _measures(call)
    }
    own = {(row.at.path, row.root) for row in project.rows("import") if row.first_party}
    for call in project.rows("call") if measuring else ():
        if (call.at.path, call.scope) not in asking:
            continue
        name = _WRAPPED.sub("", call.name)
        known = (call.at.path, name.partition(".")[0]) in own
        if known and name.rpartition(".")[2] in measuring:
            yield call, name.rpartition(".")[2]


def _named_measures(project: Project, scopes: Container[tuple[str, str]]) -> Iterator[Call]:
    """Calls in some functions of a function of another file that is called like a measure."""
    own = {(row.at.path, row.root) for row in project.rows("import") if row.first_party}
    for call in project.rows("call"):
        name = _WRAPPED.sub("", call.name)
        known = (call.at.path, call.scope) in scopes and (
            call.at.path,
            name.partition(".")[0],
        ) in own
        if known and MEASURES.fullmatch(name.rpartition(".")[2]):
            yield call


def _perhaps_measured(project: Project, tests: Sequence[Define]) -> Evidence:
    """Undecided evidence where a test may ask for quality; bad evidence otherwise."""
    for call in project.calls("predict"):
        if project.role(call.at.path) == "test":
            note = f"`{call.scope or call.at.path}` asks for predictions and may judge them"
            return Evidence(None, call.at, note)
    fitting = {
        (c.at.path, c.scope) for n in project.names.ending(_FITS) for c in project.calls_by_name[n]
    }
    learned = fitting & {(t.at.path, t.name) for t in tests if t.asserts}
    for call in _named_measures(project, learned) if learned else ():
        note = f"`{call.scope}` fits a model and asks for `{call.name.rpartition('.')[2]}`"
        return Evidence(None, call.at, note)
    for test in tests:
        if test.asserts and _ABOUT_QUALITY.search(test.name):
            return Evidence(None, test.at, f"`{test.name}` may judge a model")
    if (started := starts_others(project)) is not None:
        return Evidence(None, started.at, f"`{started.name}` may run code that measures a model")
    if (held := _held_back(project)) is not None:
        return held
    if not tests:
        return Evidence(None, None, "the tests are no functions that can be looked into")
    many = f"none of {len(tests)} tests measures a model" if len(tests) > 1 else "no test does"
    return Evidence(False, None, many)


def _held_back(project: Project) -> Evidence | None:
    """Undecided evidence: a program that may hold a bad model back when it runs."""
    for name in _CONDITIONS:
        for call in project.calls_by_name.get(name, ()):
            if project.role(call.at.path) in _OURS:
                return Evidence(None, call.at, f"`{name.rpartition('.')[2]}` may ask for quality")
    for call in project.calls("promotes"):
        if call.guard == "flag" and project.role(call.at.path) in _OURS:
            short = call.name.replace("()", "").lstrip(".?")
            note = f"`{short}` waits for a condition, which may be the quality"
            return Evidence(None, call.at, note)
    refusing_ones = {
        (row.at.path, row.name): row
        for row in project.rows("define")
        if row.raises and project.role(row.at.path) in _OURS
    }
    calls = filter(_measures, project.calls("evaluation"))
    measuring = (c for c in calls if (c.at.path, c.scope) in refusing_ones)
    asking = (call for call, _ in _asks(project, refusing_ones))
    first = next(chain(measuring, asking, _named_measures(project, refusing_ones)), None)
    if first is None:
        return gate(project, {path for path, _ in refusing_ones})
    row = refusing_ones[first.at.path, first.scope]
    return Evidence(None, row.at, f"`{row.name}` measures, and may refuse a bad model")


def starts_others(project: Project) -> Import | None:
    """Where a test imports what starts programs, and so may run code that it does not import."""
    return next(
        (
            row
            for row in project.rows("import")
            if _STARTERS.match(row.name)
            and not row.first_party
            and project.role(row.at.path) == "test"
        ),
        None,
    )


def data_tested(project: Project) -> Iterator[Evidence]:
    """Whether a test or a validation library checks the data files that the project reads."""
    tools = sorted(
        (
            tool
            for tool in project.used_tools.get("data_validation", ())
            if tool.credit and not (tool.tool in _LOOSE and tool.grade == "declared")
        ),
        key=lambda t: (-t.credit, t.at.path.endswith(".ipynb")),
    )
    if tools and tools[0].grade == "used":
        yield Evidence(True, tools[0].at, tools[0].note)
        return
    asking = {(t.at.path, t.name) for t in _tests(project) if t.asserts}
    tested = [c for c in project.calls("load") if (c.at.path, c.scope) in asking]
    yield from (Evidence(True, c.at, f"`{c.scope}` loads data and checks it") for c in tested)
    if not tested and (sure := next(refusing(project, _OURS), None)) is not None:
        yield sure
        return
    reads = list(own_tables(project))
    if not tested and reads:
        yield _perhaps_checked(project, reads) or _unchecked(project, tools, reads)


def refusing(project: Project, roles: Container[str]) -> Iterator[Evidence]:
    """Functions that by their names check data, and that assert something or raise errors."""
    for row in project.rows("define"):
        said = CHECKING.search(row.name) or (row.name in _PLAIN and _of_table(row))
        named = project.role(row.at.path) in roles and said
        if named and row.kind != "class" and (row.asserts or row.raises):
            yield Evidence(True, row.at, f"`{row.name}` checks data")


def _of_table(row: Define) -> bool:
    """Whether a function says that it is given a table."""
    return any(name.endswith(("DataFrame", "LazyFrame")) for name in row.annotations)


def watching(project: Project) -> frozenset[str]:
    """The files that compare data with those of training, and so read them for no model."""
    known = project.tools.get("drift_monitoring", {}).get("imports", Names(())).patterns
    starts = tuple(f"{name}." for name in known)
    learning = {c.at.path for group in ("trainer", "estimator") for c in project.calls(group)}
    return frozenset(
        row.at.path
        for row in project.rows("import")
        if f"{row.name}.".startswith(starts) and row.at.path not in learning
    )


def own_tables(project: Project) -> Iterator[Call]:
    """Readings of files with rows in the project's own code, data that have a provider apart."""
    aside = watching(project)
    for call in project.calls("load"):
        if project.role(call.at.path) not in _OURS or call.at.path in aside:
            continue
        hub = call.name == "datasets.load_dataset"
        if call.name.startswith(TABLES) or (hub and _reads_files(call)):
            yield call


def _reads_files(call: Call) -> bool:
    """Whether `load_dataset` reads files of the project's own."""
    name = arg(call, "path", 0)
    local = name is not None and name.known and name.const in _FORMATS
    return local or arg(call, "data_files") is not None


def _perhaps_checked(project: Project, reads: Sequence[Call]) -> Evidence | None:
    """Undecided evidence: a function that by its name or its assertions checks data."""
    scopes = {(c.at.path, c.scope) for c in reads}
    for row in project.rows("define"):
        if project.role(row.at.path) not in _OURS | {"test"} or row.stub:
            continue
        plain = row.name in _PLAIN and (row.asserts or row.raises)
        if plain or CHECKING.search(row.name) or CHECKING.search(row.at.path.rpartition("/")[2]):
            return Evidence(None, row.at, f"`{row.name}` may check data")
        refuses = row.asserts > row.guards or row.raises
        if refuses and (row.at.path, row.name) in scopes:
            return Evidence(None, row.at, f"`{row.name}` reads data and refuses some")
    training = {c.at.path for group in ("trainer", "fit") for c in project.calls(group)}
    for row in project.rows("module"):
        if row.asserts and (row.at.path, "") in scopes and row.at.path in training:
            return Evidence(None, row.at, f"`{row.at.path}` reads data and asserts something")
    return None


def _unchecked(project: Project, tools: Sequence[Tool], reads: Sequence[Call]) -> Evidence:
    training = {c.at.path for group in ("trainer", "fit") for c in project.calls(group)}
    first = min(reads, key=lambda c: (c.at.path not in training, c.at.path, c.at.line))
    name = first.name.replace("()", "").lstrip(".?")
    fields = {"read": f"`{name}` in `{first.at.path}`"}
    if tools:
        return Evidence(False, tools[0].at, tools[0].note, tools[0].credit, fields=fields)
    return Evidence(False, None, f"nothing checks what {fields['read']} reads", fields=fields)
