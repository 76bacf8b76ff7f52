"""Wrapped lines that hang under their words: nothing lost, nothing too wide, each line where it belongs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.content import Content

from mbclient.core.desk import Desk
from mbclient.ui.choices import Choices
from mbclient.ui.hanging import Hanging
from tests.ui.running import MovableClock, running

WORDS = "one two three four five six seven eight nine ten"


def lines(content: str, width: int, hang: int = 2) -> list[str]:
    return [line.plain for line in Hanging(Content(content), hang).lines(width)]


def test_a_continuation_stands_under_its_words() -> None:
    assert lines(f"12:40  {WORDS}", 30, 7) == [
        "12:40  one two three four five", "       six seven eight nine", "       ten"
    ]  # fmt: skip
    assert lines(f"title\n  {WORDS}", 30) == ["title", "  one two three four five six", "  seven eight nine ten"]
    assert lines("short\nlines", 30) == ["short", "lines"]


def test_the_blank_before_takes_no_more_than_half() -> None:
    assert lines(f"12:40  {WORDS}", 12, 19)[1].startswith(" " * 6)
    assert not lines(f"12:40  {WORDS}", 12, 19)[1].startswith(" " * 7)


def test_a_wide_column_before_is_kept_where_words_have_room() -> None:
    """The figures at 60 columns: what goes on stands under what it goes on from."""
    first, second = lines(f"{'title':<32}{WORDS}", 58, 32)
    assert first.index("one") == second.index("six") == 32


@given(st.text(st.sampled_from("abc d\n会👍🏽\u0301"), max_size=120), st.integers(6, 60), st.integers(0, 30))
def test_nothing_is_lost_and_nothing_is_too_wide(text: str, width: int, hang: int) -> None:
    made = lines(text, width, hang)
    assert "".join("".join(made).split()) == "".join(text.split())
    assert all(cell_len(line.rstrip()) <= width for line in made)


def test_styles_stay_with_their_words() -> None:
    content = Content.assemble(("title ", "bold"), f"{WORDS} ", ("muted words at the end", "dim"))
    styled = [
        (line.plain[span.start : span.end], span.style) for line in Hanging(content).lines(24) for span in line.spans
    ]
    assert " ".join(words.strip() for words, style in styled if style == "dim") == "muted words at the end"
    assert [words.strip() for words, style in styled if style == "bold"] == ["title"]


@pytest.mark.parametrize("width", [60, 80, 120, 200])
async def test_the_lists_hang_at_every_width(own: Desk, clock: MovableClock, width: int) -> None:
    async with running(own, clock, size=(width, 24)) as program:
        await program.press("H")
        await program.screen("MutesScreen")
        choices = program.app.screen.query_one(Choices)
        choices.put([Content(f"12:40  {WORDS * 9}")], 7)
        await program.pilot.pause()
        shown = ["".join(part.text for part in choices.render_line(row)) for row in range(3)]
        assert shown[0].strip().startswith("12:40  one")
        assert shown[1][: shown[0].index("one")].isspace()
        assert shown[1][shown[0].index("one")] != " "
        await program.pilot.resize_terminal(width // 2 + 10, 24)
        await program.pilot.pause()
        assert choices.virtual_size.height > len(WORDS * 9) // width
