"""The line of the views at every width: what the filter hid is told, and the views stay recognisable."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from mbclient.core.reading import ViewCounts, ViewInfo
from mbclient.texts import set_language
from mbclient.ui.tabs import ViewTabs

NAMES = ("Work", "Home", "Mentions", "Mine", "Security")
VIEWS = tuple(ViewInfo(name.lower(), name, number) for number, name in enumerate(NAMES, 1))


class Host(App[None]):
    """Nothing but the line."""

    def compose(self) -> ComposeResult:
        yield ViewTabs()


async def line(
    width: int, counts: ViewCounts, *, current: int = 1, unread: int = 0, views: tuple[ViewInfo, ...] = VIEWS
) -> str:
    async with Host().run_test(size=(width, 3)) as pilot:
        tabs = pilot.app.query_one(ViewTabs)
        tabs.show(views, current, counts, unread=unread)
        return str(tabs.render())


@pytest.mark.parametrize(
    ("width", "unread", "words"),
    [
        (44, 0, " 1 Work             34 of 210 · 176 hidden"),
        (60, 0, "Work 34 of 210 · 176 hidden"),
        (80, 0, "Work 34 of 210 · 176 hidden"),
        (80, 12, "3 Menti…  4 Mine  5 Secur…  12 new ↑ · 34 of 210 · 176 hidden"),
        (120, 12, "12 new ↑ · Work 34 of 210 · 176 hidden"),
        (200, 0, "Work 34 of 210 · 176 hidden"),
    ],
)
async def test_what_the_filter_hid_is_told_at_every_width(width: int, unread: int, words: str) -> None:
    assert (await line(width, ViewCounts(34, 210), unread=unread)).endswith(words)


async def test_names_give_way_to_numbers_and_the_view_on_screen_keeps_its_own() -> None:
    narrow, wide = [await line(width, ViewCounts(34, 210)) for width in (60, 120)]
    assert all(f"{number} {name}" in wide for number, name in enumerate(NAMES, 1))
    assert "1 Work" in narrow
    assert "Home" not in narrow
    assert all(str(number) in narrow for number in range(1, 6))


SWEDISH = ("Arbete", "Hem", "Omnämnanden", "Mina", "Säkerhet")


@pytest.mark.parametrize(
    ("width", "current", "unread", "words"),
    [
        (80, 1, 0, " 1 Arbete  2 Hem  3 Omnämnanden  4 Mina  5 Säkerhet  423 av 1033 · 610 dolda"),
        (80, 1, 12, " 1 Arbete  2 Hem  3 Omnä…  4 Mina  5 Säke…  12 nya ↑ · 423 av 1033 · 610 dolda"),
        (80, 3, 12, " 1 Arbete  2 Hem  3 Omnämnanden  4 Mina  5 Säkerhet  12 nya ↑ · 1033 inlägg"),
        (60, 3, 0, " 1 Arb…  2 Hem  3 Omnämnanden  4 Mina  5 Säk…  1033 inlägg"),
    ],
)
async def test_swedish_names_are_known_by_their_beginnings_and_the_one_on_screen_is_whole(
    width: int, current: int, unread: int, words: str
) -> None:
    set_language("sv")
    views = tuple(ViewInfo("work" if n == 1 else name, name, n) for n, name in enumerate(SWEDISH, 1))
    counts = ViewCounts(423 if current == 1 else 1033, 1033)
    assert " ".join((await line(width, counts, current=current, unread=unread, views=views)).split()) == " ".join(
        words.split()
    )
