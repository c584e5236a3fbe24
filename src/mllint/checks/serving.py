"""What the project's own service does with a request: checks it, loads a model, answers health.

Asks `flow.handlers` what runs when a request is answered; the servers of others are trusted to do
these things by themselves.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mllint.checks import elsewhere
from mllint.checks.injection import brought
from mllint.checks.nature import serves
from mllint.checks.written import numbered, text_of
from mllint.facts import Place
from mllint.flow import flow_of
from mllint.flow.handlers import service_of
from mllint.names import Names
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mllint.facts import Call, Define
    from mllint.flow.handlers import Handler, Reached
    from mllint.project import Project

_OURS = frozenset({"source", "template"})
_ASKS = regex(
    r"(?:^|[/_.-])(?:predict|infer|inference|classify|score|recommend|detect|forecast|generate"
    r"|completions?|transcribe|segment)(?:$|[/_.{<-]|ion|or)", re.IGNORECASE,
)  # fmt: skip
"""Paths and names of handlers that answer with what a model says."""
_CHECKS_INPUT = Names((
    "bentoml.*", "cog.*", "mlserver.*", "kserve.*", "inference_schema.*",
))  # fmt: skip
"""Model servers that compare a request with a declared signature."""
_LOOSE_SERVER = "bentoml.Service()."
"""BentoML before 1.2, whose handlers state what they take apart from their signature."""
_SCALARS = frozenset(
    {"int", "float", "str", "bool", "datetime.date", "datetime.datetime", "uuid.UUID",
     "decimal.Decimal", "typing.Literal", "enum.Enum"}
)  # fmt: skip
_LOOSE = frozenset(
    {"dict", "typing.Dict", "typing.Any", "typing.Mapping", "collections.abc.Mapping", "object"}
)
_TYPED = regex(r"fastapi\b|ninja\b|litestar\b|blacksheep\b")
"""Frameworks that check parameters by their annotations."""
_SCHEMAS = Names((
    "pydantic.*", "sqlmodel.SQLModel", "marshmallow.*", "msgspec.Struct", "ninja.*Schema",
    "typing.TypedDict", "typing.NamedTuple", "enum.*", "pandera.*", "attrs.*", "rest_framework.*",
))  # fmt: skip
_RAW = regex(
    r"\b\w*req(?:uest)?\.(?:json|get_json|form|args|values|data|get_data|POST|GET|body|stream"
    r"|query_params)\b|\bawait \w+\.(?:json|form|body)\(\)"
    r"|\.(?:get_json_body|get_argument|get_body_argument)\(|\.rfile\.read\("
)
"""Words of code that takes what was sent as it came."""
_LOOKS = regex(
    r"\bisinstance\(|HTTPException\(|\babort\(\s*4|BadRequest|status(?:_code)?\s*=\s*4\d\d"
    r"|,\s*4\d\d\b|raise \w*(?:Value|Type|Validation|Key)Error|except \(?\w*(?:Value|Key|Type)Error"
    r"|\bnot in (?:request|data|payload|body|content|\w*json)\b|validat|schema", re.IGNORECASE,
)  # fmt: skip
"""Words of code that looks at what it is sent."""
_REFUSES = regex(
    r"HTTPException\(\s*(?:status_code\s*=\s*)?4|\babort\(\s*4|status(?:_code)?\s*=\s*4\d\d"
    r"|BadRequest\(|[}\])\"]\s*,\s*4\d\d\b|status\.HTTP_4\d\d"
)
"""Answers that say that the request was wrong."""
_FILES = regex(r"\brequest\.files\b|UploadFile")
_HEALTH = regex(
    r"^/up/?$|(?:^|[/_.-])(?:health\w*|healthz?|live(?:z|ness)?|ready(?:z)?|readiness|alive|ping|heartbeat"
    r"|is_?up|status)(?:$|[/_.?-])", re.IGNORECASE,
)  # fmt: skip
_HEALTH_PATH = regex(
    r"[\"']/(?:[\w/-]*/)?(?:health\w*|live(?:z|ness)|readyz?|readiness|ping|heartbeat)/?[\"']"
)
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe", "healthcheck", "health_check",
           "pod.livenessProbe", "pod.readinessProbe")  # fmt: skip
_PROBED = regex(
    r"(?:^|[._\[\]])(?:http_checks|checks|tcp_checks)(?:\[\]|\.\d+)*\.(?:path|interval|type)$"
    r"|(?:^|\.)health[cC]heck_?[pP]ath$|(?:^|\.)(?:readiness|liveness)_check\.path$"
    r"|containerDefinitions.*\.healthCheck\.command|(?:^|\.)proxy\.healthcheck\.path$"
)
"""Keys by which platforms are told what to ask: Fly, Render, Railway, App Engine, ECS, Kamal."""
_LABELLED = regex(r"\.loadbalancer\.healthcheck\.path=")
_ROUTE = "fastapi_healthcheck.healthCheckRoute"
_CACHES = regex(r"cache|lru|memoi[sz]e|singleton|on_event|lifespan|once", re.IGNORECASE)
"""Decorators by which a function runs once only."""
_LEAVES = regex(r"\s+(?:return|raise)\b|\s*def __new__")
_CHEAP = regex(r"applications\..*\.[a-z_]\w*$|bentoml\..*\.get$|Processor\.from_pretrained$")
"""Names among those that load models which load none."""


class Asking(NamedTuple):
    """A handler that asks a model, with what runs to answer."""

    handler: Handler
    runs: Sequence[Reached]
    calls: Sequence[Call]


def answers(project: Project) -> Iterator[Evidence]:
    """Handlers of the project's own web application."""
    for handler in service_of(project).handlers:
        if handler.web:
            routes = ", ".join(handler.routes[:2])
            shown = f" answers {routes}" if routes else " answers requests"
            yield Evidence(True, handler.define.at, f"`{handler.define.name}`{shown}")
            return


