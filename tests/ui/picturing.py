"""The program with one post that has a picture, in the terminal that starts it: `python -m tests.ui.picturing FOLDER`.

F8 asks for the picture, which comes from no network, as its author's does above their posts. `test_postpictures` is the
terminal.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PIL import Image

from mbclient.core.pictures import Pictures
from mbclient.domain.post import Author, Media
from mbclient.domain.safetext import SafeText
from mbclient.ui.app import MbclientApp
from mbclient.ui.driver import LastingDriver
from tests.ui.posts import make_post
from tests.ui.running import CONFIG, MovableClock, own_desk, own_launch


class Ramp:
    """Gives one picture, whatever is asked for."""

    async def fetch(self, url: str, own: str, may: Callable[[str], bool]) -> bytes:
        data = io.BytesIO()
        Image.linear_gradient("L").convert("RGB").save(data, "PNG")
        return data.getvalue()


def main(folder: Path) -> None:
    clock = MovableClock()
    desk = own_desk(folder, clock, f'{CONFIG}\n[keys]\npictures = "f8"\n')
    desk.preferences = replace(desk.preferences, pictures="always")
    desk.pictures = Pictures(desk.accounts, Ramp())
    desk.pictures.allow("files.example")
    media = (Media("image", SafeText("a grey ramp"), "https://files.example/1.png"),)
    post = make_post(1, text=SafeText("openssl"), created_at=clock.now(), media=media)
    author = Author(SafeText("bo@files.example"), SafeText("Bo"), avatar="https://files.example/bo.png")
    post = replace(post, account="notes", cw=None, filtered=(), author=author)
    desk.refresher.fill(desk.accounts.get("notes"), [post])
    app = MbclientApp(desk, own_launch(folder))
    app.driver_class = LastingDriver
    app.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
