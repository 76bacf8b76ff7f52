"""Nobody from outside leads the program to this machine or its network, and no line of the log is theirs."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from mbclient.domain.errors import RejectedError
from mbclient.services.nostr.events import RELAYS, Event
from mbclient.services.nostr.relays import listed
from mbclient.services.redirects import check_step, is_figures
from mbclient.settings.logfile import LogFile, keep_log

NEAR = (
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "10.0.0.1", "192.168.1.1",
    "169.254.169.254",
    "[::1]", "[::ffff:127.0.0.1]", "[fe80::1]", "[fd00::1]", "0.0.0.1", "localhost",
)  # fmt: skip


@pytest.mark.parametrize("host", NEAR)
def test_a_redirect_never_leads_near(host: str) -> None:
    with pytest.raises(RejectedError):
        check_step("https://feed.example/x", f"https://{host}/", "work")


@pytest.mark.parametrize("host", NEAR)
def test_a_strangers_list_of_relays_never_leads_near(host: str) -> None:
    tags = (("r", f"wss://{host}"), ("r", "wss://relay.example"))
    event = Event("0" * 64, "1" * 64, 0, RELAYS, tags, "", "2" * 128)
    assert listed(event, "read", local=False) == ("wss://relay.example",)


@pytest.mark.parametrize("host", ["example.org", "10.example.org", "0x7f.example", "a1", "xn--1.example"])
def test_names_are_no_figures(host: str) -> None:
    assert not is_figures(host)


def test_one_event_is_one_line_whatever_it_quotes(tmp_path: Path) -> None:
    path = tmp_path / "mbclient.log"
    keep_log(path)
    logger = logging.getLogger("mbclient")
    try:
        for forged in ("a\n2026-01-01 ERROR mbclient: forged", "b\r\nc", "\x1b[2J\x9b31m", "x\u2028y\u202e", "\x00"):
            logger.warning("refused: %s", forged)
    finally:
        for handler in [one for one in logger.handlers if isinstance(one, LogFile)]:
            logger.removeHandler(handler)
            handler.close()
    lines = path.read_bytes().decode("utf-8").split("\n")
    assert len(lines) == 6
    assert lines[0].endswith("refused: a\\n2026-01-01 ERROR mbclient: forged")
    assert all(line.isprintable() for line in lines)
