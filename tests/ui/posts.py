"""Made-up posts and a source that holds any number of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from mbclient.core.stores import Entry
from mbclient.domain.poll import Choice, Poll
from mbclient.domain.post import Author, Counts, Link, Media, Mine, Post, PostKind, Quoted, Visibility
from mbclient.domain.safetext import SafeText
from mbclient.ui.render import Words

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
STEP = 4096  # keys of the archive: room for posts of the same millisecond

ANNA = Author(SafeText("anna@mastodon.example"), SafeText("Anna Ek"))
BO = Author(SafeText("bo.bsky.example"), SafeText("Bo Åström"))
WORDS = Words(when=lambda at: f"{at:%H:%M}", day=lambda at: f"{at:%A} {at.day} {at:%B}")

SENTENCES = (
    "Vi har rullat ut den nya versionen till alla användare i dag, tack för all hjälp!",
    "OpenSSL 3.5.2 is out: read the #release notes before you patch, two fixes matter for us.",
    "Någon mer som ser långsamma svar från CI i eftermiddag? Köerna växer sedan klockan två.",
    "Kaffe ☕ och kodgranskning. En bra start på dagen 👍🏽",
    "会議は三時からです。資料は共有フォルダーにあります。",
    "Slides from the talk: https://example.org/talks/2026/latency and thanks @bo@mastodon.example for the questions.",
)


def make_post(number: int, **changes: object) -> Post:
    """A plain post; the number gives its text, age and id."""
    text = " ".join(SENTENCES[(number + step) % len(SENTENCES)] for step in range(1 + number % 3))
    fields: dict[str, object] = {
        "account": "work",
        "service": ("mastodon", "bluesky", "local")[number % 3],
        "remote_id": str(number),
        "uri": f"https://mastodon.example/{number}",
        "author": (ANNA, BO)[number % 2],
        "text": SafeText(f"{number}: {text}"),
        "created_at": NOON + timedelta(minutes=number - 1000),
        "counts": Counts(replies=number % 4, boosts=number % 7, likes=number % 5),
    }
    return Post(**(fields | changes))  # type: ignore[arg-type]  # fields by name, of mixed types


def post_of_texts(text: SafeText, name: SafeText, alt: SafeText) -> Post:
    """A post that has text from outside wherever a post can have any."""
    author = Author(name, alt)
    return make_post(
        1,
        text=text,
        author=author,
        boosted_by=author,
        quoted=Quoted(author, text),
        media=(Media("image", alt),),
        cw=name,
        links=(Link("https://example.org/" + "y" * 90, alt),),
        poll=Poll((Choice(alt, 2), Choice(name, 1, mine=True))),
    )


def make_entry(number: int, **changes: object) -> Entry:
    return Entry(number * STEP, make_post(number, **changes), frozenset({"home"}))


class FakeSource:
    """Entries made when they are asked for, oldest number 1; counts what it was asked."""

    def __init__(self, numbers: Sequence[int], make: Callable[[int], Entry] = make_entry) -> None:
        self.keys = [number * STEP for number in numbers]
        self.changed: dict[int, Entry] = {}
        self.asked = 0
        self._make = make

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> FakeSource:
        source = cls(())
        source.add(entries)
        return source

    def add(self, entries: Sequence[Entry]) -> None:
        self.changed.update((entry.key, entry) for entry in entries)
        self.keys = sorted({*self.keys, *(entry.key for entry in entries)})

    def remove(self, key: int) -> None:
        self.keys.remove(key)

    def move(self, key: int, now: int) -> None:
        """The entry has another key."""
        entry = self.entry(key)
        self.remove(key)
        self.add([replace(entry, key=now)])

    def entry(self, key: int) -> Entry:
        return self.changed.get(key) or self._make(key // STEP)

    def page(self, *, before: int | None = None, after: int | None = None, limit: int = 40) -> Sequence[Entry]:
        self.asked += 1
        if after is not None:
            start = bisect_left(self.keys, after + 1)
            keys = self.keys[start : start + limit]
        else:
            end = len(self.keys) if before is None else bisect_left(self.keys, before)
            keys = self.keys[max(end - limit, 0) : end]
        return [self.entry(key) for key in reversed(keys)]

    def count(self, *, after: int | None = None) -> int:
        return len(self.keys) if after is None else len(self.keys) - bisect_left(self.keys, after + 1)


def showcase() -> list[Entry]:
    """A timeline with one of everything, newest last."""
    long_text = "\n".join(f"{line}. En lista som är längre än vad som får plats på en gång." for line in range(1, 31))
    posts = [
        make_post(1, text=SafeText(long_text)),
        make_post(2, text=SafeText("Gårdagens sista inlägg, före midnatt."), counts=Counts()),
        make_post(
            980,
            text=SafeText("Patch Tuesday: openssl och curl före lunch. Se säkerhetssidan för detaljer."),
            links=(Link("https://security.example.org/2026/11", SafeText("säkerhetssidan")),),
            terms=("openssl",),
            mine=Mine(liked=True, bookmarked=True),
            also=("bsky:at://x",),
            author=BO,
        ),
        make_post(
            984,
            text=SafeText("Detaljer om gårdagens avbrott, med namn på system som inte är offentliga."),
            cw=SafeText("driftstörning, tekniska detaljer"),
            visibility=Visibility.FOLLOWERS,
        ),
        make_post(
            988,
            boosted_by=BO,
            boosted_at=NOON - timedelta(minutes=12),
            kind=PostKind.BOOST,
            text=SafeText("Ny rapport om tillgänglighet i terminalprogram: färg bär aldrig betydelsen ensam. #a11y"),
            media=(
                Media("image", SafeText("Ett diagram: andelen program som fungerar helt utan färg, 12 av 40")),
                Media("video", SafeText("")),
            ),
        ),
        make_post(
            991,
            kind=PostKind.REPLY,
            text=SafeText("@anna@mastodon.example håller med – och skärmläsaren läser ändå bara texten 👩‍💻"),
            author=BO,
            edited_at=NOON,
        ),
        make_post(
            994,
            kind=PostKind.QUOTE,
            text=SafeText("Läs hela tråden, den är värd det:"),
            quoted=Quoted(ANNA, SafeText("Vi mätte 1 000 starter av tolv klienter och blev förvånade.")),
            links=(Link("https://example.org/matning?utm=1", SafeText("Tolv klienter, en mätning")),),
        ),
        make_post(
            996,
            text=SafeText("[/] [bold red]x[/bold red] [@click=app.quit]tryck här[/] – text, inget mer"),
            author=Author(SafeText("mallory@evil.example"), SafeText("[b]Mallory[/b]")),
        ),
        make_post(998, text=SafeText("会議は三時からです。資料は共有フォルダーにあります。日本語と svenska 🇸🇪")),
        make_post(999, text=SafeText("שלום עולם, and good morning everyone. مرحبا بالجميع")),
    ]  # fmt: skip
    return [Entry(int(post.sorted_at.timestamp()) * STEP, post, frozenset({"home"})) for post in posts]


def term_spans(post: Post) -> list[tuple[int, int]]:
    """Where the matched terms stand, as plain words."""
    text = post.text.casefold()
    return [(text.find(term), text.find(term) + len(term)) for term in post.terms if term in text]
