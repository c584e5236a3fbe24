"""What a repository says: places, rows and the project that holds them.

Pure data. Knows nothing of files, syntax trees, rules or scores; imports nothing of ours. A row is
a frozen tuple of plain values whose first field is its place, so that facts survive JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Const: TypeAlias = Any
"""A statically known constant: None, bool, int, float, str, or a list or dict of these."""


class Cell(NamedTuple):
    """The notebook cell that a place lies in."""

    index: int  # type: ignore[assignment]  # hides the method of a tuple, which no row needs
    """1-based, counting all cells."""
    code: int
    """1-based, counting code cells; 0 for a cell of another kind."""
    id: str
    """The cell's id, or "" where the notebook has none."""
    raw: int
    """1-based line of the `.ipynb` file itself that holds the place's first line."""


class Place(NamedTuple):
    """Where something stands. Lines and columns are 1-based; columns count code points.

    `line` is 0 for a whole file and `path` is "" for the whole repository. In a notebook `line`
    counts within the cell.
    """

    path: str
    line: int = 0
    col: int = 0
    end_line: int = 0
    end_col: int = 0
    cell: Cell | None = None

    def __str__(self) -> str:
        """`train.py:12:5`, `eda.ipynb cell 3:2:1`, or the bare path of a whole file."""
        where = f"{self.path} cell {self.cell.index}" if self.cell else self.path
        return ":".join([where, *(str(n) for n in (self.line, self.col) if n)])


class File(NamedTuple):
    """A file of the tree, from its name, its size and what git says of it."""

    at: Place
    size: int
    """Bytes. For a Git LFS pointer, the size of the object it points to.

    Checks see 1, or 0 where it is empty: bytes change with every edit, so `Project.size` is asked
    for them where they matter.
    """
    kind: str
    """code, notebook, data, model, image, media, archive, config, doc, binary, other."""
    tracked: bool | None
    """Whether git tracks it; None where there is no git."""
    lfs: bool | None
    """Whether the content is a Git LFS pointer; None where that could not be read."""
    ext: str
    """Lower-case last suffix with its dot, or ""."""
    link: bool
    """Whether it is a symbolic link."""


class Setting(NamedTuple):
    """One scalar of a configuration file under its dotted key; list items share the key `a.b[]`."""

    at: Place
    key: str
    value: Const
    format: str
    """toml, yaml, json, ini, front-matter, editorconfig, ignore (value = the pattern), attributes
    and codeowners (key = the pattern), env (values that may be secret are `***`), requirements
    (include, constraint, editable and other options of pip), python (`install_requires` that
    setup.py computes)."""


class Dependency(NamedTuple):
    """One required or locked distribution."""

    at: Place
    name: str
    """Normalised as PEP 503 says."""
    spec: str
    """The version specifier in PEP 440 form; "" when any version will do."""
    version: str
    """The one version that is admitted, or ""."""
    hashed: bool
    group: str
    """main, dev, test, docs, build, conda, or the name of the extra or group."""
    source: str
    """pyproject, poetry, pdm, requirements, setup.py, setup.cfg, pipfile, conda, pixi, tox,
    constraint, or lock:uv, lock:poetry, lock:pdm, lock:pipfile, lock:pip-tools, lock:conda,
    lock:pixi, lock:pylock."""
    url: str
    """Direct reference (git, file, archive), or ""."""
    marker: str
    """Environment marker, or ""."""
    extras: tuple[str, ...] = ()
    """Extras asked for, as in `ray[tune]`."""


class Manager(NamedTuple):
    """A sign that a dependency manager is configured: a manifest or a lock file."""

    at: Place
    name: str
    """pip, uv, poetry, pdm, pipenv, conda, pixi, hatch, setuptools, pip-tools, conda-lock."""
    role: str
    """manifest or lock."""


class Python(NamedTuple):
    """A statement of which Python the project runs on."""

    at: Place
    spec: str
    """As written, in PEP 440 form where it is one: `>=3.10`, `3.11`, `3.11.4`."""
    source: str
    """requires-python, poetry, .python-version, runtime.txt, conda, docker, ci, pipfile, tox,
    pip-compile (what a list was compiled for) or notebook."""


