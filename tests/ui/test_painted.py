"""Lines of pieces: the same text in the same colours as the toolkit's own content, at every width."""

from __future__ import annotations

from functools import partial

from hypothesis import given
from hypothesis import strategies as some
from rich.style import Style as Painted
from textual.content import Content
from textual.css.styles import Styles
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual

from mbclient.ui.painted import Pieces

RULES = Styles().get_rules()
BASE = Style.parse("#eeeeee on #102030", {})
STYLES = ["", "bold", "reverse", "bold $accent", "italic $quiet", "dim"]
TEXTS = ["", " ", "one", "two words", "åäö", "日本語"]
TEXTS += ["👩‍🚀", "line\nline", "\n", "end\n", "×2", "a\tb", "bell\x07", "\r"]


def painted(visual: Visual, width: int, height: int | None) -> list[list[tuple[str, Painted | None]]]:
    """By line its characters and how each is painted, without what the toolkit notes for text that is selected."""
    read = partial(Style.parse, variables={"accent": "#ffcc00", "quiet": "#888888"})
    options = RenderOptions(lambda words: read(words) if isinstance(words, str) else words, RULES, None, None)
    return [characters(strip) for strip in visual.render_strips(width, height, BASE, options)]


def characters(strip: Strip) -> list[tuple[str, Painted | None]]:
    return [(letter, bare(segment.style)) for segment in strip for letter in segment.text]


def bare(style: Painted | None) -> Painted | None:
    return style and style.clear_meta_and_links()


@given(
    some.lists(some.tuples(some.sampled_from(TEXTS), some.sampled_from(STYLES)), max_size=8),
    some.integers(1, 40),
    some.one_of(some.none(), some.integers(1, 5)),
)
def test_it_is_painted_as_the_toolkits_content_is(
    pieces: list[tuple[str, str]], width: int, height: int | None
) -> None:
    ours = Pieces(*pieces)
    cleaned = [(Content(text).plain, style) for text, style in pieces]  # else it styles what stands beside them
    theirs = Content.assemble(*((text, style) for text, style in cleaned if text))  # it fails on an empty one
    assert painted(ours, width, height) == painted(theirs, width, height)
    assert ours.get_height(RULES, width) == theirs.get_height(RULES, width)
    assert ours.get_optimal_width(RULES, width) == theirs.get_optimal_width(RULES, width)
    assert ours.get_minimal_width(RULES) == theirs.get_minimal_width(RULES)
    assert str(ours) == str(theirs)


def test_each_line_is_as_wide_as_it_says() -> None:
    options = RenderOptions(lambda words: Style.parse(str(words), {}), RULES, None, None)
    for strip in Pieces(("日本", "bold"), (" ok\nnext", "")).render_strips(40, None, BASE, options):
        assert strip.cell_length == sum(segment.cell_length for segment in strip)


def test_a_piece_of_control_characters_alone_is_nothing() -> None:
    options = RenderOptions(lambda words: Style.parse(str(words), {}), RULES, None, None)
    for pieces in ([("\r", "bold")], [("\r", "bold"), ("ok", "")], [("\x07\n", "bold")]):
        strips = Pieces(*pieces).render_strips(9, None, BASE, options)
        assert "".join(strip.text for strip in strips) == ("ok" if len(pieces) > 1 else "")
