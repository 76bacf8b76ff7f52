"""What the double keeps, and the fields of it that can be asked for (facts/threads.md 2, 6; Meta's page of polls)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

TIME = "%Y-%m-%dT%H:%M:%S+0000"
POST_FIELDS = frozenset(
    [
        "id",
        "media_type",
        "permalink",
        "username",
        "text",
        "timestamp",
        "shortcode",
        "is_quote_post",
        "quoted_post",
        "reposted_post",
        "has_replies",
        "link_attachment_url",
        "topic_tag",
        "alt_text",
        "profile_picture_url",
        "poll_attachment",
    ]
)
POLL_FIELDS = frozenset(
    [*(f"option_{letter}" for letter in "abcd"), *(f"option_{letter}_votes_percentage" for letter in "abcd")]
) | {"total_votes", "expiration_timestamp"}
REPLY_FIELDS = POST_FIELDS | frozenset(
    ["is_reply", "is_reply_owned_by_me", "root_post", "replied_to", "hide_status", "reply_audience"]
)


@dataclass(slots=True)
class Person:
    """Somebody with a profile."""

    id: str
    username: str
    name: str = ""
    biography: str = ""
    picture: str | None = "https://cdn.example/x.jpg"


@dataclass(slots=True)
class Poll:
    """A post's poll: its choices with their votes. Told are the shares of the whole alone."""

    votes: dict[str, int]
    ends: datetime

    def shown(self, asked: set[str]) -> dict[str, Any]:
        """Nothing of options that it does not have; nothing at all of what is not asked for by name."""
        total = sum(self.votes.values())
        whole: dict[str, Any] = {"total_votes": total, "expiration_timestamp": self.ends.strftime(TIME)}
        for letter, (text, votes) in zip("abcd", self.votes.items(), strict=False):
            whole |= {f"option_{letter}": text, f"option_{letter}_votes_percentage": votes / total if total else 0}
        return {name: value for name, value in whole.items() if name in asked}


def acceptable(attachment: str | None) -> bool:
    """Two to four options, named in their order, of 1 to 25 characters; and no word of a time or of several choices."""
    if attachment is None:
        return True
    options = json.loads(attachment)
    names = [f"option_{letter}" for letter in "abcd"[: len(options)]]
    return len(options) >= 2 and list(options) == names and all(1 <= len(text) <= 25 for text in options.values())


@dataclass(slots=True)
class Media:
    """A post, a reply or a repost as the server keeps it."""

    id: str
    at: datetime
    person: Person
    text: str | None = None
    parent: Media | None = None
    quoted: Media | None = None
    reposts: Media | None = None
    mentions: set[str] = field(default_factory=set)
    kind: str = "TEXT_POST"
    alt: str | None = None
    topic: str | None = None
    poll: Poll | None = None

    @property
    def root(self) -> Media:
        return self.parent.root if self.parent else self


@dataclass(slots=True)
class Container:
    """Step 1 of a post: seen by nobody."""

    id: str
    person: Person
    fields: dict[str, str]
    status: str = "FINISHED"
    error: str = ""
