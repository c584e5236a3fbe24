"""What is said when mllint itself fails."""

from __future__ import annotations

import platform
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import mllint

if TYPE_CHECKING:
    from collections.abc import Sequence


def report(error: BaseException, argv: Sequence[str], *, verbose: bool) -> int:
    """Describe a fault of ours on stderr, with a text ready for an issue; the exit code."""
    from mllint.cli.output import note

    what = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
    note(f"mllint failed: {what}")
    if verbose:
        note("".join(traceback.format_exception(error)).rstrip())
    else:
        note("  hint: -v shows the traceback")
    note("Please report it with this text:", "", *_issue(error, what, argv))
    return 3


def _issue(error: BaseException, what: str, argv: Sequence[str]) -> list[str]:
    """The body of an issue: no path or text of the user's project but the options given."""
    options = [a.partition("=")[0] for a in argv if a.startswith("-")]
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return [
        f"    mllint {mllint.__version__}, Python {platform.python_version()}, {sys.platform}",
        f"    options: {' '.join(options) or 'none'}",
        f"    {type(error).__name__} in:",
        *(f"      {Path(f.filename).name}:{f.lineno} {f.name}" for f in frames),
        f"    {what}",
    ]
