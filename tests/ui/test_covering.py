"""Covers over a post: what filters at the service want hidden until one looks, in the line and in the place for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mbclient.domain.post import FilterAction, Filtered, Media, Post
from mbclient.domain.safetext import SafeText
from mbclient.ui.render import Layout, Look, Words, content_width, lay_out
from tests.ui.posts import WORDS, make_post

COVERED, OPEN = Look(time="12:00", expanded=True), Look(time="12:00", expanded=True, revealed=True)
SECRET = "the words that are covered"
PICTURE = Media("image", SafeText("a horse"), "https://files.example/1.png")


def a_cover(title: str = "Sport", action: FilterAction = FilterAction.WARN) -> Filtered:
    return Filtered("work", SafeText(title), action)


def words(*covers: Filtered, key: str = "x") -> Words:
    def covers_of(_post: Post) -> Sequence[Filtered]:
        return covers

    return replace(WORDS, covers=covers_of, reveal_key=key)


def lines(layout: Layout) -> list[str]:
    return ["".join(text for text, _role in row).rstrip() for row in layout.rows]


def body(layout: Layout) -> list[str]:
    """Without the header and the counts below."""
    plain = lines(lay_out(make_post(1, text=SafeText("-")), 80, OPEN, WORDS))
    return lines(layout)[1 : len(layout.rows) - (len(plain) - 2)]


def post(**changes: object) -> Post:
    return make_post(1, **({"text": SafeText(SECRET), "media": (PICTURE,)} | changes))


def test_a_filter_that_warns_covers_the_whole_post_with_its_name() -> None:
    covered = lay_out(post(), 80, COVERED, words(a_cover(), a_cover("Film")))
    assert covered.covered
    assert body(covered) == ["▸ Filtered: Sport, Film – x shows it"]
    revealed = lay_out(post(), 80, OPEN, words(a_cover(), a_cover("Film")))
    assert not revealed.covered
    assert body(revealed) == ["▾ Filtered: Sport, Film", SECRET, "[image: a horse]"]


def test_one_that_blurs_covers_the_attachments_alone() -> None:
    blur = a_cover("Skin", FilterAction.BLUR)
    covered = lay_out(post(media=(PICTURE, PICTURE)), 80, COVERED, words(blur))
    assert covered.covered
    assert body(covered) == [SECRET, "▸ 2 attachments, filtered: Skin – x shows them"]
    assert body(lay_out(post(), 80, OPEN, words(blur))) == [SECRET, "[image: a horse]"]
    without = lay_out(post(media=()), 80, COVERED, words(blur))
    assert not without.covered
    assert body(without) == [SECRET]


def test_a_filter_hides_the_authors_own_warning_too() -> None:
    warned = post(cw=SafeText("about football"))
    assert body(lay_out(warned, 80, COVERED, words(a_cover()))) == ["▸ Filtered: Sport – x shows it"]
    assert body(lay_out(warned, 80, OPEN, words(a_cover())))[:2] == ["▾ Filtered: Sport", "▾ about football"]


def test_the_key_is_the_users() -> None:
    assert body(lay_out(post(), 80, COVERED, words(a_cover(), key="F5"))) == ["▸ Filtered: Sport – F5 shows it"]


ACTIONS = st.sampled_from([FilterAction.WARN, FilterAction.BLUR])


@given(
    covers=st.lists(st.builds(a_cover, st.text(max_size=80).map(SafeText.line), ACTIONS), max_size=5),
    width=st.integers(10, 200),
    cw=st.none() | st.just(SafeText("cw")),
    media=st.sampled_from([(), (PICTURE,)]),
)
def test_covered_shows_nothing_of_what_it_covers_and_stays_within_the_width(
    covers: list[Filtered], width: int, cw: SafeText | None, media: tuple[Media, ...]
) -> None:
    filtered = post(cw=cw, media=media)
    layout = lay_out(filtered, width, COVERED, words(*covers))
    shown = "".join("".join(line.split()) for line in lines(layout))
    over_text = cw is not None or any(each.action is FilterAction.WARN for each in covers)
    over_media = bool(media) and bool(covers)
    assert layout.covered == (over_text or over_media)
    if width >= 40:
        assert (SECRET.replace(" ", "") in shown) == (not over_text)
        assert ("[image:ahorse]" in shown) == (bool(media) and not over_text and not over_media)
    assert all(cell_len(line) <= content_width(width) for line in lines(layout))
    assert not lay_out(filtered, width, OPEN, words(*covers)).covered


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120, 200])
def test_a_long_name_is_cut_and_hangs_under_its_beginning(width: int) -> None:
    layout = lay_out(post(), width, COVERED, words(a_cover("Idrott och annat " * 9), a_cover("会議" * 40)))
    first, *rest = body(layout)
    assert first.startswith("▸ Filtered:")
    assert all(line.startswith("  ") for line in rest)
    assert len(rest) < 3
