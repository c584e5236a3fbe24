"""What a README tells its reader: whether it is there, how to set the project up and how to use it.

Knows headings, code blocks and words; knows nothing of what the commands do.
"""

from __future__ import annotations

import posixpath
import re
import sys
from typing import TYPE_CHECKING, NamedTuple

from mllint.checks.programs import programs
from mllint.checks.readme_words import HOSTED, SETUP, USE, Sought, runs_something
from mllint.checks.written import text_of
from mllint.facts import Place
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mllint.facts import Fence, Heading, Link, Prose
    from mllint.project import Project

_ROOTS = ("", ".github", "docs")
"""Folders whose README the hosting sites show for the whole repository, best first."""
_MIN_BELOW = 3
"""Words below a heading from which it says something."""
_SENTENCE = 4
"""Words of prose from which a short README says what the project is."""
_SEVERAL = 2
"""READMEs of folders that count even where that of the root does not link to them."""
_WIDTH = 60
_OF_A_SERIES = regex(r"(?:week|day|lesson|lecture|chapter|session)\s*\d", re.IGNORECASE)
"""Headings of a course: what is named there is taught, not told."""


_PROMPT = regex(
    r"^\s*(?:\([\w.-]+\)\s*)?(?:[\w@:~-]*[$>%]\s+)?(?:sudo\s+|[A-Z_]+=\S+\s+|!|%)*"
    r"(?:\.?v?env/bin/)?"
)
"""What stands before a command on its line."""
_LONGEST = 1000
"""Characters of a line that are looked at for code."""
_SPAN = regex(r"(?<!`)`{1,2}([^`\n]+)`{1,2}(?!`)")
"""Code in a line of Markdown or reStructuredText."""
_DRAWN = regex(r"[├└│]|\|--|^\s*#")
"""Lines that show a tree of files, and comments."""
_IMPORT = regex(r"^\s*(?:import|from)\s+(\w+)", re.MULTILINE)
_GUIDE = regex(
    r"\b(?:install|set[ -]?up|getting[ _-]started|quick[ -]?start|tutorials?|usage|docs|wiki|manual"
    r"|documentation|user guide)\b",
    re.IGNORECASE,
)
_GUIDE_FILE = regex(r"(?:\./)?(?:docs?/|install|setup|usage|getting)", re.IGNORECASE)


class Readme(NamedTuple):
    """A README with its parts."""

    prose: Prose
    headings: Sequence[Heading]
    fences: Sequence[Fence]
    links: Sequence[Link]

    @property
    def path(self) -> str:
        """Where it stands."""
        return self.prose.at.path

    def section(self, wanted: re.Pattern[str], words: int) -> Heading | None:
        """The first heading, the title apart, that has the words and something below it."""
        top = self.headings[0] if self.headings else None
        for heading in self.headings:
            title = heading is top and heading.level == min(h.level for h in self.headings)
            told = not title and not _OF_A_SERIES.match(heading.text) and heading.words >= words
            if told and wanted.search(heading.text):
                return heading
        return None


def of_the_project(project: Project) -> Readme | None:
    """The README of the whole repository; None where there is none."""
    found: dict[str, Prose] = {}
    for row in project.rows("prose"):
        folder, _, name = row.at.path.rpartition("/")
        if folder in _ROOTS and _is_readme(name):
            known = found.get(folder)
            found[folder] = row if known is None or row.words > known.words else known
    prose = next((found[folder] for folder in _ROOTS if folder in found), None)
    return None if prose is None else _whole(project, prose)


def _is_readme(name: str) -> bool:
    return name.lower().split(".")[0] == "readme"


def _whole(project: Project, prose: Prose) -> Readme:
    tables = project.by_path[prose.at.path]
    return Readme(prose, tables.get("heading", ()), tables.get("fence", ()), tables.get("link", ()))


