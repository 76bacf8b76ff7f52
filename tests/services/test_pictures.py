"""Fetching a picture that a post names: bounds, types, and no way into this computer's own network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from mbclient.domain.errors import MovedError, RejectedError, ServiceError, UnreachableError, UsageError
from mbclient.services.answers import Answer
from mbclient.services.http import Http
from mbclient.services.pictures import MAX_BYTES, WebPictures
from mbclient.services.redirects import MAX_REDIRECTS
from tests.services.kit import SystemClock
from tests.services.wire import Reply, Request, Wire

PNG = {"Content-Type": "image/png"}


class Names:
    """In place of the system's: every name leads to one address, and what was looked up is kept."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return [self.address]


@pytest.fixture
async def names() -> Names:
    return Names("10.0.0.7")


@pytest.fixture
async def pictures(names: Names) -> AsyncIterator[WebPictures]:
    http = Http(SystemClock(), resolve=names)
    yield WebPictures(http)
    await http.aclose()


def anywhere(_url: str) -> bool:
    """A user who agrees to every address."""
    return True


async def served(
    pictures: WebPictures, *replies: Reply, path: str = "/1.png", may: Callable[[str], bool] = anywhere
) -> tuple[bytes, list[Request]]:
    """Asks the user's own server, which gives these answers in turn."""
    waiting = list(replies)

    async def handle(_request: Request) -> Reply:
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    async with Wire(handle) as wire:
        body = await pictures.fetch(wire.url + path, wire.url, may)
        return body, wire.requests


async def test_the_file_comes_without_a_secret(pictures: WebPictures) -> None:
    body, (request,) = await served(pictures, Reply(200, b"\x89PNG", PNG))
    assert body == b"\x89PNG"
    assert request.target == "/1.png"
    assert request.headers.keys() & {"authorization", "cookie", "referer"} == set()


async def test_no_cookie_is_kept(pictures: WebPictures) -> None:
    """Whoever serves a picture must not know the one who asks again."""
    given = Reply(200, b"x", {**PNG, "Set-Cookie": "who=anna; Path=/"})

    async def handle(_request: Request) -> Reply:
        return given

    async with Wire(handle) as wire:
        for _number in range(2):
            await pictures.fetch(f"{wire.url}/1.png", wire.url, anywhere)
        assert [request.headers.get("cookie") for request in wire.requests] == [None, None]


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/octet-stream", "image/tiff", ""])
async def test_another_type_is_no_picture(pictures: WebPictures, kind: str) -> None:
    with pytest.raises(RejectedError, match="no picture"):
        await served(pictures, Reply(200, b"<svg/>", {"Content-Type": kind}))


@pytest.mark.parametrize("status", [204, 401, 403, 404, 410, 500])
async def test_a_refusal_is_said(pictures: WebPictures, status: int) -> None:
    with pytest.raises(RejectedError, match=str(status)):
        await served(pictures, Reply(status, b"", PNG))


async def test_more_than_the_bound_is_not_read(pictures: WebPictures) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1 << 16
            yield b"\0" * (1 << 16)
            await asyncio.sleep(0)

    with pytest.raises(UnreachableError, match="too large"):
        await served(pictures, Reply(200, headers=PNG, chunks=endless()))
    assert MAX_BYTES < sent < 3 * MAX_BYTES


async def test_a_redirect_on_the_own_server_is_followed(pictures: WebPictures) -> None:
    body, requests = await served(pictures, Reply(302, headers={"Location": "/2.png"}), Reply(200, b"x", PNG))
    assert (body, [each.target for each in requests]) == (b"x", ["/1.png", "/2.png"])


async def test_a_circle_of_redirects_ends(pictures: WebPictures) -> None:
    with pytest.raises(RejectedError, match="circles"):
        await served(pictures, Reply(302, headers={"Location": "/1.png"}))


