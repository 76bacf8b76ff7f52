"""Settings, first form: accounts, work terms, looks, language, this computer. config.toml wins and is shown locked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from rich.cells import cell_len
from textual import on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList, Static

from mbclient.core.desk import Desk
from mbclient.core.events import FactsChanged
from mbclient.domain.errors import MbclientError
from mbclient.domain.terms import compile_terms
from mbclient.policy.model import Machine
from mbclient.texts import _
from mbclient.texts.findings import machine_word
from mbclient.ui.choices import Choices
from mbclient.ui.host import Hosted
from mbclient.ui.keyline import KeyLine
from mbclient.ui.keys import bindings
from mbclient.ui.launch import Launch
from mbclient.ui.meterbar import MeterBar
from mbclient.ui.wrap import fit


@dataclass(frozen=True, slots=True)
class Row:
    """One setting: its key in config.toml (empty: not a file's matter), its words, what enter does."""

    key: str
    title: str
    value: str
    change: Callable[[], object]


class SettingsScreen(Hosted, Screen[None]):
    """Enter changes the chosen setting; what config.toml fixes says so."""

    DEFAULT_CSS = """
    SettingsScreen { background: $background; }
    SettingsScreen #screen-title { height: auto; padding: 0 1; background: $panel; text-style: bold; }
    SettingsScreen Choices { height: 1fr; }
    """
    BINDINGS = bindings("back")

    def __init__(self, desk: Desk, launch: Launch) -> None:
        super().__init__()
        self._desk = desk
        self._launch = launch
        self._rows: list[Row] = []

    def compose(self) -> ComposeResult:
        yield MeterBar()
        yield Static(Content(_("Settings · enter changes")), id="screen-title")
        yield Choices()
        yield KeyLine(besides=("back",))

    def on_mount(self) -> None:
        self._reload()
        self.query_one(Choices).focus()

    def _reload(self) -> None:
        self._rows = self._all_rows()
        self.query_one(Choices).put([self._line(row) for row in self._rows])

    def on_resize(self) -> None:
        self._reload()

    def _line(self, row: Row) -> Content:
        locked = _("  (fixed in config.toml)") if row.key and row.key in self._launch.locked else ""
        room = max(10, self.size.width - 30 - cell_len(locked))
        return Content.assemble((f"{row.title:<26} ", "bold"), fit(row.value, room), (locked, "$text-muted"))

    def _all_rows(self) -> list[Row]:
        preferences = self._desk.preferences
        work = preferences.work_filter
        rows = [
            Row("", _("Account {name}").format(name=account.name), self._account_words(account.name), self._account(
                account.name))
            for account in self._desk.accounts.all()
        ]  # fmt: skip
        return [
            *rows,
            Row("", _("Add an account"), "", self._add_account),
            Row("default_accounts", _("New posts go to"), ", ".join(self._desk.accounts.default_names()), (
                self._defaults)),
            Row("work_filter.terms", _("Work terms"), ", ".join(work.terms) or _("none: everything is shown"), (
                lambda: self._edit_terms("terms", work.terms))),
            Row("work_filter.exclude", _("Never work"), ", ".join(work.exclude) or "–", (
                lambda: self._edit_terms("exclude", work.exclude))),
            Row("work_filter.hide_boosts", _("Hide boosts in Work"), _yes_no(work.hide_boosts), (
                lambda: self._switch("hide_boosts", not work.hide_boosts))),
            Row("work_filter.hide_replies", _("Hide replies in Work"), _yes_no(work.hide_replies), (
                lambda: self._switch("hide_replies", not work.hide_replies))),
            Row("hide.boosts", _("Hide boosts also in"), ", ".join(preferences.hide.boosts) or "–", (
                lambda: self._hide("boosts", preferences.hide.boosts))),
            Row("hide.replies", _("Hide replies also in"), ", ".join(preferences.hide.replies) or "–", (
                lambda: self._hide("replies", preferences.hide.replies))),
            Row("", _("Mutes"), str(len(preferences.mutes)) if preferences.mutes else "–", self._mutes),
            Row("compose.undo_seconds", _("Time to take back"), f"{preferences.undo_seconds:g} s", self._undo),
            Row("statistics.reading_time", _("Measure reading time"), _yes_no(preferences.statistics.reading_time),
                self._measure),
            Row("statistics.budget_minutes", _("Reading a day, a word after"), self._budget_words(), self._budget),
            Row("statistics.summary", _("A word on leaving"), _yes_no(preferences.statistics.summary), self._summary),
            Row("theme", _("Theme"), self.app.theme, self._theme),
            Row("language", _("Language"), preferences.language, self._language),
            Row("", _("This computer"), machine_word(self._desk.judge.machine), self._machine),
        ]  # fmt: skip

    def _account_words(self, name: str) -> str:
        account = self._desk.accounts.get(name)
        facts = self._desk.accounts.facts(self._desk.judge.policy, self._desk.clock.now())[name]
        shows = _("shows employer: {employer}, name: {person}").format(
            employer=facts.employer_visible.value, person=facts.real_name_visible.value
        )
        return f"{account.service} {account.handle} · {shows}"

    @on(OptionList.OptionSelected)
    def _chosen(self, message: OptionList.OptionSelected) -> None:
        row = self._rows[message.option_index]
        if row.key in self._launch.locked:
            self.mb.say(_("{key} is fixed in config.toml; change it there.").format(key=row.key), "warning")
            return
        row.change()

    # ------------------------------------------------------------ each setting

    def _account(self, name: str) -> Callable[[], object]:
        def change() -> None:
            from mbclient.ui.screens.confirm import ConfirmProfile

            if self._desk.accounts.get(name).service == "local":
                self.mb.say(_("The notebook is read by nobody else: there is nothing to confirm."))
                return
            self.app.push_screen(ConfirmProfile(self._desk, name), lambda _answer: self._reload())

        return change

    def _add_account(self) -> None:
        from mbclient.ui.screens.addaccount import AddAccountScreen

        self.app.push_screen(AddAccountScreen(self._desk), lambda _answer: self._reload())

    @work
    async def _defaults(self) -> None:
        from mbclient.ui.screens.targets import TargetsScreen

        chosen = await self.app.push_screen_wait(TargetsScreen(self._desk, self._desk.composer.new()))
        if chosen and self.mb.keep_choice("default_accounts", list(chosen)):
            await self._desk.use(replace(self._desk.preferences, default_accounts=chosen))
            self._reload()

    @work
    async def _edit_terms(self, which: str, terms: tuple[str, ...]) -> None:
        from mbclient.ui.screens.asktext import AskText

        question = _('Terms, one after a comma. Tags #x, "phrases", @handles, from:handle, domain:host, word*, lang:sv')
        answer = await self.app.push_screen_wait(AskText(question, ", ".join(terms), _check_terms))
        if answer is None:
            return
        wanted = _split_terms(answer)
        if self.mb.keep_choice(f"work_filter.{which}", list(wanted)):
            work = self._desk.preferences.work_filter
            work = replace(work, terms=wanted) if which == "terms" else replace(work, exclude=wanted)
            await self._desk.use(replace(self._desk.preferences, work_filter=work))
            self._reload()

    @work
    async def _switch(self, which: str, on: bool) -> None:
        if self.mb.keep_choice(f"work_filter.{which}", on):
            work = self._desk.preferences.work_filter
            work = replace(work, hide_boosts=on) if which == "hide_boosts" else replace(work, hide_replies=on)
            await self._desk.use(replace(self._desk.preferences, work_filter=work))
            self._reload()

    @work
    async def _hide(self, which: str, names: tuple[str, ...]) -> None:
        from mbclient.ui.screens.asktext import AskText

        views = {view.id.casefold(): view.id for view in self._desk.reading.views()}

        def unknown(text: str) -> str:
            for name in _split_terms(text):
                if name.casefold() not in views:
                    return _("there is no view {name}; views: {known}").format(
                        name=name, known=", ".join(views.values())
                    )
            return ""

        question = _("Views, one after a comma: {known}").format(known=", ".join(views.values()))
        answer = await self.app.push_screen_wait(AskText(question, ", ".join(names), unknown))
        if answer is None:
            return
        wanted = tuple(views[name.casefold()] for name in _split_terms(answer))
        if self.mb.keep_choice(f"hide.{which}", list(wanted)):
            hide = self._desk.preferences.hide
            hide = replace(hide, boosts=wanted) if which == "boosts" else replace(hide, replies=wanted)
            await self._desk.use(replace(self._desk.preferences, hide=hide))
            self._reload()

    def _mutes(self) -> None:
        from mbclient.ui.screens.mutes import MutesScreen

        self.app.push_screen(MutesScreen(self._desk), lambda _answer: self._reload())

    @work
    async def _undo(self) -> None:
        steps = (0.0, 5.0, 10.0, 30.0)
        now = self._desk.preferences.undo_seconds
        following = next((step for step in steps if step > now), steps[0])
        if self.mb.keep_choice("compose.undo_seconds", following):
            await self._desk.use(replace(self._desk.preferences, undo_seconds=following))
            self._reload()

    async def _use_statistics(self, key: str, value: bool | int) -> None:
        if self.mb.keep_choice(f"statistics.{key}", value):
            preferences = self._desk.preferences
            statistics = replace(preferences.statistics, **{key: value})  # type: ignore[arg-type]  # by name
            await self._desk.use(replace(preferences, statistics=statistics))
            self._reload()

    @work
    async def _measure(self) -> None:
        await self._use_statistics("reading_time", not self._desk.preferences.statistics.reading_time)

    @work
    async def _summary(self) -> None:
        await self._use_statistics("summary", not self._desk.preferences.statistics.summary)

    def _budget_words(self) -> str:
        budget = self._desk.preferences.statistics.budget_minutes
        return _("{n} min").format(n=budget) if budget else _("never")

    @work
    async def _budget(self) -> None:
        steps = (0, 15, 30, 45, 60, 90, 120)
        now = self._desk.preferences.statistics.budget_minutes
        await self._use_statistics("budget_minutes", next((step for step in steps if step > now), steps[0]))

    def _theme(self) -> None:
        names = [choice.name for choice in self._launch.themes]
        if not names:
            return
        place = names.index(self.app.theme) if self.app.theme in names else -1
        name = names[(place + 1) % len(names)]
        if self.mb.keep_choice("theme", name):
            self.app.theme = name
            self._reload()

    @work
    async def _language(self) -> None:
        order = ("auto", "en", "sv")
        preferences = self._desk.preferences
        following = order[(order.index(preferences.language) + 1) % len(order)]
        if self.mb.keep_choice("language", following):
            if self._launch.set_language is not None:
                self._launch.set_language(following)
            await self._desk.use(replace(preferences, language=following))
            self._reload()

    def _machine(self) -> None:
        """Work, then private; the system's own file cannot be overruled."""
        following = Machine.PRIVATE if self._desk.judge.machine is Machine.WORK else Machine.WORK
        try:
            self._desk.world.machine.declare(following)
        except MbclientError as error:
            self.mb.say(str(error), "warning")
            return
        self._desk.judge.record_fact("machine", following.value)
        self._desk.bus.publish(FactsChanged())
        self._reload()

    def action_back(self) -> None:
        self.dismiss(None)


def _yes_no(on: bool) -> str:
    return _("yes") if on else _("no")


def _split_terms(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(term.strip() for term in text.split(",") if term.strip()))


def _check_terms(text: str) -> str:
    """Why the terms cannot be used; empty when they can."""
    try:
        compile_terms(_split_terms(text), ())
    except MbclientError as error:
        return str(error)
    return ""
