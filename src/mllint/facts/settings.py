"""Rows about what is configured and what is depended on."""

from typing import NamedTuple

from mllint.facts.places import Const, Place


class Setting(NamedTuple):
    """One scalar of a configuration file under its dotted key; list items share the key `a.b[]`."""

    at: Place
    key: str
    value: Const
    format: str
    """toml, yaml, json, ini, front-matter, editorconfig, ignore (value = the pattern), attributes
    and codeowners (key = the pattern), env (values that may be secret are `***`), requirements
    (include, constraint, editable and other options of pip), python (`install_requires` that
    setup.py computes), script (what the comment at a script's head states)."""


class Dependency(NamedTuple):
    """One required or locked distribution."""

    at: Place
    name: str
    """Normalised as PEP 503 says."""
    spec: str
    """The version specifier in PEP 440 form; "" when any version will do."""
    version: str
    """The one version that is admitted, or ""."""
    hashed: bool
    group: str
    """main, dev, test, docs, build, conda, or the name of the extra or group."""
    source: str
    """pyproject, poetry, pdm, requirements, setup.py, setup.cfg, pipfile, conda, pixi, tox,
    constraint, or lock:uv, lock:poetry, lock:pdm, lock:pipfile, lock:pip-tools, lock:conda,
    lock:pixi, lock:pylock."""
    url: str
    """Direct reference (git, file, archive), or ""."""
    marker: str
    """Environment marker, or ""."""
    extras: tuple[str, ...] = ()
    """Extras asked for, as in `ray[tune]`."""


class Manager(NamedTuple):
    """A sign that a dependency manager is configured: a manifest or a lock file."""

    at: Place
    name: str
    """pip, uv, poetry, pdm, pipenv, conda, pixi, hatch, setuptools, pip-tools, conda-lock."""
    role: str
    """manifest or lock."""


class Python(NamedTuple):
    """A statement of which Python the project runs on."""

    at: Place
    spec: str
    """As written, in PEP 440 form where it is one: `>=3.10`, `3.11`, `3.11.4`."""
    source: str
    """requires-python, poetry, .python-version, runtime.txt, conda, docker, ci, pipfile, tox,
    pip-compile (what a list was compiled for) or notebook."""


class Library(NamedTuple):
    """Which versions of a distribution the project admits."""

    name: str
    version: str
    """The one version in use, where a lock or a pin fixes it; else ""."""
    spec: str
    """The intersection of what is declared; "" when any version will do."""
    declared: bool
