"""Statements of dependencies that contradict each other: two managers, two variants, two versions.

A contradiction needs both sides in writing; what is stated once is never wrong here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from mllint.checks.manifests import Part, parts
from mllint.facts import Dependency, Library, Manager, Place
from mllint.review import Evidence, Related
from mllint.versions import admits

if TYPE_CHECKING:
    from mllint.project import Project

_BY_SOURCE = {
    "poetry": "Poetry", "pdm": "PDM", "pipfile": "Pipenv", "conda": "Conda", "requirements": "pip",
    "pyproject": "pyproject.toml", "setup.py": "setuptools", "setup.cfg": "setuptools",
}  # fmt: skip
_SAME_PACKAGE: Mapping[str, tuple[str, ...]] = {
    "tensorflow": ("tensorflow", "tensorflow-gpu", "tensorflow-cpu", "tf-nightly"),
    "cv2": (
        "opencv-python", "opencv-python-headless", "opencv-contrib-python",
        "opencv-contrib-python-headless",
    ),
    "faiss": ("faiss-cpu", "faiss-gpu"),
    "onnxruntime": ("onnxruntime", "onnxruntime-gpu"),
    "psycopg2": ("psycopg2", "psycopg2-binary"),
    "PIL": ("pillow", "pillow-simd"),
    "torch": ("torch", "pytorch"),
    "dotenv": ("dotenv", "python-dotenv"),
    "jwt": ("jwt", "pyjwt"),
    "pinecone": ("pinecone", "pinecone-client"),
    "cupy": ("cupy", "cupy-cuda11x", "cupy-cuda12x", "cupy-cuda13x"),
    "paddle": ("paddlepaddle", "paddlepaddle-gpu"),
    "tensorboard": ("tensorboard", "tb-nightly"),
    "xgboost": ("xgboost", "xgboost-cpu"),
    "Crypto": ("pycrypto", "pycryptodome"),
    "docx": ("docx", "python-docx"),
    "fitz": ("fitz", "pymupdf"),
    "magic": ("python-magic", "file-magic"),
}  # fmt: skip
"""Import root -> distributions that all install it, and so overwrite each other."""
_WRONG: Mapping[str, str] = {
    "sklearn": "PyPI's `sklearn` is a deprecated placeholder; the library is `scikit-learn`",
    "pil": "`PIL` has not been released since 2009; the library is `pillow`",
    "cv2": "there is no maintained `cv2` on PyPI; the library is `opencv-python`",
    "yaml": "there is no `yaml` on PyPI; the library is `pyyaml`",
    "skimage": "there is no maintained `skimage` on PyPI; the library is `scikit-image`",
    "pathlib": "PyPI's `pathlib` is older than the one that comes with Python, and hides it",
    "asyncio": "PyPI's `asyncio` is for Python 3.3, and hides the one that comes with Python",
    "enum34": "`enum34` is for Python 2, and hides the `enum` that comes with Python",
    "uuid": "PyPI's `uuid` is for Python 2, and hides the one that comes with Python",
    "pytorch": "PyPI's `pytorch` only raises an error; the library is `torch`",
}


def conflicting(project: Project) -> Iterator[Evidence]:
    """Lists of dependencies, judged by whether any two of them get in each other's way."""
    for part in parts(project):
        for path, rows in _together(part):
            wrong = [*_pairs(rows), *_placeholders(rows), *_repeated(rows)]
            yield from wrong
            if not wrong:
                yield Evidence(
                    True, Place(path), f"nothing in `{path}` contradicts anything else in it"
                )


def _together(part: Part) -> Iterator[tuple[str, Sequence[Dependency]]]:
    """What is installed together: the rows of a file that are in one group."""
    found: dict[tuple[str, str], list[Dependency]] = {}
    for row in part.stated:
        found.setdefault((row.at.path, _group(row)), []).append(row)
    for (path, _), rows in found.items():
        yield path, rows


def _group(row: Dependency) -> str:
    """The group of a row; what Conda and its pip install into one environment is one."""
    return "main" if row.group == "conda" else row.group


def _pairs(rows: Sequence[Dependency]) -> Iterator[Evidence]:
    by_name = {row.name: row for row in rows if not row.marker}
    for root, names in _SAME_PACKAGE.items():
        here = sorted((by_name[n] for n in names if n in by_name), key=lambda row: row.at.line)
        for first, second in pairwise(here):
            note = f"`{first.name}` and `{second.name}` both install the package `{root}`"
            yield Evidence(False, second.at, note, related=(Related(first.at, f"`{first.name}`"),))


