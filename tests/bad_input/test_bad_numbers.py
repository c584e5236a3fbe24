"""Thousands of what checks and settings look at one by one: no loop in a loop makes them slow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tests.bad_input.conftest import Audit, Ended


def lines(text: str, number: int) -> str:
    return "".join(text.replace("%", str(n)) for n in range(number))


MANY = 2000
HANDLER = "@app.post('/p%')\ndef h%(x: dict):\n    return model.predict(x)\n\n"
LOAD = "m% = torch.load('w%.pt', weights_only=False)"
KINDS: dict[str, tuple[str, str]] = {
    "handlers": ("app.py", "from fastapi import FastAPI\napp = FastAPI()\n" + lines(HANDLER, MANY)),
    "loads": ("loads.py", "import torch\n" + lines(f"{LOAD}\n", MANY)),
    "waived loads": (
        "loads.py",
        "import torch\n" + lines(f"{LOAD}  # mllint: ignore[unsafe-checkpoint-load] ours\n", MANY),
    ),
    "comments": ("a.yaml", lines("# mllint: ignore[no-tests] ours\n", MANY) + "a: 1\n"),
    "waivers": ("mllint.toml", lines("[[waivers]]\nrule = 'no-tests'\nreason = 'x'\n", MANY)),
    "paths": ("mllint.toml", lines("[per-path.'d%/*a*']\nprofile = 'research'\n", MANY)),
    "steps": (
        ".github/workflows/a.yml",
        "on: push\njobs:\n a:\n  runs-on: x\n  steps:\n" + lines("  - run: python t%.py\n", MANY),
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_many_are_not_slow(name: str, measured: Callable[..., Audit], root: Path) -> None:
    path, text = KINDS[name]
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)
    seen = measured(root, "--no-cache")
    assert seen.sound
    assert seen.busy < 8  # of a loop in a loop 4,000,000 rounds, each of 2 microseconds


def test_many_data_files_are_not_slow(measured: Callable[..., Audit], root: Path) -> None:
    (root / "data").mkdir()
    names: Iterable[Path] = (root / "data" / f"{n}.csv" for n in range(2000))
    for path in names:
        path.write_text("id,email,label\n1,a,2\n")
    assert measured(root, "--no-cache").busy < 15


def test_many_comments_are_written_at_once(process: Callable[..., Ended], root: Path) -> None:
    odd = 'text = f"""{\ntorch.load("a", weights_only=False)\n}"""\n'
    path = root / "loads.py"
    path.write_text("import torch\n" + lines(f"{LOAD}\n", 1000) + odd)
    words = ("suppress", "--rule", "unsafe-checkpoint-load", "--reason", "ours", str(root))
    ended = process(*words)
    assert ended.code == 0, ended.err
    assert path.read_text().count("# mllint: ignore") >= 1000
    assert ended.busy < 15
