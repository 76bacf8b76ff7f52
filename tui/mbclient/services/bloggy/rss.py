"""Feeds of Bloggy (RSS of a person, Atom of a search) as statuses of the API, so that all else is read one way."""

from __future__ import annotations

import re
from email.utils import format_datetime

from mbclient.services.answers import Answer
from mbclient.services.feed.charset import decoded
from mbclient.services.feed.document import read_feed
from mbclient.services.feed.items import Document, Item

_NUMBER = re.compile(r"(\d{1,20})\D*\Z")


def read_answer(answer: Answer) -> Document:
    """Raises `NoFeedError`."""
    return read_feed(decoded(answer.body, answer.headers.get("content-type", "")), answer.url)


def statuses_of(document: Document, nick: str = "") -> list[object]:
    """The items, newest first as they come; what cannot be read is None among them.

    `nick`: whose feed it is; without one every item names its own author.
    """
    found: list[object] = [_status(item, nick or _author(item, document)) for item in document.items]
    return [*found, *([None] * document.skipped)]


def _status(item: Item, nick: str) -> dict[str, object]:
    """The title is the text, the guid the post's number; the feed's time has the form that searches have."""
    number = _NUMBER.search(item.key)
    return {
        "id": number[1] if number else item.key,
        "text": str(item.text),
        "created_at": format_datetime(item.published) if item.published else None,
        "external_url": item.url,
        "user": {"id": nick, "screen_name": nick},
    }


def _author(item: Item, document: Document) -> str:
    people = item.authors or document.authors
    return str(people[0].handle or people[0].name) if people else ""
