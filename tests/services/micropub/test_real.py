"""The adapter against a real Micropub and IndieAuth server (django-indieweb)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from mbclient.core.ports import SignIn
from mbclient.domain.account import Account
from mbclient.domain.draft import Attachment
from mbclient.domain.errors import AuthError
from mbclient.domain.post import Post
from mbclient.domain.secret import Secret
from mbclient.services.kit import Kit
from mbclient.services.micropub import PLUGIN
from mbclient.services.micropub.service import Micropub
from tests.servers.indieweb import MicropubServer
from tests.services.contract import AdapterContract, Bench, outgoing, unique

pytestmark = pytest.mark.server
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)


async def opened(server: MicropubServer, kit: Kit) -> Micropub:
    kit.secrets.set("work", Secret(server.token))
    home = f"{server.base_url}/"
    service = Micropub(Account("work", "micropub", home, home.split("//")[1].rstrip("/"), home), kit)
    await service.load_capabilities()
    return service


class RealBench(Bench):
    """Home is the site's own list; what is seeded is a little younger each time, for all of a run's posts are there."""

    def __init__(self, service: Micropub, server: MicropubServer) -> None:
        super().__init__(service)
        self.server = server

    async def seed(self, texts: Sequence[str]) -> list[str]:
        at = datetime.now(UTC)
        return [self.server.post(text, (at + timedelta(microseconds=n)).isoformat()) for n, text in enumerate(texts)]

    async def reply_as_other(self, post: Post, text: str) -> str:
        raise AssertionError("nobody else writes on one's own site")

    async def count(self, text: str) -> int:
        return self.server.count(text)


class TestContract(AdapterContract):
    @pytest.fixture
    async def bench(self, kit: Kit, micropub_server: MicropubServer) -> Bench:
        return RealBench(await opened(micropub_server, kit), micropub_server)


class Browser:
    """The user, who signs in on the page, says yes, and pastes the address the browser ended at."""

    def __init__(self, server: MicropubServer, *, door: bool) -> None:
        self._server, self._door = server, door
        self.back = ""

    async def show_address(self, url: str) -> None:
        self.back = self._server.press_yes(url)

    async def ask_code(self) -> str:
        if self._door:
            async with httpx.AsyncClient(trust_env=False) as client:
                await client.get(self.back)
        return self.back


@pytest.mark.parametrize("door", [True, False])
async def test_indieauth_with_pkce(micropub_server: MicropubServer, kit: Kit, door: bool) -> None:
    request = SignIn(Account("work", "micropub", micropub_server.base_url), paste=not door)
    browser = Browser(micropub_server, door=door)
    signed = await PLUGIN.sign_in(request, browser, kit)
    assert signed.profile.text == "Anna Ek\nJobbar på Grönkvist"
    assert signed.secret is not None
    kit.secrets.set("work", signed.secret)
    service = PLUGIN.open(signed.account, kit)
    text = unique()
    published = await service.publish(await service.prepare(outgoing(text)))
    assert micropub_server.count(text) == 1
    await service.delete(await service.post(published.remote_id))
    assert micropub_server.count(text) == 0


async def test_a_code_is_good_for_one_login(micropub_server: MicropubServer, kit: Kit) -> None:
    browser = Browser(micropub_server, door=False)
    await PLUGIN.sign_in(SignIn(Account("work", "micropub", micropub_server.base_url), paste=True), browser, kit)

    class Stale(Browser):
        async def ask_code(self) -> str:
            return httpx.URL(browser.back).params["code"]

    with pytest.raises(AuthError, match="did not let you in"):
        await PLUGIN.sign_in(
            SignIn(Account("work", "micropub", micropub_server.base_url), paste=True),
            Stale(micropub_server, door=False),
            kit,
        )


async def test_a_wrong_token(micropub_server: MicropubServer, kit: Kit) -> None:
    request = SignIn(Account("work", "micropub", micropub_server.base_url), Secret("wrong"))
    with pytest.raises(AuthError, match="does not accept"):
        await PLUGIN.sign_in(request, Browser(micropub_server, door=False), kit)


async def test_a_picture(micropub_server: MicropubServer, kit: Kit, tmp_path: Path) -> None:
    """This server knows pictures by their address alone."""
    picture = tmp_path / "bild.png"
    picture.write_bytes(PIXEL)
    service = await opened(micropub_server, kit)
    text = unique()
    prepared = await service.prepare(outgoing(text, media=(Attachment(str(picture), "En punkt"),)))
    post = await service.post((await service.publish(prepared)).remote_id)
    assert [medium.type for medium in post.media] == ["image"]
    assert micropub_server.count(text) == 1
