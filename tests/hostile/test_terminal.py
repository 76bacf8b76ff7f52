"""The real program in a terminal of its own, and its commands, over the corpus: what reaches the terminal is only what
a harmless run writes too (reliability facts 4.5).
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.benchmarks.terminal import Terminal, mbclient
from tests.hostile.corpus import POSTS

pytestmark = pytest.mark.slow
CONFIG = """
schema = 1
language = "en"

[[accounts]]
name = "news"
service = "feed"
url = "{url}"

[[accounts]]
name = "notes"
service = "local"

[work_filter]
terms = ["openssl"]

[compose]
undo_seconds = 600
"""
BATCH = 40  # posts of one run: a page, which is what a first reading takes
_FOREIGN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")
_CSI = re.compile(rb"\x1b\[([?<>=]*)[0-9:;]*([ -/]*[@-~])")
_OSC = re.compile(rb"\x1b\]([0-9]*)[^\x07\x1b]*(?:\x07|\x1b\\)")
_STRING = re.compile(rb"\x1b([P_^X])[^\x1b]*\x1b\\")
_SHORT = re.compile(rb"\x1b([ -/]*[0-Z\\-~])")


def feed(texts: Sequence[str]) -> bytes:
    """A JSON feed with each text in every field that holds words."""
    now = datetime.now(UTC)
    items = [
        {
            "id": f"https://a.example/{number}", "url": f"https://a.example/{number}", "content_text": text,
            "title": text[:80], "date_published": (now - timedelta(minutes=number)).isoformat(),
            "authors": [{"name": text[:60] or "x"}], "tags": [text[:30]],
            "image": "HERE/picture.png",
            "attachments": [{"url": "HERE/x.png", "mime_type": "image/png", "title": text}],
        }
        for number, text in enumerate(texts)
    ]  # fmt: skip
    title = f"News {texts[0][:40]}"
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": title, "items": items}).encode()


@contextmanager
def serving(body: bytes, asked: list[str] | None = None) -> Iterator[str]:
    """A feed at an address that it gives; what stands as HERE in the feed is the server itself."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if asked is not None:
                asked.append(self.path)
            port = self.server.server_port  # type: ignore[attr-defined]  # an HTTPServer, which the base does not say
            here = body.replace(b"HERE", f"http://127.0.0.1:{port}".encode())
            self.send_response(200)
            self.send_header("Content-Type", "application/feed+json")
            self.send_header("Content-Length", str(len(here)))
            self.end_headers()
            self.wfile.write(here)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on the tests' screen."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/feed"
        finally:
            server.shutdown()
            thread.join()


def home_for(folder: Path, url: str) -> Path:
    folder.mkdir(mode=0o700)
    (folder / "config.toml").write_text(CONFIG.format(url=url), "utf-8")
    return folder


def kinds(written: bytes) -> set[tuple[str, bytes, bytes]]:
    """The sequences that were written, by kind: a CSI by its marks and last byte, an OSC by its number."""
    found = {("csi", marks, last) for marks, last in _CSI.findall(written)}
    found |= {("osc", number, b"") for number in _OSC.findall(written)}
    found |= {("string", kind, b"") for kind in _STRING.findall(written)}
    return found | {("short", kind, b"") for kind in _SHORT.findall(without_sequences(written, short=False))}


def without_sequences(written: bytes, *, short: bool = True) -> bytes:
    rest = _CSI.sub(b"", _OSC.sub(b"", _STRING.sub(b"", written)))
    return _SHORT.sub(b"", rest) if short else rest


def foreign(text: str, *, besides: str = "\n") -> set[str]:
    """Controls and direction marks that nobody but a post could have put there."""
    return set(_FOREIGN.findall(text)) - set(besides)


def tour(terminal: Terminal, pages: int) -> None:
    """Down through the timeline, with details, conversation and composer on the way; at the end the copy key."""
    for page in range(pages):
        terminal.press(b" ")
        if page % 5 == 0:
            for keys in (b"i", b"\x1b", b"\r", b"\x1b", b"r", b"\x1b"):
                terminal.press(keys)
                terminal.settle(0.1)
    terminal.press(b"gg")


