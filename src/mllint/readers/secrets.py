"""Secrets in configuration: found by name or look, told without being shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.facts import Literal, Setting

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
_NESTED = re.compile(r"[\\(|]|^[./~]")


def hide(settings: Iterable[Setting]) -> Iterator[Setting | Literal]:
    """The settings, those that hold a secret without it and with a row that says so."""
    for setting in settings:
        text = setting.value
        name = setting.key.rpartition(".")[2].removesuffix("[]")
        if isinstance(text, str) and is_secret(name, text):
            yield setting._replace(value=HIDDEN)
            yield Literal(setting.at, text[:4] + HIDDEN, "secret", name)
        else:
            yield setting


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
