"""Collecting: what is read, by whom, what the cache spares, and what cannot be told apart."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from mllint import collect as module
from mllint.cache import Cache
from mllint.collect import collect
from mllint.factkeys import fingerprint
from mllint.facts import File, Known, Place, Problem
from mllint.readers import Reader
from mllint.tree import LIMIT, Tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mllint.collected import Collected

KNOWN = Known(frozenset({"torch"}), frozenset())
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 9000\n"
READER = """
    from mllint.facts import Facts, Heading, Place

    def read(path, data, known):
        if b"raise" in data:
            raise ValueError("no good")
        words = data.decode(errors="replace").split()
        rows = [Heading(Place(path, n, 1), word, 1, 0) for n, word in enumerate(words, 1)]
        return Facts({"heading": rows})
"""


@pytest.fixture(autouse=True)
def _reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One reader, which wants `*.txt` and `*.json`."""
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "words_reader.py").write_text(dedent(READER))
    monkeypatch.syspath_prepend(tmp_path / "modules")
    monkeypatch.delitem(sys.modules, "words_reader", raising=False)
    reader = Reader("words", "words_reader", ("*.txt", "*.json"))
    monkeypatch.setattr(
        module, "claiming", lambda path: [reader] if path.endswith((".txt", ".json")) else []
    )


