"""The palette's answers. The toolkit's own provider reads titles as markup; names of views come from a file."""

from __future__ import annotations

from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.widgets.option_list import Option

from mbclient.core.keytable import DEFAULT_KEYS
from mbclient.texts import _

_BY_ITS_WORDS = 0.01
"""The score of a command whose description or English name has what is looked for: below all that are called so."""


class Commands(Provider):
    """What the application offers (`get_system_commands`), every title plain text."""

    async def discover(self) -> Hits:
        for command in sorted(self.app.get_system_commands(self.screen), key=lambda each: each.title):
            yield DiscoveryHit(Content(command.title), command.callback, text=command.title, help=command.help)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        english = {action.label: action.label_text for action in DEFAULT_KEYS}  # as other programs call it
        for command in self.app.get_system_commands(self.screen):
            score, places = matcher.fuzzy_search.match(query, command.title)
            if score > 0:
                title = Content(command.title)
                for place in places:
                    title = title.stylize(matcher.match_style, place, place + 1)
                yield Hit(score, title, command.callback, text=command.title, help=command.help)
            elif query.casefold() in f"{english.get(command.title, '')} {command.help}".casefold():
                title = Content(command.title)
                yield Hit(_BY_ITS_WORDS, title, command.callback, text=command.title, help=command.help)


class Palette(CommandPalette):
    """The toolkit's, in the user's language; its list fails on a page key that comes before it has been laid out."""

    def __init__(self) -> None:
        super().__init__(placeholder=_("Find a command by name"), id="--command-palette")

    def _action_command_list(self, action: str) -> None:
        commands = self.query_one(CommandList)
        commands._update_lines()
        if commands._lines:
            super()._action_command_list(action)

    def _start_no_matches_countdown(self, search_value: str) -> None:
        """As the toolkit does it, under the id that it knows it by; its own words are English in every language."""
        self._stop_no_matches_countdown()

        def say() -> None:
            if search_value:
                self.query_one(CommandList).add_option(
                    Option(Content(_("no command is called that")), id="--no-matches", disabled=True)
                )
            self._list_visible = bool(search_value)

        self._no_matches_timer = self.set_timer(self._NO_MATCHES_COUNTDOWN, say)
