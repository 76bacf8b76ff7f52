"""Sending so that nothing is ever posted twice: prepare, publish, find, delete (facts/x.md 5).

No key protects a repeat. X refuses the same text twice, without saying which post has it: that means "probably
posted", and the own posts tell.
"""

from __future__ import annotations

import re
import unicodedata
from asyncio import sleep, to_thread
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

from mbclient.core.ports import Json, Outgoing, Published
from mbclient.domain.draft import Attachment
from mbclient.domain.errors import RejectedError, UnreachableError, UsageError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Post, Visibility
from mbclient.domain.safetext import SafeText
from mbclient.domain.weighted import FORBIDDEN, LIMIT, links, weighted_length
from mbclient.services.answers import Answer
from mbclient.services.fields import Garbage, identity, items, number, obj, string, taken
from mbclient.services.files import read_file
from mbclient.services.plainwords import whole_characters
from mbclient.services.x.api import Api
from mbclient.services.x.faults import DUPLICATE, NOT_SUMMONED, not_summoned
from mbclient.services.x.posts import Around, poll_of, readable, references, written_at
from mbclient.services.x.prices import DESCRIBED, TAKEN_BACK, price_of
from mbclient.services.x.reading import Reading
from mbclient.texts import _

SKEW = timedelta(minutes=10)  # between this clock and the server's, when a sent post is looked for
MAX_FIND_PAGES = 3
MAX_PICTURE, MAX_GIF = 5_000_000, 15_000_000
GIF = "image/gif"
MEDIA_TRIES, SHORTEST_S, LONGEST_S = 30, 1, 10  # X says how long to wait before it is asked again (`check_after_secs`)
PICTURES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": GIF,
}
_CASHTAG = re.compile(r"(?<![\w$])\$[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?(?!\w)")
_LEADING_NAMES = re.compile(r"(?:@\w{1,50}\s+)*")


@dataclass(frozen=True, slots=True)
class _Picture:
    """What is uploaded of an attachment."""

    name: str
    kind: str
    content: bytes
    alt: str


