"""Documents for people: headings, links, code blocks and front matter of Markdown and RST.

Knows how a text is laid out, not what a README should say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mllint.facts import Facts, Fence, Heading, Ignore, Known, Link, Place, Problem, Prose, Setting
from mllint.readers import markdown, orgdoc, rst, yamldoc
from mllint.readers.gather import gather, text_of
from mllint.readers.ignores import parse_ignore
from mllint.readers.markup import Block, Inline, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

MAX_CHARACTERS = 1_000_000
"""Of a text that are looked at."""
MAX_TEXT = 16_384
MAX_CODE = 8_192
MAX_LINKS = 2_000

_FRONT = re.compile(r"(---|\+\+\+)[ \t]*\n(.*?\n)\1[ \t]*(?:\n|\Z)", re.DOTALL)
_NOT_PROSE = re.compile(
    r".*\.(?:py|pyi|ipynb|html?|js|ts|css|json|ya?ml|toml|ini|cfg|csv|tsv|xml|svg|png|jpe?g|gif|webp"
    r"|pdf|docx?|odt|zip|gz|c|h|cc|cpp|hpp|go|java|rs|rb|sh|bat|sql|lock|tex|bib|template|tmpl|j2)"
)
_PLAIN = re.compile(r"licen[cs]e|copying|notice|authors")


class _Markup(NamedTuple):
    blocks: Callable[[str], Iterator[Block]]
    inline: Callable[[str, Mapping[str, str]], Inline]
    definitions: Callable[[str], Mapping[str, str]]


_MARKDOWN = _Markup(markdown.blocks, markdown.inline, markdown.definitions)
_AS_MARKDOWN = {
    "org": orgdoc.from_org,
    **dict.fromkeys(("adoc", "asciidoc", "asc"), orgdoc.from_asciidoc),
}
_RST = _Markup(rst.blocks, rst.inline, rst.definitions)


def read(path: str, data: bytes, known: Known) -> Facts:  # noqa: ARG001 - the readers' contract
    """The rows of one document; none for a file that only has the name of one."""
    name = path.rpartition("/")[2].lower()
    if _NOT_PROSE.fullmatch(name):
        return Facts()
    text = text_of(data)
    if text is None:
        return gather([Problem(path, "encoding", "not text")])
    text = text[:MAX_CHARACTERS]
    if name == "citation.cff":
        return gather([_plain(path, text), *_settings(path, text, 1, "yaml")])
    if _PLAIN.match(name) and not name.endswith((".md", ".rst")):
        return gather([_plain(path, text)])
    told = _AS_MARKDOWN.get(name.rpartition(".")[2])
    text = told(text) if told is not None else text
    return _document(path, text, _RST if name.endswith(".rst") else _MARKDOWN)


def _plain(path: str, text: str) -> Prose:
    """The row of a text without markup."""
    title = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return Prose(Place(path), title[:200], words(text), _folded([text]))


def _folded(parts: Iterable[str]) -> str:
    return " ".join(" ".join(parts).split())[:MAX_TEXT].lower()


def _document(path: str, text: str, markup: _Markup) -> Facts:
    front = _FRONT.match(text)
    settings = list(_settings(path, front[2], 2, "front-matter")) if front else []
    if front:
        # Blank lines keep the line numbers of what follows.
        text = "\n" * front[0].count("\n") + text[front.end() :]
    targets = markup.definitions(text)
    blocks = list(markup.blocks(text))
    parts = [_part(block, markup, targets) for block in blocks]
    said = [part.said.text for part in parts if part.block.kind in {"heading", "text"}]
    title = next((part.said.text for part in parts if part.block.kind == "heading"), "")
    total = sum(part.words for part in parts)
    first = next((line for line in said if line), "")
    whole = Prose(Place(path), (title or first)[:200], total, _folded(said))
    facts = gather([whole, *settings, *_rows(path, parts)])
    ignores = _ignores(path, blocks, text)
    return Facts(facts.rows, ignores=ignores, problems=facts.problems) if ignores else facts


class _Part(NamedTuple):
    block: Block
    said: Inline
    """What it says: of code its text, of a comment nothing."""
    words: int
    """Of a heading none."""


def _part(block: Block, markup: _Markup, targets: Mapping[str, str]) -> _Part:
    if block.kind == "text":
        said = markup.inline(block.text, targets)
        return _Part(block, said, words(said.text))
    if block.kind == "code":
        return _Part(block, Inline(block.text, ()), words(block.text))
    return _Part(block, Inline("" if block.kind == "comment" else block.text, ()), 0)


def _rows(path: str, parts: Sequence[_Part]) -> Iterator[Heading | Link | Fence]:
    counts = _words_below(parts)
    heading, links = "", 0
    for index, (block, said, _) in enumerate(parts):
        at = Place(path, block.line)
        if block.kind == "heading":
            heading = block.text
            yield Heading(at, heading, block.level, counts[index])
        elif block.kind == "code":
            yield Fence(at, block.language, block.text[:MAX_CODE], heading)
        for target, text, image in said.links[: MAX_LINKS - links]:
            links += 1
            yield Link(at, target, text, image)


def _words_below(parts: Sequence[_Part]) -> dict[int, int]:
    """The words below each heading, by its index."""
    found: dict[int, int] = {}
    above: list[int] = []
    for index, (block, _, count) in enumerate(parts):
        if block.kind == "heading":
            while above and parts[above[-1]].block.level >= block.level:
                above.pop()
        for heading in above:
            found[heading] += count
        if block.kind == "heading":
            above.append(index)
            found[index] = 0
    return found


def _settings(path: str, text: str, first: int, kind: str) -> Iterator[Setting | Problem]:
    try:
        documents = yamldoc.load(text)
    except yamldoc.YamlProblem as problem:
        # A rule of dashes at the top of a text looks like front matter and is none.
        if kind != "front-matter":
            yield from problem.rows(path)
        return
    for document in documents[:1]:
        for key, line, node in yamldoc.walk(document):
            if key and node.kind == "scalar":
                yield Setting(Place(path, line + first - 1), key, node.value, kind)


def _ignores(path: str, blocks: Sequence[Block], text: str) -> tuple[Ignore, ...]:
    """The suppressions in comments: each covers the paragraph below it, or its own line."""
    if "mllint:" not in text:
        return ()
    found = []
    for index, block in enumerate(blocks):
        directive = parse_ignore(block.text) if block.kind in {"comment", "text"} else None
        if directive is None or (block.kind == "text" and "<!--" not in block.text):
            continue
        head = all(b.kind == "comment" for b in blocks[:index])
        last = _paragraph(blocks, index) if block.kind == "comment" else block.line
        scope = "statement" if block.kind == "comment" else "line"
        at = Place(path, block.line)
        found.append(directive.over(at, scope, block.line, last, head=head))
    return tuple(found)


def _paragraph(blocks: Sequence[Block], index: int) -> int:
    """The last line of the paragraph below a comment."""
    last = blocks[index].end_line
    following = iter(blocks[index + 1 :])
    below = next(following, None)
    if below is None:
        return last
    last = max(below.line, below.end_line)
    for block in following:
        if block.kind != "text" or block.line != last + 1 or below.kind != "text":
            break
        last = block.line
    return last
