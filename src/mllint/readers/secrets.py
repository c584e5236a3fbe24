"""Secrets in configuration and commands: found by name or look, told without being shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.facts import Literal, Place, Setting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HIDDEN = "***"
_WORTH = re.compile(
    r"sk[-_]|gh[pousr]_|github_pat_|glpat-|AKIA|ASIA|xox|hf_|AIza|SG\.|eyJ|npm_|pypi-|dapi|-----BEGIN"
    r"|\w+://[^\s/:{]+:"
)
_NAME = re.compile(r"pass|pwd|secret|token|key", re.IGNORECASE)
_MIXED = re.compile(r"(?=[^\W_]*[a-z])[^\W_]*\d", re.IGNORECASE)
_INVENTED = re.compile(
    r"your|example|placeholder|dummy|replace|change[-_]?me|x{4,}|\.{3}|here$|[<>{}]", re.IGNORECASE
)
_WORD = re.compile(r"(?:\b(?P<name>[A-Za-z_]\w*)=)?[\"']?(?P<text>[^\s\"'=;|&()`]{8,})")
_LOGS_IN = re.compile(r"\bwandb login(?: --\S+)* ((?=[a-f\d]*[a-f])(?=[a-f\d]*\d)[a-f\d]{40})\b")
"""Trackers whose keys have no form of their own."""
_UUID = re.compile(r"[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}")
"""How the secrets are called that a service hands to a build."""
_NESTED = re.compile(r"[\\(|]|^[./~]")


def hide(settings: Iterable[Setting]) -> Iterator[Setting | Literal]:
    """The settings, those that hold a secret without it and with a row that says so."""
    for setting in settings:
        text = setting.value
        name = setting.key.rpartition(".")[2].removesuffix("[]")
        named = name == "secrets" and setting.key.endswith("[]") and _UUID.fullmatch(str(text))
        if isinstance(text, str) and not named and is_secret(name, text):
            yield setting._replace(value=HIDDEN)
            yield Literal(setting.at, text[:4] + HIDDEN, "secret", name)
        else:
            yield setting


def in_command(at: Place, command: str) -> Iterator[Literal]:
    """Rows for the secrets that a command of a shell spells: assigned, in a URL, or as a word."""
    for found in _WORD.finditer(command):
        name, text = found["name"] or "", found["text"]
        login = text.partition("://")[2].partition("@")[0].rpartition(":")[2]
        if is_secret(name, text) or (login and is_secret("", login)):
            yield Literal(at, (login or text)[:4] + HIDDEN, "secret", name)
    if (handed := _LOGS_IN.search(command)) is not None:
        yield Literal(at, handed[1][:4] + HIDDEN, "secret", "")


def is_secret(name: str, text: str) -> bool:
    """Whether a value looks like a real secret, from its own form or under a telling name."""
    if not (_WORTH.match(text) or _NAME.search(name)) or _INVENTED.search(text):
        return False
    # Only few values get here, and few files: the reader of Python code is not loaded for others.
    from mllint.readers.python.literals import kind_of

    if kind_of(text, name) != "secret":
        return False
    # Configuration names secrets more often than it holds them: `credentials: db_password`.
    return kind_of(text, "") == "secret" or bool(_MIXED.search(text) and not _NESTED.search(text))
