from __future__ import annotations

import time

import pytest

from mllint.facts import Facts, Known
from mllint.readers.dependencies import read
from mllint.readers.dependencies.poetry import specifier
from mllint.readers.dependencies.requirement import Requirement, from_address, parse

NOTHING = Known(frozenset(), frozenset())


def facts(path: str, text: str | bytes) -> Facts:
    return read(path, text.encode() if isinstance(text, str) else text, NOTHING)


def dependencies(path: str, text: str | bytes) -> list[tuple[int, str, str, str]]:
    """Line, name, specifier and group of each row."""
    rows = facts(path, text).rows.get("dependency", ())
    return [(r.at.line, r.name, r.spec, r.group) for r in rows]


def managers(path: str, text: str) -> list[tuple[str, str]]:
    return [(r.name, r.role) for r in facts(path, text).rows.get("manager", ())]


def pythons(path: str, text: str) -> list[tuple[str, str]]:
    return [(r.spec, r.source) for r in facts(path, text).rows.get("python", ())]


def problems(path: str, text: str | bytes) -> list[tuple[str, int]]:
    return [(p.kind, p.line) for p in facts(path, text).problems]


@pytest.mark.parametrize(
    ("text", "name", "spec", "url", "marker"),
    [
        ("torch", "torch", "", "", ""),
        ("Scikit_Learn.Extra >= 1.2 , < 2", "scikit-learn-extra", ">=1.2,<2", "", ""),
        ("a[b, C_d]==1.0", "a", "==1.0", "", ""),
        ("a (>=1,<2)", "a", ">=1,<2", "", ""),
        ("a~=1.4.2", "a", "~=1.4.2", "", ""),
        ("a==2.1.*", "a", "==2.1.*", "", ""),
        ("a===weird-one", "a", "===weird-one", "", ""),
        ("torch==2.1.0+cu118", "torch", "==2.1.0+cu118", "", ""),
        ("a==1!2.0", "a", "==1!2.0", "", ""),
        ("a==1.0,", "a", "==1.0", "", ""),
        ("a; python_version<'3.9'", "a", "", "", "python_version<'3.9'"),
        ("a >=1 ; sys_platform == 'linux'", "a", ">=1", "", "sys_platform == 'linux'"),
        ("a @ git+https://h.example/o/a.git@v1", "a", "", "git+https://h.example/o/a.git@v1", ""),
        (
            "a @ https://h.example/a-1.zip ; extra == 'x'",
            "a",
            "",
            "https://h.example/a-1.zip",
            "extra == 'x'",
        ),
    ],
)
def test_requirements_are_parsed(text: str, name: str, spec: str, url: str, marker: str) -> None:
    extras = ("b", "c-d") if "[" in text else ()
    assert parse(text) == Requirement(name, spec, url, marker, extras)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a b",
        "a=1",
        "a==",
        "a==latest",
        "a>=1<2",
        "-a",
        "a-",
        "a;",
        "a; nonsense",
        "(a)",
        "a[b",
        "a" * 5_000,
    ],
)
def test_what_is_no_requirement(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    "text", ["a" * 1_900 + "!", "a==1" + ".1" * 900 + "!", "a" + " " * 1_900 + "!"]
)
def test_parsing_does_not_explode(text: str) -> None:
    start = time.perf_counter()
    assert parse(text) is None
    assert time.perf_counter() - start < 0.1


@pytest.mark.parametrize(
    ("url", "name", "version"),
    [
        (
            "https://h.example/torch-2.1.0%2Bcu118-cp310-cp310-linux_x86_64.whl",
            "torch",
            "2.1.0+cu118",
        ),
        ("https://h.example/some.pkg-1.0.tar.gz#sha256=ab", "some-pkg", "1.0"),
        ("git+https://h.example/o/My_Pkg.git@main", "my-pkg", ""),
        ("git+https://h.example/o/x.git@feature/new-step", "x", ""),
        ("git+ssh://git@h.example/o/x.git#egg=Real_Name&subdirectory=y", "real-name", ""),
        ("./local", "", ""),
        ("https://h.example/archive/main.zip", "", ""),
    ],
)
def test_addresses_tell_names(url: str, name: str, version: str) -> None:
    assert from_address(url) == (name, version)


