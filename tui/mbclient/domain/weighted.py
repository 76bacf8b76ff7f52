"""Counting as X counts: twitter-text's weighted length, configuration v3 (facts/x.md 6). Pure.

A text is taken in composed letters (NFC). A link counts 23, with or without `https://`, an emoji sequence 2, a
character of the common alphabets 1, any other 2. The same links decide the price of a post.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from mbclient.domain.tlds import TOP_LEVEL_DOMAINS

LIMIT = 280
PER_LINK = 23
LIGHT, HEAVY = 1, 2
FORBIDDEN = "\ufffe\ufeff\uffff"  # X takes no post that holds one of these

_LIGHT = re.compile(r"[\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")
_LATIN = (
    r"\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272\u0289\u028b"
    r"\u02bb\u0300-\u036f\u1e00-\u1eff"
)
_CYRILLIC = r"\u0400-\u04ff"
_NO_DOMAIN = r"\s\u180e\ufffe\ufeff\uffff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069" + re.escape(
    "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~"
)
_BEFORE = re.compile(r"[^A-Za-z0-9@＠$#＃\ufffe\ufeff\uffff]")  # what may stand before a link
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_RUN = re.compile(rf"(?:[^{_NO_DOMAIN}]|[-_.]){{1,300}}")
_LABEL = re.compile(rf"[^{_NO_DOMAIN}](?:(?:[^{_NO_DOMAIN}]|[-_])*[^{_NO_DOMAIN}])?\Z")
_PLAIN_RUN = re.compile(rf"[-a-z0-9{_LATIN}][-.a-z0-9{_LATIN}]*(?:[^\x00-\x7f]+)?", re.IGNORECASE)
_PUNYCODE = re.compile(r"xn--[-0-9a-z]+", re.IGNORECASE)
_ENDING = re.compile(r"[0-9a-z]+|[^\x00-\x7f]{1,24}", re.IGNORECASE)
_PATH = rf"[a-z{_CYRILLIC}0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&{_LATIN}]"
_BALANCED = rf"\((?:{_PATH}+|{_PATH}*\({_PATH}+\){_PATH}*)\)"
_PATH_END = rf"[+\-a-z{_CYRILLIC}0-9=_#/{_LATIN}]"
_TAIL = re.compile(
    r"(?::[0-9]+)?"
    rf"(?P<path>/(?:(?:{_PATH}|{_BALANCED})*(?:{_PATH_END}|{_BALANCED}))?)?"
    r"(?P<query>\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/])?",
    re.IGNORECASE,
)
_SHORTENED = re.compile(
    r"https?://t\.co/[a-z0-9]+(?:\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/])?", re.IGNORECASE
)
_KEYCAP = re.compile(r"[0-9#*]\ufe0f?\u20e3")
_SHAPE = re.compile("[\ufe0f\U0001f3fb-\U0001f3ff]")
_JOINER = "\u200d"
_FIRST_REGION = "\U0001f1e6"
_FLAG_NAMES = """
ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bl bm bn bo bq br bs bt bv bw by bz
ca cc cd cf cg ch ci ck cl cm cn co cp cr cu cv cw cx cy cz de dg dj dk dm do dz ea ec ee eg eh er es et eu fi fj
fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu ic id ie il im in io iq ir
is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mf mg mh mk ml mm
mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt
pw py qa re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st sv sx sy sz ta tc td tf tg th tj tk tl
tm tn to tr tt tv tw tz ua ug um un us uy uz va vc ve vg vi vn vu wf ws xk ye yt za zm zw
"""
_FLAGS = frozenset(_FLAG_NAMES.split())  # two letters of regions that exist: another pair is two characters


def weighted_length(text: str) -> int:
    """What a text uses of X's 280."""
    composed = unicodedata.normalize("NFC", text)
    used = position = 0
    for start, end in links(composed):
        used += _characters(composed[position:start]) + PER_LINK
        position = end
    return used + _characters(composed[position:])


def has_link(text: str) -> bool:
    """Whether X would see a link, which makes a post thirteen times as dear (facts/x.md 0)."""
    return next(links(unicodedata.normalize("NFC", text)), None) is not None


def links(text: str) -> Iterator[tuple[int, int]]:
    """Where X sees links, also without a scheme: (start, end) in code points, in order, none overlapping."""
    position = tried = search = 0
    while (dot := text.find(".", search)) != -1:
        found = _next(text, max(position, tried), dot)
        if found is None:
            tried, search = dot, dot + 1  # what begins before this dot is no address, however far it goes on
            continue
        entities, position = found
        search = position
        yield from entities


