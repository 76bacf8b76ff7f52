"""The contract against `mastodon_mock`, a stateful mock of Mastodon's API by others: not Mastodon either.

It serves plain `content` without anchors, dates with microseconds, and does not check PKCE; the tests' own server has
those shapes. What it adds is a second opinion, written by somebody else, on endpoints and their order.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from mbclient.core.ports import Service, SignIn
from mbclient.domain.account import Account
from mbclient.domain.post import Post
from mbclient.domain.secret import Secret
from mbclient.services.mastodon import PLUGIN
from mbclient.services.mastodon.service import Mastodon
from tests.servers.mastodon import MastodonAccount, MastodonMock
from tests.servers.processes import READY_SECONDS
from tests.services.contract import AdapterContract, Bench
from tests.services.kit import kit_in
from tests.services.mastodon.test_login import Browser

pytestmark = pytest.mark.server


class MockBench(Bench):
    """anna is "me", bo is the other; the seeded accounts follow each other."""

    patience = READY_SECONDS

    def __init__(self, service: Mastodon, mock: MastodonMock) -> None:
        super().__init__(service)
        self.mock = mock
        self.me, self.bo = mock.accounts["anna"], mock.accounts["bo"]

    async def _api(self, account: MastodonAccount, method: str, path: str, body: object = None) -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            answer = await client.request(
                method, f"{self.mock.base_url}{path}", json=body, headers=account.authorization
            )
        return answer.raise_for_status()

    async def seed(self, texts: Sequence[str]) -> list[str]:
        return [await self._write(self.bo, {"status": text}) for text in texts]

    async def _write(self, account: MastodonAccount, body: dict[str, str]) -> str:
        return str((await self._api(account, "POST", "/api/v1/statuses", body)).json()["id"])

    async def reply_as_other(self, post: Post, text: str) -> str:
        return await self._write(self.bo, {"status": f"@anna {text}", "in_reply_to_id": post.remote_id})

    async def count(self, text: str) -> int:
        me = self.service.account.remote_id
        found = (await self._api(self.me, "GET", f"/api/v1/accounts/{me}/statuses?limit=40")).json()
        sources = [(await self._api(self.me, "GET", f"/api/v1/statuses/{s['id']}/source")).json() for s in found]
        return sum(1 for source in sources if source["text"] == text)

    async def fail(self, fault: str) -> None:
        effect = {"limited": "ratelimit", "garbage": "malformed"}.get(fault, "status")
        status = {"auth": 401, "down": 503, "refused": 403}.get(fault)
        home = "/api/v1/timelines/home"
        await asyncio.to_thread(self.mock.fault, effect, path=home, methods=["GET"], status=status)


class TestContract(AdapterContract):
    @pytest.fixture
    async def bench(self, mastodon_mock: MastodonMock, tmp_path: Path) -> AsyncIterator[Bench]:
        async with kit_in(tmp_path) as kit:
            token = Secret(mastodon_mock.accounts["anna"].access_token)
            request = SignIn(Account("work", "mastodon", mastodon_mock.base_url), secret=token)
            signed = await PLUGIN.sign_in(request, Browser(), kit)
            assert signed.secret
            kit.secrets.set("work", signed.secret)
            service = Mastodon(signed.account, kit)
            await service.load_capabilities()
            yield MockBench(service, mastodon_mock)

    async def test_a_choice_too_many_is_refused(self, bench: Bench, service: Service) -> None:
        pytest.skip("the mock takes any number of choices")


class Picker(Browser):
    """The mock's page asks which account it shall be: this user picks anna."""

    async def _go(self, url: str) -> None:
        parts = urlsplit(url)
        fields = dict(parse_qsl(parts.query)) | {"username": "anna"}
        async with httpx.AsyncClient(trust_env=False) as client:
            picked = await client.post(f"{parts.scheme}://{parts.netloc}{parts.path}", data=fields)
            if picked.status_code == 302:
                await client.get(picked.headers["location"])
            else:
                self.pages.append(picked.text.partition("code: ")[2].partition("<")[0])
                self._ready.set()


@pytest.mark.parametrize("paste", [False, True], ids=["browser", "pasted"])
async def test_the_code_flow(mastodon_mock: MastodonMock, tmp_path: Path, paste: bool) -> None:
    async with kit_in(tmp_path) as kit:
        request = SignIn(Account("work", "mastodon", mastodon_mock.base_url), paste=paste)
        async with asyncio.timeout(30):
            signed = await PLUGIN.sign_in(request, Picker(paste=paste), kit)
        assert signed.secret
        assert signed.account.handle.startswith("anna@127.0.0.1")
        kit.secrets.set("work", signed.secret)
        service = Mastodon(signed.account, kit)
        assert (await service.verify()).remote_id == signed.account.remote_id
        assert (service.capabilities.software, service.capabilities.version) == ("mastodon", "4.5.0")
