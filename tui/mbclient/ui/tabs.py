"""The line above the timeline: the views with their numbers, what the filter hid, and each account's state in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.widget import Widget

from mbclient.core.criteria import WORK
from mbclient.core.events import AccountHealth, AccountState
from mbclient.core.reading import ViewCounts, ViewInfo
from mbclient.texts import _, ngettext, times
from mbclient.ui.host import PLAIN
from mbclient.ui.painted import Pieces
from mbclient.ui.wrap import fit

_LONGEST, _SHORTEST = 18, 4  # cells of a view's title; with fewer it says nothing
_SIGNS = {
    AccountHealth.IDLE: ("·", "$text-muted"),
    AccountHealth.REFRESHING: ("↻", "$text-muted"),
    AccountHealth.OK: ("✓", "$success"),
    AccountHealth.STALE: ("!", "$warning"),
    AccountHealth.SIGNED_OUT: ("✗", "bold $error"),
    AccountHealth.LIMITED: ("⧗", "$warning"),
}


class ViewTabs(Widget):
    """Paints itself on one line; a click on a view chooses it."""

    DEFAULT_CSS = """
    ViewTabs { height: 1; width: 1fr; background: $panel; color: $foreground; padding: 0 1; }
    """
    ALLOW_SELECT = False

    class Chosen(Message):
        """A view was clicked."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self) -> None:
        super().__init__(id="tabs")
        self._views: Sequence[ViewInfo] = ()
        self._current = 1
        self._counts: ViewCounts | None = None
        self._peeking = False
        self._unread = 0
        self._places: list[tuple[int, int, int]] = []

    def show(
        self,
        views: Sequence[ViewInfo],
        current: int,
        counts: ViewCounts | None,
        *,
        peeking: bool = False,
        unread: int = 0,
    ) -> None:
        """`current`: the number of the view on screen. `counts`: None until it is counted. `unread`: new ones above."""
        wanted = (tuple(views), current, counts, peeking, unread)
        if wanted == (self._views, self._current, self._counts, self._peeking, self._unread):
            return
        self._views, self._current, self._counts, self._peeking, self._unread = wanted
        self.refresh()

    def render(self) -> Pieces:
        width = self.content_size.width
        labels, summary = self._fitting(width)
        pieces: list[tuple[str, str]] = []
        self._places = []
        used = 0
        for view, text in zip(self._views, labels, strict=True):
            if not text:
                continue
            style = "bold reverse" if view.number == self._current else ""
            if style and self.app.has_class(PLAIN):
                text = f"[{text[1:-1]}]"
            self._places.append((used, used + cell_len(text), view.number))
            pieces.append((text, style))
            used += cell_len(text)
        gap = max(1, width - used - cell_len(summary))
        return Pieces(*pieces, (" " * gap, ""), (summary, "bold"))

    def _fitting(self, width: int) -> tuple[list[str], str]:
        """A label a view, number and title, and the summary. Where they do not fit, the longest titles are cut, then
        the numbers stand alone, then only what is on screen, which is whole in any case.
        """
        summaries = (self._summary(), self._summary(short=True))
        for title in (*range(_LONGEST, _SHORTEST - 1, -1), 0):
            labels = self._all_labels(title)
            for summary in summaries:
                if sum(map(cell_len, labels)) + 1 + cell_len(summary) <= width:
                    return labels, summary
        alone = [label if view.number == self._current else "" for view, label in zip(self._views, labels, strict=True)]
        return alone, summaries[-1]

    def _all_labels(self, title: int) -> list[str]:
        """`title`: cells for that of a view that is not on screen."""
        return [_label(view, _LONGEST if view.number == self._current else title) for view in self._views]

    def _summary(self, *, short: bool = False) -> str:
        """`Work 34 of 210 · 176 hidden`, and what is new above; the view's name may go, which stands on the left."""
        counts = self._counts
        if counts is None:
            return ""
        view = next((view for view in self._views if view.number == self._current), None)
        parts = []
        if self._unread:
            parts.append(_("{n} new ↑").format(n=self._unread))
        if view is not None and view.id == WORK:
            share = _("{shown} of {received}") if short else _("Work {shown} of {received}")
            parts.append(share.format(shown=counts.shown, received=counts.received))
            hidden = _("{n} hidden, peeking") if self._peeking else _("{n} hidden")
            parts.append(hidden.format(n=counts.hidden))
        else:
            parts.append(posts_words(counts.shown))
            if counts.muted:
                hidden = _("{n} hidden, peeking") if self._peeking else _("{n} hidden")
                parts.append(hidden.format(n=counts.muted))
        return " · ".join(parts)

    def on_click(self, event: events.Click) -> None:
        x = event.x - self.styles.padding.left
        for start, end, number in self._places:
            if start <= x < end:
                self.post_message(self.Chosen(number))


