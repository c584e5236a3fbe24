from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from mllint.facts import Library
from mllint.versions import admits, hull, same

NUMBERS = st.lists(st.integers(0, 12), min_size=2, max_size=4).map(lambda n: ".".join(map(str, n)))
ENDS = st.sampled_from(["", "", "", "a1", "b2", "rc1", ".dev1", ".post1", "rc1.dev2"])
VERSIONS = st.builds(str.__add__, NUMBERS, ENDS)
OPERATORS = st.sampled_from(["<", "<=", ">", ">=", "==", "~="])


def fixed(version: str) -> Library:
    return Library("x", version, "", True)


def ranged(spec: str) -> Library:
    return Library("x", "", spec, True)


@given(VERSIONS, OPERATORS, VERSIONS)
def test_one_version_agrees_with_packaging(version: str, operator: str, text: str) -> None:
    spec = f"{operator}{text}"
    # A post-release of a pre-release counts as above it here, where packaging leaves it out.
    if not (operator == ">" and Version(text).is_prerelease):
        expected = SpecifierSet(spec).contains(version, prereleases=True)
        assert admits(fixed(version), spec) is expected


@given(
    st.lists(st.tuples(OPERATORS, VERSIONS), min_size=1, max_size=3), OPERATORS, VERSIONS, VERSIONS
)
def test_a_sure_answer_for_a_range_holds_for_its_versions(
    clauses: list[tuple[str, str]], operator: str, text: str, version: str
) -> None:
    spec, asked = ",".join(o + v for o, v in clauses), f"{operator}{text}"
    answer = admits(ranged(spec), asked)
    if answer is not None and admits(fixed(version), spec):
        assert admits(fixed(version), asked) is answer


@given(st.lists(st.tuples(OPERATORS, VERSIONS), min_size=1, max_size=3), VERSIONS)
def test_the_hull_admits_what_a_part_admits(clauses: list[tuple[str, str]], version: str) -> None:
    specs = [o + v for o, v in clauses]
    whole = hull(specs)
    if whole and any(admits(fixed(version), spec) for spec in specs):
        assert admits(fixed(version), whole) is True


@pytest.mark.parametrize(
    ("library", "spec", "answer"),
    [
        (fixed("2.1.0+cu118"), "<2.6", True),
        (fixed("2.1.0+cu118"), "==2.1.0", True),
        (fixed("2.6.0"), "<2.6", False),
        (fixed("2.10"), "<2.6", False),
        (fixed("2.6rc1"), "<2.6", False),
        (fixed("1!1.0"), "<2.6", False),
        (fixed("2.5"), ">=2,<3", True),
        (fixed("2.5"), ">=2,!=2.5", False),
        (fixed("2.4"), ">=2,!=2.5", True),
        (fixed("weird"), "<2.6", None),
        (ranged(""), "<2.6", None),
        (ranged(">=2.0"), "<2.6", None),
        (ranged(">=2.6"), "<2.6", False),
        (ranged("<2"), "<2.6", True),
        (ranged("~=2.1.0"), "<2.6", True),
        (ranged("==2.1.*"), "<2.6", True),
        (ranged("==2.6.*"), "<2.6", False),
        (ranged(">=1,<2.6"), ">=1", True),
        (ranged("!=2.0"), "<2.6", None),
        (ranged(">=3,<2"), "<2.6", None),
        (ranged(">=2,<3"), "<4,!=2.5", None),
        (ranged(">=2,<3"), "nonsense", None),
    ],
)
def test_what_a_project_admits(library: Library, spec: str, answer: bool | None) -> None:
    assert admits(library, spec) is answer


@pytest.mark.parametrize(
    ("specs", "whole"),
    [
        (["==1.0", "==2.3"], ">=1.0,<=2.3"),
        ([">=1", "<2"], ""),
        ([">=1,<2", "~=3.1"], ">=1,<4"),
        (["==2.1.*", "==2.4"], ">=2.1,<=2.4"),
        (["==1!2.*"], ">=1!2,<1!3"),
        (["", ">=1"], ""),
        ([], ""),
    ],
)
def test_hulls(specs: list[str], whole: str) -> None:
    assert hull(specs) == whole


def test_same_version() -> None:
    assert same("1.0", "1.0.0+cpu")
    assert same("odd", "odd")
    assert not same("1.0", "1.0.1")
    assert not same("odd", "even")
