"""What MkDocs calls: adds the pages of the catalogue, and links what hand-written pages name."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from site_links import linked
from site_pages import Known, changelog, known, pages

CHANGELOG = Path(__file__).parent.parent / "CHANGELOG.md"


@cache
def _known() -> Known:
    return known()


def on_files(files: Any, config: Any) -> Any:
    """All pages: those in `docs/`, and those that are generated."""
    from mkdocs.structure.files import File

    for path, text in pages(_known()).items():
        files.append(File.generated(config, path, content=text))
    history = changelog(CHANGELOG.read_text("utf-8"))
    files.append(File.generated(config, "changelog.md", content=history))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """A hand-written page with its links."""
    if page.file.generated_by is not None:
        return markdown
    all_ = _known()
    rows = {row.id: row.checks[0] for row in all_.practices.rows.values()}
    return linked(markdown, page.file.src_uri, all_.catalogue.rules, rows)
