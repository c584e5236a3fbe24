"""What is unpickled and run, and from where."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from mllint.checks.injection import brought
from mllint.checks.pretrained import uploaded
from mllint.flow import Node, flow_of
from mllint.names import Names
from mllint.project import arg, unpacks
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Arg, Call
    from mllint.project import Project

_OURS = frozenset({"source", "template", "example"})
_DOWNLOADS = regex(
    r"(?:requests|httpx|urllib\.request|urllib2|aiohttp|wget|gdown)\."
    r"|huggingface_hub\.(?:\w+\.)*hf_hub_download\b|(?:tensorflow\.)?keras\.utils\.get_file\b"
)
_TO_FILES = {
    "urllib.request.urlretrieve": ("1", "filename"),
    "wget.download": ("1", "out"),
    "gdown.download": ("1", "output"),
}
"""Calls that download into a file, with the argument that names it."""
_TOLD = (("torch.load", "weights_only", False), ("numpy.load", "allow_pickle", True))
_NAMED = ("pretrained_model_name_or_path", "path", "repo_id", "model")
_REMOTE = regex(r"(?:https?|ftp)://")
_STREAMS = regex(r"(?:io\.(?:BytesIO|BufferedReader)|(?:gzip|zlib|bz2|lzma)\.decompress)\(\)$")
_READS = frozenset({"read", "getvalue", "getbuffer"})
_WHOLE = frozenset({"name", "merge", "param", "attr"})
"""Values that are what they were made from, or a part of it."""
_FAR = 40
"""Values that are looked back upon."""
_LOCAL = regex(r"(?:io\.|gzip\.|bz2\.|lzma\.)?open\(\)|os\.path\.|pathlib\.|pickle\.dumps")


def remote_pickle(project: Project) -> Iterator[Evidence]:
    """Calls that unpickle, judged by whether their input surely comes over the network.

    Where the file works out hashes, they may have been compared before.
    """
    compared = {row.at.path for row in project.rows("import") if row.root == "hashlib"}
    for call in chain(project.calls("unpickle"), _told_to_unpickle(project)):
        source = next((a for a in call.args if a.key in {"0", "f", "file", "filename"}), None)
        if project.role(call.at.path) not in _OURS or source is None:
            continue
        asked = brought(flow_of(project), call)
        fields = {"short": call.name}
        if asked is not None:
            related = (Related(asked, "a request brings it here"),)
            yield Evidence(False, call.at, f"`{call.name}`", fields=fields, related=related)
        elif _from_network(project, call, source):
            ok = None if call.at.path in compared else False
            yield Evidence(ok, call.at, f"`{call.name}`", fields=fields)
        elif source.known or _LOCAL.match(source.name):
            yield Evidence(True, call.at, f"`{call.name}` of a local file")
        else:
            note = f"`{call.name}`: where its input comes from is not known"
            yield Evidence(None, call.at, note)


def _downloaded(project: Project, call: Call, source: Arg) -> bool:
    """Whether an input holds a download, as it came or through functions of the project."""
    graph = project.graph
    at = graph.of(call.at.path, source.value) if graph is not None else -1
    if graph is None or at < 0:
        return _DOWNLOADS.match(source.name) is not None
    stack, seen = [Node(at, way) for way in graph.entries(call.at.path, call.scope)], set[Node]()
    while stack and len(seen) < _FAR:
        here = stack.pop()
        if here in seen:
            continue
        seen.add(here)
        value, made = graph.value(here.at), graph.call(here.at)
        if _DOWNLOADS.match(value.name):
            if made is None or arg(made, "revision") is None:
                return True
            continue
        whole = value.op in _WHOLE or graph.returned(here) or graph.method(here.at) in _READS
        if whole or _STREAMS.match(value.name):
            stack.extend(graph.inputs(here))
    return False


def _told_to_unpickle(project: Project) -> Iterator[Call]:
    """Loads of PyTorch and NumPy that are told to unpickle whatever the file holds."""
    for name, key, told in _TOLD:
        for call in project.calls_by_name.get(name, ()):
            given = arg(call, key)
            if given is not None and given.known and given.const is told:
                yield call


def _from_network(project: Project, call: Call, source: Arg) -> bool:
    """Whether an input is a URL, or what a download returned; a pinned revision is no download."""
    url = isinstance(source.const, str) and _REMOTE.match(source.const)
    return bool(url) or _downloaded(project, call, source) or _fetched(project, call, source)


def _fetched(project: Project, call: Call, source: Arg) -> bool:
    """Whether the file that is read is one that the same function downloads."""
    for name, keys in _TO_FILES.items():
        for fetch in project.calls_by_name.get(name, ()):
            beside = (fetch.at.path, fetch.scope) == (call.at.path, call.scope)
            if not beside or fetch.order > call.order:
                continue
            to = next((a for a in fetch.args if a.key in keys), None)
            same = to is not None and (to.known, to.const, to.value, to.name) == (
                source.known, source.const, source.value, source.name
            )  # fmt: skip
            if same and (source.known or source.value >= 0):
                return True
    return False


_SERVED = (".from_mcp",)
"""Calls that trust the answers of a server that somebody runs: no hub has its code."""


def remote_code(project: Project) -> Iterator[Evidence]:
    """Calls that trust code from a hub, judged by whether they name its revision."""
    for call in project.calls_with("trust_remote_code"):
        trusts = arg(call, "trust_remote_code")
        if trusts is None or not (trusts.known and trusts.const is True):
            continue
        what = next((a.const for a in call.args if a.key in {"0", *_NAMED}), None)
        if project.role(call.at.path) not in _OURS or _is_local(what):
            continue
        if call.name.endswith(_SERVED):
            continue
        short = call.name.rpartition(".")[2]
        pinned = arg(call, "revision") or arg(call, "code_revision")
        ok = True if pinned is not None else None if unpacks(call) else False
        yield Evidence(ok, call.at, f"`{short}`", fields={"short": short}, scope=call.scope)


def _is_local(name: object) -> bool:
    return isinstance(name, str) and name.startswith(("/", "./", "../", "~"))


_PICKLED = regex(r"\.(?:pkl|pickle|joblib|pt|pth|ckpt|bin|tar)(?:\?.*)?$", re.IGNORECASE)
_FETCHES = ("torch.hub.load_state_dict_from_url", "torch.utils.model_zoo.load_url",
            "torchvision.models.utils.load_state_dict_from_url",
            "torchvision._internally_replaced_utils.load_state_dict_from_url")  # fmt: skip


def scanned(project: Project) -> Iterator[Evidence]:
    """Whether a scanner is run where pickled models of others are loaded."""
    taken = next(_taken(project), None)
    if taken is None:
        return
    tools = project.used_tools.get("model_scanning", ())
    used = next((tool for tool in tools if tool.grade == "used"), None)
    if used is not None:
        yield Evidence(True, used.at, f"{used.tool}: {used.note}")
        return
    short = taken.name.rpartition(".")[2]
    kept = arg(taken, "repo_type")
    what = "file" if kept is not None and kept.const == "dataset" else "model"
    note = f"`{short}` loads a pickled {what} of others"
    yield Evidence(False, taken.at, note, scope=taken.scope)


def _taken(project: Project) -> Iterator[Call]:
    """Calls that fetch a model which runs code when it is loaded."""
    for name in _FETCHES:
        for call in project.calls_by_name.get(name, ()):
            only = arg(call, "weights_only")
            if project.role(call.at.path) == "source" and not (only and only.const is True):
                yield call
    own = uploaded(project)
    for name in project.names.ending(("hf_hub_download",)):
        for call in project.calls_by_name[name] if name.startswith("huggingface_hub.") else ():
            what, source = arg(call, "filename", 1), arg(call, "repo_id", 0)
            pickled = what is not None and what.known and _PICKLED.search(str(what.const))
            others = source is None or not isinstance(source.const, str) or source.const not in own
            if pickled and others and project.role(call.at.path) == "source":
                yield call


_CLIENTS = Names(("requests.*", "httpx.*", "urllib3.PoolManager", "aiohttp.*"))
_ASKING = frozenset({"get", "post", "put", "patch", "delete", "head", "request", "stream",
                     "Session", "Client", "AsyncClient", "PoolManager"})  # fmt: skip
_CONTEXT = regex(r"^ssl\._create_default_https_context$")
_MODE = regex(r"\.verify_mode$")
_VERIFIES = regex(r"\.verify$")
_SESSIONS = ("requests.Session", "requests.session", "httpx.Client", "httpx.AsyncClient")
_FOR_ALL = ("ssl._create_unverified_context", "ssl._create_stdlib_context")


def _is_plain(call: Call) -> bool:
    """Whether a call asks an address without encryption, which has no certificate."""
    url = arg(call, "url", 0)
    return url is not None and isinstance(url.const, str) and url.const.startswith("http://")


def unchecked(project: Project) -> Iterator[Evidence]:
    """Downloads, judged by whether they check the certificate of the server."""
    for name, calls in project.calls_by_name.items():
        asks = name in _CLIENTS and name.rpartition(".")[2] in _ASKING
        for call in calls if asks else ():
            given = arg(call, "verify") or arg(call, "verify_ssl") or arg(call, "ssl")
            off = given is not None and given.known and given.const is False
            if project.role(call.at.path) not in _OURS or _is_plain(call):
                continue
            note = "does not check the certificate" if off else "leaves the check on"
            told = name.rpartition(".")[2] if off else name
            yield Evidence(not off, call.at, f"`{told}` {note}", scope=call.scope)
    asking = {c.at.path for name in _SESSIONS for c in project.calls_by_name.get(name, ())}
    for row in project.assigned(_VERIFIES) if asking else ():
        ours = row.at.path in asking and project.role(row.at.path) in _OURS
        if ours and row.known and row.const is False:
            note = "The session does not check the certificate"
            yield Evidence(False, row.at, note, scope=row.scope)
    for row in project.assigned(_MODE):
        if row.name == "ssl.CERT_NONE" and project.role(row.at.path) in _OURS:
            yield Evidence(False, row.at, "The context checks no certificate", scope=row.scope)
    for call in project.calls("unchecked_context"):
        if project.role(call.at.path) in _OURS:
            note = f"`{call.name}` makes a context that checks no certificate"
            yield Evidence(False, call.at, note, scope=call.scope)
    for row in project.assigned(_CONTEXT):
        if row.name in _FOR_ALL and project.role(row.at.path) in _OURS:
            note = "The program checks no certificate of any server"
            yield Evidence(False, row.at, note, scope=row.scope)
