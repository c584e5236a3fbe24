"""Every example of every rule, run through the engine with only that rule on."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from mllint.catalogue import load
from mllint.collect import collect
from mllint.engine import review
from mllint.facts import Commit
from mllint.link import link
from mllint.observed import Observed
from mllint.settings import Settings
from mllint.tree import Tree
from tests.catalogued import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.review import Outcome, Rule
    from mllint.ruleparts import Example


MARK = re.compile(r"#\s*!\s*$")
DEMANDING = Settings(profile="production", min_confidence="low")


def cases() -> Iterator[Any]:
    for rule in CATALOGUE.rules.values():
        for kind in ("bad", "good", "na"):
            for index, example in enumerate(e for e in rule.examples if e.kind == kind):
                yield pytest.param(rule, example, id=f"{rule.id}-{kind}{index}")


def commit(text: str) -> Commit:
    name, day, subject = text.split(" ", 2)
    when = datetime.fromisoformat(f"{day}T12:00:00+00:00")
    return Commit(name, f"{name}@people.example", int(when.timestamp()), 1, True, subject)


def outcome(rule: Rule, example: Example) -> Outcome:
    if example.options:
        rule = load(options={rule.id: example.options}).rules[rule.id]
    tree = Tree.of(example.files, history=[*map(commit, example.history)])
    collected = collect(tree, CATALOGUE.known, jobs=0)
    project = link(collected, tree, CATALOGUE)
    report = review(Observed.of(collected, project), CATALOGUE, {rule.id: rule}, DEMANDING, tree)
    (found,) = report.outcomes
    assert not found.traceback, found.traceback
    return found


def marked(example: Example) -> list[str]:
    """The places that an example says must be reported: `path:line`, `path`, or `repo`."""
    if example.expect:
        return sorted(example.expect)
    places = []
    for path, content in example.files.items():
        text = content if isinstance(content, str) else content.get("text", "")
        places += [
            f"{path}:{n}" for n, line in enumerate(text.splitlines(), 1) if MARK.search(line)
        ]
    return sorted(places)


def reported(found: Outcome, example: Example) -> list[str]:
    notebook_lines = not example.expect
    places = []
    for finding in found.findings:
        at = finding.at
        if finding.anchored or not at.path:
            places.append("repo")
        elif not at.line:
            places.append(at.path)
        elif at.cell and notebook_lines:
            places.append(f"{at.path}:{at.cell.raw}")
        elif at.cell:
            places.append(f"{at.path}:{at.cell.index}:{at.line}")
        else:
            places.append(f"{at.path}:{at.line}")
    return sorted(places)


@pytest.mark.parametrize(("rule", "example"), list(cases()))
def test_example(rule: Rule, example: Example) -> None:
    found = outcome(rule, example)
    if example.kind == "bad":
        assert reported(found, example) == marked(example), found.reason
        assert marked(example), "a bad example must say what is reported"
    elif example.kind == "good":
        assert (found.verdict, reported(found, example)) == ("pass", []), found.reason
    else:
        assert (found.verdict, reported(found, example)) == ("not-applicable", []), found.reason
