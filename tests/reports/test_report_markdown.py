"""Markdown: the whole report, and text of a repository that means and pings nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mllint.facts import Place
from mllint.reports import View, renderer
from mllint.reports.markup import code, text
from mllint.review import Imported, Related

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import SimpleNamespace


def test_report_is_as_it_was(make: SimpleNamespace, golden: Callable[[str, str], None]) -> None:
    golden("sample.md", renderer("markdown")(make.sample(), View()))
    golden("flawless.md", renderer("markdown")(make.flawless(), View()))


def test_places_are_links_where_the_host_is_known(make: SimpleNamespace) -> None:
    view = View(blobs="https://host/o/r/blob/abc/")
    shown = renderer("markdown")(make.sample(), view)
    assert "[`src/train.py:48:9`](https://host/o/r/blob/abc/src/train.py#L48)" in shown
    assert "blob/abc/notebooks/eda.ipynb#L112)" in shown


def test_findings_of_other_tools_are_shown(make: SimpleNamespace) -> None:
    other = Imported("a.py", 3, "zizmor", "unpinned-uses", "error", "not @pinned")
    shown = renderer("markdown")(replace(make.sample(), imported=(other,)), View())
    assert "Found by other tools: 1" in shown
    assert "- error `zizmor unpinned-uses` `a.py:3`: not @\u200bpinned" in shown


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("a `x|y` | b", "a `x\\|y` \\| b"),
        ("one ` tick", "one \\` tick"),
        ("<b>&", "&lt;b&gt;&amp;"),
        ("*a* _b_ ~c~ [d](e)", "\\*a\\* \\_b\\_ \\~c\\~ \\[d\\](e)"),
        ("@name #12 GH-3 !4", "@\u200bname #\u200b12 GH-\u200b3 !\u200b4"),
        ("http://x www.y", "http\u200b://x www\u200b.y"),
        ("a\nb\x1b", "a\\\\nb\\\\x1b"),
        ("\ud800", "\\\\ud800"),
    ],
)
def test_text_means_nothing(given: str, shown: str) -> None:
    assert text(given) == shown


@pytest.mark.parametrize(
    ("given", "shown"),
    [("a`b", "``a`b``"), ("`", "`` ` ``"), ("@a #1 <b>", "`@a #1 <b>`"), ("", "` `")],
)
def test_code_is_shown_as_it_stands(given: str, shown: str) -> None:
    assert code(given) == shown


@pytest.mark.parametrize(
    "given",
    ["</details>", "<script>", "```", "@everyone", "| a |", "\n# x", "-->", "%0A", "\udcff"],
)
def test_hostile_text_stays_in_its_place(given: str, make: SimpleNamespace) -> None:
    at = Place(f"a{given}.py", 1, 1, 1, 4)
    related = (Related(Place(f"b{given}.py", 2), given),)
    one = make.finding("unseeded-split", 9, f"m {given}", at, 1.0, remedy=f"r {given}",
                       related=related, snippet=((1, f"x{given}y"),))  # fmt: skip
    report = make.sample()
    outcomes = tuple(
        replace(o, findings=(one,), reason=given) if o.rule == "unseeded-split" else o
        for o in report.outcomes
    )
    told = renderer("markdown")(replace(report, outcomes=outcomes), View())
    told.encode("utf-8")
    fences = re.sub(r"(?ms)^ *(`{3,})text\n.*?^ *\1$", "", told)
    outside = re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", "", fences)
    assert "<script>" not in outside
    assert outside.count("</details>") == outside.count("<details>")
    assert not re.search(r"@\w", outside)
    assert "\n# x" not in outside