def asking(project: Project) -> Sequence[Asking]:
    """The handlers that ask a model; where none is seen to, those that are named after it."""
    service = service_of(project)
    sure, named = [], []
    for handler in service.handlers:
        runs = service.reached(handler.define)
        one = Asking(handler, runs, [call for run in runs for call in service.calls(run)])
        if any(predicts(project, call.name) for call in one.calls):
            sure.append(one)
        elif any(_ASKS.search(text) for text in (*handler.routes, handler.define.name)):
            named.append(one)
    return sure or named


def unclear(project: Project) -> Iterator[Evidence]:
    """Undecided evidence from a web application of which no handler is seen to ask a model."""
    for handler in service_of(project).handlers:
        if handler.web:
            note = f"whether `{handler.define.name}` asks a model cannot be told"
            yield Evidence(None, handler.define.at, note)
            return


def predicts(project: Project, name: str) -> bool:
    """Whether a call of this name asks a model."""
    return any(name in project.groups[group] for group in ("predict", "llm_call"))


def validated(project: Project) -> Iterator[Evidence]:
    """Handlers that ask a model, judged by whether the request is compared with a schema."""
    asked = asking(project)
    if not asked:
        yield from unclear(project)
    for one in asked:
        define = one.handler.define
        fields = {"handler": define.name}
        if (by := _checked_by(project, one)) is not None:
            yield Evidence(True, define.at, f"`{define.name}`: {by}")
        elif not one.handler.web:
            yield _by_server(project, define)
        else:
            yield _by_hand(project, one, fields)


def _by_hand(project: Project, one: Asking, fields: Mapping[str, str]) -> Evidence:
    """Evidence from a handler without a schema: it may refuse by itself what does not fit."""
    define = one.handler.define
    text = "\n".join(line for run in one.runs for _, line in source(project, run.define))
    refusals = len(_REFUSES.findall(text))
    raw = _raw(one, text)
    if refusals > 1:
        return Evidence(True, define.at, f"`{define.name}` refuses requests for {refusals} reasons")
    if raw is None or refusals or _LOOKS.search(text) or _FILES.search(text):
        return Evidence(None, define.at, f"whether `{define.name}` checks its input cannot be told")
    return Evidence(False, define.at, raw, fields=fields)


def _by_server(project: Project, define: Define) -> Evidence:
    owner = define.name.rpartition(".")[0]
    rows = project.by_path[define.at.path].get("define", ())
    bases = [b for row in rows if row.name == owner for b in (*row.bases, *row.decorators)]
    known = any(
        (name in _CHECKS_INPUT and not name.startswith(_LOOSE_SERVER)) or name.endswith("Servicer")
        for name in (*define.decorators, *bases)
    )
    note = "the model server checks the signature" if known else "a model server calls it"
    return Evidence(True if known else None, define.at, f"`{define.name}`: {note}")


