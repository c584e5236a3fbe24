"""Features of a service: whether they are made as in training, and by what was learned there.

Knows routes of web applications, and what is fitted or imported around them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.flow import flow_of
from mllint.flow.handlers import service_of
from mllint.flow.objects import LEARNED
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call, Define
    from mllint.flow import Fit, Flow, Node
    from mllint.project import Project

_ROUTE = regex(
    r"(?:flask|fastapi|starlette|sanic|quart|bottle|falcon|litestar|robyn|bentoml|ray\.serve|\.|\?)"
    r".*\.(?:route|get|post|put|patch|websocket|api_route|api)(?:\(\))?"
)
_ASKED = regex(r"flask\.request|(?:starlette|fastapi|sanic|quart|bottle)\.(?:\w+\.)*[Rr]equest")
_KEEPS = regex(r"scal|encod|vectori|preprocess|transform|pipeline|tokeni|imput|feature|label")
_MAKES = regex(
    r"scal|encod|vectori|process|transform|pipeline|tokeni|imput|feature|clean|prepar|dataset"
    r"|normali[sz]|augment|parse"
    r"|(?:^|[._])data(?:$|[._])"
)
"""Names of what makes features."""
_FITTED = LEARNED | {"label"}
"""Kinds of what must have learned in training, encoders of labels included."""
_WEB = frozenset({"web_frameworks", "serving", "demo_apps"})


def fitted(project: Project) -> Iterator[Evidence]:
    """What routes do with transformers, judged by whether they learn from what is asked."""
    flow = flow_of(project)
    seen = set()
    clean: Call | None = None
    for call in flow.named("transform"):
        if _route(flow, call, ()) is not None:
            clean = clean or call
    yield from _at_start(flow)
    for fit in flow.fits:
        route = _route(flow, fit.call, fit.node.calls)
        if route is None or fit.call.at in seen or not fit.kinds or not fit.kinds <= _FITTED:
            continue
        if _asked(flow, fit, route):
            seen.add(fit.call.at)
            name = fit.call.name.replace("()", "").rpartition(".")[0].rpartition(".")[2]
            yield Evidence(
                False, fit.call.at, f"`{name}.{fit.method}` of what is asked",
                fields={"name": name, "method": fit.method, "what": "what one request brings"},
                scope=fit.call.scope,
                related=() if route is fit.call else (Related(route.at, "called by a route here"),),
            )  # fmt: skip
    if clean is not None and not seen:
        yield Evidence(True, clean.at, "a route only transforms", scope=clean.scope)


def _at_start(flow: Flow) -> Iterator[Evidence]:
    """Transformers that a service fits to a file when it starts, beside a model that it loads."""
    answering = {path for path, _ in service_of(flow.project).answering}
    for fit in flow.fits if answering else ():
        call = fit.call
        if call.at.path not in answering or call.scope or not fit.kinds or not fit.kinds <= _FITTED:
            continue
        if _loads_model(flow, call.at.path) and not _trains(flow, call) and _read(flow, fit):
            name = call.name.replace("()", "").rpartition(".")[0].rpartition(".")[2]
            what = "a file each time the service starts, whatever the model was trained with"
            yield Evidence(False, call.at, f"`{name}.{fit.method}` when the service starts",
                           fields={"name": name, "method": fit.method, "what": what})  # fmt: skip


def _loads_model(flow: Flow, path: str) -> bool:
    """Whether a file loads a model and asks it for predictions."""
    asked = any(call.at.path == path for call in flow.named("predict", "predict_proba"))
    return asked and any(call.at.path == path for call in flow.grouped("load_model"))


def _read(flow: Flow, fit: Fit) -> bool:
    """Whether what is learned from is read from a file."""
    loads = flow.project.groups["load"]
    calls = (flow.graph.call(node.at) for node in (flow.trace(fit.data) if fit.data else ()))
    return any(call is not None and call.name in loads for call in calls)


def _trains(flow: Flow, call: Call) -> bool:
    """Whether a model is trained in the function of a call."""
    return any(
        other.call.scope == call.scope and (other.target is not None or flow.is_model(other.kinds))
        for other in flow.fits
        if other.call.at.path == call.at.path
    )


def _route(flow: Flow, call: Call, way: tuple[int, ...]) -> Call | None:
    """The call in a route by which another call is reached; itself where it stands in one."""
    calls = [flow.graph.call(at) for at in way]
    answering = service_of(flow.project).answering
    for one in [call, *reversed(calls)]:
        if one is None:
            continue
        decorated = any(_ROUTE.match(name) for name in one.within)
        if decorated or (one.at.path, one.scope) in answering:
            return one
    return None


def _asked(flow: Flow, fit: Fit, route: Call) -> bool:
    """Whether what is learned from comes with a request, and no model is trained on it."""
    if fit.data is None:
        return False
    if _trains(flow, fit.call):
        return False
    loads = flow.project.groups["load"]
    for node in flow.trace(fit.data):
        value, call = flow.graph.value(node.at), flow.graph.call(node.at)
        if _is_opaque(flow, node) or (call is not None and call.name in loads):
            return False
        foreign = value.op == "param" and not flow.graph.inputs(node)
        if foreign and value.detail.rpartition(":")[0] != route.scope:
            return False
    return True


def _is_opaque(flow: Flow, node: Node) -> bool:
    """Whether a value is what a function gave of which nobody knows what it returns."""
    value = flow.graph.value(node.at)
    if value.op != "call" or value.name[0] not in "?." or "." in value.name[1:]:
        return False
    return not flow.graph.returned(node)


def shared(project: Project) -> Iterator[Evidence]:
    """Whether a service makes its features by the code, or the object, that training used."""
    serving = {
        tool.at.path
        for family in _WEB
        for tool in project.used_tools.get(family, ())
        if tool.grade == "used" and tool.how in {"call", "import"}
        if project.role(tool.at.path) == "source"
    }
    training = {call.at.path for group in ("fit", "trainer") for call in project.calls(group)}
    training = {path for path in training if project.role(path) == "source"} - serving
    if not serving or not training:
        return
    copies = list(_copies(project, serving, training))
    yield from copies or [_common(project, serving, training)]


def _makes(name: str) -> bool:
    """Whether an imported name may be that of code that makes features."""
    return _MAKES.search(name) is not None and "config" not in name


def _copies(project: Project, serving: set[str], training: set[str]) -> Iterator[Evidence]:
    """Functions that a serving file and a training file both define, in the same shape."""
    mine: dict[tuple[str, str], Define] = {}
    rows = list(zip(project.rows("define"), project.rows("body"), strict=True))
    for row, body in rows:
        feature = row.kind == "function" and _makes(row.name)
        if row.at.path in training and body.shape and feature:
            mine.setdefault((row.name, body.shape), row)
    for row, body in rows:
        other = mine.get((row.name, body.shape))
        if row.at.path in serving and other is not None:
            fields = {"name": row.name, "other": other.at.path}
            yield Evidence(
                False, row.at, f"`{row.name}` is in `{other.at.path}` as well", fields=fields,
                related=(Related(other.at, "the same function of the training"),),
            )  # fmt: skip


def _common(project: Project, serving: set[str], training: set[str]) -> Evidence:
    """What both import, or what the service loads to make features; else undecided evidence."""
    lent: dict[str, set[str]] = {"serving": set(), "training": set()}
    for row in project.rows("import"):
        if row.first_party:
            for kind, paths in (("serving", serving), ("training", training)):
                if row.at.path in paths and _makes(row.name):
                    lent[kind].add(row.name)
    both = sorted(lent["serving"] & lent["training"])
    if both:
        return Evidence(True, None, f"training and service both import `{both[0]}`")
    for call in project.calls("load_model"):
        texts = [one.const for one in call.args if one.known and isinstance(one.const, str)]
        kept = next((text for text in texts if _KEEPS.search(text.lower())), None)
        if kept is not None and call.at.path in serving:
            return Evidence(True, call.at, f"the service loads `{kept[-60:]}`", scope=call.scope)
    return Evidence(None, None, "what makes the features of the service cannot be told")
