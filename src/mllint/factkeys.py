"""Under which keys facts are cached: what they depend on, a file and whatever reads it."""

from __future__ import annotations

import os
import sys
from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mllint.facts import Known

_LIBRARIES = ("libcst", "pyyaml", "tomli", "packaging")
"""What the readers read with; another version may read otherwise."""


def key_of(base: str, path: str, data: bytes) -> str:
    """The key of the facts of a file."""
    digest = blake2b(base.encode(), digest_size=16)
    digest.update(path.encode() + b"\0")
    digest.update(data)
    return digest.hexdigest()


def fingerprint(known: Known) -> str:
    """What facts depend on beside a file: the readers, their libraries, Python, the catalogue."""
    asked = (sys.version_info[:2], *map(sorted, known))
    return blake2b(repr((_readers(), asked)).encode(), digest_size=16).hexdigest()


@cache
def _readers() -> str:
    """What the readers are, and their libraries: the same for as long as this process runs."""
    digest = blake2b(digest_size=16)
    home = os.path.dirname(os.path.abspath(__file__))
    own = [os.path.join(home, name) for name in ("codec.py", "worker.py", "roles.py")]
    for part in ("facts", "readers"):
        for folder, _, names in sorted(os.walk(os.path.join(home, part))):
            own += [os.path.join(folder, name) for name in sorted(names) if name.endswith(".py")]
    for path in own:
        with open(path, "rb") as file:
            digest.update(file.read())
    digest.update(repr(_versions()).encode())
    return digest.hexdigest()


def _versions() -> list[str]:
    """The folders that name the versions of the readers' libraries; none of them is imported."""
    spec = find_spec("libcst")
    if spec is None or spec.origin is None:
        return []
    names = os.listdir(os.path.dirname(os.path.dirname(spec.origin)))
    starts = tuple(f"{library}-" for library in _LIBRARIES)
    return sorted(n for n in names if n.endswith(".dist-info") and n.lower().startswith(starts))
