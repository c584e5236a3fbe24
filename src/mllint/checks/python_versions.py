"""On which Python the project runs: whether that is stated, and whether the statements agree.

Knows specifiers of the Python version; a bare `3.10` stands for every 3.10.x.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.checks import elsewhere
from mllint.checks.manifests import folder_of, parts
from mllint.facts import Library, Place, Python
from mllint.project import arg
from mllint.regexes import regex
from mllint.review import Evidence, Related
from mllint.versions import admits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.project import Project

_ASKED = frozenset({"requires-python", "poetry", "pipfile", "setup.py", "setup.cfg"})
"""Sources that say which versions are admitted."""
_CHOSEN = frozenset(
    {".python-version", "runtime.txt", "docker", "conda", "pipfile", "devcontainer"}
)
"""Sources that say which one version is run."""
_TESTED = frozenset({"ci", "tox"})
"""Sources that name the versions on which the tests run, often several."""
_MENTION = regex(r"\bpython\s*(?:version)?\s*(?:>=|==|~=|[:=v])?\s*3\.\d+")
_TAGGED = regex(
    r":.*\bpy(?:thon)?-?3\.?\d{1,2}(?:\b|[-_])|:[\w.]*-py3\d{1,2}\b"
    r"|(?:^|/)python:3\.\d+|/python-3\d{1,2}\b|\bpython-3\.\d+|\.py3\d{1,2}\b"
)
_SETS_UP = regex(
    r"\bpython3\.\d+ -m (?:venv|virtualenv)\b"
    r"|\b(?:uv venv|virtualenv)\b.* (?:-p|--python)[ =]\S*3\.\d+\S*"
    r"|\b(?:conda|mamba|micromamba) create\b.* python=3\.\d+\S*"
    r"|\buv run\b.* (?:-p|--python)[ =]3\.\d+\S*|\b(?:uv python|pyenv) install 3\.\d+\S*"
)
_ASKING = frozenset({"python_version", "py_version"})
"""Keywords by which jobs and images are told a version of Python."""
_PACKERS = regex(r"metaflow\..*(?:pypi|conda)(?:_base)?")
_OURS = frozenset({"source", "template"})
_BARE = regex(r"\d+(?:\.\d+){0,2}")


def _rows(project: Project) -> list[Python]:
    return [
        row
        for row in project.rows("python")
        if row.spec
        and row.source != "notebook"
        and project.role(row.at.path) in {"source", "template"}
    ]


def not_stated(project: Project) -> Iterator[Evidence]:
    """Whether any file states the Python version in a form that a tool reads."""
    rows = sorted(_rows(project), key=lambda row: (row.at.path.count("/"), row.at))
    firm = next((row for row in rows if row.source in _ASKED | _CHOSEN), None)
    if firm is not None:
        yield Evidence(True, firm.at, f"`{firm.spec}` in `{firm.at.path}`")
        return
    if (found := _in_image(project) or _in_tool(project)) is not None:
        yield found
        return
    if rows:
        yield Evidence(False, None, f"only `{rows[0].at.path}` names `{rows[0].spec}`", 0.5)
        return
    for call in project.calls_by_name.get("nox.session", ()):
        asked = arg(call, "python")
        if asked is not None and asked.const and isinstance(asked.const, (str, list)):
            named = (
                asked.const if isinstance(asked.const, str) else ", ".join(map(str, asked.const))
            )
            yield Evidence(False, None, f"only `{call.at.path}` names `{named}`", 0.5)
            return
    for prose in project.rows("prose"):
        if (seen := _MENTION.search(prose.text)) and project.role(prose.at.path) == "source":
            note = f"only the text of `{prose.at.path}` says `{seen[0]}`"
            yield Evidence(False, None, note, 0.5)
            return
    yield Evidence(False, None, "no file names one")


def _in_image(project: Project) -> Evidence | None:
    """An image whose tag names the Python that it holds: `ray:2.9.0-py310`."""
    named = [
        (row.at, str(row.value))
        for row in project.rows("setting")
        if row.key.rpartition(".")[2].lower().endswith(("image", "image_uri"))
        and isinstance(row.value, str)
    ]
    named += [(row.at, f"{row.name}:{row.tag}") for row in project.rows("image")]
    for at, text in named:
        if _TAGGED.search(text) and project.role(at.path) in {"source", "template"}:
            return Evidence(True, at, f"the image `{text}` in `{at.path}`")
    return None


def _in_tool(project: Project) -> Evidence | None:
    """A target that sets up an environment, a Nix file or nbdev, where it names a version."""
    for target in project.rows("target"):
        for command in target.commands:
            if (seen := _SETS_UP.search(command)) and project.role(target.at.path) in _OURS:
                return Evidence(True, target.at, f"`{seen[0]}` in `{target.at.path}`")
    for row in project.rows("setting"):
        if row.at.path == "settings.ini" and row.key == "DEFAULT.min_python" and row.value:
            return Evidence(True, row.at, f"`{row.value}` in `settings.ini`")
    for row in project.rows("docker"):
        found = _SETS_UP.search(row.value) if row.word == "RUN" else None
        if found and project.role(row.at.path) in _OURS:
            return Evidence(True, row.at, f"`{found[0]}` in `{row.at.path}`")
    if (sign := elsewhere.seen(project, elsewhere.PYTHON)) is not None:
        return Evidence(True, Place(sign[0]), f"`{sign[1]}` in `{sign[0]}`")
    return _in_call(project)


def _in_call(project: Project) -> Evidence | None:
    """A job, an image or a script that is told its version in the code."""
    for row in project.rows("setting"):
        if row.key == "script.requires-python" and project.role(row.at.path) in _OURS:
            return Evidence(True, row.at, f"`{row.value}` in `{row.at.path}`")
    for name, calls in project.calls_by_name.items():
        for call in calls:
            for one in call.args:
                text = one.const if isinstance(one.const, str) else ""
                packed = one.key == "python" and _PACKERS.match(name)
                told = one.key in _ASKING or packed or _TAGGED.search(text)
                if text and told and project.role(call.at.path) in _OURS:
                    return Evidence(True, call.at, f"`{text}` in `{call.at.path}`")
    return None


def contradict(project: Project) -> Iterator[Evidence]:
    """Chosen versions of Python, judged by whether what the project asks for admits them."""
    rows = _rows(project)
    asked = [row for row in rows if row.source in _ASKED and _understood(row)]
    chosen = [r for r in rows if r.source in _CHOSEN | _TESTED and _BARE.fullmatch(r.spec)]
    homes = [part.folder for part in parts(project) if part.dependencies]
    for row in chosen:
        over = _nearest(asked, row, homes)
        if over is None or over.at == row.at:
            continue
        fits = admits(Library("python", "", _range(row.spec), declared=True), _range(over.spec))
        if fits is False:
            yield _against(row, over)
        elif fits:
            yield Evidence(
                True, row.at, f"`{row.spec}` is within `{over.spec}` of `{over.at.path}`"
            )
    if not asked:
        yield from _among(chosen)


def notebooks_fit(project: Project) -> Iterator[Evidence]:
    """Notebooks, judged by whether the Python that ran them is one that the project asks for."""
    asked = [row for row in _rows(project) if row.source in _ASKED and _understood(row)]
    homes = [part.folder for part in parts(project) if part.dependencies]
    for row in project.rows("python"):
        ran = row.source == "notebook" and _BARE.fullmatch(row.spec)
        if not ran or project.role(row.at.path) not in {"source", "example", "docs"}:
            continue
        over = _nearest(asked, row, homes)
        if over is None:
            continue
        short = ".".join(row.spec.split(".")[:2])
        fits = admits(Library("python", "", _range(short), declared=True), _range(over.spec))
        note = f"run with Python {short}, and `{over.at.path}` asks for `{over.spec}`"
        if fits is not None:
            related = (Related(over.at, f"asks for `{over.spec}`"),)
            yield Evidence(fits, row.at, note, related=related if not fits else ())


def _understood(row: Python) -> bool:
    return "||" not in row.spec and any(c.isdigit() for c in row.spec)


def _against(row: Python, over: Python) -> Evidence:
    note = f"Python `{row.spec}`, and `{over.at.path}` asks for `{over.spec}`"
    return Evidence(False, row.at, note, related=(Related(over.at, f"asks for `{over.spec}`"),))


def _range(spec: str) -> str:
    """A bare version as the releases that it stands for, those before them left out."""
    if not _BARE.fullmatch(spec):
        return spec
    return f"=={spec}" if spec.count(".") == 2 else f"~={spec}.0"


def _same(one: str, other: str) -> bool | None:
    """Whether one of two versions is the other, or a release of it."""
    ways = [(one, other), (other, one)]
    said = {admits(Library("python", "", _range(a), declared=True), _range(b)) for a, b in ways}
    return True if True in said else False if False in said else None


def _nearest(asked: Sequence[Python], row: Python, homes: Sequence[str]) -> Python | None:
    """What the manifest that speaks for a file asks for; CI speaks for the whole repository."""
    if row.source == "ci":
        return asked[0] if len(asked) == 1 and not folder_of(asked[0].at.path) else None
    folder = f"{row.at.path.rpartition('/')[0]}/"
    holding = [home for home in homes if not home or folder.startswith(f"{home}/")]
    home = max(holding, key=len, default="")
    return next((a for a in asked if folder_of(a.at.path) == home), None)


def _among(chosen: Sequence[Python]) -> Iterator[Evidence]:
    """The versions that one folder chooses, judged by whether they are one."""
    by_folder: dict[str, list[Python]] = {}
    for row in chosen:
        if row.source not in _TESTED:
            by_folder.setdefault(folder_of(row.at.path), []).append(row)
    for rows in by_folder.values():
        first, *others = sorted(rows, key=lambda row: (row.source == "docker", row.at))
        for row in others:
            if row.source == first.source:
                continue
            same = _same(row.spec, first.spec)
            if same is False:
                note = f"Python `{row.spec}`, and `{first.at.path}` says `{first.spec}`"
                yield Evidence(
                    False, row.at, note, related=(Related(first.at, f"says `{first.spec}`"),)
                )
            elif same:
                yield Evidence(True, row.at, f"`{row.spec}`, as in `{first.at.path}`")
