"""Events as posts: what a note says and points at (NIP-10, 18, 19, 27, 36, 92), cleaned at this border."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from urllib.parse import urlsplit

from mbclient.domain.account import Account
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.lengths import links
from mbclient.domain.post import EMPTY, Author, Link, Media, Mine, Post, PostKind, Quoted, Visibility
from mbclient.domain.safetext import SafeText
from mbclient.services.addresses import web_link
from mbclient.services.nostr import nip19
from mbclient.services.nostr.events import NOTE, Event, is_id

WEB = "https://njump.me"  # a gateway that shows any event in a browser; a third party's, as all of them are
CROWD = 20  # people named in one note beyond which it is to nobody in particular
_MEDIA = {
    "image": (".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif"),
    "video": (".mp4", ".webm", ".mov"),
    "audio": (".mp3", ".ogg", ".wav", ".m4a"),
}
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")


def profile_of(event: Event | None) -> Mapping[str, object]:
    """The JSON of a kind 0; empty where it is none."""
    try:
        value = json.loads(event.content) if event is not None else {}
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def told(profile: Mapping[str, object], *names: str) -> str:
    """The first of these fields that says something."""
    values = (profile.get(name) for name in names)
    return next((value for value in values if isinstance(value, str) and value.strip()), "")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a note stands in a conversation: the root and what it answers, in hex; empty where it answers nothing."""

    root: str = ""
    parent: str = ""


def place_of(event: Event) -> Place:
    """By markers, or by position where an old client set none (NIP-10)."""
    tags = [tag for tag in event.named("e") if is_id(tag[1])]
    marked = {tag[3]: tag[1] for tag in tags if len(tag) > 3 and tag[3] in ("root", "reply")}
    if marked:
        root = marked.get("root", "") or marked.get("reply", "")
        return Place(root, marked.get("reply", "") or root)
    plain = [tag[1] for tag in tags if len(tag) < 4 or tag[3] != "mention"]
    return Place(plain[0], plain[-1]) if plain else Place()


@dataclass(slots=True)
class Decoder:
    """Makes posts. `profiles`: kind 0 by public key; `deeds`: own likes and boosts by the post's id."""

    account: Account
    me: str
    known: Callable[[str], Event | None]
    profiles: dict[str, Event] = field(default_factory=dict)
    deeds: dict[str, Mine] = field(default_factory=dict)

    def author(self, pubkey: str) -> Author:
        """By the key, which alone is certain; the name is what its owner says."""
        profile = profile_of(self.profiles.get(pubkey))
        name = nip19.npub(pubkey)
        handle = self.account.handle if pubkey == self.me and self.account.handle else name
        return Author(
            SafeText.line(handle, max_characters=300),
            SafeText.line(told(profile, "display_name", "displayName", "name", "username")),
            f"{WEB}/{name}",
            pubkey,
            profile.get("bot") is True,
            web_link(profile.get("picture")),
        )

    def post(self, event: Event) -> Post:
        """A note."""
        place = place_of(event)
        quoted = self._quoted(event)
        text = self._text(event, quoted)
        media = _media(event, text)
        shown = {item.url for item in media}
        addresses = dict.fromkeys(web_link(text[start:end]) for start, end in links(text))
        warning = next((tag for tag in event.tags if tag and tag[0] == "content-warning"), None)
        reason = SafeText.line(warning[1]) if warning is not None and len(warning) > 1 else EMPTY
        language = event.first("l")
        people = [tag[1] for tag in event.named("p") if is_id(tag[1])]
        crowd = people if len(people) <= CROWD else [key for key in people if nip19.npub(key) in event.content]
        return Post(
            account=self.account.name,
            service=self.account.service,
            remote_id=event.id,
            uri=f"nostr:{nip19.encode('note', bytes.fromhex(event.id))}",
            author=self.author(event.pubkey),
            text=SafeText(text),
            created_at=event.at,
            url=f"{WEB}/{nip19.nevent(event.id, event.pubkey)}",
            kind=PostKind.REPLY if place.parent else PostKind.QUOTE if quoted else PostKind.POST,
            lang=language if _LANGUAGE.match(language) else None,
            in_reply_to=place.parent or None,
            quoted=quoted,
            cw=(reason or SafeText.line("…")) if warning is not None else None,
            sensitive=warning is not None,
            links=tuple(Link(address) for address in addresses if address and address not in shown),
            tags=tuple(dict.fromkeys(SafeText.line(tag[1], max_characters=100) for tag in event.named("t"))),
            mentions=tuple(self.author(key).handle for key in dict.fromkeys(crowd)),
            media=media,
            mine=self.deeds.get(event.id, Mine()),
            root=(place.root, "") if place.root else None,
        )

    def boost(self, event: Event, note: Event) -> Post:
        """A repost, by the one who reposted."""
        plain = self.post(note)
        by = self.author(event.pubkey)
        return replace(plain, kind=PostKind.BOOST, boosted_by=by, boost_id=event.id, boosted_at=event.at)

    def _text(self, event: Event, quoted: Quoted | None) -> str:
        """The words; names of people are shown by their names, and a quoted post not twice."""

        def shown(name: str, written: str) -> str:
            try:
                pointer = nip19.read(name)
            except ValueError:
                return written
            if pointer.kind == "profile":
                author = self.author(pointer.id)
                return f"@{author.name or author.handle}"
            return "" if quoted is not None and pointer.id == quoted.remote_id else written

        text = nip19.renamed(event.content, shown)
        return text.rstrip() if text != event.content else text

    def _quoted(self, event: Event) -> Quoted | None:
        event_id = event.first("q")
        if not is_id(event_id):
            return None
        note = self.known(event_id)
        url = f"{WEB}/{nip19.nevent(event_id)}"
        if note is None or note.kind != NOTE:
            return Quoted(Author(EMPTY), EMPTY, url, event_id, "unread")
        inner = nip19.renamed(note.content, lambda _name, written: written[:20] + "…")
        return Quoted(self.author(note.pubkey), SafeText(inner), url, event_id, visibility=Visibility.PUBLIC)


def _media(event: Event, text: str) -> tuple[Media, ...]:
    """Pictures and films that the text links to, with the words that describe them (NIP-92)."""
    alts: dict[str, str] = {}
    for tag in event.tags:
        if tag and tag[0] == "imeta":
            fields = dict(part.partition(" ")[::2] for part in tag[1:])
            alts[fields.get("url", "")] = fields.get("alt", "")
    found: dict[str, Media] = {}
    for start, end in links(text):
        address = web_link(text[start:end])
        path = urlsplit(address).path.lower() if address else ""
        kind = next((kind for kind, endings in _MEDIA.items() if path.endswith(endings)), "")
        if not kind and text[start:end] in alts:
            kind = "unknown"
        if address and kind:
            found.setdefault(address, Media(kind, SafeText(alts.get(text[start:end], "")), address))
    return tuple(found.values())


def target_of(event: Event) -> str:
    """What a reaction or repost is about: the last of its e-tags (NIP-25)."""
    return next((tag[1] for tag in reversed(list(event.named("e")))), "")
