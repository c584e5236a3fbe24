"""`mllint baseline`: create, update, prune, show."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from mllint.cli.completing import complete_selectors
from mllint.cli.options import (
    baseline_name,
    color_option,
    project_options,
    settings_for,
    split,
    target,
)
from mllint.cli.output import emit, note, refuse_outside, write_file
from mllint.review import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from mllint.baseline import Entry
    from mllint.review import Finding, Report
    from mllint.settings import Settings

F = TypeVar("F", bound="Callable[..., Any]")


class Asked(NamedTuple):
    """What a command is about."""

    root: Path
    path: Path
    """Of the baseline."""
    shown: str
    settings: Settings
    named: bool
    """Whether the user named the file, and not the project."""


@click.group("baseline", no_args_is_help=False)
def command() -> None:
    """Keep the findings that are known already, so that only new ones fail."""


def _options(function: F) -> F:
    for option in reversed(
        (
            click.argument("path", default=".", type=click.Path()),
            project_options,
            click.option(
                "--baseline",
                metavar="FILE",
                type=click.Path(dir_okay=False),
                help="Where it is kept.  [default: .mllint-baseline.json]",
            ),
            click.option("--no-cache", is_flag=True, help="Neither read nor write the cache."),
        )
    ):
        function = option(function)
    return function


@command.command("create")
@_options
@click.option("--force", is_flag=True, help="Overwrite what is there.")
def create(path: str, *, force: bool, **given: Any) -> None:
    """Write down every finding of the project at PATH."""
    asked = _asked(path, given)
    if asked.path.exists() and not asked.path.is_file():
        raise UsageError(f"{asked.shown}: is not a file")
    if asked.path.exists() and not force:
        raise UsageError(
            f"{asked.shown}: is there already\n"
            "  hint: `mllint baseline update --add` adds to it; --force writes it anew"
        )
    report = _run(asked, baseline="")
    found = [f for f in report.findings if f.status == "new"]
    _write(asked, _entries(found), report)
    _tell(f"{_plural(len(found), 'finding')} written to {asked.shown}", _rules(found))


@command.command("update")
@_options
@click.option("--add", is_flag=True, help="Add what is new, too.")
@click.option(
    "--rule",
    "rules",
    metavar="SEL",
    multiple=True,
    shell_complete=complete_selectors,
    help="Add findings of these rules alone.",
)
def update(path: str, *, add: bool, rules: tuple[str, ...], **given: Any) -> None:
    """Follow renamed files and edited lines, drop what is mended, and add only with --add."""
    if rules and not add:
        raise UsageError("--rule says what to add: it needs --add")
    asked = _asked(path, given)
    report = _run(asked)
    use = _needed(report, asked)
    wanted = _wanted(rules, report)
    new = [f for f in report.findings if add and f.status == "new" and wanted(f.rule)]
    _write(asked, [*use.current, *use.idle, *_entries(new)], report)
    left = sum(f.status == "new" for f in report.findings) - len(new)
    told = [f"{_plural(len(new), 'finding')} added"] if add else []
    told += [f"{use.mended} mended and removed"]
    told += [f"{left} new and not in it"] if left else []
    _tell(f"{asked.shown}: {', '.join(told)}", _rules(new))


@command.command("prune")
@_options
def prune(path: str, **given: Any) -> None:
    """Remove the entries of findings that are mended, and nothing else."""
    asked = _asked(path, given)
    report = _run(asked)
    use = _needed(report, asked)
    kept = Counter({one._replace(n=1): one.n for one in _read(asked)})
    kept.subtract({one._replace(n=1): one.n for one in use.stale})
    if use.stale:
        _write(asked, [one._replace(n=n) for one, n in kept.items() if n > 0], report)
    gone: Counter[str] = Counter()
    for one in use.stale:
        gone[one.rule] += one.n
    _tell(f"{asked.shown}: {use.mended} mended and removed", gone)


@command.command("show")
@_options
@color_option
def show(path: str, **given: Any) -> None:
    """List the findings that are in the baseline, at the lines where they are now."""
    from mllint.reports import View
    from mllint.reports.paint import paint
    from mllint.reports.text_findings import one_line

    asked = _asked(path, given)
    report = _run(asked)
    use = _needed(report, asked)
    known = [f for f in report.findings if f.status == "baselined"]
    emit(paint([one_line(f, report) for f in known], View(max_findings=0)))
    price = f", {use.points:.1f} points" if use.points >= 0.05 else ""
    mended = f"; {use.mended} mended (mllint baseline prune)" if use.mended else ""
    emit(f"{_plural(len(known), 'finding')} in {asked.shown}{price}{mended}\n")


def _asked(path: str, given: dict[str, Any]) -> Asked:
    root, _ = target([path])
    flags = {"profile": given["profile"], "baseline": baseline_name(given["baseline"], root)}
    settings = settings_for(
        root, flags, given["config"], isolated=given["isolated"], cache=not given["no_cache"]
    )
    from mllint.baseline import NAME

    shown = settings.baseline or NAME
    return Asked(
        root, root / shown, shown, replace(settings, baseline=shown), bool(given["baseline"])
    )


def _run(asked: Asked, **changes: Any) -> Report:
    from mllint.cli.progress import Progress
    from mllint.engine import run

    with Progress(wanted=True) as progress:
        report = run(asked.root, replace(asked.settings, **changes), progress=progress)
    for outcome in report.outcomes:
        if outcome.verdict == "crashed":
            note(f"warning: rule {outcome.rule} crashed; its findings are not looked at")
    return report


def _needed(report: Report, asked: Asked) -> Any:
    if report.baseline is None:
        raise UsageError(f"{asked.shown}: there is no such baseline")
    return report.baseline


def _read(asked: Asked) -> Sequence[Entry]:
    from mllint.baseline import parsed

    return parsed(asked.path.read_bytes(), asked.shown)


def _entries(findings: Iterable[Finding]) -> list[Entry]:
    from mllint.baseline import entry

    return [entry(finding) for finding in findings]


def _write(asked: Asked, entries: Iterable[Entry], report: Report) -> None:
    from mllint.baseline import written

    if not asked.named:
        refuse_outside(asked.root, asked.path, asked.shown)
    if not asked.path.parent.is_dir():
        raise UsageError(f"{asked.shown}: there is no folder {asked.path.parent}")
    write_file(asked.path, written(entries, report.run.ruleset, report.run.version))


def _wanted(selectors: Sequence[str], report: Report) -> Callable[[str], bool]:
    from mllint.selection import chosen

    named = split(selectors)
    ids = frozenset().union(*(chosen(one, report.rules) for one in named))
    return lambda rule: not named or rule in ids


def _rules(findings: Iterable[Finding]) -> Counter[str]:
    return Counter(finding.rule for finding in findings)


def _tell(head: str, counts: Counter[str]) -> None:
    lines = [f"{n:>6}  {rule}" for rule, n in sorted(counts.items(), key=lambda c: (-c[1], c[0]))]
    emit("\n".join([head, *lines]) + "\n")


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