def _checked_by(project: Project, one: Asking) -> str | None:
    """What compares the request of a handler with a schema."""
    define = one.handler.define
    names = project.groups["validates_request"]
    for decorator in define.decorators:
        if decorator.removesuffix("()") in names:
            return f"`{decorator.removesuffix('()')}`"
    for annotation in define.annotations:
        if is_schema(project, define.at.path, annotation):
            return f"`{annotation.rpartition('.')[2]}`"
    typed = any(_TYPED.match(d) for d in define.decorators)
    if typed and any(a in _SCALARS for a in define.annotations):
        return "its parameters are typed"
    for call in one.calls:
        unpacked = any(a.key == "**" for a in call.args)
        if call.name in names or (unpacked and is_schema(project, call.at.path, call.name)):
            return f"`{_short(call)}`"
    return None


def is_schema(project: Project, path: str, name: str, depth: int = 0) -> bool:
    """Whether a name in a file is a class by which data are checked."""
    graph = project.graph
    if not name or "(" in name or name[0] == "?" or graph is None or depth > 4:
        return False
    at = graph.definition(path, name)
    if at is None:
        return name in _SCHEMAS
    for row in project.by_path[at[0]].get("define", ()):
        if row.name == at[1] and row.kind == "class":
            made = any("dataclass" in d for d in row.decorators)
            return made or any(is_schema(project, at[0], b, depth + 1) for b in row.bases)
    return False


def _raw(one: Asking, text: str) -> str | None:
    """What of the request is used as it came."""
    define = one.handler.define
    if any(_TYPED.match(d) for d in define.decorators):
        for annotation, param in zip(define.annotations, define.params, strict=False):
            if annotation in _LOOSE:
                return f"`{param}` may be any {annotation.rpartition('.')[2].lower()}"
    return "what was sent is used as it came" if _RAW.search(text) else None


def source(project: Project, define: Define) -> Iterator[tuple[int, str]]:
    """The lines of a function or class with their numbers, comments left out."""
    lines = numbered(project, define.at.path)
    for number in range(define.at.line, min(define.at.end_line, len(lines)) + 1):
        line = lines[number - 1].partition(" #")[0]
        if not line.lstrip().startswith("#"):
            yield number, line


def healthy(project: Project) -> Iterator[Evidence]:
    """Whether anything can ask the service if it is well."""
    handlers = [h for h in service_of(project).handlers if h.web]
    found = [
        Evidence(True, h.define.at, f"`{h.define.name}` answers {', '.join(h.routes) or 'it'}")
        for h in handlers
        if any(_HEALTH.search(name) for name in (*h.routes, h.define.name, *_said(project, h)))
    ]
    found += _probes(project)
    if found or not handlers:
        yield from found
        return
    for path in sorted({h.define.at.path for h in handlers}):
        lines = (line for line in text_of(project, path).splitlines() if line.lstrip()[:1] != "#")
        if found_path := _HEALTH_PATH.search("\n".join(lines)):
            yield Evidence(True, Place(path), f"`{found_path[0][1:-1]}`")
            return
    for call in project.calls_by_name.get("ray.serve.deployment", ()):
        if project.role(call.at.path) in _OURS:
            yield Evidence(True, call.at, "Ray Serve asks its replicas itself")
            return
    if (told := elsewhere.seen(project, elsewhere.HEALTH)) is not None:
        yield Evidence(True, Place(told[0]), f"`{told[1]}` in `{told[0]}`")
        return
    first = handlers[0].define
    fields = {"file": first.at.path}
    note = f"none of {len(handlers)} handlers answers for the health of the service"
    yield Evidence(False, first.at, note, fields=fields)


def _said(project: Project, handler: Handler) -> Iterator[str]:
    """The words of a handler that asks no model and answers the root, its docstring included."""
    if set(handler.routes) <= {"/", ""} and handler.routes and not handler.define.params[1:]:
        text = " ".join(line for _, line in source(project, handler.define))
        yield re.sub(r"\W+|_", "/", text)


