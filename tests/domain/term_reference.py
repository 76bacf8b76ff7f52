"""The slow reference: what each kind of term means, one regular expression or comparison a time."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from urllib.parse import urlsplit

from mbclient.domain.post import Post


def same(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def texts(post: Post) -> list[str]:
    found = [post.text, post.cw or "", *(media.alt for media in post.media)]
    found += [choice.text for choice in post.poll.choices] if post.poll else []
    return [same(text) for text in [*found, *([post.quoted.text] if post.quoted else [])]]


UNSPACED = (  # scripts, by their blocks: Thai, Lao, Myanmar, Khmer, kana and Chinese characters
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff"
)


def expression(part: str) -> str:
    """A word, phrase, tag or their beginning, where spaces part all words."""
    if part.startswith('"'):
        pieces, star = part[1:-1].split(), False
    else:
        pieces, star = [part.removesuffix("*")], part.endswith("*")
    body = re.escape(pieces[0])
    for left, right in pairwise(pieces):
        wordlike = re.match(r"\w", left[-1]) and re.match(r"\w", right[0])
        body += (r"\W+" if wordlike else r"\s+") + re.escape(right)
    first, last = pieces[0][0], pieces[-1][-1]
    before = r"(?<!\w)" if re.match(r"[\w#]", first) else ""
    after = r"(?!\w)" if re.match(r"\w", last) and not star else ""
    return before + body + after


def in_any_script(part: str) -> str:
    """Likewise where some scripts have no spaces: their letters border on words, and have no borders of their own."""
    written = expression(part)
    if part.startswith("#"):
        return written
    first, last = part.strip('"*')[0], part.strip('"*')[-1]
    before = "" if re.match(f"[{UNSPACED}]", first) else rf"(?<![^\W{UNSPACED}])"
    after = "" if re.match(f"[{UNSPACED}]", last) else rf"(?![^\W{UNSPACED}])"
    return written.replace(r"(?<!\w)", before).replace(r"(?!\w)", after)


def handle_matches(wanted: str, handle: str) -> bool:
    wanted, handle = wanted.removeprefix("@"), same(handle).removeprefix("@")
    return wanted in (handle, handle.split("@")[0])


def part_matches(part: str, post: Post) -> bool:
    part = same(part)
    kind, _, value = part.partition(":")
    if kind == "from":
        people = [post.author, *([post.boosted_by] if post.boosted_by else [])]
        return any(handle_matches(value, person.handle) for person in people)
    if kind == "lang":
        spoken = same(post.lang or "")
        return spoken == value or spoken.startswith(value + "-")
    if kind == "domain":
        hosts = [urlsplit(link.url).hostname or "" for link in post.links]
        return any(host == value or host.endswith("." + value) for host in hosts)
    if part.startswith("@"):
        written = []
        for text in texts(post):
            for name, host in re.findall(r"(?<![\w@])@(\w[\w.-]*)(?:@(\w[\w.-]*))?", text):
                written.append(name.rstrip(".-") + ("@" + host.rstrip(".-") if host else ""))
        return any(handle_matches(part, handle) for handle in [*post.mentions, *written])
    if part.startswith("#"):
        star = part.endswith("*")
        for tag in post.tags:
            name = "#" + same(tag).removeprefix("#")
            if name == part or (star and name.startswith(part[:-1])):
                return True
    return any(re.search(in_any_script(part), text) for text in texts(post))


def matches(term: str, post: Post) -> bool:
    return all(part_matches(part, post) for part in re.findall(r'"[^"]*"|[^\s"]+', term))
