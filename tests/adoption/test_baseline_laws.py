"""The laws of the baseline, on random modules judged by the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mllint.baseline import entry, matched, parsed, written
from mllint.fingerprints import ALIKE, alike
from mllint.known import Known

from .conftest import judged
from .test_baseline import finding

if TYPE_CHECKING:
    from mllint.baseline import Entry
    from mllint.review import Finding, Report

FAULTS = (
    "yaml.load(open({n}))",
    "yaml.load(open({n}), Loader=yaml.Loader)",
    'open("/home/ada/rows{n}.csv")',
    'open("/Users/ada/{n}.csv", "rb")',
)
FAULT = st.tuples(st.sampled_from(FAULTS), st.integers(0, 3))
MODULE = st.lists(FAULT, max_size=6)
TREE = st.dictionaries(st.sampled_from(["a.py", "b.py", "pkg/c.py"]), MODULE, min_size=1)
Tree = dict[str, list[tuple[str, int]]]
FEW = settings(max_examples=25, deadline=None)


def texts(tree: Tree, *, blank: int = 0) -> dict[str, str]:
    """A module per path, each fault in a function of its own kind; `blank` lines move them all."""
    found = {}
    for path, faults in tree.items():
        lines = ["import yaml", *[""] * blank]
        for n, (template, value) in enumerate(faults):
            lines += [
                f"def f{n % 2}_{FAULTS.index(template)}():",
                f"    {template.format(n=value)}",
            ]
        found[path] = "\n".join(lines) + "\n"
    return found


def created(report: Report) -> tuple[Entry, ...]:
    """The baseline that `create` writes, read again."""
    entries = [entry(f) for f in report.findings if f.status == "new"]
    return parsed(written(entries, "2026.1", "0").encode(), "b.json")


def run(tree: Tree, baseline: tuple[Entry, ...] | None = None, **more: Any) -> Report:
    known = Known(baseline, "b.json")
    return judged(texts(tree, **more), fail_on="note", known=known)


def fresh(report: Report) -> list[tuple[str, str, str]]:
    return sorted((f.rule, f.at.path, f.fingerprint) for f in report.findings if f.status == "new")


@FEW
@given(TREE)
def test_create_then_check_is_clean_and_the_score_untouched(tree: Tree) -> None:
    before = run(tree)
    after = run(tree, created(before))
    assert fresh(after) == []
    assert after.gate.passed
    assert after.scores == before.scores
    assert [f.lost for f in after.findings] == [f.lost for f in before.findings]
    assert after.baseline is not None
    assert (after.baseline.mended, after.baseline.matched) == (0, len(before.findings))


@FEW
@given(TREE, st.integers(1, 5))
def test_moved_lines_are_known(tree: Tree, blank: int) -> None:
    assert fresh(run(tree, created(run(tree)), blank=blank)) == []


CALLS = (
    "f(a{n})", "torch.load(path{n}, map_location=device)",
    "train_test_split(X, y, test_size=0.{n}, shuffle=True)",
)  # fmt: skip
FOUND = st.builds(
    lambda call, n, path, scope: finding(call.format(n=n), path, scope=scope),
    st.sampled_from(CALLS), st.integers(1, 3), st.sampled_from(["a.py", "b.py"]),
    st.sampled_from(["", "train"]),
)  # fmt: skip
FINDINGS = st.lists(FOUND, max_size=8)


@settings(max_examples=200, deadline=None)
@given(FINDINGS, FINDINGS, st.data())
def test_fixing_a_finding_hides_and_reveals_no_other(
    before: list[Finding], now: list[Finding], data: st.DataObject
) -> None:
    """A text that is hardly another than a known one of the same function may be that one, edited;
    of texts that are quite alike nobody can tell which is which."""
    entries = [entry(f) for f in before]
    index = [n for n in range(len(now)) if data.draw(st.booleans())]
    left = [now[n] for n in index]
    paths = ("a.py", "b.py")
    was, is_ = matched(now, entries, paths, {}), matched(left, entries, paths, {})
    for place, n in enumerate(index):
        mine = entry(now[n])
        known_then, known_now = n in was.known, place in is_.known
        same = sum(entry(f) == mine for f in now)
        if same == 1:
            assert known_now or not known_then
        near = (
            e for e in entries if (e.rule, e.path, e.scope) == (mine.rule, mine.path, mine.scope)
        )
        if not known_then and all(alike(e.sketch, mine.sketch) < ALIKE for e in near):
            assert not known_now
    taken = len(is_.known) + sum(e.n for e in is_.left)
    assert taken == len(entries)


@FEW
@given(TREE, FAULT)
def test_a_new_fault_is_new_whatever_else_was_fixed(tree: Tree, fault: tuple[str, int]) -> None:
    baseline = created(run(tree))
    added = ("yaml.load(stream_{n}, Loader=yaml.UnsafeLoader)", fault[1] + 7)
    nothing: Tree = {path: [] for path in tree}
    for keep in (tree, nothing):
        files = texts(keep)
        files["new.py"] = f"import yaml\n\ndef fresh():\n    {added[0].format(n=added[1])}\n"
        report = judged(files, fail_on="note", known=Known(baseline, "b.json"))
        assert [path for _, path, _ in fresh(report)] == ["new.py"]


@FEW
@given(TREE, st.randoms(use_true_random=False))
def test_renames_are_followed(tree: Tree, random: Any) -> None:
    path = random.choice(sorted(tree))
    renamed = {("moved/x.py" if p == path else p): faults for p, faults in tree.items()}
    report = run(renamed, created(run(tree)))
    assert fresh(report) == []
    assert report.baseline is not None
    assert report.baseline.mended == 0


@FEW
@given(TREE, TREE)
def test_what_is_mended_and_what_is_matched_add_up(old: Tree, new: Tree) -> None:
    baseline = created(run(old))
    report = run(new, baseline)
    assert report.baseline is not None
    use = report.baseline
    assert use.matched + use.mended + sum(e.n for e in use.idle) == sum(e.n for e in baseline)
    assert use.matched + len(fresh(report)) == len(report.findings)
    # Pruning takes out what is mended and changes no verdict.
    pruned = run(new, tuple(e for e in baseline if e not in use.stale))
    assert fresh(pruned) == fresh(report) or any(e.n > 1 for e in baseline)
