"""The HTML report: what it holds, what it may fetch, and what text of a repository cannot do."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64encode
from dataclasses import fields, is_dataclass, replace
from hashlib import sha256
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from mllint.facts import Cell, Place
from mllint.others import Attested, Concealed, Imported
from mllint.reports import View, renderer
from mllint.reports.html.rows import Row, is_chain, rows
from mllint.review import Related
from mllint.waiver import BaselineUse, Waiver, WaiverUse

if TYPE_CHECKING:
    from types import SimpleNamespace

    from mllint.review import Finding, Report

HOSTILE = [
    "<script>window.pwned=1</script>",
    '"><img src=x onerror="window.pwned=1">',
    "' onfocus='window.pwned=1' autofocus='",
    "</style></script></title></textarea><svg onload=window.pwned=1>",
    "javascript:window.pwned=1",
    "{{ 7 * 191 }}{% raw %}{# x #}",
    "<!-- --><![CDATA[",
    "&lt;script&gt;&amp;",
    "\x00\x1b[31m\u202e\u2066\ufeff\u2028",
    "\ud800\udcff",
    "`<b>`<i>``",
]
KEPT = {
    "id", "rule", "category", "severity", "confidence", "status", "verdict", "profile", "subject",
    "grade", "level", "state", "capped_by", "findings", "rules", "blockers", "effort",
}  # fmt: skip
"""Fields that are words of mllint, not of a repository."""


class Reader(HTMLParser):
    """What a page is made of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.texts.append((self._open[-1] if self._open else "", data))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attrs for name, attrs in self.tags if name == tag]

    @property
    def text(self) -> str:
        return "".join(data for tag, data in self.texts if tag not in {"style", "script"})


def page(report: Report, view: View | None = None) -> str:
    text = renderer("html")(report, view or View())
    text.encode("utf-8")
    return text


def everything(make: SimpleNamespace) -> Report:
    """A report in which every section has something."""
    report: Report = make.sample()
    waiver = Waiver(("no-readme",), "train.py:3", "elsewhere", "because", "2030-01-01", "#4")
    at = Place("train.py", 3, 1, 3, 4)
    own = {
        "no-readme": [
            make.finding("no-readme", 8, "waived m", at, 0.4, status="waived", waiver=waiver,
                         reason="because"),
            make.finding("no-readme", 9, "known m", at, 0.4, status="baselined", reason="base"),
        ],
        "fit-before-split": [
            make.finding(
                "fit-before-split", 1, "`fit` sees all", at, 1.0,
                related=(Related(Place("b.py", 2, 1, 2, 9), "split here", "split(x)"),),
                snippet=((2, ""), (3, "fit(rows)")),
            )
        ],
    }  # fmt: skip
    outcomes = tuple(
        replace(o, findings=tuple(own.get(o.rule, o.findings)))
        if o.rule != "no-group-split"
        else replace(o, verdict="crashed", reason="KeyError: 1", traceback="Trace\nback")
        for o in report.outcomes
    )
    strict = {p: replace(s, value=60.5) for p, s in report.scores.items()}
    return replace(
        report, outcomes=outcomes, strict=strict,
        waivers=(WaiverUse(waiver, "used", 1, 0.4),),
        baseline=BaselineUse("b.json", 1, 2, 0.5, (), (), ()),
        imported=(Imported("a.py", 7, "zizmor", "pin", "note", "not pinned"),),
        concealed=(
            Concealed("c.py", 5, "no-readme", "note", "hidden m", "waived: so"),
            Concealed("notebooks/eda.ipynb", 1, "notebook-out-of-order", "warning",
                      "Execution counts run 3, 9, 4", "the rule is off: so"),
        ),
        attested=(
            Attested("Q1", "topic", "Is it asked?", "valid", "Ada", "2026-01-01",
                     "https://example.org/proof", "2027-01-01", "yes", "pyproject.toml:41"),
            Attested("Q2", "topic", "Is that asked?"),
        ),
        run=replace(report.run, notices=("a notice",), root="/home/proj", rule_folders=("own",)),
    )  # fmt: skip


