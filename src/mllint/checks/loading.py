"""What is unpickled and run, and from where."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from mllint.checks.injection import brought
from mllint.flow import flow_of
from mllint.names import Names
from mllint.project import arg, unpacks
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Arg, Call
    from mllint.project import Project

_OURS = frozenset({"source", "template", "example"})
_DOWNLOADS = re.compile(
    r"(?:requests|httpx|urllib\.request|urllib2|aiohttp|wget|gdown)\."
    r"|huggingface_hub\.(?:\w+\.)*hf_hub_download\b|(?:tensorflow\.)?keras\.utils\.get_file\b"
)
_NAMED = ("pretrained_model_name_or_path", "path", "repo_id", "model")
_REMOTE = re.compile(r"(?:https?|ftp)://")
_STREAMS = re.compile(r"(?:io\.(?:BytesIO|BufferedReader)|(?:gzip|zlib|bz2|lzma)\.decompress)\(\)$")
_LOCAL = re.compile(r"(?:io\.|gzip\.|bz2\.|lzma\.)?open\(\)|os\.path\.|pathlib\.|pickle\.dumps")


def remote_pickle(project: Project) -> Iterator[Evidence]:
    """Calls that unpickle, judged by whether their input surely comes over the network."""
    for call in chain(project.calls("unpickle"), _whole_checkpoints(project)):
        source = next((a for a in call.args if a.key in {"0", "f", "file", "filename"}), None)
        if project.role(call.at.path) not in _OURS or source is None:
            continue
        asked = brought(flow_of(project), call)
        source = _held(project, call, source)
        fields = {"short": call.name}
        if asked is not None:
            related = (Related(asked, "a request brings it here"),)
            yield Evidence(False, call.at, f"`{call.name}`", fields=fields, related=related)
        elif _from_network(project, call, source):
            yield Evidence(False, call.at, f"`{call.name}`", fields=fields)
        elif source.known or _LOCAL.match(source.name):
            yield Evidence(True, call.at, f"`{call.name}` of a local file")
        else:
            note = f"`{call.name}`: where its input comes from is not known"
            yield Evidence(None, call.at, note)


def _held(project: Project, call: Call, source: Arg) -> Arg:
    """What a stream in memory or a decompression was made of; the input itself otherwise."""
    graph = project.graph
    at = graph.of(call.at.path, source.value) if graph is not None else -1
    if graph is None or at < 0 or not _STREAMS.match(source.name):
        return source
    inner = next((k for k in graph.made_from(at)[1:] if k >= 0), -1)
    return source if inner < 0 else source._replace(name=graph.value(inner).name, value=-1)


def _whole_checkpoints(project: Project) -> Iterator[Call]:
    """Loads of PyTorch that are told to unpickle whatever the file holds."""
    for call in project.calls_by_name.get("torch.load", ()):
        only = arg(call, "weights_only")
        if only is not None and only.known and only.const is False:
            yield call


def _from_network(project: Project, call: Call, source: Arg) -> bool:
    """Whether an input is a URL, or what a download returned; a pinned revision is no download."""
    if isinstance(source.const, str) and _REMOTE.match(source.const):
        return True
    if not _DOWNLOADS.match(source.name):
        return False
    if project.graph is None or source.value < 0:
        return True
    made = project.graph.call(project.graph.of(call.at.path, source.value))
    return made is None or arg(made, "revision") is None


def remote_code(project: Project) -> Iterator[Evidence]:
    """Calls that trust code from a hub, judged by whether they name its revision."""
    for call in project.calls_with("trust_remote_code"):
        trusts = arg(call, "trust_remote_code")
        if trusts is None or not (trusts.known and trusts.const is True):
            continue
        what = next((a.const for a in call.args if a.key in {"0", *_NAMED}), None)
        if project.role(call.at.path) not in _OURS or _is_local(what):
            continue
        short = call.name.rpartition(".")[2]
        pinned = arg(call, "revision") or arg(call, "code_revision")
        ok = True if pinned is not None else None if unpacks(call) else False
        yield Evidence(ok, call.at, f"`{short}`", fields={"short": short}, scope=call.scope)


def _is_local(name: object) -> bool:
    return isinstance(name, str) and name.startswith(("/", "./", "../", "~"))


_PICKLED = re.compile(r"\.(?:pkl|pickle|joblib|pt|pth|ckpt|bin|tar)(?:\?.*)?$", re.IGNORECASE)
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
    yield Evidence(False, taken.at, f"`{short}` loads a pickled model of others", scope=taken.scope)


def _taken(project: Project) -> Iterator[Call]:
    """Calls that fetch a model which runs code when it is loaded."""
    for name in _FETCHES:
        for call in project.calls_by_name.get(name, ()):
            only = arg(call, "weights_only")
            if project.role(call.at.path) == "source" and not (only and only.const is True):
                yield call
    for call in project.rows("call"):
        if not call.name.startswith("huggingface_hub.") or not call.name.endswith(
            "hf_hub_download"
        ):
            continue
        what = arg(call, "filename", 1)
        pickled = what is not None and what.known and _PICKLED.search(str(what.const))
        if pickled and project.role(call.at.path) == "source":
            yield call


_CLIENTS = Names(("requests.*", "httpx.*", "urllib3.PoolManager", "aiohttp.*"))
_ASKING = frozenset({"get", "post", "put", "patch", "delete", "head", "request", "stream",
                     "Session", "Client", "AsyncClient", "PoolManager"})  # fmt: skip
_CONTEXT = re.compile(r"^ssl\._create_default_https_context$")
_FOR_ALL = ("ssl._create_unverified_context", "ssl._create_stdlib_context")


def unchecked(project: Project) -> Iterator[Evidence]:
    """Downloads, judged by whether they check the certificate of the server."""
    for name, calls in project.calls_by_name.items():
        asks = name in _CLIENTS and name.rpartition(".")[2] in _ASKING
        for call in calls if asks else ():
            given = arg(call, "verify") or arg(call, "verify_ssl") or arg(call, "ssl")
            off = given is not None and given.known and given.const is False
            if project.role(call.at.path) in _OURS:
                note = f"`{name.rpartition('.')[2]}` does not check" if off else f"`{name}` checks"
                yield Evidence(not off, call.at, f"{note} the certificate", scope=call.scope)
    for row in project.assigned(_CONTEXT):
        if row.name in _FOR_ALL and project.role(row.at.path) in _OURS:
            note = "The program checks no certificate of any server"
            yield Evidence(False, row.at, note, scope=row.scope)
