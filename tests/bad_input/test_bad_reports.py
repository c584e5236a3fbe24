"""Reports in JSON that are read back, though somebody has been at them."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mllint.cli import run
from mllint.reports import FORMATS, View, renderer
from mllint.reports.reread import read
from mllint.review import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Said = Callable[..., tuple[int, str, str]]
    Keys = tuple[str | int, ...]

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, 2**63, -1]),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(
        ["\ud800", "\x1b[31m\0", "<script>alert(1)</script>", "::error::a", "internal"]
    ),
    st.just([]),
    st.just({}),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.none(), max_size=2),
)
PRINTED = [name for name in FORMATS if name != "auto"]


@pytest.fixture(name="told", scope="module")
def fixture_told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A report with findings, waivers and problems."""
    root = tmp_path_factory.mktemp("told")
    (root / "bad.py").write_text("import (\n")
    (root / "a.py").write_text(
        "import torch\na = torch.load('a')\n"
        "b = torch.load('b')  # mllint: ignore[unsafe-checkpoint-load] our own file\n"
    )
    path = root / "out" / "report.json"
    path.parent.mkdir()
    words = ["check", str(root), "--no-cache", "-qq", "--exit-zero", "-o", f"json={path}"]
    assert run(words) == 0
    report: dict[str, Any] = json.loads(path.read_text())
    return report


def places(value: Any, here: Keys = ()) -> list[Keys]:
    """The keys that lead to each part of a report; of long lists to the first parts alone."""
    found: list[Keys] = [here] if here else []
    if isinstance(value, dict):
        for name, one in value.items():
            found += places(one, (*here, name))
    elif isinstance(value, list):
        for number, one in enumerate(value[:2]):
            found += places(one, (*here, number))
    return found


@given(st.data())
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_is_read_back_can_be_rendered(told: dict[str, Any], data: st.DataObject) -> None:
    report = copy.deepcopy(told)
    keys = data.draw(st.sampled_from(places(report)))
    inner: Any = report
    for key in keys[:-1]:
        inner = inner[key]
    if data.draw(st.booleans()):
        inner[keys[-1]] = data.draw(ODD)
    else:
        del inner[keys[-1]]
    try:
        back = read(json.dumps(report), "report.json")
    except UsageError:
        return
    renderer(data.draw(st.sampled_from(PRINTED)))(back, View())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("9" * 10_000, "is no JSON"),
        ("{}", "is no JSON report of mllint"),
        ('{"schema": "mllint-report-1", "version": 1}', "tool is missing"),
        ('{"schema": "mllint-report-2", "version": 1e999}', "is a report of version"),
    ],
)
def test_what_is_no_report_ends_in_2(text: str, words: str, said: Said, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(text)
    for argv in (("render", str(path)), ("compare", str(path), str(path))):
        code, out, err = said(*argv)
        assert (code, out) == (2, "")
        assert words in err


def test_a_report_cut_short_ends_in_2(told: dict[str, Any], said: Said, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    text = json.dumps(told)
    for size in range(0, len(text), len(text) // 7):
        path.write_text(text[:size])
        assert said("render", str(path))[0] == 2
