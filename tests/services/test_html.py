"""Post HTML to text: shapes of real servers, hostile ones, and the two readers held against each other."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mbclient.domain.post import Link
from mbclient.domain.safetext import SafeText
from mbclient.services import html
from mbclient.services.html import MAX_HTML, PlainText, plain_text
from tests.services.mastodon_shapes import content

LONG = "https://example.com/a/very/long/path/of/many/words?x=1&y=2"
BASE = "https://mastodon.example"


def text_of(source: str) -> str:
    return plain_text(source).text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("a & b", "a & b"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<p>one<br>two<br />three</p>", "one\ntwo\nthree"),
        ("<p>one<br><br>two</p>", "one\n\ntwo"),
        ("one<br>\ntwo", "one\ntwo"),
        ("<p>one</p>\n<p>two</p>\n", "one\n\ntwo"),
        ("<p>a\nb</p>", "a b"),
        ("<p>two  spaces   kept</p>", "two  spaces   kept"),
        (
            "<p>1 &lt; 2 &amp;&amp; 3 &gt; 2 &quot;q&quot; &#39;a&#39; &nbsp;x &aring;</p>",
            "1 < 2 && 3 > 2 \"q\" 'a' \xa0x å",
        ),
        ("<p>&lt;b&gt;not bold&lt;/b&gt;</p>", "<b>not bold</b>"),
        ("<ul><li>one</li><li>two</li></ul>after", "- one\n- two\n\nafter"),
        ("<ol><li>one<li>two</ol>", "1. one\n2. two"),
        ("<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>", "1. a\n\n- b\n\n2. c"),
        ("<blockquote><p>said<br>so</p></blockquote><p>yes</p>", "> said\n> so\n\nyes"),
        ("<p>a <del>b</del> <strong>c</strong> <code>d</code></p>", "a b c d"),
        ("<pre>x = 1</pre>", "x = 1"),
        ("<h1>Title</h1>text", "Title\n\ntext"),
        ("<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>", "漢kan"),
        ("a<hr>b", "a\n\nb"),
        (":blobcat: <img src=x onerror=alert(1)>", ":blobcat:"),
    ],
)
def test_shapes(source: str, text: str) -> None:
    found = plain_text(source)
    assert found == PlainText(SafeText(text), ())
    assert isinstance(found.text, SafeText)


def test_a_shortened_link_stands_whole() -> None:
    found = plain_text(content(f"See {LONG} and #ops @bo now", BASE))
    assert found.text == f"See {LONG} and #ops @bo now"
    assert found.links == (Link(LONG),)


@pytest.mark.parametrize(
    ("source", "text", "links"),
    [
        (
            '<a href="https://evil.example/x">bank.example</a>',
            "bank.example [evil.example]",
            [("https://evil.example/x", "bank.example")],
        ),
        (
            '<a href="https://evil.example/x">https://bank.example/x</a>',
            "https://bank.example/x [evil.example]",
            [("https://evil.example/x", "https://bank.example/x")],
        ),
        (
            'see <a href="https://a.example/">the page</a>, yes',
            "see the page [a.example], yes",
            [("https://a.example/", "the page")],
        ),
        (
            'see <a href="https://a.example/"> the page </a>yes',
            "see  the page [a.example] yes",
            [("https://a.example/", "the page")],
        ),
        ('<a href="https://a.example/x">a.example/x</a>', "https://a.example/x", [("https://a.example/x", "")]),
        ('<a href="https://a.example/">https://a.example</a>', "https://a.example/", [("https://a.example/", "")]),
        (
            '<a href="https://a.example/long/path">a.example/lo…</a>',
            "https://a.example/long/path",
            [("https://a.example/long/path", "")],
        ),
        (
            '<a href="https://a.example.evil.example/x">a.example…</a>',
            "a.example… [a.example.evil.example]",
            [("https://a.example.evil.example/x", "a.example…")],
        ),
        ('<a href="https://a.co/">data.com</a>', "data.com [a.co]", [("https://a.co/", "data.com")]),
        ('<a href="https://a.co/x">see a.co</a>', "see a.co", [("https://a.co/x", "see a.co")]),
        ('<a href="https://a.example/x"><img src="y"></a>', "https://a.example/x", [("https://a.example/x", "")]),
        ('<a href="https://a.example/x"></a>', "https://a.example/x", [("https://a.example/x", "")]),
        ('<a href="javascript:alert(1)">click</a>', "click", []),
        ('<a href="vscode://x">click</a>', "click", []),
        ("<a>click</a>", "click", []),
        ('<a href="//a.example/x">click</a>', "click", []),
        ('<a href="https://a.example/\x1b[31m">x</a>', "x", []),
        ('<a class="mention" href="https://m.example/@bo">@<span>bo</span></a>', "@bo", []),
        ('<a href="https://m.example/tags/x" rel="tag">#x</a>', "#x", []),
        (
            '<a href="https://a.example/1">x</a><a href="https://a.example/1">y</a>',
            "x [a.example]y [a.example]",
            [("https://a.example/1", "x")],
        ),
        (
            '<a href="https://åäö.example/å">x</a>',
            "x [xn--4cab6c.example]",
            [("https://xn--4cab6c.example/%C3%A5", "x")],
        ),
    ],
)
def test_links(source: str, text: str, links: list[tuple[str, str]]) -> None:
    found = plain_text(source)
    assert found.text == text
    assert [(link.url, link.text) for link in found.links] == links
    assert all(isinstance(link.text, SafeText) for link in found.links)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<script>alert(1)</script>ok", "ok"),
        ("<SCRIPT src=x>alert(1)</SCRIPT >ok", "ok"),
        ("<style>p{}</style>ok<style>x", "ok"),
        ("ok<script>never closed <p>x</p>", "ok"),
        ("<scr<script>x</script>ipt>alert(1)</script>ok", "ok"),
        ("<template>x</template><title>y</title><textarea>z</textarea><svg><text>w</text></svg>ok", "ok"),
        ("<!-- hidden <p>x</p> -->ok<!-- open", "ok"),
        ("<!DOCTYPE html><?php x ?>ok", "ok"),
        ("a < b and c <3 you", "a < b and c <3 you"),
        ('unclosed <a href="x', 'unclosed <a href="x'),
        ('<span class="invisible">hidden</span>shown', "shown"),
        ('<span class="ellipsis">cut</span>', "cut…"),
        # html.unescape drops what HTML says is no character, and reads 128 to 159 as Windows did
        ("&#27;[31mred&#155;31m&#0;", "[31mred›31m�"),
        ("&#x1b;]0;title&#7;", "]0;title"),
        ("&#8238;evil&#8236;", "evil"),
        ("&#99999999999999;", "�"),
        ("&#" + "9" * 5000 + ";x", "�x"),
        ("&#xffffffffffff;x", "�x"),
        ("&#xd800;x", "�x"),
        ("</p></p></div>ok", "ok"),
        ("<p><b><i>deep</p>flat", "deep\n\nflat"),
    ],
)
def test_hostile_shapes(source: str, text: str) -> None:
    assert text_of(source) == text


def test_the_quotes_own_line_is_left_out_only_where_asked() -> None:
    source = '<p class="quote-inline">RE: <a href="https://a.example/1">https://a.example/1</a></p><p>mine</p>'
    assert plain_text(source, hidden=frozenset({"quote-inline"})) == PlainText(SafeText("mine"))
    assert plain_text(source).text == "RE: https://a.example/1\n\nmine"


BOMBS = {
    "comments": "<!--" * 25_000,
    "open tags": "<a " * 33_000,
    "blocks": "<div>" * 20_000,
    "paragraphs": "<p>" * 33_000,
    "ends": "</p>" * 25_000,
    "ampersands": "&" * 100_000,
    "scripts": "<script>" * 12_000,
    "attributes": "<a " + "x=" * 40_000 + ">",
    "quotes": '<a x="' * 16_000,
    "mixed quotes": "<a x='\">" * 12_000,
    "numbers": "&#" + "9" * 90_000,
    "items": "<li>" * 25_000,
    "quoted": "<blockquote>x" * 7000,
    "links": "<a href='https://a.example'>x" * 3500,
    "blanks": " " * 99_990 + "<b>",
    "blank lines": "\n " * 50_000 + "<b>",
    "less than": "<" * 100_000,
    "declarations": "<!" * 50_000,
    "entities": "&amp" * 25_000 + "<b>",
    "pairs": "<p></p>" * 14_000,
    "spans": '<span class="a b c">x</span>' * 3500,
    "ellipses": '<span class="ellipsis">' * 4000,
    "one word": "x" * 1_000_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_no_shape_is_slow(name: str) -> None:
    """The facts ask for 20 ms a post on a quiet machine; a quadratic reader takes seconds."""
    begun = time.process_time()
    found = plain_text(BOMBS[name])
    assert time.process_time() - begun < 0.4
    assert len(found.text) <= MAX_HTML


TAGS = ["p", "br", "a", "span", "div", "b", "li", "ul", "ol", "blockquote", "script", "h1"]
WORDS = st.text(alphabet="ab <>&;#\"'=/\n\x1b\u202eåx1", max_size=12)
ATTRIBUTES = st.sampled_from(
    [
        "",
        ' href="https://a.example/x"',
        ' class="mention"',
        ' class="invisible"',
        ' href="javascript:x"',
        " x",
        ' class="ellipsis"',
    ]
)


@st.composite
def fragments(draw: st.DrawFn) -> str:
    """Nearly HTML: known tags, unbalanced, with odd words between."""
    parts = []
    for _number in range(draw(st.integers(0, 12))):
        kind, tag = draw(st.sampled_from(["start", "end", "text", "text", "empty"])), draw(st.sampled_from(TAGS))
        if kind == "text":
            parts.append(draw(WORDS))
        else:
            slash = "/" if kind == "end" else ""
            parts.append(
                f"<{slash}{tag}{draw(ATTRIBUTES) if kind == 'start' else ''}{' /' if kind == 'empty' else ''}>"
            )
    return "".join(parts)


NAMES = st.text(alphabet="abå_ 1#@/.", max_size=6)


@st.composite
def server_links(draw: st.DrawFn) -> str:
    """Links as servers write them, and nearly so: shortened ones, mentions, hashtags."""
    extra = draw(st.sampled_from(["", ' target="_blank"', ' target="_blank" rel="nofollow noopener" translate="no"']))
    if draw(st.booleans()):
        scheme, seen, rest = draw(st.sampled_from(["https://", "http://www.", "ftp://", ""])), draw(NAMES), draw(NAMES)
        address = draw(st.sampled_from([f"{scheme}{seen}{rest}", f"{scheme}a.example/{rest}", seen]))
        shape = draw(st.sampled_from(["ellipsis", "", "invisible"]))
        words = f'<span class="{shape}">{draw(st.sampled_from([seen, "a.example/"]))}</span>'
        return (
            f'<a href="{address}"{extra}><span class="invisible">{scheme}</span>{words}'
            f'<span class="invisible">{rest}</span></a>'
        )
    names = draw(st.sampled_from(["mention hashtag", "u-url mention", "mention", "hashtag", "mention invisible"]))
    sign = draw(st.sampled_from(["#", "@", "&"]))
    return f'<a href="https://a.example/{draw(NAMES)}" class="{names}"{extra}>{sign}<span>{draw(NAMES)}</span></a>'


@st.composite
def common(draw: st.DrawFn, depth: int = 0) -> str:
    """What nearly every post is made of: balanced p, br, a, span, and escaped text."""
    words = st.text(alphabet="ab åäö\n\t.,!#@/:😀", max_size=12)
    entities = st.sampled_from(["&amp;", "&lt;", "&#39;", "&quot;", "&nbsp;", "&copy", "&#x27;"])
    leaf = st.one_of(words, entities, server_links(), st.sampled_from(["<br>", "<br />", "<br/>"]))
    parts = [draw(leaf)]
    for _number in range(draw(st.integers(0, 3 if depth < 3 else 0))):
        tag, attributes = draw(st.sampled_from(["p", "a", "span"])), draw(ATTRIBUTES.filter(lambda a: a != " x"))
        parts += [f"<{tag}{attributes}>", draw(common(depth + 1)), f"</{tag}>", draw(leaf)]
    return "".join(parts)


@given(st.one_of(common(), fragments()))
@settings(max_examples=200)
def test_both_readers_say_the_same(source: str) -> None:
    for hidden in (frozenset[str](), frozenset({"hashtag"})):
        quick, thorough = html._Writer(hidden), html._Writer(hidden)
        html._read_anything(source, thorough)
        if html._read_quickly(source, quick):
            assert quick.finish() == thorough.finish()


@given(common())
def test_common_posts_take_the_quick_reader(source: str) -> None:
    assert html._read_quickly(source, html._Writer(frozenset()))


@given(st.one_of(fragments(), st.text(max_size=200)))
def test_anything_becomes_safe_text(source: str) -> None:
    found = plain_text(source)
    assert isinstance(found.text, SafeText)
    assert SafeText(str(found.text)) == found.text
    assert "\x1b" not in found.text
    for link in found.links:
        assert link.url.startswith(("http://", "https://"))


@given(st.text(alphabet=st.characters(exclude_categories=["C"], exclude_characters="<>&#@\xad"), max_size=80))
def test_text_survives_the_servers_html(text: str) -> None:
    """What somebody wrote is what is read, but for blanks at the ends of lines."""
    clean = SafeText(" ".join(text.replace("://", "").split()))
    assert " ".join(text_of(content(clean, BASE)).split()) == clean
