"""What part a file plays in a project, by its path alone. Knows nothing of contents."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

_GENERATED = frozenset(
    {
        ".venv", "venv", "node_modules", "site-packages", "dist-packages", "__pycache__",
        "__pypackages__", ".tox", ".nox", ".eggs", ".mypy_cache", ".ruff_cache", ".pytest_cache",
        ".hypothesis", ".ipynb_checkpoints", "mlruns", "lightning_logs", "htmlcov", ".git", ".hg",
        ".svn", "multirun",
    }
)  # fmt: skip
_VENDORED = frozenset(
    {
        "third_party", "thirdparty", "3rdparty", "third-party", "vendor", "vendored", "_vendor",
        "external", "externals", "extern", "submodules",
    }
)  # fmt: skip
_TEST = frozenset({"tests", "test", "testing", "unit_tests", "integration_tests", "e2e"})
_DOCS = frozenset({"docs", "doc", "documentation", "website"})
_EXAMPLE = frozenset(
    {
        "examples", "example", "demos", "demo", "tutorials", "tutorial", "samples", "sample",
        "playground", "quickstart", "cookbook",
    }
)  # fmt: skip
DATA_FOLDERS = frozenset(
    {"data", "dataset", "datasets", "raw", "input", "inputs", "corpus", "corpora"}
)
"""Folders whose content is data; a `test` or `external` below one is a part of the data."""

_TEST_NAME = re.compile(r"(test_.*|.*_test|conftest)\.(py|ipynb)|test.*\.(bats|sh)")
_TEMPLATE_NAME = re.compile(r".*\.(j2|jinja2?|tmpl|tpl|mustache|template)")


@lru_cache(maxsize=65536)
def role(path: str) -> str:
    """The role of a path: source, test, example, docs, vendored, generated or template."""
    *folders, name = path.lower().split("/")
    data = next((i for i, part in enumerate(folders) if part in DATA_FOLDERS), len(folders))
    parts = frozenset(folders[:data])
    if not _GENERATED.isdisjoint(folders) or _is_built(folders):
        return "generated"
    if not _VENDORED.isdisjoint(parts):
        return "vendored"
    if "{{" in path or "{%" in path or _TEMPLATE_NAME.fullmatch(name):
        return "template"
    if not _TEST.isdisjoint(parts) or _TEST_NAME.fullmatch(name):
        return "test"
    if not _DOCS.isdisjoint(parts):
        return "docs"
    if not _EXAMPLE.isdisjoint(parts):
        return "example"
    return "source"


def _is_built(folders: list[str]) -> bool:
    """Whether the folders are those of a build, of a package's metadata or of a logged run."""
    if folders[:1] in (["build"], ["dist"]):
        return True
    pairs = pairwise(folders)
    return any(part.endswith((".egg-info", ".dist-info")) for part in folders) or any(
        (one == "wandb" and two.startswith(("run-", "offline-run-")))
        or (one == ".dvc" and two in {"cache", "tmp"})
        for one, two in pairs
    )
