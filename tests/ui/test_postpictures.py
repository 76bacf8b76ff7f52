"""Posts' pictures on the screen: fetched on a key alone, asked about where the host is another's, always described."""

from __future__ import annotations

import contextlib
import io
import re
import sys
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from textual.widgets import Static

from mbclient.core.desk import Desk
from mbclient.core.pictures import KEPT_BYTES, Pictures
from mbclient.core.preferences import Preferences
from mbclient.domain.errors import MovedError, RejectedError, UsageError
from mbclient.domain.post import Author, FilterAction, Filtered, Media, Notification, NotificationKind, Post
from mbclient.domain.safetext import SafeText
from mbclient.ui.avatar import squared
from mbclient.ui.pictures import MAX_PIXELS, SHOWN, unpacked, why_not
from mbclient.ui.screens.pictures import PicturesScreen
from tests.benchmarks.terminal import Broken, Terminal
from tests.ui.posts import make_post
from tests.ui.running import CONFIG, MovableClock, Program, own_desk, own_launch, running

GIVEN_BACK = b"\x1b[?1049l"
RED = (255, 0, 0)
HORSE = Media("image", SafeText("a red horse"), "https://files.example/1.png")
COW = Media("image", SafeText("a cow"), "https://files.example/2.png")
FILM = Media("video", SafeText("a film"), "https://files.example/3.mp4")
KEYS = f'{CONFIG}\n[keys]\npictures = "f8"\n'


def file_of(size: tuple[int, int], form: str = "PNG", mode: str = "RGB") -> bytes:
    data = io.BytesIO()
    Image.new(mode, size, RED if mode == "RGB" else 0).save(data, form)
    return data.getvalue()


