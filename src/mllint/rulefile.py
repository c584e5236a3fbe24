"""One rule file: its keys, their types, and the rule that they make."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from mllint.language import QUANTIFIERS, Mistake, compile_check, late_check, unlike
from mllint.review import (
    CONFIDENCES,
    EFFORTS,
    PROFILES,
    SEVERITIES,
    SUBJECTS,
    Profile,
    Rule,
    Severity,
    Subject,
)
from mllint.ruleparts import Example, Option
from mllint.wording import noun

if TYPE_CHECKING:
    from pathlib import Path

_TEXTS = (
    "title",
    "confidence",
    "profile",
    "effort",
    "message",
    "remedy",
    "why",
    "limits",
    "since",
    "how",
    "counted",
    "subject",
)
_LISTS = (
    "source", "practices", "when", "requires", "references", "related", "tags", "anchor",
    "distinct", "renamed-from",
)  # fmt: skip
_FLAGS = ("preview", "opinion")
_NEEDED = (
    "title",
    "source",
    "severity",
    "confidence",
    "profile",
    "effort",
    "message",
    "remedy",
    "why",
    "check",
)
_KEYS = (*_TEXTS, *_LISTS, *_FLAGS, "severity", "options", "check", "bad", "good", "na")
_CHOICES: Mapping[str, Sequence[str]] = {
    "confidence": CONFIDENCES,
    "profile": PROFILES,
    "effort": tuple(EFFORTS),
    "subject": SUBJECTS,
}
_NOUNS: Mapping[type, str] = {
    int: "a whole number", float: "a number", str: "a text", bool: "true or false", list: "a list",
    dict: "a table",
}  # fmt: skip
_FILE_KEYS = ("text", "base64", "size", "tracked", "lfs")
_OF_EXAMPLES = frozenset({"expect", "note", "options", "history"})
"""Keys of an example that are no paths."""
_COMMIT = re.compile(r"\S+ \d{4}-\d\d-\d\d \S.*")


class Draft(NamedTuple):
    """A rule file as it was read."""

    path: Path
    data: Mapping[str, Any]
    shown: str


def read_rule(
    draft: Draft,
    options: Mapping[str, Any],
    groups: Iterable[str],
    mistakes: list[Mistake],
    *,
    sound: bool = False,
) -> Rule | None:
    """The rule that a file makes; None, with what is wrong added, where it makes none.

    What is known to be `sound` is not checked again.
    """
    data = draft.data
    before = len(mistakes)
    if not sound:
        _check_keys(data, mistakes)
    declared = _options(data.get("options", {}), options, mistakes)
    spec = data.get("check", {})
    if isinstance(spec, Mapping) and "python" in spec:
        chosen = {o.name.replace("-", "_"): options.get(o.name, o.default) for o in declared}
        spec = {**spec, "with": {**spec.get("with", {}), **chosen}}
    check = (late_check if sound else compile_check)(spec, mistakes, groups)
    if len(mistakes) > before:
        return None
    return Rule(
        id=draft.path.stem,
        category=draft.path.parent.name,
        title=data["title"],
        source=tuple(data["source"]),
        practices=tuple(data.get("practices", ())),
        severity=_severity(data["severity"]),
        confidence=data["confidence"],
        profile=data["profile"],
        when=tuple(data.get("when", ())),
        requires=tuple(data.get("requires", ())),
        effort=data["effort"],
        message=data["message"],
        remedy=data["remedy"],
        why=data["why"],
        limits=data.get("limits", ""),
        references=tuple(data.get("references", ())),
        related=tuple(data.get("related", ())),
        tags=tuple(data.get("tags", ())),
        options=declared,
        anchor=tuple(data.get("anchor", ())),
        since=data.get("since", "2026.1"),
        preview=data.get("preview", False),
        opinion=data.get("opinion", False),
        check=check,
        how=data.get("how") or _how(data["check"]),
        examples=examples(data, []),
        file=draft.shown,
        counted=data.get("counted") or _counted(data["check"]),
        nothing=data["check"].get("none") or _nothing(data["check"]),
        subject=data.get("subject") or _subject(draft.path.stem, data["check"]),
        distinct=tuple(data.get("distinct", ())),
        renamed_from=tuple(data.get("renamed-from", ())),
    )


def _check_keys(data: Mapping[str, Any], mistakes: list[Mistake]) -> None:
    for key, value in data.items():
        if key not in _KEYS:
            mistakes.append(Mistake(key, f"unknown key{unlike(key, _KEYS)}"))
        elif key in _TEXTS and not isinstance(value, str):
            mistakes.append(Mistake(key, "must be a text"))
        elif key in _LISTS and not (
            isinstance(value, list) and all(isinstance(v, str) for v in value)
        ):
            mistakes.append(Mistake(key, "must be a list of texts"))
        elif key in _FLAGS and not isinstance(value, bool):
            mistakes.append(Mistake(key, "must be true or false"))
        elif key in _CHOICES and value not in _CHOICES[key]:
            mistakes.append(Mistake(key, f"must be one of {', '.join(_CHOICES[key])}"))
    mistakes.extend(Mistake(key, "is missing") for key in _NEEDED if key not in data)
    severity = data.get("severity", "error")
    table = severity if isinstance(severity, Mapping) else {"internal": severity}
    for profile, value in table.items():
        if profile not in PROFILES:
            mistakes.append(
                Mistake(f"severity.{profile}", f"unknown profile{unlike(profile, PROFILES)}")
            )
        if value not in SEVERITIES:
            mistakes.append(Mistake("severity", f"must be one of {', '.join(SEVERITIES)}"))


def _severity(spec: Any) -> dict[Profile, Severity]:
    """Severity per profile; a profile that a table leaves out has that of the one below it."""
    if isinstance(spec, str):
        return dict.fromkeys(PROFILES, spec)  # type: ignore[arg-type]
    found: dict[Profile, Severity] = {}
    last: Severity = next(iter(spec.values()))
    for profile in PROFILES:
        last = spec.get(profile, last)
        found[profile] = last
    return found


def _options(spec: Any, chosen: Mapping[str, Any], mistakes: list[Mistake]) -> tuple[Option, ...]:
    if not isinstance(spec, Mapping):
        mistakes.append(Mistake("options", "must be a table"))
        return ()
    declared = []
    for name, one in spec.items():
        if not isinstance(one, Mapping) or "default" not in one or "text" not in one:
            mistakes.append(Mistake(f"options.{name}", "needs `default` and `text`"))
            continue
        declared.append(Option(name, one["default"], one["text"]))
    defaults = {o.name: o.default for o in declared}
    for name, value in chosen.items():
        if name not in defaults:
            mistakes.append(Mistake(f"options.{name}", f"no such option{unlike(name, defaults)}"))
        elif not _same_type(value, defaults[name]):
            mistakes.append(Mistake(f"options.{name}", f"must be {_NOUNS[type(defaults[name])]}"))
    return tuple(declared)


def _same_type(value: Any, default: Any) -> bool:
    if isinstance(default, float):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is type(default)


def _subject(name: str, check: Mapping[str, Any]) -> Subject:
    """What is missing is missing in the project, wherever the best of what there is stands."""
    uses = str(check.get("python", "")).startswith("practice:")
    absent = name.startswith("no-") or uses or "some" in check or "any" in check
    return "project" if absent else "place"


def _how(check: Mapping[str, Any]) -> str:
    """A plain sentence about a check, for its page."""
    for kind, text in (
        ("every", "Looks at every {} row that matches and asks that it is as it should be."),
        ("no", "Looks for {} rows that should not be there."),
        ("some", "Looks for a {} row that shows the practice."),
    ):
        if kind in check:
            return text.format(check[kind])
    return (
        "Combines several checks."
        if "any" in check or "all" in check
        else "Follows the code and files of the project."
    )


def _counted(check: Mapping[str, Any]) -> str:
    return f"{noun(check['every'], 2)} are fine" if "every" in check else ""


def _nothing(check: Mapping[str, Any]) -> str:
    table = next((check[kind] for kind in QUANTIFIERS if kind in check), "")
    return f"there is no {noun(table)} to judge" if table else "there is nothing to judge"


def examples(data: Mapping[str, Any], mistakes: list[Mistake]) -> tuple[Example, ...]:
    """The examples of a rule file, with what is wrong in them added."""
    found = []
    kinds: tuple[Literal["bad", "good", "na"], ...] = ("bad", "good", "na")
    for kind in kinds:
        for index, spec in enumerate(data.get(kind, ())):
            files = {k: v for k, v in spec.items() if k not in _OF_EXAMPLES}
            for path, content in files.items():
                if isinstance(content, Mapping) and (odd := set(content) - set(_FILE_KEYS)):
                    mistakes.append(
                        Mistake(f"{kind}[{index}].{path}", f"unknown keys {sorted(odd)}")
                    )
            if not files:
                mistakes.append(Mistake(f"{kind}[{index}]", "has no files"))
            expect = tuple(spec.get("expect", ()))
            options = dict(spec.get("options", {}))
            history = tuple(spec.get("history", ()))
            mistakes.extend(
                Mistake(f"{kind}[{index}].history", f"{text!r} is no `name YYYY-MM-DD subject`")
                for text in history
                if not _COMMIT.fullmatch(text)
            )
            found.append(Example(kind, files, expect, spec.get("note", ""), options, history))
    return tuple(found)
