"""Links that say one thing and lead to another, and what a browser is handed (reliability facts 4.5)."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from mbclient.core.desk import Desk
from mbclient.domain.post import Link
from mbclient.domain.safetext import SafeText
from mbclient.services.addresses import web_link
from mbclient.ui.spans import claimed_host, is_web, mark
from tests.ui.posts import make_post
from tests.ui.running import MovableClock, running

EVIL = "https://evil.example.com/login"


@pytest.mark.parametrize(
    ("words", "url", "claimed"),
    [
        ("bank.se", EVIL, "bank.se"),
        ("https://www.bank.se/login", EVIL, "www.bank.se"),
        ("log in at bank.se now", EVIL, "bank.se"),
        ("https://bank.se@evil.example.com/", EVIL, "bank.se"),
        ("BANK.SE", EVIL, "bank.se"),
        ("bank。se", EVIL, "bank.se"),
        ("www.räksmörgås.se", EVIL, "www.räksmörgås.se"),
        ("example.com.bank.se", EVIL, "example.com.bank.se"),
        ("evil.example.com bank.se", EVIL, "bank.se"),
        ("bank.xn--p1ai", EVIL, "bank.xn--p1ai"),
        ("notevil.example.com", "https://evil.example.com/", "notevil.example.com"),
        ("evil.example.com/lo…", EVIL, ""),
        ("https://evil.example.com/login", EVIL, ""),
        ("example.com", EVIL, ""),
        ("deep.evil.example.com", EVIL, ""),
        ("räksmörgås.se", "https://xn--rksmrgs-5wao1o.se/", ""),
        ("@bo.bsky.social", "https://bsky.app/profile/bo.bsky.social", ""),
        ("@bo@mastodon.social", "https://other.example.com/@bo", ""),
        ("read it here", EVIL, ""),
        ("version 3.5.2, e.g. this", EVIL, ""),
        ("", EVIL, ""),
    ],
)
def test_words_that_name_another_host(words: str, url: str, claimed: str) -> None:
    assert claimed_host(words, url) == claimed


def test_long_words_cost_little() -> None:
    begun = time.process_time()
    for words in ("a" * 20_000, "a." * 10_000, "a-" * 10_000, ".".join(["bank.se"] * 2_000)):
        claimed_host(words, "https://bank.se/")
    assert time.process_time() - begun < 1.0


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JAVASCRIPT:alert(1)", "file:///etc/passwd", "data:text/html,x", "vbscript:x", "ssh://h",
        "vscode://x", "tel:112", "steam://x", "mailto:a@b.example", "//host/share", "\\\\host\\share", "-o/tmp/x", "",
        "--new-window", "http:", "https:", "https://", "http:/x.example", "https:x.example", " https://x.example",
        "https://x.example/ y", "https://x.example/\x1b[2J", "https://x.example\\@y.example", "https://a@b.example/",
        "https://a:b@c.example/",
        "https://[::1", "https://\u00a0x.example/", "ftp://x.example/", "%action", "x.example",
    ],
)  # fmt: skip
def test_what_is_never_opened_nor_shown_as_a_link(url: str) -> None:
    assert not is_web(url)
    assert web_link(url) in ("", "https://x.example")  # a space around an honest address is taken off
    assert mark(make_post(1, text=SafeText("see x"), links=(Link(url, SafeText("x")),))).links == ()


def test_an_address_with_a_user_in_the_text_is_no_link() -> None:
    assert mark(make_post(1, text=SafeText("see https://bank.example@evil.example/x now"))).links == ()


async def test_a_link_that_names_another_host_asks_first(
    demo: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    async with running(demo, clock) as program:
        monkeypatch.setattr(program.app, "open_url", opened.append)
        deeds = program.main.deeds
        post = replace(program.selected(), links=(Link(EVIL, SafeText("bank.se")), Link("https://bank.se/")))
        for key, expected in (("n", []), ("enter", []), ("y", [EVIL])):
            deeds.open_link(EVIL, post)
            await program.screen("Ask")
            assert "bank.se" in str(program.app.screen.query("Static").first().render())
            await program.press(key)
            await program.screen("MainScreen")
            assert opened == expected
        deeds.open_link("https://bank.se/", post)
        assert opened == [EVIL, "https://bank.se/"]


async def test_a_click_on_its_words_asks_too(demo: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    async with running(demo, clock) as program:
        monkeypatch.setattr(program.app, "open_url", opened.append)
        post = replace(
            program.selected(), account="masto", service="mastodon", remote_id="h", uri="https://a.example/h", also=(),
            text=SafeText("bank.se is safe"), links=(Link(EVIL, SafeText("bank.se")),), boosted_by=None, cw=None,
            created_at=clock.now(), media=(), quoted=None,
        )  # fmt: skip
        demo.refresher.fill(demo.accounts.get("masto"), [post])
        await program.press("w")
        await program.until(lambda: "bank.se is safe" in program.texts())
        await program.press("g", "g")
        timeline, scene = program.main.timeline, program.main.timeline._scene
        assert scene is not None
        row, (entry, line) = next((y, at) for y, at in enumerate(scene.rows) if scene.layout(at[0]).links)
        area = scene.layout(entry).links[0]
        place = (timeline.region.x + area.start, timeline.region.y + row - line + area.row)
        await program.pilot.click(offset=place)
        await program.screen("Ask")
        assert opened == []


async def test_the_openers_own_placeholder_is_written_otherwise(
    demo: Desk, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CVE-2026-4519's bypass: `%action` in an address was filled in by Python's own opener."""
    opened: list[str] = []
    async with running(demo, clock) as program:
        monkeypatch.setattr(program.app, "open_url", opened.append)
        program.main.deeds.open_address("https://x.example/%action")
        assert opened == ["https://x.example/%ACtion"]
