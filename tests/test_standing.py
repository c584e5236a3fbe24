"""How a project stands to a practice, from the outcomes of the rules that look at it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from mllint.facts import Place
from mllint.practices import Attestation, Practice, PracticeMap
from mllint.review import Evidence, Finding, Outcome
from mllint.standing import Standing, standings

if TYPE_CHECKING:
    from mllint.practices import Effect, See
    from mllint.review import Report, Verdict

SERVED = {"a.first": ("one", "two", "other"), "a.second": ("three",), "S0-XX-1": ("own",)}
ABOUT = {"one": "a.first", "two": "a.first", "three": "a.second", "own": "S0-XX-1", "other": "b"}


def outcome(spec: str) -> Outcome:
    """`one=fail` as an outcome; `~` stands for some of the credit."""
    rule, _, verdict = spec.partition("=")
    seen = Evidence(ok=True, at=Place("train.py", 3))
    share = 0.5 if verdict.endswith("~") else float(verdict == "pass")
    return Outcome(
        rule, "c", cast("Verdict", verdict.rstrip("~")), share, 1, 0, (), (seen,), f"of {rule}"
    )


def standing(outcomes: str, see: See = "yes", attest: str = "", **more: Any) -> Standing:
    """The standing to a practice that comes down to `a.first` and `a.second`."""
    effect: Effect = more.pop("effect", "")
    row = Practice(
        "S0-XX-1", "book", "One", "says", see, ("a.first", "a.second"), attest, "", "", "", ()
    )
    attestations = {"Q01": Attestation("Q01", "topic", "Who?", "", effect)}
    joined = PracticeMap({}, {row.id: row}, attestations, more.pop("served", SERVED), ABOUT)
    report = SimpleNamespace(outcomes=[outcome(spec) for spec in outcomes.split()])
    return standings(joined, cast("Report", report), **more)[row.id]


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        ("one=pass two=pass three=pass", "met"),
        ("one=pass two=not-applicable three=not-applicable", "met"),
        ("one=pass two=unknown three=unknown", "met"),
        ("one=pass two=fail", "partly"),
        ("one=fail~ two=fail", "partly"),
        ("one=fail two=fail three=fail", "not-met"),
        ("one=fail two=blocked three=unknown", "not-met"),
        ("one=pass three=fail", "partly"),
        ("one=fail three=pass", "partly"),
        ("one=unknown three=fail~", "partly"),
        ("one=unknown three=fail", "unknown"),
        ("one=crashed two=not-applicable", "unknown"),
        ("one=not-applicable two=not-applicable three=pass", "not-applicable"),
        ("own=fail one=not-applicable three=not-applicable", "not-met"),
        ("three=not-applicable", "unknown"),
        ("other=not-applicable", "unknown"),
        ("other=not-applicable one=not-applicable", "not-applicable"),
        ("other=pass", "met"),
        ("", "unknown"),
    ],
)
def test_outcomes_make_a_state(outcomes: str, state: str) -> None:
    assert standing(outcomes).state == state


@pytest.mark.parametrize(
    ("outcomes", "reason"),
    [
        ("one=pass two=not-applicable", "one: of one"),
        ("one=pass two=fail", "two: of two"),
        ("one=pass three=fail", "three: of three"),
        ("one=fail three=pass", "one: of one"),
        ("one=unknown three=pass", "three: of three"),
        ("other=not-applicable", "other: of other"),
        ("", "the rules that look at it were not run"),
    ],
)
def test_the_outcome_that_decides_gives_the_reason(outcomes: str, reason: str) -> None:
    assert standing(outcomes).reason == reason


def test_without_a_deciding_rule_it_is_unknown_but_what_is_seen_counts_in_part() -> None:
    served = {"a.second": ("three",)}
    assert standing("three=fail", served=served) == Standing("unknown", "no rule looks at it yet")
    assert standing("three=pass", served=served).state == "partly"


def test_what_no_repository_shows_is_open_until_it_is_attested() -> None:
    seen = standing("one=pass", "no", "Q01")
    assert (seen.state, seen.reason) == ("open", "Q01 is not attested: Who?")
    said = standing("one=fail", "no", "Q01", attested={"Q01": "by Ada, 2030-01-02"})
    assert (said.state, said.reason) == ("attested", "Q01: by Ada, 2030-01-02")


@pytest.mark.parametrize(
    ("outcomes", "effect", "state"),
    [
        ("one=fail", "", "not-met"),
        ("one=unknown", "", "attested"),
        ("one=not-applicable", "", "not-applicable"),
        ("one=fail", "elsewhere", "attested"),
        ("one=not-applicable", "elsewhere", "attested"),
        ("one=pass", "elsewhere", "met"),
        ("one=pass three=fail", "annotates", "partly"),
        ("one=unknown", "annotates", "unknown"),
    ],
)
def test_an_attestation_hides_no_finding_unless_it_says_elsewhere(
    outcomes: str, effect: Effect, state: str
) -> None:
    found = standing(outcomes, "partly", "Q01", effect=effect, attested={"Q01": "by Ada"})
    assert found.state == state


def test_a_state_has_the_place_that_shows_it() -> None:
    assert standing("one=pass").at == Place("train.py", 3)
    assert standing("").at is None


def test_a_finding_of_low_confidence_is_no_pass_and_no_exemption() -> None:
    """Verdict and score leave it out; whoever asks for the practice is told."""
    finding = Finding(
        "id", "one", "c", "note", "low", "one size is tried", "", Place("a.py", 2), False, (), (),
        "hidden", 0.0, 5,
    )  # fmt: skip
    silent = replace(outcome("one=not-applicable"), sites=0, evidence=(), findings=(finding,))
    report = cast("Report", SimpleNamespace(outcomes=[silent]))
    row = Practice("S0-XX-1", "book", "One", "says", "yes", ("a.first",), "", "", "", "", ())
    joined = PracticeMap({}, {row.id: row}, {}, SERVED, ABOUT)
    seen = standings(joined, report)[row.id]
    assert seen == Standing("not-met", "one: one size is tried (low confidence)", Place("a.py", 2))

    report = cast(
        "Report", SimpleNamespace(outcomes=[replace(silent, verdict="pass", share=1.0, sites=3)])
    )
    assert standings(joined, report)[row.id].state == "partly"
    waived = replace(finding, status="waived", reason="one is enough")
    report = cast("Report", SimpleNamespace(outcomes=[replace(silent, findings=(waived,))]))
    assert standings(joined, report)[row.id].state == "not-applicable"
