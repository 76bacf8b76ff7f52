"""The pages tell the truth: what they link to is there, the files they name exist, the commands they show are known."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from mbclient.cli.table import FIRST_WORDS

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def anchors(page: Path) -> set[str]:
    """The names by which a page's headings are linked to: as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_what_is_linked_to_is_there(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if "://" in link:
            continue
        target, _hash, anchor = link.partition("#")
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), link
        assert not anchor or anchor in anchors(file), link


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_the_files_that_are_named_exist(page: Path) -> None:
    for path in re.findall(r"`((?:tui|tests|themes|\.ci)/[\w./-]+)(?:::\w+)?`", page.read_text("utf-8")):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_the_commands_that_are_shown_are_known(page: Path) -> None:
    for word in re.findall(r"[`(] ?mbclient ([a-z][\w-]+)", page.read_text("utf-8")):
        assert word in FIRST_WORDS, word


def test_the_rooms_are_told_as_they_are_held() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    drawn = ARCHITECTURE.partition("```text\n")[2].partition("```")[0].splitlines()
    assert [re.split(r"\s{2,}", line)[0] for line in drawn] == layers
    rooms = {path.name for path in (ROOT / "tui" / "mbclient").iterdir() if (path / "__init__.py").exists()}
    assert rooms <= set(re.findall(r"\w+", " ".join(layers)))
