"""What users of a service, or a language model, can have executed.

Follows what a request brings to calls that run text: as code, as a command, as a query. What goes
through any other call on the way may have been made safe there, and is left alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.checks.written import found_in
from mllint.flow import Flow, Node, flow_of
from mllint.names import Names
from mllint.project import arg
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mllint.facts import Call, Place
    from mllint.project import Project

_OURS = frozenset({"source", "template", "example"})
_CODE = frozenset({"eval", "exec"})
_CUT_OUT = frozenset({"search", "match", "fullmatch", "findall", "finditer", "sub", "group",
                      "groups", "partition", "rpartition", "dedent", "removeprefix",
                      "removesuffix"})  # fmt: skip
"""What takes the code out of an answer, which makes it no safer."""
_SHELL = frozenset({"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"})
_SHELL_IF_ASKED = frozenset({"subprocess.run", "subprocess.call", "subprocess.Popen",
                             "subprocess.check_output", "subprocess.check_call"})  # fmt: skip
_QUERIES = ("execute", "executemany", "executescript", "read_sql", "read_sql_query", "text")
_DATABASES = frozenset(
    {"sqlite3", "psycopg2", "psycopg", "asyncpg", "pymysql", "MySQLdb", "mysql", "sqlalchemy",
     "duckdb", "pyodbc", "oracledb", "cx_Oracle", "snowflake", "trino", "clickhouse_driver",
     "clickhouse_connect", "aiosqlite", "pandas", "flask_sqlalchemy", "databases"}
)  # fmt: skip
_SQL = regex(
    r"\s*(?:select\b.*\bfrom|insert\s+into|update\b.*\bset|delete\s+from|drop\s+\w+|alter\s+\w+"
    r"|create\s+\w+|with\b.*\bas\b)",
    re.IGNORECASE | re.DOTALL,
)
_REQUEST = regex(
    r"(?:flask\.request|quart\.request|bottle\.request|\?request|\?req)\.(?:args|form|values|json"
    r"|data|headers|cookies|files|get_json|get_data|query|query_params|GET|POST|body|params|view_args"
    r"|path_params|rel_url|text|post|forms)\b"
)
_SERVERS = frozenset(
    {"flask", "quart", "bottle", "fastapi", "starlette", "django", "rest_framework", "ninja",
     "aiohttp", "sanic", "tornado", "litestar", "falcon", "robyn"}
)  # fmt: skip
_ROUTE = regex(
    r"(?:fastapi|starlette|flask|quart|litestar|sanic|aiohttp|bottle|flask_restx|apiflask|robyn)\b.*"
    r"\.(?:route|get|post|put|patch|delete|websocket|api_route)\(\)$"
)
_PASSING = frozenset(
    {"strip", "lstrip", "rstrip", "lower", "upper", "title", "get", "getlist", "pop", "str",
     "format", "join", "encode", "decode", "split", "splitlines", "get_json", "json", "body",
     "form", "text", "items", "values", "loads", "dict", "list", "first", "replace", "read",
     "b64decode", "urlsafe_b64decode", "BytesIO", "decompress"}
)  # fmt: skip
"""Methods and functions that hand on what they were given."""
_LOOKED_UP = frozenset({"get", "getlist", "pop"})
"""Methods that give what they hold under a key, whoever says the key."""
_BUILT = frozenset({"Mod", "Add"})
_FREE = frozenset({"str", "dict", "typing.Dict", "typing.Any"})
"""Types of a parameter that may bring any text."""
_BOUNDS = ("pattern", "regex")
"""What a text of a request may be declared to look like."""
_COMPARED = (
    r"\b(?:if|assert|while)\b.*NAME(?:\.\w+\(\))? (?:not )?in "
    r"|\b(?:if|assert|while)\b.*(?:match|search)\([^()]*NAME|NAME\.is(?:alnum|alpha|digit|identifier)"
    r"|(?i:valid|check(?!_output|_call)|sanit|clean|allow|verif|quote|escape)\w*\([^()]*NAME"
)
"""Lines after which it may be known what a value is."""
_FAR = 60
"""Values that are looked back upon."""


def executed(project: Project) -> Iterator[Evidence]:
    """Calls of a service that run text, judged by whether a request brings it."""
    handlers = _handlers(project)
    serves = bool(handlers) or any(row.root in _SERVERS for row in project.rows("import"))
    sinks = list(_sinks(project)) if serves else []
    if not sinks:
        return
    flow = flow_of(project)
    for call, what in sinks:
        found = [_from_request(flow, node, what, handlers) for node in _given(flow, call)]
        source = next((one for one in found if one is not None), None)
        short = call.name.rpartition(".")[2].lstrip("?")
        if source is None:
            yield Evidence(True, call.at, f"`{short}` runs nothing that a request brings")
            continue
        at, sure = source
        note = f"`{short}` runs {what} made of what a request brings"
        related = (Related(at, "here it comes in"),) if at != call.at else ()
        fields = {"short": short, "what": what}
        ok = False if sure else None
        yield Evidence(ok, call.at, note, related=related, fields=fields, scope=call.scope)


def _handlers(project: Project) -> dict[tuple[str, str], frozenset[str]]:
    """The functions that answer requests, by file and name.

    Each with those of its parameters that are declared to bring texts of any form.
    """
    bounded = {(call.at.path, call.at.line) for key in _BOUNDS for call in project.calls_with(key)}
    found = {}
    for row in project.rows("define"):
        if row.kind == "class" or not any(_ROUTE.match(name) for name in row.decorators):
            continue
        lines = range(row.at.line, row.at.end_line + 1)
        free = not any((row.at.path, line) in bounded for line in lines) if bounded else True
        texts = {p for p, a in zip(row.params, row.annotations, strict=False) if a in _FREE}
        found[row.at.path, row.name] = frozenset(texts if free else ())
    return found


def _sinks(project: Project) -> Iterator[tuple[Call, str]]:
    """Calls that run the text they are given, with what kind of text it is."""
    for name, calls in project.calls_by_name.items():
        last, root = name.rpartition(".")[2], name.partition(".")[0]
        if name in _CODE:
            what = "code"
        elif name in _SHELL or name in _SHELL_IF_ASKED:
            what = "a command"
        elif last in _QUERIES and (root in _DATABASES or last.startswith("execute")):
            what = "a query"
        else:
            continue
        for call in calls:
            shell = arg(call, "shell")
            asked = shell is not None and shell.known and shell.const is True
            if project.role(call.at.path) in _OURS and (name not in _SHELL_IF_ASKED or asked):
                yield call, what


def _given(flow: Flow, call: Call) -> Iterator[Node]:
    for node in flow.seen(call):
        text = flow.given(node, "0", "args", "sql", "query", "statement", "source", "command")
        if text is not None:
            yield text


def _from_request(
    flow: Flow, node: Node, what: str, handlers: Mapping[tuple[str, str], frozenset[str]]
) -> tuple[Place, bool] | None:
    """Where what a request brings comes in, and whether that is sure; None where it does not."""
    if what == "a query" and not _is_built(flow, node):
        return None
    if _source(flow, node, what, handlers, looks=False) is None:
        return None
    return _source(flow, node, what, handlers, looks=True)


def _source(
    flow: Flow,
    node: Node,
    what: str,
    handlers: Mapping[tuple[str, str], frozenset[str]],
    *,
    looks: bool,
) -> tuple[Place, bool] | None:
    """As `_from_request`; `looks` is whether lines are read that compare values on the way."""
    seen: set[Node] = set()
    stack, perhaps = [node], None
    while stack and len(seen) < _FAR:
        here = stack.pop()
        if here in seen:
            continue
        seen.add(here)
        value = flow.graph.value(here.at)
        if looks and _is_compared(flow, here):
            perhaps = flow.graph.place(here.at)
        elif _REQUEST.match(value.name):
            return flow.graph.place(here.at), True
        elif value.op == "param" and not flow.graph.inputs(here):
            scope, _, name = value.detail.rpartition(":")
            texts = handlers.get((flow.graph.path(here.at), scope))
            if texts is not None and (what == "code" or name in texts):
                return flow.graph.place(here.at), True
            if texts is not None:  # it may be declared a number, which no query minds
                perhaps = flow.graph.place(here.at)
        else:
            stack.extend(_onward(flow, here))
    return (perhaps, False) if perhaps is not None else None


def _onward(flow: Flow, here: Node) -> Sequence[Node]:
    """What a value holds of what it was made from: nothing of the key that it was found under."""
    graph = flow.graph
    method = graph.method(here.at)
    if graph.value(here.at).op == "call" and not graph.returned(here):
        if method in _LOOKED_UP:
            holder = graph.receiver(here.at)
            return (Node(holder, here.calls),) if holder >= 0 else ()
        return graph.inputs(here) if _passes(flow, here) else ()
    value = graph.value(here.at)
    if value.op == "item" and "?" in value.detail:
        # of a constant that is looked into, only the key is kept
        held = graph.made_from(here.at)
        return (Node(held[0], here.calls),) if len(held) > 1 and held[0] >= 0 else ()
    return graph.inputs(here)


def _is_compared(flow: Flow, here: Node) -> bool:
    """Whether a line compares a value with a list or a form, after which it may be known."""
    graph = flow.graph
    names = [name for name in graph.targets(here.at) if name.isidentifier()]
    if graph.value(here.at).op == "param":
        names.append(graph.value(here.at).detail.rpartition(":")[2])
    if not names:
        return False
    asked = re.compile(_COMPARED.replace("NAME", rf"\b(?:{'|'.join(names)})\b"))
    return found_in(flow.project, graph.path(here.at), asked) is not None


def brought(flow: Flow, call: Call) -> Place | None:
    """Where a request brings what a call is given first; None where none surely does."""
    keys = ("0", "f", "file", "filename")
    if any(one.key in keys and _REQUEST.match(one.name) for one in call.args):
        return call.at
    for node in flow.seen(call):
        given = flow.given(node, *keys)
        found = _from_request(flow, given, "data", {}) if given is not None else None
        if found is not None and found[1]:
            return found[0]
    return None


def _passes(flow: Flow, node: Node) -> bool:
    return flow.graph.method(node.at) in _PASSING


def _is_built(flow: Flow, node: Node) -> bool:
    """Whether a query surely is text with values put in, or comes as it is."""
    for _ in range(_FAR):
        value = flow.graph.value(node.at)
        if _REQUEST.match(value.name):
            return True
        if value.op == "binary":
            return value.detail in _BUILT or bool(_SQL.match(value.detail))
        if value.op == "call" and flow.graph.method(node.at) == "format":
            return True
        inputs = flow.graph.inputs(node)
        onward = value.op in {"name", "merge", "param", "mutate"} or flow.graph.returned(node)
        if value.op == "call" and flow.graph.method(node.at) == "text":
            onward = True
        if not onward or not inputs:
            return False
        node = inputs[0]
    return False


_DANGEROUS = ("allow_dangerous_code", "allow_dangerous_requests", "allow_dangerous_tools")
_TOOLS = Names((
    "langchain*.PythonREPLTool", "langchain*.PythonAstREPLTool", "langchain*.PythonREPL",
    "langchain*.ShellTool", "langchain*.BashProcess", "langchain*.PALChain*",
    "langchain*.create_python_agent", "autogen*.LocalCommandLineCodeExecutor",
    "llama_index*.CodeInterpreterToolSpec", "llama_index*.PandasQueryEngine",
    "llama_index*.PandasInstructionParser",
))  # fmt: skip
"""Tools of agents that run what the model says, without a sandbox."""


def of_the_model(project: Project) -> Iterator[Evidence]:
    """Whether what a language model says is run as code or as a command."""
    found = False
    flagged = [call for key in _DANGEROUS for call in project.calls_with(key)]
    named = [c for name in _TOOLS.among(project.names) for c in project.calls_by_name[name]]
    for call in {call.at: call for call in (*flagged, *named)}.values():
        if project.role(call.at.path) not in _OURS:
            continue
        flag = next((a.key for a in call.args if a.key in _DANGEROUS and a.const is True), "")
        if flag or call.name in _TOOLS:
            found = True
            short = call.name.rpartition(".")[2]
            note = f"`{short}` with `{flag}=True`" if flag else f"`{short}`"
            yield Evidence(False, call.at, note, scope=call.scope)
    for call, what in _sinks(project):
        if what != "a query" and _said(project, flow_of(project), call):
            found = True
            note = f"`{call.name}`, which is given an answer,"
            yield Evidence(False, call.at, note, scope=call.scope)
    if not found:
        yield Evidence(True, None, "nothing runs what a language model says")


def _said(project: Project, flow: Flow, call: Call) -> bool:
    """Whether text surely is the answer of a language model."""
    answers = project.groups["llm_call"]
    for start in _given(flow, call):
        stack, seen = [start], set[Node]()
        while stack and len(seen) < _FAR:
            here = stack.pop()
            if here in seen:
                continue
            seen.add(here)
            made = flow.graph.call(here.at)
            if made is not None and made.name in answers:
                return True
            cut_out = made is not None and flow.graph.method(here.at) in _CUT_OUT
            stack.extend(flow.graph.inputs(here) if cut_out else _onward(flow, here))
    return False
