"""What a site declares, IndieAuth with PKCE, tokens that are pasted, renewed or too weak (facts/micropub.md A)."""

from __future__ import annotations

import asyncio
import logging
import traceback
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from mbclient.core.ports import SignedIn, SignIn
from mbclient.domain.account import Account
from mbclient.domain.errors import AuthError, RejectedError, SecretError, ServiceError, UnreachableError, UsageError
from mbclient.domain.secret import Secret
from mbclient.services.kit import Kit
from mbclient.services.micropub import PLUGIN
from mbclient.services.micropub.endpoints import discover, home_address
from mbclient.services.micropub.service import Micropub
from tests.services.contract import outgoing
from tests.services.micropub.conftest import opened
from tests.services.micropub.microblog import MicroBlog
from tests.services.micropub.server import HTML, MicropubSite, Server, Settings


class Browser:
    """The user at the browser, who says yes; `paste`: "" for the loopback, "code" or "address" for what is pasted."""

    def __init__(self, site: MicropubSite, paste: str = "", **changes: str) -> None:
        self._site, self._paste, self._changes = site, paste, changes
        self.address = ""

    async def show_address(self, url: str) -> None:
        self.address = url

    async def ask_code(self) -> str:
        back = httpx.URL(self._site.press_yes(self.address)).copy_merge_params(self._changes)
        if self._paste:
            return str(back) if self._paste == "address" else back.params["code"]
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.get(back)
        await asyncio.Event().wait()  # nobody pastes: the browser has been at the door
        return ""


async def sign_in(site: Server, kit: Kit, browser: Browser | None = None, token: str = "", **account: str) -> SignedIn:
    request = SignIn(
        Account("work", "micropub", **{"url": site.url, **account}),  # type: ignore[arg-type]  # only texts are given
        Secret(token) if token else None,
        paste=browser is not None and bool(browser._paste),
    )
    dialog = browser or Browser(MicropubSite())
    return await PLUGIN.sign_in(request, dialog, kit)


# ------------------------------------------------------------ IndieAuth


@pytest.mark.parametrize("paste", ["", "code", "address"])
async def test_by_the_browser_or_a_pasted_code(site: MicropubSite, kit: Kit, paste: str) -> None:
    browser = Browser(site, paste)
    signed = await sign_in(site, kit, browser)
    assert browser.address.startswith(f"{site.url}/auth?")  # the metadata's, not the older link's
    assert "code_challenge_method=S256" in browser.address
    assert (signed.account.handle, signed.account.remote_id) == (f"127.0.0.1:{site.wire.port}", f"{site.url}/")
    assert signed.profile.text == "Anna Ek\nJobbar på Grönkvist"
    assert signed.secret is not None
    kit.secrets.set("work", signed.secret)
    service = PLUGIN.open(signed.account, kit)
    await service.publish(await service.prepare(outgoing("Hej")))
    assert len(site.by("Hej")) == 1


async def test_an_answer_of_another_login_or_server_is_refused(site: MicropubSite, kit: Kit) -> None:
    with pytest.raises(AuthError, match="belongs to another login"):
        await sign_in(site, kit, Browser(site, "address", state="other"))
    with pytest.raises(AuthError, match="another server"):
        await sign_in(site, kit, Browser(site, "address", iss="https://evil.example/"))
    with pytest.raises(AuthError, match="access_denied"):
        await sign_in(site, kit, Browser(site, "address", code="", error="access_denied"))
    with pytest.raises(AuthError, match="the code does not fit"):
        await sign_in(site, kit, Browser(site, "address", code="code-0"))
    assert set(site.scopes) == {"site-token"}


async def test_a_server_may_not_sign_in_somebody_elses_site(site: MicropubSite, kit: Kit) -> None:
    async with MicropubSite() as other:
        site.me = f"{other.url}/"
        with pytest.raises(AuthError, match="whose page does not name it"):
            await sign_in(site, kit, Browser(site, "code"))
        other.home = f'<link rel="micropub" href="x"><link rel="authorization_endpoint" href="{site.url}/auth">'
        signed = await sign_in(site, kit, Browser(site, "code"))  # that page says so itself
        assert signed.account.url == f"{site.url}/"
    site.me = "javascript:alert(1)"
    with pytest.raises(AuthError):
        await sign_in(site, kit, Browser(site, "code"))


@pytest.mark.parametrize("body", [b"access_token=site-token&scope=create&me=", b"<html>sorry</html>", b"[]"])
async def test_a_token_may_come_as_a_form(site: MicropubSite, kit: Kit, body: bytes) -> None:
    site.fault("POST", "/token", "status", status=200, body=body, headers={"Content-Type": "text/plain"})
    if body.startswith(b"access"):
        assert (await sign_in(site, kit, Browser(site, "code"))).secret == Secret("site-token")
        return
    with pytest.raises(AuthError, match="did not let you in"):
        await sign_in(site, kit, Browser(site, "code"))


# ------------------------------------------------------------ tokens


async def test_an_apps_token_needs_no_browser(site: MicropubSite, kit: Kit) -> None:
    assert (await sign_in(site, kit, token="site-token")).secret == Secret("site-token")
    with pytest.raises(AuthError, match="does not accept"):
        await sign_in(site, kit, token="wrong")