class Ci(NamedTuple):
    """One step of a CI definition as it is written."""

    at: Place
    system: str
    """github, gitlab, circleci, azure, jenkins, travis, bitbucket; pre-commit for its service."""
    job: str
    name: str
    on: tuple[str, ...]
    """Events that start it: push, pull_request, schedule, tag, workflow_dispatch and so on."""
    uses: str
    """The action, orb, reusable workflow or template as written, with its ref; or "".

    Azure and GitLab: `template: x.yml`, `local: x.yml`, `project: ...`, `extends: job of a file not
    read`; Bitbucket: `pipe: x`; Travis: `deploy: provider`.
    """
    run: str
    """The script as written; or "". Its line n stands n lines below the first line of `at`."""
    settings: tuple[tuple[str, str], ...]
    """Scalars around it, of the step, its job and the whole file; a key may stand several times.

    `with.NAME`, `env.NAME`, `matrix.NAME` (one for each value), `inputs.NAME` (defaults), image,
    timeout (as written), permissions (`contents: read`, `read-all`, none), condition,
    allow-failure, directory, shell, runs-on, environment, schedule (cron), secrets, concurrency.
    """


class Target(NamedTuple):
    """A named list of commands: a Makefile target, tox environment, nox session, script ..."""

    at: Place
    tool: str
    """make, tox, nox, just, task, npm, shell, poe, pdm, hatch, pixi, rye, taskipy, pipenv,
    mlproject."""
    name: str
    """For a shell script, its path; for hatch `environment:script`; "" is what runs by default."""
    needs: tuple[str, ...]
    commands: tuple[str, ...]
    """As shell text: a `-` that ignores failure has become `|| true`. Entry n of a shell script is
    its line n + 1, and may be ""."""


class Hook(NamedTuple):
    """A hook of pre-commit or lefthook."""

    at: Place
    system: str
    repo: str
    """`owner/name`, "local", "meta", or ""."""
    id: str
    rev: str
    run: str
    """What runs, with its arguments; of a remote hook its id and arguments; "" for a pattern."""


class Step(NamedTuple):
    """One simple command that CI (or a hook, or an image) really runs; made by `link`."""

    at: Place
    """Where the command is written, which may be a Makefile or a script that CI calls."""
    origin: str
    """ci, hook, docker."""
    system: str
    job: str
    """Job of CI, id of a hook, stage of a Dockerfile."""
    on: tuple[str, ...]
    """As of the CI step that led to it; `commit` for a hook; () for an image."""
    tool: str
    """The program: pytest, ruff, dvc ...; `python -m pytest` is pytest; `python train.py` and
    `python -m package.module` are python. An action that runs a tool gives that tool."""
    command: str
    """The command in normal form: wrappers (poetry run, sudo, env) taken off, spaces single."""
    via: tuple[str, ...]
    """The files through which it was reached, outermost first, that of the CI definition, hook or
    Dockerfile itself included."""
    swallowed: bool
    """Whether its failure cannot fail the job (`|| true`, continue-on-error, allow_failure)."""


class Docker(NamedTuple):
    """One instruction of a Dockerfile or Containerfile."""

    at: Place
    word: str
    """Upper case: FROM, RUN, COPY ..."""
    value: str
    """Continuations joined, heredocs appended after a newline, flags taken off."""
    flags: tuple[tuple[str, str], ...]
    stage: str
    """Name of the stage, or its 0-based number."""
    final: bool
    """Whether it belongs to the last stage or to one that it is built from."""
    index: int  # type: ignore[assignment]  # hides the method of a tuple, which no row needs
    """0-based position in the file."""


class Image(NamedTuple):
    """A reference to a container image."""

    at: Place
    name: str
    """Without tag and digest; build arguments with defaults are resolved."""
    tag: str
    digest: str
    source: str
    """docker (an MLproject's too), compose, ci, kubernetes, devcontainer, terraform, helm."""
    resolved: bool
    """False where a variable could not be resolved."""


class Manifest(NamedTuple):
    """One resource of orchestration: a Kubernetes object or container, a compose service ..."""

    at: Place
    system: str
    """kubernetes, helm, compose, terraform, devcontainer, mlproject, snakemake, kedro, argo."""
    kind: str
    """Deployment, container, service, aws_instance, rule, entry-point, dataset ..."""
    name: str
    api: str
    keys: tuple[str, ...]
    """Dotted keys below it: `resources.limits.memory`, `livenessProbe.httpGet.path` ...; a boolean
    also with its value: `securityContext.privileged=true`. A container of Kubernetes has the keys
    of its pod as well: `pod.securityContext.runAsNonRoot=true`. Of Terraform, ports and values
    that admit everybody are there, too: `ingress.cidr_blocks=0.0.0.0/0`, `policy.Allow.Action=*`;
    of roles in Kubernetes `rules[]=*`, `roleRef.name=cluster-admin` and the like."""
    image: str


