"""What git tracks that it should not: data, models, big files, and what tools generate.

Knows sizes, kinds and roles of files; the content of none. A Git LFS pointer is not a big file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mllint.facts import File, Place
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mllint.project import Project

_FIXTURES = frozenset({"test", "docs", "example", "template"})
"""Roles whose small files are samples and fixtures."""
_NOT_OURS = frozenset({"vendored", "generated"})
_IN_DATA = regex(
    r"(?:^|/)(?:data|datasets?|raw|inputs?|corpus|corpora|train(?:ing)?|val(?:idation)?|images)/",
    re.IGNORECASE,
)
_SHOWN = regex(
    r"(?:^|/)(?:_?static|assets?|figures?|figs?|imgs?|images?|media|docs?|pictures?|screenshots?"
    r"|plots?|readme\w*|public|icons?|reports?|results?|outputs?)/",
    re.IGNORECASE,
)
"""Folders of pictures that illustrate."""
_LOCK = regex(r"(?:^|[-_.])lock[-_.]|package-lock|\.baseline$|\.lock$", re.IGNORECASE)
_MB = 1_000_000
_MANY_PICTURES = 200

_GENERATED: Mapping[str, tuple[str, str]] = {
    "`__pycache__`": ("bytecode of Python", r"(?:^|/)__pycache__/|\.py[co]$"),
    "`.ipynb_checkpoints`": ("copies that Jupyter makes", r"(?:^|/)\.ipynb_checkpoints/"),
    "a virtual environment": (
        "installed packages",
        r"(?:^|/)(?:\.?venv|env)/(?:bin|lib|Scripts|pyvenv\.cfg)|(?:^|/)site-packages/",
    ),
    "`*.egg-info`": ("metadata of an installation", r"(?:^|/)[^/]+\.egg-info/"),
    "a tool's cache": (
        "what a tool remembers",
        r"(?:^|/)\.(?:pytest_cache|mypy_cache|ruff_cache|hypothesis|dvc/cache|dvc/tmp)/",
    ),
    "`.coverage`": ("measurements of a test run", r"(?:^|/)(?:\.coverage|htmlcov/.*)$"),
    "`.DS_Store`": (
        "a file of the desktop",
        r"(?:^|/)(?:\.DS_Store|Thumbs\.db|desktop\.ini)$",
    ),
}


def _tracked(project: Project) -> list[File]:
    """The files that git tracks as they are: no links, no pointers of Git LFS."""
    return [f for f in project.rows("file") if f.tracked and not f.link and not f.lfs]


def _mb(size: int) -> str:
    if size < _MB / 10:
        return f"{max(1, round(size / 1000))} kB" if size else "0 kB"
    return f"{size / _MB:.1f} MB" if size < 100 * _MB else f"{size / _MB:.0f} MB"


class _Pile(NamedTuple):
    """Files of one folder."""

    folder: str
    files: Sequence[File]

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(f.size for f in self.files)

    def bad(self) -> Evidence:
        """The finding, shown at the biggest file."""
        top = max(self.files, key=lambda f: (f.size, f.at.path))
        note = f"`{top.at.path}` ({_mb(top.size)})"
        if len(self.files) > 1:
            where = f"`{self.folder}`" if self.folder else "the same folder"
            note += f" and {len(self.files) - 1} more of {where}, {_mb(self.size)} in all"
        return Evidence(False, Place(top.at.path), note, fields={"size": _mb(self.size)})


def _piles(files: Sequence[File]) -> list[_Pile]:
    """The files by folder."""
    found: dict[str, list[File]] = {}
    for file in files:
        found.setdefault(file.at.path.rpartition("/")[0], []).append(file)
    return [_Pile(folder, found[folder]) for folder in sorted(found)]


def _judged(files: Sequence[File], max_mb: float, noun: str) -> Iterator[Evidence]:
    """A finding for each folder with big files; else what was looked at."""
    big = [f for f in files if f.size > max_mb * _MB]
    for pile in _piles(big):
        yield pile.bad()
    unknown = _unknown(files)
    if unknown and not big:
        yield unknown
    elif not big:
        total = sum(f.size for f in files)
        many = f"{len(files)} tracked {noun} file{'s' if len(files) != 1 else ''}"
        few = f"{many}, {_mb(total)} in all, none over {max_mb} MB"
        yield Evidence(True, None, few if files else f"git tracks no {noun} file")


def _unknown(files: Sequence[File]) -> Evidence | None:
    """Undecided evidence where git has no copy of some file here, as in a partial clone."""
    path = next((f.at.path for f in files if f.size < 0), "")
    return Evidence(None, Place(path), f"how big `{path}` is cannot be told here") if path else None


def data_in_git(project: Project, *, max_mb: int = 5, max_total_mb: int = 50) -> Iterator[Evidence]:
    """Data files that git tracks, judged by their size, alone and together."""
    data = [project.sized(f) for f in _tracked(project) if _is_data(project, f)]
    big = [f for f in data if f.size > max_mb * _MB]
    rest = [f for f in data if f.size <= max_mb * _MB and project.role(f.at.path) not in _FIXTURES]
    total = sum(f.size for f in rest)
    pictures = [
        p
        for p in _piles([f for f in rest if f.kind in {"image", "media"}])
        if len(p.files) > _MANY_PICTURES
    ]
    if total > max_total_mb * _MB:
        biggest = max(_piles(rest), key=lambda pile: pile.size)
        yield biggest.bad()
    elif pictures:
        for pile in pictures:
            yield pile.bad()
    elif not big:
        yield from _judged(data, max_mb, "data")
    for pile in _piles(big):
        yield pile.bad()


def _is_data(project: Project, file: File) -> bool:
    """Whether a file is data that somebody trains on or computes with."""
    path = file.at.path
    if project.role(path) in _NOT_OURS:
        return False
    if file.kind == "data":
        return not _LOCK.search(path.rpartition("/")[2])
    if file.kind in {"image", "media"}:
        return (
            bool(_IN_DATA.search(path))
            and not _SHOWN.search(path)
            and file.ext not in {".svg", ".ico"}
        )
    return file.kind == "archive" and bool(_IN_DATA.search(path))


def model_in_git(project: Project, *, max_mb: int = 1) -> Iterator[Evidence]:
    """Model files that git tracks, judged by their size."""
    models = [
        project.sized(f)
        for f in _tracked(project)
        if f.kind == "model" and project.role(f.at.path) not in _NOT_OURS
    ]
    yield from _judged(models, max_mb, "model")


def large_file(project: Project, *, max_mb: int = 10) -> Iterator[Evidence]:
    """Other files that git tracks, judged by their size."""
    others = [
        project.sized(f)
        for f in _tracked(project)
        if f.kind != "model" and not _is_data(project, f) and project.role(f.at.path) != "generated"
    ]
    big = [f for f in others if f.size > max_mb * _MB]
    for pile in _piles(big):
        yield pile.bad()
    unknown = _unknown(others)
    if unknown and not big:
        yield unknown
    elif others and not big:
        top = max(others, key=lambda f: (f.size, f.at.path))
        yield Evidence(
            True,
            None,
            f"the largest file besides data and models, `{top.at.path}`, has {_mb(top.size)}",
        )


def generated_in_git(project: Project) -> Iterator[Evidence]:
    """Kinds of generated files of which git tracks any."""
    tracked = [f for f in project.rows("file") if f.tracked]
    clean = True
    for name, (what, text) in _GENERATED.items():
        pattern = re.compile(text)
        found = [f for f in tracked if pattern.search(f.at.path)]
        if found:
            clean = False
            first = found[0].at.path
            more = f" and {len(found) - 1} more" if len(found) > 1 else ""
            note = f"`{first}`{more} ({what})"
            yield Evidence(False, Place(first), note, fields={"name": name})
    if tracked and clean:
        yield Evidence(True, None, f"none of {len(tracked)} tracked files is generated")


_EXECUTABLES = {
    ".exe": "a program for Windows", ".msi": "an installer", ".dll": "a compiled library",
    ".so": "a compiled library", ".dylib": "a compiled library", ".pyd": "a compiled library",
    ".o": "compiled code", ".a": "a compiled library", ".jar": "compiled Java",
    ".class": "compiled Java", ".war": "compiled Java", ".whl": "a built package",
    ".egg": "a built package", ".deb": "a built package", ".rpm": "a built package",
    ".dmg": "an installer", ".apk": "a built application",
}  # fmt: skip
_WRAPPER = "gradle-wrapper.jar"
"""The one binary that builds of Java cannot do without."""


def binary_in_git(project: Project) -> Iterator[Evidence]:
    """Executables, compiled libraries and built packages that git tracks."""
    tracked = [f for f in project.rows("file") if f.tracked]
    binaries = [
        f
        for f in tracked
        if f.ext in _EXECUTABLES
        and f.size
        and project.role(f.at.path) not in {"test", "generated"}
        and not f.at.path.endswith(_WRAPPER)
    ]
    for pile in _piles(binaries):
        first = pile.files[0]
        more = f" and {len(pile.files) - 1} more beside it" if len(pile.files) > 1 else ""
        note = f"`{first.at.path}` ({_EXECUTABLES[first.ext]}){more}"
        yield Evidence(False, Place(first.at.path), note)
    if tracked and not binaries:
        yield Evidence(True, None, f"none of {len(tracked)} tracked files is compiled")
