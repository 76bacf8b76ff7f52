"""A post as rows of plain pieces, each with the role that gives it its colour. Pure: no widget, no clock, no markup.

Everything from outside stays plain text in a piece of its own; nothing here is ever parsed. Giant posts are clamped
before they are laid out (reliability facts 1.9).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from rich.cells import cell_len

from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.poll import Poll
from mbclient.domain.post import Filtered, Media, Post, PostKind, Quoted, Visibility
from mbclient.domain.scripts import mixes_scripts
from mbclient.texts import _, ngettext
from mbclient.ui import covering, pollview
from mbclient.ui.sheet import GUTTER, STEP_IN, LinkArea, Piece, Row, Sheet, is_blank, one_line
from mbclient.ui.spans import Marked, Span, mark, shown_host
from mbclient.ui.wrap import apart, fit, wrap

MARGIN = 1
MEASURE = 110  # cells: longer lines are hard to read, whatever the screen
TEXT_LINES = {"compact": 4, "normal": 12, "airy": 12}  # of a post that is not expanded, by density
QUOTE_LINES = 4
MEDIA_SHOWN = 4
LINKS_SHOWN = 3
BOOSTERS_NAMED = 3
LEVELS = 8  # deeper ones are told by their number
_READABLE = 30  # what a step in must leave
_NARROW = 56  # below this the header drops the handle
_TINY = 34  # and below this the service


@dataclass(frozen=True, slots=True)
class Dress:
    """What a screen says of an entry besides its post.

    `hidden`: the filter hid it and one peeks at it. `gone`: it was deleted while it was shown. `depth`: its level in a
    conversation. `lead`: our words above it. `note`: our words instead of a post, where none stands. `cover`: our
    words instead of a hidden post, until it is revealed.
    """

    hidden: bool = False
    gone: bool = False
    depth: int = 0
    lead: str = ""
    note: str = ""
    cover: str = ""


PLAIN = Dress()


@dataclass(frozen=True, slots=True)
class Look:
    """How an entry is to be laid out. `time`: its time in words."""

    time: str = ""
    unread: bool = False
    expanded: bool = False
    revealed: bool = False
    dress: Dress = PLAIN


@dataclass(frozen=True, slots=True)
class Layout:
    """A post laid out: rows at most `width` cells wide (gutter and margin not included), and where to click.

    `more_row`: the row that offers the rest of a long post. `covered`: a warning or a filter hides something of it.
    """

    rows: tuple[Row, ...]
    links: tuple[LinkArea, ...] = ()
    more_row: int | None = None
    covered: bool = False

    def link_at(self, row: int, cell: int) -> str | None:
        """The address that stands there."""
        return next((one.url for one in self.links if one.row == row and one.start <= cell < one.end), None)


def _no_terms(post: Post) -> Sequence[Span]:
    return ()


def _no_covers(post: Post) -> Sequence[Filtered]:
    return ()


def _no_words(poll: Poll) -> Sequence[str]:
    return ()


def _service(post: Post) -> str:
    return post.service


@dataclass(frozen=True, slots=True)
class Words:
    """What the screen says of a post besides its own text: its time, its service, where the matched terms stand.

    `covers`: the service's filters that want it covered now. `poll`: what a poll says of itself. `reveal_key`: the key
    that uncovers, as people see it.
    `plain`: in the plain reading mode (plainly.py). `density`: compact, normal or airy.
    """

    when: Callable[[datetime], str]
    day: Callable[[datetime], str]
    badge: Callable[[Post], str] = _service
    terms: Callable[[Post], Sequence[Span]] = _no_terms
    covers: Callable[[Post], Sequence[Filtered]] = _no_covers
    poll: Callable[[Poll], Sequence[str]] = _no_words
    reveal_key: str = "x"
    plain: bool = False
    density: str = "normal"


def lay_out(post: Post, width: int, look: Look, words: Words) -> Layout:
    """The rows of a post for a widget `width` cells wide. Any width above 10 works."""
    room = content_width(width)
    dress = look.dress
    levels = min(dress.depth, LEVELS, max(room - _READABLE, 0) // STEP_IN)
    sheet = Sheet(room - levels * STEP_IN, indent=levels * STEP_IN)
    if dress.note:
        sheet.words(dress.note, "more", "┄ ")
        return Layout(tuple(sheet.rows))
    if dress.cover and not look.revealed:
        sheet.words(dress.cover, "more", "▸ ")
        return Layout(tuple(sheet.rows), covered=True)
    if levels < dress.depth:
        sheet.words(_("level {n}").format(n=dress.depth), "muted", "↳ ")
    if dress.lead:
        sheet.words(dress.lead, "boosted")
    if post.boosts:
        sheet.add((fit(f"↻ {_('boosted by {name}').format(name=booster_names(post))}", sheet.width), "boosted"))
    _header(sheet, post, look, words)
    covered = under_covers(sheet, post, look, words)
    _footer(sheet, post)
    return Layout(tuple(sheet.rows), tuple(sheet.links), sheet.more_row, covered)


def content_width(width: int) -> int:
    """How much of a widget's width a post takes."""
    return min(max(width - GUTTER - MARGIN, 6), MEASURE)