class Stage(NamedTuple):
    """A stage of dvc.yaml, what dvc.lock recorded of it, or a rule of a Snakefile.

    Paths are relative to the repository root.
    """

    at: Place
    system: str
    """dvc, dvc.lock or snakemake."""
    name: str
    cmd: str
    deps: tuple[str, ...]
    outs: tuple[str, ...]
    params: tuple[str, ...]
    """`file:key`, file empty for params.yaml."""
    metrics: tuple[str, ...]
    cached: tuple[str, ...] = ()
    """Those of `outs` that DVC keeps out of git."""


class Tracked(NamedTuple):
    """A data pointer: an output in a .dvc file, or an entry of dvc.lock."""

    at: Place
    system: str
    path: str
    """Relative to the repository root."""
    hash: str
    size: int | None
    """Bytes."""


class Remote(NamedTuple):
    """A DVC remote."""

    at: Place
    name: str
    url: str
    default: bool


class Notebook(NamedTuple):
    """What a notebook's JSON says, its code apart."""

    at: Place
    cells: int
    code_cells: int
    markdown_cells: int
    empty_cells: int
    """Code cells without code."""
    executed: int
    """Code cells with an execution count."""
    in_order: bool | None
    """Whether the execution counts rise; None where fewer than two cells were run."""
    from_one: bool | None
    """Whether the counts are 1, 2, 3 ... without a gap; None as above."""
    outputs: int
    """Cells with a saved output."""
    output_bytes: int
    errors: int
    """Saved outputs that are errors."""
    lines: int
    """Lines of code, blank and comment lines apart."""
    longest_cell: int
    defines: int
    """Functions and classes."""
    python: str
    """Version that the metadata name, or ""."""
    kernel: str
    language: str
    disorder: tuple[int, ...]
    """1-based index of each cell whose count is lower than one before it."""
    failed: tuple[int, ...] = ()
    """1-based index of each cell with a saved error that its tags do not announce."""


class Heading(NamedTuple):
    """A heading of a Markdown, RST or notebook text."""

    at: Place
    text: str
    level: int
    words: int
    """Words of prose and code below it, up to the next heading of its level or above."""


class Link(NamedTuple):
    """A link of a text."""

    at: Place
    target: str
    text: str
    image: bool


class Fence(NamedTuple):
    """A code block of a text."""

    at: Place
    language: str
    text: str
    heading: str


class Prose(NamedTuple):
    """One Markdown, RST or text document as a whole."""

    at: Place
    title: str
    words: int
    text: str
    """Its first 16 KB, code blocks and comments left out, lower case, white space single."""


class Header(NamedTuple):
    """A column of a data file, by the name that the file's first line gives it."""

    at: Place
    name: str
    """At most 64 characters; never a value of the data."""
    index: int  # type: ignore[assignment]  # hides the method of a tuple, which no row needs
    """0-based position of the column."""
    format: str
    """csv or jsonl."""


class Git(NamedTuple):
    """What git knows of the repository. There is no row where there is no git."""

    at: Place
    commits: bool
    """Whether there is any commit."""
    shallow: bool
    head: str
    tags: tuple[str, ...]
    last_commit: int
    """Seconds since 1970, UTC; 0 where unknown."""
    lfs: bool
    """Whether a .gitattributes of the tree routes any file through LFS."""


class Commit(NamedTuple):
    """One commit of the history. It is in no table: few ask who worked when."""

    name: str
    email: str
    when: int
    """Seconds since 1970, UTC."""
    parents: int
    main: bool
    """Whether the branch itself went through it, rather than a branch that was merged."""
    subject: str


class Module(NamedTuple):
    """A Python file or notebook as a whole."""

    at: Place
    name: str
    """Dotted, from the tree's root or from its source root: `pkg.train`."""
    code: bool
    """Whether it has any line of code."""
    main: bool
    """Whether it has an `if __name__ == "__main__"` block."""
    docstring: bool
    defines: int
    works: bool
    """Whether statements at module level do work (calls, loops), definitions and imports apart."""
    parsed: str
    """full, or none where it does not parse."""
    asserts: int = 0
    """`assert` and `raise` statements at its top level."""


class Extent(NamedTuple):
    """How much stands in a Python file or notebook: apart from `Module`, since any edit tells."""

    at: Place
    lines: int
    code_lines: int
    """Lines that hold more than space and comments."""
    outside: int
    """Lines of code that stand in no function or class."""
    statements: int
    """Statements at module level that do work, as in `Module.works`."""


class Export(NamedTuple):
    """The names that other modules can import from a Python file."""

    at: Place
    names: tuple[str, ...]


