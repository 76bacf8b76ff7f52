"""The log: private, bounded, silent about what it may not hold."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from mbclient.settings import logfile
from tests.settings.modes import mode

LOG = logging.getLogger("mbclient.somewhere")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "mbclient.log"
    logfile.keep_log(path)
    yield path
    for handler in [one for one in logging.getLogger("mbclient").handlers if isinstance(one, logfile.LogFile)]:
        logging.getLogger("mbclient").removeHandler(handler)
        handler.close()


def test_the_file_comes_with_the_first_line_and_is_private(log: Path) -> None:
    assert not log.exists()
    LOG.warning("a stored post could not be read")
    assert log.read_text("utf-8").endswith("WARNING mbclient.somewhere: a stored post could not be read\n")
    assert mode(log) == 0o600


def test_it_is_rotated(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logfile, "MAX_BYTES", 300)
    for number in range(40):
        LOG.warning("line %d", number)
    kept = sorted(path.name for path in log.parent.iterdir())
    assert kept == ["mbclient.log", "mbclient.log.1", "mbclient.log.2", "mbclient.log.3"]
    assert all(path.stat().st_size <= 300 and mode(path) == 0o600 for path in log.parent.iterdir())


def test_an_errors_own_words_are_not_kept(log: Path) -> None:
    try:
        raise ValueError("hunter2")
    except ValueError:
        LOG.exception("it failed")
    assert "it failed (ValueError)" in log.read_text("utf-8")
    assert "hunter2" not in log.read_text("utf-8")


def test_one_line_once_and_a_file_that_cannot_be_written_stops_nothing(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logfile.keep_log(log)
    LOG.warning("once")
    assert log.read_text("utf-8").count("once") == 1
    (log.parent / "link").symlink_to(log)
    logfile.keep_log(log.parent / "link")
    LOG.warning("never through a link")
    assert "never" not in log.read_text("utf-8")
    assert capsys.readouterr().err == ""