def _next(text: str, first: int, dot: int) -> tuple[list[tuple[int, int]], int] | None:
    """The address whose domain holds the dot, if one begins at `first` or later: its links, and where to go on."""
    for start in _starts(text, first, dot):
        scheme = _SCHEME.match(text, start)
        host = scheme.end() if scheme else start
        end = _domain_end(text, host) if host < dot else None
        if end is None or end <= dot:
            continue
        tail = _TAIL.match(text, end)
        assert tail is not None  # every part of it may be missing
        if not scheme:
            return _without_scheme(text, start, end, tail), tail.end()
        short = _SHORTENED.match(text, start)
        whole = short.end() if short else tail.end()
        return [(start, whole)], whole
    return None


def _starts(text: str, first: int, dot: int) -> Iterator[int]:
    """Where an address may begin, in the order in which twitter-text tries them: at the very start only second."""
    for place in range(first, dot):
        if _BEFORE.match(text, place):
            yield place + 1
        if place == 0:
            yield 0


def _without_scheme(text: str, start: int, end: int, tail: re.Match[str]) -> list[tuple[int, int]]:
    """Only what is written in Latin letters counts as a link without its scheme; the last one takes the path along."""
    if start and text[start - 1] in "-_./":
        return []
    found = [(start + one, start + other) for one, other in _plain_domains(text[start:end])]
    if found and tail["path"]:
        found[-1] = (found[-1][0], tail.end())
    return found


def _plain_domains(domain: str) -> Iterator[tuple[int, int]]:
    for run in _PLAIN_RUN.finditer(domain):
        end, place = None, run.start()
        for label in run.group().split("."):
            if place > run.start():
                end = _ending(domain, place) or end
            place += len(label) + 1
        if end is not None:
            yield run.start(), end


def _domain_end(text: str, start: int) -> int | None:
    """The end of the longest run of labels that closes with a known top-level domain; None: no domain."""
    run = _RUN.match(text, start)
    if run is None:
        return None
    end, place, before = None, start, ""
    for label in run.group().split("."):
        if before and "_" not in before:
            end = _ending(text, place) or end
        if not _LABEL.match(label):
            break
        before = label
        place += len(label) + 1
    return end


def _ending(text: str, place: int) -> int | None:
    """Where a top-level domain ends that begins here and is followed by nothing that would go on with it."""
    punycode = _PUNYCODE.match(text, place)
    if punycode:
        return punycode.end()
    found = _ENDING.match(text, place)
    if found is None:
        return None
    name = found.group().lower()
    lengths = (len(name),) if name.isascii() else range(len(name), 0, -1)
    for length in lengths:
        end = place + length
        if name[:length] in TOP_LEVEL_DOMAINS and not re.match(r"[0-9a-zA-Z@+-]", text[end : end + 1]):
            return end
    return None


# ------------------------------------------------------------ characters


def _characters(text: str) -> int:
    if text.isascii():
        return len(text)
    import grapheme  # late: its tables take a while to load, and plain ASCII needs none

    return sum(_cluster(cluster) for cluster in grapheme.graphemes(text))


def _cluster(cluster: str) -> int:
    """One user-perceived character: an emoji sequence as a whole, anything else by its code points."""
    if len(cluster) == 1:
        return _weight(cluster)
    keycap = _KEYCAP.match(cluster)
    if keycap:
        end = keycap.end()
    elif _is_flag(cluster[:2]):
        end = 2
    elif _is_pictograph(cluster[0]):
        end = _emoji_end(cluster)
    else:
        return sum(map(_weight, cluster))
    return HEAVY + sum(map(_weight, cluster[end:]))


def _weight(character: str) -> int:
    return LIGHT if _LIGHT.match(character) else HEAVY


def _is_flag(pair: str) -> bool:
    first = ord(_FIRST_REGION)
    return all(0 <= ord(letter) - first < 26 for letter in pair) and (
        "".join(chr(ord(letter) - first + ord("a")) for letter in pair) in _FLAGS
    )


def _emoji_end(cluster: str) -> int:
    """Where the emoji ends that a cluster begins with: pictographs in their shapes, joined; then tags."""
    end = _shaped(cluster, 1)
    while cluster[end : end + 1] == _JOINER and end + 1 < len(cluster) and _is_pictograph(cluster[end + 1]):
        end = _shaped(cluster, end + 2)
    while end < len(cluster) and 0xE0020 <= ord(cluster[end]) <= 0xE007F:
        end += 1
    return end


def _shaped(cluster: str, place: int) -> int:
    """Past a skin tone or the sign for the coloured form."""
    return place + 1 if _SHAPE.match(cluster, place) else place


def _is_pictograph(character: str) -> bool:
    from grapheme.grapheme_property_group import GraphemePropertyGroup, get_group

    return bool(get_group(character) is GraphemePropertyGroup.EXTENDED_PICTOGRAPHIC)