class Import(NamedTuple):
    """One imported name."""

    at: Place
    name: str
    """Dotted origin: `sklearn.model_selection.train_test_split`; relative ones made absolute."""
    alias: str
    """The name it is bound to."""
    root: str
    first_party: bool
    """Set by `link`: whether a file of the project provides it."""
    optional: bool
    """Inside `try ... except ImportError`, or only for type checking."""
    scope: str
    guard: str = ""
    """As in `Call.guard`."""


class Arg(NamedTuple):
    """One argument of a call."""

    key: str
    """"0", "1" ... or the keyword; "*" and "**" for unpacked ones."""
    known: bool
    """Whether `const` is the statically known value."""
    const: Const
    name: str
    """Origin path of the expression: `torch.float16`; "" for a constant, "?" if unknown."""
    value: int
    """Index of its value in the file's graph; -1 where it was not kept."""


class Call(NamedTuple):
    """One call."""

    at: Place
    name: str
    """Origin path of the callee: `sklearn.preprocessing.StandardScaler().fit_transform`."""
    args: tuple[Arg, ...]
    scope: str
    """Qualified name of the enclosing function or class; "" at module level."""
    loops: tuple[int, ...]
    """Ids of the enclosing loops within its function, outermost first; comprehensions too."""
    within: tuple[str, ...]
    """Origin paths of enclosing `with` items and decorators: `torch.no_grad()`."""
    guard: str
    """"" = always, or on the main one of several processes; optional = under an ImportError guard;
    main = under the `__main__` guard; flag = under any other `if`; type = under TYPE_CHECKING."""
    value: int
    """Index of its result in the graph; -1 where not kept."""
    receiver: int
    """Index of the object whose method is called; -1 for a plain function or where not kept."""
    order: int
    """Position in evaluation order within the file."""
    used: bool
    """Whether its result is used (not a bare expression statement)."""
    entered: bool = False
    """Whether it is an item of a `with` statement."""


class Assign(NamedTuple):
    """An assignment of a constant or an origin to a name, attribute or item."""

    at: Place
    target: str
    """As written, its root resolved: `SEED`, `self.lr`, `torch.backends.cudnn.deterministic`,
    `os.environ[X]`."""
    known: bool
    const: Const
    name: str
    """Origin path of the value, as in `Arg.name`."""
    scope: str
    loops: tuple[int, ...]
    value: int
    guard: str = ""
    """As in `Call.guard`."""


class Define(NamedTuple):
    """A function, method or class."""

    at: Place
    name: str
    """Qualified within its file: `Net.forward`."""
    kind: str
    """function, method, class, lambda."""
    bases: tuple[str, ...]
    """Origin paths of the bases of a class."""
    decorators: tuple[str, ...]
    params: tuple[str, ...]
    annotated: bool
    stub: bool
    """Whether its body does nothing: pass, ..., a docstring, raise NotImplementedError."""
    asserts: int
    """`assert` statements, `self.assert*` and `pytest.raises` in it."""
    makes: str = ""
    """Origin path of what a function returns; "" where that is not one known thing."""
    attributes: tuple[tuple[str, str], ...] = ()
    """For a class: attribute and the origin path of what its methods assign to it."""
    raises: int = 0
    """`raise` statements in a function that name an error, NotImplementedError apart."""
    guards: int = 0
    """Those of its `assert` statements that only ask about its parameters."""
    annotations: tuple[str, ...] = ()
    """For a function: origin path of each parameter's annotation, in the order of `params`, without
    what stands in brackets: `dict`, `pydantic.EmailStr`; that within `Optional` and `Annotated`; ""
    where there is none. () where no parameter has one."""


class Body(NamedTuple):
    """What stands in a function, method or class: apart from `Define`, since any edit tells."""

    at: Place
    name: str
    """As in `Define`."""
    lines: int
    docstring: bool
    shape: str = ""
    """Hash of a function's body with names and constants taken out, for near-duplicates; ""
    where short."""
    branches: int = 0
    """`if`, `elif`, loops, `except` and `case` in a function, those inside other functions apart:
    its cyclomatic complexity but for the one way through."""


class Literal(NamedTuple):
    """A string constant that may matter: a path, a URL, a secret, a long prompt."""

    at: Place
    text: str
    """At most 512 characters."""
    kind: str
    """path, url, secret, sql, prompt."""
    target: str
    """Name or keyword it is given to, or ""."""


class Comment(NamedTuple):
    """A comment with a meaning for tools, or commented-out code."""

    at: Place
    kind: str
    """todo, noqa, type-ignore, nosec, code."""
    text: str


