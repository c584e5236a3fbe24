"""Fine-tuning of language models: whether padding counts as text to be learned.

Reads lines of files that use Transformers: what is written into `labels` stands in no row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.checks.written import found_in, numbered
from mllint.facts import Place
from mllint.flow.imports import running_with
from mllint.flow.training import training_of
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.project import Project

_COPIED = regex(
    r"""\w+\[["']labels["']\]\s*=\s*\w+\[["']input_ids["']\](?:\.copy\(\)|\.clone\(\))?\s*(?:#.*)?$"""
)
_FED_BACK = regex(
    r"""\w+\(\s*(?:input_ids\s*=\s*)?(\w+)\s*,[^()]*\blabels\s*=\s*\1\s*[,)]"""
    r"""|\blabels\s*=\s*\w+\[["']input_ids["']\]\s*[,)]"""
)
"""A call that gives a model its own input as labels."""
_CAUSAL = regex(r"LMHeadModel|ForCausalLM")
_PADDED = regex(r"""padding\s*=\s*(?:True\b|["']max_length["']|["']longest["'])""")
_MASKED = regex(r"-100\b|ignore_index|completion_only|label_pad_token_id")


def padding_learned(project: Project) -> Iterator[Evidence]:
    """Labels that are a plain copy of padded inputs."""
    training = training_of(project)
    if training is None:
        return
    found = {row.at.path for row in project.rows("import") if row.root == "transformers"}
    paths = sorted(path for path in found if training.counts(path))
    masking = {call.at.path for call in project.calls("masking_collator")}
    masking |= {path for path in paths if found_in(project, path, _MASKED) is not None}
    for path in paths:
        if path.endswith(".ipynb"):
            continue
        causal = found_in(project, path, _CAUSAL) is not None
        for number, line in enumerate(numbered(project, path), 1):
            copied = _COPIED.search(line) or (causal and _FED_BACK.search(line))
            if not copied or line.lstrip().startswith("#"):
                continue
            at = Place(path, number, len(line) - len(line.lstrip()) + 1, number, len(line) + 1)
            if masking & running_with(project, [path]):
                yield Evidence(True, at, "padding is taken out of the labels")
            elif found_in(project, path, _PADDED) is None:
                yield Evidence(None, at, "whether the inputs are padded cannot be seen")
            else:
                yield Evidence(False, at, "the labels hold the padding")