class Source:
    """In place of the network: what was asked for, and one file for everything."""

    def __init__(self, data: bytes = b"") -> None:
        self.data = data or file_of((40, 20))
        self.asked: list[tuple[str, str]] = []
        self.error: Exception | None = None
        self.moved = ""

    async def fetch(self, url: str, own: str, may: Callable[[str], bool]) -> bytes:
        self.asked.append((url, own))
        if self.error is not None:
            raise self.error
        if self.moved and not may(self.moved):
            raise MovedError("it stands elsewhere", url=self.moved)
        return self.data


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def desk(home: Path, clock: MovableClock, source: Source, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """With one post that has two pictures and a film."""
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    made = own_desk(home, clock, KEYS)
    made.pictures = Pictures(made.accounts, source)
    keep(made, a_post(clock))
    return made


def a_post(clock: MovableClock, **changes: object) -> Post:
    post = make_post(1, text=SafeText("openssl"), created_at=clock.now(), media=(HORSE, FILM, COW))
    fields = {"account": "notes", "cw": None, "filtered": ()} | changes
    return replace(post, **fields)  # type: ignore[arg-type]  # fields by name


def keep(desk: Desk, post: Post) -> None:
    desk.refresher.fill(desk.accounts.get("notes"), [post])


def word(program: Program) -> str:
    return str(program.app.screen.query_one("#picture-word", Static).render())


def drawn(program: Program) -> bool:
    return bool(program.app.screen.query("VerticalScroll > *"))


def seen(program: Program) -> str:
    return program.app.export_screenshot().replace("&#160;", " ")


async def opened(program: Program) -> None:
    await program.until(program.texts)
    await program.press("f8")


async def test_nothing_is_fetched_before_a_yes_for_another_host(
    desk: Desk, home: Path, clock: MovableClock, source: Source
) -> None:
    async with running(desk, clock, own_launch(home)) as program:
        await opened(program)
        await program.screen("Ask")
        assert "files.example" in seen(program)
        await program.press("n")
        await program.until(lambda: "Nothing was fetched" in word(program))
        assert source.asked == []
        await program.press("enter")
        await program.screen("Ask")
        await program.press("y")
        await program.until(lambda: drawn(program))
        assert source.asked == [(HORSE.url, "")]
        assert word(program) == "Picture 1 of 2"
        assert "a red horse" in seen(program)
        assert "a cow" in seen(program)
        await program.press("down", "enter")  # the same host is not asked about again
        await program.until(lambda: word(program) == "Picture 2 of 2")
        assert [url for url, _own in source.asked] == [HORSE.url, COW.url]
        await program.press("escape")
        await program.screen("MainScreen")


async def test_a_picture_that_moved_is_asked_about_again(
    desk: Desk, home: Path, clock: MovableClock, source: Source
) -> None:
    desk.pictures.allow("files.example")
    source.moved = "https://bucket.example/1.png"
    async with running(desk, clock, own_launch(home)) as program:
        await opened(program)
        await program.screen("Ask")
        assert "bucket.example" in seen(program)
        await program.press("n")
        await program.until(lambda: "Nothing was fetched" in word(program))
        assert not drawn(program)
        await program.press("enter")
        await program.screen("Ask")
        await program.press("y")
        await program.until(lambda: drawn(program))
        assert [url for url, _own in source.asked] == [HORSE.url] * 3


async def test_reading_fetches_nothing(desk: Desk, home: Path, clock: MovableClock, source: Source) -> None:
    desk.pictures.allow("files.example")
    async with running(desk, clock, own_launch(home)) as program:
        await program.until(program.texts)
        await program.press("j", "m")
        await program.screen("DetailsScreen")
        assert source.asked == []
        await program.press("f8")
        await program.until(lambda: drawn(program))
        assert len(source.asked) == 1


@pytest.mark.parametrize(
    "cover",
    [{"cw": SafeText("blood")}, {"filtered": (Filtered("notes", SafeText("animals"), FilterAction.BLUR),)}],
)
async def test_what_is_covered_is_not_fetched_until_one_looks(
    desk: Desk, home: Path, clock: MovableClock, source: Source, cover: dict[str, object]
) -> None:
    desk.pictures.allow("files.example")
    keep(desk, a_post(clock, **cover))
    async with running(desk, clock, own_launch(home)) as program:
        await opened(program)
        await program.screen("PicturesScreen")
        assert "a red horse" not in seen(program)
        assert "x shows it" in seen(program)
        await program.press("enter")
        assert source.asked == []
        await program.press("x")
        await program.until(lambda: drawn(program))
        assert "a red horse" in seen(program)


@pytest.mark.parametrize(
    ("changes", "ssh", "said"),
    [
        ({"pictures": "off"}, "", "Pictures are off"),
        ({"pictures": "auto"}, "1", "Over SSH pictures are off"),
        ({"plain": True, "pictures": "on"}, "", "Plain reading"),
        ({"pictures": "on"}, "1", ""),
        ({"pictures": "auto"}, "", ""),
    ],
)
def test_when_there_are_pictures(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, object], ssh: str, said: str
) -> None:
    if ssh:
        monkeypatch.setenv("SSH_CONNECTION", ssh)
    else:
        monkeypatch.delenv("SSH_CONNECTION", raising=False)
    reason = why_not(replace(Preferences(), **changes))  # type: ignore[arg-type]  # fields by name
    assert bool(reason) == bool(said)
    assert said in reason


async def test_off_asks_nothing_and_still_describes(
    desk: Desk, home: Path, clock: MovableClock, source: Source
) -> None:
    desk.preferences = replace(desk.preferences, pictures="off")
    async with running(desk, clock, own_launch(home)) as program:
        await opened(program)
        await program.screen("PicturesScreen")
        await program.until(lambda: "Pictures are off" in word(program))
        assert "a red horse" in seen(program)
        assert source.asked == []


async def test_a_refusal_and_a_bomb_are_said(desk: Desk, home: Path, clock: MovableClock, source: Source) -> None:
    desk.pictures.allow("files.example")
    source.error = RejectedError("files.example does not give the picture (404)", "try again")
    async with running(desk, clock, own_launch(home)) as program:
        await opened(program)
        await program.screen("PicturesScreen")
        await program.until(lambda: "404" in word(program))
        source.error, source.data = None, file_of((20_000, 20_000), mode="1")
        await program.press("enter")
        await program.until(lambda: "20000 × 20000" in word(program))
        assert not drawn(program)


