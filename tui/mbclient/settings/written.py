"""What the program writes itself, accounts.toml and choices.toml: whole files, atomically, never over a broken one."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from mbclient.domain.errors import SettingsError
from mbclient.settings.files import cannot, write_atomically
from mbclient.settings.toml import Document, parse
from mbclient.texts import _

_HEADER = "# Written by mbclient, which will write it again. Your own settings belong in config.toml, which wins.\n"


def dump(path: Path, values: Mapping[str, object]) -> Document:
    """The table as the document that would be read back from `path`. Raises SettingsError."""
    import tomli_w  # late: most runs write nothing

    try:
        data = (_HEADER + tomli_w.dumps(values)).encode()
    except (UnicodeEncodeError, TypeError, ValueError) as error:
        raise SettingsError(_("a value can't be written as TOML"), _("use plain text"), file=str(path)) from error
    return parse(data, str(path))


def write_program_file(path: Path, document: Document, *, broken: bool) -> None:
    """Put the document in place; a file there that could not be read is moved aside first, never lost."""
    if broken:
        try:
            path.rename(path.with_name(f"{path.name}.broken-{time.time_ns()}"))
        except FileNotFoundError:
            pass
        except OSError as error:
            raise cannot("write", path, error) from error
    write_atomically(path, document.text.encode())
