"""Which string constants may matter: absolute paths, URLs and what looks like a secret.

Knows what they look like; whether one is a fault is for a rule to say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.facts import Literal
from mllint.readers.python.constants import clean

if TYPE_CHECKING:
    import ast

    from mllint.readers.python.state import Walk

LONGEST = 512

_URL = re.compile(
    r"(?:https?|ftp|s3a?|gs|wasbs?|abfss?|hdfs|dbfs|mongodb|postgres\w*|mysql\w*|redis|amqp)://\S"
)
_PATH = re.compile(
    r"/(?:home|Users|mnt|data|datasets?|media|tmp|var|usr|opt|root|etc|srv|scratch|work|workspace"
    r"|content|kaggle|dbfs|nfs|gpfs|lustre|storage|ssd|hdd|raid|proj|projects?|export|net|shared?"
    r"|cluster|private|Volumes|disk\w*|lab|cache|ml)/[^\s/]"
    r"|~[/\\]\S|[A-Za-z]:[\\/]{1,2}[\w. -]+|\\\\\w+\\"
)
_NAME = re.compile(
    r"(?:^|_|\b)(?:pass(?:word|wd|phrase)|pwd|secret|token|api_?key|access_?key|private_?key"
    r"|auth_?key)s?(?:_id|_value)?$",
    re.IGNORECASE,
)
_HARMLESS_NAME = re.compile(
    r"(?:pad|unk|eos|bos|sep|cls|mask|special|stop|start|end|image|next|new)_", re.IGNORECASE
)
_TYPED = re.compile(
    r"sk-(?:proj-|ant-)?[\w-]{20,}|gh[pousr]_\w{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}"
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}\b|xox[abprs]-[\w-]{10,}|hf_[A-Za-z]{30,}|AIza[\w-]{35}"
    r"|sk_live_\w{20,}|SG\.[\w-]{20,}\.[\w-]{20,}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.|npm_\w{36}"
    r"|pypi-\w{50,}|dapi[0-9a-f]{32}|-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"
)
_INVENTED = re.compile(r"([^-])\1{4}|example|placeholder|1234567|abcdefg|your_", re.IGNORECASE)
"""Tokens of the right form that stand for one."""
_LOGIN = re.compile(r"\w+://([^\s/:@{]+):([^\s/@{]{3,})@([\w.\[\]:-]*)")
_OWN_MACHINE = re.compile(
    r"(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]|host\.docker\.internal)(?::|$)"
)
_PLACEHOLDER = re.compile(
    r"[<>{}\[\]$%*\s]|x{3,}|your|my[-_]?|example|change|dummy|placeholder|fake|sample|none|null|test"
    r"|todo|secret|passw|token|key$|^(?:pass|pwd|user|admin|root|postgres|guest|minio\w*)$",
    re.IGNORECASE,
)


def note(w: Walk, node: ast.expr, text: str) -> None:
    """Add a row if this string may matter."""
    kind = kind_of(text, w.target) if text else ""
    if kind:
        place = w.chunk.place(node)
        w.row("literal", Literal(place, clean(text[:LONGEST]), kind, w.target))


def kind_of(text: str, target: str) -> str:
    """path, url, secret, or "" for a string that is of no interest."""
    typed = _TYPED.match(text)
    if typed is not None:
        return "" if _INVENTED.search(typed[0]) else "secret"
    if target and _is_secret(text, target):
        return "secret"
    if (login := _LOGIN.match(text)) and _lets_in(*login.groups()):
        return "secret"
    if "://" in text:
        return "url" if _URL.match(text) else ""
    if not text or len(text) > LONGEST or "\n" in text:
        return ""
    return (
        "path" if text[0] in "/~\\" + "ABCDEFGHIJKLMNOPQRSTUVWXYZcde" and _PATH.match(text) else ""
    )


def _lets_in(user: str, word: str, host: str) -> bool:
    """Whether the login of an address opens anything but somebody's own machine."""
    if _PLACEHOLDER.search(word) or user.casefold() == word.casefold():
        return False
    return not _OWN_MACHINE.match(host)


def _is_secret(text: str, target: str) -> bool:
    """Whether a text that a telling name holds is one long word of mixed characters."""
    if not 8 <= len(text) <= LONGEST or not _NAME.search(target) or _HARMLESS_NAME.search(target):
        return False
    if _PLACEHOLDER.search(text) or len(set(text)) < 5:
        return False
    return any(not (c.isalpha() or c in "-_./:") for c in text)