def shown_name(name: str, handle: str) -> str:
    """The name, or the handle where there is none that shows."""
    return one_line(name) if not is_blank(name) else one_line(handle) if not is_blank(handle) else "?"


def booster_names(post: Post) -> str:
    """Who boosted it, who came first first: `Eva, Nils, Cia +4`."""
    people = [each.author for each in post.boosts]
    names = ", ".join(shown_name(one.name, one.handle) for one in people[:BOOSTERS_NAMED])
    more = len(people) - BOOSTERS_NAMED
    return f"{names} +{more}" if more > 0 else names


def _header(sheet: Sheet, post: Post, look: Look, words: Words) -> None:
    """Who on the left, where and when on the right; the time is the last to go."""
    right: list[Piece] = []
    if look.dress.gone:
        right.append((_("deleted"), "warning"))
    if look.dress.hidden:
        right.append((_("hidden"), "warning"))
    if mixes_scripts(post.author.handle):
        right.append((_("mixed alphabets") if sheet.width >= _NARROW else "‼", "warning"))
    if post.visibility is not Visibility.PUBLIC:
        right.append((visibility_word(post.visibility), "warning"))
    if sheet.width >= _TINY:
        right.append((one_line(words.badge(post)), "badge"))
    if post.edited_at is not None and sheet.width >= _NARROW:
        right.append((_("edited"), "muted"))
    right.append((look.time, "time"))
    right_pieces: Row = []
    for piece in right:
        right_pieces += ((" · ", "muted"), piece) if right_pieces else (piece,)
    room = sheet.width - _cells(right_pieces)
    if room < 8:  # a sliver of a window: the time alone
        right_pieces = [(fit(look.time, sheet.width - 4), "time")]
        room = sheet.width - _cells(right_pieces)
    room -= 2
    name = fit(shown_name(post.author.name, post.author.handle), room)
    left: Row = [(name, "name")]
    room -= cell_len(name)
    handle = f"@{one_line(post.author.handle)}"
    if sheet.width >= _NARROW and room > 8 and not is_blank(post.author.name):
        shown = fit(handle, room - 2)
        left += (("  ", "muted"), (shown, "handle"))
        room -= 2 + cell_len(shown)
    if post.kind is PostKind.REPLY:
        reply = f"  ↳ {_('reply')}"
        if room >= cell_len(reply):
            left.append((reply, "muted"))
            room -= cell_len(reply)
    sheet.add(*left, (" " * (room + 2), "muted"), *right_pieces)


def visibility_word(visibility: Visibility) -> str:
    """Who sees it; empty for a public post."""
    return {
        Visibility.UNLISTED: _("unlisted"),
        Visibility.FOLLOWERS: _("followers only"),
        Visibility.DIRECT: _("direct"),
    }.get(visibility, "")


def under_covers(sheet: Sheet, post: Post, look: Look, words: Words) -> bool:
    """The post under what covers it: a filter, which hides the author's own warning too; that warning; the media.

    True when something stays covered until it is revealed.
    """
    covers, key = words.covers(post), words.reveal_key
    if whole := covering.over_text(covers):
        covering.filter_cover(sheet, whole, look.revealed, key)
        if not look.revealed:
            return True
    if post.cw is not None:
        covering.warning(sheet, post.cw, not look.revealed, key)
        if not look.revealed:
            return True
    blurring = covering.over_media(covers) if post.media and not look.revealed else []
    _body(sheet, post, look, words, media=not blurring)
    if blurring:
        covering.media_cover(sheet, blurring, len(post.media), key)
    return bool(blurring)


def _body(sheet: Sheet, post: Post, look: Look, words: Words, *, media: bool) -> None:
    marked = mark(post, words.terms(post))
    if not is_blank(post.text):
        _text(sheet, marked, look, words)
    elif not post.media and post.quoted is None and post.poll is None:
        sheet.add((_("(no text)"), "muted"))
    if post.poll is not None:
        (pollview.tell if words.plain else pollview.draw)(sheet, post.poll, words.poll(post.poll))
    for link in marked.unplaced[:LINKS_SHOWN]:
        _card(sheet, link.url, one_line(link.text))
    if post.quoted is not None:
        _quote(sheet, post.quoted)
    if media:
        _attachments(sheet, post.media)


def _attachments(sheet: Sheet, attached: Sequence[Media]) -> None:
    for media in attached[:MEDIA_SHOWN]:
        _media(sheet, media)
    more = len(attached) - MEDIA_SHOWN
    if more > 0:
        text = ngettext("and {n} more attachment", "and {n} more attachments", more).format(n=more)
        sheet.add((fit(text, sheet.width), "muted"))


