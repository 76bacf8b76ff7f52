"""Any text in any field leaves every painted line exactly as wide as the screen (reliability facts 4.5)."""

from __future__ import annotations

import re
import time
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mbclient.core.desk import Desk
from mbclient.core.stores import Entry
from mbclient.domain.poll import Choice, Poll
from mbclient.domain.post import Author, Filtered, Link, Media, Post, PostKind, Quoted, Visibility
from mbclient.domain.safetext import SafeText
from mbclient.ui.paint import Painter
from mbclient.ui.render import TEXT_LINES, Dress, Look
from mbclient.ui.themes import DARK, palette
from tests.hostile.corpus import POSTS
from tests.ui.posts import WORDS, make_post
from tests.ui.running import MovableClock, running

PALETTE = palette(DARK)
EMOJI = re.compile("[\u2600-\u27bf\U0001f000-\U0001faff][\ufe0f\U0001f3fb-\U0001f3ff]*\u200d(?=\\W)")
WIDTHS = (60, 80, 120)
TEXTS = st.one_of(st.sampled_from(sorted(POSTS.values())), st.text(max_size=200)).map(SafeText)
LOOKS = st.builds(
    Look,
    unread=st.booleans(),
    expanded=st.booleans(),
    revealed=st.booleans(),
    dress=st.builds(
        Dress, hidden=st.booleans(), gone=st.booleans(), depth=st.integers(0, 20), lead=TEXTS, note=st.just("") | TEXTS,
        cover=st.just("") | TEXTS,
    ),
)  # fmt: skip


def full_of(text: SafeText, name: SafeText, alt: SafeText, cw: SafeText | None) -> Post:
    """A post with outside text in every field that is shown."""
    author = Author(SafeText.line(name), SafeText.line(alt))
    return make_post(
        1, text=text, author=author, boosted_by=author, quoted=Quoted(author, text), cw=cw, kind=PostKind.REPLY,
        media=tuple(Media("image", alt) for _number in range(6)), visibility=Visibility.DIRECT,
        links=(Link("https://example.org/" + "y" * 90, alt), Link("https://evil.example/", SafeText(text[:40]))),
        filtered=(Filtered("work", SafeText.line(name)),), also=(f"{name}:1",),
        poll=Poll((Choice(alt, 3, mine=True), Choice(SafeText.line(name), 1)), multiple=True),
    )  # fmt: skip


def assert_straight(post: Post, look: Look, width: int) -> None:
    painter = Painter(width, PALETTE, WORDS)
    card = painter.card(Entry(1, post), look)
    for selected in (False, True):
        for strip in painter.lines(card, selected=selected):
            text = "".join(segment.text for segment in strip)
            assert strip.cell_length == cell_len(text) == width, ascii(text)
            assert "\u200d" not in EMOJI.sub("", text), ascii(text)
            assert not {unicodedata.category(each) for each in text} & {"Cc", "Cs", "Zl", "Zp"}, ascii(text)


@given(TEXTS, TEXTS, TEXTS, st.none() | TEXTS, LOOKS, st.sampled_from(WIDTHS))
def test_every_painted_line_has_the_width(
    text: SafeText, name: SafeText, alt: SafeText, cw: SafeText | None, look: Look, width: int
) -> None:
    assert_straight(full_of(text, name, alt, cw), look, width)


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
def test_every_hostile_post_is_painted_straight(width: int) -> None:
    for raw in POSTS.values():
        text = SafeText(raw)
        for look in (Look(time="12:00"), Look(time="12:00", expanded=True, revealed=True)):
            assert_straight(full_of(text, text, text, None), look, width)


def test_a_giant_post_is_clamped_before_it_is_laid_out() -> None:
    """50 ms for each is the goal; measured in processor time, with room for a busy machine."""
    for raw in (
        "x\n" * 20_000,
        "word " * 40_000,
        "x" * 200_000,
        ("z" + "\u0301" * 9) * 4_000,
        "会" * 200_000,
    ):
        post = make_post(1, text=SafeText(raw))
        begun = time.process_time()
        card = Painter(80, PALETTE, WORDS).card(Entry(1, post), Look(time="12:00"))
        assert time.process_time() - begun < 0.25
        assert card.layout.more_row is not None
        assert card.height <= TEXT_LINES["normal"] + 4


@pytest.mark.slow
@pytest.mark.parametrize("size", [(60, 24), (80, 24), (120, 36)])
async def test_the_frame_stays_straight_around_the_whole_corpus(
    demo: Desk, clock: MovableClock, size: tuple[int, int]
) -> None:
    """What the compositor makes of the screen, with the composer open beside the posts: every row has the width."""
    async with running(demo, clock, size=size) as program:
        like = program.main.timeline.on_screen[0].post
        account = demo.accounts.get("masto")
        posts = [
            replace(
                like, account="masto", service="mastodon", remote_id=f"h{number}", uri=f"https://a.example/{number}",
                text=SafeText(raw), author=Author(SafeText.line(raw) or SafeText("x"), SafeText.line(raw)), also=(),
                boosted_by=None, cw=None, created_at=clock.now(), quoted=None,
                media=(Media("image", SafeText(raw)),), links=(),
            )
            for number, raw in enumerate(POSTS.values())
        ]  # fmt: skip
        demo.refresher.fill(account, posts)
        await program.press("w", "g", "g")
        await program.until(lambda: any("h" in entry.post.remote_id for entry in program.main.timeline.on_screen))
        seen: set[str] = set()
        edges: set[int] = set()
        while len(seen) < len(POSTS):
            before = len(seen)
            seen |= {entry.post.remote_id for entry in program.main.timeline.on_screen}
            for row, strip in enumerate(program.app.screen._compositor.render_strips()):
                assert cell_len("".join(segment.text for segment in strip)) == size[0]
                edges.add(strip.cell_length)
                if row < size[1] - 1:  # the last row is the keys' own, which are clicked on purpose
                    assert not [segment for segment in strip if segment.style and "@click" in segment.style.meta]
            await program.press("pagedown")
            if len(seen) == before:
                break
        assert len({each for each in seen if each.startswith("h")}) == len(POSTS)
        assert edges == {size[0]}
        assert program.app.fault is None