class Posting:
    """The writing half of the adapter. `_sent`: which post each key of this run became, so that equal texts differ."""

    def __init__(self, api: Api, reading: Reading, *, full: bool) -> None:
        self._api = api
        self._reading = reading
        self._full = full
        self._sent: dict[str, str] = {}

    # ------------------------------------------------------------ prepare

    async def prepare(self, outgoing: Outgoing) -> Json:
        """Raises before anything is sent, uploaded or paid for what X would not take."""
        self._check(outgoing)
        text = unicodedata.normalize("NFC", whole_characters(outgoing.text))
        body: dict[str, object] = {"text": text} if text else {}
        if outgoing.reply_to is not None:
            body["reply"] = {"in_reply_to_tweet_id": outgoing.reply_to.remote_id}
        if outgoing.quote_of is not None:
            body["quote_tweet_id"] = outgoing.quote_of.remote_id
        if outgoing.poll is not None:
            minutes = -(-outgoing.poll.seconds // 60)
            body["poll"] = {"options": list(outgoing.poll.choices), "duration_minutes": minutes}
        started = self._api.kit.clock.now()
        if outgoing.media:
            pictures = [await _picture(attachment) for attachment in outgoing.media]
            # what the cap refuses is refused now: its pictures would be uploaded, and their descriptions paid, in vain
            described = [DESCRIBED for attachment in outgoing.media if attachment.alt]
            await self._api.check_cap([price_of(text), *described])
            body["media"] = {"media_ids": [await self._upload(picture) for picture in pictures]}
        return {"key": outgoing.key, "started": started.isoformat(), "body": body}

    def _check(self, outgoing: Outgoing) -> None:
        wanted = {"edit": outgoing.edit_of, "schedule": outgoing.due, "cw": outgoing.cw}
        for ability, value in wanted.items():
            if value:
                raise self._api.unsupported(ability)
        if outgoing.visibility is not Visibility.PUBLIC:
            raise self._api.unsupported(outgoing.visibility)
        refusal = self.unanswerable(outgoing.reply_to) if outgoing.reply_to is not None else None
        if refusal is not None:
            raise refusal
        if outgoing.quote_of is not None:
            if not self._full:
                raise self._api.unsupported(
                    "quote", _("self-serve plans have no quotes since 2026; put the post's link into the text")
                )
            if outgoing.media or outgoing.poll:
                raise self._api.unsupported("quote", _("X takes a quote, pictures or a poll, and one of them alone"))
        moving = [attachment for attachment in outgoing.media if attachment.path.lower().endswith(".gif")]
        if moving and len(outgoing.media) > 1:
            raise UsageError(_("X takes one moving picture (.gif) in a post, and no other with it"))
        used = weighted_length(outgoing.text)
        if not outgoing.text.strip() and not outgoing.media:
            raise UsageError(_("there is no text yet"))
        if used > LIMIT:
            raise self._api.too_long(used, LIMIT)
        if not self._full and len(_CASHTAG.findall(outgoing.text)) > 1:
            raise RejectedError(
                _("self-serve plans take one cashtag ($ABC) in a post"),
                _("leave the others out"),
                account=self._api.account.name,
                code="cashtags",
            )
        if set(outgoing.text) & set(FORBIDDEN):
            raise RejectedError(
                _("the text holds a character that X takes in no post"),
                _("write it anew"),
                account=self._api.account.name,
                code="character",
            )

    def unanswerable(self, post: Post) -> RejectedError | None:
        """Self-serve plans: to one's own posts, and to who is known to have mentioned one or quoted one's posts."""
        if self._full or self._reading.has_called(post):
            return None
        return not_summoned(self._api.account.name, self._page_for(post.remote_id))

    async def _upload(self, picture: _Picture) -> str:
        """The id of an uploaded picture, with its description. Nothing is visible yet, so it may be repeated."""
        files = {"media": (picture.name.encode("ascii", "replace").decode(), picture.content, picture.kind)}
        form = {"media_category": "tweet_gif" if picture.kind == GIF else "tweet_image"}
        answer = await self._api.call("POST", "/2/media/upload", files=files, form=form, write=False)
        media_id = identity(obj(obj(answer.json()).get("data")))
        if not media_id:
            raise self._api.garbled()
        await self._worked_on(media_id, picture.name, answer)
        if picture.alt:
            body = {"id": media_id, "metadata": {"alt_text": {"text": picture.alt}}}
            await self._api.deed("POST", "/2/media/metadata", DESCRIBED, body)
        return media_id

    async def _worked_on(self, media_id: str, name: str, answer: Answer) -> None:
        """Waits until X is through with a moving picture: a post that names it before is refused."""
        for _number in range(MEDIA_TRIES):
            work = obj(obj(obj(answer.json()).get("data")).get("processing_info"))
            state = string(work, "state")
            if state == "failed":
                said = string(obj(work.get("error")), "message") or string(obj(work.get("error")), "name") or state
                reason = SafeText.line(said, max_characters=300)
                raise RejectedError(
                    _("X can make nothing of {file}: {reason}").format(file=SafeText.line(name), reason=reason),
                    _("try another file"),
                    account=self._api.account.name,
                    code="media",
                )
            if state not in ("pending", "in_progress"):
                return
            await sleep(min(max(number(work, "check_after_secs"), SHORTEST_S), LONGEST_S))
            answer = await self._api.call("GET", f"/2/media/upload?command=STATUS&media_id={quote(media_id, safe='')}")
        raise UnreachableError(
            _("the server is still working on {file}").format(file=SafeText.line(name)),
            _("try again later"),
            account=self._api.account.name,
        )

    # ------------------------------------------------------------ publish

    async def publish(self, prepared: Json) -> Published:
        body = obj(prepared["body"])
        try:
            answer = await self._api.call("POST", "/2/tweets", body=body, price=price_of(string(body, "text")))
        except RejectedError as error:
            if error.code == NOT_SUMMONED:
                parent = string(obj(body.get("reply")), "in_reply_to_tweet_id")
                raise not_summoned(error.account, self._page_for(parent), error.status) from error
            found = await self.find(prepared) if error.code == DUPLICATE else None
            if found is None:
                raise
            return found
        remote_id = identity(obj(obj(answer.json()).get("data")))
        if not remote_id:
            raise self._api.unsure()
        self._sent[string(prepared, "key")] = remote_id
        return self._published(remote_id, None)

    def _page_for(self, remote_id: str) -> str:
        """X's own page for a reply."""
        return f"{self._api.web}/intent/tweet?in_reply_to={quote(remote_id, safe='')}"

    def _published(self, remote_id: str, post: Post | None) -> Published:
        """The time stands in the id."""
        at = written_at(remote_id) or self._api.kit.clock.now()
        handle = self._api.account.handle.lstrip("@") or "i"
        url = post.url if post else f"{self._api.web}/{handle}/status/{remote_id}"
        return Published(remote_id, f"https://x.com/i/status/{remote_id}", url, at, post)

    # ------------------------------------------------------------ find and delete

    async def find(self, prepared: Json) -> Published | None:
        """Among the own posts since the send: same words, same parent, same quote."""
        key, body = string(prepared, "key"), obj(prepared["body"])
        others = taken(prepared) | {post for other, post in self._sent.items() if other != key}
        since = datetime.fromisoformat(string(prepared, "started")) - SKEW
        async for raw in self._reading.own_pages(since, pages=MAX_FIND_PAGES):
            around = Around.of(raw)
            for entry in map(obj, items(raw.get("data"))):
                name = identity(entry)
                if name and name not in others and (name == self._sent.get(key) or _is_it(entry, body, around)):
                    self._sent[key] = name
                    return self._published(name, self._seen(entry, around))
        return None

    def _seen(self, entry: Mapping[str, object], around: Around) -> Post | None:
        try:
            return self._reading.decoder.post(entry, around)
        except Garbage:
            return None

    async def delete(self, post: Post) -> None:
        path = f"/2/tweets/{quote(post.remote_id, safe='')}"
        answer = await self._api.call("DELETE", path, price=TAKEN_BACK, accept=frozenset({404, 410}))
        if answer.ok and obj(obj(answer.json()).get("data")).get("deleted") is not True:
            raise self._api.unsure()
        self._reading.forget_own(post.remote_id)


async def _picture(attachment: Attachment) -> _Picture:
    """The file, read. Raises `UsageError` for one that X does not take: before any is uploaded."""
    path = Path(attachment.path)
    kind = PICTURES.get(path.suffix.lower())
    if kind is None:
        name = SafeText.line(path.name)
        raise UsageError(_("{file}: X takes {kinds}").format(file=name, kinds=" ".join(sorted(PICTURES))))
    content = await to_thread(read_file, path, MAX_GIF if kind == GIF else MAX_PICTURE)
    return _Picture(path.name, kind, content, attachment.alt)


def _is_it(entry: Mapping[str, object], body: Mapping[str, object], around: Around) -> bool:
    """Whether an own post is what a body asked for. Names that X puts before a reply are not its writer's words."""
    poll = poll_of(entry, around)
    if poll is not None:
        options = [SafeText.line(each) for each in items(obj(body.get("poll")).get("options")) if isinstance(each, str)]
        if [choice.text for choice in poll.choices] != options:
            return False
    kinds = dict(references(entry))
    parent = string(obj(body.get("reply")), "in_reply_to_tweet_id")
    if kinds.get("replied_to", "") != parent or kinds.get("quoted", "") != string(body, "quote_tweet_id"):
        return False
    there, wanted = tidy(readable(entry)[0]), tidy(string(body, "text"))
    return there == wanted or (bool(parent) and _LEADING_NAMES.sub("", there, count=1) == wanted)


def tidy(text: str) -> str:
    """Letters composed, blanks trimmed, each link as an address: that is how X hands a text back."""
    composed = unicodedata.normalize("NFC", text).strip()
    parts, position = list[str](), 0
    for start, end in links(composed):
        parts += [composed[position:start], _address(composed[start:end])]
        position = end
    return "".join([*parts, composed[position:]])


def _address(link: str) -> str:
    whole = link if re.match(r"https?://", link, re.IGNORECASE) else f"http://{link}"
    try:
        parts = urlsplit(whole)
    except ValueError:  # a host that Python finds none: a wide slash in it, say
        return link
    return f"{parts.netloc.lower()}{parts.path.rstrip('/')}{'?' if parts.query else ''}{parts.query}"