REQUIREMENTS = """\
# heading
--index-url https://index.example/simple
-r base.txt
-c ../constraints.txt
-e .
-e git+https://h.example/o/tool.git@1a2b#egg=tool

numpy==1.26.4 # pinned
pandas \\
    >=2.0 \\
    ,<3
torch==2.1.0 --hash=sha256:aa \\
    --hash=sha256:bb
./wheels/thing-0.3-py3-none-any.whl
{% if x %}
pkg = 1.0
"""


def test_requirements_file() -> None:
    found = facts("requirements.txt", REQUIREMENTS)
    assert [
        (r.at.line, r.name, r.spec, r.version, r.hashed, r.url) for r in found.rows["dependency"]
    ] == [
        (6, "tool", "", "", False, "git+https://h.example/o/tool.git@1a2b#egg=tool"),
        (8, "numpy", "==1.26.4", "1.26.4", False, ""),
        (9, "pandas", ">=2.0,<3", "", False, ""),
        (12, "torch", "==2.1.0", "2.1.0", True, ""),
        (14, "thing", "", "0.3", False, "./wheels/thing-0.3-py3-none-any.whl"),
    ]
    assert [(r.at.line, r.key, r.value) for r in found.rows["setting"]] == [
        (2, "index-url", "https://index.example/simple"),
        (3, "include", "base.txt"),
        (4, "constraint", "../constraints.txt"),
        (5, "editable", "."),
        (6, "editable", "git+https://h.example/o/tool.git@1a2b#egg=tool"),
    ]
    assert [(p.kind, p.line) for p in found.problems] == [("invalid", 16)]
    assert "pkg = 1.0" in found.problems[0].text


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("requirements.txt", "main"),
        ("requirements-prod.txt", "main"),
        ("requirements_py310.txt", "py310"),
        ("requirements-dev.txt", "dev"),
        ("dev-requirements.txt", "dev"),
        ("requirements/test.txt", "test"),
        ("requirements.lint.txt", "dev"),
        ("docs/requirements.txt", "docs"),
        ("tests/requirements.txt", "test"),
        ("requirements_inference.txt", "inference"),
        ("requirements/base.txt", "main"),
    ],
)
def test_groups_of_requirements_files(path: str, group: str) -> None:
    assert dependencies(path, "a\n") == [(1, "a", "", group)]


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfa==1\r\nb\r\n",
        "\ufeffa==1\r\nb\r\n".encode("utf-16-le"),
        "\ufeffa==1\nb\n".encode("utf-16-be"),
        "a==1\r\nb\r\n".encode("utf-16-le"),
        "a==1 # é\nb".encode("latin-1"),
    ],
)
def test_requirements_in_any_encoding(data: bytes) -> None:
    assert dependencies("requirements.txt", data) == [(1, "a", "==1", "main"), (2, "b", "", "main")]


@pytest.mark.parametrize(
    ("path", "head", "source", "manager"),
    [
        ("requirements.txt", "", "requirements", [("pip", "manifest")]),
        ("requirements.in", "", "requirements", [("pip-tools", "manifest")]),
        ("constraints.txt", "", "constraint", []),
        (
            "requirements.txt",
            "# This file is autogenerated by pip-compile with Python 3.11",
            "lock:pip-tools",
            [("pip-tools", "lock")],
        ),
        (
            "requirements.txt",
            "# This file was autogenerated by uv via the following command:",
            "lock:pip-tools",
            [("uv", "lock")],
        ),
    ],
)
def test_kinds_of_requirements_files(
    path: str, head: str, source: str, manager: list[tuple[str, str]]
) -> None:
    text = f"{head}\na==1.0\n    # via b\n"
    assert [r.source for r in facts(path, text).rows["dependency"]] == [source]
    assert managers(path, text) == manager


def test_secrets_in_index_urls_are_named_but_not_shown() -> None:
    text = (
        "--extra-index-url https://bob:hunter2@index.example/simple\n"
        "--extra-index-url https://bob:${TOKEN}@index.example/simple\n"
        "a @ https://bob:hunter2@h.example/a-1.0.tar.gz\n"
    )
    found = facts("requirements.txt", text)
    assert [(r.at.line, r.kind) for r in found.rows["literal"]] == [(1, "secret"), (3, "secret")]
    assert "hunter2" not in repr(found)


def test_text_that_is_no_requirements_file_is_one_problem() -> None:
    prose = "\n".join(f"We need feature number {n}, please." for n in range(30))
    assert problems("requirements.txt", prose) == [("invalid", 1)]
    assert dependencies("requirements.txt", prose) == []


