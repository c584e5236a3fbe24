"""Declared dependencies that nothing in the repository imports or names.

Only libraries that are of no use without an import are judged: never drivers, plug-ins, servers,
command-line tools, extras, type stubs, or what another library needs to be told of.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.checks.manifests import parts
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Dependency
    from mllint.project import Project

_IMPORTED = frozenset(
    {
        "albumentations", "altair", "arviz", "bayesian-optimization", "biopython",
        "bokeh", "captum", "category-encoders", "catboost", "click", "dash", "deap",
        "eli5", "evidently", "fairlearn", "fastapi", "feature-engine", "fire", "flask", "folium",
        "ftfy", "gensim", "geopandas", "gpytorch", "gradio", "gym", "gymnasium", "hdbscan",
        "hyperopt", "imbalanced-learn", "imgaug", "interpret", "keras", "langchain", "langdetect",
        "librosa", "lightgbm", "lime", "loguru", "missingno", "mlxtend",
        "monai", "networkx", "nltk", "opencv-python", "opencv-python-headless",
        "optuna", "pandas", "pandera", "pingouin", "polars", "prefect", "prophet",
        "pycaret", "pymc", "pyod", "pyspark",
        "scikit-image", "scikit-learn", "scikit-optimize", "seaborn", "selenium",
        "sentence-transformers", "shap", "sktime", "spacy", "stable-baselines3", "statsmodels",
        "streamlit", "structlog", "tensorflow", "textblob", "tpot", "tqdm", "tsfresh", "typer",
        "umap-learn", "wordcloud", "xgboost", "yellowbrick", "ydata-profiling", "pandas-profiling",
    }
)  # fmt: skip
"""Libraries that do nothing unless a program imports them."""
_BROUGHT = frozenset(
    {"certifi", "chardet", "charset-normalizer", "cycler", "idna", "importlib-metadata",
     "itsdangerous", "kiwisolver", "markupsafe", "pyparsing", "six", "threadpoolctl", "urllib3",
     "werkzeug", "zipp", "pyasn1", "wcwidth", "webencodings", "parso"}
)  # fmt: skip
"""What is hardly ever asked for by itself: a list with several of these is a whole environment."""
_WHOLE = 3
_LEARNERS = frozenset(
    {"scikit-learn", "xgboost", "lightgbm", "catboost", "imbalanced-learn", "prophet",
     "statsmodels", "category-encoders", "feature-engine", "spacy", "keras", "tensorflow"}
)  # fmt: skip
"""Libraries of which a saved model may be made: whoever loads it needs them without an import."""
_BESIDE = {
    "tensorflow": ("keras", "tensorflow_", "tf", "transformers", "deepface", "onnx"),
    "pandas": ("pyspark", "polars", "pyarrow", "datasets", "duckdb"),
    "librosa": ("datasets", "transformers", "nemo", "audiomentations"),
    "opencv-python": ("albumentations", "ultralytics", "imgaug"),
    "opencv-python-headless": ("albumentations", "ultralytics", "imgaug"),
}
"""Libraries that others call without an import of one's own, with the roots of those."""
_MANIFEST = regex(
    r"(?:.*/)?(?:pyproject\.toml|setup\.(?:cfg|py)|Pipfile|pixi\.toml|[\w.-]*requirements?[\w.-]*"
    r"|(?:conda|environment|env)[\w.-]*\.ya?ml)|.*requirements/.*"
)


def unused(project: Project) -> Iterator[Evidence]:
    """Declared libraries, judged by whether anything imports or names them."""
    unread = next((m for m in project.rows("module") if m.parsed == "none"), None)
    imported = {row.root for row in project.rows("import")}
    judged = [row for rows in _lists(project) for row in rows]
    if not judged:
        return
    words: frozenset[str] | None = None
    loads = next(iter(project.calls("load_model")), None)
    brought = _brought(project, imported)
    roots: dict[str, list[str]] = {}
    for root, providers in project.distributions.items():
        for name in providers:
            roots.setdefault(name, []).append(root)
    for row in judged:
        provided = [*roots.get(row.name, ()), row.name.replace("-", "_")]
        fields = {"name": row.name}
        if imported.intersection(provided):
            yield Evidence(True, row.at, f"`{row.name}` is imported", fields=fields)
            continue
        words = _words(project) if words is None else words
        if by := brought.get(row.name) or _beside(row.name, imported):
            yield Evidence(None, row.at, f"`{by}` may use `{row.name}`")
        elif loads is not None and row.name in _LEARNERS:
            note = f"the model that `{loads.at.path}` loads may need `{row.name}`"
            yield Evidence(None, row.at, note)
        elif words.intersection(p.lower() for p in (*provided, row.name)):
            yield Evidence(None, row.at, f"`{row.name}` is named outside of imports")
        elif unread is not None:
            yield Evidence(None, row.at, f"`{unread.at.path}`, which was not read, may import it")
        else:
            yield Evidence(False, row.at, f"`{row.name}`", fields=fields)


def _brought(project: Project, imported: set[str]) -> dict[str, str]:
    """Distributions that come along with an imported library: declaring one may pin it."""
    found: dict[str, str] = {}
    for root in imported & set(project.distributions):
        for provider in project.distributions[root][:1]:
            for other in project.brings.get(provider, ()):
                for name in project.distributions.get(other, ()):
                    found.setdefault(name, root)
    return found


def _beside(name: str, imported: set[str]) -> str:
    """An imported library that may call another by itself; "" where there is none."""
    others = _BESIDE.get(name, ())
    return next((root for root in sorted(imported) if others and root.startswith(others)), "")


def _lists(project: Project) -> Iterator[Sequence[Dependency]]:
    """The lists of main dependencies that people wrote, with what is judged in them."""
    for part in parts(project):
        by_path: dict[str, list[Dependency]] = {}
        for row in part.stated:
            by_path.setdefault(row.at.path, []).append(row)
        for rows in by_path.values():
            if sum(row.name in _BROUGHT for row in rows) < _WHOLE:
                yield [r for r in rows if r.group in {"main", "conda"} and r.name in _IMPORTED]


def _words(project: Project) -> frozenset[str]:
    """Every word of configuration, commands and telling strings, manifests left out."""
    found: set[str] = set()
    for row in project.rows("import"):
        found.update(row.name.lower().split(".")[1:])
    for row in project.rows("setting"):
        if isinstance(row.value, str) and not _MANIFEST.fullmatch(row.at.path):
            found.update(re.findall(r"[\w-]+", row.value.lower()))
    for row in project.rows("literal"):
        found.update(re.findall(r"[\w-]+", row.text.lower()))
    for row in project.rows("step"):
        found.update(re.findall(r"[\w-]+", row.command.lower()))
    for row in project.rows("target"):
        found.update(re.findall(r"[\w-]+", " ".join(row.commands).lower()))
    for call in project.rows("call"):
        for one in call.args:
            if isinstance(one.const, str) and len(one.const) < 200:
                found.update(re.findall(r"[\w-]+", one.const.lower()))
    return frozenset(found)
