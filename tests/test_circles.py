"""No file of the program knows one that knows it, by any road: imports inside functions and for types count too."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "tui"
FILES = {
    ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in (SOURCE / "mbclient").rglob("*.py")
}


def known_by(path: Path) -> Iterator[str]:
    """Every file of the program that this one imports."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in FILES)
        elif isinstance(node, ast.ImportFrom) and node.module in FILES:
            for alias in node.names:  # `from package import module` names the module
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in FILES else node.module


def circle(graph: dict[str, set[str]]) -> list[str]:
    """One circle, from a file back to itself; empty when there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_there_is_no_circle() -> None:
    graph = {name: set(known_by(path)) - {name} for name, path in FILES.items()}
    assert len(graph) > 200
    found = circle(graph)
    assert not found, " → ".join(found)


@pytest.mark.parametrize(
    ("graph", "there_is_one"),
    [({"a": {"b"}, "b": set()}, False), ({"a": {"b"}, "b": {"c"}, "c": {"a"}}, True)],
)
def test_a_circle_would_be_seen(graph: dict[str, set[str]], there_is_one: bool) -> None:
    assert bool(circle(graph)) is there_is_one
