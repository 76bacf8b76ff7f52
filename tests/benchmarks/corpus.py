"""Made-up posts in the true shapes: the same ones on every machine, as many as wanted.

Text as in speed facts 3 and 4: about 182 characters of a Zipf vocabulary of 60,000 words, Swedish letters among them.
Two Mastodon accounts (the posts of other servers: a foreign uri, a local id), two Bluesky ones, one of GNU social.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from mbclient.core.stores import Arrival
from mbclient.domain.post import Author, Counts, Link, Media, Post, PostKind
from mbclient.domain.safetext import SafeText

VOCABULARY = 60_000
AUTHORS = 5_000
APART = timedelta(seconds=30)
START = datetime(2025, 1, 1, tzinfo=UTC)
ACCOUNTS = (("work", "mastodon"), ("home", "mastodon"), ("bsky", "bluesky"), ("sky2", "bluesky"), ("gnu", "gnusocial"))
SHARES = (40, 20, 25, 10, 5)
WORK_SHARE = 0.2
_SYLLABLES = "ka lo men tör stad ser ver data sä ker het fråga nät upp gör bok ing ar en de re ti on al"
_TID = "234567abcdefghijklmnopqrstuvwxyz"


def vocabulary() -> Sequence[str]:
    """Words, the most frequent first: short ones early."""
    chance = random.Random(1)
    syllables, words = _SYLLABLES.split(), dict[str, None]()
    while len(words) < VOCABULARY:
        length = 1 + min(len(words) // 40, 2 + (chance.random() < 0.5))
        word = "".join(chance.choice(syllables) for _number in range(length))
        words[word if word not in words else f"{word}{chance.choice(syllables)}"] = None
    return list(words)


def zipf(number: int) -> Sequence[float]:
    """Cumulated weights of so many ranks."""
    return list(accumulate(1 / (rank + 3) for rank in range(number)))


class Corpus:
    """A stream of posts, oldest first. `texts` alone is what the filter's goals need."""

    def __init__(self, seed: int = 7) -> None:
        self.words = vocabulary()
        self._weights = zipf(len(self.words))
        self._chance = random.Random(seed)
        self._authors = {service: [_author(service, n) for n in range(AUTHORS)] for _name, service in ACCOUNTS}
        self._author_weights = zipf(AUTHORS)
        self._bag: list[str] = []

    def _some(self, number: int) -> list[str]:
        if len(self._bag) < number:
            self._bag = self._chance.choices(self.words, cum_weights=self._weights, k=20_000)
        taken, self._bag = self._bag[:number], self._bag[number:]
        return taken

    def text(self, tags: Sequence[str] = ()) -> str:
        """One post's text, about 182 characters on average."""
        some = self._some(self._chance.randrange(5, 37))
        some += [f"#{tag}" for tag in tags]
        return f"{' '.join(some[:12])}. {' '.join(some[12:])}".strip().capitalize()

    def posts(self, number: int) -> Iterator[Post]:
        for place in range(number):
            yield self._post(place)

    def arrivals(self, number: int) -> Iterator[Arrival]:
        """Posts with the marks that the filter would give them: a fifth is work-related."""
        for post in self.posts(number):
            if self._chance.random() >= WORK_SHARE:
                yield Arrival(post, frozenset())
                continue
            term = "openssl" if self._chance.random() < 0.7 else "security"
            yield Arrival(_with_term(post, term), frozenset({"work"}))

    def _post(self, place: int) -> Post:
        chance = self._chance
        account, service = chance.choices(ACCOUNTS, weights=SHARES)[0]
        author, stem, url_stem = chance.choices(self._authors[service], cum_weights=self._author_weights)[0]
        at = START + place * APART + timedelta(milliseconds=chance.randrange(30_000))
        roll = chance.random()
        tags = self._some(1 + (roll < 0.05)) if roll < 0.2 else []
        tail = _tail(service, at, place, chance)
        uri = stem + tail
        remote_id = uri if service == "bluesky" else _tail(service, at + timedelta(seconds=1), place, chance)
        kind, reply = (
            (PostKind.REPLY, _tail(service, at - APART, place, chance)) if 0.2 < roll < 0.45 else (PostKind.POST, None)
        )
        boosted = roll > 0.9
        return Post(
            account,
            service,
            remote_id,
            uri,
            author,
            SafeText(self.text(tags)),
            at - timedelta(hours=3) if boosted else at,
            url=url_stem + tail,
            kind=PostKind.BOOST if boosted else kind,
            boosted_by=self._authors[service][place % 300][0] if boosted else None,
            boost_id=_tail(service, at, place, chance) if boosted else "",
            boosted_at=at if boosted else None,
            lang="sv" if roll < 0.6 else "en",
            in_reply_to=reply,
            links=(Link(f"https://www.example.com/{'/'.join(self._some(3))}"),) if 0.3 < roll < 0.55 else (),
            tags=tuple(map(SafeText, tags)),
            mentions=(SafeText(f"user{place % 977}@mastodon.example"),) if 0.4 < roll < 0.6 else (),
            media=(Media("image", SafeText(" ".join(self._some(9))), f"https://files.example.com/{tail}.jpg"),)
            if 0.5 < roll < 0.62
            else (),
            counts=Counts(int(10 * roll) % 4, int(100 * roll) % 7, int(1000 * roll) % 30),
            version=f"bafyrei{chance.getrandbits(250):050x}"[:59] if service == "bluesky" else "",
        )


def _with_term(post: Post, term: str) -> Post:
    """The post with the word in its text, as found there: nobody else has it yet, and a copy would cost more."""
    object.__setattr__(post, "text", SafeText(f"{post.text} {term}"))
    object.__setattr__(post, "terms", (term,))
    return post


def _author(service: str, number: int) -> tuple[Author, str, str]:
    """An author, and what stands before the id in uri and url."""
    name = SafeText(f"Given{number % 631} Family{number % 887}")
    if service == "bluesky":
        did, handle = f"did:plc:{number * 7919:024x}", f"user{number}.bsky.social"
        url = f"https://bsky.app/profile/{handle}"
        return Author(SafeText(handle), name, url, did), f"at://{did}/app.bsky.feed.post/", f"{url}/post/"
    host = f"server{number % 97}.example"
    if service == "gnusocial":
        url = f"https://{host}/user{number}"
        return (
            Author(SafeText(f"user{number}@{host}"), name, url, str(number)),
            f"https://{host}/notice/",
            f"{url}/notice/",
        )
    author = Author(
        SafeText(f"user{number}@{host}"), name, f"https://{host}/@user{number}", f"1099{number:014}", not number % 40
    )
    return author, f"https://{host}/users/user{number}/statuses/", f"https://{host}/@user{number}/"


def _tail(service: str, at: datetime, place: int, chance: random.Random) -> str:
    """An id of the service: numbers that grow with time, as theirs do."""
    milliseconds = int(at.timestamp() * 1000)
    if service == "gnusocial":
        return str(20_000_000 + place)
    if service != "bluesky":
        return str(milliseconds << 16 | chance.getrandbits(16))
    number, letters = (milliseconds * 1000 + chance.randrange(1000)) << 10 | chance.getrandbits(10), ""
    for _letter in range(13):
        letters, number = _TID[number & 31] + letters, number >> 5
    return letters
