"""Whether the commands of a README run files that are there.

Knows runners, changes of folder and placeholders; runs nothing. A file that a command fetches or
makes first is nobody's fault.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from mllint.checks.written import text_of
from mllint.facts import Place
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mllint.facts import Fence
    from mllint.project import Project

_SHELL = frozenset(
    {
        "",
        "bash",
        "sh",
        "shell",
        "console",
        "zsh",
        "shell-session",
        "terminal",
        "text",
        "cmd",
        "powershell",
    }
)
_PROMPT = regex(r"^\s*(?:\([\w.-]+\)\s*)?(?:[\w@:~-]*[$>%#]\s+)?")
_RUNS = regex(
    r"(?:^|\s)(?:python[\d.]*|bash|sh|torchrun|streamlit\s+run|accelerate\s+launch|papermill"
    r"|jupyter[\s-]\w+|uv\s+run|poetry\s+run)\s+(?:-{1,2}[\w-]+(?:[=\s]\d+)?\s+)*"
    r"(?:python[\d.]*\s+)?(?P<file>[\w./\\-]+\.(?:py|sh|ipynb))(?=\s|$)"
    r"|(?:^|\s)(?P<own>\./[\w./-]+\.(?:sh|py))(?=\s|$)"
    r"|\bpip3?\s+install\s+(?:\S+\s+)*?-r\s*(?P<list>[\w./\\-]+\.txt)(?=\s|$)"
    r"|\b(?:conda|mamba|micromamba)\s+(?:env\s+)?create\s+(?:\S+\s+)*?(?:-f|--file)[\s=]"
    r"(?P<env>[\w./\\-]+\.ya?ml)(?=\s|$)"
)
_PLACEHOLDER = regex(
    r"path[/_-]to|\byour|\bmy[_-]|/x+\.|^x+\.|some[_-]|script\.py$|\bexample\.py$"
    r"|file(?:name)?\.py$|\.\.\.",
    re.IGNORECASE,
)
_CHANGES = regex(r"^cd\s+(?P<to>\S+)\s*$")
_CLONES = regex(r"\bgit\s+clone\b")
_FETCHES = regex(
    r"\bgit\s+(?:clone|submodule)\b|\bsvn\s+(?:co|checkout)\b|\bcookiecutter\b"
    r"|\bkedro\s+new\b|\bdvc\s+get\b"
)


class _Run(NamedTuple):
    """A file that a README says to run or install from."""

    at: Place
    file: str
    command: str
    base: str
    """The folder that the command runs in, as far as the README tells."""
    sure: bool
    """Whether that folder is known."""


def dead_commands(project: Project) -> Iterator[Evidence]:
    """Files that the commands of READMEs name, judged by whether the tree has them."""
    paths = [row.at.path for row in project.rows("file")]
    ends = {path.rpartition("/")[2] for path in paths}
    linked = _submodules(project)
    for fence in project.rows("fence"):
        if not _is_shell(project, fence):
            continue
        document = project.by_path[fence.at.path]
        fetched = document.get("fence", ())
        here = not _about_others(document)
        for run in _runs(fence, paths):
            name = run.file.rpartition("/")[2]
            fitting = [p for p in paths if f"/{p}".endswith(f"/{run.file}")] if name in ends else []
            if not {posixpath.join(run.base, run.file), run.file}.isdisjoint(fitting):
                yield Evidence(True, run.at, f"`{run.file}` is there")
            elif fitting:
                yield Evidence(None, run.at, f"`{run.file}` may be `{fitting[0]}`")
            elif not (run.sure and here) or run.file.startswith(linked) or _fetched(name, fetched):
                yield Evidence(None, run.at, f"`{run.file}` may come from elsewhere")
            else:
                fields = {"file": run.file, "command": run.command}
                yield Evidence(False, run.at, f"`{run.file}`", fields=fields)


def _is_shell(project: Project, fence: Fence) -> bool:
    path = fence.at.path
    name = path.rpartition("/")[2].lower()
    return (
        fence.language.lower() in _SHELL
        and name.startswith("readme.")
        and project.role(path) == "source"
    )


def _about_others(document: Mapping[str, Sequence[Any]]) -> bool:
    """Whether a document has its reader work in another repository too: it clones one.

    The README of the root clones its own repository; a second clone, or one below, is another's.
    """
    clones = sum(len(_CLONES.findall(fence.text)) for fence in document.get("fence", ()))
    below = any("/" in prose.at.path for prose in document.get("prose", ()))
    spoken = any(" clon" in f" {prose.text}" for prose in document.get("prose", ()))
    return (below and (spoken or clones > 0)) or clones > 1


def _submodules(project: Project) -> tuple[str, ...]:
    """The folders that git fetches from other repositories."""
    if not any(row.at.path == ".gitmodules" for row in project.rows("file")):
        return ()
    text = text_of(project, ".gitmodules")
    return tuple(f"{path}/" for path in re.findall(r"^\s*path\s*=\s*(\S+)", text, re.MULTILINE))


def _fetched(name: str, fences: Iterable[Fence]) -> bool:
    """Whether a command of the same document downloads or makes a file of this name."""
    made = re.compile(
        rf"(?:https?://\S*|>\s*|-[oO]\s*|(?:curl|wget|cp|mv|touch)\s.*){re.escape(name)}"
    )
    return any(made.search(fence.text) for fence in fences)


def _runs(fence: Fence, paths: list[str]) -> Iterator[_Run]:
    """The files that the commands of a code block run, from where they run."""
    sure, base = True, posixpath.dirname(fence.at.path)
    for number, line in enumerate(fence.text.split("\n"), start=1):
        for part in re.split(r"&&|;|\|\|?", _PROMPT.sub("", line).partition(" #")[0]):
            command = part.strip()
            if _FETCHES.search(command):
                sure = False
            elif moved := _CHANGES.match(command):
                base, sure = _moved(base, moved["to"], paths, sure=sure)
            for found in _RUNS.finditer(command):
                file = next(text for text in found.groups() if text).replace("\\", "/")
                if not _PLACEHOLDER.search(file) and not file.startswith(("/", "~", "..")):
                    at = Place(fence.at.path, fence.at.line + number)
                    yield _Run(at, file.removeprefix("./"), command, base, sure)


def _moved(base: str, to: str, paths: list[str], *, sure: bool) -> tuple[str, bool]:
    """The folder after `cd`, and whether it is known: one of the tree's own."""
    if to in {"..", "../", "-", "~"} or to.startswith(("/", "$", "<", "~")):
        return "", sure and to in {"..", "../"}
    folder = posixpath.normpath(posixpath.join(base, to))
    known = any(f"/{path}".find(f"/{to.strip('./')}/") >= 0 for path in paths)
    return folder, sure and known
