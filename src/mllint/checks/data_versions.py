"""Whether anybody can tell which version of the data a model was trained on.

Knows where data are read from, what git and DVC keep, and tools that version; opens no data.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from mllint.checks.nature import training_calls
from mllint.project import arg
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mllint.facts import Call, File, Tool
    from mllint.project import Project

_OWN_DATA = (
    "sklearn.datasets.*", "datasets.load_dataset", "tensorflow_datasets.*", "seaborn.*",
    "ucimlrepo.*", "openml.*", "statsmodels.*", "kagglehub.*", "torchvision.datasets.MNIST",
    "torchvision.datasets.CIFAR10", "keras.utils.get_file", "pandas.read_sql*", "duckdb.sql",
    "pandas.read_html", "polars.read_database", "*.sql",
    "tensorflow.data.Dataset.from_tensor_slices",
)  # fmt: skip
_PROVIDED = regex("|".join(re.escape(one).replace(r"\*", ".*") for one in _OWN_DATA), re.DOTALL)
"""Calls whose data a library or a database keeps."""
_PATH_NAMES = (
    "filepath_or_buffer", "path_or_buf", "io", "path", "file", "root", "directory", "fname",
)  # fmt: skip
_RESULT = regex(
    r"result|metric|submission|\blog|history|score|pred|output|tmp|temp|cache", re.IGNORECASE
)
"""Names of files that a run writes rather than learns from."""
_OUTPUT = regex(r"(?:.*/)?(?:out|outputs?|results?|artifacts?|logs?|runs)/.*", re.IGNORECASE)
"""Paths in folders that runs write to."""
_LOCAL = ("csv", "json", "parquet", "text", "arrow", "imagefolder", "audiofolder")
"""What `load_dataset` is told where it reads files of the project's own."""
_WRITES = regex(
    r".*\.(?:to_(?:csv|parquet|pickle|feather|json|excel|hdf)|write_(?:csv|parquet)|savetxt|dump"
    r"|savez?)"
    r"|numpy\.savez?\w*|joblib\.dump"
)
_PATTERN = regex(r"[*?{\[%<]|path[/_ ]to|\byour\b", re.IGNORECASE)
"""What shows that a path is a pattern, or is to be replaced."""
_MODEL = regex(r"model|weights|checkpoint|ckpt|\.(?:pth?|onnx|keras|safetensors)$", re.IGNORECASE)
"""Names of what a training makes, not of what it reads."""
_SHOWN = 5


class _Read(NamedTuple):
    """A place where data are read."""

    call: Call
    path: str
    """"" where it is computed."""


def unversioned(project: Project) -> Iterator[Evidence]:
    """The data that the project reads, judged by whether anything fixes their version."""
    pointers = [p for p in project.rows("pointer") if project.role(p.at.path) == "source"]
    data = next((p for p in pointers if not _MODEL.search(p.path)), None)
    if data is not None:
        yield Evidence(True, data.at, f"DVC keeps `{data.path}`")
        return
    tools = project.used_tools.get("data_versioning", ())
    if pointers:
        tools = [tool for tool in tools if tool.tool != "DVC"]
    sure = next((t for t in tools if t.credit == 1 and not _of_models(t)), None)
    if sure is not None:
        yield Evidence(True, sure.at, sure.note)
        return
    written = _written(project)
    reads = [read for read in _reads(project) if read.path not in written]
    bad: list[_Read] = []
    for read in reads:
        one = _judged(project, read)
        if one.ok is False:
            bad.append(read)
        else:
            yield one
    if bad:
        learning = {call.at.path for call in training_calls(project)}
        yield _finding(sorted(bad, key=lambda read: read.call.at.path not in learning), tools)


def kept(project: Project) -> Iterator[Evidence]:
    """Whether anything in the repository fixes the version of the data that training reads.

    Also where paths are computed, or data come from elsewhere: what fixes a version is looked for.
    """
    reads = list(_reads(project))
    fetched = [c for c in project.calls("download") if project.role(c.at.path) == "source"]
    tools = project.used_tools.get("data_versioning", ())
    good = [
        Evidence(True, t.at, f"{t.tool}: {t.note}")
        for t in tools
        if t.credit == 1 and not _of_models(t)
    ]
    good += [one for read in reads if (one := _judged(project, read)).ok]
    pointers = [p for p in project.rows("pointer") if project.role(p.at.path) == "source"]
    good += [Evidence(True, p.at, f"DVC keeps `{p.path}`") for p in pointers]
    if good:
        yield from good
    elif reads or fetched:
        first = reads[0].call if reads else fetched[0]
        yield Evidence(False, first.at, "nothing fixes the version of what is read here")


