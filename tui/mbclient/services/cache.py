"""What an adapter may lose: small JSON files in the kit's cache folder, 0600, replaced whole."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path


class JsonCache:
    """One JSON object a name. A file that is missing or damaged reads as empty; one that can't be written is let go.

    The calls block for well under a millisecond; names are made safe for every file system.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _file(self, name: str) -> Path:
        return self._folder / (re.sub(r"[^a-z0-9.-]", "_", name.lower())[:120] + ".json")

    def read(self, name: str) -> dict[str, object]:
        try:
            value = json.loads(self._file(name).read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    def write(self, name: str, value: Mapping[str, object]) -> None:
        with contextlib.suppress(OSError):  # a cache: the next start asks the server again
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=self._folder)  # made 0600
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(value, file)
            Path(temporary).replace(self._file(name))

    def forget(self, name: str) -> None:
        self._file(name).unlink(missing_ok=True)
