"""What is seen of a service in operation: its predictions, its metrics, the drift of its data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.checks.serving import asking, predicts, source, unclear
from mllint.checks.written import found_in, text_of
from mllint.flow.handlers import service_of
from mllint.flow.trace import Trace
from mllint.graph import Node
from mllint.names import Names
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mllint.checks.serving import Asking
    from mllint.facts import Call, Define, Tool
    from mllint.flow.handlers import Handler
    from mllint.project import Project

_OURS = frozenset({"source", "template"})
_RECORDERS = Names((
    "BentoML monitoring", "SageMaker data capture", "Vertex request-response logging",
    "Azure ML data collector", "Databricks inference tables / AI Gateway", "Langfuse", "Opik",
    "OpenLLMetry (Traceloop)", "OpenLIT", "Arize Phoenix", "LangSmith", "W&B Weave", "Logfire",
    "Helicone", "Lunary", "TruLens", "MLflow Tracing",
))  # fmt: skip
"""Tools that record what a model is asked and what it answers."""
_METERS = Names((
    "Prometheus client", "OpenTelemetry", "StatsD", "Datadog", "New Relic", "Elastic APM",
    "Logfire", "OpenLLMetry (Traceloop)", "OpenLIT", "Application Insights", "CloudWatch metrics",
    "Scout APM", "AppSignal", "Graphite", "Flask Monitoring Dashboard", "Sentry performance",
))  # fmt: skip
_METERED = Names((
    "BentoML / OpenLLM", "Ray Serve", "vLLM", "SGLang", "Text Generation Inference / TEI",
    "Triton Inference Server", "TensorFlow Serving", "TorchServe", "MLServer / Seldon", "KServe",
    "SageMaker endpoints", "Vertex AI endpoints", "Azure ML endpoints", "Databricks Model Serving",
    "NVIDIA Dynamo",
))  # fmt: skip
"""Servers that expose metrics by themselves."""
_WATCHED = Names((
    "AWS Lambda / Cloud Functions / Azure Functions", "Modal", "RunPod", "Cerebrium", "Beam Cloud",
    "Truss (Baseten)", "Hugging Face Inference Endpoints", "LitServe", "Cog",
))  # fmt: skip
"""Platforms that show metrics of what they run."""
_SCRAPED = regex(r"(?:^|[./])prometheus\.io/scrape$|scrape_configs\[\]\.job_name$")
_WRAPPED = regex(
    r"add_middleware\(\s*[\w.]*(?:Prometheus|Telemetry|Metrics|Apitally|APM|StatsD|TraceMiddleware)"
    r"|\bdjango_prometheus\.middleware\b|^import (?:ddtrace\.auto|instana)\b"
)
"""Words of code that put a meter around a service, without calling it."""
_BESIDE = regex(
    r"opentelemetry-instrument|ddtrace-run|newrelic-admin|--statsd-host|--metrics\.prometheus"
    r"|prometheus-exporter|\bnetworking\.istio\.io/|\bserving\.knative\.dev/"
)
"""Values of settings by which something beside the service measures it."""
_MESH = regex(r"linkerd\.io/inject$|sidecar\.istio\.io/")
_CLOCK = regex(r"\b(?:perf_counter|monotonic|time)\(\)")
_METRICS_CALL = regex(r"\.put_metric_data$|\.create_time_series$|\.track_metric$")
_STATSD = regex(r"^statsd_host$")
_METRICS_PATH = regex(r"[\"']/(?:[\w/-]*/)?metrics/?[\"']")
_SAVES = regex(
    r"(?:^|[._])(?:log|save|store|record|track|audit|persist|insert|emit|publish|write|capture)"
    r"(?:_|$)|(?:^|[._])(?:history|feedback|telemetry)", re.IGNORECASE,
)  # fmt: skip
_SESSION = regex(r"\.(?:add|commit|save|execute|create|send|write|append|log)$")
_SPELLED = regex(
    r"(?i)\b(?:record|audit|journal|history|sink|producer|publisher|telemetry|prediction_?log)\w*"
    r"(?:\.\w+)*\.(?:write|append|add|put|send|insert|save|log|emit|record|produce|publish|push)\w*\("
)
"""A call of some object that is named for keeping what happens."""
_SENT = regex(r"(?:^|[.?])request\.(?:json|get_json|form|args|values|data|body)\b")
_DRIFT = regex(
    r"(?:^|_)(?:drift|psi|skew)(?:$|_)|population_stability|data_?drift|concept_drift"
    r"|distribution_(?:shift|change)|kl_divergence|wasserstein|domain_classifier"
    r"|adversarial_validation|(?:check|detect|data|covariate|feature|label|population)_shift"
    r"|compare_(?:with|to)_(?:reference|baseline|training)", re.IGNORECASE,
)  # fmt: skip
_LIMITS = regex(r"\.(?:drift|skew)_comparator\b")
_CODE = (".py", ".sql", ".R", ".r", ".ipynb")
_SEES_DRIFT = frozenset({"whylogs / WhyLabs", "Arize / Phoenix", "Fiddler", "Aporia", "Evidently"})


def _used(project: Project, family: str, names: Names, grade: str = "used") -> Iterator[Tool]:
    for tool in project.used_tools.get(family, ()):
        if tool.tool in names and tool.grade == grade:
            yield tool


def recorded(project: Project) -> Iterator[Evidence]:
    """Whether what the model answers is kept, by the handlers or by a tool around them."""
    asked = asking(project)
    tools = [*_used(project, "prediction_logging_and_metrics", _RECORDERS)]
    tools += _used(project, "drift_monitoring", Names(tuple(_SEES_DRIFT)))
    sure = [Evidence(True, tool.at, tool.note) for tool in tools]
    sure += [e for one in asked if (e := _record(project, one)) is not None]
    if sure or not asked:
        yield from sure or unclear(project)
        return
    around = _around(project)
    for one in asked:
        if (perhaps := _perhaps_recorded(project, one, around)) is not None:
            yield perhaps
            return
    first = asked[0].handler.define
    note = f"`{first.name}` keeps nothing of what it answers"
    yield Evidence(False, first.at, note, fields={"handler": first.name})


def _record(project: Project, one: Asking) -> Evidence | None:
    """Good evidence: a record that is made from the request or from what the model says."""
    handler = one.handler.define
    for call in one.calls:
        if call.name in project.groups["log_record"] and _about(project, call, handler):
            note = f"`{_short(call)}` in what `{handler.name}` runs"
            return Evidence(True, call.at, note)
    return None


def _about(project: Project, call: Call, handler: Define) -> bool:
    """Whether a call is given something that comes from the request or from a prediction."""
    graph = project.graph
    if graph is None:
        return False
    if any(_SENT.search(arg.name) for arg in call.args):
        return True
    for arg in call.args:
        at = graph.of(call.at.path, arg.value)
        for way in graph.entries(call.at.path, call.scope) if at >= 0 else ():
            for node in Trace(graph, Node(at, way)):
                value = graph.value(node.at)
                asked = value.op == "call" and predicts(project, value.name.removesuffix("()"))
                given = value.op == "param" and value.detail.rpartition(":")[0] == handler.name
                if asked or given or _SENT.search(value.name):
                    return True
    return False


def _around(project: Project) -> Mapping[str, Define]:
    """The first function of each file that sees every answer of its service."""
    found: dict[str, Define] = {}
    for row in project.rows("define"):
        if any("middleware" in d or "after_request" in d for d in row.decorators):
            found.setdefault(row.at.path, row)
    return found


def _perhaps_recorded(
    project: Project, one: Asking, around: Mapping[str, Define]
) -> Evidence | None:
    """Undecided evidence: something that is saved or printed where the model is asked."""
    for call in one.calls:
        named = _SAVES.search(call.name) or _SESSION.search(call.name)
        printed = call.name == "print" and any(not a.known for a in call.args)
        own = call.name.startswith(("numpy.", "math.")) or predicts(project, call.name)
        if (named or printed) and not own:
            return Evidence(None, call.at, f"`{_short(call)}` may keep a record")
    if (line := _line(project, one, _SPELLED)) is not None:
        return line._replace(ok=None)
    row = around.get(one.handler.define.at.path)
    if row is None:
        return None
    return Evidence(None, row.at, f"`{row.name}` sees every answer and may keep it")


def _short(call: Call) -> str:
    return call.name.replace("()", "").lstrip(".?")


def measured(project: Project) -> Iterator[Evidence]:
    """Whether the service shows how many requests it answers, how fast, and how many fail."""
    family = "prediction_logging_and_metrics"
    sure = [Evidence(True, t.at, t.note) for t in _used(project, family, _METERS)]
    sure += [
        Evidence(True, t.at, f"metrics come with {t.tool}: {t.note}")
        for t in _used(project, "serving", _METERED)
    ]
    sure += [
        Evidence(True, call.at, f"`{_short(call)}`")
        for name, calls in project.calls_by_name.items()
        if _METRICS_CALL.search(name)
        for call in calls
        if project.role(call.at.path) in _OURS
    ]
    for module in () if sure else project.rows("module"):
        found = found_in(project, module.at.path, _WRAPPED)
        if found is not None and project.role(module.at.path) in _OURS:
            sure.append(Evidence(True, module.at, f"`{found[0]}` in `{module.at.path}`"))
    yield from sure or (_perhaps_measured(project),)


def _perhaps_measured(project: Project) -> Evidence:
    """Undecided evidence where something beside the service may measure it; else bad."""
    for tool in _used(project, "serving", _WATCHED):
        return Evidence(None, tool.at, f"{tool.tool} may show metrics of what it runs")
    for row in project.rows("setting"):
        beside = _SCRAPED.search(row.key) or _MESH.search(row.key)
        if (beside or _BESIDE.search(str(row.value))) and project.role(row.at.path) in _OURS:
            return Evidence(None, row.at, f"`{row.key}`: something is asked for metrics")
    for row in project.assigned(_STATSD):
        return Evidence(None, row.at, f"`{row.target}` is set")
    for path, define in _around(project).items():
        if _CLOCK.search("\n".join(line for _, line in source(project, define))):
            return Evidence(None, define.at, f"`{define.name}` in `{path}` times each answer")
    first: dict[str, Handler] = {}
    for handler in service_of(project).handlers:
        first.setdefault(handler.define.at.path, handler)
    for path, handler in first.items():
        if found := _METRICS_PATH.search(text_of(project, path)):
            return Evidence(None, handler.define.at, f"{found[0]} in `{path}` may show metrics")
    for tool in project.used_tools.get("prediction_logging_and_metrics", ()):
        if tool.tool in _METERS and tool.credit:
            fields = {"more": f": {tool.note}"}
            return Evidence(False, tool.at, tool.note, tool.credit, fields=fields)
    return Evidence(False, None, "no metrics library is used", fields={"more": ""})


def drift(project: Project) -> Iterator[Evidence]:
    """Whether newer data are compared with those that the model was trained on."""
    tools = project.used_tools.get("drift_monitoring", ())
    used = [tool for tool in tools if tool.grade == "used"]
    if used:
        yield from (Evidence(True, tool.at, tool.note) for tool in used)
        return
    compared = [c for c in project.calls("watches_drift") if project.role(c.at.path) in _OURS]
    yield from (Evidence(True, call.at, f"`{_short(call)}`") for call in compared)
    limits = [] if compared else project.assigned(_LIMITS)
    yield from (Evidence(True, one.at, f"`{one.target}` is set") for one in limits)
    if compared or limits:
        return
    if (named := _named_for_drift(project)) is not None:
        yield named
        return
    weaker = [tool for tool in tools if tool.credit]
    if weaker and weaker[0].grade == "optional":
        yield Evidence(None, weaker[0].at, weaker[0].note)
    elif weaker:
        tool = weaker[0]
        fields = {"more": f": {tool.note}"}
        yield Evidence(False, tool.at, tool.note, tool.credit, fields=fields)
    else:
        yield Evidence(False, None, "no tool compares new data", fields={"more": ""})


def _named_for_drift(project: Project) -> Evidence | None:
    """Undecided evidence: a function or a file that is named after drift."""
    for row in project.rows("define"):
        if _DRIFT.search(row.name) and not row.stub and project.role(row.at.path) in _OURS:
            return Evidence(None, row.at, f"`{row.name}` may look for drift")
    for file in project.rows("file"):
        stem = file.at.path.rpartition("/")[2].partition(".")[0]
        if file.at.path.endswith(_CODE) and _DRIFT.search(stem):
            return Evidence(None, file.at, f"`{file.at.path}` may look for drift")
    return None


def told(project: Project, *, words: str, what: str) -> Iterator[Evidence]:
    """Whether the code that answers, or its records, speak of something: by the names it uses."""
    asked = asking(project)
    wanted = re.compile(words, re.IGNORECASE)
    for one in asked:
        if (line := _line(project, one, wanted)) is not None:
            yield line
            return
    if asked:
        first = asked[0].handler.define
        fields = {"handler": first.name}
        yield Evidence(False, first.at, f"`{first.name}` does not speak of {what}", fields=fields)


def _line(project: Project, one: Asking, wanted: re.Pattern[str]) -> Evidence | None:
    """Good evidence from the first line of what runs that names what is wanted."""
    for run in one.runs:
        for number, line in source(project, run.define):
            if found := wanted.search(line):
                at = run.define.at._replace(line=number, col=1, end_line=number, end_col=1)
                return Evidence(True, at, f"`{found[0].strip()}` in `{run.define.name}`")
    for text in _shapes(project, one):
        if found := wanted.search(text):
            note = f"`{found[0].strip()}` in what `{one.handler.define.name}` answers"
            return Evidence(True, one.handler.define.at, note)
    return None


def _shapes(project: Project, one: Asking) -> Iterable[str]:
    """The source of the classes that requests and answers are made of."""
    made = {call.name for call in one.calls if "(" not in call.name}
    names = {name.rpartition(".")[2] for name in (*made, *one.handler.define.annotations)}
    for row in project.rows("define"):
        if row.kind == "class" and row.name in names:
            yield "\n".join(line for _, line in source(project, row))


def record_says(project: Project, *, words: str) -> Iterator[Evidence]:
    """Records of predictions, judged by whether any of them names something."""
    wanted = re.compile(words, re.IGNORECASE)
    first: Evidence | None = None
    for one in asking(project):
        for run in one.runs:
            lines = dict(source(project, run.define))
            for call in service_of(project).calls(run):
                if call.name not in project.groups["log_record"] or not call.args:
                    continue
                text = "\n".join(
                    lines.get(n, "") for n in range(call.at.line, call.at.end_line + 1)
                )
                if found := wanted.search(text):
                    yield Evidence(True, call.at, f"`{found[0].strip()}` in `{_short(call)}`")
                    return
                fields = {"record": _short(call)}
                first = first or Evidence(False, call.at, f"`{_short(call)}`", fields=fields)
    if first is not None:
        yield first
