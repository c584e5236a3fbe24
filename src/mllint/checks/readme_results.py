"""Whether the README of research code tells what came out of it.

Knows metrics, tables and figures of a text, and what speaks for a paper or a competition; does not
judge the numbers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.checks.nature import serves
from mllint.checks.readme import Readme, of_the_project
from mllint.checks.written import text_of
from mllint.facts import Place
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.project import Project

_METRIC = (
    r"(?:accuracy|acc|auc|auroc|f1|precision|recall|rmse|mae|mse|mape|r2|r²|bleu|rouge|perplexity"
    r"|ppl|map|miou|iou|dice|psnr|ssim|wer|cer|error rate|loss|top-?[15]|score|ndcg|mrr|fid|elo"
    r"|reward|return|kappa|mcc|error|snr|leaderboard|lb|wape|smape|mase|auprc|pearson(?:'s)?(?: r)?"
    r"|spearman(?:'s)?(?: (?:r|rho))?|correlation)"
)
_FRACTION = r"\b\d{1,3}(?:\.\d+|\s?%)"
_RESULT = regex(
    rf"\b{_METRIC}\b[^\n.|]{{0,60}}?{_FRACTION}|{_FRACTION}[^\n.|]{{0,40}}?\b{_METRIC}\b"
    r"|(?<![\w.])\d+\.\d+\s?%?\s?(?:±|\+/-|\+-)\s?\d"
    r"|\b(?:\d+(?:st|nd|rd|th)|first|second|third)[- ]place\b|\b(?:gold|silver|bronze) medal\b",
    re.IGNORECASE,
)
_NUMBER_CELL = regex(
    r"\s*[*_`~]*[<>≈±]?\s*-?\d+(?:[.,]\d+)?\s*(?:%|[kmbKMB]\b)?\s*(?:[±(].*)?[*_`]*\s*"
)
_HTML_CELL = regex(r"<td\b[^>]*>\s*(?:<\w+>)*\s*\d+(?:\.\d+)?\s*%?\s*(?:</\w+>)*\s*</td>")
_RESULT_WORDS = regex(
    r"result|performance|benchmark|leaderboard|evaluation|scores?\b|accuracy|model zoo|metrics"
    r"|结果|性能|ergebnis|résultat|resultado|результат|결과",
    re.IGNORECASE,
)
_TOLD = regex(
    rf"\d[.,]\d|\d\s?%|\d\s?(?:±|\+/-)|\b{_METRIC}\b[^\n]{{0,60}}?\d|!\[|<img\b|https?://",
    re.IGNORECASE,
)
"""A number, a figure, or a link to them."""
_RESULT_FIGURE = regex(
    r"result|curve|benchmark|score|accuracy|confusion|\broc\b|loss|metric|reward|performance",
    re.IGNORECASE,
)
_URL = regex(r"\w+://[^\s)>\"]+")
_BIBTEX = regex(
    r"^\s*@(?:inproceedings|article|conference|phdthesis)\s*\{", re.IGNORECASE | re.MULTILINE
)
_PAPER = regex(
    r"\b(?:our|this|the|accompanying) paper\b|\bofficial\b.{0,30}\bimplementation\b"
    r"|\baccepted (?:at|to|by|in)\b|\breproduc\w+ [^.]{0,60}\bresults\b"
    r"|\b(?:neurips|nips|icml|iclr|cvpr|iccv|eccv|acl|emnlp|naacl|aaai|kdd|interspeech|icassp"
    r"|miccai)\W{0,2}(?:20)?\d\d\b"
)
_COMPETITION = regex(r"kaggle\.com/(?:c|competitions)/|drivendata\.org/competitions/")


def without_results(project: Project) -> Iterator[Evidence]:
    """Whether the README tells what the trained model reached; asked of research code only."""
    readme = of_the_project(project)
    if readme is None:
        return
    text = text_of(project, readme.path)
    found = _results(text, readme)
    if found is not None:
        yield found
        return
    why = _research(readme, text)
    if why and not any(one.ok for one in serves(project)):
        yield Evidence(False, Place(readme.path), why, fields={"path": readme.path})


def _results(text: str, readme: Readme) -> Evidence | None:
    """The first thing that looks like a result."""
    lines = text.splitlines()
    for heading in readme.headings:
        if _RESULT_WORDS.search(heading.text):
            following = (h.at.line for h in readme.headings if h.at.line > heading.at.line)
            below = "\n".join(lines[heading.at.line : next(following, len(lines) + 1) - 1])
            if _TOLD.search(below):
                return Evidence(True, heading.at, f"the section \u201c{heading.text}\u201d")
    for link in readme.links:
        if link.image and _RESULT_FIGURE.search(f"{link.target} {link.text}"):
            return Evidence(True, link.at, f"the figure `{link.text or link.target}`")
    rows = [_is_measured(line) for line in lines]
    for number, line in enumerate(lines, start=1):
        seen = None if line.startswith("#") else _RESULT.search(_URL.sub(" ", line))
        table = _numbers(line) > 1 or (all(rows[number - 1 : number + 1]) and number < len(rows))
        if seen or table or _HTML_CELL.search(line):
            shown = seen[0].strip() if seen else line.strip()
            return Evidence(True, Place(readme.path, number), f"`{shown[:60]}`")
    return None


def _numbers(line: str) -> int:
    """How many cells of a table's row are numbers, its first cell apart."""
    if line.count("|") < 2:
        return 0
    cells = line.strip().strip("|").split("|")[1:]
    return sum(bool(_NUMBER_CELL.fullmatch(cell)) for cell in cells)


def _is_measured(line: str) -> bool:
    """Whether a table's row is a name, no option, and nothing but numbers with a fraction."""
    first, *cells = line.strip().strip("|").split("|")
    numbers = all(_NUMBER_CELL.fullmatch(cell) and re.search(r"\d[.,]\d", cell) for cell in cells)
    return bool(cells) and numbers and not re.match(r"\s*[-`*]*-", first)


def _written(words: str, text: str) -> str:
    """Words of the prose, which is in small letters, as the README writes them."""
    found = re.search(re.escape(words).replace("\\ ", r"\s+"), text, re.IGNORECASE)
    return found[0] if found else words


def _research(readme: Readme, text: str) -> str:
    """What shows that the code belongs to a paper or a competition; "" where nothing does."""
    if any(_BIBTEX.search(fence.text) for fence in readme.fences):
        return "it asks to cite a paper"
    if seen := _PAPER.search(readme.prose.text):
        return f"it speaks of a paper or its results: \u201c{_written(seen[0], text)}\u201d"
    for link in readme.links:
        if _COMPETITION.search(link.target):
            return f"it names the competition `{link.target}`"
    return ""
