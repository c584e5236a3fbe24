"""What requests and models can have executed: where the examples of the rules do not look."""

from __future__ import annotations

import pytest

from mllint.checks import injection
from mllint.collect import collect
from mllint.link import link
from mllint.tree import Tree
from tests.catalogued import CATALOGUE

APP = """
import os, subprocess
import sqlite3
from fastapi import FastAPI, Request
from flask import Flask, request
from sqlalchemy import text
from markupsafe import escape

flask = Flask(__name__)
api = FastAPI()
db = sqlite3.connect("a.db")


@flask.route("/a/<name>")
def a(name):
    {flask}


@api.post("/b")
async def b(number: int, query: Request, town: str = ""):
    {fast}
"""


def seen(flask: str = "pass", fast: str = "pass") -> list[bool | None]:
    text = APP.replace("{flask}", flask).replace("{fast}", fast)
    tree = Tree.of({"app.py": text})
    project = link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE)
    return [one.ok for one in injection.executed(project)]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('db.execute("SELECT * FROM t WHERE n = \'%s\'" % request.form["n"])', [False]),
        ('db.execute("SELECT a FROM " + request.args["t"])', [False]),
        ('db.execute("SELECT a FROM {}".format(request.args["t"]))', [False]),
        ("db.execute(text(f\"SELECT a FROM t WHERE n = {request.json['n']}\"))", [False, False]),
        ('db.execute(f"SELECT a FROM t WHERE n = {name}")', [None]),
        ('db.execute(f"SELECT a FROM t WHERE n = {int(name)}")', [True]),
        ('db.execute("SELECT a FROM t WHERE n = " + escape(request.args["n"]))', [True]),
        ('db.execute(request.args["whole"])', [False]),
        ("os.system(f\"ls {request.args['d']}\")", [False]),
        ("subprocess.run(['ls', request.args['d']])", []),
        ('subprocess.run("ls " + request.args["d"], shell=True)', [False]),
        ("exec(name)", [False]),
        ("eval(request.method)", [True]),
    ],
)
def test_flask(code: str, expected: list[bool | None]) -> None:
    assert seen(flask=code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('db.execute(f"SELECT a FROM t WHERE n = {number}")', [None]),
        ("db.execute(f\"SELECT a FROM t WHERE n = '{town}'\")", [False]),
        ('os.system(f"ls {town}")', [False]),
        ("db.execute(f\"SELECT a FROM t WHERE n = '{town}' AND m = {number}\")", [False]),
        ('if not NAME.fullmatch(town):\n        return\n    os.system(f"ls {town}")', [None]),
        ('if not town.isalnum():\n        return\n    os.system(f"ls {town}")', [None]),
        ('check_town(town)\n    db.execute(f"SELECT {town} FROM t")', [None]),
        ("eval(await query.body())", [False]),
        ('os.system(f"kill {number}")', [None]),
    ],
)
def test_fastapi(code: str, expected: list[bool | None]) -> None:
    assert seen(fast=code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("db.execute(f\"SELECT a FROM {TABLES[request.args['t']]}\")", [True]),
        ("db.execute(f\"SELECT a FROM {TABLES.get(request.args['t'])}\")", [True]),
        (
            (
                "way = request.args['way']\n"
                "    if way not in ('asc', 'desc'):\n        return 'no'\n"
                '    db.execute(f"SELECT a FROM t ORDER BY a {way}")'
            ),
            [None],
        ),
        ("os.system(TABLES[request.args['t']])", [True]),
        ("eval(request.args[TABLES['a']])", [False]),
    ],
)
def test_what_is_looked_up_or_compared_with_a_list(code: str, expected: list[bool | None]) -> None:
    assert seen(flask="TABLES = {'a': 'orders'}\n    " + code) == expected
