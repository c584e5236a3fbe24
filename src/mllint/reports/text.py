"""The report for people at a terminal: header, findings, score, what to fix first, verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.reports import statistics, text_findings, text_lists, text_score
from mllint.reports.lines import Line, Span, clean, listed
from mllint.reports.paint import paint
from mllint.reports.places import count

if TYPE_CHECKING:
    from mllint.reports import View
    from mllint.review import Report


def render(report: Report, view: View) -> str:
    """The text report."""
    if view.verbosity <= -2:
        return paint([verdict(report)], view)
    if view.verbosity == -1:
        brief = [*text_findings.brief(report, view), *_crashes(report, view), verdict(report)]
        return paint(brief, view)
    if _clean(report, view):
        head = [*_header(report, view, short=True), *_scored(report, view)]
        return paint([*head, *_counts(report, view), verdict(report)], view)
    lines = _header(report, view, short=False)
    for block in _blocks(report, view):
        if block:
            lines += [[], *_trimmed(block)]
    return paint([*lines, [], *_counts(report, view), verdict(report)], view)


def _clean(report: Report, view: View) -> bool:
    """Whether three lines say it all."""
    return (
        not text_findings.shown(report)
        and not report.problems
        and not (report.imported or report.concealed)
        and not report.score.crashed
        and report.gate.passed
        and view.show <= {"findings", "score"}
        and view.verbosity == 0
    )


def _blocks(report: Report, view: View) -> list[list[Line]]:
    blocks: list[list[Line]] = []
    if "findings" in view.show:
        if view.statistics:
            blocks.append(statistics.table(report, view))
        else:
            blocks += text_findings.blocks(report, view)
        blocks.append(text_lists.concealed(report, view))
        blocks.append(text_lists.imported(report, view))
    blocks.append(_crashes(report, view))
    if "passed" in view.show:
        blocks.append(text_lists.passed(report, view))
    if "na" in view.show:
        blocks.append(text_lists.unjudged(report, view))
    if "waived" in view.show:
        blocks.append(text_lists.waived(report, view))
    if "known" in view.show:
        blocks.append(text_lists.known(report, view))
    if "attested" in view.show or report.attested:
        blocks.append(text_lists.attested(report, view))
    if "problems" in view.show or view.verbosity > 0:
        blocks.append(text_lists.problems(report, view))
    if "score" in view.show:
        if report.run.complete:
            blocks.append(text_score.block(report, view))
            blocks.append(text_score.fix_first(report, view))
        else:
            blocks.append(_scored(report, view))
    return blocks


def _crashes(report: Report, view: View) -> list[Line]:
    return text_lists.crashed((o for o in report.outcomes if o.verdict == "crashed"), view)


def _scored(report: Report, view: View) -> list[Line]:
    if report.run.complete:
        return text_score.headline(report, view)
    text = "No score: only part of the project, or of the rules, was looked at."
    return [[Span(text, "dim")]]


def _header(report: Report, view: View, *, short: bool) -> list[Line]:
    run = report.run
    origin = f" ({view.origin})" if view.origin else ""
    parts = [
        f"mllint {run.version}",
        f"profile {report.profile}{origin}",
        f"ruleset {run.ruleset}",
        *map(clean, run.config_files),
    ]
    cached = f" ({run.cached} cached)" if run.cached else ""
    files = count(run.files, "file")
    if run.notebooks:
        files += f", {count(run.notebooks, 'notebook')}"
    seen = [*([clean(view.root)] if view.root else []), files, f"{run.seconds:.1f} s{cached}"]
    if short:
        return listed([*parts[:3], count(run.files, "file")], view.width, 0, "dim")
    return [*listed(parts, view.width, 0, "dim"), *listed(seen, view.width, 0, "dim")]


def _known(report: Report) -> int:
    return sum(f.status == "baselined" for f in report.findings)


def _counts(report: Report, view: View) -> list[Line]:
    findings = text_findings.shown(report)
    kinds = [
        count(number, severity)
        for severity in ("error", "warning", "note")
        if (number := sum(f.severity == severity for f in findings))
    ]
    parts = [", ".join(kinds)] if kinds else []
    waived = sum(f.status == "waived" for f in report.findings)
    baselined = _known(report)
    hidden = sum(f.status == "hidden" for f in report.findings)
    if baselined:
        points = sum(f.lost for f in report.findings if f.status == "baselined")
        price = f", {points:.1f} points" if points >= 0.05 and report.run.complete else ""
        parts.append(f"{baselined} known before{price}")
    if report.baseline is not None and report.baseline.mended and report.run.complete:
        parts.append(f"{report.baseline.mended} of the baseline mended (mllint baseline prune)")
    if waived:
        parts.append(f"{waived} waived{'' if 'waived' in view.show else ' (--show waived)'}")
    if hidden:
        parts.append(f"{hidden} hidden (--min-confidence low)")
    if report.problems:
        files = len({one.path for one in report.problems})
        more = "" if "problems" in view.show or view.verbosity > 0 else " (--show problems)"
        parts.append(f"{count(files, 'file')} not read{more}")
    own = [name for name, reason in report.disabled.items() if reason != "not selected"]
    if own:
        parts.append(f"ignored: {', '.join(sorted(own))}")
    return listed(parts, view.width, 0)


def verdict(report: Report) -> Line:
    """The last line: whether the run passes, and what it failed."""
    gate = report.gate
    reasons = " · ".join(map(clean, gate.reasons))
    if not gate.passed:
        return [Span("FAILED", "bold red"), Span(f": {reasons}" if reasons else "")]
    if not reasons:
        found = text_findings.shown(report)
        none = "no new findings" if _known(report) else "no findings"
        reasons = f"{count(len(found), 'finding')}, none fails the run" if found else none
    return [Span("OK", "bold green"), Span(f": {reasons}")]


def _trimmed(block: list[Line]) -> list[Line]:
    while block and not block[-1]:
        block = block[:-1]
    return block
