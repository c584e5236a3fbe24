"""Who may reach what: rules of access in infrastructure that are written out, and in services.

Knows kinds of resources and the values of theirs that admit everybody or allow everything.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mllint.names import Names
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Manifest
    from mllint.project import Project

_READ = frozenset({"source", "template", "example"})
_EVERYBODY = frozenset({"0.0.0.0/0", "::/0"})
_PRIVATE_PORTS = {
    22: "SSH", 2375: "Docker", 3306: "MySQL", 3389: "remote desktops", 5432: "PostgreSQL",
    6379: "Redis", 6443: "Kubernetes", 8888: "Jupyter", 9200: "Elasticsearch", 27017: "MongoDB",
    1433: "SQL Server", 5000: "MLflow", 6006: "TensorBoard", 8786: "Dask", 8265: "Ray",
    10001: "Ray", 2379: "etcd", 8080: "", 7077: "Spark",
}  # fmt: skip
"""Ports of what is not made to face the world; 8080 may be anything."""
_POLICIES = Names((
    "aws_iam_policy", "aws_iam_*_policy", "aws_iam_role", "aws_s3_bucket_policy", "aws_sns_*policy",
    "aws_sqs_*policy", "aws_ecr_*policy", "aws_kms_key", "aws_secretsmanager_*policy",
    "data.aws_iam_policy_document",
))  # fmt: skip
_BUCKETS = Names(("aws_s3_bucket", "aws_s3_bucket_acl", "google_storage_*", "google_bigquery_*",
                  "google_secret_*", "google_project_iam_*"))  # fmt: skip
_WALLS = Names(("aws_security_group", "aws_security_group_rule",
                "aws_vpc_security_group_ingress_rule", "google_compute_firewall"))  # fmt: skip
_STORES = Names(("aws_db_instance", "aws_rds_cluster_instance", "aws_redshift_cluster",
                 "aws_docdb*", "google_sql_database_instance"))  # fmt: skip
_ROLES = frozenset({"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"})


class _Said(NamedTuple):
    """What a resource says of access."""

    ok: bool | None
    text: str


def wide_open(project: Project) -> Iterator[Evidence]:
    """Resources that rule access, judged by whether they admit everybody or allow everything."""
    rows = project.rows("manifest")
    website = any("website" in f"{row.kind} {' '.join(row.keys)}" for row in rows)
    for row in rows:
        if project.role(row.at.path) not in _READ:
            continue
        said = _of_cluster(row) if row.system == "kubernetes" else _of_cloud(row, website=website)
        if said is not None:
            note = f"`{row.kind}` `{row.name}` {said.text}"
            yield Evidence(said.ok, row.at, note)


def _of_cluster(row: Manifest) -> _Said | None:
    if row.kind not in _ROLES:
        return None
    if "rules[]=*" in row.keys:
        return _Said(False, "allows everything on everything")
    if "subjects[].name=system:unauthenticated" in row.keys:
        return _Said(False, "gives a role to whoever asks")
    if "roleRef.name=cluster-admin" in row.keys:
        return _Said(False, "makes its subjects administrators of the cluster")
    return _Said(True, "names what is allowed")


def _of_cloud(row: Manifest, *, website: bool) -> _Said | None:
    if row.system != "terraform":
        return None
    if row.kind in _POLICIES:
        return _policy(row.keys)
    if row.kind in _BUCKETS:
        return _bucket(row.keys, website=website)
    if row.kind in _STORES:
        open_ = "publicly_accessible=true" in row.keys or any(
            key.endswith("authorized_networks.value=0.0.0.0/0") for key in row.keys
        )
        return _Said(not open_, "can be reached from anywhere" if open_ else "is not public")
    return _wall(row) if row.kind in _WALLS else None


def _policy(keys: Sequence[str]) -> _Said | None:
    if any(key.endswith(".Allow.Action=*") for key in keys):
        return _Said(False, "allows every action")
    if any(key.endswith(".Allow.Principal=*") for key in keys):
        return _Said(False, "admits everybody")
    if "statement.actions=*" in keys:
        sure = "statement.effect=Deny" not in keys and "statement.condition" not in keys
        return _Said(False if sure else None, "allows every action")
    wide = any(key.endswith(":*") and ".Allow.Action=" in key for key in keys)
    if any(".Allow.Action=" in key or key.startswith("statement") for key in keys):
        return _Said(None if wide else True, "names what is allowed")
    told = any("policy" in key for key in keys)
    return _Said(None, "takes its policy from text that is not read") if told else None


def _bucket(keys: Sequence[str], *, website: bool) -> _Said:
    if "acl=public-read-write" in keys:
        return _Said(False, "lets everybody write")
    public = ("acl=public-read", "member=allUsers", "members=allUsers", "entity=allUsers")
    if any(key in public for key in keys):
        return _Said(None if website else False, "lets everybody read")
    return _Said(True, "is not public")


def _wall(row: Manifest) -> _Said | None:
    """What a rule of a firewall lets in; None where it is about what goes out."""
    if row.kind == "aws_security_group_rule" and "type=egress" in row.keys:
        return None
    within = [key for key in row.keys if not key.startswith("egress")]
    source = next(
        (
            key
            for key in within
            if key.partition("=")[2] in _EVERYBODY
            and key.partition("=")[0].rpartition(".")[2]
            in {"cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6", "source_ranges"}
        ),
        "",
    )
    if not source:
        return _Said(True, "does not admit everybody")
    ports = {
        key.partition("=")[2] for key in within if re.search(r"(?:^|\.)(?:from_port|ports)=", key)
    }
    if len(ports) != 1:
        return _Said(None, "admits everybody to some of its ports")
    return _port(ports.pop(), within)


def _port(port: str, keys: Sequence[str]) -> _Said:
    last = next((key.partition("=")[2] for key in keys if "to_port=" in key), port)
    if port == "0" and (last == "65535" or any(k.endswith("protocol=-1") for k in keys)):
        return _Said(False, "admits everybody to every port")
    number = int(port) if port.isdigit() else 0
    if number in _PRIVATE_PORTS:
        what = _PRIVATE_PORTS[number]
        if what:
            return _Said(False, f"admits everybody to {what} (port {port})")
    if number in {80, 443}:
        return _Said(True, "admits everybody to the web only")
    return _Said(None, f"admits everybody to port {port}")


_AUTH = regex(
    r"(?:^|[_.])(?:api_?keys?|auth\w*|oauth\w*|jwt|tokens?|login_required|permission\w*"
    r"|current_user|credentials|roles?_required|require_\w+|verify_\w*(?:key|token|user)\w*)"
    r"(?:$|[_.(])",
    re.IGNORECASE,
)
_SWITCH = regex(r"(?:^|\.)(?:auth_?enabled|auth_mode|auth\.path|authorizer)$", re.IGNORECASE)
_HEADERS = frozenset({"authorization", "x-api-key", "api-key", "x-auth-token"})


def guarded(project: Project) -> Iterator[Evidence]:
    """Whether anything checks who calls the service."""
    for tool in project.used_tools.get("secrets_and_access", ()):
        if tool.tool in _GUARDS and tool.grade == "used":
            yield Evidence(True, tool.at, f"{tool.tool}: {tool.note}")
            return
    for row in project.rows("define"):
        by = next((name for name in row.decorators if _AUTH.search(name)), "")
        if by and project.role(row.at.path) == "source":
            yield Evidence(True, row.at, f"`{row.name}` is guarded by `{by.rstrip('()')}`")
            return
    for call in project.rows("call"):
        if project.role(call.at.path) != "source":
            continue
        for one in call.args:
            header = isinstance(one.const, str) and one.const.lower() in _HEADERS
            depends = call.name.endswith((".Depends", ".Security")) and _AUTH.search(one.name)
            if header or depends:
                yield Evidence(True, call.at, f"`{one.const or one.name}` is asked for")
                return
    for row in project.rows("setting"):
        on = _SWITCH.search(row.key) and row.value not in (False, None, "", "none")
        if on and project.role(row.at.path) in _READ:
            yield Evidence(True, row.at, f"`{row.key}` is set")
            return
    for row in project.rows("manifest"):
        keyed = next((key for key in row.keys if "auth-url" in key or "oauth2" in key), "")
        if keyed and project.role(row.at.path) in _READ:
            yield Evidence(True, row.at, f"`{keyed[:60]}`")
            return
    yield Evidence(False, None, "nothing was found that checks who calls it")


_GUARDS = frozenset({"API authentication", "rate limiting", "authorisation libraries"})
