"""The plain reading mode: a post as sentences, one after the other, for a screen reader or a braille line.

No frames, no bars, no signs that stand for words, nothing set to the right: what is read aloud is what is meant. The
body is the usual one, without the signs before it.
"""

from __future__ import annotations

from mbclient.domain.post import Counts, Post, PostKind, Visibility
from mbclient.domain.scripts import mixes_scripts
from mbclient.texts import _, ngettext
from mbclient.ui.render import (
    Layout,
    Look,
    Words,
    booster_names,
    content_width,
    done_words,
    shown_name,
    under_covers,
    visibility_word,
)
from mbclient.ui.sheet import Piece, Row, Sheet, is_blank, one_line

SELECTED = ">"
"""What stands before the lines of the selected post, where other modes have a bar."""

_SIGNS = frozenset({"▸ ", "▾ ", "┄ ", "↳ "})


class PlainSheet(Sheet):
    """A sheet that leaves out what is drawn: covers and quotes are told in words."""

    def add(self, *pieces: Piece) -> None:
        roles = {role for _text, role in pieces}
        if "quote_name" in roles:
            super().words(_("Quotes:"), "muted")
        row: Row = [piece for piece in pieces if piece[0] and piece[0] not in _SIGNS and piece[1] != "quote_bar"]
        self.rows.append(row)

    def words(self, text: str, role: str, sign: str = "") -> None:
        super().words(text, role)


def lay_out_plainly(post: Post, width: int, look: Look, words: Words) -> Layout:
    """As `lay_out` of render.py, in sentences."""
    sheet = PlainSheet(content_width(width))
    dress = look.dress
    if dress.note:
        sheet.words(dress.note, "more")
        return Layout(tuple(sheet.rows))
    if dress.cover and not look.revealed:
        sheet.words(dress.cover, "more")
        return Layout(tuple(sheet.rows), covered=True)
    if dress.depth:
        sheet.words(_("level {n}").format(n=dress.depth), "muted")
    if dress.lead:
        sheet.words(_without_sign(dress.lead), "boosted")
    sheet.words(", ".join(_about(post, look, words)), "name")
    covered = under_covers(sheet, post, look, words)
    if told := [*counts_words(post.counts), *_mine(post)]:
        sheet.words(", ".join(told), "counts")
    return Layout(tuple(sheet.rows), tuple(sheet.links), sheet.more_row, covered)


def _about(post: Post, look: Look, words: Words) -> list[str]:
    """Who, when, where, and whatever makes the post another than a public one."""
    said = [_("new")] if look.unread else []
    said.append(shown_name(post.author.name, post.author.handle))
    if not is_blank(post.author.name):
        said.append(f"@{one_line(post.author.handle)}")
    if post.boosts:
        said.append(_("boosted by {name}").format(name=booster_names(post)))
    if post.kind is PostKind.REPLY:
        said.append(_("reply"))
    said += [look.time, one_line(words.badge(post).replace(" · ", ", "))]
    if post.visibility is not Visibility.PUBLIC:
        said.append(visibility_word(post.visibility))
    signs = (
        (_("edited"), post.edited_at is not None),
        (_("deleted"), look.dress.gone),
        (_("hidden"), look.dress.hidden),
        (_("mixed alphabets"), mixes_scripts(post.author.handle)),
    )
    return [*said, *(word for word, is_so in signs if is_so)]


def _without_sign(words: str) -> str:
    """Our own words without the sign that they may begin with, such as a heart."""
    sign, _space, rest = words.partition(" ")
    return words if any(each.isalnum() for each in sign) or not rest else rest


def counts_words(counts: Counts, *, zeros: bool = False) -> list[str]:
    """`1 reply`, `2 boosts` …; of none is said nothing, unless `zeros`."""
    told = (
        (counts.replies, ngettext("{n} reply", "{n} replies", counts.replies)),
        (counts.boosts, ngettext("{n} boost", "{n} boosts", counts.boosts)),
        (counts.likes, ngettext("{n} like", "{n} likes", counts.likes)),
    )
    return [words.format(n=number) for number, words in told if number or zeros]


def _mine(post: Post) -> list[str]:
    said = done_words(post)
    if post.also:
        accounts = dict.fromkeys(one_line(other.partition(":")[0]) for other in post.also)
        said.append(_("also on {accounts}").format(accounts=", ".join(accounts)))
    return said
