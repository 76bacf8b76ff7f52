"""An item of a feed as a `Post`."""

from __future__ import annotations

from datetime import datetime, timedelta

from mbclient.domain.hosts import host_of
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Author, Post, PostKind
from mbclient.domain.safetext import SafeText
from mbclient.services.feed.items import Document, Item, Person
from mbclient.services.feed.shelf import Seen

TOUCHED = timedelta(minutes=1)  # closer than this, "updated" only repeats "published"


@dataclass(frozen=True, slots=True)
class Decoder:
    """Knows for whom: the account's and the service's names; `url` is where the feed lies."""

    account: str
    service: str
    url: str
    document: Document

    def post(self, item: Item, seen: Seen | None, now: datetime) -> Post:
        """`seen`: the item's place; without one (an archive's page) its own dates have to do."""
        first_seen = seen.at if seen else now
        created = item.published or item.updated or first_seen
        edited = seen.edited if seen else None
        if item.updated and item.published and item.updated - item.published > TOUCHED:
            edited = max(item.updated, edited or item.updated)
        return Post(
            account=self.account,
            service=self.service,
            remote_id=item.key,
            uri=self._uri(item),
            author=self._author(item),
            text=item.text,
            created_at=created,
            url=item.url,
            kind=PostKind.REPLY if item.reply_to else PostKind.POST,
            edited_at=edited,
            lang=item.lang or self.document.lang or None,
            in_reply_to=item.reply_to or None,
            links=item.links,
            tags=item.tags,
            media=item.media,
        )

    def _uri(self, item: Item) -> str:
        """The permalink where it is the feed's own host's, so that no feed can pass its words off as another's post."""
        if item.url and host_of(item.url) == host_of(self.url):
            return item.url
        return f"feed:{self.url}#{item.key}"

    def _author(self, item: Item) -> Author:
        """The item's author, else the feed's, else the feed itself; the host stands in every handle."""
        host = host_of(self.url)
        people = item.authors or self.document.authors
        title = self.document.title or SafeText.line(host)
        if not people:
            handle = SafeText.line(host)
            return Author(handle, title, self.document.home, remote_id=str(handle))
        names = SafeText.line(", ".join(person.name for person in people if person.name), max_characters=200)
        handle = SafeText.line(f"{_user(people[0])}@{host}")
        home = people[0].url or self.document.home
        return Author(handle, names or title, home, str(handle), avatar=people[0].avatar)


def _user(person: Person) -> str:
    return "".join((person.handle or person.name).replace("@", "").split()) or "?"