def no_readme(project: Project, *, min_words: int = 25) -> Iterator[Evidence]:
    """Whether there is a README at the root that says something; a stub earns a half."""
    found = of_the_project(project)
    if found is not None:
        code = sum(len(f.text.split()) for f in found.fences)
        words = found.prose.words + code
        whole = found.prose.words - code >= _SENTENCE and _tells_both(project, found)
        note = f"`{found.path}` has {words} words"
        note = (
            f"{note}, and tells how to set up and use it" if whole and words < min_words else note
        )
        yield Evidence(whole or words >= min_words, Place(found.path), note, credit=0.5)
        return
    unread = [
        f.at.path
        for f in project.rows("file")
        if f.at.path.rpartition("/")[0] in _ROOTS
        and f.at.path.lower().rpartition("/")[2].startswith("readme")
    ]
    if unread:
        yield Evidence(None, Place(unread[0]), f"`{unread[0]}` was not read as text")
    else:
        yield Evidence(False, None, "no README at the root")


def _tells_both(project: Project, readme: Readme) -> bool:
    """Whether a README that may be short says how to set the project up and how to use it."""
    used = _said(readme, USE) or _by_program(project, readme)
    return used is not None and _said(readme, SETUP) is not None


def without_setup(project: Project) -> Iterator[Evidence]:
    """Whether the README says how to set the project up."""
    readme = of_the_project(project)
    made = None if readme is None else _by_target(project, readme)
    if made is not None:
        yield made
    else:
        yield from _says(project, SETUP)


def _by_target(project: Project, readme: Readme) -> Evidence | None:
    """A call of a target, in a code block, which itself sets the project up."""
    sets_up = {
        (row.tool, row.name)
        for row in project.rows("target")
        if "/" not in row.at.path and any(_command(text, SETUP.commands) for text in row.commands)
    }
    for fence in readme.fences:
        for line in fence.text.splitlines():
            words = _PROMPT.sub("", line).split()
            if tuple(words[:2]) in sets_up:
                return Evidence(True, fence.at, f"`{' '.join(words[:2])}` in a code block")
    return None


def without_usage(project: Project) -> Iterator[Evidence]:
    """Whether the README says how to use the project."""
    readme = of_the_project(project)
    run = None if readme is None else _by_program(project, readme)
    if run is not None:
        yield run
    else:
        yield from _says(project, USE)


def _by_program(project: Project, readme: Readme) -> Evidence | None:
    """A call of a program that the project installs, in a code block."""
    names = "|".join(re.escape(name) for name in sorted(programs(project)))
    pattern = re.compile(rf"(?:{names})(?=\s|$)")
    for fence in readme.fences if names else ():
        if command := _command(fence.text, pattern):
            return Evidence(True, fence.at, f"`{command}` in a code block")
    return None


def _says(project: Project, sought: Sought) -> Iterator[Evidence]:
    readme = of_the_project(project)
    if readme is None:
        return
    found = (
        _said(readme, sought)
        or _referred(readme, inside=True)
        or _between_ticks(project, readme, sought)
        or _below(project, readme, sought)
        or _referred(readme, inside=False)
    )
    yield found or Evidence(False, Place(readme.path), fields={"path": readme.path})


def _said(readme: Readme, sought: Sought) -> Evidence | None:
    """The best sign in a README itself."""
    for fence in readme.fences:
        if command := _command(fence.text, sought.commands):
            return Evidence(True, fence.at, f"`{command}` in a code block")
    for fence in readme.fences if sought is USE else ():
        if command := runs_something(fence):
            return Evidence(True, fence.at, f"`{command}` in a code block")
    for wanted in (sought.headings, sought.hints):
        section = readme.section(wanted, _MIN_BELOW)
        if section is not None:
            return Evidence(True, section.at, f"the section \u201c{section.text}\u201d")
        if wanted is sought.headings and (found := _spoken(readme, sought)) is not None:
            return found
    return None


def _spoken(readme: Readme, sought: Sought) -> Evidence | None:
    """A command in the prose, or Python code that shows how a library is called."""
    if seen := sought.spoken.search(readme.prose.text):
        note = f"\u201c{' '.join(seen[0].split())}\u201d in the text"
        return Evidence(True, Place(readme.path), note)
    for fence in readme.fences if sought.code else ():
        for row in _IMPORT.finditer(fence.text):
            if row[1] not in sys.stdlib_module_names and row[1] != "IPython":
                return Evidence(True, fence.at, f"code that imports `{row[1]}`")
    return None


def _between_ticks(project: Project, readme: Readme, sought: Sought) -> Evidence | None:
    """A command of several words that the text shows as code."""
    for number, line in enumerate(text_of(project, readme.path).split("\n"), 1):
        for span in _SPAN.findall(line[:_LONGEST]):
            command = _command(span, sought.commands) if " " in span.strip() else ""
            if command:
                return Evidence(True, Place(readme.path, number), f"`{command}` in the text")
    return None


