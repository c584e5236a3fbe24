"""Which functions answer requests, and what runs when they do.

Knows how web frameworks and model servers are told of a handler; knows nothing of rules.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, cast

from mllint.names import Names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mllint.facts import Call, Define
    from mllint.project import Project

_WEB = (
    "fastapi|starlette|flask|flask_\\w+|quart|sanic|litestar|robyn|bottle|aiohttp|ninja|falcon"
    "|blacksheep|apiflask|connexion|chalice|azure|functions_framework"
)
_IS_WEB = re.compile(rf"(?:{_WEB})$")
_DECORATED = re.compile(
    rf"(?:{_WEB})\b.*?(?:\.(?:route|get|post|put|patch|api_route|websocket|http|api_operation"
    r"|function_name|cloud_event)(?:\(\))?)$"
)
_OF_UNKNOWN = re.compile(r"\?\w+\.(?:route|get|post|put|api_route)\(\)$")
"""A decorator of an application that the function is handed."""
_SERVED = re.compile(r"bentoml\b.*\bapi(?:\(\))?$|inference_schema\b.*input_schema\b")
_SERVED_CLASS = re.compile(r"ray\.serve\.deployment\b|modal\b.*\.cls\b")
_WEB_BASES = Names((
    "flask_restful.Resource", "flask_restx.Resource", "flask.views.*", "quart.views.*",
    "rest_framework.views.*", "rest_framework.generics.*", "rest_framework.viewsets.*",
    "tornado.web.RequestHandler", "aiohttp.web.View", "http.server.*RequestHandler",
    "starlette.endpoints.*", "django.views.*", "sanic.views.*",
))  # fmt: skip
_SERVED_BASES = Names((
    "kserve.Model", "kserve.*.Model", "ts.torch_handler.*", "cog.BasePredictor", "litserve.LitAPI",
    "mlserver.MLModel", "mlflow.pyfunc.PythonModel", "sagemaker_inference.*", "bentoml.Runnable",
))  # fmt: skip
_METHODS = frozenset(
    {"get", "post", "put", "patch", "do_GET", "do_POST", "do_PUT", "create", "list", "retrieve",
     "on_get", "on_post", "predict", "handle", "inference", "dispatch", "__call__"}
)  # fmt: skip
_CALLED_WITH = frozenset({("event", "context"), ("self", "request", "context")})
"""Parameters of handlers of AWS Lambda, and of methods of gRPC."""
_OURS = frozenset({"source", "template"})
_DEPTH = 8
"""Calls within calls that a handler is followed through."""


class Handler(NamedTuple):
    """A function that answers requests."""

    define: Define
    routes: tuple[str, ...]
    """The paths that it answers, as far as they are constants."""
    web: bool
    """Whether the project's own web application calls it, rather than a model server."""


class Reached(NamedTuple):
    """A function that another runs."""

    path: str
    name: str
    define: Define
    way: tuple[Call, ...]
    """The calls that lead to it; empty for the first one."""