async def test_without_the_library_it_is_said(
    desk: Desk, home: Path, clock: MovableClock, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is fetched; and where its installation is broken, afterwards."""
    desk.pictures.allow("files.example")
    monkeypatch.setitem(sys.modules, "textual_image", None)
    async with running(desk, clock, own_launch(home)) as program:
        await opened(program)
        await program.screen("PicturesScreen")
        await program.until(lambda: "[images]" in word(program))
        assert "a red horse" in seen(program)
        assert source.asked == []
        monkeypatch.undo()
        monkeypatch.delenv("SSH_CONNECTION", raising=False)
        monkeypatch.setitem(sys.modules, "textual_image.widget", None)
        await program.press("enter")
        await program.until(lambda: source.asked and "[images]" in word(program))
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(UsageError, match=r"\[images\]"):
        unpacked(b"")


async def test_without_colour_it_is_drawn_with_signs(
    desk: Desk, home: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the terminal has nothing better than half blocks: these are nothing but colour."""
    from textual_image import renderable

    desk.pictures.allow("files.example")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(renderable, "Image", renderable.HalfcellImage)
    async with running(desk, clock, own_launch(home)) as program:
        await opened(program)
        await program.until(lambda: drawn(program))
        assert program.app.screen.query("UnicodeImage")


async def test_a_post_without_pictures_says_so(desk: Desk, home: Path, clock: MovableClock) -> None:
    keep(desk, a_post(clock, media=(FILM,)))
    async with running(desk, clock, own_launch(home)) as program:
        await opened(program)
        await program.until(lambda: any("no pictures" in said for said in program.says()))
        assert not isinstance(program.app.screen, PicturesScreen)


# ---------------------------------------------------------------- authors

FACE = "https://files.example/bo.png"
BO = Author(SafeText("bo@files.example"), SafeText("Bo"), avatar=FACE)


def avatar_shown(program: Program) -> bool:
    return bool(program.app.screen.query("Avatar > *"))


async def at_the_author(program: Program) -> None:
    """All that is to be asked of the service has been asked."""
    await program.press("a")
    await program.screen("AuthorScreen")
    await program.until(lambda: "@bo@files.example" in seen(program) and "loading" not in seen(program))


async def test_the_authors_picture_comes_after_the_posts(
    desk: Desk, home: Path, clock: MovableClock, source: Source
) -> None:
    desk.pictures.allow("files.example")
    keep(desk, a_post(clock, author=BO))
    async with running(desk, clock, own_launch(home)) as program:
        await opened(program)
        await program.until(lambda: drawn(program))
        assert word(program) == "Picture 1 of 3"
        assert "Bo, the author" in seen(program)
        await program.press("end", "enter")
        await program.until(lambda: word(program) == "Picture 3 of 3")
        assert [url for url, _own in source.asked] == [HORSE.url, FACE]


async def test_a_post_without_pictures_has_its_authors(
    desk: Desk, home: Path, clock: MovableClock, source: Source
) -> None:
    keep(desk, a_post(clock, media=(), author=BO))
    async with running(desk, clock, own_launch(home)) as program:
        await opened(program)
        await program.screen("Ask")  # its host is asked about as any other
        await program.press("y")
        await program.until(lambda: drawn(program))
        assert source.asked == [(FACE, "")]


async def test_whoever_follows_me_has_a_picture(desk: Desk, home: Path, clock: MovableClock, source: Source) -> None:
    follows = Notification("notes", "n1", NotificationKind.FOLLOW, clock.now(), BO)
    desk.world.stores.archive.store_notifications([follows])
    desk.pictures.allow("files.example")
    async with running(desk, clock, own_launch(home)) as program:
        await program.press("N")
        await program.screen("NotificationsScreen")
        await program.until(lambda: "follows you" in seen(program))
        await program.press("f8")
        await program.until(lambda: drawn(program))
        assert source.asked == [(FACE, "")]


@pytest.mark.parametrize(
    ("pictures", "allowed", "ssh", "fetched"),
    [
        ("always", True, "", True),
        ("always", True, "1", True),
        ("always", False, "", False),  # no question stands in the way of reading
        ("on", True, "", False),
        ("auto", True, "", False),
        ("off", True, "", False),
    ],
)
async def test_above_an_authors_posts_a_picture_comes_by_itself_only_where_that_is_wanted(
    desk: Desk, home: Path, clock: MovableClock, source: Source, monkeypatch: pytest.MonkeyPatch,
    pictures: str, allowed: bool, ssh: str, fetched: bool,
) -> None:  # fmt: skip
    if ssh:
        monkeypatch.setenv("SSH_CONNECTION", ssh)
    desk.preferences = replace(desk.preferences, pictures=pictures)
    if allowed:
        desk.pictures.allow("files.example")
    keep(desk, a_post(clock, author=BO))
    async with running(desk, clock, own_launch(home)) as program:
        await program.until(program.texts)
        await at_the_author(program)
        await program.until(lambda: avatar_shown(program) == fetched)
        assert source.asked == ([(FACE, "")] if fetched else [])
        assert program.app.screen.query_one("Avatar").display == fetched


async def test_a_picture_above_an_authors_posts_that_fails_leaves_the_posts(
    desk: Desk, home: Path, clock: MovableClock, source: Source
) -> None:
    desk.preferences = replace(desk.preferences, pictures="always")
    desk.pictures.allow("files.example")
    source.data = file_of((20_000, 20_000), mode="1")
    keep(desk, a_post(clock, author=BO))
    async with running(desk, clock, own_launch(home)) as program:
        await program.until(program.texts)
        await at_the_author(program)
        node = program.app.screen.query_one("Avatar")
        await program.until(lambda: source.asked and not any(each.node is node for each in program.app.workers))
        assert not avatar_shown(program)
        assert program.app.screen.query_one("Timeline").has_focus


@pytest.mark.parametrize(("size", "side"), [((400, 400), 256), ((600, 300), 128), ((1, 900), 1), ((30, 20), 20)])
def test_an_avatar_is_as_high_as_wide_and_small(size: tuple[int, int], side: int) -> None:
    assert squared(file_of(size)).size == (side, side)


async def test_a_picture_is_fetched_once_while_it_is_among_the_last(
    desk: Desk, clock: MovableClock, source: Source
) -> None:
    post = a_post(clock)
    source.data = bytes(KEPT_BYTES // 2)
    for picture in (HORSE, HORSE, COW, HORSE, FILM, HORSE, COW):
        assert await desk.pictures.fetch(post, picture) == source.data
    assert [url for url, _own in source.asked] == [HORSE.url, COW.url, FILM.url, COW.url]
    source.data = bytes(KEPT_BYTES + 1)
    assert await desk.pictures.fetch(replace(post, account="other"), HORSE) == source.data  # kept for nobody else
    assert await desk.pictures.fetch(post, HORSE) == source.data


async def test_the_settings_turn_pictures(desk: Desk, home: Path, clock: MovableClock) -> None:
    async with running(desk, clock, own_launch(home)) as program:
        await program.press("comma")
        await program.screen("SettingsScreen")
        found = []
        for _press in range(4):
            before = desk.preferences.pictures
            await program.change("Pictures")
            await program.until(lambda: desk.preferences.pictures != before)  # noqa: B023  # called at once
            found.append(desk.preferences.pictures)
            assert f'pictures = "{found[-1]}"' in (home / "choices.toml").read_text("utf-8")
        assert found == ["on", "always", "off", "auto"]


async def test_the_settings_say_what_pictures_need(
    desk: Desk, home: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "textual_image", None)
    async with running(desk, clock, own_launch(home)) as program:
        await program.press("comma")
        await program.screen("SettingsScreen")
        await program.change("Pictures")
        await program.until(lambda: any("[images]" in said for said in program.says()))


# ---------------------------------------------------------------- in a terminal


class Drawing(Terminal):
    """One that answers, as the kind that it is, when it is asked what it can draw."""

    kind = ""

    def _read(self, seconds: float) -> bytes:
        part = super()._read(seconds)
        if b"\x1b[c" in part and self.kind != "silent":  # its attributes; 4 is sixel
            self.send(b"\x1b[?62;4c" if self.kind == "sixel" else b"\x1b[?62c")
        if (asked := re.search(rb"\x1b_Gi=(\d+),[^;\x1b]*a=q", part)) and self.kind == "kitty":
            self.send(b"\x1b_Gi=" + asked[1] + b";OK\x1b\\")
        return part

    @property
    def sequences(self) -> bytes:
        return self._shown


@pytest.mark.slow
@pytest.mark.parametrize(("key", "said"), [(b"\x1b[19~", "Picture 1 of 2"), (b"a", "0 posts")], ids=["asked", "above"])
@pytest.mark.parametrize(
    ("kind", "drawing"),
    [("sixel", b"\x1bP0;"), ("kitty", "\U0010eeee".encode()), ("neither", "▀".encode()), ("silent", "▀".encode())],
)
def test_each_terminal_is_drawn_on_as_it_can(
    home: Path, monkeypatch: pytest.MonkeyPatch, kind: str, drawing: bytes, key: bytes, said: str
) -> None:
    """It is asked while the program runs, keys are heard again after it, and the screen is given back in the end."""
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    command = [sys.executable, "-m", "tests.ui.picturing", str(home)]
    with Drawing(command, size=(80, 24)) as terminal:
        terminal.kind = kind
        terminal.until("openssl")
        terminal.settle()
        assert drawing not in terminal.sequences
        terminal.send(key)
        terminal.until(said)
        terminal.settle()
        assert drawing in terminal.sequences
        terminal.send(b"\x1b")
        terminal.settle()
        assert terminal.sequences.count(GIVEN_BACK) == 1  # while it was asked
        terminal.send(b"q")
        with contextlib.suppress(Broken):  # it has ended
            terminal.settle()
        assert terminal.sequences.count(GIVEN_BACK) == 2


# ---------------------------------------------------------------- opening what came


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_large_picture_is_made_small(form: str) -> None:
    picture = unpacked(file_of((2000, 1000), form))
    assert picture.size == (SHOWN[0], SHOWN[0] // 2)
    assert picture.mode in ("RGB", "RGBA")


@pytest.mark.parametrize("form", ["BMP", "TIFF", "ICO", "PPM", "EPS"])
def test_other_formats_are_not_opened(form: str) -> None:
    with pytest.raises(UsageError, match="no picture"):
        unpacked(file_of((20, 20), form))


def test_the_bound_is_on_all_pixels() -> None:
    with pytest.raises(UsageError, match="too many"):
        unpacked(file_of((4001, MAX_PIXELS // 4000), mode="1"))


def test_the_head_alone_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few bytes that promise a billion pixels: nothing is unpacked to find that out."""
    begun: list[str] = []
    monkeypatch.setattr(Image.Image, "load", lambda self: begun.append("load"))
    head = b"IHDR" + (30_000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    chunk = (13).to_bytes(4, "big") + head + zlib.crc32(head).to_bytes(4, "big")
    with pytest.raises(UsageError, match="30000 × 30000"):
        unpacked(b"\x89PNG\r\n\x1a\n" + chunk + b"\0\0\0\x04IDAT")
    assert begun == []


FILES = [file_of((16, 9), form) for form in ("PNG", "JPEG", "GIF", "WEBP")]


@settings(max_examples=300)
@given(file=st.sampled_from(FILES), at=st.floats(0, 1), junk=st.binary(max_size=20), cut=st.booleans())
def test_a_broken_file_is_an_error_of_ours(file: bytes, at: float, junk: bytes, cut: bool) -> None:
    place = int(at * len(file))
    broken = file[:place] + junk + (b"" if cut else file[place + len(junk) :])
    with contextlib.suppress(UsageError):
        assert unpacked(broken).width <= SHOWN[0]