def _placeholders(rows: Sequence[Dependency]) -> Iterator[Evidence]:
    for row in rows:
        why = _WRONG.get(row.name, "")
        conda = row.source == "conda" or (row.source == "pixi" and row.group != "main")
        if why and not row.url and not conda:
            yield Evidence(False, row.at, why)


def _repeated(rows: Sequence[Dependency]) -> Iterator[Evidence]:
    """The same distribution twice, with versions of which none satisfies both."""
    seen: dict[str, Dependency] = {}
    for row in rows:
        if row.marker or not row.spec:
            continue
        other = seen.setdefault(row.name, row)
        if other is not row and _disjoint(other, row):
            note = f"`{row.name}{other.spec}` and `{row.name}{row.spec}` cannot both hold"
            yield Evidence(
                False, row.at, note, related=(Related(other.at, f"`{row.name}{other.spec}`"),)
            )


def _disjoint(one: Dependency, other: Dependency) -> bool:
    """Whether no version satisfies both."""
    if not one.spec or not other.spec or one.url or other.url or one.marker or other.marker:
        return False
    return admits(Library(one.name, one.version, one.spec, declared=True), other.spec) is False


def two_managers(project: Project) -> Iterator[Evidence]:
    """Folders with dependencies, judged by whether two managers state different ones."""
    original = {v: name for name, found in project.variants.items() for v in found}
    for part in parts(project):
        locks = _locks(part)
        if len({m.name for m in locks}) > 1:
            first, second = locks[0], next(m for m in locks if m.name != locks[0].name)
            note = f"`{first.at.path}` of {first.name} and `{second.at.path}` of {second.name}"
            yield Evidence(
                False, second.at, note, related=(Related(first.at, "the other lock file"),)
            )
            continue
        lists = _main_lists(part)
        disagreements = (_disagree(a, b, original) for a, b in combinations(lists, 2))
        wrong = next(filter(None, disagreements), None)
        if wrong is not None:
            yield wrong
        elif lists:
            by = " and ".join(f"`{path}`" for path, _ in lists[:3])
            agree = "do not contradict each other" if lists[1:] else "states the dependencies"
            yield Evidence(True, Place(lists[0][0]), f"{by} {agree}")


def _locks(part: Part) -> list[Manager]:
    """The lock files that stand in the part's own folder."""
    wanted = {"uv", "poetry", "pdm", "pipenv", "pixi"}
    return [
        m
        for m in part.managers
        if m.role == "lock"
        and m.name in wanted
        and m.at.path.rpartition("/")[0] == part.folder
        and not m.at.path.endswith(".txt")
    ]


_List = tuple[str, Sequence[Dependency]]


def _main_lists(part: Part) -> list[_List]:
    """The main dependencies by manifest, for the manifests in the part's own folder."""
    found: dict[str, list[Dependency]] = {}
    for row in part.stated:
        own = row.at.path.rpartition("/")[0] == part.folder and not row.at.path.endswith(".in")
        if own and _group(row) == "main":
            found.setdefault(row.at.path, []).append(row)
    return [(path, rows) for path, rows in sorted(found.items()) if len(rows) > 1]


def _disagree(one: _List, other: _List, original: Mapping[str, str]) -> Evidence | None:
    """How two manifests of different managers contradict each other, if they do.

    `original` gives the distribution whose versions a variant such as Conda's `pytorch` shares.
    """
    (path, rows), (path2, rows2) = one, other
    if _manager(rows) == _manager(rows2):
        return None
    first = {original.get(row.name, row.name): row for row in rows}
    second = {original.get(row.name, row.name): row for row in rows2}
    for name in (name for name in first if name in second):
        if _disjoint(first[name], second[name]):
            a, b = first[name], second[name]
            note = f"`{name}` is `{a.spec}` in `{path}` and `{b.spec}` in `{path2}`"
            return Evidence(False, b.at, note, related=(Related(a.at, f"`{a.name}{a.spec}`"),))
    return None


def _manager(rows: Sequence[Dependency]) -> str:
    return _BY_SOURCE.get(rows[0].source, rows[0].source)
