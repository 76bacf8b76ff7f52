"""What is signed and sent: notes, replies, quotes, reposts, reactions, deletions.

A note is signed once. The signed event is what the outbox keeps, and nothing else is ever sent again: its id is its
identity, so a repeat is harmless on every relay.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import field, replace
from datetime import UTC, datetime

from mbclient.core.ports import Json, Outgoing, Published
from mbclient.domain.errors import (
    OutcomeUnknownError,
    RejectedError,
    ServiceError,
    UnreachableError,
    UnsupportedError,
    UsageError,
)
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.lengths import utf8_length
from mbclient.domain.post import Mine, Post, Visibility
from mbclient.services.nostr import nip19, relays
from mbclient.services.nostr.events import (
    DELETION,
    NOTE,
    REACTION,
    RELAYS,
    REPOST,
    Event,
    Filter,
    MalformedError,
    is_id,
    read_event,
    signed,
)
from mbclient.services.nostr.posts import place_of, target_of
from mbclient.services.nostr.reading import Reader
from mbclient.services.nostr.refusals import severest
from mbclient.services.nostr.relay import Taken
from mbclient.services.nostr.repeats import Repeats
from mbclient.services.nostr.session import Session
from mbclient.services.nostr.showing import Showing
from mbclient.texts import _

MAX_RELAYS = 12  # a note is sent to: one's own, and those where the people named read
FRAME_ROOM = 1500  # bytes of a frame that are not the text: keys, ids, some tags
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_TAG = re.compile(r"(?<![\w&/#])#([^\W_][\w-]*)")
_SECRET = re.compile(r"nsec1[02-9ac-hj-np-z]{20,}", re.IGNORECASE)


def content_of(text: str) -> str:
    """The text as it is signed: names of people and posts as `nostr:` addresses (NIP-27), no control characters."""

    def addressed(name: str, written: str) -> str:
        try:
            nip19.read(name)
        except ValueError:
            return written
        return f"nostr:{name}"

    return nip19.renamed(_plain(text), addressed)


def _plain(text: str) -> str:
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def frame_length(content: str) -> int:
    """Bytes of the whole message as it goes over the line, tags of a usual number included."""
    return utf8_length(json.dumps(content)) + FRAME_ROOM


@dataclass(slots=True)
class Writer:
    """Everything that writes, for one account. `limit`: characters that all own relays take."""

    session: Session
    reader: Reader
    showing: Showing
    repeats: Repeats
    limit: int
    _prepared: OrderedDict[str, tuple[tuple[object, ...], Json]] = field(default_factory=OrderedDict)

    # ------------------------------------------------------------ notes

    async def prepare(self, outgoing: Outgoing) -> Json:
        """`{event, relays}`. The same post prepared twice in one run is signed once."""
        account = self.session.account.name
        _refuse_what_is_not_there(outgoing, account)
        key, lists = await self.session.key(), await self.session.lists()
        content = content_of(outgoing.text)
        tags = _text_tags(outgoing, content)
        if outgoing.reply_to is not None:
            tags = await self._reply_tags(outgoing.reply_to, lists.write[0]) + tags
        if outgoing.quote_of is not None:
            quoted = outgoing.quote_of
            hint = lists.read[0]
            content = f"{content}\nnostr:{nip19.nevent(quoted.remote_id, quoted.author.remote_id, hint)}"
            tags += [("q", quoted.remote_id, hint, quoted.author.remote_id), ("p", quoted.author.remote_id)]
        if len(content) > self.limit:
            raise RejectedError(
                _("the text is too long: {used} of {limit} characters").format(used=len(content), limit=self.limit),
                _("make it shorter"),
                account=account,
            )
        unsigned: tuple[object, ...] = (content, tuple(tags))
        before = self._prepared.get(outgoing.key)
        if before is not None and before[0] == unsigned:
            return before[1]
        event = signed(key, self.session.now(), NOTE, _once(tags), content)
        people = [tag[1] for tag in event.named("p")]
        prepared: Json = {"event": event.raw(), "relays": [*lists.write, *await self._inboxes(people, lists.write)]}
        self._prepared[outgoing.key] = (unsigned, prepared)
        while len(self._prepared) > 100:
            self._prepared.popitem(last=False)
        return prepared

    async def _reply_tags(self, post: Post, hint: str) -> list[tuple[str, ...]]:
        """Marked e-tags, and everybody who took part (NIP-10)."""
        parent = await self.reader.event(post.remote_id)
        if parent.kind != NOTE:
            raise UnsupportedError(_("only notes can be answered here"), account=self.session.account.name)
        root = place_of(parent).root or parent.id
        tags: list[tuple[str, ...]] = []
        if root == parent.id:
            tags.append(("e", parent.id, hint, "root", parent.pubkey))
        else:
            first = self.session.pool.known(root)
            tags.append(("e", root, hint, "root", *([first.pubkey] if first is not None else [])))
            tags.append(("e", parent.id, hint, "reply", parent.pubkey))
        me = await self.session.me()
        people = [parent.pubkey, *(tag[1] for tag in parent.named("p") if is_id(tag[1]))]
        return tags + [("p", person) for person in dict.fromkeys(people) if person != me]

    async def _inboxes(self, people: Iterable[str], own: Sequence[str]) -> list[str]:
        """Where those who are named read (NIP-65), as far as the own relays know."""
        named = [person for person in dict.fromkeys(people) if is_id(person)][:20]
        if not named:
            return []
        wanted: Filter = {"kinds": [RELAYS], "authors": named}
        try:
            found = await self.session.pool.stored((await self.session.lists()).read, [wanted])
        except ServiceError:
            return []
        local = relays.is_local(own)
        theirs = [name for event in found.values() for name in relays.listed(event, "read", local=local)[:2]]
        return [name for name in dict.fromkeys(theirs) if name not in own][: MAX_RELAYS - len(own)]

    async def publish(self, prepared: Json) -> Published:
        """At every relay at once; it is out as soon as one has it."""
        event = _event(prepared)
        await self.session.key()
        await self._send(event, [str(name) for name in _listed(prepared)])
        return await self.published(event)

    async def _send(self, event: Event, names: Sequence[str]) -> None:
        lists = await self.session.lists()  # tells which relays are one's own
        taken = await self.session.pool.publish(names, event.raw())
        own = [each for each in taken if each.ok or each.unknown or each.relay in self.session.pool.own]
        if any(each.ok for each in taken):
            self.repeats.note(event, taken)
            self.repeats.introduce(
                lists.relays, [each.relay for each in taken if each.relay not in self.session.pool.own]
            )
        settle(own or taken, self.session.account.name)  # what strangers' relays refuse says nothing of the account
        await self.session.pool.genuine([event.raw()], [{}])

    async def published(self, event: Event) -> Published:
        posts: list[Post] = []
        with suppress(ServiceError):  # it is out all the same
            posts = (await self.showing.posts([event]))[0]
        decoder = await self.session.decoder()
        post = posts[0] if posts else decoder.post(event)
        return Published(event.id, post.uri, post.url, datetime.fromtimestamp(event.created_at, UTC), post)

    async def find(self, prepared: Json) -> Published | None:
        """By its id, at the relays that it was sent to."""
        event = _event(prepared)
        await self.session.lists()
        found = await self.session.pool.stored([str(name) for name in _listed(prepared)], [{"ids": [event.id]}])
        return await self.published(found[event.id]) if event.id in found else None

    # ------------------------------------------------------------ deeds

    async def delete(self, post: Post) -> None:
        """A request to every relay that may have it (NIP-9): there is no certainty that all heed it."""
        if post.author.remote_id != await self.session.me():
            raise UsageError(_("{id} is not your own post").format(id=post.id))
        note = self.session.pool.known(post.remote_id)
        if note is None:
            with suppress(ServiceError):  # gone here, it may still be there
                note = await self.reader.event(post.remote_id)
        await self._take_back([post.remote_id], NOTE, [tag[1] for tag in note.named("p")] if note is not None else [])

    async def _take_back(self, ids: Sequence[str], kind: int, people: Sequence[str] = ()) -> None:
        """Asked for at the own relays and, as a note went there too, where the `people` read that it names."""
        key, lists = await self.session.key(), await self.session.lists()
        self.repeats.forget(ids)
        tags = [*(("e", event_id) for event_id in ids), ("k", str(kind))]
        event = signed(key, self.session.now(), DELETION, tags, "")
        inboxes = await self._inboxes(people, lists.write)  # the very ones that the note was sent to
        await self._send(event, tuple(dict.fromkeys((*lists.write, *lists.read, *inboxes))))

    async def set_liked(self, post: Post, on: bool) -> Mine:
        ref = await self._set(post, REACTION, on)
        return replace(post.mine, liked=on, like_ref=ref)

    async def set_boosted(self, post: Post, on: bool) -> Mine:
        ref = await self._set(post, REPOST, on)
        return replace(post.mine, boosted=on, boost_ref=ref)

    async def _set(self, post: Post, kind: int, on: bool) -> str:
        """One reaction or repost, or none; the id of the one that stands."""
        me, lists = await self.session.me(), await self.session.lists()
        key = await self.session.key()
        wanted: Filter = {"kinds": [kind], "authors": [me], "#e": [post.remote_id]}
        found = await self.session.pool.stored(tuple(dict.fromkeys((*lists.write, *lists.read))), [wanted])
        mine = [event for event in found.values() if target_of(event) == post.remote_id and event.content != "-"]
        back = await self.showing.taken_back(mine)
        standing = [event for event in mine if event.id not in back]
        if not on:
            if standing:
                await self._take_back([event.id for event in standing], kind)
            return ""
        if standing:
            return standing[0].id
        note = await self.reader.event(post.remote_id)
        hint = lists.read[0]
        tags: list[tuple[str, ...]] = [("e", note.id, hint, *([note.pubkey] if kind == REACTION else []))]
        tags.append(("p", note.pubkey))
        content = "+"
        if kind == REACTION:
            tags.append(("k", str(note.kind)))
        else:  # the author of a protected note does not want it carried on (NIP-70)
            content = "" if ["-"] in [list(tag) for tag in note.tags] else json.dumps(note.raw(), ensure_ascii=False)
        event = signed(key, self.session.now(), kind, tags, content)
        await self._send(event, lists.write)
        return event.id


def settle(taken: Sequence[Taken], account: str) -> None:
    """What several relays' answers come to: one yes is a yes, an open question is no no. Raises `ServiceError`."""
    if any(each.ok for each in taken):
        return
    open_ones = [each for each in taken if each.unknown]
    if open_ones:
        raise OutcomeUnknownError(
            _("{n} relays gave no answer to the post").format(n=len(open_ones)),
            _("it is looked up before anything is sent again"),
            account=account,
        )
    errors = [each.error for each in taken if each.error is not None]
    raise severest(errors) if errors else UnreachableError(_("there is no relay to send to"), account=account)


