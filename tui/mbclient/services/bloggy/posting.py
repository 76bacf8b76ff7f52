"""Posting by Bloggy's own call, the one that is known for certain (facts/gnusocial.md 9)."""

from __future__ import annotations

import re

from mbclient.core.ports import Json, Outgoing, Published
from mbclient.domain.errors import AuthError, RejectedError, ServiceError
from mbclient.domain.safetext import SafeText
from mbclient.services.answers import Answer
from mbclient.services.bloggy.reading import BloggyReading
from mbclient.services.fields import string
from mbclient.services.gnusocial.api import Api
from mbclient.services.gnusocial.posting import Posting
from mbclient.services.person import sign_in_again
from mbclient.texts import _

_CREATED = re.compile(r"OK: post created with guid\s+\D{0,200}?(\d{1,20})\b")
_DENIED = re.compile(r"\b(?:login|password|lösenord|inloggning|auth)", re.IGNORECASE)


class BloggyPosting(Posting):
    """New posts go by the known call; replies only by the Twitter-like API, for nobody wrote of another way."""

    def __init__(self, api: Api, reading: BloggyReading) -> None:
        super().__init__(api, reading)
        self._bloggy = reading

    async def prepare(self, outgoing: Outgoing) -> Json:
        if outgoing.reply_to:
            await self._bloggy.need_api("reply")
        return await super().prepare(outgoing)

    async def publish(self, prepared: Json) -> Published:
        if string(prepared, "reply_to"):
            return await super().publish(prepared)
        answer = await self._known_call(string(prepared, "text"))
        if not answer.ok:
            raise self._api.refusal(answer)
        created = _CREATED.search(answer.text[:2000])
        if created is None:
            raise self._failed(answer)
        self._sent[string(prepared, "key")] = created[1]
        try:
            post = await self._reading.post(created[1])
        except ServiceError:  # it exists: the server said so
            return Published(created[1], "", "", self._api.kit.clock.now())
        return Published.of(post)

    async def _known_call(self, text: str) -> Answer:
        """A GET that acts, with the password in its address: so it is written, and never asked twice.

        It goes out over TLS alone, and no line of the log holds an address.
        """
        password = (await self._api.credentials()).password
        return await self._api.kit.http.request(
            "GET",
            f"{self._api.base}/api",
            account=self._api.account.name,
            params=[
                ("login", self._bloggy.nick),
                ("p", password.reveal()),
                ("content", text),
                ("type", "post"),
            ],
            write=True,
        )

    def _failed(self, answer: Answer) -> ServiceError:
        """Anything but the known words was a failure, told in words only; a page of HTML is no word of the API's."""
        said = answer.text.strip()
        if not said or said.startswith("<"):
            return self._api.unsure()
        reason = _("{host} said: {reason}").format(host=answer.host, reason=SafeText.line(said, max_characters=200))
        if _DENIED.search(said):
            return AuthError(reason, sign_in_again(self._api.account), account=self._api.account.name)
        return RejectedError(reason, account=self._api.account.name, status=answer.status)