@pytest.mark.parametrize(
    "target",
    [
        "https://127.0.0.1/x.png",
        "https://localhost/x.png",
        "https://[::1]/x.png",
        "https://10.0.0.7/x.png",
        "https://0x7f.1/x.png",
        "https://2130706433/x.png",
        "http://files.example/x.png",
        "file:///etc/passwd",
    ],
)
async def test_a_redirect_does_not_lead_near_or_out_of_https(
    pictures: WebPictures, names: Names, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    """As of a host outside: that the test's own server stands on this machine is not to count."""
    begun: list[str] = []

    async def request(self: Http, method: str, url: str, **options: object) -> Answer:
        begun.append(url)
        return Answer(302, {"location": target}, b"", url)

    monkeypatch.setattr(Http, "request", request)
    with pytest.raises((RejectedError, UsageError)):
        await pictures.fetch("https://files.example/1.png", "https://mastodon.example", anywhere)
    assert begun == ["https://files.example/1.png"]
    assert names.asked == []


async def test_a_redirect_to_a_name_that_leads_near_is_not_followed(pictures: WebPictures, names: Names) -> None:
    with pytest.raises(UnreachableError, match="own network"):
        await served(pictures, Reply(302, headers={"Location": "https://files.example/2.png"}))
    assert names.asked == ["files.example"]


async def test_a_redirect_to_a_host_that_was_not_agreed_to_is_not_followed(pictures: WebPictures, names: Names) -> None:
    """Not even its name is looked up; what asks is told where the picture stands."""
    asked: list[str] = []

    def never(url: str) -> bool:
        asked.append(url)
        return False

    elsewhere = "https://files.example/2.png"
    with pytest.raises(MovedError, match=r"files\.example") as told:
        await served(pictures, Reply(302, headers={"Location": elsewhere}), may=never)
    assert (told.value.url, asked, names.asked) == (elsewhere, [elsewhere], [])


async def test_each_step_of_a_redirect_is_agreed_to(pictures: WebPictures) -> None:
    """Over a step on the own server, too: `may` is asked of the second as of the first."""
    steps = [Reply(302, headers={"Location": where}) for where in ("/2.png", "https://files.example/3.png")]
    with pytest.raises(MovedError):
        await served(pictures, *steps, may=lambda url: url.endswith("/2.png"))


async def test_who_was_led_away_is_not_led_back_near(pictures: WebPictures, monkeypatch: pytest.MonkeyPatch) -> None:
    """Own server, another host, own server again: the last step is another's word, and this server stands near."""
    asked: list[tuple[str, bool]] = []

    async def request(self: Http, method: str, url: str, *, outside: bool, **options: object) -> Answer:
        asked.append((url, outside))
        where = "https://b.example/2" if url.startswith("https://a") else "https://a.example/3"
        return Answer(302, {"location": where}, b"", url)

    monkeypatch.setattr(Http, "request", request)
    with pytest.raises(RejectedError):
        await pictures.fetch("https://a.example/1", "https://a.example", anywhere)
    assert [outside for _url, outside in asked] == [False, *[True] * MAX_REDIRECTS]


@pytest.mark.parametrize("url", ["https://intranet/x.png", "https://rebinding.example/x.png"])
async def test_a_name_that_leads_near_is_never_connected_to(pictures: WebPictures, names: Names, url: str) -> None:
    with pytest.raises(UnreachableError, match="own network"):
        await pictures.fetch(url, "https://mastodon.example", anywhere)
    assert names.asked


async def test_a_post_names_no_other_port_of_this_machine(pictures: WebPictures) -> None:
    """The own server stands here; what else listens here is not its."""

    async def handle(_request: Request) -> Reply:
        return Reply(200, b"x", PNG)

    async with Wire(handle) as own, Wire(handle) as other:
        with pytest.raises(RejectedError):
            await pictures.fetch(f"{other.url}/1.png", own.url, anywhere)
        assert other.requests == []
        with pytest.raises(RejectedError):
            await pictures.fetch(f"{other.url}/1.png", "", anywhere)
        assert other.requests == []


@pytest.mark.parametrize("url", ["http://files.example/x.png", "ftp://files.example/x", "https://a@b.example/x", "x"])
async def test_only_https_is_asked(pictures: WebPictures, url: str) -> None:
    with pytest.raises((UsageError, ServiceError)):
        await pictures.fetch(url, "https://mastodon.example", anywhere)
