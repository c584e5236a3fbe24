"""What .gitignore and .gitattributes files say of paths."""

from __future__ import annotations

import pytest

from mllint.facts import Place, Setting
from mllint.link.paths import Ignored, Routed

IGNORES = Ignored(
    [
        Setting(Place(".gitignore", 1), "pattern", "*.ckpt", "ignore"),
        Setting(Place(".gitignore", 2), "pattern", "!best.ckpt", "ignore"),
        Setting(Place(".dockerignore", 1), "pattern", "*.csv", "ignore"),
        Setting(Place("src/.gitignore", 1), "pattern", "/out/", "ignore"),
    ],
    ".gitignore",
)
LINES = [
    Setting(
        Place(".gitattributes", 1), "*.bin", "filter=lfs diff=lfs merge=lfs -text", "attributes"
    ),
    Setting(Place(".gitattributes", 2), "small/*.bin", "-filter", "attributes"),
    Setting(Place(".gitattributes", 3), "*.bin", "linguist-vendored", "attributes"),
    Setting(Place("kept/.gitattributes", 1), "*.bin", "!filter", "attributes"),
]
ROUTES = Routed(LINES, ".gitattributes")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("last.ckpt", True),
        ("deep/down/last.ckpt", True),
        ("best.ckpt", False),
        ("data.csv", False),
        ("src/out/model.pt", True),
        ("out/model.pt", False),
        ("src", False),
    ],
)
def test_a_path_is_ignored_as_git_would(path: str, expected: bool) -> None:
    assert IGNORES(path) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("model.bin", LINES[0]),
        ("deep/model.bin", LINES[0]),
        ("small/model.bin", None),
        ("kept/model.bin", None),
        ("model.csv", None),
    ],
)
def test_the_last_line_that_speaks_of_a_filter_wins(path: str, expected: Setting | None) -> None:
    assert ROUTES(path) == expected


def test_without_files_nothing_is_said() -> None:
    assert Ignored([], ".gitignore")("a") is False
    assert Routed([], ".gitattributes")("a") is None
