"""Calls that seed a generator of random numbers: which ones, with what, and whether they run.

Knows which group of `apis.toml` seeds what; knows nothing of rules.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Arg, Call
    from mllint.flow.training import Training

EVERY = ("seed_python", "seed_numpy", "seed_torch", "seed_tensorflow")
"""The groups of calls that seed a global generator."""
_CHANGING = re.compile(r"time\.|datetime\.|os\.urandom|secrets\.|uuid\.|os\.getpid|random\.")
_FIXING = "enable_reproducibility"
"""What seeds the same, told or not."""
_KEYS = frozenset({"0", "seed", "a", "random_seed", "*", "**", "session_id", "state"})


def seed_calls(training: Training, groups: Sequence[str] = EVERY) -> Iterator[Call]:
    """The calls of the project's own files that seed a generator of some groups."""
    for group in groups:
        for call in training.project.calls(group):
            if training.counts(call.at.path):
                yield call


def is_fixed(call: Call) -> bool:
    """Whether a call gives a seed, and not one that differs each time."""
    if call.name.endswith(_FIXING) or "set_state" in call.name or "rng_state" in call.name:
        return True
    given = seed_of(call)
    if given is None:
        return False
    return not (given.known and given.const is None) and not _CHANGING.match(given.name)


def seed_of(call: Call) -> Arg | None:
    """The seed that a call is given."""
    return next((arg for arg in call.args if arg.key in _KEYS), None)


def is_reached(training: Training, call: Call) -> bool:
    """Whether anything is known to run the function in which a call stands."""
    parts = call.scope.split(".") if call.scope else []
    if not parts:
        return True
    define = next(
        (
            d
            for d in training.project.by_path[call.at.path].get("define", ())
            if d.name == call.scope
        ),
        None,
    )
    if define is None or define.kind == "method" or define.decorators:
        return True
    callers = training.callers.get((call.at.path, call.scope), ())
    return any(not _is_loader(caller) for caller in callers) or parts[-1] == "main"


def _is_loader(call: Call) -> bool:
    """Whether a function is only handed to the workers that load data."""
    return call.name.endswith("DataLoader")
