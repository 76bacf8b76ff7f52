"""The pages on services tell what the code says, and name every service that is shipped."""

from __future__ import annotations

import re
from pathlib import Path

from mbclient.services.mastodon.instance import FEEDS
from tests.generated import DOCS
from tests.services.table import NOTES, PAGE, PAGES, page_of, plugin_of, rows, shipped, table

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
SOURCES = ROOT / "tui" / "mbclient"


def test_the_table_is_what_the_code_says() -> None:
    assert PAGE.read() == PAGE.written(), "python -m tests.services.table --write"


def test_what_a_server_without_its_api_cannot_do_has_a_row_of_its_own() -> None:
    whole, plain = (can for name, _title, can in rows() if name == "bloggy")
    assert (whole.reply, whole.boost, whole.like, whole.delete, whole.thread) == (True,) * 5
    assert (plain.post, plain.reply, plain.boost, plain.like, plain.delete, plain.thread) == (True, *(False,) * 5)


def test_each_server_of_mastodons_language_has_a_row_of_what_it_does() -> None:
    can = {title: can for name, title, can in rows() if name == "mastodon"}
    assert can.keys() >= {"Mastodon", "glitch-soc", "Hometown", "Pixelfed"}
    assert (can["glitch-soc"].quote, can["glitch-soc"].edit, can["glitch-soc"].schedule) == (True, True, True)
    assert (can["Hometown"].quote, can["Hometown"].edit, can["Hometown"].schedule) == (False, False, False)
    assert (can["Pixelfed"].post, can["Pixelfed"].reply) == (False, True)


def test_each_mark_of_the_table_is_explained_below_it() -> None:
    told = table()
    below = PAGE.read().partition(told)[2]
    for mark in set(NOTES.values()):
        assert f"✓{mark}" in told
        assert f"\n{mark} " in below


def test_every_service_has_a_page_and_a_word_in_the_readme() -> None:
    line = re.search(r"^Services in this version: .*?\n\n", README, re.MULTILINE | re.DOTALL)
    assert line is not None
    for point in shipped():
        assert point.name == "local" or page_of(point.name).exists(), point.name
        names = [name.strip() for name in plugin_of(point).title.split(",")]
        assert any(name.lower() in line[0].lower() for name in names), (point.name, names)


def test_what_the_pages_link_to_is_there() -> None:
    for page in (PAGE.path, DOCS / "adapters.md", *PAGES.glob("*.md")):
        for target in re.findall(r"\]\(([^)#\s]+)\)", page.read_text("utf-8")):
            assert "://" in target or (page.parent / target).exists(), (page.name, target)


def test_every_command_of_the_pages_exists() -> None:
    """A page that tells of `account add` names a service that is one."""
    known = {point.name for point in shipped()}
    for page in PAGES.glob("*.md"):
        for service in re.findall(r"mbclient account add ([a-z]\w*)", page.read_text("utf-8")):
            assert service in known, (page.name, service)


def test_the_pages_promise_no_timeline_that_nothing_opens() -> None:
    """An adapter may know more feeds than the program asks it for: these are no timelines of the user's."""
    opened = {"home"}
    for room in ("core", "ui", "cli"):
        for path in (SOURCES / room).rglob("*.py"):
            opened |= set(re.findall(r'\bFeed\("(\w+)"', path.read_text("utf-8")))
    for page in PAGES.glob("*.md"):
        for row in re.findall(r"^\| timelines? \|.*", page.read_text("utf-8"), re.MULTILINE):
            promised = {kind for kind in FEEDS if re.search(rf"\b{kind}s?\b", row)}
            assert promised <= opened, (page.name, promised - opened)
