"""The pictures of the README and docs/ are of today's program: drawn again, they are the same, letter by letter.

When this fails after a change of the screen: `python -m tests.ui.picture`, and look at what it drew.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from tests.ui.picture import DOCS, SCENES, draw


def words(svg: str) -> list[str]:
    """What stands on each line of a picture."""
    rows: dict[str, str] = {}
    for y, text in re.findall(r'<text [^>]*y="([\d.]+)"[^>]*>([^<]*)</text>', svg):
        rows[y] = rows.get(y, "") + html.unescape(text).replace("\u00a0", " ")
    return list(rows.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENES)
async def test_the_picture_is_of_this_program(name: str) -> None:
    drawn = await draw(SCENES[name])
    kept = (DOCS / f"{name}.svg").read_text("utf-8")
    assert words(drawn) == words(kept), "python -m tests.ui.picture"
    assert drawn == kept, "python -m tests.ui.picture"


def test_every_picture_is_shown_somewhere_and_none_is_missing() -> None:
    pages = [DOCS.parent / "README.md", *DOCS.glob("*.md")]
    shown = {
        (page.parent / target).resolve().relative_to(DOCS.resolve()).with_suffix("").as_posix()
        for page in pages
        for target in re.findall(r"!\[[^\]]+\]\(([^)]+\.svg)\)", page.read_text("utf-8"))
    }
    assert shown == set(SCENES)
    assert {path.relative_to(DOCS).with_suffix("").as_posix() for path in Path(DOCS).rglob("*.svg")} == set(SCENES)


def test_pictures_fetch_nothing() -> None:
    for name in SCENES:
        assert not re.search(r"url\(\"?http|href=", (DOCS / f"{name}.svg").read_text("utf-8"))
