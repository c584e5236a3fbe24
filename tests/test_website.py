"""The documentation site: every page of it, its links, and the output that it shows."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from pathlib import Path
from posixpath import normpath

import click
import pytest
import site_outputs
from site_links import linked, plain
from site_pages import PRACTICE_SECTIONS, RULE_SECTIONS, changelog, known, pages

from mllint.cli.app import COMMANDS, app
from mllint.score import counts

ROOT = Path(__file__).parent.parent
ALL = known()
GENERATED = pages(ALL)
INDEXES = {"rules.md", "checks.md", "traits.md", "commands.md"}
ROWS = {row.id: row.checks[0] for row in ALL.practices.rows.values()}
_FENCED = re.compile(r"^(`{3,}).*?^\1`*$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+?)(?: \{#([\w-]+)\})?$", re.MULTILINE)
_ANCHOR = re.compile(r'<a id="([^"]+)">')


@pytest.fixture(scope="module", name="site")
def fixture_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All pages as MkDocs is given them."""
    folder = tmp_path_factory.mktemp("site")
    texts = {**GENERATED, "changelog.md": changelog((ROOT / "CHANGELOG.md").read_text("utf-8"))}
    for path in (ROOT / "docs").rglob("*.md"):
        name = path.relative_to(ROOT / "docs").as_posix()
        assert name not in texts, "a page is there twice"
        texts[name] = linked(path.read_text("utf-8"), name, ALL.catalogue.rules, ROWS)
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def headings(text: str) -> list[str]:
    return [match[1] for match in _HEADING.finditer(_FENCED.sub("", text))]


