"""The notice board of the intranet, as a service of mbclient: docs/adapters.md walks through it.

GET /notices?below=N&above=N&limit=N gives [{"number", "key", "by", "text", "at"}], newest first; GET /notices/KEY gives
one; PUT /notices/KEY {"by", "text"} makes one, and changes nothing when the key is taken. No login.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from mbclient.core.ports import HOME, Feed, Json, Outgoing, Page, Profile, Published, Service, SignedIn, SignIn
from mbclient.core.ports import LoginDialog as Dialog
from mbclient.core.ports import LoginForm as Form
from mbclient.domain.account import Account
from mbclient.domain.capabilities import Capabilities, Idempotency
from mbclient.domain.errors import OutcomeUnknownError, RejectedError, ServiceError, UnreachableError
from mbclient.domain.post import Author, Post
from mbclient.domain.safetext import SafeText
from mbclient.services.answers import raise_for_status
from mbclient.services.bare import NOTHING, Bare
from mbclient.services.fields import Garbage, identity, instant, items, number, obj, string
from mbclient.services.kit import Kit


class NoticeBoard(Bare):
    @property
    def capabilities(self) -> Capabilities:
        return replace(NOTHING, post=True, max_length=280, idempotency=Idempotency.CLIENT_ID)

    async def _ask(self, method: str, path: str, params: Json | None = None, body: Json | None = None) -> object:
        url, name = f"{self.account.url}/notices{path}", self.account.name
        query = {key: str(value) for key, value in (params or {}).items() if value}
        answer = await self.kit.http.request(method, url, account=name, params=query, json=body)
        raise_for_status(answer, self.kit.clock.now(), account=name, write=answer.write)
        return answer.json()

    def _post(self, raw: object) -> Post:
        notice = obj(raw)
        key, at, by = identity(notice, "key"), instant(notice.get("at")), SafeText.line(string(notice, "by"))
        if not key or at is None or not by:
            raise Garbage("no notice")
        text, author = SafeText(string(notice, "text")), Author(by, by, remote_id=str(by))
        return Post(self.account.name, self.account.service, key, f"notice:{key}", author, text, at)

    def _only(self, raw: object, error: type[ServiceError]) -> Post:
        try:
            return self._post(raw)
        except Garbage as garbage:  # nothing to go on with: no other item stays, as in a page
            raise error("the board answers nonsense", "try again later", account=self.account.name) from garbage

    async def verify(self) -> Profile:
        await self._ask("GET", "", {"limit": 1})
        me = SafeText.line(self.account.handle)
        return Profile(handle=me, name=me, text=me, remote_id=str(me))

    async def page(
        self, feed: Feed = HOME, *, before: str | None = None, after: str | None = None, limit: int = 40
    ) -> Page:
        raw = items(await self._ask("GET", "", {"below": before, "above": after, "limit": limit}))
        posts = list[Post]()
        for one in raw:
            try:
                posts.append(self._post(one))
            except Garbage:
                continue  # counted below, and its neighbours stay
        ends = [found for one in raw if (found := number(obj(one), "number"))]
        older, newer = (str(min(ends)), str(max(ends))) if ends else (None, None)
        whole = after is None or len(raw) < limit  # else there is a gap, which is filled from `older`
        return Page(tuple(posts), older, newer if before is None else None, whole, len(raw) - len(posts))

    async def own_posts(self, since: datetime) -> Sequence[Post]:
        found, page = list[Post](), await self.page(limit=100)
        while page.posts:
            found += [one for one in page.posts if one.author.handle == self.account.handle and one.created_at >= since]
            page = await self.page(before=page.older, limit=100) if page.posts[-1].created_at >= since else Page()
        return found

    async def post(self, remote_id: str) -> Post:
        return self._only(await self._ask("GET", f"/{remote_id}"), UnreachableError)

    async def prepare(self, outgoing: Outgoing) -> Json:
        if self.measure(outgoing.text).over:
            raise RejectedError("the notice is too long", "shorten it", account=self.account.name, code="too-long")
        return {"key": outgoing.key, "text": outgoing.text, "by": self.account.handle}

    async def publish(self, prepared: Json) -> Published:
        body = {"by": prepared["by"], "text": prepared["text"]}
        post = self._only(await self._ask("PUT", f"/{prepared['key']}", body=body), OutcomeUnknownError)
        return Published(post.remote_id, post.uri, "", post.created_at, post)

    async def find(self, prepared: Json) -> Published | None:
        try:
            post = await self.post(str(prepared["key"]))
        except RejectedError:
            return None
        return Published(post.remote_id, post.uri, "", post.created_at, post)


class Plugin:
    name, title = "noticeboard", "Notice board"
    form = Form(url_required=True, handle_required=True)

    def open(self, account: Account, kit: Kit) -> Service:
        return NoticeBoard(account, kit)

    async def sign_in(self, request: SignIn, dialog: Dialog, kit: Kit) -> SignedIn:
        account = replace(request.account, remote_id=request.account.handle)
        return SignedIn(account, None, await self.open(account, kit).verify())


PLUGIN = Plugin()
