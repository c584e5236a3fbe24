"""`mllint suppress`: write suppression comments for findings, or remove those that hide nothing."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from mllint.cli.completing import complete_selectors
from mllint.cli.options import project_options, settings_for, split, target
from mllint.cli.output import emit, note, write_file
from mllint.review import UsageError
from mllint.waiver import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from mllint.review import Finding, Report

_GLOB = re.compile(r"[\\*?\[!#]")


@click.command("suppress")
@click.argument("paths", nargs=-1, type=click.Path())
@project_options
@click.option(
    "--rule",
    "rules",
    metavar="SEL",
    multiple=True,
    shell_complete=complete_selectors,
    help="Suppress what these rules found: id, category, practice, glob.",
)
@click.option("--reason", metavar="TEXT", default="", help="Why the findings may stay.")
@click.option("--kind", type=click.Choice(KINDS), default="accepted", help="What sort of reason.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day it holds.")
@click.option("--issue", metavar="TEXT", default="", help="Where it is worked on.")
@click.option("--remove-unused", is_flag=True, help="Remove comments that hide nothing.")
@click.option("--diff", is_flag=True, help="Show what would be written, and write nothing.")
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache.")
def command(paths: tuple[str, ...], **given: Any) -> None:
    """Write a comment above what rules found at PATHS, or remove those that hide nothing."""
    rules = split(given["rules"])
    if bool(rules) == given["remove_unused"]:
        raise UsageError("suppress needs either --rule SEL with --reason TEXT, or --remove-unused")
    if rules and not given["reason"].strip():
        raise UsageError("--rule needs --reason: say why the findings may stay")
    if not f"{given['reason']}{given['issue']}".isprintable():
        raise UsageError("--reason and --issue: must be one line without control characters")
    root, inside = target(paths)
    report = _run(root, inside, given)
    if given["remove_unused"]:
        _apply(root, _without_unused(root, report), diff=given["diff"], done="removed from")
    else:
        _apply(
            root, _with_comments(root, report, rules, given), diff=given["diff"], done="written to"
        )


def _run(root: Path, inside: tuple[str, ...], given: dict[str, Any]) -> Report:
    from mllint.cli.progress import Progress
    from mllint.engine import run

    flags = {"profile": given["profile"]}
    settings = settings_for(
        root, flags, given["config"], isolated=given["isolated"], cache=not given["no_cache"]
    )
    with Progress(wanted=True) as progress:
        return run(root, settings, paths=inside, progress=progress)


def _with_comments(
    root: Path, report: Report, rules: list[str], given: dict[str, Any]
) -> dict[str, tuple[str, str]]:
    from mllint.comments import added, takes_comments
    from mllint.selection import chosen

    ids = frozenset().union(*(chosen(one, report.rules) for one in rules))
    found = [f for f in report.findings if f.rule in ids and f.status in {"new", "baselined"}]
    wanted: dict[str, dict[int, list[str]]] = {}
    others = []
    for finding in found:
        at = finding.at
        if finding.anchored or not at.line or at.cell or not takes_comments(at.path):
            others.append(finding)
        else:
            wanted.setdefault(at.path, {}).setdefault(at.line, []).append(finding.rule)
    changes = {}
    for path, lines in wanted.items():
        text = _text(root / path)
        if text is not None:
            changes[path] = (text, added(path, text, lines, _rest(given)))
            if changes[path][1] == text:
                note(f"note: {path}: is left alone: a comment would change what it says")
    _tell_others(others, given)
    return changes


def _rest(given: Mapping[str, Any]) -> str:
    words = [f"kind={given['kind']}"] if given["kind"] != "accepted" else []
    words += [f"until={given['until'].date()}"] if given["until"] else []
    words += [f"issue={given['issue']}"] if given["issue"] else []
    return " ".join((*words, given["reason"].strip()))


def _tell_others(findings: Iterable[Finding], given: Mapping[str, Any]) -> None:
    """Say which entry of the configuration waives what has no line for a comment."""
    from mllint.tomltext import quoted

    told = dict.fromkeys((finding.rule, finding.place) for finding in findings)
    if told:
        note("note: these have no line that can take a comment; for pyproject.toml:")
    for rule, path in told:
        lines = ["", "  [[tool.mllint.waivers]]", f'  rule = "{rule}"']
        pattern = _GLOB.sub(r"\\\g<0>", path)
        lines += [f"  paths = [{quoted(pattern)}]"] if path else []
        lines += [f'  kind = "{given["kind"]}"'] if given["kind"] != "accepted" else []
        lines += [f"  reason = {quoted(given['reason'].strip())}"]
        lines += [f"  until = {given['until'].date()}"] if given["until"] else []
        note(*lines)


def _without_unused(root: Path, report: Report) -> dict[str, tuple[str, str]]:
    from mllint.comments import removed

    wanted: dict[str, dict[int, set[str]]] = {}
    for finding in report.findings:
        if finding.rule == "unused-suppression" and finding.status in {"new", "baselined"}:
            lines = wanted.setdefault(finding.at.path, {})
            selector = finding.message.split("`")[1]
            if finding.at.cell:
                note(f"note: {finding.at}: remove `{selector}` by hand; it is in a notebook")
            else:
                lines.setdefault(finding.at.line, set()).add(selector)
    changes = {}
    for path, lines in wanted.items():
        text = _text(root / path) if lines else None
        if text is not None:
            changes[path] = (text, removed(path, text, lines))
    return changes


def _text(path: Path) -> str | None:
    """The text of a file with its line ends; None where it is not UTF-8 or a link."""
    with suppress(OSError, UnicodeDecodeError):
        if path.is_file() and not path.is_symlink():
            return path.read_bytes().decode("utf-8")
    note(f"note: {path}: is left alone: it is no file that can be read as UTF-8")
    return None


def _apply(root: Path, changes: dict[str, tuple[str, str]], *, diff: bool, done: str) -> None:
    changed = {path: texts for path, texts in sorted(changes.items()) if texts[0] != texts[1]}
    if diff:
        emit(_diff(changed))
        return
    for path, (_, new) in changed.items():
        write_file(root / path, new)
    number = sum(abs(new.count("\n") - old.count("\n")) or 1 for old, new in changed.values())
    files = f"{len(changed)} file{'s' * (len(changed) != 1)}"
    emit(f"{number} comment{'s' * (number != 1)} {done} {files}\n")


def _diff(changed: Mapping[str, tuple[str, str]]) -> str:
    """The changes as one patch; at a terminal without what would steer it."""
    from mllint.adopt.plan import Change, diff
    from mllint.reports.lines import clean

    text = diff([Change(path, old, new) for path, (old, new) in changed.items()])
    return "\n".join(map(clean, text.split("\n"))) if sys.stdout.isatty() else text
