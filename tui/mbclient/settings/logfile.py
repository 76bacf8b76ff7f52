"""The program's log: small, rotated, 0600. It tells what failed where; never a text, a name or a secret."""

from __future__ import annotations

import logging
from pathlib import Path

from mbclient.settings.files import open_private

MAX_BYTES = 1_000_000
COPIES = 3
_FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class LogFile(logging.Handler):
    """Opens the file at the first line, so that a run with nothing to say makes none."""

    def __init__(self, path: Path) -> None:
        super().__init__(logging.INFO)
        self._path = path
        self._file: logging.Handler | None = None

    def emit(self, record: logging.LogRecord) -> None:
        try:
            if self._file is None:
                self._file = _rotating(self._path)
            self._file.emit(_without_values(record))
        except OSError:  # a log that cannot be written stops nothing
            return

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        super().close()


def keep_log(path: Path) -> None:
    """What the program's own loggers say goes to this file from now on, and no longer to another."""
    logger = logging.getLogger("mbclient")
    for handler in [one for one in logger.handlers if isinstance(one, LogFile)]:
        logger.removeHandler(handler)
        handler.close()
    logger.addHandler(LogFile(path))


def _rotating(path: Path) -> logging.Handler:
    from logging.handlers import RotatingFileHandler  # late: most runs log nothing

    class Private(RotatingFileHandler):
        def _open(self):  # type: ignore[no-untyped-def]  # the base class's type is not to be named at run time
            return open(self.baseFilename, self.mode, encoding="utf-8", opener=open_private)

        def handleError(self, record: logging.LogRecord) -> None:
            """Silent: what the base class prints would lie across the screen."""

    file = Private(path, maxBytes=MAX_BYTES, backupCount=COPIES, encoding="utf-8", delay=True)
    file.setFormatter(logging.Formatter(_FORM))
    return file


def _without_values(record: logging.LogRecord) -> logging.LogRecord:
    """An error's words may quote a post or a secret: of it only the kind is kept, and no frame.

    One event is one line: what is not printable is written as Python would (reliability facts 4.5, log forging).
    """
    from mbclient.domain.tokens import without_tokens  # late, as errors have it

    kind = record.exc_info[0] if record.exc_info else None
    kept = logging.makeLogRecord(record.__dict__)
    message = without_tokens(record.getMessage())
    said = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in message)
    kept.msg = f"{said} ({kind.__name__})" if kind else said
    kept.args, kept.exc_info, kept.exc_text, kept.stack_info = None, None, None, None
    return kept
