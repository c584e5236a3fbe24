"""`mllint checklist`: a published list, filled in for one repository."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEST = "from train import model\n\n\ndef test_model():\n    assert model.coef_ is not None\n"


def filled(mllint: Callable[..., Any], name: str, project: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(
        mllint("checklist", name, str(project), "--format", "json").out
    )
    return data


def test_without_a_name_the_lists_are_named_with_what_can_be_seen(
    mllint: Callable[..., Any],
) -> None:
    done = mllint("checklist")
    assert done.code == 0
    assert "ml-test-score" in done.out
    assert "12 of 28 items can be seen in a repository, 13 in part" in " ".join(done.out.split())


def test_every_item_of_a_list_is_answered(mllint: Callable[..., Any], project: Path) -> None:
    data = filled(mllint, "ml-test-score", project)
    assert len(data["items"]) == 28
    assert data["visible"] == {"yes": 12, "partly": 13, "no": 3}
    assert sum(data["totals"].values()) == 28
    assert "no certificate" in data["caution"]
    item = next(item for item in data["items"] if item["id"] == "T-D6")
    assert item["answer"] == "cannot be seen"
    assert item["reason"].startswith("Q10 is not attested")


def test_an_item_changes_with_the_repository_and_names_its_place(
    mllint: Callable[..., Any], project: Path
) -> None:
    def item() -> dict[str, Any]:
        data = filled(mllint, "se-ml", project)
        return next(i for i in data["items"] if i["checks"][0] == "test.exist")

    assert item()["answer"] == "not met"
    (project / "tests").mkdir()
    (project / "tests/test_train.py").write_text(TEST)
    assert item()["answer"] in {"met", "partly"}
    assert item()["place"]["path"] == "tests/test_train.py"


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_a_list_is_filled_in_for_people(
    form: str, mllint: Callable[..., Any], project: Path
) -> None:
    done = mllint("checklist", "ml-code-completeness", str(project), "--format", form)
    assert done.code == 0
    assert "not met" in done.out
    assert "no certificate" in " ".join(done.out.split()).replace("no  ", "no ")


def test_an_unknown_list_is_a_usage_error_with_the_nearest(mllint: Callable[..., Any]) -> None:
    done = mllint("checklist", "ml-tst")
    assert done.code == 2
    assert "did you mean `ml-test-score`?" in done.err
