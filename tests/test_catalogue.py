"""The catalogue itself: complete, consistent, and clear about its mistakes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mllint.cache import Cache
from mllint.catalogue import CatalogueError, home, load
from mllint.review import PROFILES, Rule

CATALOGUE = load(with_examples=True)
RULES = [pytest.param(rule, id=rule.id) for rule in CATALOGUE.rules.values()]
GOOD = """
title = "T"
source = ["library-docs"]
severity = "note"
confidence = "high"
profile = "research"
effort = "5 min"
message = "m"
remedy = "r"
why = "w"
check = { some = "file" }
"""
CATEGORY = 'title = "Own"\nbudget = { research = 1, internal = 1, production = 1 }\n'


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_can_fire_and_can_pass(rule: Rule) -> None:
    kinds = {example.kind for example in rule.examples}
    assert kinds == {"bad", "good", "na"} or (kinds == {"bad", "good"} and not rule.when)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_reads_well(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.id)
    assert not rule.title.endswith(".")
    assert rule.why.strip()
    assert rule.remedy.rstrip().endswith((".", "`", ")"))
    assert len(rule.message) < 300


def test_every_python_check_is_named_by_one_rule_or_trait() -> None:
    named = set()
    for path in home().rglob("*.toml"):
        named |= set(re.findall(r'python\s*=\s*"(\w+:\w+)"', path.read_text("utf-8")))
    folder = Path(__file__).parent.parent / "src/mllint/checks"
    public = {
        f"{path.stem}:{name}"
        for path in folder.glob("*.py")
        for name in re.findall(
            r"^def ([a-z]\w*)\(\s*project: Project", path.read_text("utf-8"), re.MULTILINE
        )
        if f"{path.stem}:{name}" in named or "Iterator[Evidence]" in path.read_text("utf-8")
    }
    assert named <= public


def test_the_budgets_of_a_profile_sum_to_a_hundred() -> None:
    for profile in PROFILES:
        assert sum(c.budget[profile] for c in CATALOGUE.categories.values()) == pytest.approx(100)


def test_every_category_has_rules_and_every_profile_expects_some_of_each_kind() -> None:
    assert {rule.category for rule in CATALOGUE.rules.values()} == set(CATALOGUE.categories)


def test_links_between_documents_lead_somewhere() -> None:
    folder = Path(__file__).parent.parent / "docs"
    dead = [
        f"{path.name}: {target}"
        for path in folder.glob("*.md")
        for target in re.findall(r"\]\(((?:\.\./|\w)[\w./-]*)\)", path.read_text("utf-8"))
        if not (folder / target).exists()
    ]
    assert dead == []


def own(tmp_path: Path, **files: str) -> Path:
    folder = tmp_path / "own"
    (folder / "mine").mkdir(parents=True)
    (folder / "mine/category.toml").write_text(CATEGORY)
    for name, text in files.items():
        (folder / "mine" / f"{name.replace('_', '-')}.toml").write_text(text)
    return folder


def test_a_rule_folder_of_the_users_is_loaded(tmp_path: Path) -> None:
    assert "no-files" in load([own(tmp_path, no_files=GOOD)]).rules


def test_a_rule_that_is_edited_is_loaded_anew_and_nothing_else_is(tmp_path: Path) -> None:
    folder = own(tmp_path, no_files=GOOD)
    cache = Cache(str(tmp_path / "cache"))
    first = load([folder], cache=cache)
    cache.close()
    cache = Cache(str(tmp_path / "cache"))
    assert load([folder], cache=cache) is first
    (folder / "mine/no-files.toml").write_text(GOOD.replace('"T"', '"Another title"'))
    assert load([folder], cache=cache).rules["no-files"].title == "Another title"
    cache.close()


def test_another_cache_gets_the_rules_too(tmp_path: Path) -> None:
    kept = []
    for name in ("one", "two"):
        for _ in range(2):
            cache = Cache(str(tmp_path / name))
            kept.append(cache.state().files)
            load(cache=cache)
            cache.close()
    assert kept == [0, 1, 0, 1]


def test_all_mistakes_are_reported_at_once_with_file_key_and_cure(tmp_path: Path) -> None:
    folder = own(
        tmp_path,
        first=GOOD.replace("title", "titel"),
        second=GOOD.replace('"note"', '"notice"').replace('"file"', '"fil"'),
        third=GOOD + 'when = ["trans"]\nrequires = ["first"]\n',
        fourth="title = ",
        fifth=GOOD.replace("library-docs", "library-doc"),
    )
    with pytest.raises(CatalogueError) as raised:
        load([folder])
    text = str(raised.value)
    for part in (
        'own/mine/first.toml: titel: unknown key; did you mean "title"?',
        "own/mine/first.toml: title: is missing",
        "own/mine/second.toml: severity: must be one of error, warning, note",
        'own/mine/second.toml: check.some: unknown table "fil"; did you mean "file"?',
        'own/mine/third.toml: when: unknown trait "trans"',
        "own/mine/fourth.toml: ",
        'own/mine/fifth.toml: source: unknown document "library-doc"',
    ):
        assert part in text


def test_a_history_that_is_none_is_a_mistake(tmp_path: Path) -> None:
    bad = '[[bad]]\n"a.py" = ""\nhistory = ["ada yesterday did it"]\n'
    with pytest.raises(CatalogueError, match="is no `name YYYY-MM-DD subject`"):
        load([own(tmp_path, odd=GOOD + bad)], with_examples=True)


def test_a_circle_of_requirements_is_a_mistake(tmp_path: Path) -> None:
    folder = own(tmp_path, a=GOOD + 'requires = ["b"]\n', b=GOOD + 'requires = ["a"]\n')
    with pytest.raises(CatalogueError, match="goes in a circle: a -> b -> a"):
        load([folder])


def test_an_option_of_the_wrong_type_or_name_is_a_mistake(tmp_path: Path) -> None:
    text = GOOD + 'options = { max-mb = { default = 10, text = "t" } }\n'
    folder = own(tmp_path, big=text)
    with pytest.raises(CatalogueError, match=r"options.big.max-mb: must be a whole number"):
        load([folder], options={"big": {"max-mb": "ten"}})
    with pytest.raises(
        CatalogueError, match=r'options.big.max-bm: no such option; did you mean "max-mb"\?'
    ):
        load([folder], options={"big": {"max-bm": 1}})
