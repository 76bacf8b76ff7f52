"""Settings, first form: accounts, work terms, looks, language, this computer. config.toml wins and is shown locked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from rich.cells import cell_len
from textual import on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList, Static

from mbclient.core.desk import Desk
from mbclient.core.preferences import AlertWishes
from mbclient.domain.errors import MbclientError
from mbclient.domain.lazydataclass import dataclass
from mbclient.policy.model import Machine
from mbclient.texts import N_, _
from mbclient.texts.explain import hours_text, known_word
from mbclient.texts.findings import machine_word
from mbclient.ui.aboutyou import AboutYou
from mbclient.ui.choices import Choices
from mbclient.ui.compositor import CoveredScreen
from mbclient.ui.draftwords import language_problem
from mbclient.ui.host import Hosted
from mbclient.ui.keyline import KeyLine
from mbclient.ui.keys import bindings
from mbclient.ui.launch import Launch
from mbclient.ui.meterbar import MeterBar
from mbclient.ui.pictures import why_not
from mbclient.ui.screens.asktext import AskText, split_list
from mbclient.ui.wrap import fit

DENSITIES = {"compact": N_("compact"), "normal": N_("normal"), "airy": N_("airy")}
PICTURES = {
    "auto": N_("on request, not over SSH"),
    "on": N_("on request"),
    "always": N_("on request, and authors'"),
    "off": N_("no"),
}
LANGUAGES = ("auto", "en", "sv")


@dataclass(frozen=True, slots=True)
class Row:
    """One setting: its key in config.toml (empty: not a file's matter), its words, what enter does."""

    key: str
    title: str
    value: str
    change: Callable[[], object]


class SettingsScreen(Hosted, CoveredScreen[None]):
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
        self.rows: list[Row] = []  # as they stand on the screen

    @property
    def _about(self) -> AboutYou:
        return AboutYou(self.mb, self._desk)

    def compose(self) -> ComposeResult:
        yield MeterBar()
        yield Static(Content(_("Settings · Enter changes")), id="screen-title")
        yield Choices()
        yield KeyLine(besides=("back",))

    def on_mount(self) -> None:
        if not self.query(Choices):
            return  # left again before it was made
        self._reload()
        self.query(Choices).focus()

    def _reload(self) -> None:
        choices = self.part(Choices)
        if choices is None:  # it is being left
            return
        self.rows = self._all_rows()
        left = max(26, *(cell_len(row.title) for row in self.rows)) + 1
        choices.put([self._line(row, left) for row in self.rows], left)

    def on_resize(self) -> None:
        self._reload()

    def _line(self, row: Row, left: int) -> Content:
        """`left`: cells of the column of titles. A long list of terms is cut after some three lines."""
        locked = _("  (fixed in config.toml)") if row.key and row.key in self._launch.locked() else ""
        room = max(10, self.size.width - left - 6)  # less padding and the scroll bar
        value = fit(row.value, 3 * room)
        return Content.assemble((f"{row.title:<{left}}", "bold"), value, (locked, "$text-muted"))

    def _all_rows(self) -> list[Row]:
        preferences = self._desk.preferences
        work = preferences.work_filter
        policy = self._desk.judge.policy
        rows = [
            Row("", _("Account {name}").format(name=account.name), self._account_words(account.name), self._account(
                account.name))
            for account in self._desk.accounts.all()
        ]  # fmt: skip
        return [
            *rows,
            Row("", _("Add an account"), "", self._add_account),
            Row("policy.person.name", _("Your name"), policy.person_name or "–", (
                lambda: self._ask("policy.person.name", self._about.name))),
            Row("policy.employer.name", _("Where you work"), policy.employer.name or "–", (
                lambda: self._ask("policy.employer.name", self._about.employer))),
            Row("policy.work.mon", _("Working hours"), self._hours_words(), (
                lambda: self._ask("policy.work.mon", self._about.hours))),
            Row("default_accounts", _("New posts go to"), ", ".join(self._desk.accounts.default_names()), (
                self._defaults)),
            Row("work_filter.terms", _("Work terms"), ", ".join(work.terms) or _("none: everything is shown"), (
                lambda: self._ask("work_filter.terms", self._about.terms))),
            Row("work_filter.exclude", _("Never work"), ", ".join(work.exclude) or "–", (
                lambda: self._ask("work_filter.exclude", self._about.excluded))),
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
            Row("compose.post_language", _("Language of new posts"), preferences.post_language or "–", (
                self._post_language)),
            Row("statistics.reading_time", _("Measure reading time"), _yes_no(preferences.statistics.reading_time),
                self._measure),
            Row("statistics.budget_minutes", _("Reading a day, a word after"), self._budget_words(), self._budget),
            Row("statistics.summary", _("A word on leaving"), _yes_no(preferences.statistics.summary), self._summary),
            Row("alerts.desktop", _("Desktop notifications"), self._alert_words(), self._alerts),
            Row("theme", _("Theme"), self.app.theme, self._theme),
            Row("density", _("Density"), _(DENSITIES[preferences.density]), (
                lambda: self._turn("density", tuple(DENSITIES)))),
            Row("pictures", _("Pictures"), _(PICTURES[preferences.pictures]), (
                lambda: self._turn("pictures", tuple(PICTURES)))),
            Row("plain", _("Plain reading"), _yes_no(preferences.plain), self._plain),
            Row("language", _("Language"), preferences.language, lambda: self._turn("language", LANGUAGES)),
            Row("", _("This computer"), machine_word(self._desk.judge.machine), self._machine),
        ]  # fmt: skip

    def _account_words(self, name: str) -> str:
        account = self._desk.accounts.get(name)
        facts = self._desk.judge.account_facts()[name]
        shows = _("shows employer: {employer}, name: {person}").format(
            employer=known_word(facts.employer_visible), person=known_word(facts.real_name_visible)
        )
        return f"{account.service} {account.handle} · {shows}"

    @on(OptionList.OptionSelected)
    def _chosen(self, message: OptionList.OptionSelected) -> None:
        row = self.rows[message.option_index]
        if row.key in self._launch.locked():
            self.mb.say(_("{key} is fixed in config.toml; change it there.").format(key=row.key), "warning")
            return
        row.change()

    # ------------------------------------------------------------ each setting

    def _account(self, name: str) -> Callable[[], object]:
        def change() -> None:
            from mbclient.ui.screens.confirm import ConfirmProfile

            try:
                account = self._desk.accounts.get(name)
            except MbclientError as error:  # another program has removed it since it was listed
                self.mb.say(str(error), "warning")
                self._reload()
                return
            if account.service == "local":
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

        chosen = await self.app.push_screen_wait(TargetsScreen(self._desk, self._desk.drafting.new()))
        if chosen and self.mb.keep_choice("default_accounts", list(chosen)):
            await self.mb.use_settings(replace(self._desk.preferences, default_accounts=chosen))
            self._reload()

    @work
    async def _ask(self, key: str, question: Callable[[], Awaitable[None]]) -> None:
        """One of the questions of the first steps, once more."""
        if fixed := self._about.fixed(key):
            self.mb.say(fixed, "warning")
            return
        await question()
        self._reload()

    @work
    async def _switch(self, which: str, on: bool) -> None:
        if self.mb.keep_choice(f"work_filter.{which}", on):
            work = self._desk.preferences.work_filter
            work = replace(work, hide_boosts=on) if which == "hide_boosts" else replace(work, hide_replies=on)
            await self.mb.use_settings(replace(self._desk.preferences, work_filter=work))
            self._reload()

    @work
    async def _hide(self, which: str, names: tuple[str, ...]) -> None:
        views = {view.id.casefold(): view.id for view in self._desk.reading.views()}

        def unknown(text: str) -> str:
            for name in split_list(text):
                if name.casefold() not in views:
                    return _("there is no view {name}; views: {known}").format(
                        name=name, known=", ".join(views.values())
                    )
            return ""

        question = _("Views, one after a comma: {known}").format(known=", ".join(views.values()))
        answer = await self.app.push_screen_wait(AskText(question, ", ".join(names), unknown, goes_on=True))
        if answer is None:
            return
        wanted = tuple(views[name.casefold()] for name in split_list(answer))
        if self.mb.keep_choice(f"hide.{which}", list(wanted)):
            hide = self._desk.preferences.hide
            hide = replace(hide, boosts=wanted) if which == "boosts" else replace(hide, replies=wanted)
            await self.mb.use_settings(replace(self._desk.preferences, hide=hide))
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
            await self.mb.use_settings(replace(self._desk.preferences, undo_seconds=following))
            self._reload()

    @work
    async def _post_language(self) -> None:
        question = _("The language of new posts by its short name, such as sv or en; empty leaves it to the accounts.")
        answer = await self.app.push_screen_wait(
            AskText(question, self._desk.preferences.post_language, language_problem)
        )
        language = (answer or "").strip().lower()
        if answer is not None and self.mb.keep_choice("compose.post_language", language):
            await self.mb.use_settings(replace(self._desk.preferences, post_language=language))
            self._reload()

    async def _use_statistics(self, key: str, value: bool | int) -> None:
        if self.mb.keep_choice(f"statistics.{key}", value):
            preferences = self._desk.preferences
            statistics = replace(preferences.statistics, **{key: value})  # type: ignore[arg-type]  # by name
            await self.mb.use_settings(replace(preferences, statistics=statistics))
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

    def _alert_words(self) -> str:
        alerts = self._desk.preferences.alerts
        if not alerts.desktop:
            return _("no")
        return _("in working hours") if alerts.quiet_outside_work else _("at any hour")

    @work
    async def _alerts(self) -> None:
        """No, in working hours, at any hour."""
        now = self._desk.preferences.alerts
        following = {
            (False, True): (True, True),
            (False, False): (True, True),
            (True, True): (True, False),
            (True, False): (False, True),
        }[now.desktop, now.quiet_outside_work]
        if following[0] and not self.mb.can_alert():
            return
        kept = self.mb.keep_choice("alerts.desktop", following[0])
        if kept and self.mb.keep_choice("alerts.quiet_outside_work", following[1]):
            await self.mb.use_settings(replace(self._desk.preferences, alerts=AlertWishes(*following)))
            self._reload()

    def _theme(self) -> None:
        names = [choice.name for choice in self.mb.theme_choices]
        if not names:
            return
        place = names.index(self.app.theme) if self.app.theme in names else -1
        name = names[(place + 1) % len(names)]
        if self.mb.keep_choice("theme", name):
            self.app.theme = name
            self._reload()

    @work
    async def _turn(self, key: str, order: tuple[str, ...]) -> None:
        """The next of a setting's words."""
        preferences = self._desk.preferences
        following = order[(order.index(getattr(preferences, key)) + 1) % len(order)]
        if not self.mb.keep_choice(key, following):
            return
        if key == "language" and self._launch.set_language is not None:
            self._launch.set_language(following)
        await self.mb.use_settings(replace(preferences, **{key: following}))  # type: ignore[arg-type]  # by name
        if key == "pictures" and following != "off" and (reason := why_not(self._desk.preferences)):
            self.mb.say(reason)
        self._reload()

    @work
    async def _plain(self) -> None:
        await self.mb.switch_plain()
        self._reload()

    def _machine(self) -> None:
        """Work, then private."""
        self._about.declare(Machine.PRIVATE if self._desk.judge.machine is Machine.WORK else Machine.WORK)
        self._reload()

    def _hours_words(self) -> str:
        week = self._desk.judge.policy.week
        return hours_text(week[0]) if len(set(week[:5])) == 1 else _("not the same every day: see config.toml")

    def action_back(self) -> None:
        self.dismiss(None)


def _yes_no(on: bool) -> str:
    return _("yes") if on else _("no")
