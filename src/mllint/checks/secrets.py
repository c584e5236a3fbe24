"""Strings and files that give access to something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.checks.written import text_of
from mllint.facts import Place
from mllint.project import arg
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.project import Project

_OURS = frozenset({"source", "template", "example", "docs"})
_KEPT = 4
_KEY_FILE = regex(r"(?:.*/)?(?:id_(?:rsa|dsa|ecdsa|ed25519)|[^/]+\.(?:pem|key|ppk))")
_KEY = regex(r"\s*(?:-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----|PuTTY-User-Key-File-\d)")
_HEX_KEY = regex(r"(?=.*[a-f])(?=.*\d)(?!.*(.)\1{4})[0-9a-f]{40}")
_SMALL = 65536
"""Bytes: private keys are smaller."""


def in_files(project: Project) -> Iterator[Evidence]:
    """Strings that the readers took for secrets, shown by their beginning only; private keys."""
    found = [
        (row.at, f"`{row.target}` holds a secret" if row.target else "A secret", row.text[:_KEPT])
        for row in project.rows("literal")
        if row.kind == "secret" and project.role(row.at.path) in _OURS
    ]
    found += _handed_over(project)
    for at, what, start in found:
        shown = f"{what}: `{start}...`"
        yield Evidence(False, at, shown, fields={"what": shown})
    keys = [path for path in _key_files(project) if _KEY.match(text_of(project, path))]
    for path in keys:
        shown = f"`{path.rpartition('/')[2]}` is a private key"
        yield Evidence(False, Place(path), shown, fields={"what": shown})
    if not found and not keys:
        yield Evidence(True, None, "no string has the form of a token, no file that of a key")


def _handed_over(project: Project) -> Iterator[tuple[Place, str, str]]:
    """Keys of trackers, which have no form of their own, where they are handed over."""
    for call in project.calls_by_name.get("wandb.login", ()):
        given = arg(call, "key")
        text = given.const if given is not None and given.known else ""
        if _HEX_KEY.fullmatch(str(text)) and project.role(call.at.path) in _OURS:
            yield call.at, "`key` holds a secret", str(text)[:_KEPT]


def _key_files(project: Project) -> Iterator[str]:
    for row in project.rows("file"):
        path = row.at.path
        named = _KEY_FILE.fullmatch(path) and project.role(path) in _OURS
        if named and project.size(path) <= _SMALL:
            yield path
