"""What notebooks are called, install, and say beside their code; whether their cells parse."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.checks.manifests import apart, normal, parts
from mllint.checks.notebooks import cell_place, own_notebooks
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Notebook, Problem, Target
    from mllint.project import Project

_NAMELESS = regex(
    r"(?:untitled|new[ _-]?notebook|copy[ _]of[ _].*|notebook[0-9a-f]{10})(?:[ _-]?\(?\d+\)?)?"
    r"(?:[ _-]copy\d*)?"
    r"|kopie von .*|sans titre\d*|sem título\d*",
    re.IGNORECASE,
)
_INSTALL = regex(
    r"^(?:sudo )?(?:python3? -m )?(?:pip3?|uv pip|conda|mamba)\s+(?:-\S+\s+)*install\b(.*)$"
)
_REQUIREMENT = regex(r"([A-Za-z][\w.-]*)(\[[^\]]*\])?(.*)", re.DOTALL)
_VALUED = frozenset(
    {"-r", "-c", "-e", "-i", "-f", "-n", "-t", "--index-url", "--extra-index-url", "--find-links",
     "--channel", "--name", "--file", "--requirement", "--constraint", "--editable", "--target",
     "--trusted-host", "--root", "--prefix", "--log"}
)  # fmt: skip
_TAKES_NEXT = regex(r"-[A-Za-z]+[rcefi]")
"""Short flags written together, of which the last takes the next word: `-qr`."""


def named(project: Project) -> Iterator[Evidence]:
    """Notebooks, judged by whether their names say anything."""
    for row in own_notebooks(project):
        name = row.at.path.rpartition("/")[2]
        good = _NAMELESS.fullmatch(name.removesuffix(".ipynb")) is None
        yield Evidence(good, row.at, f"`{name}`", fields={"name": name})


def told(project: Project, *, min_cells: int) -> Iterator[Evidence]:
    """Notebooks of more than a few cells, judged by whether any text stands between them."""
    for row in own_notebooks(project):
        code = row.code_cells - row.empty_cells
        if code >= min_cells:
            note = f"{code} cells of code, {row.markdown_cells or 'no'} of text"
            yield Evidence(row.markdown_cells > 0, row.at, note, fields={"code": str(code)})


def parses(project: Project) -> Iterator[Evidence]:
    """Notebooks in Python, judged by whether every cell is Python."""
    broken: dict[str, list[Problem]] = {}
    for problem in project.problems:
        if problem.kind == "syntax" and problem.cell:
            broken.setdefault(problem.path, []).append(problem)
    for row in own_notebooks(project):
        wrong = broken.get(row.at.path, ())
        if row.language != "python":
            continue
        if not wrong:
            yield Evidence(True, row.at, "every cell parses")
        elif _is_python_2(row, wrong[0]):
            yield Evidence(None, row.at, "its cells are Python 2")
        else:
            more = f", as do {len(wrong) - 1} more" if len(wrong) > 1 else ""
            fields = {"cell": str(wrong[0].cell), "more": more}
            note = f"cell {wrong[0].cell}: {wrong[0].text}"
            yield Evidence(False, cell_place(project, row, wrong[0].cell), note, fields=fields)


def _is_python_2(row: Notebook, problem: Problem) -> bool:
    return row.python.startswith("2") or (not row.python and "is Python 2" in problem.text)


def installs(project: Project) -> Iterator[Evidence]:
    """Notebooks, judged by whether what they install is pinned there or declared in a manifest."""
    stating = [part for part in parts(project, frozenset()) if part.dependencies]
    code = [path for path in project.roles if path.endswith((".py", ".ipynb"))]
    shared = [part for part in stating if not apart(part, code)]
    cells: dict[str, list[Target]] = {}
    for row in project.rows("target"):
        if row.tool == "notebook":
            cells.setdefault(row.at.path, []).append(row)
    for row in own_notebooks(project):
        speaking = [part for part in stating if part.holds(row.at.path)] or shared
        declared = {one.name for part in speaking for one in part.dependencies}
        seen = [(cell, *_loose(c)) for cell in cells.get(row.at.path, ()) for c in cell.commands]
        bad = [(cell, [n for n in names if n not in declared]) for cell, ok, names in seen if ok]
        bad = [(cell, names) for cell, names in bad if names]
        if bad:
            cell, names = bad[0]
            what = ", ".join(f"`{name}`" for name in dict.fromkeys(names))
            yield Evidence(False, cell.at, f"{what} without a version", fields={"what": what})
        elif any(installing for _, installing, _ in seen):
            yield Evidence(True, row.at, "what it installs is pinned or declared")
        else:
            yield Evidence(True, row.at, "it installs nothing")


def _loose(command: str) -> tuple[bool, list[str]]:
    """Whether a command installs, and the distributions that it names without a version."""
    found = _INSTALL.match(command.strip())
    if found is None:
        return False, []
    names: list[str] = []
    skip = False
    for word in re.split(r"[|&;]|\s#", found[1])[0].split():
        text = word.strip("\"'")
        if skip:
            skip = False
        elif text.startswith("-"):
            skip = text in _VALUED or _TAKES_NEXT.fullmatch(text) is not None
        elif "/" in text or text in {".", ".."} or "$" in text or "{" in text or "://" in text:
            continue
        elif (asked := _REQUIREMENT.fullmatch(text)) and "=" not in asked[3]:
            names.append(normal(asked[1]))
    return True, names
