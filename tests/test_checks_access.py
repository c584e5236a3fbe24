"""Rules of access that are written out: what is sure, and what is left open."""

from __future__ import annotations

import pytest

from mllint.checks import access
from mllint.collect import collect
from mllint.link import link
from mllint.tree import Tree
from tests.catalogued import CATALOGUE


def seen(text: str, path: str = "main.tf") -> list[bool | None]:
    tree = Tree.of({path: text})
    project = link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE)
    return [one.ok for one in access.wide_open(project)]


def rule(body: str, kind: str = "aws_security_group_rule") -> str:
    return f'resource "{kind}" "a" {{\n{body}\n}}\n'


ANY = 'cidr_blocks = ["0.0.0.0/0"]\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (rule(f"{ANY}from_port = 22\nto_port = 22"), [False]),
        (rule(f"{ANY}from_port = 0\nto_port = 65535"), [False]),
        (rule(f'{ANY}from_port = 0\nto_port = 0\nprotocol = "-1"'), [False]),
        (rule(f"{ANY}from_port = 443\nto_port = 443"), [True]),
        (rule(f"{ANY}from_port = 8080\nto_port = 8080"), [None]),
        (rule(f"{ANY}from_port = var.port\nto_port = var.port"), [None]),
        (rule(f'{ANY}type = "egress"\nfrom_port = 22\nto_port = 22'), []),
        (rule('cidr_blocks = ["10.0.0.0/8"]\nfrom_port = 22'), [True]),
        (
            rule(
                f"ingress {{\n{ANY}from_port = 22\n}}\ningress {{\n{ANY}from_port = 80\n}}",
                "aws_security_group",
            ),
            [None],
        ),
        (
            rule(
                'source_ranges = ["0.0.0.0/0"]\nallow {\nports = ["8888"]\n}',
                "google_compute_firewall",
            ),
            [False],
        ),
    ],
)
def test_firewalls(text: str, expected: list[bool | None]) -> None:
    assert seen(text) == expected


PUBLIC = rule('acl = "public-read"', "aws_s3_bucket")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PUBLIC, [False]),
        (PUBLIC + rule("", "aws_s3_bucket_website_configuration"), [None]),
        (rule('acl = "private"', "aws_s3_bucket"), [True]),
        (rule('member = "allUsers"', "google_storage_bucket_iam_member"), [False]),
        (rule("publicly_accessible = true", "aws_db_instance"), [False]),
        (rule("publicly_accessible = false", "aws_db_instance"), [True]),
        (rule("instance_class = 1", "aws_instance"), []),
    ],
)
def test_stores(text: str, expected: list[bool | None]) -> None:
    assert seen(text) == expected


DOCUMENT = 'data "aws_iam_policy_document" "a" {{\n  statement {{\n    {}\n  }}\n}}\n'


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ('actions = ["*"]', [False]),
        ('effect = "Deny"\nactions = ["*"]', [None]),
        ('actions = ["*"]\ncondition {\ntest = "a"\n}', [None]),
        ('actions = ["s3:GetObject"]', [True]),
    ],
)
def test_policy_documents(statement: str, expected: list[bool | None]) -> None:
    assert seen(DOCUMENT.format(statement)) == expected


def test_everybody_may_not_be_bound_to_a_role() -> None:
    text = (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: a}\n"
        "subjects: [{kind: Group, name: 'system:unauthenticated'}]\n"
    )
    assert seen(text, "binding.yaml") == [False]