def test_few_problems_are_kept_of_many() -> None:
    text = "a\n" * 20 + "b = 1\n" * 10
    assert len(problems("requirements.txt", text)) == 5
    assert len(dependencies("requirements.txt", text)) == 20


PYPROJECT = """\
[build-system]
requires = ["setuptools>=61"]
build-backend = "setuptools.build_meta"

[project]
name = "My.Tool"
requires-python = ">= 3.10"
dependencies = [
  "numpy>=1.26",
  "torch==2.4.1",
  "inner",
]
[project.optional-dependencies]
testing = ["pytest"]
serve = ["fastapi"]
all = ["my-tool[testing,serve]"]

[dependency-groups]
dev = [
  "ruff",
  { include-group = "docs" },
  { include-group = "absent" },
]
docs = ["sphinx~=7.0"]
bad = ["a = 1"]

[tool.uv]
dev-dependencies = ["mypy"]
constraint-dependencies = ["urllib3<2"]
[tool.uv.sources]
inner = { git = "https://h.example/o/inner", rev = "abc" }
torch = [{ index = "gpu" }]

[tool.pdm.dev-dependencies]
lint = ["black"]

[tool.hatch.envs.test]
dependencies = ["coverage"]
"""


def test_pyproject_with_standard_tables() -> None:
    found = sorted(dependencies("pyproject.toml", PYPROJECT))
    assert found == [
        (2, "setuptools", ">=61", "build"),
        (9, "numpy", ">=1.26", "main"),
        (10, "torch", "==2.4.1", "main"),
        (11, "inner", "", "main"),
        (14, "pytest", "", "test"),
        (15, "fastapi", "", "serve"),
        (20, "ruff", "", "dev"),
        (24, "sphinx", "~=7.0", "docs"),
        (28, "mypy", "", "dev"),
        (29, "urllib3", "<2", "main"),
        (35, "black", "", "lint"),
        (38, "coverage", "", "test"),
    ]


def test_pyproject_addresses_sources_and_problems() -> None:
    found = facts("pyproject.toml", PYPROJECT)
    rows = {r.name: r for r in found.rows["dependency"]}
    assert rows["inner"].url == "git+https://h.example/o/inner@abc"
    assert rows["torch"].url == ""
    assert rows["urllib3"].source == "constraint"
    assert sorted((p.kind, p.line) for p in found.problems) == [("invalid", 22), ("invalid", 25)]
    assert pythons("pyproject.toml", PYPROJECT) == [(">=3.10", "requires-python")]
    assert sorted(managers("pyproject.toml", PYPROJECT)) == [
        ("hatch", "manifest"),
        ("pdm", "manifest"),
        ("uv", "manifest"),
    ]


@pytest.mark.parametrize(
    ("text", "manager"),
    [
        ("[project]\nname='a'\ndependencies=['b']", [("pip", "manifest")]),
        (
            "[project]\nname='a'\n[build-system]\nbuild-backend='setuptools.build_meta'",
            [("setuptools", "manifest")],
        ),
        ("[project]\nname='a'\n[tool.uv]\ndev-dependencies=['b']", [("uv", "manifest")]),
        ("[tool.poetry]\nname='a'", [("poetry", "manifest")]),
        ("[tool.ruff]\nline-length=1", []),
    ],
)
def test_managers_of_pyproject(text: str, manager: list[tuple[str, str]]) -> None:
    assert managers("pyproject.toml", text) == manager


@pytest.mark.parametrize(
    ("text", "kind", "line"),
    [
        ("[project]\nname = \n", "syntax", 2),
        ("[project]\ndependencies = 'a'\n", "invalid", 2),
        ("[project]\nrequires-python = 'three'\n", "invalid", 2),
        ("[tool.poetry.dependencies]\na = 'x y z'\n", "invalid", 2),
        ("[tool.poetry.dependencies]\na = 3\n", "invalid", 2),
    ],
)
def test_problems_of_pyproject(text: str, kind: str, line: int) -> None:
    assert problems("pyproject.toml", text) == [(kind, line)]