async def test_the_token_is_sent_once(site: MicropubSite, kit: Kit) -> None:
    """In header and body at once it would be an error."""
    service = await opened(site, kit)
    await service.publish(await service.prepare(outgoing("Hej")))
    assert all(b"site-token" not in request.body for request in site.asked("/endpoint"))
    assert all("site-token" not in request.target for request in site.wire.requests)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_token_that_lacks_a_scope_says_so_and_is_not_renewed(kit: Kit, status: int) -> None:
    async with MicropubSite(Settings(scope_status=status)) as site:
        service = await opened(site, kit)
        site.scopes["site-token"] = "update"
        with pytest.raises(AuthError, match="lacks a permission"):
            await service.publish(await service.prepare(outgoing("Hej")))
        assert site.entries == {}


async def test_a_forbidden_post_is_no_signed_out_account(site: MicropubSite, kit: Kit) -> None:
    service = await opened(site, kit)
    site.fault("POST", "/endpoint", "status", status=403, body={"error": "forbidden", "error_description": "nej"})
    with pytest.raises(RejectedError, match="nej"):
        await service.publish(await service.prepare(outgoing("Hej")))


async def test_a_token_that_ran_out_is_renewed_and_the_new_one_kept(site: MicropubSite, kit: Kit) -> None:
    kept = '{"access_token": "old", "refresh_token": "refresh-0", "client_id": "http://127.0.0.1/"}'
    service = await opened(site, kit, kept)
    await service.page()
    assert site.renewed == 1
    stored = kit.secrets.get("work")
    assert stored is not None
    assert '"refresh_token": "refresh-1"' in stored.reveal()
    site.scopes.pop("token-1")
    site.renewed = 7  # somebody else used the refresh token
    with pytest.raises(AuthError, match="does not accept"):
        await service.page()


RAN_OUT = '{"access_token": "old", "refresh_token": "refresh-0", "client_id": "http://127.0.0.1/"}'


async def ran_out(site: MicropubSite, kit: Kit) -> Micropub:
    """An account whose site is known from before, with a token that has run out since."""
    known = await opened(site, kit)
    kit.secrets.set("work", Secret(RAN_OUT))
    return Micropub(known.account, kit)


async def test_calls_at_once_and_other_programs_renew_once(site: MicropubSite, kit: Kit) -> None:
    one, other = await ran_out(site, kit), await ran_out(site, kit)
    await asyncio.gather(one.page(), one.page(), one.verify(), other.page(), other.verify())
    assert site.renewed == 1


async def test_new_tokens_that_could_not_be_kept_are_kept_later(
    site: MicropubSite, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = await ran_out(site, kit)

    def locked(account: str, secret: Secret, *, allow_file: bool = False) -> None:
        raise SecretError("the keyring is locked")

    with monkeypatch.context() as patched:
        patched.setattr(kit.secrets, "set", locked)
        await service.page()
    await service.page()
    assert site.renewed == 1
    assert '"refresh-1"' in (kit.secrets.get("work") or Secret("")).reveal()


async def test_a_renewal_that_fails_in_between_signs_nobody_out(site: MicropubSite, kit: Kit) -> None:
    service = await ran_out(site, kit)
    path = urlsplit(service.api.known.token).path
    site.fault("POST", path, "status", status=503)
    with pytest.raises(UnreachableError):
        await service.page()
    for _try in range(2):  # asked once more by the client itself
        site.fault("POST", path, "drop-before")
    with pytest.raises(UnreachableError):  # nothing of it is visible to others: no outcome to look up
        await service.page()
    site.fault("POST", path, "drop-before")
    await service.page()
    assert site.renewed == 1


async def test_without_a_token_the_account_is_signed_out(site: MicropubSite, kit: Kit) -> None:
    service = PLUGIN.open(Account("work", "micropub", site.url), kit)
    with pytest.raises(AuthError, match="no token is stored"):
        await service.page()


# ------------------------------------------------------------ what a page declares


async def test_only_links_of_the_head_count(site: MicropubSite, kit: Kit) -> None:
    """The page has one in a comment and one in its text: what somebody wrote must not name an endpoint."""
    found = await discover(f"{site.url}/", kit, "work")
    assert found.micropub == f"{site.url}/endpoint"
    assert found.issuer == f"{site.url}/"


async def test_a_header_counts_first_and_older_links_do_without_metadata(site: MicropubSite, kit: Kit) -> None:
    headers = {**HTML, "Link": '</from-header>; rel="micropub"'}
    site.fault("GET", "/", "status", status=200, body=site.home.encode(), headers=headers)
    site.fault("GET", "/metadata", "status", status=404)
    found = await discover(f"{site.url}/", kit, "work")
    assert found.micropub == f"{site.url}/from-header"
    assert found.authorize == f"{site.url}/old-auth"
    assert found.token == f"{site.url}/old-token"


async def test_a_page_that_moved_is_remembered_where_it_is(site: MicropubSite, kit: Kit) -> None:
    site.fault("GET", "/", "status", status=301, headers={"Location": "/"})
    assert (await discover(f"{site.url}/", kit, "work")).home == f"{site.url}/"
    site.fault("GET", "/", "status", status=302, headers={"Location": "http://169.254.169.254/"})
    with pytest.raises(RejectedError, match="not followed"):
        await discover(f"{site.url}/", kit, "work")


async def test_a_huge_page_is_read_as_far_as_a_head_goes(site: MicropubSite, kit: Kit) -> None:
    site.home = site.home.replace("<head>", "<head>" + "<meta><!-- x -->" * 20_000)
    assert (await discover(f"{site.url}/", kit, "work")).micropub == f"{site.url}/endpoint"
    site.home = "<p>" * 300_000 + site.home
    assert (await discover(f"{site.url}/", kit, "work")).micropub == ""


async def test_a_site_without_an_endpoint_says_what_is_missing(site: MicropubSite, kit: Kit) -> None:
    site.home = "<title>x</title>"
    with pytest.raises(RejectedError, match="names no Micropub endpoint"):
        await sign_in(site, kit, token="site-token")
    with pytest.raises(AuthError, match="names no page to sign in at"):
        await sign_in(site, kit, Browser(site))


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("anna.example", "https://anna.example/"),
        ("https://Example.org/anna", "https://example.org/anna"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
    ],
)
def test_addresses_of_sites(typed: str, address: str) -> None:
    assert home_address(typed) == address


