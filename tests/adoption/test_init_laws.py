"""The laws of `mllint init`: it adds lines and never loses or moves one; twice is once."""

from __future__ import annotations

from pathlib import Path

import tomli
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mllint.adopt import configuration, hooks, pipelines
from mllint.adopt.plan import Change, Step, diff, keeps
from mllint.settings import Settings
from mllint.tree import Tree

SOURCE = "https://github.com/OWNER/mllint"
WORD = st.from_regex(r"[a-z][a-z0-9-]{0,6}", fullmatch=True)
NOTE = st.sampled_from(["", "\n", "# a remark\n", "\n\n", "   # far in\n", "#mllint no\n"])
END = st.sampled_from(["", "\n", "\n\n# the end\n", "\n   \n"])


def seen(tree: Tree) -> Step:
    values = configuration.values_of("internal", None)
    return configuration.step(Path("nowhere"), tree, Settings(), values, None)


def changed(step: Step) -> Change:
    assert step.change is not None, step.advice
    return step.change


@st.composite
def manifests(draw: st.DrawFn) -> str:
    """A pyproject.toml with tables, remarks and blank lines in any order."""
    names = st.sampled_from(
        ["project", "tool.ruff", "tool.ruff.lint", "tool.a.b", "build-system", "[tool.poetry.x]"]
    )
    text = draw(NOTE).lstrip(" ")
    for name in draw(st.lists(names, unique=True, max_size=5)):
        keys = draw(st.lists(WORD.filter(str.isalpha), unique=True, max_size=3))
        sep = draw(st.sampled_from([" = ", "=", "   =  "]))
        text += f"[{name}]\n" + "".join(f"{k}{sep}[ 1,\n  2, ] # {k}\n" for k in keys) + draw(NOTE)
    text += draw(END)
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


@st.composite
def hook_files(draw: st.DrawFn) -> str:
    """A .pre-commit-config.yaml as people write them."""
    dash = " " * draw(st.integers(0, 4))
    gap = " " * draw(st.integers(1, 3))
    keys = dash + " " + gap
    text = draw(NOTE).lstrip() + draw(st.sampled_from(["", "---\n", "fail_fast: true\n"]))
    text += "repos:\n"
    for name in draw(st.lists(WORD, min_size=1, max_size=3)):
        text += f"{dash}-{gap}repo: https://example.org/{name}  # {name}\n{keys}rev: '1.0'\n"
        text += f"{keys}hooks:\n{keys}- id: {name}\n{draw(NOTE)}"
        if draw(st.booleans()):
            text += f"{keys}  args: [--{name},\n{keys}    more]\n"
        if draw(st.booleans()):
            text += f"{keys}  entry: |\n{keys}    one\n{keys}    two\n"
    text += draw(st.sampled_from(["", "ci:\n  skip: [x]\n", "exclude: ^a/\n"])) + draw(END)
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


@st.composite
def gitlab_files(draw: st.DrawFn) -> str:
    """A .gitlab-ci.yml."""
    text = draw(NOTE).lstrip()
    stages = draw(st.lists(WORD, max_size=3, unique=True))
    if stages:
        text += f"stages: [{', '.join(stages)}]\n"
    for name in draw(st.lists(WORD.map("job-{}".format), max_size=3, unique=True)):
        text += f"{name}:\n  script:\n    - make {name}\n{draw(NOTE)}"
    return text + draw(END)


@given(manifests())
@settings(max_examples=100, deadline=None)
def test_pyproject_keeps_every_line_and_value(text: str) -> None:
    tree = Tree.of({"pyproject.toml": text})
    change = changed(seen(tree))
    if change.path == "mllint.toml":  # tomlkit would have touched something else
        assert change.before is None
        return
    assert keeps(text, change.after)
    new = tomli.loads(change.after.replace("\r\n", "\n"))
    table = new["tool"].pop("mllint")
    assert table == {"ruleset": "2026.1", "profile": "internal"}
    old = tomli.loads(text.replace("\r\n", "\n"))
    assert new == {**old, "tool": old.get("tool", {})}


def test_pyproject_is_what_is_usually_added_to() -> None:
    """The fallback of the law above is no way out for plain files."""
    text = (
        '[project]\nname = "x"\n\n[tool.ruff]\nline-length = 100\n\n[build-system]\nrequires = []\n'
    )
    assert changed(seen(Tree.of({"pyproject.toml": text}))).path == "pyproject.toml"


@given(hook_files())
@settings(max_examples=100, deadline=None)
def test_hook_file_keeps_every_line_and_entry(text: str) -> None:
    tree = Tree.of({hooks.PATH: text})
    step = hooks.step(tree, SOURCE)
    old = yaml.safe_load(text)
    change = changed(step)
    assert keeps(text, change.after)
    new = yaml.safe_load(change.after)
    assert new["repos"][:-1] == old["repos"]
    assert {**new, "repos": old["repos"]} == old
    assert [hook["id"] for hook in new["repos"][-1]["hooks"]] == ["mllint", "mllint-repo"]
    assert hooks.step(Tree.of({hooks.PATH: change.after}), SOURCE).change is None


@given(gitlab_files())
@settings(max_examples=100, deadline=None)
def test_gitlab_file_keeps_every_line_and_job(text: str) -> None:
    tree = Tree.of({pipelines.GITLAB: text})
    change = changed(pipelines.steps(tree, SOURCE, (), "")[0])
    assert keeps(text, change.after)
    new, old = yaml.safe_load(change.after), yaml.safe_load(text) or {}
    job = new.pop("mllint")
    assert new == old
    stages = old.get("stages", ["test"])
    assert job.get("stage", "test") in map(str, stages)
    again = Tree.of({pipelines.GITLAB: change.after})
    assert pipelines.steps(again, SOURCE, (), "")[0].change is None


@given(st.text("ab\r\n \t", max_size=30), st.text("ab\r\n \t", max_size=30))
def test_a_diff_holds_every_line_that_is_added(before: str, added: str) -> None:
    text = diff([Change("f", before, before + added)])
    plus = [line[1:] for line in text.split("\n")[3:] if line.startswith("+")]
    minus = [line[1:] for line in text.split("\n")[3:] if line.startswith("-")]
    assert len(plus) - len(minus) == len((before + added).split("\n")) - len(before.split("\n")) + (
        bool((before + added).split("\n")[-1]) - bool(before.rsplit("\n", maxsplit=1)[-1])
    )


def test_a_line_that_is_gone_or_moved_is_noticed() -> None:
    assert keeps("a\n\nb\n", "a\nnew\nb\n")
    assert not keeps("a\nb\n", "b\na\n")
    assert not keeps("a\nb\n", "a\n")
