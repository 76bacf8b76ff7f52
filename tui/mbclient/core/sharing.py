"""A post to hand on in a chat, a wiki or an issue: quoted as Markdown, with who wrote it, where and when."""

from __future__ import annotations

import re
from datetime import tzinfo

from mbclient.core.posthtml import name_of, web
from mbclient.domain.post import Media, Post
from mbclient.texts import _

# What Markdown (CommonMark, GitHub's too), or the HTML inside it, would take for more than a letter.
_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|~!&]")
_AT_THE_START = re.compile(r"^[-+=]")
_NUMBER = re.compile(r"^(\d+)([.)])")
_ADDRESS = re.compile(r"https?://[^\s<>]+")
COLON = "\\://"  # an address inside the words of a link would be a link of its own
_NOT_IN_AN_ADDRESS = frozenset("<>[]()`*|\\ \"'")


def as_markdown(post: Post, zone: tzinfo) -> str:
    """The text as a quotation, its files by their descriptions, and a line that names author, address and day.

    Outside text stays text: nothing of it becomes a link, a picture or HTML, but web addresses, which link themselves.
    """
    lines = [f"({_line(str(post.cw))})"] if post.cw is not None else []
    lines += map(_line, str(post.whole_text).splitlines())
    lines += map(_media, post.media)
    who = _line(" ".join(f"{name_of(post.author)} (@{post.author.handle})".split()))
    day = post.created_at.astimezone(zone).date().isoformat()
    told = f"— {_link(who, post.url)}, {day}"
    return "\n".join(f"> {line}".rstrip() + ("  " if line else "") for line in (*lines, "", told)).rstrip() + "\n"


def _media(media: Media) -> str:
    words = _line(" ".join(str(media.alt).split())) or _("no description")
    return _link(words, media.url) if web(media.url) else f"\\[{words}\\]"


def _link(words: str, url: str) -> str:
    """Words that lead to a web address; without one the words alone."""
    address = web(url)
    return f"[{words.replace('://', COLON)}](<{_bare(address)}>)" if address else words


def _line(text: str) -> str:
    """One line in which nothing begins anything."""
    text = text.strip()
    pieces, end = [], 0
    for address in _ADDRESS.finditer(text):
        pieces += [_SPECIAL.sub(r"\\\g<0>", text[end : address.start()]), _bare(address[0])]
        end = address.end()
    line = "".join([*pieces, _SPECIAL.sub(r"\\\g<0>", text[end:])])
    return _NUMBER.sub(r"\1\\\2", _AT_THE_START.sub(r"\\\g<0>", line))


def _bare(address: str) -> str:
    """No character of an address may begin or end something else."""
    return "".join(f"%{ord(each):02X}" if each in _NOT_IN_AN_ADDRESS else each for each in address)
