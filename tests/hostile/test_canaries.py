"""Every kind of account, with a canary for each secret, at a server that throws whatever it was sent back in the words
of its errors; then every command; then everything that was written or said is searched (reliability facts 4.4).
"""

from __future__ import annotations

import base64
import json
import logging
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote_plus
from zlib import crc32

import pytest

from tests.cli.conftest import CommandLine, bare, english, mb, now_mb
from tests.services.nostr.support import ANNA

__all__ = ["bare", "english", "mb", "now_mb"]

# Each in the form that the service's own have.
CANARIES = {
    "mastodon": "CanaryMastodonZ3xq9vT2mB7nK4pL8wR1sY6uE0aH5d",
    "misskey": "CanaryMisskeyaB3dE6gH9jK2mN5",
    "threads": "THAACanaryThreads1B2c3D4e5F6g7H8i9J0kLmNoPqRsTuV",
    "x": "CanaryXccessQ0tZ3B5c7D9f1G3h5J7k9L1n3P5r7T9v1X3z",
    "x refresh": "CanaryXrefreshA2c4E6g8I0k2M4o6Q8s0U2w4Y6a8C0e2G4",
    "gnusocial": "canary-gnusocial-lösen 4711",
    "bloggy": "canary-bloggy-password-4711",
    "jaiku consumer": "canaryjaikuconsumer0123456789abc",
    "jaiku token": "canaryjaikutoken0123456789abcdef",
    "micropub": "canary.micropub.token-0123456789",
    "bluesky": "cana-ryby-blue-skyy",
    "nostr": ANNA.nsec().reveal(),
}
SECRETS = {
    "mastodon": json.dumps({"access_token": CANARIES["mastodon"]}),
    "misskey": CANARIES["misskey"],
    "threads": json.dumps({"access_token": CANARIES["threads"]}),
    "x": json.dumps(
        {"client_id": "app", "access_token": CANARIES["x"], "refresh_token": CANARIES["x refresh"], "expires": None}
    ),
    "gnusocial": CANARIES["gnusocial"],
    "bloggy": CANARIES["bloggy"],
    "jaiku": json.dumps(
        {
            "consumer_key": "key", "consumer_secret": CANARIES["jaiku consumer"],
            "oauth_token": "token", "oauth_token_secret": CANARIES["jaiku token"],
        }
    ),
    "micropub": CANARIES["micropub"],
    "bluesky": CANARIES["bluesky"],
    "nostr": CANARIES["nostr"],
}  # fmt: skip
HANDLES = {"bluesky": "anna.test"}
SIGNED_WITH = {"jaiku consumer", "jaiku token", "nostr", "x refresh"}  # they sign, or wait, and are never sent
COMMANDS = (
    ("account", "check"), ("timeline", "--view", "home"), ("search", "openssl", "--remote"), ("notifications",),
    ("post", "hej", "--yes"), ("outbox", "list"), ("outbox", "flush"), ("outbox", "list", "--json"), ("drafts", "list"),
    ("account", "list", "--json"), ("thread", "mastodon:1"), ("like", "misskey:1"), ("delete", "x:1"),
    ("export", "--format", "jsonl", "--view", "home"), ("export", "--format", "csv", "--mine"), ("stats",), ("doctor",),
    ("config", "show"), ("policy", "log"), ("meter",),
)  # fmt: skip


# What is asked before any secret is sent, else none would be.
OPENINGS = {
    "/api/gnusocial/config.json": {"site": {"name": "x", "textlimit": "140"}},
    "/api/statusnet/config.json": {"site": {"name": "x", "textlimit": "140"}},
    "/xrpc/com.atproto.identity.resolveHandle": {"did": "did:plc:ewvi7nxzyoun6zhxrhs64oiz"},
    "/": '<link rel="micropub" href="/micropub"><link rel="authorization_endpoint" href="/a">'
    '<link rel="token_endpoint" href="/token">',
}