def _label(view: ViewInfo, title: int) -> str:
    return f" {view.number} {fit(view.title, title)} " if title else f" {view.number} "


def posts_words(n: int) -> str:
    """`1 post`, `12 posts`."""
    return ngettext("{n} post", "{n} posts", n).format(n=n)


_AccountItem = tuple[str, str, str, str]


class AccountLine(Widget):
    """One word and sign an account: as of, stale, signed out, limited until. Colour only repeats the sign."""

    DEFAULT_CSS = """
    AccountLine { height: 1; width: 1fr; background: $surface; color: $text-muted; padding: 0 1; }
    """
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__(id="accounts")
        self._states: Sequence[AccountState] = ()
        self._sending = ""
        self._notices = ""
        self._when = _plain_clock
        self._shown: tuple[str, list[_AccountItem]] | None = None

    def show(self, states: Sequence[AccountState], *, sending: str = "", when: object = None) -> None:
        """`sending`: what the outbox says; it comes first. `when` words an instant (`10:42`)."""
        if callable(when):
            self._when = when
        self._states, self._sending = tuple(states), sending
        before, self._shown = self._shown, (sending, self._items())
        if self._shown != before:
            self.refresh()

    def tell_notices(self, words: str) -> None:
        """How many notifications are new; empty for none."""
        if words != self._notices:
            self._notices = words
            self.refresh()

    def render(self) -> Pieces:
        """What asks for something comes first, so that a narrow screen shows it; what is as it should be may fall off,
        whole accounts at a time, with their number told.
        """
        room = self.content_size.width
        pieces: list[tuple[str, str]] = []
        if self._sending:
            pieces += [(self._sending, "bold $accent"), ("  ", "")]
            room -= cell_len(self._sending) + 2
        items = self._items()
        for place, (sign, words, style, plain) in enumerate(items):
            rest = sum(each[0] != _NEW for each in items[place:])  # accounts
            more = cell_len(_more(rest - (sign != _NEW))) if place + 1 < len(items) else 0
            if cell_len(words) + 2 + more > room and (place or self._sending):
                pieces.append((_more(rest) if rest else "", ""))
                break
            pieces += [(f"{sign} ", style), (words, plain), ("   ", "")]
            room -= cell_len(words) + 5
        return Pieces(*pieces)

    def _items(self) -> list[_AccountItem]:
        """(sign, words, the sign's style, the words'): loud accounts, the new notifications, the other accounts."""
        states = sorted(self._states, key=lambda state: _LOUDNESS.get(state.health, len(_LOUDNESS)))
        loud = sum(state.health in _LOUDNESS for state in states)
        items = []
        for place, state in enumerate(states):
            sign, style = _SIGNS[state.health]
            items.append((sign, self._words(state), style, style if place < loud else ""))
        if self._notices:
            items.insert(loud, (_NEW, self._notices, "bold $accent", "bold $accent"))
        return items

    def _words(self, state: AccountState) -> str:
        return " · ".join(filter(None, (self._health(state), state.spent)))

    def _health(self, state: AccountState) -> str:
        name = state.account
        if state.health is AccountHealth.REFRESHING:
            return _("{account} refreshing").format(account=name)
        if state.health is AccountHealth.OK and state.live:
            return _("{account} live").format(account=name)
        if state.health is AccountHealth.OK and state.as_of:
            return _("{account} as of {time}").format(account=name, time=self._when(state.as_of))
        if state.health is AccountHealth.LIMITED and state.until:
            return _("{account} limited until {time}").format(account=name, time=self._when(state.until))
        if state.health is AccountHealth.SIGNED_OUT:
            return _("{account} signed out").format(account=name)
        if state.health is AccountHealth.STALE:
            since = f" ({self._when(state.as_of)})" if state.as_of else ""
            return _("{account} stale{since}: {reason}").format(account=name, since=since, reason=fit(state.reason, 40))
        return name


_NEW = "•"
_LOUDNESS = {AccountHealth.SIGNED_OUT: 0, AccountHealth.STALE: 1, AccountHealth.LIMITED: 2}


def _more(number: int) -> str:
    return f"+{number}"


def _plain_clock(instant: datetime) -> str:
    return times.clock(instant)
