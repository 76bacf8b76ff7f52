"""A micro.blog of the tests' own: its JSON timeline, replies, bookmarks, and the Micropub endpoint beside them.

Written from facts/micropub.md C. Its posts appear at once; the real one builds a site first.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.services.micropub.server import HTML, Server
from tests.services.wire import Reply, Request

HOME = """<!doctype html><html><head><title>Micro.blog</title><meta name="description" content="Post short thoughts">
<link rel="authorization_endpoint" href="/indieauth/auth"><link rel="token_endpoint" href="/indieauth/token">
</head><body></body></html>"""

SITE = '<title>Annas blogg</title><meta name="description" content="Jobbar på Grönkvist">'


@dataclass(slots=True)
class Item:
    """A post or reply. `root`: the number of the conversation's first post."""

    id: int
    who: str
    text: str
    at: datetime
    root: int
    slug: str = ""
    bookmarked: bool = False
    blog: str = ""


class MicroBlog(Server):
    """anna's account (token "site-token"); she follows bo."""

    def __init__(self) -> None:
        super().__init__()
        self.items: dict[int, Item] = {}
        self.string_ids = True
        self.check_seconds = 5
        self.blogs: list[object] = []
        self.default_blog = ""
        self.names = {"anna": "Anna Ek", "bo": "Bo Lind", "eva": "Eva"}

    def write(self, who: str, text: str, *, root: int = 0, at: datetime | None = None, slug: str = "") -> Item:
        number = next(self.numbers) + 9_007_199_254_740_993  # past what a double-precision number holds
        item = self.items[number] = Item(number, who, text, at or datetime.now(UTC), root or number, slug)
        return item

    def address(self, item: Item) -> str:
        return f"{self.url}/{item.who}/{item.slug or item.id}"

    def by(self, who: str, text: str) -> list[Item]:
        return [item for item in self.items.values() if (item.who, item.text) == (who, text)]

    # ------------------------------------------------------------ the way in

    def route(self, request: Request) -> Reply:
        if request.path == "/":
            return Reply(200, HOME.encode(), HTML)
        if request.path == "/anna/":
            return Reply(200, SITE.encode(), HTML)
        if request.path == "/account/verify":
            if request.form.get("token") not in self.scopes:
                return Reply(200, {"error": "App token was not valid."})
            return Reply(
                200, {"token": "x", "name": self.names["anna"], "username": "anna", "default_site": f"{self.url}/anna/"}
            )
        refused = self.may(request)
        if refused:
            return refused
        routes: dict[str, Callable[[Request], Reply]] = {
            "/micropub": self._micropub,
            "/micropub/media": lambda r: Reply(202, None, {"Location": f"{self.url}/files/{next(self.numbers)}.png"}),
            "/posts/timeline": lambda r: self._feed(r, lambda i: i.who == "anna" or (i.who == "bo" and i.root == i.id)),
            "/posts/check": self._check,
            "/posts/mentions": lambda r: self._feed(r, lambda i: "@anna" in i.text or self._answers_anna(i)),
            "/posts/discover": lambda r: self._feed(r, lambda i: i.root == i.id),
            "/posts/conversation": self._conversation,
            "/posts/reply": self._reply,
            "/posts/bookmarks": lambda r: self._bookmark(int(r.form["id"]), True),
        }  # fmt: skip
        if request.path in routes:
            return routes[request.path](request)
        return self._numbered(request, request.path.split("/"))

    def _numbered(self, request: Request, parts: list[str]) -> Reply:
        if parts[:3] == ["", "posts", "bookmarks"]:
            return self._bookmark(int(parts[3]), False)
        if parts[:2] != ["", "posts"] or len(parts) != 3:
            return Reply(404, {"error": "not here"})
        if request.method == "DELETE":
            item = self.items.get(int(parts[2]))
            if item is None or item.who != "anna":
                return Reply(404 if item is None else 403, {"error": "no"})
            del self.items[item.id]
            return Reply(200, {})
        return self._feed(request, lambda item: item.who == parts[2])

    # ------------------------------------------------------------ reading

    def _answers_anna(self, item: Item) -> bool:
        root = self.items.get(item.root)
        return root is not None and root is not item and root.who == "anna"

    def json_item(self, item: Item) -> dict[str, Any]:
        return {
            "id": str(item.id) if self.string_ids else item.id,
            "content_html": f"<p>{html.escape(item.text)}</p>\n",
            "url": self.address(item),
            "date_published": item.at.isoformat(),
            "author": {
                "name": self.names[item.who],
                "url": f"{self.url}/{item.who}",
                "_microblog": {"username": item.who},
            },
            "_microblog": {"is_favorite": item.bookmarked, "is_bookmark": item.bookmarked, "is_conversation": False},
        }

    def _feed(self, request: Request, wanted: Callable[[Item], bool]) -> Reply:
        """`since_id` gives the newest page above it."""
        query = request.query
        found = sorted((item for item in self.items.values() if wanted(item)), key=lambda item: item.id, reverse=True)
        found = [item for item in found if item.id > int(query.get("since_id", 0))]
        found = [item for item in found if item.id < int(query.get("before_id", 2**63))]
        shown = [self.json_item(item) for item in found[: int(query.get("count", 20))]]
        feed = {"version": "https://jsonfeed.org/version/1", "title": "Timeline", "items": [*self.nonsense, *shown]}
        return Reply(200, feed)

    def _check(self, request: Request) -> Reply:
        since = int(request.query["since_id"])
        count = sum(item.id > since and item.who in ("anna", "bo") for item in self.items.values())
        return Reply(200, {"count": count, "check_seconds": self.check_seconds, "markers": {}})

    def _conversation(self, request: Request) -> Reply:
        item = self.items.get(int(request.query["id"]))
        if item is None:
            return Reply(404, {"error": "not here"})
        around = [self.json_item(other) for other in self.items.values() if other.root == item.root]
        return Reply(200, {"version": "https://jsonfeed.org/version/1", "items": around[::-1]})

    # ------------------------------------------------------------ writing

    def _reply(self, request: Request) -> Reply:
        parent = self.items.get(int(request.form["id"]))
        if parent is None:
            return Reply(404, {"error": "not here"})
        self.write("anna", request.form["content"], root=parent.root)
        return Reply(200, {})  # where the reply is, it does not say

    def _bookmark(self, number: int, on: bool) -> Reply:
        item = self.items.get(number)
        if item is None:
            return Reply(404, {"error": "not here"})
        item.bookmarked = on
        return Reply(200, {})

    def _micropub(self, request: Request) -> Reply:
        if request.method == "GET":
            if request.query.get("q") == "config":
                return Reply(200, {"media-endpoint": f"{self.url}/micropub/media", "destination": self.blogs})
            blog = request.query.get("mp-destination", self.default_blog)
            shown = [item for item in reversed(self.items.values()) if item.blog == blog]
            return Reply(200, {"items": [self._entry(item) for item in shown]})
        if request.form.get("action") == "delete":
            found = [item for item in self.items.values() if self.address(item) == request.form["url"]]
            for item in found:
                del self.items[item.id]
            return Reply(204 if found else 404, None if found else {"error": "not_found"})
        properties = request.json["properties"]
        slug = re.sub(r"[^a-z0-9]", "", properties["mp-slug"][0])
        at = datetime.fromisoformat(properties["published"][0])
        item = self.write("anna", properties["content"][0], at=at, slug=slug)
        (item.blog,) = properties.get("mp-destination", [self.default_blog])
        url = self.address(item)
        return Reply(202, {"url": url, "preview": f"{url}?preview", "edit": f"{url}/edit"}, {"Location": url})

    def _entry(self, item: Item) -> dict[str, Any]:
        """Only the blog's own: replies are stored apart."""
        own = item.who == "anna" and item.root == item.id
        properties = {"url": [self.address(item)], "published": [item.at.isoformat()], "content": [item.text]}
        return {"type": ["h-entry"], "properties": properties if own else {"like-of": ["x"]}}
