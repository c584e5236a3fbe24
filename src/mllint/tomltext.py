"""Strings as TOML writes them."""

from __future__ import annotations

import json


def quoted(text: str) -> str:
    """A string of TOML on one line that reads back as the text; what is not seen is escaped."""
    written = json.dumps(text, ensure_ascii=False)
    return written if written.isprintable() else "".join(map(_character, written))


def _character(one: str) -> str:
    code = ord(one)
    if one.isprintable():
        return one
    if 0xD800 <= code < 0xE000:  # no TOML can hold a surrogate
        return "\ufffd"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
