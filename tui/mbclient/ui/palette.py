"""The palette's answers. The toolkit's own provider reads titles as markup; names of views come from a file."""

from __future__ import annotations

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content


class Commands(Provider):
    """What the application offers (`get_system_commands`), every title plain text."""

    async def discover(self) -> Hits:
        for command in sorted(self.app.get_system_commands(self.screen), key=lambda each: each.title):
            yield DiscoveryHit(Content(command.title), command.callback, text=command.title, help=command.help)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in self.app.get_system_commands(self.screen):
            score, places = matcher.fuzzy_search.match(query, command.title)
            if score > 0:
                title = Content(command.title)
                for place in places:
                    title = title.stylize(matcher.match_style, place, place + 1)
                yield Hit(score, title, command.callback, text=command.title, help=command.help)
