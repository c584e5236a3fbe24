"""What a README tells its reader: whether it says how to set up, how to use, and what came out.

Knows headings, code blocks and words; knows nothing of what the commands do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mllint.facts import Place
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Fence, Heading, Link, Prose
    from mllint.project import Project

_ROOTS = ("", ".github", "docs")
"""Folders whose README the hosting sites show for the whole repository, best first."""
_MIN_BELOW = 3
"""Words below a heading from which it says something."""
_SETUP_WORDS = re.compile(
    r"install|set[ -]?up\b|requirement|prerequisite|dependenc|getting started|get started"
    r"|quick[ -]?start|environment|build(?:ing)?\b|docker|deploy|how to run|first steps|development"
    r"|安装|環境|环境|依赖|準備|准备|instala|voraussetzung|einrichtung|установк|требовани|설치"
    r"|インストール",
    re.IGNORECASE,
)
_SETUP_COMMANDS = re.compile(
    r"\b(?:pip3?|conda|mamba|micromamba|uv|poetry|pipenv|pdm|pixi|hatch|brew|apt|apt-get|npm)\s+"
    r"(?:-\S+\s+)*(?:install|env|create|sync|add|pip|shell|run|lock)\b"
    r"|\bdocker(?:-compose|\s+compose|\s+build|\s+run|\s+pull)\b"
    r"|\bsetup\.py\s+(?:install|develop|build)"
    r"|\bmake\s+\S*(?:install|setup|init|env|requirements|build|bootstrap)"
    r"|\b(?:ba)?sh\s+\S*(?:install|setup|env)|\brequirements\S*\.txt\b|\benvironment\S*\.ya?ml\b"
    r"|\bvirtualenv\b|\bvenv\b|colab\.research\.google",
    re.IGNORECASE,
)
_USE_WORDS = re.compile(
    r"usage|\busing\b|how to|\bruns?\b|running|\btrain|evaluat|inference|predict|examples?\b|\bdemo"
    r"|quick[ -]?start|getting started|tutorial|reproduc|commands?\b|workflow|pipeline|experiment"
    r"|notebooks?\b|\bapi\b|\bcli\b|endpoint|walk[ -]?through|testing|使用|训练|運行|运行|用法|推理"
    r"|\buso\b|utilisation|verwendung|запуск|использован|사용|使い方",
    re.IGNORECASE,
)
_USE_COMMANDS = re.compile(
    r"\bpython[\d.]*\s+(?:-\w\s+)*(?:[\w./-]+\.py\b|-m\s+\w)|\b(?:ba)?sh\s+\S+|(?:^|\s)\./\w\S*"
    r"|\bmake\s+[a-z]\w*|\bdvc\s+(?:repro|exp|pull)|\bmlflow\s+run|\bjupyter\b|\bstreamlit\s+run"
    r"|\buvicorn\b|\bgunicorn\b|\bdocker(?:-compose)?\s+(?:compose\s+)?(?:run|up)\b|\bkedro\s+run"
    r"|\bsnakemake\b|\btorchrun\b|\baccelerate\s+launch|\b(?:uv|poetry|pixi|pipenv)\s+run|\bcurl\b"
    r"|^\s*(?:from\s+[\w.]+\s+)?import\s+\w|\bflask\s+run|\bzenml\s+\w|\bnpm\s+(?:start|run)"
    r"|colab\.research\.google|\.ipynb\b",
    re.IGNORECASE | re.MULTILINE,
)
_GUIDE = re.compile(
    r"\b(?:install|set[ -]?up|getting[ _-]started|quick[ -]?start|tutorials?|usage|docs|wiki|manual"
    r"|documentation|user guide)\b",
    re.IGNORECASE,
)
_GUIDE_FILE = re.compile(r"(?:\./)?(?:docs?/|install|setup|usage|getting)", re.IGNORECASE)
_METRIC = (
    r"(?:accuracy|acc|auc|auroc|f1|precision|recall|rmse|mae|mse|mape|r2|r²|bleu|rouge|perplexity"
    r"|ppl|map|miou|iou|dice|psnr|ssim|wer|cer|error rate|loss|top-?[15]|score|ndcg|mrr|fid|elo"
    r"|reward|return|kappa|mcc)"
)
_FRACTION = r"\b\d{1,3}(?:\.\d+|\s?%)"
_RESULT = re.compile(
    rf"\b{_METRIC}\b[^\n.|]{{0,60}}?{_FRACTION}|{_FRACTION}[^\n.|]{{0,40}}?\b{_METRIC}\b",
    re.IGNORECASE,
)
_NUMBER_CELL = re.compile(
    r"\s*[*_`~]*[<>≈±]?\s*-?\d+(?:[.,]\d+)?\s*(?:%|[kmbKMB]\b)?\s*(?:[±(].*)?[*_`]*\s*"
)
_RESULT_WORDS = re.compile(
    r"result|performance|benchmark|leaderboard|evaluation|scores?\b|accuracy|model zoo|metrics"
    r"|结果|性能|ergebnis|résultat|resultado|результат|결과",
    re.IGNORECASE,
)
_RESULT_FIGURE = re.compile(
    r"result|curve|benchmark|score|accuracy|confusion|\broc\b|loss|metric|reward|performance",
    re.IGNORECASE,
)


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
            if not title and heading.words >= words and wanted.search(heading.text):
                return heading
        return None


def of_the_project(project: Project) -> Readme | None:
    """The README of the whole repository; None where there is none."""
    found: dict[str, Prose] = {}
    for row in project.rows("prose"):
        folder, _, name = row.at.path.rpartition("/")
        if folder in _ROOTS and name.lower().split(".")[0] == "readme":
            known = found.get(folder)
            found[folder] = row if known is None or row.words > known.words else known
    prose = next((found[folder] for folder in _ROOTS if folder in found), None)
    if prose is None:
        return None
    tables = project.by_path[prose.at.path]
    return Readme(prose, tables.get("heading", ()), tables.get("fence", ()), tables.get("link", ()))


def no_readme(project: Project, *, min_words: int = 25) -> Iterator[Evidence]:
    """Whether there is a README at the root that says something; a stub earns a half."""
    found = of_the_project(project)
    if found is not None:
        words = found.prose.words + sum(len(f.text.split()) for f in found.fences)
        note = f"`{found.path}` has {words} words"
        yield Evidence(words >= min_words, Place(found.path), note, credit=0.5)
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


def without_setup(project: Project) -> Iterator[Evidence]:
    """Whether the README says how to set the project up."""
    yield from _says(project, _SETUP_WORDS, _SETUP_COMMANDS)


def without_usage(project: Project) -> Iterator[Evidence]:
    """Whether the README says how to use the project."""
    yield from _says(project, _USE_WORDS, _USE_COMMANDS)


def _says(
    project: Project, words: re.Pattern[str], commands: re.Pattern[str]
) -> Iterator[Evidence]:
    readme = of_the_project(project)
    if readme is None:
        return
    section = readme.section(words, _MIN_BELOW)
    if section is not None:
        yield Evidence(True, section.at, f"the section \u201c{section.text}\u201d")
        return
    for fence in readme.fences:
        if seen := commands.search(fence.text):
            yield Evidence(True, fence.at, f"`{' '.join(seen[0].split())}` in a code block")
            return
    if seen := commands.search(readme.prose.text):
        yield Evidence(True, Place(readme.path), f"`{' '.join(seen[0].split())}` in the text")
        return
    for link in readme.links:
        inside = "://" not in link.target and _GUIDE_FILE.match(link.target)
        if not link.image and (inside or _GUIDE.search(link.text)):
            yield Evidence(True, link.at, f"refers to `{link.target}`")
            return
    yield Evidence(False, Place(readme.path), fields={"path": readme.path})


def without_results(project: Project) -> Iterator[Evidence]:
    """Whether the README tells what the trained model reached."""
    readme = of_the_project(project)
    if readme is None:
        return
    section = readme.section(_RESULT_WORDS, 1)
    figure = next(
        (i for i in readme.links if i.image and _RESULT_FIGURE.search(f"{i.target} {i.text}")), None
    )
    if section is not None:
        yield Evidence(True, section.at, f"the section \u201c{section.text}\u201d")
    elif figure is not None:
        yield Evidence(True, figure.at, f"the figure `{figure.target}`")
    else:
        yield _numbers_in(project.text(readme.path), readme.path)


def _numbers_in(text: str, path: str) -> Evidence:
    for number, line in enumerate(text.splitlines(), start=1):
        if (seen := _RESULT.search(line)) or _numbers(line) >= 2:
            shown = seen[0].strip() if seen else line.strip()
            return Evidence(True, Place(path, number), f"`{shown[:60]}`")
    return Evidence(False, Place(path), fields={"path": path})


def _numbers(line: str) -> int:
    """How many cells of a table's row are numbers, its first cell apart."""
    if line.count("|") < 2:
        return 0
    cells = line.strip().strip("|").split("|")[1:]
    return sum(bool(_NUMBER_CELL.fullmatch(cell)) for cell in cells)