def _probes(project: Project) -> Iterator[Evidence]:
    """Probes of images, clusters and compose files."""
    for row in project.rows("docker"):
        if row.word == "HEALTHCHECK" and row.value.strip() != "NONE":
            yield Evidence(True, row.at, "`HEALTHCHECK`")
    for row in project.rows("manifest"):
        if project.role(row.at.path) in _OURS and any(k.startswith(_PROBES) for k in row.keys):
            yield Evidence(True, row.at, f"`{row.name}` is probed")
    for row in project.rows("setting"):
        probed = row.value and project.role(row.at.path) in _OURS
        if probed and (_PROBED.search(row.key) or _LABELLED.search(str(row.value))):
            yield Evidence(True, row.at, f"`{row.key}` in `{row.at.path}`")
    for name in ("grpc_health.v1.health.HealthServicer", _ROUTE):
        for call in project.calls_by_name.get(name, ()):
            if project.role(call.at.path) in _OURS:
                yield Evidence(True, call.at, f"`{name.rpartition('.')[2]}`")


def loaded_once(project: Project) -> Iterator[Evidence]:
    """Loads of models by a service, judged by whether each request repeats them."""
    asked = asking(project)
    judged: set[object] = set()
    for one in asked:
        for run in one.runs:
            for call in service_of(project).calls(run):
                if call.at not in judged and _loads(project, call):
                    judged.add(call.at)
                    yield _repeated(project, one, run, call)
    files = {run.path for one in asked for run in one.runs}
    for call in project.calls("load_model"):
        if call.at not in judged and call.at.path in files and _loads(project, call):
            yield Evidence(True, call.at, f"`{_short(call)}` outside of what answers a request")


def _loads(project: Project, call: Call) -> bool:
    graph = project.graph
    own = graph is not None and graph.definition(call.at.path, call.name) is not None
    if call.name.endswith(".loads") and brought(flow_of(project), call) is not None:
        return False  # what the request sent
    return not own and call.name in project.groups["load_model"] and not _CHEAP.search(call.name)


def _repeated(project: Project, one: Asking, run: Reached, call: Call) -> Evidence:
    """Evidence from a load that an answer runs into."""
    around = [name for at in _around(run) for name in _decorators(project, *at)]
    if any(_CACHES.search(name) for name in around):
        return Evidence(True, call.at, f"`{_short(call)}` in a function that runs once")
    handler = one.handler.define
    related = (Related(handler.at, f"`{handler.name}` answers the request"),)
    fields = {"load": _short(call), "handler": handler.name}
    if _may_be_kept(project, run, call):
        return Evidence(None, call.at, f"`{_short(call)}` may run once only", related=related)
    return Evidence(False, call.at, "in each request", related=related, fields=fields)


def _around(run: Reached) -> Iterator[tuple[str, str]]:
    """The functions on the way to one that runs, the handler apart, and their classes."""
    for path, name in (*((c.at.path, c.scope) for c in run.way[1:]), (run.path, run.name)):
        yield path, name
        yield path, name.rpartition(".")[0]


def _decorators(project: Project, path: str, name: str) -> Iterator[str]:
    for row in project.by_path[path].get("define", ()):
        if name and row.name == name:
            yield from row.decorators


def _may_be_kept(project: Project, run: Reached, call: Call) -> bool:
    """Whether a load may happen in some requests only: by a condition, a name, or a store."""
    chosen = any(not a.known and a.name[:1] == "?" for a in call.args[:1])
    if chosen or any(step.guard for step in (*run.way, call)):
        return True
    graph = project.graph
    at = graph.of(call.at.path, call.value) if graph is not None else -1
    targets = graph.targets(at) if graph is not None and at >= 0 else ()
    if any("[" in name or ("." in name and name[:5] != "self.") for name in targets):
        return True
    before = [line for n, line in source(project, run.define) if n < call.at.line]
    leaves = bool(run.way) and any(_LEAVES.match(line) for line in before)
    return leaves or any(line.lstrip().startswith("global ") for line in before)


def _short(call: Call) -> str:
    return call.name.replace("()", "").lstrip(".?")


def present(project: Project) -> Iterator[Evidence]:
    """Where something is deployed or served, whether the code that answers is here."""
    found = [e for e in serves(project) if e.ok]
    found += [
        Evidence(True, tool.at, tool.note)
        for tool in project.used_tools.get("demo_apps", ())
        if tool.grade == "used" and not tool.at.path.endswith(".ipynb")
    ]
    if found:
        yield from found
        return
    for row in project.rows("manifest"):
        deployed = row.kind in {"Deployment", "StatefulSet", "aws_sagemaker_endpoint"}
        if deployed and project.role(row.at.path) in _OURS:
            note = f"{row.kind} `{row.name}` runs something that is not here"
            yield Evidence(False, row.at, note, fields={"what": f"{row.kind} `{row.name}`"})
            return