def _event(prepared: Json) -> Event:
    """The signed event. Raises `RejectedError` when the file it lay in was changed."""
    try:
        return read_event(prepared.get("event"))
    except MalformedError as error:
        raise RejectedError(_("the post was changed after it was signed"), _("write it anew")) from error


def _listed(prepared: Json) -> list[object]:
    value = prepared.get("relays")
    return value if isinstance(value, list) else []


def _once(tags: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Each person and word once, however often they are named."""
    return list({(tag[0], tag[1]): tag for tag in reversed(list(tags))}.values())[::-1]


def _text_tags(outgoing: Outgoing, content: str) -> list[tuple[str, ...]]:
    tags: list[tuple[str, ...]] = [("t", match[1].lower()) for match in _TAG.finditer(content)]
    for name in nip19.names(content):
        try:
            pointer = nip19.read(name)
        except ValueError:
            continue
        if pointer.kind == "profile":
            tags.append(("p", pointer.id))
    if outgoing.cw:
        tags.append(("content-warning", _plain(outgoing.cw)))
    language = outgoing.lang.replace("_", "-").partition("-")[0].lower()
    if re.fullmatch(r"[a-z]{2}", language):
        tags += [("L", "ISO-639-1"), ("l", language, "ISO-639-1")]
    return tags


def _refuse_what_is_not_there(outgoing: Outgoing, account: str) -> None:
    """Nothing that was asked for is dropped in silence, and a key never goes out."""
    if any(_SECRET.search(_plain(said)) for said in (outgoing.text, outgoing.cw)):  # as signed: all tags are of these
        raise RejectedError(
            _("the post holds a private key (nsec)"), _("take it out: whoever has it is you"), account=account
        )
    problem = ""
    if outgoing.media:
        problem = _("pictures cannot be sent to Nostr from here")
    elif outgoing.visibility is not Visibility.PUBLIC:
        problem = _("posts on Nostr are public")
    elif outgoing.edit_of is not None:
        problem = _("posts on Nostr cannot be edited")
    elif outgoing.due is not None:
        problem = _("Nostr does not schedule posts")
    if problem:
        raise UnsupportedError(problem, _("change the post, or send it elsewhere"), account=account)