def poisoned(value: Any, text: str, name: str = "") -> Any:
    """The value with the text behind every string that may come from a repository."""
    if name in KEPT and not is_dataclass(value) and not isinstance(value, tuple):
        return value
    if isinstance(value, str):
        return f"{value} {text}"
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            f.name: poisoned(getattr(value, f.name), text, f.name)
            for f in fields(value)
            if f.name not in {"check", "written"} | (KEPT - {"findings"})
        }
        return replace(value, **changed)
    if isinstance(value, tuple):
        parts = [poisoned(part, text) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    if isinstance(value, dict):
        return {key: poisoned(part, text) for key, part in value.items()}
    return value


def hostile(make: SimpleNamespace, text: str) -> Report:
    report = everything(make)
    changed: Report = poisoned(report, text)
    return replace(
        changed,
        fix_first=tuple(replace(fix, where=text) for fix in report.fix_first),
        profile=report.profile,
    )


# --- what it holds -------------------------------------------------------------------------------


def test_page_says_all_that_there_is_to_say(make: SimpleNamespace) -> None:
    told = Reader(page(everything(make))).text
    for said in (
        "Score 74/100 (C)", "60 without waivers", "capped at C by", "research", "production",
        "Fix first", "+6.0", "30 min", "blocks the gate", "Failed",
        "fit-before-split", "sees all", "split here", "split(x)", "high confidence",
        "notebooks/eda.ipynb cell 7 (code 5), line 1", "Mend the fit before split.",
        "makes results hard to trust", "-0.8 points",
        "Hidden by the repository's own settings", "hidden m", "waived: so",
        "Known before", "known m", "Waived", "elsewhere", "until 2030-01-01",
        "zizmor pin", "not pinned", "a.py:7",
        "random_state=7", "and 2 more", "1 place could not be decided", "KeyError: 1", "Trace",
        "Not expected at internal",
        "measured by another service", "b.json", "Is it asked?", "1 of 2", "Ada", "src/old.py:3",
        "Every point", "trains models", "proj", "2026.1", "abc1234", "a notice", "pyproject.toml",
    ):  # fmt: skip
        assert said in told, said


def test_flawless_project_has_no_findings_and_its_evidence(make: SimpleNamespace) -> None:
    told = Reader(page(make.flawless())).text
    assert "No findings" in told
    assert "Passed" in told
    assert "Fix first" not in told


@pytest.mark.parametrize(
    ("complete", "said"),
    [(False, "only part of the project"), (True, "nothing here trains")],
)
def test_page_without_a_score_says_why(*, complete: bool, said: str, make: SimpleNamespace) -> None:
    report = make.sample()
    scores = {p: replace(s, value=None, grade="n/a") for p, s in report.scores.items()}
    report = replace(report, run=replace(report.run, complete=complete), scores=scores)
    reader = Reader(page(report))
    assert said in reader.text
    assert "svg" not in {tag for tag, _ in reader.tags}
    assert not {"Every point", "Categories"} & {text for _, text in reader.texts}


def test_every_anchor_is_there_and_every_name_once(make: SimpleNamespace) -> None:
    reader = Reader(page(everything(make)))
    ids = [attrs["id"] for _, attrs in reader.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for attrs in reader.all("a"):
        if attrs["href"].startswith("#"):
            assert attrs["href"][1:] in ids
    for _, attrs in reader.tags:
        for name in attrs.get("aria-labelledby", "").split():
            assert name in ids


def test_what_settings_hid_leads_to_its_finding(make: SimpleNamespace) -> None:
    written = page(everything(make))
    place = "notebooks/eda.ipynb cell 7 (code 5), line 1"
    assert f'<a class="place" href="#f-0000000000000002">{place}</a>' in written
    assert '<span class="place">c.py:5</span>' in written


def test_places_are_links_where_the_host_is_known(make: SimpleNamespace) -> None:
    view = View(blobs="https://host/o/r/blob/abc/")
    links = {attrs["href"] for attrs in Reader(page(make.sample(), view)).all("a")}
    assert "https://host/o/r/blob/abc/src/train.py#L48" in links
    assert not any("host" in attrs["href"] for attrs in Reader(page(make.sample())).all("a"))


def test_jinja_is_imported_only_for_this_format() -> None:
    asked = (
        "import sys; from mllint.reports import renderer; renderer('markdown');"
        "renderer('html'); print('jinja2' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"


# --- what it may do ------------------------------------------------------------------------------


def test_page_allows_its_own_style_and_script_alone(make: SimpleNamespace) -> None:
    reader = Reader(page(make.sample()))
    (policy,) = (a["content"] for a in reader.all("meta") if a.get("http-equiv"))
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert rules.pop("default-src") == rules.pop("base-uri") == rules.pop("form-action") == "'none'"
    for tag, name in (("style", "style-src"), ("script", "script-src")):
        (text,) = ("".join(d for t, d in reader.texts if t == tag),)
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert rules.pop(name) == f"'sha256-{digest}'"
    assert rules == {}
    assert [tag for tag, _ in reader.tags[:4]] == ["html", "head", "meta", "meta"]


def test_hostile_text_stays_text(make: SimpleNamespace) -> None:
    plain = Reader(page(everything(make)))
    plain_names = {name for _, attrs in plain.tags for name in attrs}
    forbidden = set("\x00\x1b\u202e\u2066\ufeff\u2028")
    for text in HOSTILE:
        written = page(hostile(make, text))
        reader = Reader(written)
        assert {tag for tag, _ in reader.tags} == {tag for tag, _ in plain.tags}
        metas = len(reader.all("meta")) - 3
        assert len(reader.all("script")) == len(reader.all("style")) == metas == 1
        names = {name for _, attrs in reader.tags for name in attrs}
        assert names == plain_names
        assert not any(name.startswith("on") or name == "style" for name in names)
        for attrs in reader.all("a"):
            assert attrs["href"].startswith(("#", "https://"))
        assert "1337" not in written
        assert not forbidden & set(written)


def test_links_go_to_the_web_alone(make: SimpleNamespace) -> None:
    rule = make.rule("no-lockfile", "dependencies", references=("javascript:x", "https://ok.org/"))
    report = make.sample()
    report = replace(report, rules={**report.rules, "no-lockfile": rule})
    links = {attrs["href"] for attrs in Reader(page(report)).all("a")}
    assert "https://ok.org/" in links
    assert not any(link.startswith("javascript") for link in links)


# --- the lines of a finding ----------------------------------------------------------------------


def told(found: list[Row]) -> list[tuple[str, int, str, str]]:
    """Kind, number, text with its marks, rail of each row."""
    signs = {"own": "[{}]", "near": "({})", "": "{}"}
    return [
        (row.kind, row.number, "".join(signs[p.mark].format(p.text) for p in row.pieces), row.rail)
        for row in found
    ]


def chain(make: SimpleNamespace, at: Place, *related: Related, **more: Any) -> Finding:
    finding: Finding = make.finding("fit-before-split", 1, "m", at, 1.0, related=related, **more)
    return finding


def test_rail_joins_the_places_of_a_chain_past_a_gap(make: SimpleNamespace) -> None:
    one = chain(
        make, Place("a.py", 3, 5, 3, 8), Related(Place("a.py", 9, 1, 9, 6), "split"),
        snippet=((2, "x = 1"), (3, "    fit(x)"), (9, "split(x)")),
    )  # fmt: skip
    assert told(rows(one)) == [
        ("line", 2, "x = 1", ""),
        ("line", 3, "    [fit](x)", "first"),
        ("gap", 0, "", "through"),
        ("line", 9, "(split)(x)", "last"),
    ]
    assert is_chain(one)
    assert [row.steps for row in rows(one)] == [(), ((1, ""),), (), ((2, "split"),)]


def test_chain_follows_the_lines_of_a_file(make: SimpleNamespace) -> None:
    one = chain(
        make, Place("a.py", 9, 1, 9, 4), Related(Place("a.py", 3, 1, 3, 4), "before"),
        snippet=((3, "abc"), (9, "xyz")),
    )  # fmt: skip
    assert [row.steps for row in rows(one) if row.kind == "line"] == [((1, "before"),), ((2, ""),)]


def test_chain_through_another_file_and_a_cell_names_them(make: SimpleNamespace) -> None:
    cell = Place("n.ipynb", 2, 1, 2, 3, Cell(4, 3, "", 9))
    one = chain(
        make, Place("a.py", 1, 1, 1, 2), Related(Place("b.py", 7), "called", "f()"),
        Related(cell, "split", "ab cd"), snippet=((1, "x"),),
    )  # fmt: skip
    found = rows(one)
    assert told(found) == [
        ("line", 1, "[x]", "first"),
        ("file", 0, "", "through"),
        ("line", 7, "f()", "through"),
        ("file", 0, "", "through"),
        ("line", 2, "(ab) cd", "last"),
    ]
    assert [row.at for row in found if row.kind == "file"] == [Place("b.py", 7), cell]


def test_place_of_several_lines_is_marked_from_its_start_to_its_end(make: SimpleNamespace) -> None:
    one = chain(
        make, Place("a.py", 2, 5, 4, 2),
        snippet=((1, "  "), (2, "x = f("), (3, "  a,"), (4, ") # b")),
    )  # fmt: skip
    assert [text for _, _, text, _ in told(rows(one))] == ["x = [f(]", "  [a,]", "[)] # b"]
    assert {row.rail for row in rows(one)} == {""}


def test_margin_that_all_lines_share_is_left_out(make: SimpleNamespace) -> None:
    one = chain(make, Place("a.py", 2, 9, 2, 12), snippet=((1, "    if x:"), (2, "        run()")))
    assert [text for _, _, text, _ in told(rows(one))] == ["if x:", "    [run]()"]


def test_finding_lies_on_top_of_a_related_place(make: SimpleNamespace) -> None:
    near = Related(Place("a.py", 1, 1, 1, 9), "in this call")
    one = chain(make, Place("a.py", 1, 3, 1, 5), near, snippet=((1, "abcdefgh"),))
    assert told(rows(one)) == [("line", 1, "(ab)[cd](efgh)", "")]


def test_finding_about_the_repository_shows_no_lines(make: SimpleNamespace) -> None:
    one = chain(make, Place("pyproject.toml"), anchored=True)
    assert rows(one) == []
    whole_file = chain(make, Place("a.py"))
    assert rows(whole_file) == []


def test_columns_beyond_a_cut_line_mark_nothing(make: SimpleNamespace) -> None:
    one = chain(make, Place("a.py", 1, 200, 1, 210), snippet=((1, "abc"),))
    assert told(rows(one)) == [("line", 1, "abc", "")]