class Echo(BaseHTTPRequestHandler):
    """Refuses everything, each time in another way, and quotes the whole request, as it came and decoded."""

    turns: Counter[str]
    heard: list[str]

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
        login = self.headers.get("Authorization", "").rpartition(" ")[2]
        try:
            decoded = base64.b64decode(login, validate=True).decode()
        except ValueError:
            decoded = ""
        said = f"{self.path} {dict(self.headers)} {body} {unquote_plus(body)} {unquote_plus(self.path)} {decoded}"
        self.heard.append(said)
        opening = OPENINGS.get(self.path.partition("?")[0])
        if opening is not None:
            self._write(200, "text/html" if isinstance(opening, str) else "application/json", opening)
            return
        kind = self._turn()
        status = (403, 422, 500, 404, 400)[kind % 5]
        answer: object = {
            "error": said, "error_description": said, "message": said, "code": said, "detail": said, "title": said,
            "errors": [{"message": said, "detail": said, "title": said}],
        }  # fmt: skip
        if kind % 4 == 1:
            answer = {"error": {"message": said, "code": 1, "id": said, "info": {"reason": said}}}
        self._write(
            status, "application/json" if kind % 3 else "text/plain; charset=utf-8", answer if kind % 3 else said
        )

    def _turn(self) -> int:
        """Another one each time that a path is asked, whoever else asks meanwhile: every run hears the same."""
        path = self.path.partition("?")[0]
        self.turns[path] += 1
        return crc32(path.encode()) + self.turns[path]

    def _write(self, status: int, kind: str, answer: object) -> None:
        written = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(written)))
        self.end_headers()
        self.wfile.write(written)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _answer

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the tests' screen."""


@contextmanager
def echoing() -> Iterator[tuple[str, list[str]]]:
    heard: list[str] = []
    handler = type("Echoing", (Echo,), {"heard": heard, "turns": Counter()})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", heard
        finally:
            server.shutdown()
            thread.join()


def forms(secret: str) -> set[str]:
    """As it may stand somewhere."""
    coded = {base64.b64encode(text.encode()).decode().rstrip("=") for text in (secret, f"anna:{secret}")}
    return {secret, quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1], secret[::-1], *coded}


def settings(url: str, vault: Path) -> str:
    accounts = [
        f'[[accounts]]\nname = "{name}"\nservice = "{name}"\nhandle = "{HANDLES.get(name, "anna")}"\n'
        f'url = "{url.replace("http", "ws", 1) if name == "nostr" else url}"\n'
        f'token_command = ["cat", "{vault / name}"]\n'
        for name in SECRETS
    ]
    names = ", ".join(f'"{name}"' for name in SECRETS)
    return f'schema = 1\nlanguage = "en"\ndefault_accounts = [{names}]\n[work_filter]\nterms = ["openssl"]\n' + "".join(
        accounts
    )


def test_no_secret_is_in_anything_that_is_written_or_said(
    mb: CommandLine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "mbclient")
    vault = tmp_path / "vault"
    vault.mkdir()
    for name, secret in SECRETS.items():
        (vault / name).write_text(f"{secret}\n", "utf-8")
    said: list[str] = []
    with echoing() as (url, heard):
        mb.settings(settings(url, vault))
        for name in SECRETS:
            mb("account", "confirm", name, "--employer", "no", "--real-name", "yes")
        for words in COMMANDS:
            answer = mb(*words)
            said += [answer.out, answer.err]
            assert "Traceback" not in answer.err, words
    sent = "\n".join(heard)
    lives = {name for name, canary in CANARIES.items() if any(form in sent for form in forms(canary))}
    assert lives == CANARIES.keys() - SIGNED_WITH
    said += [record.getMessage() for record in caplog.records if record.name.startswith("mbclient")]
    files = [file for file in mb.folder.rglob("*") if file.is_file()]
    assert len(files) >= 3
    places = {"said": "\n".join(said).encode(), **{str(file): file.read_bytes() for file in files}}
    found = [
        (place, name)
        for place, content in places.items()
        for name, canary in CANARIES.items()
        if any(form.encode() in content for form in forms(canary))
    ]
    assert found == []


def test_a_command_takes_no_control_into_draft_outbox_or_post(mb: CommandLine) -> None:
    mb.settings('schema = 1\n[[accounts]]\nname = "notes"\nservice = "local"\n')
    sent = mb(
        "post", "\x1b]52;c;aGVq\x07 hej \u202e \x9b2J", "--cw", "\x1b[2J", "--account", "notes", "--yes", json=True
    )
    assert sent.status == 0, sent.err
    (post,) = mb("timeline", "--view", "mine", "--limit", "9", json=True).objects
    assert "hej" in post["text"]
    assert not any(ord(each) < 32 or each in "\x9b\u202e" for each in post["text"] + post["cw"])