class Tool(NamedTuple):
    """The best evidence that the project uses a tool of a family; made by `link`."""

    at: Place
    family: str
    """Key of tools.toml: experiment_tracking, data_versioning ..."""
    tool: str
    grade: str
    """used, optional, declared, mentioned, vendored."""
    credit: float
    """1.0 used, 0.5 optional, 0.25 declared, 0.0 mentioned or vendored."""
    how: str
    """call, import, dependency, config, step, target, hook, action, image, manifest, prose."""
    note: str
    """What was seen, in a few words: "`mlflow.log_metric` in `train`"."""
    status: str = ""
    """What became of the tool: maintenance, superseded, archived, shutdown; "" = it is alive."""


ROWS: Mapping[str, type[Any]] = {
    "file": File,
    "setting": Setting,
    "dependency": Dependency,
    "manager": Manager,
    "python": Python,
    "ci": Ci,
    "target": Target,
    "hook": Hook,
    "step": Step,
    "docker": Docker,
    "image": Image,
    "manifest": Manifest,
    "stage": Stage,
    "pointer": Tracked,
    "remote": Remote,
    "notebook": Notebook,
    "heading": Heading,
    "link": Link,
    "fence": Fence,
    "prose": Prose,
    "header": Header,
    "git": Git,
    "module": Module,
    "extent": Extent,
    "export": Export,
    "import": Import,
    "call": Call,
    "assign": Assign,
    "define": Define,
    "body": Body,
    "literal": Literal,
    "comment": Comment,
    "tool": Tool,
}
"""Every table, by the name that rules use."""


class Value(NamedTuple):
    """A node of the value graph: what one expression evaluates to."""

    op: str
    """call, param, const, name, attr, item, unpack, binary, compare, container, merge (branches),
    loop (value carried round a loop), mutate (object changed by a call or assignment), iter
    (element of an iterable), lambda, unknown."""
    name: str
    """Origin path, or "?..."."""
    inputs: tuple[int, ...]
    """Values it was made from. call: receiver first (or -1), then the arguments in order;
    container: the elements in order, -1 for a constant; mutate: the old object, then the values
    that went in; item: object, then key."""
    detail: str
    """attr: the attribute; item, unpack: constant key or position; binary, compare: operator;
    param: `scope:name`; mutate: method or `[]=`; const: repr."""
    line: int
    cell: int
    """Cell index in a notebook, else 0."""


class Function(NamedTuple):
    """The summary of a function, by which `link` follows values through it."""

    name: str
    """Qualified within its file; "" is the module itself."""
    params: tuple[tuple[str, int], ...]
    """Parameter name and the value that stands for it, in order; `*args` and `**kw` with stars."""
    returns: tuple[int, ...]
    """Values that it may return; a returned tuple is one container value."""
    attributes: tuple[tuple[str, int], ...]
    """For a class: attribute and the value that its methods assign to it; for the module: its
    variables."""
    defaults: tuple[tuple[str, Const], ...] = ()
    """Parameter and its constant default."""


class Ignore(NamedTuple):
    """A suppression comment."""

    at: Place
    rules: tuple[str, ...]
    scope: str
    """line, statement, cell, file, or misplaced (meant for the file, but below its first lines)."""
    first: int
    last: int
    """1-based lines that it covers, inclusive; 0, 0 for the file."""
    kind: str
    until: str
    issue: str
    reason: str
    word: str = "ignore"
    """How it is written: ignore, file-ignore, noqa, metadata."""


class Problem(NamedTuple):
    """Something in the repository that could not be read."""

    path: str
    kind: str
    """too-large, encoding, syntax, nesting, crashed, timeout, unreadable, special, outside or
    invalid."""
    text: str
    line: int = 0
    cell: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """What one file says. A pure function of its bytes and path, so that it can be cached."""

    rows: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    values: Sequence[Value] = ()
    functions: Sequence[Function] = ()
    ignores: Sequence[Ignore] = ()
    problems: Sequence[Problem] = ()


class Library(NamedTuple):
    """Which versions of a distribution the project admits."""

    name: str
    version: str
    """The one version in use, where a lock or a pin fixes it; else ""."""
    spec: str
    """The intersection of what is declared; "" when any version will do."""
    declared: bool


class Known(NamedTuple):
    """What the catalogue asks of Python code; part of the cache key."""

    roots: frozenset[str]
    """Import roots whose calls are kept even where they are of the standard library."""
    methods: frozenset[str]
    """Method names that are kept on objects of unknown origin: backward, zero_grad, fit ..."""
    names: frozenset[str] = frozenset()
    """Origin paths that are called: they tell which of several `from m import *` brings a name."""
