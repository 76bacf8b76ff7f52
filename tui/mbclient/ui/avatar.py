"""An author's picture above their posts, for whoever wants pictures without asking for each."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.containers import Container

from mbclient.core.desk import Desk
from mbclient.domain.errors import MbclientError
from mbclient.domain.post import Post
from mbclient.ui.host import Hosted
from mbclient.ui.pictures import shown, unpacked, why_not

if TYPE_CHECKING:
    from PIL import Image

PIXELS = (256, 256)  # more than eight cells have anywhere


class Avatar(Hosted, Container):
    """Takes no room until there is one; where there is none to be had, nobody asked and nothing is said."""

    DEFAULT_CSS = """
    Avatar { display: none; width: 9; height: 4; }
    Avatar > * { width: 8; height: 4; }
    """

    def __init__(self, desk: Desk, post: Post) -> None:
        super().__init__()
        self._desk = desk
        self._post = post

    def on_mount(self) -> None:
        if self._desk.preferences.pictures == "always" and not why_not(self._desk.preferences):
            self.run_worker(self._show())

    async def _show(self) -> None:
        """From the service's own host, or one that the user has agreed to."""
        pictures = self._desk.pictures
        avatar = pictures.avatar(self._post)
        if avatar is None or pictures.stranger(self._post, avatar.url):
            return
        try:
            data = await pictures.fetch(self._post, avatar)
            widget = shown(self.mb, await asyncio.to_thread(squared, data))
        except MbclientError:
            return
        await self.mount(widget)
        self.display = True


def squared(data: bytes) -> Image.Image:
    """The middle of a picture, as high as wide. Blocking; raises what `unpacked` does."""
    picture = unpacked(data, PIXELS)
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    return picture.crop((left, top, left + side, top + side))
