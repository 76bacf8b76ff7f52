"""The three formats, with what feeds of the wild do to them."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mbclient.domain.safetext import SafeText
from mbclient.services.feed.charset import decoded
from mbclient.services.feed.dates import feed_date
from mbclient.services.feed.document import read_feed
from mbclient.services.feed.items import Document, NoFeedError
from mbclient.services.feed.xmltree import MAX_DEPTH

URL = "https://news.example/feed.xml"
AT = datetime(2026, 11, 23, 19, 6, 22, tzinfo=UTC)


def rss(items: str, channel: str = "", root: str = "") -> Document:
    return read_feed(f'<rss version="2.0" {root}><channel><title>T</title>{channel}{items}</channel></rss>', URL)


def atom(entries: str, root: str = "") -> Document:
    return read_feed(f'<feed xmlns="http://www.w3.org/2005/Atom" {root}><title>T</title>{entries}</feed>', URL)


def jsonfeed(**feed: object) -> Document:
    return read_feed(json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "T", **feed}), URL)


# ---------------------------------------------------------------- dates


@pytest.mark.parametrize(
    "raw",
    [
        "Mon, 23 Nov 2026 19:06:22 GMT",
        "Mon, 23 Nov 2026 19:06:22 +0000",
        "Sun, 23 Nov 2026 19:06:22 GMT",  # a wrong weekday
        "Mon, 23 Nov 26 19:06:22 UT",  # two digits
        "23 Nov 2026 20:06:22 CET",
        "Mon, 23 Nov 2026 14:06:22 EST",
        "Mon, 23 November 2026 11:06:22 PST",
        "mån, 23 nov 2026 20:06:22 +0100",
        "Mo, 23 Nov. 2026 20:06:22 MEZ",
        "Mon, 23-Nov-2026 19:06:22 GMT",
        "Mon Nov 23 19:06:22 2026",
        "Mon Nov 23 19:06:22 +0000 2026",  # Twitter's
        "2026-11-23T19:06:22Z",
        "2026-11-23T20:06:22+01:00",
        "2026-11-23t19:06:22.5z",
        "2026-11-23 19:06:22",  # no zone: UTC
        "2026-11-23 20:06:22 +0100",
        "2026-11-23T19-06-22Z",  # JaikuEngine
        "20261123T190622Z",
        "1795460782",
        "1795460782000",
        "  Mon,  23 Nov 2026\n 19:06:22  GMT ",
    ],
)
def test_dates_in_all_the_wrong_forms(raw: str) -> None:
    assert feed_date(raw) == AT


@pytest.mark.parametrize(
    ("raw", "when"),
    [
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
        ("November 23, 2026", datetime(2026, 11, 23, tzinfo=UTC)),
        ("Mon, 23 Nov 2026 24:00:00 GMT", datetime(2026, 11, 24, tzinfo=UTC)),
        ("Thu, 31 Dec 1998 23:59:60 GMT", datetime(1998, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("Mon, 23 Nov 2026 19:06 GMT", datetime(2026, 11, 23, 19, 6, tzinfo=UTC)),
    ],
)
def test_dates_that_say_less_or_more(raw: str, when: datetime) -> None:
    assert feed_date(raw) == when


@pytest.mark.parametrize("raw", ["", "soon", "2026-13-40", "9999-12-31T23:59:59-12:00", "0001-01-01", "1" * 200])
def test_what_is_no_date_is_none(raw: str) -> None:
    assert feed_date(raw) is None


@given(st.text(max_size=60))
def test_no_text_breaks_the_dates(raw: str) -> None:
    when = feed_date(raw)
    assert when is None or when.utcoffset() == timedelta(0)


# ---------------------------------------------------------------- character sets


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<?xml version='1.0'?><a>åäö€</a>".encode(), "text/xml"),
        ("<?xml version='1.0' encoding='iso-8859-1'?><a>åäö€</a>".encode(), "text/xml; charset=iso-8859-1"),  # both lie
        ("<?xml version='1.0' encoding='utf-8'?><a>åäö€</a>".encode("cp1252"), "application/rss+xml"),
        ("<?xml version='1.0' encoding='ISO-8859-1'?><a>åäö€</a>".encode("cp1252"), ""),
        ("<a>åäö€</a>".encode("cp1252"), 'text/xml; charset="windows-1252"'),
        (b"\xef\xbb\xbf" + "<a>åäö€</a>".encode(), "text/xml; charset=us-ascii"),
        ("\ufeff<a>åäö€</a>".encode("utf-16-le"), "application/xml"),
        ("\ufeff<a>åäö€</a>".encode("utf-16-be"), "application/xml; charset=utf-8"),
        ("<?xml version='1.0' encoding='utf-16'?><a>åäö€</a>".encode("utf-16-le"), ""),
    ],
)
def test_the_bytes_are_believed_before_their_label(body: bytes, content_type: str) -> None:
    assert "<a>åäö€</a>" in decoded(body, content_type)


def test_japanese_mail_encoding_and_codecs_that_are_none() -> None:
    assert "日本" in decoded("<?xml version='1.0' encoding='iso-2022-jp'?><a>日本</a>".encode("iso2022_jp"))
    plain = b"<?xml version='1.0' encoding='utf-7'?><a>+ADw-b+AD4-</a>"
    assert "+ADw-" in decoded(plain, "text/xml; charset=utf-7")
    assert decoded(b"<a>\xff</a>", "text/xml; charset=idna") == "<a>ÿ</a>"


# ---------------------------------------------------------------- hostile XML

BOMB = '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><rss version="2.0"><channel>&b;</channel></rss>'
EXTERNAL = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><title>&x;</title></channel></rss>'
PARAMETER = '<!DOCTYPE rss [<!ENTITY % p SYSTEM "https://evil.example/x.dtd"> %p;]><rss><channel/></rss>'


@pytest.mark.parametrize(
    "document",
    [
        BOMB,
        EXTERNAL,
        PARAMETER,
        "<rss><channel>" + "<b>" * (MAX_DEPTH + 5),
        "<rss><channel>" + "<item/>" * 60_000 + "</channel></rss>",
        "<rss><channel><item>",
        "<![CDATA[" * 20_000,
        '<svg xmlns="http://www.w3.org/2000/svg"/>',
        "<!doctype html><html><title>x</title></html>",
        '{"items": "many"}',
        '{"hello": 1}',
        "[" * 200_000,
        '{"items":' * 50_000,
        "",
        "plain",
    ],
    ids=range(15),
)
def test_what_is_no_feed_or_refused(document: str) -> None:
    with pytest.raises(NoFeedError):
        read_feed(document, URL)


def test_the_doctype_of_rss_091_is_passed_over() -> None:
    doctype = '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://evil.example/rss-0.91.dtd">'
    item = "<item><title>Caf&eacute; &unknown;</title><link>https://news.example/1</link></item>"
    found = read_feed(f'{doctype}<rss version="0.91"><channel><title>T</title>{item}</channel></rss>', URL)
    assert found.items[0].title == "Café"


def test_repairs_what_is_not_well_formed() -> None:
    found = read_feed(
        '\n<?xml version="1.0"?><rss version="2.0"><channel><title>AT&T caf&eacute;</title>'
        "<item><guid>1</guid><title>a \x1b b &#27; c &nosuch; d</title><dc:creator>Anna</dc:creator>"
        "<link><![CDATA[https://news.example/?a=1&b=2]]></link></item></channel></rss>",
        URL,
    )
    assert found.title == "AT&T café"
    item = found.items[0]
    assert item.title == "a � b � c &nosuch; d"
    assert item.url == "https://news.example/?a=1&b=2"
    assert item.authors[0].name == "Anna"


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    with contextlib.suppress(NoFeedError):
        read_feed(decoded(body, "text/xml"), URL)


@settings(max_examples=60)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "id",
                        "url",
                        "content_html",
                        "authors",
                        "author",
                        "tags",
                        "attachments",
                        "_microblog",
                        "date_published",
                        "name",
                        "mime_type",
                    ]
                ),
                inner,
            )
        ),
        max_leaves=12,
    )
)
def test_no_json_breaks_the_reader(item: object) -> None:
    found = jsonfeed(items=[item, {"id": "good", "content_text": "good"}])
    assert [each.key for each in found.items][-1] == "good"
    assert len(found.items) + found.skipped == 2


# ---------------------------------------------------------------- RSS


def test_rss_20_whole() -> None:
    found = rss(
        "<item><guid isPermaLink='false'>tag:1</guid><link>/posts/1</link><title>Nya &amp;amp; gamla</title>"
        "<pubDate>Mon, 23 Nov 2026 19:06:22 GMT</pubDate><description>Short</description>"
        "<content:encoded><![CDATA[<p>Hej <a href='/x'>där</a></p><img src='/i.png' alt='En bild'>]]></content:encoded>"
        "<author>anna@news.example (Anna Ek)</author><category>#openssl</category><category>openssl</category>"
        "<enclosure url='/a.mp3' type='audio/mpeg' length='1'/></item>",
        channel="<link>https://news.example/</link><description>About</description><language>sv</language>"
        "<ttl>90</ttl><skipHours><hour>3</hour><hour>24</hour></skipHours><skipDays><day>Sunday</day></skipDays>",
        root='xmlns:content="http://purl.org/rss/1.0/modules/content/"',
    )
    assert (found.title, found.about, found.home, found.lang) == ("T", "About", "https://news.example/", "sv")
    assert (found.ttl, found.skip_hours, found.skip_days) == (timedelta(minutes=90), frozenset({3, 0}), frozenset({6}))
    item = found.items[0]
    assert (item.key, item.url) == ("tag:1", "https://news.example/posts/1")
    assert item.text == "Nya & gamla\n\nHej där [news.example]"
    assert [link.url for link in item.links] == ["https://news.example/x"]
    assert [(m.type, m.alt, m.url) for m in item.media] == [
        ("audio", "", "https://news.example/a.mp3"),
        ("image", "En bild", "https://news.example/i.png"),
    ]
    assert [person.name for person in item.authors] == ["Anna Ek"]
    assert item.tags == ("openssl",)
    assert item.published == AT


def test_rss_10_and_090() -> None:
    rdf = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    one = read_feed(
        f'<rdf:RDF {rdf} xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<channel rdf:about='x'><title>T</title><link>https://news.example/</link></channel>"
        "<item rdf:about='https://news.example/1'><title>One</title><link>https://news.example/1</link>"
        "<dc:date>2026-11-23T20:06:22+01:00</dc:date><dc:creator>Bo</dc:creator><dc:subject>cve</dc:subject></item>"
        "</rdf:RDF>",
        URL,
    )
    item = one.items[0]
    assert (item.key, item.title, item.published, item.tags) == ("https://news.example/1", "One", AT, ("cve",))
    assert item.authors[0].name == "Bo"
    old = read_feed(
        f'<rdf:RDF {rdf} xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel><title>T</title></channel>'
        "<item><title>Old</title><link>https://news.example/o</link></item></rdf:RDF>",
        URL,
    )
    assert [(each.title, each.key) for each in old.items] == [("Old", "https://news.example/o")]


def test_identity_falls_back_and_is_stable() -> None:
    """guid, else link, else a hash; an id of blanks and foreign signs is hashed; a changed link is no new item."""
    first = rss("<item><guid>7</guid><link>https://news.example/a</link></item>").items[0]
    moved = rss("<item><guid>7</guid><link>https://news.example/b</link></item>").items[0]
    assert first.key == moved.key == "7"
    assert rss("<item><link>https://news.example/a</link></item>").items[0].key == "https://news.example/a"
    bare = [rss(f"<item><title>{title}</title></item>").items[0].key for title in ("A", "A", "B")]
    assert bare[0] == bare[1] != bare[2]
    odd = rss("<item><guid>två ord \u202e</guid><title>x</title></item>").items[0].key
    assert odd.isascii()
    assert " " not in odd


def test_a_guid_is_a_link_only_when_it_may_be() -> None:
    assert rss("<item><guid>https://news.example/1</guid><title>x</title></item>").items[0].url
    assert not rss("<item><guid isPermaLink='false'>https://news.example/1</guid><title>x</title></item>").items[0].url
    assert not rss("<item><guid>post-1</guid><title>x</title></item>").items[0].url
    assert not rss("<item><guid>1</guid><link>javascript:alert(1)</link><title>x</title></item>").items[0].url


def test_microblog_items_have_no_title_and_repeated_ones_are_dropped() -> None:
    def text(title: str, body: str) -> str:
        return rss(f"<item><guid>1</guid><title>{title}</title><description>{body}</description></item>").items[0].text

    assert text("", "Hej") == "Hej"
    assert text("Hej på …", "Hej på dig") == "Hej på dig"
    assert text("News", "Hej på dig") == "News\n\nHej på dig"
    assert text("News", "") == "News"


def test_media_rss_carries_the_alt_text() -> None:
    item = rss(
        "<item><guid>1</guid><media:content url='https://m.example/1.png' type='image/png' medium='image'>"
        "<media:description type='plain'>En graf</media:description></media:content>"
        "<enclosure url='https://m.example/1.png' type='image/png'/></item>",
        root='xmlns:media="http://search.yahoo.com/mrss/"',
    ).items
    assert item == ()  # a picture of nothing says nothing without a link or a text
    item = rss(
        "<item><guid>1</guid><link>/1</link><media:content url='https://m.example/1.png' medium='image'>"
        "<media:description>En graf</media:description></media:content>"
        "<enclosure url='https://m.example/1.png' type='image/png'/></item>",
        root='xmlns:media="http://search.yahoo.com/mrss/"',
    ).items
    assert [(medium.type, medium.alt) for medium in item[0].media] == [("image", "En graf")]


def test_pixels_that_count_readers_are_no_pictures() -> None:
    item = rss("<item><guid>1</guid><description>x &lt;img src='https://t.example/p' width=1&gt;</description></item>")
    assert item.items[0].media == ()


# ---------------------------------------------------------------- Atom


def test_atom_with_bases_and_xhtml() -> None:
    found = atom(
        "<entry xml:base='posts/'><id>tag:news.example,2026:1</id><link href='1'/>"
        "<title type='html'>a &amp;lt; b</title>"
        "<published>2026-11-23T19:06:22Z</published><updated>2026-11-24T00:00:00Z</updated>"
        "<content type='xhtml' xml:base='/deep/'><div xmlns='http://www.w3.org/1999/xhtml'><p>Ett &lt;b&gt;</p>"
        "<p><a href='x'>två</a> <script>bad()</script></p><img src='i.png' alt='Bild'/></div></content>"
        "<author><name>Anna</name><uri>/anna</uri><email>a@b.c</email></author><category term='cve' label='CVE'/>"
        "<link rel='enclosure' href='v.mp4' type='video/mp4' title='En film'/></entry>",
        root="xml:base='https://news.example/blog/' xml:lang='sv'",
    )
    item = found.items[0]
    assert item.url == "https://news.example/blog/posts/1"
    assert item.title == "a < b"
    assert item.body == "Ett <b>\n\ntvå [news.example]"
    assert [link.url for link in item.links] == ["https://news.example/deep/x"]
    assert [(m.type, m.alt, m.url) for m in item.media] == [
        ("video", "En film", "https://news.example/blog/posts/v.mp4"),
        ("image", "Bild", "https://news.example/deep/i.png"),
    ]
    assert (item.authors[0].name, item.authors[0].url) == ("Anna", "https://news.example/anna")
    assert (item.tags, found.lang) == (("CVE",), "sv")
    assert (item.published, item.updated) == (AT, datetime(2026, 11, 24, tzinfo=UTC))


def test_atom_03_source_authors_and_replies() -> None:
    old = read_feed(
        "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><title>T</title><entry><id>1</id><title>x</title>"
        "<issued>2026-11-23T19:06:22Z</issued><content type='text/html' mode='escaped'>&lt;b&gt;y&lt;/b&gt;</content>"
        "</entry></feed>",
        URL,
    ).items[0]
    assert (old.published, old.body) == (AT, "y")
    item = atom(
        "<entry><id>1</id><title>x</title><source><author><name>Bo</name></author></source>"
        "<thr:in-reply-to ref='tag:parent' href='https://news.example/p'/></entry>",
        root="xmlns:thr='http://purl.org/syndication/thread/1.0'",
    ).items[0]
    assert (item.authors[0].name, item.reply_to) == ("Bo", "tag:parent")


def test_atom_content_that_lies_elsewhere_is_not_fetched() -> None:
    item = atom("<entry><id>1</id><title>x</title><content type='image/png' src='https://m.example/x'/></entry>").items[
        0
    ]
    assert item.text == "x"


def test_plain_text_in_atom_is_not_markup() -> None:
    item = atom("<entry><id>1</id><content>[/] &lt;b&gt;not bold&lt;/b&gt;</content></entry>").items[0]
    assert item.text == "[/] <b>not bold</b>"


# ---------------------------------------------------------------- JSON Feed


def test_json_feed_10_and_11() -> None:
    found = jsonfeed(
        home_page_url="https://news.example/",
        next_url="/feed2.json",
        authors=[{"name": "Redaktionen"}],
        items=[
            {
                "id": 7,  # a number, in bad feeds and old micro.blog
                "url": "/posts/7",
                "content_html": "<p>Hej <a href='/x'>här</a></p>",
                "date_published": "2026-11-23T20:06:22+01:00",
                "tags": ["cve", 3],
                "attachments": [{"url": "/a.png", "mime_type": "image/png", "title": "Alt"}, {"url": "ftp://x"}, None],
                "author": {"name": "Anna", "url": "https://anna.example"},
            },
            {"id": "l", "external_url": "https://other.example/a", "content_text": "Läs"},
        ],
    )
    first, second = found.items
    assert (first.key, first.url, first.published) == ("7", "https://news.example/posts/7", AT)
    assert first.links[0].url == "https://news.example/x"
    assert [(m.type, m.alt, m.url) for m in first.media] == [("image", "Alt", "https://news.example/a.png")]
    assert (first.authors[0].name, first.authors[0].url) == ("Anna", "https://anna.example")
    assert first.tags == ("cve",)
    assert (second.url, second.text) == ("https://other.example/a", "Läs\n\nhttps://other.example/a")
    assert found.next_url == "https://news.example/feed2.json"
    assert found.authors[0].name == "Redaktionen"


def test_everything_from_outside_is_clean() -> None:
    evil = "x\x1b]0;owned\x07\u202e[@click=app.quit]y[/]"
    item = jsonfeed(
        title=evil,
        items=[
            {
                "id": evil,
                "title": evil,
                "content_text": evil,
                "tags": [evil],
                "authors": [{"name": evil}],
                "attachments": [{"url": "https://m.example/a.png", "title": evil}],
            }
        ],
    ).items[0]
    texts = [item.title, item.body, item.text, *item.tags, item.authors[0].name, item.media[0].alt]
    assert all(isinstance(text, SafeText) for text in texts)
    assert not any("\x1b" in text or "\u202e" in text for text in texts)
    assert item.key.isalnum()