def _command(text: str, wanted: re.Pattern[str]) -> str:
    """The first line of a code block with such a command, without its prompt; "" if none."""
    for line in text.splitlines():
        bare = _PROMPT.sub("", line)
        parts = (part.strip() for part in re.split(r"&&|;", bare))
        if not _DRAWN.search(line) and any(wanted.match(part) for part in parts):
            shown = " ".join(bare.split())
            return shown if len(shown) <= _WIDTH else f"{shown[: _WIDTH - 3]}..."
    return ""


def _referred(readme: Readme, *, inside: bool) -> Evidence | None:
    """A link to a guide or a notebook: of the repository, or of the web."""
    for link in readme.links:
        target = link.target
        if inside != ("://" not in target):
            continue
        guide = not link.image and (
            _GUIDE.search(link.text) or (inside and _GUIDE_FILE.match(target))
        )
        if guide or target.endswith(".ipynb") or HOSTED.search(target):
            return Evidence(True, link.at, f"refers to `{target}`")
    return None


def _below(project: Project, readme: Readme, sought: Sought) -> Evidence | None:
    """What the READMEs of folders say: of one that is linked, or of several."""
    linked = {
        posixpath.normpath(link.target.partition("#")[0])
        for link in readme.links
        if link.target and "://" not in link.target
    }
    saying = []
    for prose in project.rows("prose"):
        folder, _, name = prose.at.path.rpartition("/")
        told = _is_readme(name) and folder and project.role(prose.at.path) == "source"
        if not told and (prose.at.path not in linked or prose.at.path == readme.path):
            continue
        found = _said(_whole(project, prose), sought)
        if found is not None:
            saying.append((found, prose.at.path in linked or folder in linked))
    first = next((found for found, known in saying if known), None)
    if first is None and len(saying) >= _SEVERAL:
        first = saying[0][0]
    return first


_PARTS: Mapping[str, re.Pattern[str]] = {
    "what goes in and comes out": regex(
        r"\b(?:inputs?|outputs?|request|response|payload|schema|parameters?|endpoints?"
        r"|fields|format)\b",
        re.IGNORECASE,
    ),
    "its limits": regex(
        r"\blimit(?:ation)?s?\b|out[- ]of[- ]scope|intended use|known issues|caveats?|\bbias"
        r"|\brisks?\b",
        re.IGNORECASE,
    ),
    "its upkeep": regex(
        r"\bmaint(?:enance|ain)\b|\bmonitor|\bre-?train|\bupdat(?:e|ing) the model"
        r"|\boperat(?:e|ions)\b|\btroubleshoot|\bdeploy(?:ment|ing)\b",
        re.IGNORECASE,
    ),
}
"""What those who deploy a model must know, its use apart, by the headings that tell it."""
_ENOUGH = 3
_OF_CHANGES = regex(
    r"(?:^|/)(?:\.\w+/|(?:contributing|code[-_]of[-_]conduct|changelog|changes|history|security)\b)",
    re.IGNORECASE,
)
"""Documents for those who change the project, rather than for those who deploy it."""


def instructs(project: Project) -> Iterator[Evidence]:
    """Whether those who deploy the model are told how it is used and where it ends."""
    told = ["its use"] if any(e.ok for e in without_usage(project)) else []
    first: Place | None = None
    for what, pattern in _PARTS.items():
        for row in project.rows("heading"):
            ours = project.role(row.at.path) in {"source", "docs"} and row.at.cell is None
            near = row.at.path.count("/") < 2 or project.role(row.at.path) == "docs"
            ours = ours and near and not _OF_CHANGES.search(row.at.path)
            if ours and row.words >= _MIN_BELOW and pattern.search(row.text):
                told.append(what)
                first = first or row.at
                break
    if len(told) >= _ENOUGH:
        yield Evidence(True, first, f"documents tell {', '.join(told)}")
    else:
        only = f"documents tell only {' and '.join(told)}" if told else "no document tells anything"
        note = f"{only}: too little for those who deploy the model"
        yield Evidence(False, None, note, credit=0.5 if len(told) == _ENOUGH - 1 else 0.0)
