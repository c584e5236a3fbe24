"""What the tests reach, and what they ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mllint.facts import Define, Import
    from mllint.project import Project

_MODEL_BASES = (
    "torch.nn.Module",
    "keras.Model",
    "tensorflow.keras.Model",
    "lightning.",
    "pytorch_lightning.",
)
_DATA_BASES = (
    "torch.utils.data.Dataset",
    "torch.utils.data.IterableDataset",
    "torch.utils.data.dataset.",
)
_INDIRECT = ("subprocess.", "runpy.", "os.system", "typer.testing.", "click.testing.", "importlib.")


def _tests(project: Project) -> Iterator[Define]:
    """Test functions and methods."""
    for row in project.rows("define"):
        if row.kind in {"function", "method"} and project.role(row.at.path) == "test":
            if row.name.rpartition(".")[2].startswith("test"):
                yield row


def exist(project: Project) -> Iterator[Evidence]:
    """Whether any test asks anything."""
    tests = list(_tests(project))
    asking = [t for t in tests if t.asserts]
    for test in asking[:20]:
        yield Evidence(True, test.at, f"`{test.name}`")
    if asking:
        return
    full = [t for t in tests if not t.stub]
    if full:
        yield Evidence(None, full[0].at, f"`{full[0].name}` holds no assertion of its own")
    elif tests:
        yield Evidence(False, None, f"`{tests[0].name}` and the like do nothing")
    else:
        yield Evidence(False, None, "there is no test function")


def placeholders(project: Project) -> Iterator[Evidence]:
    """Test functions, judged by whether they do anything."""
    for test in _tests(project):
        yield Evidence(not test.stub, test.at, f"`{test.name}`", fields={"name": test.name})


def model_code_tested(project: Project) -> Iterator[Evidence]:
    """Whether a test reaches the code that trains or makes up a model."""
    wanted = _files(project, ("trainer", "gradient_step", "estimator"), _MODEL_BASES)
    yield from _reached(project, wanted, "model")


def data_code_tested(project: Project) -> Iterator[Evidence]:
    """Whether a test reaches the code that loads or prepares data."""
    wanted = _files(project, ("load", "split", "scaler"), _DATA_BASES)
    yield from _reached(project, wanted, "data")


def _files(project: Project, groups: Iterable[str], bases: tuple[str, ...]) -> dict[str, int]:
    """Source modules that do such work, with the line where they first do."""
    found: dict[str, int] = {}
    for group in groups:
        for call in project.calls(group):
            if project.role(call.at.path) == "source" and call.at.cell is None:
                line = found.get(call.at.path, call.at.line)
                found[call.at.path] = min(line, call.at.line)
    for row in project.rows("define"):
        if project.role(row.at.path) == "source" and row.at.cell is None:
            if any(base.startswith(bases) for base in row.bases):
                found.setdefault(row.at.path, row.at.line)
    return found


def _reached(project: Project, wanted: Mapping[str, int], what: str) -> Iterator[Evidence]:
    if not wanted:
        return
    reached = _closure(project)
    hit = sorted(set(wanted) & reached)
    for path in hit[:20]:
        yield Evidence(True, None, f"a test reaches the {what} code in `{path}`")
    if hit:
        return
    for call in project.rows("call"):
        if project.role(call.at.path) == "test" and call.name.startswith(_INDIRECT):
            yield Evidence(None, call.at, f"`{call.name}` may run the {what} code")
            return
    first = sorted(wanted)[0]
    yield Evidence(
        False, None, f"no test imports `{first}`" + (" or its like" if len(wanted) > 1 else "")
    )


def _closure(project: Project) -> set[str]:
    """The files that tests import, directly or through others."""
    imports: dict[str, list[Import]] = {}
    for row in project.rows("import"):
        if row.first_party:
            imports.setdefault(row.at.path, []).append(row)
    names = _by_name(project)
    tests = {t.at.path for t in _tests(project) if t.asserts or not t.stub}
    open_paths, seen = list(tests), set(tests)
    while open_paths:
        path = open_paths.pop()
        for row in imports.get(path, ()):
            for other in _providers(row.name, names):
                if other not in seen:
                    seen.add(other)
                    open_paths.append(other)
    return seen


def _by_name(project: Project) -> dict[str, list[str]]:
    """Files by each dotted name under which they may be imported."""
    found: dict[str, list[str]] = {}
    for row in project.rows("module"):
        parts = row.at.path.removesuffix(".py").removesuffix("/__init__").split("/")
        for start in range(len(parts)):
            found.setdefault(".".join(parts[start:]), []).append(row.at.path)
    return found


def _providers(name: str, names: Mapping[str, list[str]]) -> Iterator[str]:
    """The files that an import may come from, packages on the way included."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        yield from names.get(".".join(parts[:end]), ())


def metric_tested(project: Project) -> Iterator[Evidence]:
    """Whether a test asks for the quality of a model."""
    asking = {(t.at.path, t.name) for t in _tests(project) if t.asserts}
    for group in ("evaluation", "predict"):
        for call in project.calls(group):
            if (call.at.path, call.scope) in asking:
                yield Evidence(True, call.at, f"`{call.scope}` measures a model")
                return
    for tool in project.used_tools.get("model_validation_testing", ()):
        if tool.grade == "used":
            yield Evidence(True, tool.at, tool.note)
            return
    for call in project.rows("call"):
        if project.role(call.at.path) == "test" and call.name.startswith(_INDIRECT):
            yield Evidence(None, call.at, f"`{call.name}` may measure a model")
            return
    yield Evidence(False, None, "no test measures a model")


def data_tested(project: Project) -> Iterator[Evidence]:
    """Whether a test or a validation library checks data."""
    best = next(iter(project.used_tools.get("data_validation", ())), None)
    if best is not None and best.grade == "used":
        yield Evidence(True, best.at, best.note)
        return
    asking = {(t.at.path, t.name) for t in _tests(project) if t.asserts}
    for call in project.calls("load"):
        if (call.at.path, call.scope) in asking:
            yield Evidence(True, call.at, f"`{call.scope}` loads data and checks it")
            return
    if best is not None:
        yield Evidence(False, best.at, best.note, best.credit)
    else:
        yield Evidence(False, None, "no test and no validation library looks at data")
