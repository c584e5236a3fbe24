"""What a call is given. Knows rows only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mllint.facts import Arg, Call


def argument(call: Call, *keys: str) -> Arg | None:
    """The argument under one of these keys; None where it is not given."""
    return next((arg for arg in call.args if arg.key in keys), None)


def constant(call: Call, *keys: str) -> Any:
    """The known constant of an argument; None where it is not given or not known."""
    found = argument(call, *keys)
    return found.const if found is not None and found.known else None
