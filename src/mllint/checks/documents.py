"""What the documents of a project tell: of its data, its features, its splits, its limits.

Knows headings, words and file names; each rule says which. Does not judge what is told.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

from mllint.checks.written import numbered
from mllint.facts import Place
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.project import Project

_OURS = frozenset({"source", "docs", "template"})
_ASIDE = regex(
    r"(?:licen[cs]e|copying|notice|changelog|changes|history|contributing|code_of_conduct|security)"
    r"(?:\.\w+)?"
)
"""Names of documents that tell of the repository, not of what is in it."""
_LEGAL = regex(
    r"(?:^|/)(?:code[-_]of[-_]conduct|licen[cs]e|copying|(?:pull|merge)_request_template)\b[^/]*$"
    r"|/(?:issue|pull_request|merge_request|discussion)_templates?/",
    re.IGNORECASE,
)
"""Documents that are mostly the words of others, and forms to be filled in."""
_PLACEHOLDER = "[more information needed]"
_TEMPLATE = 3
"""Placeholders from which a document is a template that nobody filled in."""
_BLANK = regex(r"\[insert [\w -]{3,40}\]|\blorem ipsum\b")
"""What is still to be filled in, so that the document is not meant yet."""
_MIN_WORDS = 20
"""Words from which a document says something."""
_BELOW = 8
"""Words below a heading from which a section says something."""
_HOSTS = regex(
    r"kaggle\.com/(?:c|competitions|datasets|[\w-]+/[\w-]+)|archive\.ics\.uci\.edu|zenodo\.org"
    r"|huggingface\.co/datasets|hf\.co/datasets|openml\.org|image-net\.org|cocodataset\.org"
    r"|figshare\.com|physionet\.org|registry\.opendata\.aws|data\.(?:gov|world|europa\.eu)"
    r"|drivendata\.org|paperswithcode\.com/dataset|tensorflow\.org/datasets|dataverse\."
    r"|grouplens\.org|host\.robots\.ox\.ac\.uk|nyc\.gov|opendata\.\w+|data\.\w+\.gov"
)
"""Where data are published, with a page that describes them."""
_LONGEST = 2_000
"""Characters of a line of a notebook; longer ones are pictures."""
_DATA_FILES = (
    r"(?:^|/)(?:data|datasets?|input|raw)/(?:.*/)?readme[\w.]*$|data[-_ ]?sheet|data[-_ ]?card"
    r"|dataset[-_ ]?(?:card|description|readme)|data[-_ ]?dictionary|code[-_ ]?book"
    r"|(?:^|/)(?:data|dataset)s?\.(?:md|rst)$|data(?:set)?[-_ ]?(?:overview|info)\b"
)
_DATA_HEADINGS = (
    r"^(?:[\d.)]+ +)?(?:(?:about|the|our|input|raw|training|source|used|available) +)*"
    r"(?:data|corpus|corpora)"
    r"(?: +(?:and|&|description|overview|dictionary|sources?|collection|formats?|details"
    r"|information|understanding|summary|used|files?|layout|structure|fields|features|download"
    r"|preparation))*\W*$"
    r"|^(?!.*\b(?:load|import|split|read|creat|train|augment|class|loader|test|own|custom|version|manage|export))"
    r"(?:\S+ +){0,4}(?:datasets?|data[ -]sets?)(?: +\S+){0,2}$"
    r"|^(?:daten|datensatz|donn[ée]es|datos|数据)"
)

_DATA_PROSE = (
    r"\bdata ?(?:sets?)? (?:\w+ ){0,2}(?:contains?|consists?|comprises?|comes? from|came from"
    r"|(?:is|are|were|was) (?:taken from|collected|provided by|simulated|generated|scraped"
    r"|downloaded from))\b|\bsimulated data\b|\bdata simulat\w+"
    r"|(?:^|[.;:|*\n] ?)(?:training |our |the )?data: (?:[\w,.-]+ ){4}"
    r"|\b(?:one|an?|each|every) (?:row|line|record) (?:per|is|stands for|describes)\b"
    r"|\b(?:cifar-?100?|(?:fashion-?|e)?mnist|svhn|celeba(?:-hq)?|pascal voc|cityscapes|librispeech"
    r"|movielens|wikitext-?\d*|mimic-(?:iii|iv)|ogb[nlg]-\w+)\b"
)
"""Words that say where data come from, and names of data that everybody can look up."""


def told(
    project: Project,
    *,
    headings: str = "",
    prose: str = "",
    files: str = "",
    settings: str = "",
    names: Sequence[str] = (),
    words: int = _MIN_WORDS,
    below: int = _BELOW,
    top: bool = False,
    missing: str = "no document tells of it",
) -> Iterator[Evidence]:
    """A document, a section or a sentence tells of something; else one finding.

    `headings`, `prose` and `files` are searched in headings with a text below, in the words of
    documents and in paths; `settings` in keys of configuration; `names` are words of functions.
    `words` is how much a document found by its name must say, and `below` how much must stand
    below a heading; `top` leaves out headings of notebooks and of documents that lie deeper than
    one folder. `missing` is what is said where nothing tells of it.
    """
    named = _files(project, re.compile(files, re.IGNORECASE), words) if files else iter(())
    titled = re.compile(headings, re.IGNORECASE) if headings else None
    sections = _sections(project, titled, below, top=top) if titled else iter(())
    found = next(chain(named, sections, _told(project, prose, settings)), None)
    if found is None and names:
        found = next(_defined(project, names), None)
    yield found or Evidence(False, None, missing)


def _told(project: Project, prose: str, settings: str) -> Iterator[Evidence]:
    if prose:
        yield from _sentences(project, re.compile(prose))
    if settings:
        wanted = re.compile(settings, re.IGNORECASE)
        for row in project.rows("setting"):
            own = project.role(row.at.path) in _OURS and row.format not in {"ignore", "attributes"}
            if own and row.value is not None and wanted.search(row.key):
                yield Evidence(True, row.at, f"`{row.key}` is set")


def _files(
    project: Project, wanted: re.Pattern[str], words: int = _MIN_WORDS
) -> Iterator[Evidence]:
    """Documents by their names, empty ones and templates apart."""
    for file in project.rows("file"):
        path = file.at.path
        ours = project.role(path) in _OURS and file.kind in {"doc", "config", "other", "data"}
        if ours and file.size and wanted.search(path) and is_filled(project, path, words):
            yield Evidence(True, Place(path), f"`{path}`")


def is_filled(project: Project, path: str, words: int = _MIN_WORDS) -> bool:
    """Whether a document says something; of one that was not read its name speaks."""
    for row in project.by_path.get(path, {}).get("prose", ()):
        blank = row.text.count(_PLACEHOLDER) >= _TEMPLATE or _BLANK.search(row.text)
        return row.words >= words and not blank
    return True


def _sections(
    project: Project, wanted: re.Pattern[str], below: int = _BELOW, *, top: bool = False
) -> Iterator[Evidence]:
    for row in project.rows("heading"):
        path = row.at.path
        if project.role(path) not in _OURS or row.words < below or _LEGAL.search(path):
            continue
        if top and (row.at.cell is not None or path.count("/") > 1):
            continue
        if wanted.search(row.text) and is_filled(project, row.at.path, _BELOW):
            yield Evidence(True, row.at, f"the section \u201c{row.text[:60]}\u201d")


def _sentences(project: Project, wanted: re.Pattern[str]) -> Iterator[Evidence]:
    for row in project.rows("prose"):
        name = row.at.path.rpartition("/")[2].lower()
        if project.role(row.at.path) not in _OURS or _ASIDE.fullmatch(name):
            continue
        seen = wanted.search(row.text)
        if seen and is_filled(project, row.at.path):
            yield Evidence(True, row.at, f"`{row.at.path}` says \u201c{seen[0][:60]}\u201d")


def _defined(project: Project, names: Sequence[str]) -> Iterator[Evidence]:
    """Functions and files of code by the words of their names."""
    wanted = re.compile(rf"(?:^|[_./])(?:{'|'.join(names)})(?:[_./]|$)", re.IGNORECASE)
    for row in project.rows("define"):
        if project.role(row.at.path) == "source" and not row.stub and wanted.search(row.name):
            yield Evidence(True, row.at, f"`{row.name}`")
    for row in project.rows("module"):
        stem = row.at.path.rpartition("/")[2]
        if project.role(row.at.path) == "source" and row.code and wanted.search(stem):
            yield Evidence(True, row.at, f"`{row.at.path}`")


_WITH_A_CARD = regex(
    r"sklearn\.datasets\.(?!load_files|load_svmlight)|seaborn\.|statsmodels\.|ucimlrepo\.|openml\."
    r"|datasets\.load_dataset|tensorflow_datasets\.|torchvision\.|kagglehub\."
)
"""Readings of data that are described where they are published."""


def data_described(project: Project) -> Iterator[Evidence]:
    """Whether the data that the project reads from files are described, or linked to."""
    reads = [
        call
        for call in project.calls("load")
        if project.role(call.at.path) == "source"
        and not _WITH_A_CARD.match(call.name)
        and call.name not in project.groups["provided_split"]
    ]
    if not reads:
        return
    named = _files(project, re.compile(_DATA_FILES, re.IGNORECASE), 2 * _BELOW)
    sections = _sections(project, re.compile(_DATA_HEADINGS, re.IGNORECASE))
    told_of = _told(project, _DATA_PROSE, "")
    notebooks = sorted({call.at.path for call in reads if call.at.cell is not None})
    linked = chain(_linked(project), _linked_within(project, notebooks))
    found = next(chain(named, sections, told_of, linked), None)
    if found is not None:
        yield found
        return
    many = Counter(call.at.path for call in reads)
    first = min(reads, key=lambda call: (-many[call.at.path], call.at.path, call.order))
    short = first.name.replace("()", "").lstrip(".?")
    fields = {"read": f"`{short}` in `{first.at.path}`"}
    yield Evidence(False, None, f"nothing describes what {fields['read']} reads", fields=fields)


def _linked(project: Project) -> Iterator[Evidence]:
    """Links to places where data are published and described."""
    for row in project.rows("link"):
        if project.role(row.at.path) in _OURS and _HOSTS.search(row.target):
            yield Evidence(True, row.at, f"the data are at `{row.target[:80]}`")
    for row in project.rows("literal"):
        if row.kind == "url" and project.role(row.at.path) == "source" and _HOSTS.search(row.text):
            yield Evidence(True, row.at, f"the data are at `{row.text[:80]}`")


def _linked_within(project: Project, notebooks: Sequence[str]) -> Iterator[Evidence]:
    """Such links in the text of notebooks."""
    for path in notebooks:
        for line in numbered(project, path):
            named = _HOSTS.search(line) if "://" in line and len(line) < _LONGEST else None
            if named is not None:
                yield Evidence(True, Place(path), f"the data are at `{named[0]}`")


def data_collected(project: Project) -> Iterator[Evidence]:
    """Whether the documents say where the data come from."""
    yield next(_linked(project), None) or Evidence(False, None, "no link leads to the data")