@pytest.mark.parametrize("typed", ["", "http://anna.example", "https://a@b.example", "https://anna.example/#x", "a b"])
def test_what_is_no_address_of_a_site(typed: str) -> None:
    with pytest.raises(UsageError):
        home_address(typed)


# ------------------------------------------------------------ micro.blog


async def test_micro_blog_is_known_by_its_own_answer(microblog: MicroBlog, kit: Kit) -> None:
    """Its page names no Micropub endpoint, and needs none."""
    signed = await sign_in(microblog, kit, token="site-token", handle="anna")
    assert signed.account.handle == f"anna@127.0.0.1:{microblog.wire.port}"
    assert signed.profile.name == "Anna Ek"
    assert signed.profile.text == "Anna Ek\nAnnas blogg\nJobbar på Grönkvist"  # not micro.blog's own front page
    kit.secrets.set("work", Secret("site-token"))
    assert PLUGIN.open(signed.account, kit).capabilities.thread  # from the cache: nothing is asked


async def test_a_site_of_ones_own_that_cannot_be_read_says_nothing(microblog: MicroBlog, kit: Kit) -> None:
    for _number in range(2):
        microblog.fault("GET", "/anna/", "status", status=503)
    assert (await sign_in(microblog, kit, token="site-token")).profile.text == "Anna Ek"


async def test_its_refusal_comes_in_a_200(microblog: MicroBlog, kit: Kit) -> None:
    with pytest.raises(AuthError, match="App token was not valid"):
        await sign_in(microblog, kit, token="wrong")


async def test_another_account_is_not_taken_for_this_one(microblog: MicroBlog, kit: Kit) -> None:
    with pytest.raises(AuthError, match="signed in as anna@"):
        await sign_in(microblog, kit, token="site-token", handle="bo")


async def test_a_site_whose_endpoint_only_looks_like_micro_blogs(site: MicropubSite, kit: Kit) -> None:
    site.home = '<link rel="micropub" href="/micropub">'
    site.fault("POST", "/account/verify", "garbage")
    site.fault("GET", "/micropub", "status", status=200, body={})
    signed = await sign_in(site, kit, token="site-token")
    assert signed.account.handle == f"127.0.0.1:{site.wire.port}"


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_a_busy_micro_blog_is_not_signed_in_to_as_a_plain_site(
    microblog: MicroBlog, kit: Kit, status: int
) -> None:
    """As one's own domain there: its page names the endpoint, and the account would be without its timeline."""
    home = f'<link rel="micropub" href="{microblog.url}/micropub">'
    microblog.fault("GET", "/", "status", status=200, body=home.encode(), headers={"Content-Type": "text/html"})
    microblog.fault("POST", "/account/verify", "status", status=status)
    with pytest.raises(ServiceError, match=r"127\.0\.0\.1"):
        await sign_in(microblog, kit, token="site-token")


# ------------------------------------------------------------ secrets


@pytest.mark.parametrize("kind", ["drop-before", "garbage", "status"])
async def test_no_error_and_no_file_holds_the_token(
    site: MicropubSite, kit: Kit, kind: str, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    canary = "canary-0123456789abcdef"
    site.scopes[canary] = "create update"
    service = await opened(site, kit, canary)
    caplog.set_level(logging.DEBUG)
    prepared = await service.prepare(outgoing("Hej"))
    for method in ("GET", "GET", "POST"):
        site.fault(method, "/endpoint", kind, status=401, body={"error": "nope"})
    for call in (service.page(), service.publish(prepared)):
        with pytest.raises(ServiceError) as caught:
            await call
        told = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
        assert canary not in told
    assert canary not in caplog.text
    assert all(canary.encode() not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
