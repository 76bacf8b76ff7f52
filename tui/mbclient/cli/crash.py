"""What is kept of a fault of our own: where it happened, never with what. A value could be a secret or a post."""

from __future__ import annotations

import traceback
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from mbclient import __version__
from mbclient.cli.spec import Given
from mbclient.domain.errors import SettingsError
from mbclient.texts import _

FRAMES = 30


def report(error: BaseException, given: Given) -> str:
    """Notes the fault in the log and gives the line for the user."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    here = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    what = f"{type(error).__name__}, {here}"
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    log = _log(f"{now} {__version__} {type(error).__name__} {places}\n", given)
    advice = _("details without your data are in {log}").format(log=log) if log else _("try again")
    return _("a fault in mbclient itself ({what}); please report it, {advice}").format(what=what, advice=advice)


def _log(line: str, given: Given) -> str:
    """The log's path once the line is in it; empty when it could not be written."""
    from mbclient.settings.files import open_private
    from mbclient.settings.paths import find_paths

    with suppress(OSError, SettingsError):
        paths = find_paths(given.text("--config") or None, given.text("--data-dir") or None)
        paths.prepare()
        with open(paths.log_file, "a", encoding="utf-8", opener=open_private) as log:
            log.write(line)
        return str(paths.log_file)
    return ""
