"""What is kept of a fault of our own: where it happened, never with what. A value could be a secret or a post."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from mbclient import __version__
from mbclient.cli.spec import Given
from mbclient.domain.errors import SettingsError
from mbclient.texts import _

FRAMES = 30


def report(error: BaseException, given: Given) -> str:
    """Notes the fault in the log and gives the line for the user. Of a group, which says nothing, what is in it."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    told = [(type(fault).__name__, frames[-FRAMES:]) for fault, frames in _faults(error, [])]
    lines = []
    for name, frames in told:
        places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))
        lines.append(f"{now} {__version__} {name} {places}\n")
    name, frames = told[0]
    here = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    what = f"{name}, {here}"
    log = _log("".join(lines), given)
    advice = _("details without your data are in {log}").format(log=log) if log else _("try again")
    return _("a fault in mbclient itself ({what}); please report it, {advice}").format(what=what, advice=advice)


def _faults(
    error: BaseException, above: Sequence[traceback.FrameSummary]
) -> Iterator[tuple[BaseException, Sequence[traceback.FrameSummary]]]:
    """What is no group, each with its frames, those of the groups it was in first."""
    frames = [*above, *traceback.extract_tb(error.__traceback__)]
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _faults(one, frames)
    else:
        yield error, frames


def _log(lines: str, given: Given) -> str:
    """The log's path once the lines are in it; empty when it could not be written."""
    from mbclient.settings.files import open_private
    from mbclient.settings.paths import find_paths

    with suppress(OSError, SettingsError):
        paths = find_paths(given.text("--config") or None, given.text("--data-dir") or None)
        paths.prepare()
        with open(paths.log_file, "a", encoding="utf-8", opener=open_private) as log:
            log.write(lines)
        return str(paths.log_file)
    return ""