@pytest.fixture
def old(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as old enough to be known by their stamps."""
    monkeypatch.setattr("mllint.directory.time.time", lambda: 4e9)


@pytest.fixture
def where(tmp_path: Path) -> str:
    return str(tmp_path / "cache")


def words(found: Collected) -> dict[str, list[str]]:
    return {
        path: [row.text for row in facts.rows["heading"]]
        for path, facts in found.facts.items()
        if "heading" in facts.rows
    }


def run(root: Path, where: str, **options: Any) -> Collected:
    """One run with the cache."""
    cache = Cache(where)
    found = collect(Tree.open(str(root)), KNOWN, cache=cache, jobs=0, **options)
    cache.close()
    assert cache.notices == []
    return found


def fill(root: Path, **texts: str) -> Path:
    root.mkdir(exist_ok=True)
    for name, text in texts.items():
        (root / f"{name}.txt").write_text(text)
    return root


def test_every_file_has_its_row_and_what_its_readers_say() -> None:
    tree = Tree.of({"b.txt": "one two", "a.csv": "1", "c/Dockerfile": {"size": 5}})
    found = collect(tree, KNOWN, jobs=0)
    assert list(found.facts) == ["a.csv", "b.txt", "c/Dockerfile"]
    assert list(found.files.values()) == [
        File(Place("a.csv"), 1, "data", None, False, ".csv", False),
        File(Place("b.txt"), 7, "doc", None, False, ".txt", False),
        File(Place("c/Dockerfile"), 5, "config", None, False, "", False),
    ]
    assert words(found) == {"b.txt": ["one", "two"]}
    assert (found.read, found.cached, found.problems) == (1, 0, ())


def test_the_row_of_git_is_that_of_no_file() -> None:
    plain = collect(Tree.of({"a.txt": ""}), KNOWN, jobs=0)
    assert (plain.git, plain.paths) == ([], ("a.txt",))
    tree = Tree.of({".gitattributes": "*.pt filter=lfs\n", "a.pt": {"size": 1, "tracked": True}})
    found = collect(tree, KNOWN, jobs=0)
    (row,) = found.git
    assert found.paths[0] == ""
    assert (row.commits, row.lfs) == (True, True)


def test_nothing_to_do_is_done_without_workers() -> None:
    assert collect(Tree.of({}), KNOWN).facts == {}
    assert set(collect(Tree.of({"a.csv": ""}), KNOWN).facts) == {"a.csv"}


def test_links_and_what_tools_generate_are_listed_and_not_read(tmp_path: Path) -> None:
    root = fill(tmp_path / "root", a="one")
    (root / "link.txt").symlink_to("a.txt")
    (root / "mlruns").mkdir()
    (root / "mlruns" / "b.txt").write_text("two")
    found = collect(Tree.open(str(root)), KNOWN, jobs=0)
    assert list(found.facts) == ["a.txt", "link.txt", "mlruns/b.txt"]
    assert words(found) == {"a.txt": ["one"]}
    assert found.files["link.txt"].link


def test_what_cannot_be_read_keeps_its_row_and_is_a_problem() -> None:
    tree = Tree.of(
        {"a.txt": {"size": 3}, "big.txt": {"size": LIMIT + 1}, "big.csv": {"size": LIMIT * 9}}
    )
    found = collect(tree, KNOWN, jobs=0)
    assert [(p.path, p.kind) for p in found.problems] == [
        ("a.txt", "unreadable"),
        ("big.txt", "too-large"),
    ]
    assert found.facts["big.txt"].rows == {}
    assert found.files["big.txt"].size == LIMIT + 1


def test_a_reader_that_raises_is_a_problem_of_its_file() -> None:
    found = collect(Tree.of({"a.txt": "raise", "b.txt": "x"}), KNOWN, jobs=0)
    assert found.problems == (Problem("a.txt", "crashed", "words_reader: ValueError: no good"),)
    assert words(found) == {"b.txt": ["x"]}


@pytest.mark.parametrize("content", ["local", "gone"])
def test_lfs_pointers_stand_for_their_objects(
    repo: Path, git: Callable[..., str], content: str
) -> None:
    (repo / ".gitattributes").write_text("*.pt filter=lfs\n")
    for name in ("here.pt", "there.pt", "words.txt"):
        (repo / name).write_text(POINTER)
    (repo / "real.pt").write_bytes(b"x" * 9000)
    git(repo, "-c", "filter.lfs.clean=cat", "add", ".")
    git(repo, "commit", "-q", "-m", "lfs")
    (repo / "there.pt").write_bytes(b"x" * 9000)
    if content == "gone":
        git(repo, "update-index", "--skip-worktree", "there.pt")
        (repo / "there.pt").unlink()
    found = collect(Tree.open(str(repo)), KNOWN, jobs=0)
    assert {path: (row.lfs, row.size) for path, row in found.files.items()} == {
        ".gitattributes": (False, 16),
        "data/rows.csv": (False, 8),
        "here.pt": (True, 9000),
        "real.pt": (False, 9000),
        "there.pt": (True, 9000),
        "train.py": (False, 13),
        "words.txt": (True, 9000),
    }
    assert words(found) == {}
    assert found.git[0].lfs


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_serial_and_parallel_runs_say_the_same(jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SMALLEST", 100)
    monkeypatch.setattr(module, "_LARGEST", 300)
    monkeypatch.setattr(module, "_MOST_FILES", 5)
    files = {f"d{n % 7}/{n}.txt": f"w{n} " * (n % 50) for n in range(200)}
    files["bad.txt"] = "raise"
    tree = Tree.of(files)
    one, other = collect(tree, KNOWN, jobs=0), collect(tree, KNOWN, jobs=jobs)
    assert repr(one) == repr(other)
    assert len(words(one)) == 196


def test_progress_counts_files(tmp_path: Path, where: str) -> None:
    told: list[tuple[int, int]] = []
    files = {f"{n}.txt": "x" for n in range(450)}
    collect(Tree.of(files), KNOWN, jobs=0, progress=lambda done, of: told.append((done, of)))
    assert told == [(200, 450), (400, 450), (450, 450)]
    told.clear()
    root = fill(tmp_path / "root", a="one", b="two")
    for _ in range(2):
        run(root, where, progress=lambda done, of: told.append((done, of)))
    assert told == [(2, 2)]


@pytest.mark.usefixtures("old")
def test_a_second_run_reads_nothing(
    tmp_path: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = fill(tmp_path / "root", a="one", b="two")
    (root / "c.csv").write_text("1")
    first = run(root, where)
    monkeypatch.setattr("mllint.directory.read_regular", None)
    second = run(root, where)
    assert repr(replace(second, read=2, cached=0)) == repr(first)
    assert (second.read, second.cached) == (0, 2)


@pytest.mark.usefixtures("old")
def test_a_changed_file_is_read_again_and_no_other(tmp_path: Path, where: str) -> None:
    root = fill(tmp_path / "root", a="one", b="two", c="three")
    run(root, where)
    fill(root, b="2")
    (root / "c.txt").unlink()
    fill(root, d="four")
    found = run(root, where)
    assert (found.read, found.cached) == (2, 1)
    assert words(found) == {"a.txt": ["one"], "b.txt": ["2"], "d.txt": ["four"]}
    assert run(root, where).read == 0


def test_files_are_known_by_content_where_stamps_say_nothing(tmp_path: Path, where: str) -> None:
    first = run(fill(tmp_path / "one", a="one", b="two"), where)
    other = run(fill(tmp_path / "two", a="one", b="changed"), where)
    assert (first.read, other.read, other.cached) == (2, 1, 1)
    assert words(other) == {"a.txt": ["one"], "b.txt": ["changed"]}


def test_the_same_content_at_another_path_is_another_file(tmp_path: Path, where: str) -> None:
    run(fill(tmp_path / "one", a="one"), where)
    found = run(fill(tmp_path / "two", b="one"), where)
    assert (found.read, found.facts["b.txt"].rows["heading"][0].at.path) == (1, "b.txt")


def test_revisions_share_what_they_have_in_common(
    repo: Path, where: str, git: Callable[..., str]
) -> None:
    fill(repo, a="one", b="two")
    git(repo, "add", ".")
    git(repo, "commit", "-q", "-m", "two")
    fill(repo, b="changed")
    git(repo, "commit", "-q", "-am", "three")
    counts = []
    for rev in ("HEAD~1", "HEAD", "HEAD"):
        cache = Cache(where)
        found = collect(Tree.at(str(repo), rev), KNOWN, cache=cache, jobs=0)
        cache.close()
        counts.append((found.read, found.cached))
    assert counts == [(2, 0), (1, 1), (0, 2)]
    assert words(found) == {"a.txt": ["one"], "b.txt": ["changed"]}


@pytest.mark.usefixtures("old")
def test_other_questions_of_the_catalogue_are_another_reading(tmp_path: Path, where: str) -> None:
    root = fill(tmp_path / "root", a="one")
    run(root, where)
    cache = Cache(where)
    tree = Tree.open(str(root))
    assert collect(tree, Known(frozenset(), frozenset()), cache=cache, jobs=0).read == 1
    cache.close()
    assert fingerprint(KNOWN) == fingerprint(Known(frozenset(["torch"]), frozenset()))
    assert fingerprint(KNOWN) != fingerprint(Known(frozenset(), frozenset(["torch"])))


@pytest.mark.usefixtures("old")
def test_a_run_over_one_file_makes_the_cache_forget_nothing(
    tmp_path: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = fill(tmp_path / "root", a="one", b="two")
    run(root, where)
    assert words(run(root / "a.txt", where)) == {"a.txt": ["one"]}
    monkeypatch.setattr("mllint.directory.read_regular", None)
    assert run(root, where).cached == 2


@pytest.mark.usefixtures("old")
def test_a_crash_is_not_remembered_but_a_pointer_is(tmp_path: Path, where: str) -> None:
    root = fill(tmp_path / "root", a="raise", b="two")
    (root / "m.pt").write_text(POINTER)
    first, second = run(root, where), run(root, where)
    assert (second.read, second.cached) == (1, 1)
    assert first.problems == second.problems != ()
    assert second.files["m.pt"].size == 9000


@pytest.mark.usefixtures("old")
def test_what_is_too_large_is_so_in_every_run(tmp_path: Path, where: str) -> None:
    root = fill(tmp_path / "root")
    with (root / "a.txt").open("wb") as file:
        file.truncate(LIMIT + 1)
    for _ in range(2):
        assert [p.kind for p in run(root, where).problems] == ["too-large"]


@pytest.mark.usefixtures("old")
@pytest.mark.parametrize(
    "damage", ["", "no json", "[]", '[["a.txt"],{}]', '[["a.txt"],{"call":1}]\n']
)
def test_a_pack_that_makes_no_sense_is_read_anew(
    tmp_path: Path, where: str, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = fill(tmp_path / "root", a="one", b="two")
    run(root, where)
    with monkeypatch.context() as patch:
        patch.setattr(Cache, "texts", lambda _, packs: dict.fromkeys(packs, damage))
        found = run(root, where)
    assert words(found) == {"a.txt": ["one"], "b.txt": ["two"]}
    assert found.problems == ()
    assert run(root, where).read == 0


@pytest.mark.usefixtures("old")
def test_packs_of_few_files_are_gathered(
    tmp_path: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MANY", 3)
    root = tmp_path / "root"
    for name in "abcdef":
        run(fill(root, **{name: name}), where)
    loaded: list[int] = []
    texts = Cache.texts

    def counted(cache: Cache, packs: set[int]) -> dict[int, str]:
        loaded.append(len(packs))
        return texts(cache, packs)

    monkeypatch.setattr(Cache, "texts", counted)
    found = run(root, where)
    assert (loaded, found.read, found.cached) == ([3], 0, 6)
    assert words(found) == {f"{name}.txt": [name] for name in "abcdef"}


def test_the_garbage_collector_is_left_as_it_was() -> None:
    import gc

    collect(Tree.of({"a.txt": ""}), KNOWN, jobs=0)
    assert gc.isenabled()


def test_jobs_are_at_least_one() -> None:
    assert 1 <= module.jobs_here() <= max(os.cpu_count() or 1, 1)