def _text(sheet: Sheet, marked: Marked, look: Look, words: Words) -> None:
    text, role = marked.text, "hidden" if look.dress.hidden or look.dress.gone else "text"
    limit = None if look.expanded else TEXT_LINES[words.density]
    lines = wrap(text, sheet.width, None if limit is None else limit + 1)
    while lines and lines[-1][0] == lines[-1][1]:  # empty lines at the end
        lines.pop()
    clamped = limit is not None and len(lines) > limit
    for start, end in lines[: limit - 1 if clamped and limit else None]:
        runs = marked.runs(start, end)
        pieces = [(text[first:last], role if name == "text" else name) for first, last, name in runs]
        if len(pieces) > 1 and _cells(pieces) != cell_len(text[start:end]):
            pieces = [(text[start:end], role)]  # a mark fell inside a joined character
        for first, last, url in marked.links:
            if first < end and start < last:
                before = cell_len(text[start : max(first, start)])
                sheet.link(before, cell_len(text[max(first, start) : min(last, end)]), url)
        sheet.add(*pieces)
    if clamped:
        sheet.more_row = len(sheet.rows)
        sheet.add((fit("… " + _("{key} shows more").format(key=words.reveal_key), sheet.width), "more"))


def _card(sheet: Sheet, url: str, words: str) -> None:
    """A link that the text does not show: its host, then its words or address."""
    host = shown_host(url)
    shown = fit(f"→ {host}  {words}" if words and words != url else f"→ {_bare(url)}", sheet.width)
    sheet.link(0, cell_len(shown), url)
    sheet.add((shown, "link"))


def _bare(url: str) -> str:
    return one_line(url.partition("://")[2].removesuffix("/"))


def _quote(sheet: Sheet, quoted: Quoted) -> None:
    width = sheet.width - 2
    name = fit(shown_name(quoted.author.name, quoted.author.handle), width)
    handle = fit(f"@{one_line(quoted.author.handle)}", width - cell_len(name) - 2)
    head: Row = [("│ ", "quote_bar"), (name, "quote_name")]
    if handle and not is_blank(quoted.author.name):
        head += (("  ", "muted"), (handle, "muted"))
    sheet.add(*head)
    if quoted.state != "accepted":
        reason = _("the quoted post is not available ({state})").format(state=one_line(quoted.state))
        sheet.add(("│ ", "quote_bar"), (fit(reason, width), "muted"))
        return
    text = apart(quoted.text)
    lines = wrap(text, width, QUOTE_LINES + 1)
    for start, end in lines[:QUOTE_LINES]:
        sheet.add(("│ ", "quote_bar"), (text[start:end], "quote"))
    if len(lines) > QUOTE_LINES:
        sheet.add(("│ ", "quote_bar"), ("…", "muted"))


def media_words(media: Media) -> str:
    """What it is, and its description."""
    kind = {
        "image": _("image"),
        "video": _("video"),
        "audio": _("audio"),
        "gifv": _("animation"),
    }.get(media.type, _("attachment"))
    return f"{kind}: {one_line(media.alt) if not is_blank(media.alt) else _('no description')}"


def _media(sheet: Sheet, media: Media) -> None:
    text = f"[{media_words(media)}]"
    lines = wrap(text, sheet.width, 3)
    for index, (start, end) in enumerate(lines[:2]):
        last = index == 1 and len(lines) > 2
        sheet.add((fit(text[start:], sheet.width) if last else text[start:end], "media"))


def _footer(sheet: Sheet, post: Post) -> None:
    """Counts that are not zero, what I have done with it, and where else it stands; nothing when there is nothing."""
    counts = post.counts
    groups: list[Piece] = [
        (f"{sign} {number}", "counts")
        for sign, number in (("↳", counts.replies), ("↻", counts.boosts), ("♡", counts.likes))
        if number
    ]
    if done := done_words(post):
        groups.append((f"✓ {', '.join(done)}", "mine"))
    if post.also:
        accounts = dict.fromkeys(one_line(other.partition(":")[0]) for other in post.also)
        groups.append((_("also on {accounts}").format(accounts=", ".join(accounts)), "muted"))
    pieces: Row = []
    room = sheet.width
    for words, role in groups:
        gap = "   " if pieces else ""
        shown = fit(words, room - len(gap))
        if room - len(gap) < min(cell_len(words), 6):
            break
        pieces += ((gap, "muted"), (shown, role))
        room -= len(gap) + cell_len(shown)
    if pieces:
        sheet.add(*pieces)


def done_words(post: Post) -> list[str]:
    """What I have done with it."""
    mine = post.mine
    words = ((_("liked"), mine.liked), (_("boosted"), mine.boosted), (_("bookmarked"), mine.bookmarked))
    return [word for word, is_so in words if is_so]


def _cells(pieces: Sequence[Piece]) -> int:
    return sum(cell_len(text) for text, _role in pieces)
