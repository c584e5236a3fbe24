"""What runs a project beyond its code: clusters, infrastructure, pipelines and data versions.

Knows names only; each format has its module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.readers.by_path import read_by

if TYPE_CHECKING:
    from mllint.facts import Facts, Known

_READERS: tuple[tuple[str, str, str], ...] = (
    (r"(?:.*/)?\.dvc/config", "dvc", "read_config"),
    (r".*\.dvc", "dvc", "read_pointer"),
    (r"(?:.*/)?dvc\.lock", "dvc", "read_lock"),
    (r"(?:.*/)?dvc\.ya?ml", "dvc", "read_pipeline"),
    (r"(?:.*/)?mlproject", "mlproject", "read_mlproject"),
    (r"(?:.*/)?snakefile[^/]*|.*\.smk", "snakemake", "read_snakefile"),
    (r".*\.tf", "terraform", "read_terraform"),
    (r"(?:.*/)?chart\.ya?ml", "helm", "read_chart"),
    (r"(?:.*/)?values[^/]*\.ya?ml", "helm", "read_values"),
    (r"(?:.*/)?templates/.*\.ya?ml", "helm", "read_template"),
    (r"(?:.*/)?conf/(?:.*/)?catalog[^/]*(?:/.*)?\.ya?ml", "kedro", "read_catalog"),
    (r".*\.ya?ml", "kubernetes", "read_kubernetes"),
)


def read(path: str, data: bytes, known: Known) -> Facts:
    """The manifests, images, stages, pointers and remotes that a file states."""
    del known
    return read_by(__name__, _READERS, path, data)
