"""What is told of how a system is built, of where its parts come from and of its paper.

Knows documents, figures and code that takes models and data from elsewhere; judges no text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.checks.documents import told
from mllint.checks.readme import of_the_project
from mllint.facts import Place
from mllint.names import Names
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.project import Project

_OURS = frozenset({"source", "docs", "template"})
_DRAWN = frozenset({"mermaid", "plantuml", "puml", "dot", "graphviz", "d2"})
_FIGURE = regex(
    r"architect|diagram|work[-_ ]?flow|system[-_ ]?(?:design|overview)|data[-_ ]?flow"
    r"|infrastructure|kedro[-_ ]?viz|pipeline[-_ ]?(?:overview|graph|visuali[sz]ation)"
    r"|^[\w -]*pipeline ",
    re.IGNORECASE,
)
"""In the words beside a picture and its address."""
_BUILT = regex(
    r"\b(?:system|solution|software|project|application|service|overall|high[- ]level|technical"
    r"|mlops|infrastructure|pipeline|deployment)s? (?:design|overview|diagram)\b"
    r"|\barchitecture\b|^how (?:it|this) works|^(?:components?|system|infrastructure)\W*$"
    r"|data ?flow|^design(?: overview| document)?\W*$",
    re.IGNORECASE,
)
_NET = regex(
    r"\b(?:model|net(?:work)?|neural|cnn|rnn|lstm|transformer|u-?net|encoder|decoder|layers?"
    r"|backbone|resnet|gan|vae)\b",
    re.IGNORECASE,
)
"""The architecture of a network is none of a system."""
_BELOW = 15
_BADGE = regex(r"badge|shields\.io|actions/workflows|codecov", re.IGNORECASE)
_BIBTEX = regex(
    r"^\s*@(?:inproceedings|article|conference|phdthesis|misc|software|techreport|book)\s*\{",
    re.IGNORECASE | re.MULTILINE,
)
_CITE = regex(r"\bcit(?:e|ing|ations?)\b|\bbibtex\b|\breference us\b", re.IGNORECASE)
_CITATION_FILE = regex(r"citation(?:\.(?:cff|bib|md|txt))?|codemeta\.json|\.zenodo\.json")
_FILLED = 60
"""Bytes from which a file of citation data can name a title and an author."""
_OWN_PAPER = regex(
    r"\bour (?:\w+ )?(?:paper|preprint|publication)\b|\bofficial\b[^.\n]{0,40}\bimplementation\b"
    r"|\b(?:code|repository|implementation) (?:for|of|accompan\w+|to reproduce) (?:the|our|this) "
    r"(?:\w+ )?paper\b|\bwe (?:propose|introduce|present)\b[^.]{0,80}\bpaper\b"
    r"|\bhas been (?:accepted|published) (?:at|by|in|to)\b"
)
_TAKEN = Names((
    "*.from_pretrained", "torch.hub.load", "timm.create_model", "torchvision.models.*",
    "sentence_transformers.SentenceTransformer", "spacy.load", "gensim.downloader.load",
    "datasets.load_dataset", "tensorflow_hub.load", "tensorflow_hub.KerasLayer",
    "kagglehub.dataset_download", "sklearn.datasets.fetch_openml",
))  # fmt: skip
_CREDIT = (
    r"acknowledg|\bcredits?\b|\battributions?\b|third[- ]party|\bnotices?\b|licen[cs]es? of"
    r"|(?:data|dataset|model|weights?)\w* licen[cs]e"
    r"|licen[cs]e (?:of|for) (?:the )?(?:data|model|weights)"
)
_CREDIT_FILE = (
    r"(?:^|/)(?:notice|third[-_ ]?party[-_ ]?(?:licen[cs]es|notices)?|acknowledge?ments?|credits"
    r"|licen[cs]e[-_.]?(?:data|model|weights))(?:\.\w+)?$"
)


def architecture(project: Project) -> Iterator[Evidence]:
    """Whether a text or a drawing shows what the system is made of."""
    for row in project.rows("fence"):
        if row.language in _DRAWN and project.role(row.at.path) in _OURS:
            yield Evidence(True, row.at, f"a drawing in {row.language}")
            return
    for row in project.rows("heading"):
        named = _BUILT.search(row.text) and not _NET.search(row.text)
        if named and row.words >= _BELOW and project.role(row.at.path) in _OURS:
            yield Evidence(True, row.at, f"the section \u201c{row.text[:60]}\u201d")
            return
    for row in project.rows("link"):
        said = f"{row.text} {row.target}"
        shows = row.image and _FIGURE.search(said) and not _NET.search(said)
        if shows and not _BADGE.search(row.target) and project.role(row.at.path) in _OURS:
            yield Evidence(True, row.at, f"the figure `{(row.text or row.target)[:60]}`")
            return
    yield next(
        told(
            project,
            files=r"(?:^|/)(?:architecture|system[-_ ]?design|design(?:[-_ ]?doc\w*)?)[\w-]*\.\w+$",
        )
    )


def citation(project: Project) -> Iterator[Evidence]:
    """Whether code that belongs to a paper of its authors says how to cite it."""
    for file in project.rows("file"):
        path = file.at.path
        if _CITATION_FILE.fullmatch(path.lower()) and project.size(path) >= _FILLED:
            yield Evidence(True, Place(path), f"`{path}`")
            return
    readme = of_the_project(project)
    if readme is None:
        return
    for fence in readme.fences:
        if _BIBTEX.search(fence.text):
            yield Evidence(True, fence.at, "a BibTeX entry")
            return
    if "@article{" in readme.prose.text or "@inproceedings{" in readme.prose.text:
        yield Evidence(True, Place(readme.path), "a BibTeX entry")
        return
    for heading in readme.headings:
        if heading.words and _CITE.search(heading.text):
            yield Evidence(True, heading.at, f"the section \u201c{heading.text[:60]}\u201d")
            return
    if seen := _OWN_PAPER.search(readme.prose.text):
        note = f"it speaks of a paper: \u201c{' '.join(seen[0].split())[:60]}\u201d"
        yield Evidence(False, Place(readme.path), note)


def credited(project: Project) -> Iterator[Evidence]:
    """Whether models and data that others made are credited with their licence."""
    taken = next(_taken(project), None)
    if taken is None:
        return
    found = next(
        told(
            project,
            files=_CREDIT_FILE,
            headings=_CREDIT,
            settings=r"^(?:base_model|datasets)(?:\[\])?$",
        )
    )
    yield found if found.ok else Evidence(False, None, taken)


def _taken(project: Project) -> Iterator[str]:
    for name, calls in project.calls_by_name.items():
        for call in calls if name in _TAKEN else ():
            what = next((a.const for a in call.args if a.key == "0" and a.known), None)
            foreign = isinstance(what, str) and not what.startswith((".", "/", "~"))
            if foreign and project.role(call.at.path) == "source":
                yield f"`{str(what)[:60]}` is taken over without a word on its licence"