def _of_models(tool: Tool) -> bool:
    """Whether what a tool is seen to keep is a model: a pointer of Git LFS."""
    return "pointer" in tool.note and _MODEL.search(tool.at.path) is not None


def _finding(bad: list[_Read], tools: Iterable[Tool]) -> Evidence:
    """One finding for the project, at the first place; a tool that is hardly used earns a part."""
    first = bad[0]
    others = [read for read in bad[1:] if not read.path or read.path != first.path]
    best = max(tools, key=lambda tool: tool.credit, default=None)
    note = f"`{first.path}`" + (f" and {len(others)} more" if others else "")
    if best is not None:
        note += f"; {best.tool}: {best.note}"
    related = tuple(Related(read.call.at, f"`{read.path}`") for read in others[:_SHOWN])
    credit = best.credit if best is not None else 0.0
    return Evidence(False, first.call.at, note, credit, related=related)


def _reads(project: Project) -> Iterator[_Read]:
    """Reads of data in the project's own code, those of results and of library data apart."""
    for call in project.calls("load"):
        own = project.role(call.at.path) == "source" and call.guard != "type"
        local = own and call.name == "datasets.load_dataset" and _reads_files(call)
        if not own or (_PROVIDED.fullmatch(call.name) and not local):
            continue
        names = ("data_files", "data_dir") if local else _PATH_NAMES
        found = next((one for key in names if (one := arg(call, key)) is not None), None)
        found = found or (None if local else arg(call, "0"))
        if found is None:
            continue
        path = found.const if found.known and isinstance(found.const, str) else ""
        if not (_RESULT.search(path.rpartition("/")[2]) or _OUTPUT.fullmatch(path)):
            yield _Read(call, path)


def _reads_files(call: Call) -> bool:
    """Whether `load_dataset` is told to read files, and not in a notebook that looks at them."""
    what = arg(call, "path", 0)
    return what is not None and what.const in _LOCAL and not call.at.path.endswith(".ipynb")


def _written(project: Project) -> frozenset[str]:
    """The paths that the project itself writes data to."""
    return frozenset(
        one.const
        for name, calls in project.calls_by_name.items()
        if _WRITES.fullmatch(name)
        for call in calls
        for one in call.args
        if one.known and isinstance(one.const, str)
    )


def _judged(project: Project, read: _Read) -> Evidence:
    """What is said about one read."""
    at, path = read.call.at, read.path
    if not path or _PATTERN.search(path):
        return Evidence(None, at, "the path of the file is computed")
    inner = _inside(path, at.path)
    if not inner:
        return Evidence(None, at, f"`{path}` lies outside the repository")
    pointed = next((p for p in _kept(project) if _same(p, inner)), None)
    if pointed is not None:
        return Evidence(True, at, f"DVC keeps `{pointed}`")
    files = project.rows("file")
    plain = _plain(inner)
    file = next((f for f in files if _same(f.at.path, inner)), None) or next(
        (f for f in files if _same(_plain(f.at.path), plain)), None
    )
    if file is None and project.routed(inner) is not None:
        return Evidence(True, at, f"Git LFS keeps `{inner}`")
    if file is None:
        return Evidence(False, at, f"`{path}`")
    return _of_file(file, read)


def _inside(path: str, script: str) -> str:
    """The path within the repository; "" for an address and for what lies outside."""
    if "://" in path or path.startswith(("/", "~")) or path[1:3] == ":\\":
        return ""
    if path.startswith(".."):
        path = posixpath.join(posixpath.dirname(script), path)
    inner = posixpath.normpath(path)
    return "" if inner.startswith("..") else inner


def _of_file(file: File, read: _Read) -> Evidence:
    at, path = read.call.at, file.at.path
    if file.tracked is None:
        return Evidence(None, at, f"whether git keeps `{path}` is not known")
    return Evidence(file.tracked, at, f"git keeps `{path}`" if file.tracked else f"`{read.path}`")


def _kept(project: Project) -> Iterator[str]:
    for pointer in project.rows("pointer"):
        yield pointer.path
    for stage in project.rows("stage"):
        yield from stage.outs


def _plain(path: str) -> str:
    """A path without what changes when a file is renamed in passing: case and kinds of dashes."""
    return re.sub(r"[-_ ]+", "_", path.lower())


def _same(known: str, asked: str) -> bool:
    """Whether a path of the repository is what a program reads, from wherever it is started."""
    return (
        f"/{known}".endswith(f"/{asked}")
        or f"/{known}/".find(f"/{asked}/") >= 0
        or (f"/{asked}/".find(f"/{known}/") >= 0)
    )
