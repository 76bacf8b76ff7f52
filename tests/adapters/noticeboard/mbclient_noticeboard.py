"""The notice board of the intranet, as a service of mbclient: docs/adapters.md walks through it.

GET /notices?below=N&above=N&limit=N gives [{"number", "key", "by", "text", "at"}], newest first; GET /notices/KEY gives
one; PUT /notices/KEY {"by", "text"} makes one, and changes nothing when the key is taken. No login.
"""

from dataclasses import replace

from mbclient.core import ports
from mbclient.domain.account import Account
from mbclient.domain.capabilities import Capabilities, Idempotency
from mbclient.domain.errors import RejectedError
from mbclient.domain.post import Author, Post
from mbclient.domain.safetext import SafeText
from mbclient.services.bare import NOTHING, Bare
from mbclient.services.decoding import understood
from mbclient.services.fields import Garbage, identity, instant, items, number, obj, string
from mbclient.services.kit import Kit
from mbclient.services.person import signed_in


class NoticeBoard(Bare):
    @property
    def capabilities(self) -> Capabilities:
        return replace(NOTHING, post=True, max_length=280, idempotency=Idempotency.CLIENT_ID)

    def _post(self, raw: object) -> Post:
        notice = obj(raw)
        key, at, by = identity(notice, "key"), instant(notice.get("at")), SafeText.line(string(notice, "by"))
        if not key or at is None or not by:
            raise Garbage("no notice")
        text, author = SafeText(string(notice, "text")), Author(by, by, remote_id=str(by))
        return Post(self.account.name, self.account.service, key, f"notice:{key}", author, text, at)

    async def verify(self) -> ports.Profile:
        await self.page(limit=1)
        me = SafeText.line(self.account.handle)
        return ports.Profile(handle=me, name=me, text=me, remote_id=str(me))

    async def page(
        self, feed: ports.Feed = ports.HOME, *, before: str | None = None, after: str | None = None, limit: int = 40
    ) -> ports.Page:
        bounds = {"below": before, "above": after, "limit": str(limit)}
        raw = items((await self.api.plain("GET", "/notices", params=bounds)).json())
        posts, skipped = await understood(raw, self._post)
        ends = [found for one in raw if (found := number(obj(one), "number"))]
        older, newer = (str(min(ends)), str(max(ends))) if ends else (None, None)
        whole = after is None or len(raw) < limit  # else there is a gap, which is filled from `older`
        return ports.Page(tuple(posts), older, newer if before is None else None, whole, skipped)

    async def post(self, remote_id: str) -> Post:
        return self.api.only(self._post, (await self.api.plain("GET", f"/notices/{remote_id}")).json())

    async def prepare(self, outgoing: ports.Outgoing) -> ports.Json:
        length = self.measure(outgoing.text)
        if length.over:
            raise self.api.too_long(length.used, length.limit)
        return {"key": outgoing.key, "text": outgoing.text, "by": self.account.handle}

    async def publish(self, prepared: ports.Json) -> ports.Published:
        answer = await self.api.plain("PUT", f"/notices/{prepared['key']}", json=prepared)
        return ports.Published.of(self.api.only(self._post, answer.json(), sent=True))

    async def find(self, prepared: ports.Json) -> ports.Published | None:
        try:
            return ports.Published.of(await self.post(str(prepared["key"])))
        except RejectedError:
            return None


class Plugin:
    name, title = "noticeboard", "Notice board"
    form = ports.LoginForm(url_required=True, handle_required=True)

    def open(self, account: Account, kit: Kit) -> NoticeBoard:
        return NoticeBoard(account, kit)

    async def sign_in(self, request: ports.SignIn, dialog: ports.LoginDialog, kit: Kit) -> ports.SignedIn:
        return signed_in(request.account, None, await self.open(request.account, kit).verify())


PLUGIN = Plugin()
