"""From the bytes of a Python file to its text.

Knows encodings and line ends; knows nothing of syntax.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_ENDS = re.compile(r"\r\n?")
_WIDE = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
         (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip


class Unreadable(Exception):  # noqa: N818 - a state of the file, not a mistake of ours
    """A file, or one cell, that cannot be read; `kind` is that of `Problem`."""

    def __init__(self, kind: str, text: str, line: int = 0) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text
        self.line = line


class Source(NamedTuple):
    """A decoded text whose lines all end in a bare newline."""

    text: str
    note: str
    """What Python itself would refuse about the encoding, or ""."""


def decode(data: bytes) -> Source:
    """The text of a Python file; raises `Unreadable` for what is no text.

    UTF-16 and stray Latin-1 are read although Python refuses them: `note` then says so.
    """
    for mark, codec in _WIDE:
        if data.startswith(mark):
            return _decoded(data, codec, f"the file is {codec.upper()}; Python reads UTF-8 only")
    body = data.removeprefix(codecs.BOM_UTF8)
    if b"\0" in body:
        line = body.count(b"\n", 0, body.index(b"\0")) + 1
        raise Unreadable("encoding", "holds a NUL byte: not a text file", line)
    codec = "utf-8" if body is not data else _declared(body)
    try:
        codecs.lookup(codec)
    except LookupError:
        return _decoded(body, "latin-1", f"declares the unknown encoding {codec!r}")
    try:
        return _decoded(body, codec, "")
    except Unreadable:
        return _decoded(body, "latin-1", f"is not valid {codec}; it was read as Latin-1")


def _declared(data: bytes) -> str:
    """The encoding that the first two lines declare, as PEP 263 says; UTF-8 otherwise."""
    for line in data[:512].split(b"\n", 2)[:2]:
        if found := _COOKIE.match(line):
            return found[1].decode("ascii", "replace")
        if line.strip() and not line.lstrip().startswith(b"#"):
            break
    return "utf-8"


def _decoded(data: bytes, codec: str, note: str) -> Source:
    try:
        text = data.decode(codec)
    except (UnicodeError, LookupError, ValueError, TypeError) as error:
        raise Unreadable("encoding", f"is not valid {codec}: {error}"[:200]) from error
    if "\0" in text:
        raise Unreadable("encoding", "holds a NUL character: not a text file")
    if "\r" in text:
        text = _ENDS.sub("\n", text)
    return Source(text, note)
