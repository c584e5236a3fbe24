"""What a README tells its reader: whether it says how to set up, how to use, and what came out.

Knows headings, code blocks and words; knows nothing of what the commands do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.facts import Fence, Heading, Link, Place, Prose
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mllint.project import Project

_ROOTS = ("", ".github", "docs")
"""Folders whose README the hosting sites show for the whole repository, best first."""
_SETUP_WORDS = re.compile(
    r"install|set[ -]?up\b|requirement|prerequisite|dependenc|getting started|get started|quick[ -]?start"
    r"|environment|build(?:ing)?\b|docker|deploy|how to run|first steps|development"
    r"|安装|環境|环境|依赖|準備|准备|instala|voraussetzung|einrichtung|установк|требовани|설치|インストール",
    re.IGNORECASE,
)
_SETUP_COMMANDS = re.compile(
    r"\b(?:pip3?|conda|mamba|micromamba|uv|poetry|pipenv|pdm|pixi|hatch|brew|apt|apt-get|npm|rye)\s+"
    r"(?:-\S+\s+)*(?:install|env|create|sync|add|pip|shell|run|lock)\b"
    r"|\bdocker(?:-compose|\s+compose|\s+build|\s+run|\s+pull)\b|\bsetup\.py\s+(?:install|develop|build)"
    r"|\bmake\s+\S*(?:install|setup|init|env|requirements|build|bootstrap)|\b(?:ba)?sh\s+\S*(?:install|setup|env)"
    r"|\brequirements\S*\.txt\b|\benvironment\S*\.ya?ml\b|\bvirtualenv\b|\bvenv\b|colab\.research\.google",
    re.IGNORECASE,
)
_USE_WORDS = re.compile(
    r"usage|\busing\b|how to|\bruns?\b|running|\btrain|evaluat|inference|predict|examples?\b|\bdemo"
    r"|quick[ -]?start|getting started|tutorial|reproduc|commands?\b|workflow|pipeline|experiment"
    r"|notebooks?\b|\bapi\b|\bcli\b|endpoint|walk[ -]?through|testing|"
    r"使用|训练|運行|运行|用法|推理|\buso\b|utilisation|verwendung|запуск|использован|사용|使い方",
    re.IGNORECASE,
)
_USE_COMMANDS = re.compile(
    r"\bpython[\d.]*\s+(?:-\w\s+)*[\w./-]+|\b(?:ba)?sh\s+\S+|(?:^|\s)\./\S+|\bmake\s+\w+|\bdvc\s+(?:repro|exp|pull)"
    r"|\bmlflow\s+run|\bjupyter\b|\bstreamlit\s+run|\buvicorn\b|\bgunicorn\b|\bdocker(?:-compose)?\s+(?:compose\s+)?(?:run|up)"
    r"|\bkedro\s+run|\bsnakemake\b|\btorchrun\b|\baccelerate\s+launch|\b(?:uv|poetry|pixi|pipenv)\s+run|\bcurl\b"
    r"|^\s*(?:from\s+[\w.]+\s+)?import\s+\w|\bflask\s+run|\bzenml\b|\bnpm\s+(?:start|run)|colab\.research\.google|\.ipynb\b",
    re.IGNORECASE | re.MULTILINE,
)
_ELSEWHERE = re.compile(
    r"\b(?:install|set[ -]?up|setup|getting[ _-]started|quick[ -]?start|tutorial|usage|docs|documentation|guide|wiki|manual|readthedocs)",
    re.IGNORECASE,
)
_METRIC = (
    r"(?:accuracy|acc|auc|auroc|f1|precision|recall|rmse|mae|mse|mape|r2|r²|bleu|rouge|perplexity|ppl|"
    r"map|miou|iou|dice|psnr|ssim|wer|cer|error rate|loss|top-?[15]|score|ndcg|mrr|fid|elo|reward|return|kappa|mcc)"
)
_RESULT = re.compile(
    rf"\b{_METRIC}\b[^\n.|]{{0,60}}?\b\d{{1,3}}(?:\.\d+|\s?%)|\b\d{{1,3}}(?:\.\d+|\s?%)[^\n.|]{{0,40}}?\b{_METRIC}\b",
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
_MIN_BELOW = 3
"""Words below a heading from which it says something."""


def of_the_project(project: Project) -> Prose | None:
    """The README of the whole repository; None where there is none."""
    found: dict[str, Prose] = {}
    for row in project.rows("prose"):
        folder, _, name = row.at.path.rpartition("/")
        if folder in _ROOTS and name.lower().split(".")[0] == "readme":
            if folder not in found or row.words > found[folder].words:
                found[folder] = row
    return next((found[folder] for folder in _ROOTS if folder in found), None)


def no_readme(project: Project, *, min_words: int = 40) -> Iterator[Evidence]:
    """Whether there is a README at the root that says something."""
    found = of_the_project(project)
    if found is not None:
        words = found.words + sum(len(f.text.split()) for f in _rows(project, "fence", found))
        note = f"`{found.at.path}` has {words} words"
        yield Evidence(words >= min_words, Place(found.at.path), note)
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


def _rows(project: Project, table: str, readme: Prose) -> Iterable[Fence | Heading | Link]:
    rows: Iterable[Fence | Heading | Link] = project.by_path[readme.at.path].get(table, ())
    return rows


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
    for heading in _rows(project, "heading", readme):
        if (
            isinstance(heading, Heading)
            and heading.words >= _MIN_BELOW
            and words.search(heading.text)
        ):
            yield Evidence(True, heading.at, f"the section \u201c{heading.text}\u201d")
            return
    for fence in _rows(project, "fence", readme):
        if isinstance(fence, Fence) and (seen := commands.search(fence.text)):
            yield Evidence(True, fence.at, f"`{' '.join(seen[0].split())}` in a code block")
            return
    if seen := commands.search(readme.text):
        yield Evidence(True, Place(readme.at.path), f"`{' '.join(seen[0].split())}` in the text")
        return
    for link in _rows(project, "link", readme):
        if (
            isinstance(link, Link)
            and not link.image
            and _ELSEWHERE.search(f"{link.text} {link.target}")
        ):
            yield Evidence(True, link.at, f"refers to `{link.target}`")
            return
    yield Evidence(False, Place(readme.at.path), fields={"path": readme.at.path})


def without_results(project: Project) -> Iterator[Evidence]:
    """Whether the README tells what the trained model reached."""
    readme = of_the_project(project)
    if readme is None:
        return
    path = readme.at.path
    for heading in _rows(project, "heading", readme):
        if (
            isinstance(heading, Heading)
            and heading.words >= 1
            and _RESULT_WORDS.search(heading.text)
        ):
            yield Evidence(True, heading.at, f"the section \u201c{heading.text}\u201d")
            return
    text = project.text(path)
    for number, line in enumerate(text.splitlines(), start=1):
        if (seen := _RESULT.search(line)) or _numbers(line) >= 2:
            shown = seen[0].strip() if seen else line.strip()
            yield Evidence(True, Place(path, number), f"`{shown[:60]}`")
            return
    yield Evidence(False, Place(path), fields={"path": path})


def _numbers(line: str) -> int:
    """How many cells of a table's row are numbers, its first cell apart."""
    if line.count("|") < 2:
        return 0
    cells = line.strip().strip("|").split("|")[1:]
    return sum(bool(_NUMBER_CELL.fullmatch(cell)) for cell in cells)