def run_over(folder: Path, texts: Sequence[str]) -> bytes:
    """All that a tour of the program writes."""
    with serving(feed(texts)) as url, mbclient(home_for(folder, url)) as terminal:
        terminal.until("openssl")
        terminal.press(b"w")
        terminal.settle()
        tour(terminal, 12)
        terminal.send(b"q")
        drain(terminal)
        return terminal._shown


def drain(terminal: Terminal) -> None:
    """Reads to the program's end."""
    from tests.benchmarks.terminal import Broken

    try:
        terminal.settle(5.0)
    except Broken:
        return


@pytest.fixture(scope="module")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, bytes, bytes]]:
    """The kinds of sequences that the toolkit makes for ordinary posts."""
    texts = [f"openssl nummer {number} är ute" for number in range(BATCH)]
    written = run_over(tmp_path_factory.mktemp("harmless") / "home", texts)
    assert foreign(without_sequences(written).decode("utf-8"), besides="\r\n\x07") == set()
    found = kinds(written)
    titles_and_notifications = {b"0", b"1", b"2", b"9", b"99", b"777", b"1337"}
    assert {number for kind, number, _last in found if kind == "osc"} & titles_and_notifications == set()
    return found


@pytest.mark.parametrize("start", range(0, len(POSTS), BATCH))
def test_no_byte_of_a_post_commands_the_terminal(
    tmp_path: Path, harmless: set[tuple[str, bytes, bytes]], start: int
) -> None:
    texts = list(POSTS.values())[start : start + BATCH]
    written = run_over(tmp_path / "home", ["openssl first", *texts])
    assert kinds(written) <= harmless
    assert foreign(without_sequences(written).decode("utf-8"), besides="\r\n\x07") == set()
    assert written.count(b"\x1b]52;") == 0
    assert b"Traceback" not in written


def test_the_clipboard_is_written_once_and_by_the_copy_key_alone(tmp_path: Path) -> None:
    texts = ["openssl \x1b]52;c;aGVq\x07", *list(POSTS.values())[:10]]
    with serving(feed(texts)) as url, mbclient(home_for(tmp_path / "home", url)) as terminal:
        terminal.until("openssl")
        terminal.press(b"w")
        terminal.press(b"gg")
        terminal.settle()
        assert terminal._shown.count(b"\x1b]52;") == 0
        terminal.press(b"y")
        terminal.until("Link copied")
        written = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)", terminal._shown)
        assert [base64.b64decode(each) for each in written] == [b"https://a.example/0"]


def test_what_is_pasted_is_cleaned_and_its_newlines_stay(tmp_path: Path) -> None:
    folder = home_for(tmp_path / "home", "http://127.0.0.1:9/feed")
    with mbclient(folder) as terminal:
        terminal.until("Compose")
        terminal.press(b"c")
        terminal.settle()
        # Ctrl+S right after an escape: the toolkit's own parser would take it for the key that sends.
        pasted = "rad ett\r\nrad två \x1b]52;c;aGVq\x07 \x9b31m\u202e [@click=app.quit]x[/] \x1b\x13 slut".encode()
        terminal.send(b"\x1b[200~" + pasted + b"\x1b[201~")
        terminal.until("Control characters")
        terminal.press(b"\x1b")
        terminal.settle()
        terminal.send(b"q")
        drain(terminal)
        assert foreign(without_sequences(terminal._shown).decode("utf-8"), besides="\r\n\x07") == set()
    draft = command(folder, "drafts", "list", "--json").stdout
    assert foreign(json.loads(draft.splitlines()[0])["text"]) == set()
    assert json.loads(draft.splitlines()[0])["text"].splitlines()[0] == "rad ett"
    assert json.loads(draft.splitlines()[0])["text"].endswith("slut")
    assert command(folder, "outbox", "list", "--json").stdout == ""


