"""An adapter's own answers, recorded once and then given again with something wrong in them."""

from __future__ import annotations

import json
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from mbclient.core.ports import Service
from mbclient.domain.errors import MbclientError
from mbclient.domain.post import Post
from mbclient.services.answers import Answer
from mbclient.services.http import Http

JUNK: list[Any] = [
    None, 0, -1, 2**70, 1e308, 0.5, True, "", "x", "\x1b]52;c;aGVq\x07", "\ud83d", "\u202e" * 50, [], [[]], {},
    {"a": 1}, [None], "9" * 5000, "https://x.example/" + "a" * 5000, "javascript:alert(1)", "<b>" * 3000, "1970",
    "9999-99-99",    "0000-01-01T00:00:00Z", "2026-11-24T10:00:00+99:99", {"$type": "x"}, "did:plc:x", "at://x/y/z",
    "\n" * 3000, "\x00",
]  # fmt: skip
BYTES = (b"", b"{", b"[" * 100_000, b"null", b'"', b"\xff\xfe", b"<html>", b"{}", b"[]", b"9" * 6000, b"NaN", b"\x00")


def mutated(value: Any, chance: random.Random) -> Any:
    """The value with something wrong somewhere in it."""
    if isinstance(value, dict) and value and chance.random() < 0.93:
        name = chance.choice(list(value))
        if chance.random() < 0.1:
            return {key: inner for key, inner in value.items() if key != name}
        return value | {name: mutated(value[name], chance)}
    if isinstance(value, list) and value and chance.random() < 0.85:
        place = chance.randrange(len(value))
        return [*value[:place], mutated(value[place], chance), *value[place + 1 :]]
    return chance.choice(JUNK)


def spoiled(body: bytes, chance: random.Random) -> bytes:
    """A body with wrong values where it is JSON, else, and now and then anyway, with wrong bytes."""
    try:
        value = json.loads(body)
    except ValueError:
        value = None
    if value is not None and chance.random() < 0.9:
        for _wrong in range(chance.randint(1, 4)):
            value = mutated(value, chance)
        return json.dumps(value).encode()
    if chance.random() < 0.05:
        return chance.choice(BYTES)
    at = chance.randrange(len(body) + 1)
    kind = chance.randrange(4)
    if kind == 0:
        return body[:at]
    if kind == 1:
        return body[:at] + chance.randbytes(chance.randint(1, 4)) + body[at + 1 :]
    if kind == 2:
        return body[:at] + body[: chance.randrange(len(body) + 1)] + body[at:]
    return body[:at] + body[at + chance.randint(1, 80) :]


class Fuzz:
    """`await record(deed)` once for each deed, then `await run(rounds)`: whatever fails by another name than ours
    comes out.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seed: int = 7) -> None:
        self._chance = random.Random(seed)
        self._real = Http.request
        self._deeds: list[tuple[Callable[[], Awaitable[object]], list[Answer]]] = []
        self._tape: list[Answer] = []
        self._wrong = -1
        self._at = 0
        self.given = 0
        self.last = b""

        async def request(http: Http, *args: Any, **options: Any) -> Answer:
            return await self._request(http, *args, **options)

        monkeypatch.setattr(Http, "request", request)

    async def record_reading(self, service: Service, post: Post) -> None:
        """Every way to read; what the service cannot do has no answers."""
        one, thread = partial(service.post, post.remote_id), partial(service.thread, post)
        search, own = partial(service.search, "x"), partial(service.own_posts, post.created_at)
        for deed in (service.page, service.notifications, service.verify, one, thread, search, own):
            with suppress(MbclientError):
                await self.record(deed)

    async def record(self, deed: Callable[[], Awaitable[object]]) -> None:
        """A deed that asks nothing over HTTP is left out."""
        self._tape, self._wrong = [], -1
        await deed()
        if self._tape:
            self._deeds.append((deed, self._tape))

    async def _request(self, http: Http, *args: Any, **options: Any) -> Answer:
        if self._wrong < 0:
            answer = await self._real(http, *args, **options)
            self._tape.append(answer)
            return answer
        at, self._at = min(self._at, len(self._tape) - 1), self._at + 1
        assert self._at < 200, "asked without end"
        answer = self._tape[at]
        if at != self._wrong:
            return answer
        self.given += 1
        self.last = spoiled(answer.body, self._chance)
        return replace(answer, body=self.last)

    async def run(self, rounds: int, check: Callable[[object], None]) -> int:
        """Gives so many wrong answers, and each result to `check`; gives how many deeds came through all the same."""
        done = 0
        if not self._deeds:
            return 0
        for _number in range(rounds):
            deed, self._tape = self._chance.choice(self._deeds)
            self._wrong, self._at = self._chance.randrange(len(self._tape)), 0
            try:
                with _Naming(self):
                    result = await deed()
            except MbclientError:
                continue
            done += 1
            check(result)
        return done


class _Naming:
    """Says of whatever goes wrong inside which answer it was."""

    def __init__(self, fuzz: Fuzz) -> None:
        self._fuzz = fuzz

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if error is not None:
            error.add_note(f"the answer was {self._fuzz.last[:600]!r}")