class Service:
    """The handlers of one project."""

    def __init__(self, project: Project) -> None:
        self._project = project

    @cached_property
    def _defines(self) -> Mapping[tuple[str, str], Define]:
        return {(d.at.path, d.name): d for d in self._project.rows("define")}

    @cached_property
    def _calls(self) -> Mapping[tuple[str, str], Sequence[Call]]:
        """Calls by file and the function that they stand in."""
        found: dict[tuple[str, str], list[Call]] = {}
        for call in self._project.rows("call"):
            found.setdefault((call.at.path, call.scope), []).append(call)
        return found

    @cached_property
    def _inner(self) -> Mapping[tuple[str, str], Sequence[str]]:
        """The functions defined within each function."""
        found: dict[tuple[str, str], list[str]] = {}
        for path, name in self._defines:
            outer = name.rpartition(".")[0]
            if outer and (path, outer) in self._defines:
                found.setdefault((path, outer), []).append(name)
        return found

    @cached_property
    def handlers(self) -> Sequence[Handler]:
        """Every handler of own code outside notebooks, by file and line."""
        found = {(h.define.at.path, h.define.name): h for h in self._decorated()}
        for at, handler in (*self._methods(), *self._registered()):
            found.setdefault(at, handler)
        return [found[at] for at in sorted(found, key=lambda at: (at[0], found[at].define.at.line))]

    @cached_property
    def answering(self) -> frozenset[tuple[str, str]]:
        """The functions of the project's own web application that answer: file and name."""
        return frozenset((h.define.at.path, h.define.name) for h in self.handlers if h.web)

    def _own(self) -> Iterator[tuple[tuple[str, str], Define]]:
        for at, define in self._defines.items():
            if self._project.role(at[0]) in _OURS and define.at.cell is None:
                yield at, define

    def _decorated(self) -> Iterator[Handler]:
        webs = {r.at.path for r in self._project.rows("import") if _IS_WEB.match(r.root)}
        for (path, _), define in self._own():
            for decorator in define.decorators if define.kind != "class" else ():
                unknown = path in webs and _OF_UNKNOWN.match(decorator)
                web = bool(unknown or _DECORATED.match(decorator))
                if web or _SERVED.match(decorator):
                    yield Handler(define, self._routes(define), web)

    def _methods(self) -> Iterator[tuple[tuple[str, str], Handler]]:
        """Functions that a framework calls by their name, most of them methods that override."""
        classes: dict[tuple[str, str], bool] = {}
        for at, define in self._own():
            for bases, web in ((_SERVED_BASES, False), (_WEB_BASES, True)):
                if any(base in bases for base in define.bases):
                    classes[at] = web
            if any(_SERVED_CLASS.match(d) for d in define.decorators):
                classes.setdefault(at, False)
        for at, define in self._own():
            owner, _, method = at[1].rpartition(".")
            served = method in _METHODS and (at[0], owner) in classes
            if not define.stub and (served or define.params in _CALLED_WITH):
                yield at, Handler(define, (), classes.get((at[0], owner), False))

    def _registered(self) -> Iterator[tuple[tuple[str, str], Handler]]:
        """Functions that are handed to an application with their path."""
        for call in self._project.calls("route"):
            if self._project.role(call.at.path) not in _OURS:
                continue
            for arg in call.args:
                define = self._named(call.at.path, arg.name)
                if define is not None and define.kind != "class":
                    yield (define.at.path, define.name), Handler(define, _paths(call), web=True)

    @cached_property
    def _decorating(self) -> Mapping[tuple[str, str], tuple[Sequence[int], Sequence[Call]]]:
        """Calls by file and name, with their lines."""
        found: dict[tuple[str, str], list[Call]] = {}
        for call in self._project.rows("call"):
            if _DECORATED.match(call.name) or _OF_UNKNOWN.match(f"{call.name}()"):
                found.setdefault((call.at.path, call.name), []).append(call)
        return {key: ([c.at.line for c in calls], calls) for key, calls in found.items()}

    def _routes(self, define: Define) -> tuple[str, ...]:
        """The paths in the decorators that stand nearest above a function."""
        found: list[str] = []
        for decorator in define.decorators:
            key = (define.at.path, decorator.removesuffix("()"))
            lines, calls = self._decorating.get(key, ((), ()))
            position = bisect_right(lines, define.at.line)
            if position:
                found.extend(_paths(calls[position - 1]))
        return tuple(found)

    def reached(self, start: Define) -> Sequence[Reached]:
        """A function and the first-party functions that it runs, the nearest first."""
        met = [Reached(start.at.path, start.name, start, ())]
        seen = {(start.at.path, start.name)}
        for here in met:
            for call in (*self._dependencies(here.define), *self.calls(here)):
                found = self._entered(call) if len(here.way) < _DEPTH else None
                if found is not None and (found.at.path, found.name) not in seen:
                    seen.add((found.at.path, found.name))
                    met.append(Reached(found.at.path, found.name, found, (*here.way, call)))
        return met

    def started(self, path: str) -> Iterator[Reached]:
        """The first-party functions that a file runs when it is started."""
        for call in self._calls.get((path, ""), ()):
            if (found := self._entered(call)) is not None:
                yield from self.reached(found)

    def calls(self, reached: Reached) -> Sequence[Call]:
        """The calls in a function and in those defined within it."""
        found: list[Call] = []
        names = [reached.name]
        for name in names:
            found.extend(self._calls.get((reached.path, name), ()))
            names.extend(self._inner.get((reached.path, name), ()))
        return found

    def _named(self, path: str, name: str) -> Define | None:
        """The first-party function or class that a name in a file stands for."""
        graph = self._project.graph
        found = graph.definition(path, name) if graph is not None and name[:1] != "?" else None
        return self._defines.get((found[0], found[1])) if found is not None else None

    @cached_property
    def _depends(self) -> Mapping[str, Sequence[Call]]:
        """The `Depends(function)` of each file."""
        found: dict[str, list[Call]] = {}
        for name in ("fastapi.Depends", "fastapi.Security", "fastapi.param_functions.Depends"):
            for call in self._project.calls_by_name.get(name, ()):
                found.setdefault(call.at.path, []).append(call)
        return found

    def _dependencies(self, define: Define) -> Iterator[Call]:
        """The dependencies among the parameters of a function, which run before it."""
        for call in self._depends.get(define.at.path, ()):
            inside = define.at.line <= call.at.line <= define.at.end_line
            if inside and call.scope == define.name.rpartition(".")[0]:
                yield call

    def _entered(self, call: Call) -> Define | None:
        """The first-party function that a call runs: for a class, what makes its objects."""
        depends = call.name.startswith("fastapi.") and call.args
        found = self._named(call.at.path, call.args[0].name if depends else call.name)
        if found is not None and found.kind == "class":
            return self._defines.get((found.at.path, f"{found.name}.__init__"))
        return found


def _paths(call: Call) -> tuple[str, ...]:
    """The constant paths among the arguments of a call that routes."""
    keys = {"0", "path", "rule", "route", "url_path"}
    return tuple(one.const for one in call.args if one.key in keys and isinstance(one.const, str))


def service_of(project: Project) -> Service:
    """The handlers of a project, found once."""
    graph = project.graph
    if graph is None:
        return Service(project)
    if "service" not in graph.notes:
        graph.notes["service"] = Service(project)
    return cast("Service", graph.notes["service"])
