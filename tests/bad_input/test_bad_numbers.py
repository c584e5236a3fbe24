"""Thousands of what checks and settings look at one by one: no loop in a loop makes them slow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tests.bad_input.conftest import Audit, Ended


def lines(text: str, number: int = 4000) -> str:
    return "".join(text.replace("%", str(n)) for n in range(number))


HANDLER = "@app.post('/p%')\ndef h%(x: dict):\n    return model.predict(x)\n\n"
LOAD = "m% = torch.load('w%.pt', weights_only=False)"
MANY: dict[str, tuple[str, str]] = {
    "handlers": ("app.py", "from fastapi import FastAPI\napp = FastAPI()\n" + lines(HANDLER)),
    "loads": ("loads.py", "import torch\n" + lines(f"{LOAD}\n")),
    "waived loads": (
        "loads.py",
        "import torch\n" + lines(f"{LOAD}  # mllint: ignore[unsafe-checkpoint-load] ours\n"),
    ),
    "comments": ("a.yaml", lines("# mllint: ignore[no-tests] ours\n") + "a: 1\n"),
    "waivers": ("mllint.toml", lines("[[waivers]]\nrule = 'no-tests'\nreason = 'x'\n")),
    "paths": ("mllint.toml", lines("[per-path.'d%/*a*']\nprofile = 'research'\n", 2000)),
    "steps": (
        ".github/workflows/a.yml",
        "on: push\njobs:\n a:\n  runs-on: x\n  steps:\n" + lines("  - run: python t%.py\n"),
    ),
}


@pytest.mark.parametrize("name", MANY)
def test_many_are_not_slow(name: str, measured: Callable[..., Audit], root: Path) -> None:
    path, text = MANY[name]
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)
    seen = measured(root, "--no-cache")
    assert seen.sound
    assert seen.seconds < 25


def test_many_data_files_are_not_slow(measured: Callable[..., Audit], root: Path) -> None:
    (root / "data").mkdir()
    names: Iterable[Path] = (root / "data" / f"{n}.csv" for n in range(2000))
    for path in names:
        path.write_text("id,email,label\n1,a,2\n")
    assert measured(root, "--no-cache").seconds < 25


def test_many_comments_are_written_at_once(process: Callable[..., Ended], root: Path) -> None:
    odd = 'text = f"""{\ntorch.load("a", weights_only=False)\n}"""\n'
    path = root / "loads.py"
    path.write_text("import torch\n" + lines(f"{LOAD}\n", 1000) + odd)
    words = ("suppress", "--rule", "unsafe-checkpoint-load", "--reason", "ours", str(root))
    ended = process(*words)
    assert ended.code == 0, ended.err
    assert path.read_text().count("# mllint: ignore") >= 1000
    assert ended.seconds < 25