def test_bytes_that_are_no_utf_8_end_nothing(tmp_path: Path) -> None:
    folder = home_for(tmp_path / "home", "http://127.0.0.1:9/feed")
    with mbclient(folder) as terminal:
        terminal.until("Compose")
        terminal.press(b"c")
        terminal.settle()
        terminal.send("åt ".encode("latin-1") + b"\xff\xfe" + b"\x1b[200~" + "änd".encode("latin-1") + b"\x1b[201~ all")
        terminal.settle()
        terminal.press(b"\x1b")
        terminal.settle()
        terminal.send(b"q")
        drain(terminal)
        assert b"Traceback" not in terminal._shown
    (draft,) = command(folder, "drafts", "list", "--json").stdout.splitlines()
    assert json.loads(draft)["text"] == "\ufffdt \ufffd\ufffd\ufffdnd all"


def test_nothing_that_a_post_names_is_fetched(tmp_path: Path) -> None:
    """Not even by the keys for links, details and media: those lead to the browser or to words."""
    asked: list[str] = []
    texts = [f"openssl {number} see HERE/text/{number}" for number in range(BATCH)]
    with serving(feed(texts), asked) as url, mbclient(home_for(tmp_path / "home", url)) as terminal:
        terminal.until("openssl")
        terminal.press(b"w")
        tour(terminal, 4)
        for keys in (b"m", b"\x1b", b"i", b"\x1b", b"y"):
            terminal.press(keys)
            terminal.settle(0.2)
        command(tmp_path / "home", "timeline", "--view", "home")
    assert asked
    assert set(asked) == {"/feed"}


# ---------------------------------------------------------------- commands


def command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    settings = ["--config", str(folder / "config.toml"), "--data-dir", str(folder / "data")]
    return subprocess.run(
        [sys.executable, "-m", "mbclient", *settings, *words],
        capture_output=True, text=True, encoding="utf-8", timeout=60, check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, "LC_ALL": "C.UTF-8", "COLUMNS": "80"},
    )  # fmt: skip


def packed(size: int) -> list[str]:
    """The corpus in fewer and longer posts."""
    posts = [""]
    for text in sorted(POSTS.values(), key=len):
        if len(posts[-1]) + len(text) > size:
            posts.append("")
        posts[-1] += f"{text} | "
    return posts


def test_no_command_prints_a_foreign_control(tmp_path: Path) -> None:
    texts = packed(2_500)
    assert len(texts) <= BATCH
    with serving(feed(texts)) as url:
        folder = home_for(tmp_path / "home", url)
        read = command(folder, "timeline", "--view", "home", "--limit", "400", "--json")
        assert read.returncode == 0, read.stderr
        posts = [json.loads(line) for line in read.stdout.splitlines()]
        assert len(posts) == len(texts)
        for words in (
            ("timeline", "--view", "home", "--limit", "400"), ("search", "openssl", "--limit", "400"),
            ("search", "\x1b[2J"), ("thread", posts[0]["id"]), ("thread", "x\x1b[2J:\x07"), ("account", "list"),
            ("account", "check"), ("notifications",), ("post", "x", "--account", "\x1b]0;x\x07", "--dry-run"),
            ("doctor",), ("policy", "explain", "\x9b31m"), ("timeline", "--view", "\u202e\x1b[2J"), ("\x1b[2J",),
            *(("export", "--format", form, "--view", "home") for form in ("atom", "jsonfeed", "html", "csv", "jsonl")),
        ):  # fmt: skip
            done = command(folder, *words)
            both = done.stdout + done.stderr
            assert foreign(both, besides="\r\n" if "csv" in words else "\n") == set(), words
            assert "Traceback" not in both, words
        for post in posts:
            for value in (post["text"], post["author"]["name"], post["author"]["handle"], *post["tags"]):
                assert foreign(value) == set()
        logs = [file for file in folder.rglob("*") if file.is_file() and file.suffix == ".log"]
        assert all("\x1b" not in file.read_text("utf-8") for file in logs)
