"""Posts as rows: everything shown as plain text, nothing over the width, clamps, warnings and links."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mbclient.domain.poll import Choice, Poll
from mbclient.domain.post import Author, Booster, Link, Media, Quoted
from mbclient.domain.safetext import SafeText
from mbclient.ui.render import TEXT_LINES, Layout, Look, content_width, lay_out
from mbclient.ui.sheet import GUTTER
from mbclient.ui.spans import mark
from tests.ui.posts import ANNA, WORDS, make_post, post_of_texts, showcase, term_spans

HOSTILE = [
    "[/]", "[/b] hej", "[@click=app.quit]x[/]", "[bold red]x[/bold red]", "[link=https://x]y[/]", "[x] klart", "\\[x]",
    "\x1b]52;c;aGVq\x07 klipp", "\x1b[2J\x1b[31mröd", "\x9b31m c1", "a\x00b", "\u202eomvänt", "👩‍💻👨‍👩‍👧🇸🇪👍🏽❤️1️⃣",
    "z" + "\u0301" * 40, "שלום עולם", "{name} %s ${x}", "x" * 3000, "\n" * 400 + "sist", "會議" * 200,
    "#" * 50 + "@" * 50,
]  # fmt: skip
TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=300)).map(SafeText)
LOOK = Look(time="12:00", expanded=True, revealed=True)


def shown(layout: Layout) -> list[str]:
    return ["".join(text for text, _role in row) for row in layout.rows]


def squeezed(text: str) -> str:
    return "".join(text.split())


@given(TEXTS, st.integers(min_value=10, max_value=200), TEXTS, TEXTS)
def test_any_text_in_any_field_stays_within_the_width_and_on_its_rows(
    text: SafeText, width: int, name: SafeText, alt: SafeText
) -> None:
    post = post_of_texts(text, name, alt)
    layout = lay_out(post, width, LOOK, WORDS)
    for row in shown(layout):
        assert cell_len(row) <= content_width(width)
        assert "\n" not in row
    for area in layout.links:
        assert GUTTER <= area.start <= area.end <= width


@pytest.mark.parametrize("raw", HOSTILE)
@pytest.mark.parametrize("width", [20, 60, 80, 200])
def test_hostile_text_is_shown_identical(raw: str, width: int) -> None:
    text = SafeText(raw)
    layout = lay_out(make_post(1, text=text), width, LOOK, WORDS)
    body = shown(layout)[1:]
    counts = shown(lay_out(make_post(1, text=SafeText("x")), width, LOOK, WORDS))[2:]
    assert squeezed("".join(body[: len(body) - len(counts)])) == squeezed(text)


def test_long_posts_are_clamped_until_expanded() -> None:
    post = make_post(1, text=SafeText("\n".join(f"rad {number}" for number in range(100))))
    layout = lay_out(post, 80, dataclasses.replace(LOOK, expanded=False), WORDS)
    assert layout.more_row == TEXT_LINES["normal"]
    assert shown(layout)[TEXT_LINES["normal"]].startswith("…")
    assert "rad 10" in shown(layout)[TEXT_LINES["normal"] - 1]
    expanded = lay_out(post, 80, LOOK, WORDS)
    assert expanded.more_row is None
    assert len(expanded.rows) > 100
    just_fits = make_post(1, text=SafeText("\n".join("rad" for _ in range(TEXT_LINES["normal"]))))
    assert lay_out(just_fits, 80, Look(), WORDS).more_row is None


def test_a_warning_covers_text_media_and_quote_until_revealed() -> None:
    post = make_post(
        1,
        text=SafeText("hemlig text"),
        cw=SafeText("varning"),
        media=(Media("image", SafeText("hemlig bild")),),
        quoted=Quoted(ANNA, SafeText("hemligt citat")),
        links=(Link("https://hemlig.example"),),
    )
    covered = lay_out(post, 80, Look(), WORDS)
    assert covered.covered
    assert not covered.links
    assert "hemlig" not in "".join(shown(covered))
    assert any("varning" in row for row in shown(covered))
    open_rows = "".join(shown(lay_out(post, 80, Look(revealed=True), WORDS)))
    assert all(word in open_rows for word in ("varning", "hemlig text", "hemlig bild", "hemligt citat"))


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["Eva"], "↻ boosted by Eva"),
        (["Eva", "Nils", "Cia"], "↻ boosted by Eva, Nils, Cia"),
        (["Eva", "Nils", "Cia", "Dan", "Eli"], "↻ boosted by Eva, Nils, Cia +2"),
    ],
)
def test_everybody_who_boosted_it_is_told_of(names: list[str], words: str) -> None:
    first, *others = [Author(SafeText(f"{name}@else.example"), SafeText(name)) for name in names]
    post = make_post(1, boosted_by=first, boosters=tuple(map(Booster, others)))
    (head, *_rest) = lay_out(post, 80, Look(), WORDS).rows
    assert "".join(text for text, _role in head).rstrip() == words


def test_what_is_blank_gets_a_visible_placeholder() -> None:
    author = Author(SafeText("anna@example.org"), SafeText("\u3164\u2800 "))
    rows = shown(lay_out(make_post(1, text=SafeText("\u3164\n"), author=author), 80, Look(time="12:00"), WORDS))
    assert rows[0].startswith("anna@example.org")
    assert rows[1] == "(no text)"


@pytest.mark.parametrize(
    ("words", "url", "host"),
    [
        ("här", "https://evil.example/x", " (evil.example)"),
        ("bank.example", "https://evil.example/", " (evil.example)"),
        ("https://bank.example/login", "https://evil.example/", " (evil.example)"),
        ("bank.example.evil.example", "https://evil.example/", " (evil.example)"),
        ("example.org/a…", "https://www.example.org/abc", ""),
        ("https://example.org/abc", "https://example.org/abc", ""),
        ("www.example.org", "https://example.org/", ""),
    ],
)
def test_the_host_stands_beside_words_that_are_not_the_address(words: str, url: str, host: str) -> None:
    marked = mark(make_post(1, text=SafeText(f"se {words} nu"), links=(Link(url, SafeText(words)),)))
    assert marked.text == f"se {words}{host} nu"
    assert marked.links == ((3, 3 + len(words), url),)


def test_only_web_links_are_links() -> None:
    links = tuple(Link(url, SafeText("här")) for url in ("javascript:x", "file:///etc/passwd", "ssh://h", "-x", "//h"))
    marked = mark(make_post(1, text=SafeText("se här"), links=links))
    assert marked.links == ()
    assert marked.unplaced == ()


def test_plain_addresses_end_where_the_sentence_goes_on() -> None:
    text = "(se https://example.org/a_(b)), https://example.org/c. Och https://example.org/d!"
    urls = [url for _start, _end, url in mark(make_post(1, text=SafeText(text))).links]
    assert urls == ["https://example.org/a_(b)", "https://example.org/c", "https://example.org/d"]


@given(TEXTS, st.lists(st.tuples(st.integers(0, 320), st.integers(0, 320)), max_size=5))
def test_runs_join_to_the_text_whatever_the_spans(text: SafeText, spans: list[tuple[int, int]]) -> None:
    marked = mark(make_post(1, text=text, links=(Link("https://example.org", SafeText("a")),)), spans)
    runs = marked.runs(0, len(marked.text))
    assert "".join(marked.text[start:end] for start, end, _role in runs) == marked.text
    assert all(start < end for start, end, _role in runs)


POLL = Poll((Choice(SafeText("Ja, gärna"), 3), Choice(SafeText("Nej"), 1, mine=True), Choice(SafeText("Vet ej"), 0)))


def test_a_poll_has_a_line_a_choice_and_is_read_without_colour() -> None:
    words = dataclasses.replace(WORDS, poll=lambda poll: (f"{poll.votes} votes", "choose one"))
    assert shown(lay_out(make_post(1, text=SafeText("Kaffe?"), poll=POLL), 80, LOOK, words))[1:-1] == [
        "Kaffe?",
        "○ ████████░░ 75 %  Ja, gärna",
        "✓ ██░░░░░░░░ 25 %  Nej",
        "○ ░░░░░░░░░░  0 %  Vet ej",
        "4 votes · choose one",
    ]
    assert shown(lay_out(make_post(1, text=SafeText(""), poll=POLL), 30, LOOK, words))[1] == "○  75 %  Ja, gärna"


def test_a_poll_whose_figures_are_hidden_has_its_choices_alone() -> None:
    poll = Poll((Choice(SafeText("Ja " * 60)), Choice(SafeText("Nej"), mine=True)), multiple=True)
    rows = shown(lay_out(make_post(1, text=SafeText(""), poll=poll), 60, LOOK, WORDS))[1:-1]
    assert rows[0].startswith("□ Ja Ja")
    assert [row[:2] for row in rows] == ["□ ", "  ", "  ", "✓ "]
    assert rows[2].endswith("…")


def test_a_poll_stands_under_its_posts_warning() -> None:
    post = make_post(1, text=SafeText("Kaffe?"), cw=SafeText("lunch"), poll=POLL)
    assert "gärna" not in "".join(shown(lay_out(post, 80, Look(time="12:00"), WORDS)))


def test_matched_terms_stand_out_and_follow_an_inserted_host() -> None:
    post = make_post(
        1,
        text=SafeText("här openssl"),
        links=(Link("https://evil.example/", SafeText("här")),),
        terms=("openssl",),
    )
    marked = mark(post, term_spans(post))
    assert marked.text == "här (evil.example) openssl"
    assert [marked.text[start:end] for start, end, role in marked.roles if role == "term"] == ["openssl"]


@pytest.mark.parametrize("width", [20, 34, 60, 80, 120, 200])
def test_the_time_is_always_shown_and_ends_the_header(width: int) -> None:
    for entry in showcase():
        layout = lay_out(entry.post, width, Look(time="12:34"), WORDS)
        header = shown(layout)[1 if entry.post.boosted_by else 0]
        assert header.endswith("12:34")
        assert cell_len(header) == content_width(width)
