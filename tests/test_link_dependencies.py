from __future__ import annotations

import pytest
import tomli

from mllint.catalogue import home
from mllint.facts import Dependency, Library, Place, Setting
from mllint.link.dependencies import libraries

Said = tuple[str, str, str]
"""Path, specifier, source."""


def row(said: Said, name: str = "torch", group: str = "main") -> Dependency:
    path, spec, source = said
    version = spec[2:] if spec.startswith("==") and not spec.endswith("*") else ""
    return Dependency(Place(path, 1), name, spec, version, False, group, source, "", "")


R, P, UV, C = "requirements", "pyproject", "lock:uv", "constraint"


@pytest.mark.parametrize(
    ("said", "version", "spec"),
    [
        ([("r.txt", "", R)], "", ""),
        ([("r.txt", ">=2", R)], "", ">=2"),
        ([("r.txt", "==2.1.0", R)], "2.1.0", "==2.1.0"),
        ([("r.txt", "==2.1.*", R)], "", "==2.1.*"),
        ([("r.txt", "==2.1.0+cu118", R), ("p.toml", "==2.1.0", P)], "2.1.0+cu118", "==2.1.0+cu118"),
        ([("p.toml", ">=2", P), ("uv.lock", "==2.4.1", UV)], "2.4.1", "==2.4.1"),
        ([("p.toml", "==2.3", P), ("uv.lock", "==2.4.1", UV)], "2.4.1", "==2.4.1"),
        ([("p.toml", ">=2", P), ("r.txt", "==2.4.1", R)], "2.4.1", "==2.4.1"),
        (
            [("p.toml", "", P), ("uv.lock", "==2.4", UV), ("uv.lock", "==2.2", UV)],
            "",
            ">=2.2,<=2.4",
        ),
        ([("a/r.txt", "==1.0", R), ("b/r.txt", "==2.0", R)], "", ">=1.0,<=2.0"),
        ([("a/r.txt", "==1.0", R), ("b/r.txt", "", R)], "", ""),
        ([("uv.lock", "==2.4", UV), ("b/p.toml", ">=2", P)], "2.4", "==2.4"),
        ([("r.txt", "", R), ("b/r.txt", "==2.0", R)], "", ""),
        ([("p.toml", ">=1,<2", P), ("r.txt", ">=1.5,<3", R)], "", ">=1,<3"),
        ([("r.txt", ">=2", R), ("c.txt", "<2.6", C)], "", ">=2,<2.6"),
        ([("r.txt", "", R), ("c.txt", "==2.5", C)], "2.5", "==2.5"),
        ([("r.txt", "==2.4", R), ("c.txt", "<2.6", C)], "2.4", "==2.4"),
    ],
)
def test_locks_beat_pins_and_pins_beat_ranges(said: list[Said], version: str, spec: str) -> None:
    assert libraries(map(row, said)) == {"torch": Library("torch", version, spec, True)}


@pytest.mark.parametrize(
    ("said", "declared"),
    [
        ([("uv.lock", "==2.4", UV)], False),
        ([("c.txt", "==2.4", C)], False),
        ([("r.txt", "==2.4", "lock:pip-tools")], True),
        ([("p.toml", "", P), ("uv.lock", "==2.4", UV)], True),
    ],
)
def test_what_only_a_lock_names_is_not_declared(said: list[Said], declared: bool) -> None:
    assert libraries(map(row, said))["torch"].declared is declared


def test_build_requirements_count_only_alone() -> None:
    build = row(("p.toml", "==1.0", P), group="build")
    assert libraries([build, row(("p.toml", ">=2", P))])["torch"].spec == ">=2"
    assert libraries([build])["torch"].version == "1.0"


def test_roles_of_files() -> None:
    rows = [row(("r.txt", ">=2", R)), row(("examples/r.txt", "==1.0", R))]
    assert libraries(rows, roles={"examples/r.txt": "example"})["torch"].spec == ">=2"
    assert libraries(rows[1:], roles={"examples/r.txt": "example"})["torch"].version == "1.0"
    assert libraries(rows[1:], roles={"examples/r.txt": "vendored"}) == {}


def test_variants_share_versions() -> None:
    rows = [
        row(("env.yml", "==2.1.0", "conda"), name="pytorch"),
        row(("r.txt", "", R), name="dask"),
    ]
    found = libraries(rows, variants={"torch": ["pytorch"]})
    assert set(found) == {"torch", "pytorch", "dask"}
    assert found["torch"] == Library("torch", "2.1.0", "==2.1.0", True)
    assert found["pytorch"].name == "pytorch"


@pytest.mark.parametrize(
    ("settings", "spec"),
    [
        ([("constraint", "../limits.txt")], ">=2,<2.6"),
        ([("constraint", "../limits.txt"), ("include", "../limits.txt")], ""),
        ([], ""),
    ],
)
def test_files_that_only_constrain(settings: list[tuple[str, str]], spec: str) -> None:
    rows = [row(("env/r.txt", ">=2", R)), row(("limits.txt", "<2.6", R))]
    said = [Setting(Place("env/r.txt", 1), k, v, "requirements") for k, v in settings]
    assert libraries(rows, said)["torch"].spec == spec


def test_the_catalogue_knows_variants() -> None:
    table = tomli.loads((home() / "imports.toml").read_text("utf-8"))["variants"]
    names = [variant for found in table.values() for variant in found]
    assert "pytorch" in table["torch"]
    assert len(names) == len(set(names))
    assert set(names).isdisjoint(table)
