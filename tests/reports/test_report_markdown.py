"""Markdown: the whole report, and text of a repository that means and pings nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from mllint.facts import Place, Problem
from mllint.reports import View, renderer
from mllint.reports.markup import code, text
from mllint.review import Gate, Imported, Related

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import SimpleNamespace

    from markdown_it.token import Token


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


HTML = re.compile(
    r"(</?details>|<summary>[\w :,/-]+</summary>|</?sub>|<!-- mllint:pr project=\S+ v1 -->)*"
)
"""All that our reports write in HTML."""


def parsed(told: str) -> list[Token]:
    blocks = MarkdownIt("commonmark", {"html": True}).enable("table").parse(told)
    return [token for block in blocks for token in (block, *(block.children or ()))]


@pytest.mark.parametrize("name", ["markdown", "markdown-pr"])
@pytest.mark.parametrize(
    "given",
    [
        "</details>", "<script>x</script>", "```", "~~~", "@all #1", "| a |", "\n# x\n", "-->", "`",
        "``", "\\", "[x](http://evil)", "![x](http://evil)", "<http://evil>", "**b**", "<!--",
        "&lt;b&gt;", "</summary>", "\udcff", "_", "$x$", "`a` `", "1. x", "- x", "> x", "    x",
    ],
)  # fmt: skip
def test_only_our_own_markup_is_parsed(given: str, name: str, make: SimpleNamespace) -> None:
    related = (Related(Place(f"b{given}.py", 2), given),)
    many = tuple(
        make.finding("unseeded-split", n, f"{given} m {given}", Place(f"{given}{n}.py", 1, 1, 1, 4),
                     1.0, remedy=given, related=related, snippet=((1, given),),
                     status="waived" if n > 12 else "new", reason=given)
        for n in range(15)
    )  # fmt: skip
    report = make.sample()
    outcomes = tuple(
        replace(o, findings=many, reason=given) if o.rule == "unseeded-split" else
        replace(o, reason=given) for o in report.outcomes
    )  # fmt: skip
    report = replace(
        report,
        outcomes=outcomes,
        imported=(Imported(f"{given}.py", 3, given, given, "error", given),),
        disabled={"no-coverage": given},
        gate=Gate(False, 1, (given,)),
        problems=(Problem(f"{given}.py", "syntax", given, 3),),
        before=make.flawless(),
        before_name=given,
    )
    tokens = parsed(renderer(name)(report, View(blobs="https://host/blob/")))
    for token in tokens:
        if token.type in {"html_block", "html_inline"}:
            assert HTML.fullmatch(re.sub(r"\s*\n\s*", "", token.content)), token.content
        if token.type == "link_open":
            assert str(token.attrs["href"]).startswith("https://host/blob/")
        assert token.type not in {"image", "code_block", "hr", "ordered_list_open"}
    titles = [t.content for t in tokens if t.type == "inline" and t.level == 1]
    assert not any(title == "x" for title in titles)
    words = "".join(t.content for t in tokens if t.type == "text")
    assert not re.search(r"@\w|#\d|https?:/", words)
