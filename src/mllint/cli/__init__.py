"""The command line: the only place that prints and that ends the process.

`main` alone turns errors into exit codes: 2 for a mistake of the user's, 3 for one of ours,
130 for Ctrl-C.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_VERBOSE = ("-v", "-vv", "--verbose")


def main(argv: Sequence[str] | None = None) -> None:
    """Run a command line and exit with its code.

    No garbage is looked for, and what the run has made is not taken down object by object: next to
    nothing of it is garbage before the process ends.
    """
    gc.disable()
    _open_streams()
    code = run(sys.argv[1:] if argv is None else argv)
    atexit._run_exitfuncs()  # noqa: SLF001 - `os._exit` leaves them out
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # `suppress` is a command in here
            stream.flush()
    os._exit(code)


def _open_streams() -> None:
    """Open to nowhere what the caller has closed; else a file of ours would take its number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115 - open to the end


def run(argv: Sequence[str]) -> int:
    """The exit code of a command line."""
    try:
        return _command(argv)
    except KeyboardInterrupt:
        return _interrupted()
    except BrokenPipeError:
        from mllint.cli.output import closed

        closed()
        return 0
    except Exception as error:  # noqa: BLE001 - the last resort: a fault of ours ends in 3
        return _failed(error, argv)


def _command(argv: Sequence[str]) -> int:
    import click

    from mllint.cli.app import app
    from mllint.cli.argfiles import expanded
    from mllint.cli.output import complain

    try:
        code = app.main(expanded(argv), prog_name="mllint", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        return _interrupted()
    except click.ClickException as error:
        complain(error.format_message(), _help_line(error))
        return 2
    return code if isinstance(code, int) else 0


def _failed(error: Exception, argv: Sequence[str]) -> int:
    """Tells a mistake of the user's from one of ours; `review` is only imported for that."""
    from mllint.cli.output import FULL, complain
    from mllint.review import UsageError

    if isinstance(error, OSError) and error.errno in FULL:
        complain(f"the report cannot be written: {error.strerror}")
        return 3
    if isinstance(error, UsageError):
        complain(str(error))
        return 2
    from mllint.cli.crash import report

    return report(error, argv, verbose=any(flag in argv for flag in _VERBOSE))


def _help_line(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    return f"{context.command_path} -h shows what is possible" if context else ""


def _interrupted() -> int:
    from mllint.cli.output import note

    note("interrupted")
    return 130
