"""Conditions in code that hold a bad model back: a measure is compared, and something is raised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.checks.written import numbered
from mllint.facts import Place
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mllint.project import Project

_OURS = frozenset({"source", "template"})
_NAMES = (
    r"(?:\w*auc\w*|f1\w*|acc|accuracy|mae|mape|rmse|mse|r2|dice|iou|brier|bleu|rouge\w*|wer|cer|cider"
    r"|ndcg|perplexity|calibration\w*|recall|precision|scores?|rhat)"
)
MEASURES = regex(rf"(?:\w+_)?{_NAMES}(?:_\w+)?")
"""How functions are called that measure a model."""
_ASKS = regex(rf"^\s*(?:if|elif|assert)\b(?=.*[<>]).*?(?<![^\W_]){_NAMES}(?![^\W_])")
_OF_RANGE = regex(r"[<>]=?\s*[01](?:\.0)?(?![\d.])")
"""What no score can be, which is no question of quality."""
_REFUSES = regex(r"^\s*(?:raise\b|(?:sys\.)?exit\(|return False\b)")
_BELOW = 2
"""Lines after a condition in which something is raised."""
_LONGEST = 300
"""Characters of a line that may be a condition."""
_MOST = 40
"""Files whose lines are looked at."""


def gate(project: Project, paths: Iterable[str]) -> Evidence | None:
    """Undecided evidence: a line of these files that refuses a model for what it measures."""
    own = sorted(path for path in set(paths) if project.role(path) in _OURS)
    for path in own if len(own) <= _MOST else ():
        lines = numbered(project, path)
        for number, line in enumerate(lines):
            if len(line) > _LONGEST or not _ASKS.match(line) or _OF_RANGE.search(line):
                continue
            below = lines[number + 1 : number + 1 + _BELOW]
            if line.lstrip().startswith("assert") or any(_REFUSES.match(one) for one in below):
                at = Place(path, number + 1)
                return Evidence(None, at, f"`{line.strip()[:60]}` may refuse a bad model")
    return None