def anchors(text: str) -> set[str]:
    """What a link may point at: headings as the site names them, and anchors of rows."""
    found = set(_ANCHOR.findall(text))
    seen: Counter[str] = Counter()
    for match in _HEADING.finditer(_FENCED.sub("", text)):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", match[1]).replace("\\", "")
        plainly = unicodedata.normalize("NFKD", shown).encode("ascii", "ignore").decode()
        slug = re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plainly).strip().lower())
        name = match[2] or slug
        found.add(f"{name}_{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return found


def test_every_rule_and_every_practice_has_a_page() -> None:
    rules = {f"rules/{name}.md" for name in ALL.catalogue.rules}
    checks = {f"practices/{name}.md" for name in ALL.practices.checks}
    assert GENERATED.keys() - INDEXES == rules | checks


def test_every_page_of_a_rule_has_every_section() -> None:
    for name in ALL.catalogue.rules:
        shown = headings(GENERATED[f"rules/{name}.md"])
        assert [h for h in shown[1:] if h != "Related"] == list(RULE_SECTIONS), name


def test_every_page_of_a_practice_has_every_section() -> None:
    for name in ALL.practices.checks:
        shown = headings(GENERATED[f"practices/{name}.md"])
        assert shown[1:] == list(PRACTICE_SECTIONS), name


def test_no_section_is_empty() -> None:
    for name, text in GENERATED.items():
        assert not re.search(r"^#+ [^\n]+\n+(?=#+ |\Z)", _FENCED.sub("x", text), re.MULTILINE), name


def test_a_page_of_a_rule_shows_its_examples_and_its_points() -> None:
    page = GENERATED["rules/unseeded-split.md"]
    assert "# <- here\n" in page.partition("## Bad")[2].partition("## Good")[0]
    assert "| internal | warning | " in page
    assert "# mllint: ignore[unseeded-split] the reason" in page
    assert "[`split.seeded`](../practices/split.seeded.md)" in page


def test_an_opinion_says_that_it_costs_nothing() -> None:
    opinion = next(r for r in ALL.catalogue.rules.values() if r.opinion)
    page = GENERATED[f"rules/{opinion.id}.md"]
    assert "An opinion: it is off in an ordinary run, and costs nothing." in page
    assert "| none |" in page


def test_the_index_lists_every_rule_once() -> None:
    text = GENERATED["rules.md"]
    for name in ALL.catalogue.rules:
        assert text.count(f"](rules/{name}.md)") == 1, name
    assert text.startswith(f"# Rules\n\n{sum(map(counts, ALL.catalogue.rules.values()))} rules")


def test_the_page_of_commands_has_them_all_with_their_options() -> None:
    page = GENERATED["commands.md"]
    named = [h.removeprefix("mllint ") for h in headings(page)[1:]]
    assert set(named) >= {*COMMANDS, "baseline create", "config show"}
    check = page.partition("## mllint check\n")[2].partition("\n## ")[0]
    assert "| `--top` INTEGER RANGE | Length of `Fix first`. | 5 |" in check
    assert "| `--fail-on` \\[error, warning, note, never\\] |" in check


def test_no_link_inside_the_site_is_dead(site: Path) -> None:
    dead = []
    texts = {p.relative_to(site).as_posix(): p.read_text("utf-8") for p in site.rglob("*.md")}
    known_anchors = {name: anchors(text) for name, text in texts.items()}
    for name, text in texts.items():
        for target in _LINK.findall(_FENCED.sub("", text)):
            path, _, anchor = target.partition("#")
            if "://" in target or target.startswith("mailto:"):
                continue
            full = normpath(f"{name}/../{path}") if path else name
            if full not in texts or (anchor and anchor not in known_anchors[full]):
                dead.append(f"{name}: {target}")
    assert dead == []


def options(words: list[str]) -> set[str]:
    """The options of the command that the words begin with."""
    command: click.Command = app
    found = {"-h", "--help", "-qq"}
    for word in words:
        if not isinstance(command, click.Group):
            break
        inner = command.get_command(click.Context(command), word)
        if inner is None:
            break
        command = inner
    return found.union(*(parameter.opts for parameter in command.params))


def test_every_option_that_a_page_shows_exists() -> None:
    names = "|".join(COMMANDS)
    wrong = []
    for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        text = path.read_text("utf-8").replace("\\\n", " ")
        for call in re.findall(rf"\bmllint ((?:{names})\b[^\n`#|;&]*)", text):
            words = call.split()
            used = {word.partition("=")[0] for word in words if re.match("--?[a-z]", word)}
            wrong += [f"{path.name}: mllint {call}: {word}" for word in used - options(words)]
    assert wrong == []


def test_every_hand_written_page_is_in_the_navigation() -> None:
    text = (ROOT / "mkdocs.yml").read_text("utf-8")
    listed = set(re.findall(r"^ +- (?:[^:\n]+: )?([\w-]+\.md)$", text, re.MULTILINE))
    written = {path.name for path in (ROOT / "docs").glob("*.md")}
    assert listed == written | INDEXES | {"changelog.md"}


def test_a_rule_that_a_page_names_is_linked_outside_code() -> None:
    text = (
        "`no-ci`, `no-such-rule`, ``no-ci``\n```\n`no-ci`\n```\n"
        "[a](../rules/ci/no-ci.toml)\n[b](../rules)\n"
    )
    assert linked(text, "a/b.md", {"no-ci"}, {}) == (
        "[`no-ci`](../rules/no-ci.md), `no-such-rule`, ``no-ci``\n```\n`no-ci`\n```\n"
        "[a](../rules/no-ci.md)\n[b](../rules.md)\n"
    )


def test_a_row_links_the_page_of_what_it_comes_down_to() -> None:
    rows = {"S0-DM-7": "split.holdout"}
    assert linked("| **S0-DM-7** Held out | \\<x\\> |\n", "practices.md", (), rows) == (
        '| <a id="s0-dm-7"></a>**[S0-DM-7](practices/split.holdout.md)** Held out | &lt;x&gt; |\n'
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a_b *c* <d> | e", r"a\_b \*c\* &lt;d&gt; &#124; e"),
        ("call `a_b` [now]", r"call `a_b` \[now\]"),
        ("one ` alone_", r"one ` alone\_"),
    ],
)
def test_text_of_the_catalogue_is_shown_as_it_stands(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.slow
@pytest.mark.parametrize("name", site_outputs.PAGES)
def test_what_a_page_shows_is_what_mllint_prints(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert site_outputs.written(text) == text, "run `python website/site_outputs.py`"
