"""Projects' code that several modules of tests look at, and a look at it that minds crashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mllint.project import Project
    from mllint.review import Rule

FAULTY = """\
import torch


def train(net, loader, criterion):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in loader:
        criterion(net(x), y).backward()
        optimizer.step()
"""
"""Gradients that are never set to zero."""


def crashed(rule: Rule, project: Project) -> str:
    """What is wrong with a check on a project, or ""."""
    try:
        list(rule.check(project))
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        return f"{rule.id}: {type(error).__name__}: {error}"
    return ""
