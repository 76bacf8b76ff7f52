"""A post as HTML for a page of somebody else's: escaped, in its language, without a script and without anything that
the reader's browser would load from elsewhere: pictures are links that say what they show.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from urllib.parse import urlsplit

from mbclient.domain.post import Author, Link, Media, Post
from mbclient.texts import N_, _

# What XML 1.0 can hold: no control character but tab and line ends, no half of a pair, no noncharacter.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z")
_WEB = re.compile(r"https?://[^\s<>\"\\^`{|}\x00-\x20\x7f-\xa0]+\Z", re.IGNORECASE)
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")
_MEDIA = {"image": N_("Picture"), "video": N_("Video"), "gifv": N_("Video"), "audio": N_("Sound")}


def plain(text: str) -> str:
    """The text as any document can hold it."""
    return _NOT_XML.sub("", text)


def web(url: str) -> str:
    """The address if it may stand in a link: http or https, with a host; else empty."""
    try:
        return url if _WEB.match(url) and urlsplit(url).hostname else ""
    except ValueError:  # a broken IPv6 address
        return ""


def lang(tag: str | None) -> str:
    """The language tag if it is one (BCP 47), else empty."""
    return tag if tag and _LANGUAGE.match(tag) else ""


def name_of(author: Author) -> str:
    """Never empty."""
    return plain(str(author.name or author.handle)).strip() or "?"


def content(post: Post) -> str:
    """What the post says: text, quoted post, further links, media; under its warning where it has one."""
    body = "".join(_parts(post))
    tag = lang(post.lang)
    body = f'<div lang="{tag}">{body}</div>' if tag else body
    if post.cw is None:
        return body
    warning = escape(plain(str(post.cw)).strip() or _("Content warning"))
    return f"<details><summary>{warning}</summary>{body}</details>"


def anchor(url: str, words: str) -> str:
    """A link that tells the page it leads to nothing of where the reader came from."""
    return f'<a href="{escape(url)}" rel="nofollow noopener noreferrer">{escape(words)}</a>'


def _parts(post: Post) -> Iterator[str]:
    text = plain(str(post.whole_text)).strip()
    places = _places(text, post.links)
    yield _paragraphs(text, places)
    if post.quoted is not None and post.quoted.state == "accepted":
        quoted = post.quoted
        source = web(quoted.url)
        by = anchor(source, name_of(quoted.author)) if source else escape(name_of(quoted.author))
        words = _paragraphs(plain(str(quoted.text)).strip(), ())
        yield f"<blockquote>{words}<footer>{by}</footer></blockquote>"
    placed = {link.url for _start, _end, link in places}
    further = [link for link in post.links if link.url not in placed and web(link.url)]
    if further:
        yield _listed(anchor(link.url, plain(str(link.text)) or link.url) for link in further)
    if post.media:
        yield _listed(map(_medium, post.media))


def _places(text: str, links: Sequence[Link]) -> list[tuple[int, int, Link]]:
    """Where links stand in the text, by their words or their address: each once, in order, none in another."""
    found: list[tuple[int, int, Link]] = []
    for link in links:
        for words in (plain(str(link.text)), link.url):
            start = text.find(words, found[-1][1] if found else 0) if words and web(link.url) else -1
            if start >= 0:
                found.append((start, start + len(words), link))
                break
    return found


def _paragraphs(text: str, places: Sequence[tuple[int, int, Link]]) -> str:
    out, done = [], 0
    for start, end, link in places:
        out += [escape(text[done:start]), anchor(link.url, " ".join(text[start:end].split()))]
        done = end
    marked = "".join([*out, escape(text[done:])])
    return "".join(f"<p>{part}</p>" for part in _PARAGRAPHS.split(marked) if part).replace("\n", "<br>")


def _medium(media: Media) -> str:
    kind = _(_MEDIA[media.type]) if media.type in _MEDIA else _("Attachment")
    words = f"{kind}: {plain(str(media.alt)).strip() or _('no description')}"
    return anchor(media.url, words) if web(media.url) else escape(words)


def _listed(items: Iterator[str]) -> str:
    return f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"
