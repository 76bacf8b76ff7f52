"""Canary tokens: sent in every place that services want them in, quoted back by the server, found nowhere."""

from __future__ import annotations

import base64
import contextlib
import logging
import traceback
from pathlib import Path
from typing import Any

import pytest

from mbclient.cli.crash import report
from mbclient.cli.spec import Given
from mbclient.domain.errors import MbclientError
from mbclient.domain.secret import Secret
from mbclient.services.answers import raise_for_status
from mbclient.services.http import Http
from mbclient.services.websocket import open_socket
from mbclient.settings.logfile import LogFile, keep_log
from tests.services.kit import SystemClock, kit_in
from tests.services.wire import Reply, Request, Wire

CANARY = "canary-0123456789abcdef"
PLACES: dict[str, dict[str, Any]] = {
    "bearer": {"headers": {"Authorization": f"Bearer {CANARY}"}},
    "dpop": {"headers": {"authorization": f"DPoP {CANARY}"}},
    "form": {"form": {"client_secret": CANARY, "x": "y"}},
    "json": {"json": {"i": CANARY}},
    "password": {"json": {"identifier": "anna", "password": CANARY}},
    "query": {"params": {"access_token": CANARY}},
    "cookie": {"headers": {"Cookie": f"a=b; session={CANARY}"}},
    "basic": {"headers": {"Authorization": f"Basic {base64.b64encode(f'anna:{CANARY}'.encode()).decode()}"}},
    "oauth 1": {"headers": {"Authorization": f'OAuth oauth_token="{CANARY}", oauth_signature="x"'}},
    "query in order": {"params": [("a", "b"), ("access_token", CANARY)]},
}


async def echo(request: Request) -> Reply:
    """The whole request, in the error's own words."""
    login = request.headers.get("authorization", "").rpartition(" ")[2]
    with contextlib.suppress(ValueError):
        login = base64.b64decode(login, validate=True).decode()
    said = f"{request.target} {dict(request.headers)} {request.body.decode()} {login}"
    return Reply(403, {"error": said, "message": said, "error_description": said})


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_server_that_quotes_the_secret_gets_nobody_to_show_it(
    place: str, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    http = Http(SystemClock())
    async with Wire(echo) as wire:
        answer = await http.request(method, f"{wire.url}/x", account="work", **PLACES[place])
        coded = base64.b64encode(f"anna:{CANARY}".encode()).decode()
        sent = "".join(f"{each.target}{each.headers}{each.body!r}" for each in wire.requests)
        assert CANARY in sent or coded in sent
    await http.aclose()
    with pytest.raises(MbclientError) as caught:
        raise_for_status(answer, SystemClock().now(), account="work", write=method == "POST")
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + str(caught.value)
    assert "***" in str(caught.value)
    assert coded not in str(caught.value)
    ours = "".join(record.getMessage() for record in caplog.records if record.name.startswith("mbclient"))
    assert CANARY not in told + ours + answer.text


async def test_a_stream_that_is_refused_is_shown_without_it() -> None:
    http = Http(SystemClock())
    async with Wire(echo) as wire:
        with pytest.raises(MbclientError) as caught:
            async for _line in http.lines(
                f"{wire.url}/s?access_token={CANARY}", headers={"Authorization": f"Bearer {CANARY}"}
            ):
                pass
    await http.aclose()
    assert "***" in str(caught.value)
    assert CANARY not in "".join(traceback.format_exception(caught.value)) + repr(caught.value)


async def test_a_socket_that_is_refused_is_shown_without_it(tmp_path: Path) -> None:
    async with Wire(echo) as wire, kit_in(tmp_path) as kit:
        url = f"{wire.url.replace('http', 'ws', 1)}/s?i={CANARY}"
        line = open_socket(kit, url, headers={"Authorization": f"Bearer {CANARY}"}, subprotocols=[CANARY])
        with pytest.raises(MbclientError) as caught:
            async with line:
                pass
    assert "***" in str(caught.value)
    assert CANARY not in "".join(traceback.format_exception(caught.value)) + repr(caught.value)


def test_the_log_takes_out_what_looks_like_one(tmp_path: Path) -> None:
    path = tmp_path / "mbclient.log"
    keep_log(path)
    logger = logging.getLogger("mbclient")
    try:
        logger.warning("refused: %s", f"Authorization: Bearer {CANARY}")
        logger.warning("refused: https://a.example/?access_token=%s&x=1", CANARY)
    finally:
        for handler in [one for one in logger.handlers if isinstance(one, LogFile)]:
            logger.removeHandler(handler)
            handler.close()
    kept = path.read_text("utf-8")
    assert kept.count("***") == 2
    assert CANARY not in kept


def test_a_fault_is_kept_without_what_it_was_about(tmp_path: Path) -> None:
    """The commands' border: a token in a local, in the error's words and in its cause."""

    def fail(token: str) -> None:
        try:
            raise ValueError(f"bad {token}")
        except ValueError as error:
            raise RuntimeError(f"worse {token}") from error

    given = Given([("--config", str(tmp_path / "config.toml")), ("--data-dir", str(tmp_path / "data"))])
    try:
        fail(CANARY)
    except RuntimeError as error:
        line = report(error, given)
    written = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert written
    assert all(file.stat().st_mode & 0o077 == 0 for file in written)
    assert "RuntimeError" in line
    kept = "".join(file.read_text("utf-8") for file in written)
    assert "test_secrets.py" in kept
    assert CANARY not in line + kept
    assert len(kept.splitlines()) == 1


def test_a_secret_prints_itself_nowhere() -> None:
    secret = Secret(CANARY)
    assert CANARY not in f"{secret}{secret!r}{secret!s:>20}{[secret]}" + repr({"a": secret})
