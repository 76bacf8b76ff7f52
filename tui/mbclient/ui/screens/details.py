"""Why a post is shown or hidden, its links and media, its numbers: everything in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from mbclient.core.criteria import HOME, MENTIONS, MINE, WORK, Why
from mbclient.core.desk import Desk
from mbclient.core.preferences import Mute
from mbclient.core.reading import ViewInfo
from mbclient.domain.poll import Poll
from mbclient.domain.post import Booster, Filtered, Post
from mbclient.texts import N_, _, times
from mbclient.texts.polls import choice_words, poll_words
from mbclient.ui.choices import Choices
from mbclient.ui.compositor import CoveredScreen
from mbclient.ui.covering import cover_words, say_if_nothing_is
from mbclient.ui.deeds import Deeds
from mbclient.ui.draftwords import visibility_word
from mbclient.ui.hanging import Hanging
from mbclient.ui.hiding import Hider
from mbclient.ui.host import Hosted
from mbclient.ui.keyline import KeyLine
from mbclient.ui.keys import bindings
from mbclient.ui.meterbar import MeterBar
from mbclient.ui.muting import mute_words, until_words
from mbclient.ui.plainly import counts_words
from mbclient.ui.render import media_words
from mbclient.ui.spans import shown_host
from mbclient.ui.wrap import fit

COLUMN = 19  # cells before the values


class DetailsScreen(Hosted, CoveredScreen[None]):
    """Links and media stand in a list: enter opens one in the browser, its host always shown."""

    DEFAULT_CSS = """
    DetailsScreen { background: $background; }
    DetailsScreen VerticalScroll { height: 1fr; padding: 1 2; }
    DetailsScreen Choices { height: auto; max-height: 50%; border-top: solid $panel; }
    """
    BINDINGS = [  # noqa: RUF012  # the toolkit's name
        *bindings("back", "reveal", "pictures"),
        Binding("enter", "follow", N_("Open"), priority=True),
        Binding("i", "back", N_("Back"), show=False),
    ]

    def __init__(
        self, desk: Desk, post: Post, view: ViewInfo, reveal_key: str = "x", hider: Hider | None = None
    ) -> None:
        """`hider`: what hides the post on a screen that is no view."""
        super().__init__()
        self._hider = hider
        self._key = reveal_key
        self._instead = cover_words(post, desk.reading.covers(post), reveal_key)
        self._was_covered = bool(self._instead)
        self._view = view
        self._desk = desk
        self._post = post
        self._targets: Sequence[tuple[str, str]] = ()

    def compose(self) -> ComposeResult:
        self._targets = self._all_targets()
        yield MeterBar()
        with VerticalScroll():
            yield Static(Hanging(self._words(), COLUMN))
            yield Static(Content.assemble("\n", self._text_words()))
        if self._targets:
            yield Choices(*(Option(Hanging(self._target(url, words))) for url, words in self._targets))
        yield KeyLine(besides=("back",))

    def on_mount(self) -> None:
        self.query_one(Choices if self._targets else VerticalScroll).focus()

    async def action_reveal(self) -> None:
        """What a warning or a filter covers; there is no way back but leaving."""
        if self._instead:
            self._instead = ""
            await self.recompose()
            self.on_mount()
        else:
            say_if_nothing_is(self)

    def action_pictures(self) -> None:
        Deeds(self.mb, self._desk).pictures(self._post, revealed=self._was_covered and not self._instead)

    def _all_targets(self) -> list[tuple[str, str]]:
        """(address, words) of the post, and of all that it names unless that is covered."""
        post = self._post
        own = [(post.url, _("the post itself"))] if post.url else []
        if self._instead:
            return own
        media = [(each.url, media_words(each)) for each in post.media if each.url]
        return [*own, *((link.url, str(link.text)) for link in post.links), *media]

    def _text_words(self) -> Content:
        return Content.styled(self._instead, "bold $warning") if self._instead else Content(str(self._post.text))

    @staticmethod
    def _target(url: str, words: str) -> Content:
        said = f"  {words}" if words and words != url else ""
        return Content.assemble((shown_host(url), "bold"), f"  {url}", (said, "$text-muted"))

    def _whole(self, instant: datetime) -> str:
        return times.whole(instant, self._desk.clock.now(), self._desk.judge.policy.zone)

    def _words(self) -> Content:
        post = self._post
        rows: list[tuple[str, str]] = [
            (_("In the work view"), self._why(WORK)),
            (_("Author"), f"{post.author.name} @{post.author.handle}"),
            (_("Account"), f"{post.account} ({post.service})"),
            (_("Written"), self._whole(post.created_at)),
            (_("Visible to"), visibility_word(post.visibility)),
            (_("Numbers"), ", ".join(counts_words(post.counts, zeros=True))),
        ]
        if self._view.id not in (WORK, MENTIONS, MINE):
            rows.insert(1, (_("In {view}").format(view=fit(self._view.title, 14)), self._why(self._view.id)))
        if self._hider is not None:
            rows.insert(0, (_("Here"), self._hidden_words(self._hider)))
        covers = self._desk.reading.covers(post)
        if covers:
            rows.insert(1, (_("Covered"), "\n".join(_by_filter(each) for each in covers)))
        if post.edited_at:
            rows.append((_("Edited"), self._whole(post.edited_at)))
        if post.boosts:
            rows.append((_("Boosted by"), "\n".join(map(self._boost_words, post.boosts))))
        if post.also:
            rows.append((_("Also seen as"), ", ".join(post.also)))
        if post.cw is not None:
            rows.append((_("Warning"), str(post.cw)))
        if not self._instead:
            rows += [(_("Media"), media_words(each)) for each in post.media]
            rows += [(_("Poll"), self._poll_words(post.poll))] if post.poll is not None else []
        rows.append((_("Id"), post.id))
        pieces: list[tuple[str, str]] = []
        for name, value in rows:
            below = "\n" + " " * COLUMN
            pieces += [(f"{name:<{COLUMN - 1}} ", "bold"), (value.replace("\n", below), ""), ("\n", "")]
        return Content.assemble(*pieces[:-1])

    def _boost_words(self, boost: Booster) -> str:
        who = f"{boost.author.name} @{boost.author.handle}"
        return f"{who}, {self._whole(boost.at)}" if boost.at is not None else who

    def _poll_words(self, poll: Poll) -> str:
        said = poll_words(poll, self._desk.clock.now(), self._desk.judge.policy.zone)
        return "\n".join([*(choice_words(poll, choice) for choice in poll.choices), ", ".join(said)])

    def _why(self, view: str) -> str:
        why = self._desk.reading.why(self._post, view)
        hider = why.muted or why.filtered
        return _explain(why, view) if hider is None else self._hidden_words(hider)

    def _hidden_words(self, hider: Hider) -> str:
        now, zone = self._desk.clock.now(), self._desk.judge.policy.zone
        if isinstance(hider, Mute):
            until = until_words(hider, now, zone)
            return _("hidden by your mute {what}, {until}").format(what=mute_words(hider), until=until)
        words = _("hidden {filter}").format(filter=_by_filter(hider))
        if hider.until is None:
            return words
        until = _("until {when}").format(when=times.when(hider.until, now, zone))
        return f"{words}, {until}"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter opens where there is something to open."""
        return bool(self._targets) if action == "follow" else super().check_action(action, parameters)

    def action_follow(self) -> None:
        """The chosen link, as a click on it."""
        for targets in self.query(Choices):
            targets.action_select()

    @on(OptionList.OptionSelected)
    def _chosen(self, message: OptionList.OptionSelected) -> None:
        Deeds(self.mb, self._desk).open_address(*self._targets[message.option_index])

    def action_back(self) -> None:
        self.dismiss(None)


def _by_filter(filtered: Filtered) -> str:
    return _("by the filter {filter} of {account}").format(filter=filtered.title, account=filtered.account)


def _explain(why: Why, view: str) -> str:
    if why.no_terms and why.shown and view != WORK:
        return _("shown: it is everything received") if view == HOME else _("shown: this view has no terms")
    if why.no_terms and why.shown:
        return _("shown: no work terms are set, so everything is")
    if why.hidden_kind:
        kinds = {"boost": _("hidden: boosts are hidden"), "reply": _("hidden: replies are hidden")}
        return kinds[why.hidden_kind]
    if why.excluded_by:
        return _("hidden: excluded by {term}").format(term=why.excluded_by)
    if why.shown:
        return _("shown: matches {terms}").format(terms=", ".join(why.terms))
    return _("hidden: no work term matches")