@pytest.mark.parametrize(
    "text",
    [
        "project = 1",
        "[project]\nname = 3\noptional-dependencies = []\n",
        "tool = 1",
        "[tool]\nuv = 1\npoetry = 1\npdm = []\npixi = 'x'\n[tool.hatch]\nenvs = 1\n",
        "[tool.poetry]\ndependencies = 1\ngroup = 2\nextras = 3\n",
        "[tool.poetry.group]\na = 1\nb = {dependencies = 3}\n",
        "[dependency-groups]\na = 'b'\n",
        "[tool.uv.sources]\na = 1\nb = []\n",
        "[tool.pixi]\nfeature = 3\ndependencies = 4\n",
    ],
)
def test_odd_shapes_do_not_crash(text: str) -> None:
    assert dependencies("pyproject.toml", text) == []


POETRY = """\
[tool.poetry.dependencies]
python = "^3.10"
requests = "^2.31"
torch = { version = "2.1.0", extras = ["opt"], source = "gpu", optional = true }
own = { path = "../own", develop = true }
lib = { git = "https://h.example/o/lib.git", tag = "v2" }
many = [
  { version = "<2", python = "<3.9" },
  { version = ">=2", python = ">=3.9" },
]
[tool.poetry.dev-dependencies]
pytest = "*"
[tool.poetry.group.docs.dependencies]
mkdocs = "~1.5"
[tool.poetry.extras]
gpu = ["torch"]
"""


def test_poetry_tables() -> None:
    assert dependencies("pyproject.toml", POETRY) == [
        (3, "requests", ">=2.31,<3", "main"),
        (4, "torch", "==2.1.0", "gpu"),
        (5, "own", "", "main"),
        (6, "lib", "", "main"),
        (7, "many", "<2", "main"),
        (7, "many", ">=2", "main"),
        (12, "pytest", "", "dev"),
        (14, "mkdocs", ">=1.5,<1.6", "docs"),
    ]
    rows = {r.name: r for r in facts("pyproject.toml", POETRY).rows["dependency"]}
    assert rows["own"].url == "../own"
    assert rows["torch"].extras == ("opt",)
    assert rows["lib"].url == "git+https://h.example/o/lib.git@v2"
    assert rows["many"].marker == 'python_version >= "3.9"'
    assert pythons("pyproject.toml", POETRY) == [(">=3.10,<4", "poetry")]


def test_poetry_tables_that_only_add_to_standard_ones_give_no_second_row() -> None:
    text = (
        "[project]\nname='a'\ndependencies=['torch>=2']\n"
        "[tool.poetry.dependencies]\ntorch={source='gpu'}\n"
    )
    assert dependencies("pyproject.toml", text) == [(3, "torch", ">=2", "main")]


