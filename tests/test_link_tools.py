"""Which tools a project really uses, from rows to the best evidence of each tool."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mllint.balance import Balance, balance
from mllint.facts import (
    Arg,
    Call,
    Ci,
    Define,
    Dependency,
    Extent,
    File,
    Hook,
    Image,
    Import,
    Manifest,
    Place,
    Prose,
    Setting,
    Stage,
    Step,
    Target,
    Tool,
    Tracked,
)
from mllint.link.tools import tools
from mllint.roles import role
from mllint.tools import load_tools

RULES = Path(__file__).parent.parent / "rules"
FAMILIES = load_tools(RULES)
NO_CODE = Balance(0, 0, 0)


def call(name: str, path: str = "train.py", guard: str = "", **given: Any) -> Call:
    args = tuple(
        Arg(k.lstrip("_"), v is not ..., None if v is ... else v, "", -1) for k, v in given.items()
    )
    return Call(Place(path, 3, 1), name, args, "", (), (), guard, -1, -1, 0, True)


def option(name: str, **given: Any) -> Call:
    return call("argparse.ArgumentParser().add_argument", _0=name, **given)


def imported(name: str, path: str = "train.py", **changes: Any) -> Import:
    row = Import(Place(path, 1, 1), name, name, name.partition(".")[0], False, False, "")
    return row._replace(**changes)


def dependency(
    name: str, path: str = "requirements.txt", source: str = "requirements"
) -> Dependency:
    return Dependency(Place(path, 1), name, "", "", False, "main", source, "", "")


def file(path: str, **changes: Any) -> File:
    row = File(Place(path), 10, "config", None, None, "", False)
    return row._replace(**changes)


def setting(path: str, key: str, value: Any) -> Setting:
    return Setting(Place(path, 1), key, value, "yaml")


def step(command: str, origin: str = "ci") -> Step:
    words = command.split()
    at = Place(".github/workflows/ci.yml", 9)
    return Step(at, origin, "github", "test", ("push",), words[0], command, (), False)


def hook(repo: str, name: str) -> Hook:
    return Hook(Place(".pre-commit-config.yaml", 4), "pre-commit", repo, name, "v1", "")


def action(uses: str) -> Ci:
    return Ci(Place(".github/workflows/ci.yml", 4), "github", "lint", "", ("push",), uses, "", ())


def target(command: str) -> Target:
    return Target(Place("Makefile", 2), "make", "check", (), (command,))


def extent(path: str, lines: int) -> Extent:
    return Extent(Place(path), lines, lines, lines, 0)


def define(name: str, path: str = "train.py", **changes: Any) -> Define:
    row = Define(Place(path, 5), name, "function", (), (), (), False, False, 0)
    return row._replace(**changes)


def found(*rows: Any) -> dict[tuple[str, str], Tool]:
    tables: dict[str, list[Any]] = {}
    names = {"Tracked": "pointer"}
    for row in rows:
        kind = type(row).__name__
        tables.setdefault(names.get(kind, kind.lower()), []).append(row)
    paths = {row.at.path for row in rows}
    spread = balance(tables.get("extent", ()), role)
    seen = tools(tables, {path: role(path) for path in paths}, spread, FAMILIES)
    assert len({(t.family, t.tool) for t in seen}) == len(seen)
    return {(t.family, t.tool): t for t in seen}


def grade(family: str, tool: str, *rows: Any) -> str:
    row = found(*rows).get((family, tool))
    return row.grade if row else "none"


TRACKING = "experiment_tracking"


@pytest.mark.parametrize(
    ("tool", "name", "expected"),
    [
        ("MLflow", "mlflow.log_metric", "used"),
        ("MLflow", "mlflow.tracking.MlflowClient().log_param", "used"),
        ("MLflow", "mlflow.xgboost.autolog", "used"),
        ("MLflow", "mlflow.start_run", "declared"),
        ("MLflow", "mlflow.get_run", "none"),
        ("MLflow", "pytorch_lightning.loggers.mlflow.MLFlowLogger", "used"),
        ("Weights & Biases", "wandb.init", "declared"),
        ("Weights & Biases", "wandb.init().log", "used"),
        ("TensorBoard", "torch.utils.tensorboard.writer.SummaryWriter().add_scalar", "used"),
        ("TensorBoard", "tensorflow.keras.callbacks.TensorBoard", "used"),
        ("Azure ML", "azureml.core.run.Run.get_context().log", "used"),
    ],
)
def test_calls_by_their_origin(tool: str, name: str, expected: str) -> None:
    assert grade(TRACKING, tool, call(name)) == expected


@pytest.mark.parametrize(
    ("family", "tool", "row", "expected"),
    [
        (TRACKING, "Hugging Face Trainer integrations", {"report_to": "wandb"}, "used"),
        (TRACKING, "Hugging Face Trainer integrations", {"report_to": ...}, "used"),
        (TRACKING, "Hugging Face Trainer integrations", {"report_to": "none"}, "none"),
        (TRACKING, "Hugging Face Trainer integrations", {"report_to": []}, "none"),
        (TRACKING, "Hugging Face Trainer integrations", {}, "none"),
        ("training_controls", "mixed precision", {"fp16": True}, "used"),
        ("training_controls", "mixed precision", {"fp16": False}, "none"),
    ],
)
def test_arguments_that_must_be_given_and_not_be_off(
    family: str, tool: str, row: dict[str, Any], expected: str
) -> None:
    assert grade(family, tool, call("transformers.TrainingArguments", **row)) == expected


def test_operations_of_a_cloud_client() -> None:
    rows = call("boto3.client().create_endpoint")
    assert grade("serving", "SageMaker endpoints", rows) == "used"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("train.py", "used"),
        ("tests/test_train.py", "vendored"),
        ("examples/train.py", "vendored"),
        ("third_party/lib/train.py", "vendored"),
        ("docs/train.py", "vendored"),
    ],
)
def test_a_call_is_worth_what_its_place_is_worth(path: str, expected: str) -> None:
    assert grade(TRACKING, "MLflow", call("mlflow.log_metric", path)) == expected


def test_tests_are_where_data_are_validated_too() -> None:
    row = call("pandera.DataFrameSchema().validate", "tests/test_data.py")
    assert grade("data_validation", "Pandera", row) == "used"


def test_a_notebook_beside_scripts_is_half() -> None:
    rows = (
        call("mlflow.log_metric", "eda.ipynb"),
        extent("eda.ipynb", 50),
        extent("train.py", 400),
    )
    assert grade(TRACKING, "MLflow", *rows) == "optional"


def test_a_notebook_that_is_the_project_is_whole() -> None:
    rows = (
        call("mlflow.log_metric", "eda.ipynb"),
        extent("eda.ipynb", 500),
        extent("plots.py", 40),
    )
    assert grade(TRACKING, "MLflow", *rows) == "used"


@pytest.mark.parametrize(
    "rows",
    [
        (call("mlflow.log_metric", guard="optional"),),
        (call("mlflow.log_metric"), imported("mlflow", optional=True)),
        (
            call("mlflow.log_metric", guard="flag"),
            imported("mlflow"),
            option("--mlflow", action="store_true"),
        ),
        (
            call("mlflow.log_metric", guard="flag"),
            imported("mlflow"),
            option("--use-mlflow", default=False),
        ),
        (
            setting(
                "configs/logger/mlflow.yaml",
                "mlflow._target_",
                "lightning.pytorch.loggers.MLFlowLogger",
            ),
            setting("configs/train.yaml", "defaults[].logger", None),
        ),
    ],
)
def test_what_must_be_asked_for_is_half(rows: tuple[Any, ...]) -> None:
    assert grade(TRACKING, "MLflow", *rows) == "optional"


@pytest.mark.parametrize(
    "rows",
    [
        (call("mlflow.log_metric", guard="flag"), imported("mlflow")),
        (call("mlflow.log_metric"), imported("mlflow"), option("--mlflow", action="store_true")),
        (
            call("mlflow.log_metric", guard="flag"),
            imported("mlflow"),
            option("--mlflow", default=True),
        ),
        (call("mlflow.log_metric", guard="main"), imported("mlflow")),
        (
            setting(
                "configs/logger/mlflow.yaml",
                "mlflow._target_",
                "lightning.pytorch.loggers.MLFlowLogger",
            ),
            setting("configs/train.yaml", "defaults[].logger", "mlflow"),
        ),
        (
            setting(
                "configs/logger/mlflow.yaml",
                "mlflow._target_",
                "lightning.pytorch.loggers.MLFlowLogger",
            ),
            setting("configs/train.yaml", "defaults[].logger", "many"),
            setting("configs/logger/many.yaml", "defaults[]", "mlflow"),
        ),
    ],
)
def test_what_runs_by_default_is_whole(rows: tuple[Any, ...]) -> None:
    assert grade(TRACKING, "MLflow", *rows) == "used"


def test_a_module_of_the_project_wins_over_a_library() -> None:
    rows = (call("wandb.log"), imported("wandb", first_party=True))
    assert grade(TRACKING, "Weights & Biases", *rows) == "none"


def test_an_import_that_may_fail_is_of_no_module_of_the_project() -> None:
    rows = (call("wandb.log"), imported("wandb", first_party=True, optional=True))
    assert grade(TRACKING, "Weights & Biases", *rows) == "optional"


def test_a_type_checking_block_runs_nothing() -> None:
    assert grade(TRACKING, "MLflow", call("mlflow.log_metric", guard="type")) == "none"


@pytest.mark.parametrize("row", [imported("mlflow"), dependency("mlflow-skinny")])
def test_a_trace_without_use_is_a_declaration(row: Any) -> None:
    assert grade(TRACKING, "MLflow", row) == "declared"


def test_a_locked_dependency_may_be_anybodys() -> None:
    assert grade(TRACKING, "MLflow", dependency("mlflow", "uv.lock", "lock:uv")) == "none"


def test_an_import_is_use_where_calls_are_not_listed() -> None:
    assert grade("deep_learning_frameworks", "PyTorch", imported("torch.nn")) == "used"
    assert (
        grade("deep_learning_frameworks", "PyTorch", imported("torch", optional=True)) == "optional"
    )
    assert grade("deep_learning_frameworks", "PyTorch", imported("torchvision")) == "none"


def test_a_base_class_and_a_decorator_are_use() -> None:
    flow = define("Flow", kind="class", bases=("metaflow.FlowSpec",))
    task = define("main", decorators=("prefect.flow",))
    assert grade("pipeline_orchestration", "Metaflow", flow) == "used"
    assert grade("pipeline_orchestration", "Prefect", task) == "used"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((step("ruff check ."),), "used"),
        ((step("ruff check .", "hook"),), "used"),
        ((hook("astral-sh/ruff-pre-commit", "ruff"),), "used"),
        ((action("astral-sh/ruff-action@v3"),), "used"),
        ((target("poetry run ruff check ."),), "optional"),
        ((setting("pyproject.toml", "tool.ruff.lint.select[]", "E"),), "declared"),
        ((file("ruff.toml"),), "declared"),
        ((dependency("ruff"),), "declared"),
        ((step("ruff check .", "docker"),), "none"),
        ((step("echo ruff"),), "none"),
        ((file("ruff.toml", tracked=False),), "none"),
    ],
)  # fmt: skip
def test_a_linter_counts_where_ci_or_a_hook_runs_it(rows: tuple[Any, ...], expected: str) -> None:
    assert grade("linting", "Ruff", *rows) == expected


@pytest.mark.parametrize(
    ("command", "family", "tool", "expected"),
    [
        ("pytest -q --cov=pkg tests", "coverage", "pytest-cov", "used"),
        ("pytest -q tests", "coverage", "pytest-cov", "none"),
        ("pytest -q tests", "testing", "pytest", "used"),
        ("pytest-watch", "testing", "pytest", "none"),
        ("dvc repro train", "pipeline_orchestration", "DVC pipelines", "used"),
        ("dvc dag", "pipeline_orchestration", "Snakemake", "none"),
        ("uvicorn app:app --port 80", "web_frameworks", "FastAPI / Starlette", "used"),
    ],
)
def test_commands_by_their_first_words(command: str, family: str, tool: str, expected: str) -> None:
    assert grade(family, tool, step(command)) == expected


def test_a_target_makes_use_of_what_people_run() -> None:
    row = target("cd src && torchrun --nproc_per_node 4 train.py")
    assert grade("distributed_training", "torch.distributed", row) == "used"


def test_a_configuration_that_ci_reads_through_another_tool() -> None:
    addopts = setting("pyproject.toml", "tool.pytest.ini_options.addopts", "-q --cov=pkg")
    assert grade("coverage", "pytest-cov", addopts) == "declared"
    assert grade("coverage", "pytest-cov", addopts, step("pytest")) == "used"
    assert grade("coverage", "pytest-cov", addopts, target("pytest")) == "declared"


def test_an_action_by_its_repository() -> None:
    row = action("aws-actions/configure-aws-credentials@v4")
    assert grade("secrets_and_access", "CI credentials", row) == "used"
    assert grade("secrets_and_access", "CI credentials", action("aws-actions/other@v4")) == "none"


@pytest.mark.parametrize(
    ("path", "family", "tool", "expected"),
    [
        ("Dockerfile", "containers", "Dockerfile", "used"),
        ("docker/Dockerfile.gpu", "containers", "Dockerfile", "used"),
        ("examples/Dockerfile", "containers", "Dockerfile", "vendored"),
        ("docs/conf.py", "docs", "Sphinx", "used"),
        (".github/workflows/ci.yml", "ci_systems", "GitHub Actions", "used"),
        ("dvc.yaml", "data_versioning", "DVC", "declared"),
        ("src/deep/requirements-dev.txt", "dependency_management", "pip requirements", "used"),
        ("requirements/base.in", "dependency_management", "pip-tools", "used"),
        ("notes/requirements.md", "dependency_management", "pip requirements", "none"),
    ],
)
def test_files_by_their_paths(path: str, family: str, tool: str, expected: str) -> None:
    assert grade(family, tool, file(path)) == expected


def test_data_are_versioned_by_a_pointer_with_a_hash() -> None:
    pointer = Tracked(Place("data.dvc", 1), "dvc", "data", "d41d8", 10)
    assert grade("data_versioning", "DVC", pointer) == "used"
    assert grade("data_versioning", "DVC", pointer._replace(hash="")) == "none"


def test_git_lfs_counts_by_its_pointers() -> None:
    assert grade("data_versioning", "Git LFS", file("data/a.csv", lfs=True)) == "used"
    assert grade("data_versioning", "Git LFS", file("data/a.csv", lfs=False)) == "none"


def test_parameters_of_a_stage() -> None:
    row = Stage(Place("dvc.yaml", 2), "dvc", "train", "python train.py", (), (), ("train.lr",), ())
    assert grade("config_management", "DVC params", row) == "used"


def test_resources_by_group_and_kind() -> None:
    def resource(kind: str, api: str) -> Manifest:
        return Manifest(Place("k8s/app.yaml", 1), "kubernetes", kind, "app", api, (), "")

    katib = ("hyperparameter_tuning", "Katib")
    assert grade(*katib, resource("Experiment", "kubeflow.org/v1beta1")) == "used"
    assert grade(*katib, resource("Experiment", "argoproj.io/v1alpha1")) == "none"
    lambda_ = setting("template.yaml", "Resources.Api.Type", "AWS::Serverless::Function")
    assert grade("serving", "AWS Lambda / Cloud Functions / Azure Functions", lambda_) == "used"


def test_images_without_their_registry() -> None:
    row = Image(Place("compose.yaml", 3), "docker.io/vllm/vllm-openai", "v1", "", "compose", True)
    assert grade("serving", "vLLM", row) == "used"


def test_tests_count_by_their_assertions() -> None:
    test = define("test_split", "tests/test_data.py", asserts=2)
    assert grade("testing", "pytest", test) == "used"
    assert (
        grade(
            "testing", "pytest", test._replace(asserts=0), imported("pytest", "tests/test_data.py")
        )
        == "declared"
    )
    assert grade("testing", "unittest", test) == "none"
    method = define("TestData.test_split", "tests/test_data.py", asserts=1, kind="method")
    assert (
        grade("testing", "unittest", method, imported("unittest", "tests/test_data.py")) == "used"
    )


def test_a_readme_earns_no_credit() -> None:
    row = Prose(Place("README.md"), "Runs", 4, "runs are kept by mlflow and split by hand")
    seen = found(row)
    assert [(t.tool, t.grade, t.credit) for t in seen.values() if t.family == TRACKING] == [
        ("MLflow", "mentioned", 0.0)
    ]
    assert grade("deployment_strategies", "Split", row) == "none"


def test_a_tool_that_can_never_count_in_full_says_why() -> None:
    row = found(call("argparse.ArgumentParser().add_argument"))[("config_management", "argparse")]
    assert (row.grade, row.credit) == ("optional", 0.5)
    assert row.note.endswith("; " + FAMILIES["config_management"]["argparse"]["why"])


def test_the_best_evidence_is_kept_with_its_place() -> None:
    row = found(dependency("mlflow"), imported("mlflow"), call("mlflow.log_metric"))[
        (TRACKING, "MLflow")
    ]
    assert (row.at, row.how, row.note) == (
        Place("train.py", 3, 1),
        "call",
        "`mlflow.log_metric` in `train.py`",
    )


def test_rows_are_ordered_and_nothing_is_made_of_nothing() -> None:
    seen = tools({"call": [call("wandb.log"), call("mlflow.log_metric")]}, {}, NO_CODE, FAMILIES)
    assert [(t.family, t.tool) for t in seen] == sorted((t.family, t.tool) for t in seen)
    assert tools({}, {}, NO_CODE, FAMILIES) == []


def test_a_command_of_a_script_is_shown_where_it_stands() -> None:
    script = Target(Place("scripts/lint.sh", 1, 1, 4), "shell", "scripts/lint.sh", (), ("", "ruff"))
    tool = found(script)["linting", "Ruff"]
    assert (tool.at.line, tool.note) == (2, "only `scripts/lint.sh` runs `ruff`")
