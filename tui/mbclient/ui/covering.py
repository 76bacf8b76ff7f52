"""What covers a post until one looks: the author's warning, and what filters at the service want covered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mbclient.domain.post import FilterAction, Filtered, Post
from mbclient.texts import _, ngettext
from mbclient.ui.sheet import Sheet, is_blank, one_line
from mbclient.ui.wrap import fit, wrap

if TYPE_CHECKING:
    from textual.widget import Widget

TITLE = 40  # cells of a filter's name


def over_text(covers: Sequence[Filtered]) -> list[Filtered]:
    """Those that want the whole post covered; what an action means that nobody knows is that too."""
    return [each for each in covers if each.action is not FilterAction.BLUR]


def over_media(covers: Sequence[Filtered]) -> list[Filtered]:
    """Those that want the attachments covered."""
    return [each for each in covers if each.action is FilterAction.BLUR]


def filter_cover(sheet: Sheet, covers: Sequence[Filtered], revealed: bool, key: str) -> None:
    """The line of the filters over a post; their names stay when it is open."""
    if revealed:
        sheet.words(_("Filtered: {filters}").format(filters=_titles(covers)), "warning", "▾ ")
    else:
        words = _("Filtered: {filters} – {key} shows it")
        sheet.words(words.format(filters=_titles(covers), key=key), "warning", "▸ ")


def _titles(covers: Sequence[Filtered]) -> str:
    return ", ".join(dict.fromkeys(fit(one_line(each.title), TITLE) for each in covers))


def cover_words(post: Post, covers: Sequence[Filtered], key: str) -> str:
    """What stands instead of a post's words where they are not laid out; empty where nothing covers these."""
    if whole := over_text(covers):
        return _("Filtered: {filters} – {key} shows it").format(filters=_titles(whole), key=key)
    return _("covered by a warning; {key} shows it").format(key=key) if post.cw is not None else ""


def picture_cover(post: Post, covers: Sequence[Filtered], key: str) -> str:
    """What stands instead of a post's pictures: any filter covers those, and a warning does."""
    if covers:
        return _("Filtered: {filters} – {key} shows it").format(filters=_titles(covers), key=key)
    return cover_words(post, covers, key)


def media_cover(sheet: Sheet, covers: Sequence[Filtered], number: int, key: str) -> None:
    """The line in place of `number` attachments."""
    words = ngettext(
        "{n} attachment, filtered: {filters} – {key} shows it",
        "{n} attachments, filtered: {filters} – {key} shows them",
        number,
    )
    sheet.words(words.format(n=number, filters=_titles(covers), key=key), "warning", "▸ ")


def warning(sheet: Sheet, cw: str, covered: bool, key: str) -> None:
    """The author's own warning."""
    about = one_line(cw) if not is_blank(cw) else _("sensitive")
    sign = "▸" if covered else "▾"
    for row, (start, end) in enumerate(wrap(about, sheet.width - 2, 3)):
        sheet.add((f"{sign} " if row == 0 else "  ", "warning"), (about[start:end], "warning"))
    if covered:
        sheet.add(
            ("  ", "muted"), (fit(_("covered by a warning; {key} shows it").format(key=key), sheet.width - 2), "more")
        )


def say_if_nothing_is(widget: Widget, uncovered: bool = False) -> None:
    """What the key that uncovers says where there is nothing to uncover, and no rest of a long post."""
    if not uncovered:
        widget.app.notify(_("This post has nothing to uncover."), markup=False)
