"""Notifications of the desktop, through the library of the extra `[desktop]`. Loaded when the first one is shown."""

from __future__ import annotations

from mbclient.domain.errors import UsageError
from mbclient.texts import _

APP = "mbclient"


class Desktop:
    """Asks the desktop's leave once, where it wants to be asked."""

    def __init__(self) -> None:
        """Raises `UsageError` without the library."""
        try:
            from desktop_notifier import DesktopNotifier
        except ImportError:
            raise UsageError(
                _("notifications on the desktop need the extra [desktop]"),
                _("install it in the checkout: pip install '.[desktop]'"),
            ) from None
        self._notifier = DesktopNotifier(app_name=APP)
        self._asked = False

    async def show(self, title: str, body: str) -> None:
        """A desktop without notifications (a server, a bare terminal) shows nothing, and that is no error."""
        if not self._asked:
            self._asked = True
            await self._notifier.request_authorisation()
        await self._notifier.send(title=title, message=body)
