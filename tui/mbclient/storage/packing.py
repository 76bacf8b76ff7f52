"""Posts made small: their JSON deflated against what all posts have in common, and their author's among themselves.

Most of a post's JSON stands in another's as well: names of fields, beginnings of addresses, the author. So the author
lies in a table of its own, and both are given to zlib as its preset dictionary: what is left is little more than the
words (speed facts G20).
"""

from __future__ import annotations

import zlib
from functools import lru_cache

from mbclient.domain.post import Post
from mbclient.storage.codec import CodecError
from mbclient.storage.codec_posts import decode_author, decode_post
from mbclient.texts import _

_FORM = b"\x02"  # first byte; then a sum of all that follows and of the author, by which damage is told
_UNSUMMED = b"\x01"  # before there was a sum; another dictionary would be another form, and these go on being read
_SUM = slice(1, 5)
_LEVEL, _WINDOW, _MEMORY = 6, -11, 5  # raw, 2 kB of window: posts are small, and a small state is quickly made
# Never changed. What is most frequent stands last, where it is nearest.
_IN_COMMON = (
    " och att det som en på är av för med till den har de inte om ett jag men var sig så vi från nu man när kan ska"
    " the and of to in is that for it on you this with are be have not but was at we or from an all can if they more"
    '"root":["","filtered":[["","","warn",[],null,""]],"poll":{"choices":[["",0,false],"quoted":{"author":{"handle":"","'
    'name":"","url":"https://","id":"","bot":true},"text":"","url":"","id":"","state":"accepted"},"cw":[""],"sensitive"'
    ':true,"edited_at":"17","visibility":"unlisted","followers","mine":[false,true,"",""],"by":{"handle":"","name":"","ur'
    'l":"https://","id":""},"boost_id":"","boosted_at":"17","kind":"quote","boost","reply","lang":["de"],["sv"],["en"],"r'
    'eply_to":[""],"links":[["https://www.",""]],["https:///","#.com/.org/.se/.net/"]],"tags":[""],"mentions":["@mastodo'
    'n.social",".bsky.social"],"media":[["image","","https://files./media_attachments/files/original.jpg"]],"counts":[0,'
    '1,2],"version":"bafyrei"}{"v":1,"account":"","service":"bluesky","mastodon","id":"at://","uri":"at:///app.bsky.feed.'
    'post/3l","https://","url":"https://bsky.app/profile//post/https:///users//statuses/11","text":"","at":"17'
).encode()


def pack(body: str, author: str) -> bytes:
    """A body without its author, and the author, as the codec wrote them."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY, zlib.Z_DEFAULT_STRATEGY, _dictionary(author))
    packed = packer.compress(body.encode()) + packer.flush()
    return _FORM + _sum(packed, author) + packed


def is_whole(stored: str | bytes, author: str | None) -> bool:
    """Whether this is for certain what `pack` made, so that nobody need read it to know that it can be read."""
    if author is None or isinstance(stored, str) or not stored.startswith(_FORM):
        return False
    return stored[_SUM] == _sum(stored[_SUM.stop :], author)


def unpack(stored: str | bytes, author: str | None) -> str:
    """The body. Raises `CodecError`."""
    if isinstance(stored, str):
        return stored  # a row of before
    try:
        if author is None or stored[:1] not in (_FORM, _UNSUMMED):
            raise ValueError("unknown form")
        packed = stored[_SUM.stop if stored[:1] == _FORM else 1 :]
        return zlib.decompressobj(_WINDOW, _dictionary(author)).decompress(packed).decode()
    except (zlib.error, ValueError) as error:
        raise CodecError(_("post")) from error


def read_post(stored: str | bytes, author: str | None, *, terms: tuple[str, ...] = ()) -> tuple[str, Post]:
    """The body and the post. Raises `CodecError`.

    A post is remembered by all that it is made of: what changes it makes it another, and nothing need be forgotten.
    """
    return (_remembered if len(stored) <= _LONG else _read)(stored, author, terms)


def _read(stored: str | bytes, author: str | None, terms: tuple[str, ...]) -> tuple[str, Post]:
    body = unpack(stored, author)
    return body, decode_post(body, author=None if author is None else _author(author), terms=terms)


_remembered = lru_cache(maxsize=512)(_read)  # some ten pages that one comes back to: 2 MB, and a quarter of the time
_LONG = 1500  # bytes as stored, of some 3,000 characters: five hundred whole articles would be 80 MB


def _sum(packed: bytes, author: str) -> bytes:
    return zlib.crc32(packed, zlib.crc32(author.encode())).to_bytes(4, "big")


def _dictionary(author: str) -> bytes:
    return _IN_COMMON + author.encode()


_author = lru_cache(maxsize=4096)(decode_author)  # the same few write again and again
