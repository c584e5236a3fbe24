"""Documents that a repository is expected to carry: licence, model card, contribution guide.

Knows file names, metadata keys and headings; does not judge what the documents say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.checks import readme
from mllint.checks.documents import is_filled
from mllint.facts import Heading, Place
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.project import Project

_LEAST = 3
"""Bytes below which a file of licence says nothing."""
_LICENCE_FILE = regex(
    r"(?:licen[cs]e|copying|unlicense|lizenz|licencia|eula)(?:[-_.][\w.-]*)?"
    r"|(?:\w[\w.]*[-_])+(?:licen[cs]e)(?:[-_.][\w.-]*)?|(?!.*require)[\w.-]*\.license"
    r"|(?:mit|apache|a?l?gpl|bsd|mpl|epl|cecill|cc-by|cc0"
    r"|eupl)(?:[-_.]?v?\d[\w.]*)?(?:[-_]\w+)*\.(?:txt|md)",
    re.IGNORECASE,
)
_LICENCE_KEYS = frozenset(
    {
        "project.license", "project.license.text", "project.license.file", "metadata.license",
        "project.license-files", "project.license-files[]", "tool.poetry.license",
        "metadata.license_file", "metadata.license_files",
    }
)  # fmt: skip
_PRIVATE_KEYS = frozenset({"project.classifiers[]", "tool.poetry.classifiers[]", "license"})
"""Keys that say it too, where they say that the code is private."""
_NOT_FOR_OTHERS = regex(
    r"proprietary|all rights reserved|unlicensed\b|not for (?:distribution|redistribution)"
    r"|private ::|\binternal use only\b|\bnot for use outside\b",
    re.IGNORECASE,
)
"""What says that nobody else may use the code, which leaves nothing to be asked."""
_LICENCE_TEXT = regex(
    r"\blicen[cs]ed? (?:under|by|:)"
    r"|\b(?:mit|apache|bsd|gpl|agpl|lgpl|mozilla|creative commons)\b[\w .,-]{0,30}\blicen[cs]e"
    r"|\blicen[cs]e\b[\w :.,-]{0,20}\b(?:mit|apache|bsd|gpl|agpl|lgpl|cc[ -]by)\b"
)
_LICENCE = regex(r"licen[cs]e", re.IGNORECASE)
_WHOLE_LICENCE = regex(
    r"permission is hereby granted|redistribution and use in source and binary forms"
    r"|terms and conditions for use, reproduction|permission to use, copy, modify"
)
"""Words of the texts of licences, lower case."""
_CARD_FILE = regex(
    r"(?:[\w-]+[-_])?(?:(?:model|system|method)[-_ ]?cards?|(?:ai"
    r"|model)[-_ ]?fact[-_ ]?sheet|factsheet"
    r"|model[-_](?:sheet|facts|documentation|passport|description)|modellkarte|carte[-_]modele)"
    r"(?:[-_.][\w.-]*)?\.(?:md|markdown|rst|json|ya?ml|html|pdf|txt|toml|adoc|qmd|rmd|tex"
    r"|ipynb)",
    re.IGNORECASE,
)
_CARD_FOLDER = regex(r"(?:^|/)model[-_]?cards?/", re.IGNORECASE)
_ABOUT_MODEL = regex(
    r"(?:docs?/)?(?:cards?/[\w-]+|models?/(?:[\w-]+/)?readme|docs/models?/[\w-]+|card|model"
    r"|intended[-_]use|transparency|limitations|model[-_](?:risk|report)|annex[-_]iv)\.(?:md|rst)",
    re.IGNORECASE,
)
"""Documents that may say what a card says."""
_CARD_CALLS = regex(
    r"(?:sagemaker\.model_card\.ModelCard|verifyml\.|setfit\.SetFitModelCardData"
    r"|sentence_transformers\.(?:\w+\.)*SentenceTransformerModelCardData)|.*\.create_model_card$"
)
"""Calls that write a card."""
_CARD_HEADING = regex(
    r"model[ -]?(?:card|facts|details)|fact ?sheet|modellkarte|intended use"
    r"|out[ -]of[ -]scope|bias, risks"
    r"|what (?:it|the model) (?:is|should|must)\b.*\b(?:for|used)\b"
    r"|limitations and bias",
    re.IGNORECASE,
)
_CARD_KEYS = frozenset(
    {
        "library_name",
        "pipeline_tag",
        "base_model",
        "base_model[]",
        "model-index",
        "model-index[].name",
    }
)
_PLACEHOLDER = "[more information needed]"
_GUIDE_FILE = regex(
    r"(?:contributing|contribute|development|developing|hacking|developers?|dev|maintaining"
    r"|onboarding"
    r"|how-?to-contribute|working-agreement|beitragen|contribuir|readme[-_.]dev\w*)"
    r"(?:[-_.][\w.-]*)?\.?(?:md|markdown|rst|txt|adoc)?",
    re.IGNORECASE,
)
_GUIDE_HEADING = regex(
    r"\bcontribut(?:ing|e|ions?|ors? guide)\b|how to develop|^develop(?:ment|ing)$"
    r"|for (?:developer|maintainer)s"
    r"|\bhacking\b|\bdev(?:eloper)? (?:set-?up|notes)\b|mak(?:e|ing) (?:a )?changes?"
    r"|propos(?:e|ing) (?:a )?changes?"
    r"|ways? of working|how we work|working (?:agreement|on it|on th)|merge requests?"
    r"|before you (?:push|commit)"
    r"|local development|beitragen|mitwirken|mitmachen|contribuir|contribuer|贡献|貢献"
    r"|development (?:guide|set|workflow|environment)|developer guide|pull requests?",
    re.IGNORECASE,
)
_GUIDE_FOLDERS = frozenset(
    {"", ".github", ".gitlab", ".codeberg", ".forgejo", ".gitea", "docs", "doc", "docs/source"}
    | {"documentation", "docs/community", "docs/about", "docs/dev", "docs/docs"}
)
_GUIDE_FOLDER = regex(
    r"(?:docs?/(?:source/)?)?(?:contributing|development|developers?(?:[-_]guide)?|dev)"
    r"/[\w-]+\.(?:md|rst|adoc)",
    re.IGNORECASE,
)
_MIN_WORDS = 20
_MIN_GUIDE = 3
"""Words from which a guide tells something."""


def no_licence(project: Project) -> Iterator[Evidence]:
    """Whether the repository carries a licence text, or at least names a licence."""
    for file in project.rows("file"):
        folder, _, name = file.at.path.rpartition("/")
        if (
            file.size
            and folder in {"", "LICENSES", "licenses", "LICENSE", ".github", "docs", "legal"}
            and (folder.upper() in {"LICENSES", "LICENSE"} or _LICENCE_FILE.fullmatch(name))
            and project.size(file.at.path) >= _LEAST
        ):
            yield Evidence(True, Place(file.at.path), f"`{file.at.path}`")
            return
    for row in project.rows("setting"):
        if (
            row.format == "front-matter"
            and row.key == "license"
            and row.at.path.upper() == "README.MD"
        ):
            yield Evidence(True, row.at, f"the model card names `{row.value}`")
            return
    yield _licence_named(project)


def _licence_named(project: Project) -> Evidence:
    """A licence that is named and whose text is missing earns half."""
    for row in project.rows("setting"):
        closed = row.key in _PRIVATE_KEYS and "/" not in row.at.path
        if closed and _NOT_FOR_OTHERS.match(str(row.value)):
            return Evidence(True, row.at, f"`{row.at.path}` says that it is `{row.value}`")
        if row.key in _LICENCE_KEYS and "/" not in row.at.path and row.value:
            if _NOT_FOR_OTHERS.search(str(row.value)):
                return Evidence(True, row.at, f"`{row.at.path}` says that it is `{row.value}`")
            note = f"`{row.at.path}` only names a licence"
            return Evidence(False, None, note, 0.5)
    text = readme.of_the_project(project)
    if text is not None and _holds_licence(text):
        return Evidence(True, Place(text.path), f"`{text.path}` holds the text")
    for heading in project.by_path[text.path].get("heading", ()) if text is not None else ():
        below = _under(text.prose.text, heading.text) if text is not None else ""
        if _LICENCE.search(heading.text) and (told := _NOT_FOR_OTHERS.search(below)):
            return Evidence(True, heading.at, f"the README says `{told[0]}`")
    if text is not None and (
        _LICENCE_TEXT.search(text.prose.text) or any(_LICENCE.search(h.text) for h in text.headings)
    ):
        return Evidence(False, None, "the README only speaks of a licence", 0.5)
    return Evidence(False, None, "nothing names a licence")


def _under(text: str, heading: str) -> str:
    """The text that follows a heading in the prose."""
    return text.lower().partition(heading.lower())[2][:400] if heading else ""


def _holds_licence(text: readme.Readme) -> bool:
    """Whether a README has the whole licence in it."""
    parts = (text.prose.text, *(fence.text for fence in text.fences))
    return any(_WHOLE_LICENCE.search(" ".join(part.lower().split())) for part in parts)


def no_contributing(project: Project) -> Iterator[Evidence]:
    """Whether it is written down how to work on the project."""
    for file in project.rows("file"):
        folder, _, name = file.at.path.rpartition("/")
        named = folder in _GUIDE_FOLDERS and _GUIDE_FILE.fullmatch(name)
        if (
            (named or _GUIDE_FOLDER.fullmatch(file.at.path))
            and file.kind in {"doc", "other"}
            and file.size
            and is_filled(project, file.at.path, _MIN_GUIDE)
        ):
            yield Evidence(True, Place(file.at.path), f"`{file.at.path}`")
            return
    text = readme.of_the_project(project)
    heading = _heading(project, text.path, _GUIDE_HEADING) if text is not None else None
    if heading is not None:
        yield Evidence(True, heading.at, f"the section \u201c{heading.text}\u201d")
    else:
        yield Evidence(False, None, "no guide and no section of the README")


def _heading(
    project: Project, path: str, wanted: re.Pattern[str], words: int = 5
) -> Heading | None:
    for heading in project.by_path[path].get("heading", ()):
        if heading.words >= words and wanted.search(heading.text):
            return heading  # type: ignore[no-any-return]
    return None


def no_model_card(project: Project) -> Iterator[Evidence]:
    """Whether what is published or served is described by a model card."""
    found = [*_cards(project)]
    whole = [one for one in found if one.ok]
    if whole:
        yield whole[0]
    elif found:
        yield found[0]
    else:
        yield _perhaps(project) or Evidence(False, None, "there is no model card")


def _perhaps(project: Project) -> Evidence | None:
    """A document about the model, or about its limits, which may be its card."""
    for prose in project.rows("prose"):
        path = prose.at.path
        about = _ABOUT_MODEL.fullmatch(path) and project.role(path) in {"source", "docs"}
        if about and prose.words >= _MIN_WORDS:
            return Evidence(None, Place(path), f"`{path}` may be the card")
    return None


def _cards(project: Project) -> Iterator[Evidence]:
    for file in project.rows("file"):
        path = file.at.path
        if project.role(path) not in {"source", "docs"}:
            continue
        name = path.rpartition("/")[2]
        if _CARD_FILE.fullmatch(name) or (
            _CARD_FOLDER.search(path) and file.kind in {"doc", "config"}
        ):
            yield _card(project, path)
    for row in project.rows("setting"):
        if row.format == "front-matter" and row.key in _CARD_KEYS:
            yield _card(project, row.at.path)
    for call in project.rows("tool"):
        if call.family == "governance_files" and call.tool == "Model card" and call.how == "call":
            yield Evidence(True, call.at, call.note)
    for name, calls in project.calls_by_name.items():
        if _CARD_CALLS.match(name) and project.role(calls[0].at.path) == "source":
            yield Evidence(True, calls[0].at, f"`{name.rpartition('.')[2]}` writes a card")
    for heading in project.rows("heading"):
        if heading.words >= _MIN_WORDS and _CARD_HEADING.search(heading.text):
            yield Evidence(True, heading.at, f"the section \u201c{heading.text}\u201d")


def _card(project: Project, path: str) -> Evidence:
    """A card that is still its template, or is nearly empty, earns half."""
    prose = next(iter(project.by_path.get(path, {}).get("prose", ())), None)
    if prose is not None and prose.text.count(_PLACEHOLDER) >= 3:
        return Evidence(False, Place(path), f"`{path}` is still its template", 0.5)
    if prose is not None and prose.words < _MIN_WORDS:
        return Evidence(False, Place(path), f"`{path}` has only {prose.words} words", 0.5)
    return Evidence(True, Place(path), f"`{path}`")


_TOLD = {
    "a licence": ("license", "license_name", "license_link"),
    "data": ("datasets", "datasets[]", "dataset", "base_model", "base_model[]"),
}
"""What the header of a card must name, by the keys that do so."""


def card_header(project: Project) -> Iterator[Evidence]:
    """Headers of cards for a hub, judged by whether they name a licence and where it comes from."""
    headers: dict[str, set[str]] = {}
    for row in project.rows("setting"):
        if row.format == "front-matter" and project.role(row.at.path) in {"source", "docs"}:
            headers.setdefault(row.at.path, set()).add(row.key)
    for path, keys in headers.items():
        if keys.isdisjoint(_CARD_KEYS):
            continue
        missing = [what for what, known in _TOLD.items() if keys.isdisjoint(known)]
        note = f"names neither {' nor '.join(missing)}" if len(missing) > 1 else ""
        note = note or (f"names no {missing[0].removeprefix('a ')}" if missing else "is filled in")
        at = Place(path, 1) if missing else Place(path)
        yield Evidence(not missing, at, f"the header of `{path}` {note}")
