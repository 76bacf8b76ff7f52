"""The words around a draft: the composer's title while it is open and while it is closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import PurePath

from textual.content import Content

from mbclient.domain.draft import Draft, Kind
from mbclient.domain.latepattern import late
from mbclient.domain.poll import NewPoll
from mbclient.domain.post import Post, Visibility
from mbclient.domain.safetext import SafeText
from mbclient.policy.model import Mode
from mbclient.texts import _, ngettext
from mbclient.texts.findings import mode_word
from mbclient.texts.polls import open_for
from mbclient.ui.painted import Pieces
from mbclient.ui.wrap import fit

MODE_SIGNS = {
    Mode.IDENTIFIED: ("●", "$success"),
    Mode.ANONYMOUS_ALLOWED: ("○", "$primary"),
    Mode.BLOCKED: ("■", "$error"),
}
_LANGUAGE = late(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")


def open_title(
    draft: Draft,
    modes: Mapping[str, Mode],
    answered: Post | None,
    width: int,
    when: Callable[[datetime], str],
    *,
    back: str = "",
) -> Content:
    """Kind, targets, as whom one writes, visibility, and the post it answers, all outside text in it plain.

    `modes`: the identity on each target, as the policy sees this draft. `back`: while keys are commands of another
    pane, the key that goes from pane to pane until it is the text again.
    """
    kinds = {Kind.REPLY: _("Reply"), Kind.QUOTE: _("Quote"), Kind.EDIT: _("Edit")}
    pieces: list[tuple[str, str]] = [
        *([(f" {back} ", "reverse"), (" " + _("writes on") + " · ", "bold")] if back else []),
        (kinds.get(draft.kind, _("Compose")), "bold $primary"),
        (" → ", "$text-muted"),
        (", ".join(draft.accounts) or "–", "bold"),
        *_identity(modes),
        (f" · {visibility_word(draft.visibility)}", "$text-muted"),
    ]
    if draft.lang:
        pieces.append((f" · {draft.lang}", "$text-muted"))
    if draft.threaded:
        pieces.append((" · " + (_("numbered thread") if draft.numbered else _("thread")), "bold $accent"))
    if draft.due is not None:
        pieces.append((" · " + _("planned {when}").format(when=when(draft.due)), "bold $accent"))
        if draft.on_server:
            kept = _("kept by the server: the policy is asked now for that time, and not again")
            pieces.append((f" · {kept}", "$text-muted"))
    if answered is not None:
        said = " ".join((answered.text if answered.cw is None else answered.cw).split())
        name = str(answered.author.name or answered.author.handle)
        pieces += [("\n", ""), (fit(f"▏{name}: {said}", max(10, width - 2)), "italic $text-muted")]
    if draft.media:
        files = " · ".join(
            f"[{SafeText.line(PurePath(file.path).name)}: {SafeText.line(file.alt) or _('no description')}]"
            for file in draft.media
        )
        pieces += [("\n", ""), (fit(files, max(10, width - 2)), "$text-muted")]
    if draft.poll is not None:
        pieces += [("\n", ""), (fit(_poll(draft.poll), max(10, width - 2)), "$text-muted")]
    return Content.assemble(*pieces)


def _poll(poll: NewPoll) -> str:
    """`[poll open for 1 d, one choice, votes hidden until then: Yes / No]`; no time where the service sets it."""
    many = _("any number of choices") if poll.multiple else _("one choice")
    if poll.hide_totals:
        many += ", " + _("votes hidden until then")
    choices = " / ".join(map(SafeText.line, poll.choices))
    words = _("[poll open for {time}, {many}: {choices}]") if poll.seconds else _("[poll, {many}: {choices}]")
    return words.format(time=open_for(poll.seconds), many=many, choices=choices)


def _identity(modes: Mapping[str, Mode]) -> Iterator[tuple[str, str]]:
    """Sign and word of each kind of identity; with the accounts' names where they are not all the same."""
    for mode in dict.fromkeys(modes.values()):
        sign, colour = MODE_SIGNS[mode]
        names = ", ".join(name for name, its in modes.items() if its is mode)
        told = f"{mode_word(mode)} {names}" if len(set(modes.values())) > 1 else mode_word(mode)
        yield " · ", "$text-muted"
        yield f"{sign} {told}", colour


def waiting_title(account: str, close_keys: str) -> Content:
    """While a service is asked how a post was written, and the key that leaves the post be."""
    words = _("asking {account} how the post was written …").format(account=account)
    return Content.assemble((_("Edit"), "bold $primary"), (f" · {words} ", "$text-muted"), *_way_out(close_keys))


def in_vain_title(why: str, close_keys: str) -> Content:
    """When it did not tell: from what is shown another post could become of it."""
    words = _("not begun, since how the post was written could not be read")
    told = f" · {words}: {why} " if why else f" · {words} "
    return Content.assemble((_("Edit"), "bold $primary"), (told, "$error"), *_way_out(close_keys))


def _way_out(close_keys: str) -> list[tuple[str, str]]:
    return [(f" {close_keys} ", "reverse"), (" " + _("leaves it as it is"), "$text-muted")]


def closed_title(accounts: Sequence[str], compose_keys: str, drafts: int, drafts_keys: str) -> Pieces:
    """What the compose key does, and how many drafts wait."""
    names = ", ".join(accounts) or "–"
    pieces: list[tuple[str, str]] = [
        (f" {compose_keys} ", "reverse"),
        (" " + _("writes a post to {accounts}").format(accounts=names), "$text-muted"),
    ]
    if drafts:
        kept = ngettext("{n} kept draft", "{n} kept drafts", drafts).format(n=drafts)
        pieces += [("\n", ""), (f" {drafts_keys} ", "reverse"), (f" {kept}", "$text-muted")]
    return Pieces(*pieces)


def language_problem(text: str) -> str:
    """Why this is no language's short name; empty when it is one, or nothing at all."""
    fine = not text.strip() or _LANGUAGE.fullmatch(text.strip().lower())
    return "" if fine else _("Write two or three letters, such as sv, en or nb.")


def visibility_word(visibility: Visibility) -> str:
    return {
        Visibility.PUBLIC: _("public"),
        Visibility.UNLISTED: _("unlisted"),
        Visibility.FOLLOWERS: _("followers only"),
        Visibility.DIRECT: _("direct"),
    }[visibility]
