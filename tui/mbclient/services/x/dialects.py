"""The two spellings of the API's fields, in one table (facts/x.md 2).

Which one the live service speaks is not known: one is asked for, both are understood, and a 400 that names such a
parameter means the next one, which is then remembered.
"""

from __future__ import annotations

import re

from mbclient.domain.lazydataclass import dataclass

COMMON = "attachments,conversation_id,created_at,entities,lang,possibly_sensitive,public_metrics"
MEDIA = ("media.fields", "alt_text,preview_image_url,type,url")
POLLS = ("poll.fields", "end_datetime,id,options,voting_status")
PERSON = "description,entities,location,name,protected,url,username,verified,verified_type"
_NAMED = re.compile(r"\b(?:tweet|post|user|media|poll)\.fields\b|\bexpansions\b")


@dataclass(frozen=True, slots=True)
class Dialect:
    """Parameters of a reading call. `name`: what is remembered."""

    name: str
    post_fields: tuple[str, str]
    expansions: str
    person_fields: str

    def of_posts(self) -> list[tuple[str, str]]:
        users = ("user.fields", "name,profile_image_url,protected,username")
        return [self.post_fields, ("expansions", self.expansions), users, MEDIA, POLLS]

    def of_person(self) -> list[tuple[str, str]]:
        return [("user.fields", self.person_fields)]


DIALECTS = (
    Dialect(
        "tweet",
        ("tweet.fields", f"{COMMON},author_id,edit_history_tweet_ids,in_reply_to_user_id,note_tweet,referenced_tweets"),
        "attachments.media_keys,attachments.poll_ids,author_id,referenced_tweets.id,referenced_tweets.id.author_id",
        f"{PERSON},affiliation",
    ),
    Dialect(
        "post",
        ("post.fields", f"{COMMON},edit_history_post_ids,note_post,referenced_posts"),
        "attachments.media_keys,attachments.poll_ids,author_id,referenced_posts",
        PERSON,
    ),
    Dialect(  # should the newer names stand in the answers only, as the description's list of 2.167 may be read
        "bare-post",
        ("post.fields", COMMON),
        "attachments.media_keys,attachments.poll_ids,author_id,referenced_posts",
        PERSON,
    ),
)


def known_as(name: str) -> int:
    """The place of a remembered dialect; the first for none."""
    return next((place for place, dialect in enumerate(DIALECTS) if dialect.name == name), 0)


def names_a_field(reason: str) -> bool:
    """Whether a refusal is about what fields are called."""
    return _NAMED.search(reason) is not None
