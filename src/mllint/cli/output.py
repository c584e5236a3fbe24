"""Writing: the report to stdout or to files, everything else to stderr."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

_TEXT_WIDTHS = (60, 120)
"""A report is laid out for at least and at most that many columns."""

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})
"""What a disk says that takes no more."""
_COMMAND = re.compile(r"(?m)^([^\S\n]*):(?=:[^\n]*::)")
"""A line that GitHub Actions would take for a command; it looks at all that a step prints."""


def emit(text: str) -> None:
    """Write to stdout; silent where its reader has gone."""
    _write(obeyed_by_none(text), sys.stdout.encoding or "utf-8")


def emit_utf8(text: str, *, commands: bool = False) -> None:
    """Write a machine format to stdout, whatever the locale; `commands` are GitHub's."""
    _write(text if commands else obeyed_by_none(text), "utf-8")


def _write(text: str, encoding: str) -> None:
    try:
        sys.stdout.buffer.write(text.encode(encoding, "backslashreplace"))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        closed()


def closed() -> None:
    """Send what is still to come to nowhere, so that the interpreter ends quietly."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError, ValueError):
        os.dup2(nowhere, sys.stdout.fileno())


def complain(text: str, hint: str = "") -> None:
    """An error for the user, on stderr."""
    lines = text.splitlines() or [""]
    shown = [f"error: {line}" if not line.startswith("  ") else line for line in lines]
    note(*shown, *([f"  hint: {hint}"] if hint else []))


def note(*lines: str, commands: bool = False) -> None:
    """Lines on stderr; `commands` are GitHub's."""
    with suppress(BrokenPipeError, OSError):
        for line in lines:
            shown = printable(line if commands else obeyed_by_none(line), sys.stderr)
            sys.stderr.write(f"{shown}\n")


def obeyed_by_none(text: str) -> str:
    """The text, in GitHub Actions so that no line of it is a command."""
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return text
    return _COMMAND.sub(r"\1\\x3a", text)


def printable(text: str, stream: TextIO) -> str:
    """The text with what the stream cannot encode, and control characters, escaped."""
    from mllint.reports.lines import clean

    encoding = stream.encoding or "utf-8"
    kept = "\n".join(clean(line) for line in text.split("\n"))
    return kept.encode(encoding, "backslashreplace").decode(encoding)


def check_writable(path: Path) -> None:
    """Raise UsageError where a report cannot be written to that path."""
    from mllint.review import UsageError

    if path.is_dir():
        raise UsageError(f"-o: {path} is a folder")
    folder = path.parent
    if not folder.is_dir():
        raise UsageError(f"-o: there is no folder {folder}")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise UsageError(f"-o: {path} cannot be written")


def refuse_outside(root: Path, path: Path, shown: str) -> None:
    """Raise UsageError for a path of a project that a link leads out of it, or that is no file.

    Whoever wrote the project may have meant to have another file overwritten.
    """
    from mllint.review import UsageError

    full = Path(os.path.realpath(root))
    top = next((f for f in (full, *full.parents) if (f / ".git").exists()), full)
    target = Path(os.path.realpath(path))
    if not target.is_relative_to(top):
        raise UsageError(f"{shown}: leads out of the project, to {target}; it is not written")
    if target.exists() and not target.is_file():
        raise UsageError(f"{shown}: is not a file; it is not written")


def write_file(path: Path, text: str) -> None:
    """Write a file whole or not at all; devices and pipes are written to directly.

    Raises UsageError where that is not allowed, and OSError for a disk that is full.
    """
    from mllint.review import UsageError

    try:
        _replace(Path(os.path.realpath(path)), text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        if error.errno in FULL:
            raise
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error


def _replace(target: Path, data: bytes) -> None:
    if target.exists() and not target.is_file():
        target.write_bytes(data)
        return
    new = target.with_name(f".mllint-{os.getpid()}.new")
    try:
        new.write_bytes(data)
        if target.exists():
            new.chmod(target.stat().st_mode & 0o7777)
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)


def colored(choice: str, stream: TextIO) -> bool:
    """Whether to colour: the flag, NO_COLOR, FORCE_COLOR, CLICOLOR, TERM, then the stream."""
    if choice != "auto":
        return choice == "always"
    env = os.environ
    if env.get("NO_COLOR"):
        return False
    if any(env.get(name, "") not in {"", "0"} for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    refused = "0" in {env.get("FORCE_COLOR"), env.get("CLICOLOR")}
    return not refused and not dumb() and stream.isatty()


def linked(choice: str, stream: TextIO, *, color: bool) -> bool:
    """Whether places are links: the flag; else where there is colour on a terminal."""
    return choice == "always" or (choice == "auto" and color and stream.isatty() and not dumb())


def dumb() -> bool:
    """Whether the terminal can do nothing but print."""
    return os.environ.get("TERM") == "dumb"


def width() -> int:
    """Columns to lay a report out for; COLUMNS wins, 100 where stdout is no terminal."""
    least, most = _TEXT_WIDTHS
    return min(max(shutil.get_terminal_size((100, 24)).columns, least), most)


def unicode_out(stream: TextIO) -> bool:
    """Whether the stream can show bars and dots.

    In the locale C, Python writes UTF-8 on its own account; who has set it wants ASCII.
    """
    locale = os.environ.get("LC_ALL") or os.environ.get("LANG")
    if locale in {"C", "POSIX"} and sys.flags.utf8_mode and "PYTHONUTF8" not in os.environ:
        return False
    try:
        "█░·…".encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
