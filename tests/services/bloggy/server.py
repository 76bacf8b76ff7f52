"""A Bloggy of the tests' own: the known post, RSS and search calls, with or without an API like Twitter's.

Written from facts/gnusocial.md 9. This machine has no names below it, so `/anna/rss` stands for
`anna.bloggy.example/rss`, and `/search/search.json` for `search.bloggy.example/search.json`.
"""

from __future__ import annotations

from email.utils import format_datetime
from html import escape

from tests.services.gnusocial.server import PAGE, TwitterServer
from tests.services.gnusocial.shapes import Behaviour, Person
from tests.services.wire import Reply, Request

LIKE_TWITTER = Behaviour(
    "", 140, 403, 404, False, False, frozenset({"friends_timeline", "replies"}), False, False, False, "/api"
)
WINDOW = 20  # items in a person's RSS


class BloggyServer(TwitterServer):
    """`api`: whether it has the Twitter-like one. `search_json`: whether its JSON search has Twitter's shape."""

    def __init__(self, *, api: bool = True) -> None:
        super().__init__(LIKE_TWITTER)
        self.api = api
        self.search_json = True
        self.dupelimit = 0

    def named(self, request: Request) -> str:
        if request.path == "/api":
            return "post"
        if request.path.startswith("/api/"):
            return super().named(request)
        return request.path.removeprefix("/")

    def _route(self, request: Request, name: str) -> Reply:
        if name == "post":
            return self._post(request)
        if name.endswith("/rss"):
            return self._rss(request, self.people.get(name.removesuffix("/rss")))
        if name == "search/search.json":
            return self._search(request, [], self.people["anna"]) if self.search_json else _text('{"hits": 3}')
        if name == "search/search.atom":
            return self._atom(request)
        return super()._route(request, name) if self.api and request.path.startswith("/api/") else PAGE

    def _post(self, request: Request) -> Reply:
        query = request.query
        assert request.method == "GET"
        assert query["type"] == "post"
        person = self.people.get(query["login"])
        if person is None or person.password != query["p"]:
            return _text("Error: wrong login or password")
        if len(query["content"]) > 140:
            return _text("Error: the post is too long")
        return _text(f"OK: post created with guid {self.write(person, query['content']).id}")

    def _rss(self, request: Request, person: Person | None) -> Reply:
        if person is None:
            return PAGE
        assert request.query == {"onlyposts": "yes", "rssimports": "no"}
        assert "authorization" not in request.headers
        own = sorted((n for n in self.notices.values() if n.person is person), key=lambda n: n.place, reverse=True)
        items = "".join(
            f"<item><title>{escape(escape(n.text))}</title><guid isPermaLink='false'>{n.id}</guid>"
            f"<link>{self.url}/{person.nick}/{n.id}</link><pubDate>{format_datetime(n.at)}</pubDate></item>"
            for n in own[:WINDOW]
        )
        nonsense = "<item></item>" if self.nonsense else ""
        about = f"<title>{escape(person.name)}</title><description>{escape(person.bio)}</description>"
        whole = f"<rss version='2.0'><channel>{about}{nonsense}{items}</channel></rss>"
        return Reply(200, whole.encode("utf-8", "replace"), {"Content-Type": "application/rss+xml; charset=utf-8"})

    def _atom(self, request: Request) -> Reply:
        found = [n for n in self.notices.values() if request.query["q"] in n.text]
        entries = "".join(
            f"<entry><id>tag:bloggy,{n.id}</id><published>{n.at.isoformat()}</published>"
            f"<author><name>{n.person.nick}</name></author><title>{escape(n.text)}</title></entry>"
            for n in sorted(found, key=lambda n: n.place, reverse=True)
        )
        whole = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>search</title>{entries}</feed>"
        return Reply(200, whole.encode(), {"Content-Type": "application/atom+xml"})


def _text(words: str) -> Reply:
    return Reply(200, words.encode(), {"Content-Type": "text/plain"})
