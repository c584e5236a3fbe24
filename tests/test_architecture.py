"""The layers, proven: who imports whom, and through which door third parties come in."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

import mllint

ROOT = Path(mllint.__file__).parent
PURE = {"facts", "review", "settings", "names", "others", "ruleparts", "waiver"}
LAYERS: dict[str, set[str]] = {
    # facts and what everybody may see
    "facts": {"facts"},
    "names": set(),
    "kinds": {"roles"},
    "roles": set(),
    "versions": {"facts"},
    "scorecard": set(),
    "review": {"facts", "others", "project", "scorecard"},
    "others": set(),
    "settings": {"review"},
    # reading
    "readers": {"facts", "kinds", "readers"},
    "tree": {"facts", "directory", "revision", "gitignore"},
    "directory": {"facts", "tree", "gitread", "gitignore", "revision"},
    "gitignore": {"facts"},
    "gitread": {"facts", "tree"},
    "revision": {"facts", "tree", "gitread"},
    "codec": {"facts"},
    # joining
    "graph": {"facts", "graph"},
    "areas": {"facts"},
    "balance": {"facts"},
    "late": set(),
    "project": {"areas", "balance", "facts", "late", "names", "graph"},
    "flow": {"facts", "names", "project", "graph", "flow"},
    "tools": {"names"},
    # judging
    "columns": {"facts", "project"},
    "wording": set(),
    "tomltext": set(),
    "quantifiers": {"project", "review", "wording"},
    "language": {"facts", "names", "project", "review", "columns", "versions", "quantifiers"},
    "checks": {
        "facts",
        "names",
        "project",
        "review",
        "flow",
        "graph",
        "versions",
        "kinds",
        "regexes",
        "checks",
    },
    "ruleparts": set(),
    "rulefile": {"language", "review", "ruleparts", "wording"},
    "judge": {"review", "catalogue", "facts", "project", "observed", "wording", "fingerprints"},
    "fingerprints": set(),
    # what is suppressed and what is known
    "meta_rules": {"review"},
    "waiver": set(),
    "comments": set(),
    "per_path": {"catalogue", "gitignore", "score", "selection", "waiver"},
    "idle": {"meta_rules", "selection"},
    "renames": {"selection"},
    "config_files": {"config_legacy", "review", "readers"},
    "config_legacy": set(),
    "config_migrate": {"config_legacy", "readers", "review", "tomltext"},
    "baseline": {"fingerprints", "review"},
    "known": {"baseline", "selection", "waiver"},
    "comparison": {"baseline"},
    "gate": {"review", "score", "settings"},
    "timeline": {"gitread", "review"},
    "since": {"gitread", "review", "tree"},
    "changed": {"tree"},
    "before": {"baseline", "changed", "known", "named", "review", "score", "since"},
    "named": set(),
    "suppress": {"facts", "gitignore", "review", "selection", "waiver"},
    "meta": {"facts", "judge", "meta_rules", "review", "roles", "suppress"},
    "observed": {"facts", "review", "pair"},
    "pair": {"copied"},
    "copied": set(),
    "beside": set(),
    "regexes": set(),
    "turned": {"facts"},
    "changes": {"areas", "balance", "project", "roles", "turned"},
    "memory": {"areas", "balance", "changes", "observed", "ruletables"},
    "ruletables": {"late"},
    "factkeys": set(),
    "score": {"review"},
    # the practice map, which no check reads
    "practices": {"catalogue", "language"},
    "attest": {"language", "others", "practices", "review", "waiver"},
    "standing": set(),
    # a reviewer's look
    "audit": {"others"},
    "fetched": {"gitread"},
    "adopt": {"config_legacy", "config_migrate", "readers", "review", "settings", "tree"},
}
DOORS = {
    "click": {"cli"},
    "libcst": {"readers"},
    "yaml": {"readers"},
    "packaging": {"readers", "versions"},
    "rich": {"reports", "cli"},
    "jinja2": {"reports"},
    "platformdirs": {"cache"},
    "tomlkit": {"adopt"},
}


def modules() -> list[tuple[str, Path]]:
    return [
        (p.relative_to(ROOT).parts[0].removesuffix(".py"), p) for p in sorted(ROOT.rglob("*.py"))
    ]


@cache
def imports(path: Path) -> set[tuple[str, str]]:
    """(root, layer) of every import, those for type checking left out."""
    tree = ast.parse(path.read_text("utf-8"))
    typing = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If)
        and isinstance(block.test, ast.Name)
        and block.test.id == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    found = set()
    for node in ast.walk(tree):
        if id(node) in typing:
            continue
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = (
                [f"{node.module}.{a.name}" for a in node.names]
                if node.module == "mllint"
                else [str(node.module)]
            )
        else:
            continue
        for name in names:
            root, _, rest = name.partition(".")
            found.add((root, rest.partition(".")[0]))
    return found


@pytest.mark.parametrize(
    ("layer", "path"), [pytest.param(n, p, id=str(p.relative_to(ROOT))) for n, p in modules()]
)
def test_a_module_is_short_says_what_it_knows_and_keeps_to_its_layer(
    layer: str, path: Path
) -> None:
    text = path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(text))
    assert text.count("\n") <= 400
    found = imports(path)
    for root, _ in found:  # third parties come in through their door
        assert layer in DOORS.get(root, {layer}), root
    ours = {rest for root, rest in found if root == "mllint" and rest and rest != layer}
    ours.discard("__version__")
    if layer in LAYERS:
        assert ours <= LAYERS[layer]
    if layer not in {"cli", "__main__"}:
        assert not ours & {"cli", "standing"}
    if layer not in {"cli", "attest"}:
        assert "practices" not in ours
    if layer == "reports":
        assert not ours & (set(LAYERS) - PURE - {"score", "reports", "comparison"})


def test_every_layer_of_the_table_exists() -> None:
    present = {name for name, _ in modules()}
    assert set(LAYERS) <= present


def test_nothing_starts_a_process_or_opens_a_socket_but_the_doors() -> None:
    doors: dict[str, set[str]] = {
        "subprocess": {"fetched", "gitread", "worker", "collect", "pool"},
        "socket": set(),
        "pickle": set(),
        "marshal": set(),
        "urllib.request": set(),
        "http": set(),
        "ctypes": set(),
    }
    for layer, path in modules():
        for root, rest in imports(path):
            for name in (root, f"{root}.{rest}"):
                assert layer in doors.get(name, {layer}), f"{name} in {path}"


def _hashed(tree: ast.Module) -> set[str]:
    """The names of a module that stand for sets or mappings."""
    kinds = (ast.Set, ast.Dict, ast.SetComp, ast.DictComp)
    return {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
        and (
            isinstance(node.value, kinds)
            or (isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "frozenset")
        )
    }


def test_no_constant_of_a_project_is_looked_up_where_it_must_be_hashable() -> None:
    """It may be a list: `loss=["mse", "mae"]`. One that was asked for its type may be looked up."""
    found = []
    for layer in ("checks", "flow", "graph"):
        for path in sorted((ROOT / layer).glob("*.py")):
            tree = ast.parse(path.read_text("utf-8"))
            names = _hashed(tree)
            asked = {
                id(part)
                for node in ast.walk(tree)
                if isinstance(node, ast.BoolOp) and "isinstance" in ast.unparse(node)
                for part in ast.walk(node)
            }
            for node in ast.walk(tree):
                if not isinstance(node, ast.Compare) or id(node) in asked:
                    continue
                left, right = ast.unparse(node.left), ast.unparse(node.comparators[0])
                hashes = isinstance(node.comparators[0], ast.Set) or right in names
                is_in = isinstance(node.ops[0], ast.In | ast.NotIn) and hashes
                if is_in and ("constant(" in left or left.endswith((".const", ".value"))):
                    found.append(f"{layer}/{path.name}: {ast.unparse(node)}")
    assert found == []
