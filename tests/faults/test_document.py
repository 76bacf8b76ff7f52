"""docs/faults.md: every row names what the user sees and tests that exist, and the slow ones are told apart."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
DOCUMENT = (TESTS.parent / "docs" / "faults.md").read_text("utf-8")
ROWS = [row for row in re.findall(r"^\| (.+) \|$", DOCUMENT, re.MULTILINE) if not row.startswith(("fault |", "---"))]
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`( \(slow\))?")
EVER = {  # rows of reliability facts 4.1 to 4.6
    "Posting and network": 18,
    "Store, drafts, settings": 10,
    "Time": 5,
    "Secrets and signing in": 8,
    "Hostile content": 20,
    "Supply chain": 5,
}


@cache
def named_in(file: str) -> dict[str, bool]:
    """The tests of a file, those of its classes too; True: slow as a whole, not for some parameter alone."""
    tree = ast.parse((TESTS / file).read_text("utf-8"))
    all_slow = any(_is_mark(node.value) for node in tree.body if isinstance(node, ast.Assign))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {
        node.name: all_slow or any(_is_mark(one) for one in node.decorator_list)
        for node in functions
        if node.name.startswith("test_")
    }


def _is_mark(node: ast.expr) -> bool:
    return ast.unparse(node) == "pytest.mark.slow"


def test_every_table_has_all_its_rows() -> None:
    parts = re.split(r"^## ", DOCUMENT, flags=re.MULTILINE)[1:]
    counted = {part.partition("\n")[0]: sum(row in part for row in ROWS) for part in parts}
    assert counted.keys() == EVER.keys()
    assert all(counted[name] >= EVER[name] for name in EVER), counted


@pytest.mark.parametrize("row", ROWS, ids=[row.partition(" |")[0][:60] for row in ROWS])
def test_a_row_says_what_is_seen_and_names_tests_that_exist(row: str) -> None:
    fault, seen, tests = row.split(" | ")
    assert fault
    assert seen
    named = NAMED.findall(tests)
    assert named
    assert NAMED.sub("", tests).strip() == ""
    for file, name, slow in named:
        assert name in named_in(file), f"{file} has no {name}"
        assert named_in(file)[name] is bool(slow), f"{file}::{name}: slow?"
