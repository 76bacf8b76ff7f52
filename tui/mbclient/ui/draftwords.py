"""The words around a draft: the composer's title while it is open and while it is closed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from textual.content import Content

from mbclient.domain.draft import Draft, Kind
from mbclient.domain.post import Post, Visibility
from mbclient.texts import _, ngettext
from mbclient.ui.wrap import fit


def open_title(draft: Draft, answered: Post | None, width: int, when: Callable[[datetime], str]) -> Content:
    """Kind, targets and visibility, and the post it answers, all outside text in it plain."""
    kinds = {Kind.REPLY: _("Reply"), Kind.QUOTE: _("Quote"), Kind.EDIT: _("Edit")}
    pieces: list[tuple[str, str]] = [
        (kinds.get(draft.kind, _("Compose")), "bold $primary"),
        (" → ", "$text-muted"),
        (", ".join(draft.accounts) or "–", "bold"),
        (f" · {visibility_word(draft.visibility)}", "$text-muted"),
    ]
    if draft.due is not None:
        pieces.append((" · " + _("planned {when}").format(when=when(draft.due)), "bold $accent"))
        if draft.on_server:
            kept = _("kept by the server: the policy is asked now for that time, and not again")
            pieces.append((f" · {kept}", "$text-muted"))
    if answered is not None:
        said = " ".join((answered.text if answered.cw is None else answered.cw).split())
        name = str(answered.author.name or answered.author.handle)
        pieces += [("\n", ""), (fit(f"▏{name}: {said}", max(10, width - 2)), "italic $text-muted")]
    return Content.assemble(*pieces)


def closed_title(accounts: Sequence[str], compose_keys: str, drafts: int, drafts_keys: str) -> Content:
    """What the compose key does, and how many drafts wait."""
    names = ", ".join(accounts) or "–"
    pieces: list[tuple[str, str]] = [
        (f" {compose_keys} ", "reverse"),
        (" " + _("writes a post to {accounts}").format(accounts=names), "$text-muted"),
    ]
    if drafts:
        kept = ngettext("{n} kept draft", "{n} kept drafts", drafts).format(n=drafts)
        pieces += [("\n", ""), (f" {drafts_keys} ", "reverse"), (f" {kept}", "$text-muted")]
    return Content.assemble(*pieces)


def visibility_word(visibility: Visibility) -> str:
    return {
        Visibility.PUBLIC: _("public"),
        Visibility.UNLISTED: _("unlisted"),
        Visibility.FOLLOWERS: _("followers only"),
        Visibility.DIRECT: _("direct"),
    }[visibility]
