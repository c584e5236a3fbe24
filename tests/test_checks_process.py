"""How people work together: who counts as a person, and what cannot be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.checks import process
from mllint.collect import collect
from mllint.facts import Commit, Git, Place
from mllint.link import link
from mllint.tree import Tree
from tests.catalogued import CATALOGUE

if TYPE_CHECKING:
    from mllint.project import Project

SHALLOW = Git(Place(""), True, True, "0" * 40, (), 0, False)


def by(name: str, email: str = "", subject: str = "Read the sales of all years") -> Commit:
    return Commit(name, email or f"{name}@people.example", 1_700_000_000, 1, True, subject)


def project(*commits: Commit, git: Git | None = None) -> Project:
    tree = Tree.of({"README.md": "# Churn\n"}, git, commits)
    return link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE)


def test_who_shares_a_name_or_an_address_is_one_person() -> None:
    ada = by("Ada Example", "ada@home.example")
    work = by("ada", "ada@home.example")
    other = by("ada", "ada@work.example")
    assert process.people(project(ada, work, other)) == 1
    assert process.people(project(ada, by("Bob"), other, by("bob", "b@work.example"))) == 3


def test_bots_are_nobody() -> None:
    assert process.people(project(by("ada"), by("dependabot[bot]"), by("pre-commit-ci"))) == 1


def test_a_history_that_is_cut_off_tells_nothing() -> None:
    assert process.people(project(by("ada"), by("bob"), git=SHALLOW)) is None
    for rule in ("no-code-owners", "single-author", "vague-commits", "unmaintained"):
        found = list(CATALOGUE.rules[rule].check(project(by("ada"), by("bob"), git=SHALLOW)))
        assert [one.ok for one in found] == [None], rule


def test_without_git_nothing_is_sure_but_what_is_written() -> None:
    owned = Tree.of({"CODEOWNERS": "* @ada\n"})
    known = link(collect(owned, CATALOGUE.known, jobs=0), owned, CATALOGUE)
    assert [one.ok for one in CATALOGUE.rules["no-code-owners"].check(known)] == [True]
    assert [one.ok for one in CATALOGUE.rules["no-code-owners"].check(project())] == [None]
