"""The examples of rules with odd values put into them: whatever stands where, every check ends."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mllint.collect import collect
from mllint.link import link
from mllint.tree import Tree
from tests.catalogued import CATALOGUE
from tests.samples import crashed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mllint.review import Example

EXAMPLES = [example for rule in CATALOGUE.rules.values() for example in rule.examples]
PLACES = re.compile(r"""
    "[^"\n]*" | '[^'\n]*' | \b\d+(?:\.\d+)?\b | \b(?:True|False|None|true|false|null)\b
    | (?<=:\ )\S.*$ | (?<==\ )\S.*$ | \b[a-z_]\w+\b
""", re.VERBOSE | re.MULTILINE)  # fmt: skip
"""What is replaced: texts, numbers, whole values, names."""
ODD = st.sampled_from([
    "[]", "{}", "[[1]]", '{"a": [1]}', "{a: [1]}", "{a = [1]}", "None", "null", "-1", '""', "''",
    "", "true", "1e999", "...", "b''", "x", "(1, 2)", "*x", "lambda: 0", "&a b", "!!x y", "|", "~",
    "- a", "2020-01-01", "$(", "==1", "\\",
])  # fmt: skip
CHANGES = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 10_000), ODD), max_size=4)


def odd(example: Example, changes: list[tuple[int, int, str]]) -> Mapping[str, object]:
    """The files of an example after these changes: file, place in it, and what stands there."""
    files = dict(example.files)
    texts = [path for path, content in files.items() if isinstance(content, str)]
    for file, place, new in changes if texts else ():
        path = texts[file % len(texts)]
        text = str(files[path])
        if found := list(PLACES.finditer(text)):
            at = found[place % len(found)]
            files[path] = text[: at.start()] + new + text[at.end() :]
    return files


@settings(max_examples=120)
@given(st.sampled_from(EXAMPLES), CHANGES)
def test_odd_values_in_examples_make_no_check_crash(
    example: Example, changes: list[tuple[int, int, str]]
) -> None:
    tree = Tree.of(odd(example, changes))  # type: ignore[arg-type]
    collected = collect(tree, CATALOGUE.known, jobs=0)
    assert [p for p in collected.problems if p.kind in {"crashed", "timeout"}] == []
    project = link(collected, tree, CATALOGUE)
    assert [said for rule in CATALOGUE.rules.values() if (said := crashed(rule, project))] == []


TRAPS: dict[str, Mapping[str, str]] = {
    "a mapping for a mode": {
        "train.py": "from lightning.pytorch.callbacks import ModelCheckpoint\n"
        "ModelCheckpoint(monitor='val_loss', mode={'a': [1]})\n"
    },
    "a heading without a word": {"README.md": "#\n\nSee the licence.\n\n##\n", "a.py": "x = 1\n"},
}


@pytest.mark.parametrize("name", TRAPS)
def test_what_made_a_check_crash_once_does_so_no_more(name: str) -> None:
    tree = Tree.of(TRAPS[name])  # type: ignore[arg-type]
    project = link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE)
    assert [said for rule in CATALOGUE.rules.values() if (said := crashed(rule, project))] == []