@pytest.mark.parametrize(
    ("said", "spec"),
    [
        ("*", ""),
        ("^1.2.3", ">=1.2.3,<2"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0", ">=0,<1"),
        ("^0.0", ">=0.0,<0.1"),
        ("~1", ">=1,<2"),
        ("~1.2.3", ">=1.2.3,<1.3"),
        ("1.2.3", "==1.2.3"),
        ("1.*", "==1.*"),
        (">=1.2 <2", ">=1.2,<2"),
        (">=1.2, !=1.3, <2", ">=1.2,!=1.3,<2"),
        ("~=1.4", "~=1.4"),
        ("^1!2.0", ">=1!2.0,<1!3"),
        ("~2.7 || ^3.6", ">=2.7,<4"),
        ("^3.6 | ~2.7", ""),
        (">=1 || <0.5", ""),
        ("what ever", ""),
    ],
)
def test_poetry_constraints(said: str, spec: str) -> None:
    assert specifier(said) == spec


SETUP = '''\
from setuptools import find_packages, setup
import os

VERSION = "1.4"
core = ["numpy>=1.20", f"torch=={VERSION}"]
core += ["pandas"]
core.append("scipy")
extras = {"test": ["pytest"]}
extras["docs"] = ["sphinx"]
extras["all"] = extras["test"] + extras["docs"]
lines = """
click
rich
"""
about = dict(python_requires=">=3.8")
with open("requirements.txt") as f:
    required = f.read().splitlines()

def main():
    setup(
        name="x",
        install_requires=core + required + [*lines.strip().split("\\n")],
        extras_require=extras,
        setup_requires="cython",
        packages=find_packages(),
        **about,
    )

main()
'''


def test_setup_py_is_read_without_running_it() -> None:
    assert dependencies("setup.py", SETUP) == [
        (5, "numpy", ">=1.20", "main"),
        (5, "torch", "==1.4", "main"),
        (6, "pandas", "", "main"),
        (7, "scipy", "", "main"),
        (12, "click", "", "main"),
        (13, "rich", "", "main"),
        (24, "cython", "", "build"),
        (8, "pytest", "", "test"),
        (9, "sphinx", "", "docs"),
        (8, "pytest", "", "all"),
        (9, "sphinx", "", "all"),
    ]
    assert pythons("setup.py", SETUP) == [(">=3.8", "requires-python")]
    assert managers("setup.py", SETUP) == [("setuptools", "manifest")]


@pytest.mark.parametrize(
    "text",
    [
        "print 'python 2'",
        "setup(install_requires=open('r.txt').read().split())",
        "setup(install_requires=read('r.txt'))",
        "setup(install_requires=[r for r in REQS])",
        "x = " + "+".join(["'a'"] * 20_000) + "\nsetup(install_requires=x)",
        "x = " + "(" * 500,
        "\0",
        "setup(**unknown)",
        "#" * 600_000,
    ],
)
def test_setup_py_that_tells_nothing(text: str) -> None:
    assert dependencies("setup.py", text) == []
    assert problems("setup.py", text) == []


@pytest.mark.parametrize(
    ("argument", "computed"),
    [
        ("read('reqs.txt')", True),
        ("['a', *more()]", False),
        ("['a', other]", True),
        ("core + ['a']", False),
        ("['a']", False),
        ("[]", False),
    ],
)
def test_setup_py_that_computes_its_requirements(argument: str, *, computed: bool) -> None:
    found = facts("setup.py", f"setup(\n  install_requires={argument})")
    rows = [(r.at.line, r.key, r.value) for r in found.rows.get("setting", ())]
    assert rows == ([(2, "install_requires", None)] if computed else [])


def test_setup_py_with_a_missing_comma() -> None:
    assert problems("setup.py", "setup(install_requires=['a>=1' 'b'])") == []
    assert problems("setup.py", "setup(install_requires=[\n'a~=1'\n'b~=2'])") == [("invalid", 2)]


def test_setup_cfg() -> None:
    text = """\
[metadata]
name = x
[options]
python_requires = >=3.9
install_requires =
    numpy>=1.2  # note
    tomli; python_version < "3.11"
    importlib-metadata
[options.extras_require]
dev =
    black
gpu = torch; jax
"""
    assert dependencies("setup.cfg", text) == [
        (6, "numpy", ">=1.2", "main"),
        (7, "tomli", "", "main"),
        (8, "importlib-metadata", "", "main"),
        (11, "black", "", "dev"),
        (12, "torch", "", "gpu"),
        (12, "jax", "", "gpu"),
    ]
    assert pythons("setup.cfg", text) == [(">=3.9", "requires-python")]
    assert managers("setup.cfg", text) == [("setuptools", "manifest")]
    assert managers("setup.cfg", "[flake8]\nmax-line-length = 88\n") == []


def test_tox() -> None:
    text = """\
[tox]
envlist = py310
[testenv]
basepython = python3.10
deps =
    pytest>=7
    py310: foo==1
    -r requirements.txt
    {[base]deps}
[testenv:docs]
deps = sphinx
"""
    assert dependencies("tox.ini", text) == [
        (6, "pytest", ">=7", "test"),
        (7, "foo", "==1", "test"),
        (11, "sphinx", "", "docs"),
    ]
    assert pythons("tox.ini", text) == [("3.10", "tox")]
    assert [r.value for r in facts("tox.ini", text).rows["setting"]] == ["requirements.txt"]


def test_pipfile() -> None:
    text = """\
[[source]]
url = "https://index.example/simple"
[packages]
flask = "*"
"scikit.learn" = "==1.3.0"
lib = {git = "https://h.example/o/lib", ref = "abc"}
[dev-packages]
pytest = {version = ">=7", markers = "python_version > '3.8'"}
[docs]
sphinx = "~=7.0"
[requires]
python_version = "3.11"
"""
    assert dependencies("Pipfile", text) == [
        (4, "flask", "", "main"),
        (5, "scikit-learn", "==1.3.0", "main"),
        (6, "lib", "", "main"),
        (8, "pytest", ">=7", "dev"),
        (10, "sphinx", "~=7.0", "docs"),
    ]
    assert pythons("Pipfile", text) == [("3.11", "pipfile")]
    assert managers("Pipfile", text) == [("pipenv", "manifest")]
    assert problems("Pipfile", "[packages\n") == [("syntax", 1)]


CONDA = """\
name: x
channels:
  - conda-forge
dependencies:
  - python=3.10
  - numpy=1.26
  - pandas=2.1.4
  - scipy=1.11.3=py310h_0
  - conda-forge::scikit-learn>=1.3,<2
  - joblib ==1.3.2  # note
  - pip
  - pip:
      - torch==2.1.0
      - -r requirements.txt
      - a = b
"""


def test_conda_environment() -> None:
    assert dependencies("environment.yml", CONDA) == [
        (6, "numpy", "==1.26.*", "conda"),
        (7, "pandas", "==2.1.4", "conda"),
        (8, "scipy", "==1.11.3", "conda"),
        (9, "scikit-learn", ">=1.3,<2", "conda"),
        (10, "joblib", "==1.3.2", "conda"),
        (11, "pip", "", "conda"),
        (13, "torch", "==2.1.0", "main"),
    ]
    found = facts("environment.yml", CONDA)
    assert {r.name: r.version for r in found.rows["dependency"]} == {
        "numpy": "",
        "pandas": "2.1.4",
        "scipy": "1.11.3",
        "scikit-learn": "",
        "joblib": "1.3.2",
        "pip": "",
        "torch": "2.1.0",
    }
    assert [(p.kind, p.line) for p in found.problems] == [("invalid", 15)]
    assert pythons("environment.yml", CONDA) == [("3.10", "conda")]
    assert managers("environment.yml", CONDA) == [("conda", "manifest")]


@pytest.mark.parametrize(
    "text", ["a: 1", "dependencies:\n  - x\n", "- a\n", "", "dependencies: 3\nname: x"]
)
def test_other_yaml_is_no_environment(text: str) -> None:
    assert dict(facts("environment.yml", text).rows) == {}


def test_broken_environment_is_a_problem() -> None:
    assert problems("environment.yml", "name: x\ndependencies: [\n") == [("syntax", 3)]


def test_list_that_conda_exported_under_the_name_of_pip() -> None:
    text = (
        "# This file may be used to create an environment using:\n"
        "# $ conda create --name <env> --file <this file>\n"
        "numpy=1.21.2=py39h20f2e39_0\npython=3.9.7=h12debd9_1\n"
    )
    assert dependencies("requirements.txt", text) == [(3, "numpy", "==1.21.2", "conda")]
    assert managers("requirements.txt", text) == [("conda", "manifest")]
    assert pythons("requirements.txt", text) == [("3.9.7", "conda")]


def test_pixi() -> None:
    text = """\
[workspace]
name = "x"
[dependencies]
python = "3.11.*"
numpy = ">=1.26,<2"
[pypi-dependencies]
torch = "==2.4.0"
[feature.test.dependencies]
pytest = "*"
"""
    assert dependencies("pixi.toml", text) == [
        (5, "numpy", ">=1.26,<2", "conda"),
        (7, "torch", "==2.4.0", "main"),
        (9, "pytest", "", "test"),
    ]
    assert pythons("pixi.toml", text) == [("3.11", "conda")]
    inside = "".join(
        f"[tool.pixi.{line[1:]}\n" if line.startswith("[") else f"{line}\n"
        for line in text.splitlines()
    )
    assert dependencies("pyproject.toml", inside) == dependencies("pixi.toml", text)
    assert managers("pyproject.toml", inside) == [("pixi", "manifest")]


@pytest.mark.parametrize(
    ("path", "text", "spec"),
    [
        (".python-version", "3.11.4\n", [("3.11.4", ".python-version")]),
        (".python-version", "# note\n3.11\n3.10\n", [("3.11", ".python-version")]),
        (".python-version", "my-env\n", []),
        ("runtime.txt", "python-3.9.7", [("3.9.7", "runtime.txt")]),
        ("app/runtime.txt", "", []),
    ],
)
def test_version_files(path: str, text: str, spec: list[tuple[str, str]]) -> None:
    assert pythons(path, text) == spec


def test_requirements_may_hold_suppressions() -> None:
    (found,) = facts("requirements.txt", "a==1\nb  # mllint: ignore[some-rule] why\n").ignores
    assert (found.rules, found.first, found.last) == (("some-rule",), 2, 2)
