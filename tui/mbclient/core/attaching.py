"""What may go along with a draft: the file is there, and every target takes one of its kind and size."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from pathlib import Path

from mbclient.core.accounts import Accounts
from mbclient.domain.capabilities import Capabilities
from mbclient.domain.draft import Draft
from mbclient.domain.errors import UsageError
from mbclient.domain.safetext import SafeText
from mbclient.texts import _, ngettext
from mbclient.texts.outside import system_reason

UNKNOWN_KIND = "application/octet-stream"


class Attaching:
    """Asks the targets' capabilities; sending asks the servers once more, which know best."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def read_path(self, typed: str, draft: Draft) -> Path:
        """The file that was typed, dragged or pasted: quotes, `~` and `\\ ` as terminals give them.

        Raises `UsageError` with the reason why it cannot go along.
        """
        path = _path(typed)
        name = SafeText.line(path.name or str(path))
        try:
            if not path.is_file():
                raise UsageError(_("there is no file {path}").format(path=name))
            size = path.stat().st_size
        except OSError as error:
            raise UsageError(
                _("{file} cannot be read ({reason})").format(file=name, reason=system_reason(error))
            ) from error
        kind = kind_of(path)
        for account, can in self._capabilities(draft):
            if len(draft.media) >= can.max_media:
                raise UsageError(
                    ngettext("{account} takes {n} attachment", "{account} takes {n} attachments", can.max_media).format(
                        account=account, n=can.max_media
                    )
                )
            if can.media_types and kind not in can.media_types:
                raise UsageError(_("{account} takes no {kind}").format(account=account, kind=kind))
            limit = (kind == "image/gif" and can.max_gif_bytes) or can.max_image_bytes
            limit = limit if kind.startswith("image/") else 0
            if limit and size > limit:
                raise UsageError(
                    _("{file} is larger than the {limit} bytes that the server takes").format(file=name, limit=limit)
                )
        return path.absolute()

    def alt_limit(self, draft: Draft) -> int:
        """How long a description may be for every target that takes one; 0 where none does."""
        return min((can.max_alt for _account, can in self._capabilities(draft) if can.max_alt), default=0)

    def _capabilities(self, draft: Draft) -> Sequence[tuple[str, Capabilities]]:
        return [(name, service.capabilities) for name, service in self._accounts.services_there(draft.accounts)]


def kind_of(path: Path) -> str:
    """The kind of file by its name: `image/png`."""
    return mimetypes.guess_type(path.name)[0] or UNKNOWN_KIND


def _path(typed: str) -> Path:
    text = typed.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    elif "\\ " in text and not Path(text).exists():
        text = text.replace("\\ ", " ")
    path = Path(text.removeprefix("file://"))
    try:
        return path.expanduser()
    except RuntimeError:  # ~ of somebody who is not known here
        return path
