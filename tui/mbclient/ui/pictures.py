"""Pictures in the terminal, through the library of the extra `[images]`: kitty's way, sixel, else half blocks.

What came over the network is opened here, and within bounds: four formats, so many pixels, the first frame alone.
"""

from __future__ import annotations

import io
import os
import struct
import sys
import termios
import zlib
from importlib.util import find_spec
from typing import TYPE_CHECKING

from textual.app import App, SuspendNotSupported
from textual.widget import Widget

from mbclient.core.preferences import Preferences
from mbclient.domain.errors import UsageError
from mbclient.texts import _

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
MAX_PIXELS = 16_000_000  # before it is unpacked: 64 MB at four bytes each, and 160 for a moment while it is made small
MAX_SIDE = 16_384
SHOWN = (1600, 1600)  # no terminal shows more; what is kept is this small
_MORE = (ArithmeticError, MemoryError, struct.error, zlib.error)
_LIBRARY = "textual_image.widget"


def why_not(preferences: Preferences) -> str:
    """Why no picture is shown here, and what to do about it; empty when they are."""
    if preferences.plain:
        return _("Plain reading shows no pictures; their descriptions are here.")
    if preferences.pictures == "off":
        return _("Pictures are off; the settings turn them on.")
    if find_spec("textual_image") is None:  # before anything is fetched
        return str(missing())
    if preferences.pictures == "auto" and "SSH_CONNECTION" in os.environ:
        return _("Over SSH pictures are off; the settings turn them on there too.")
    return ""


def unpacked(data: bytes, most: tuple[int, int] = SHOWN) -> Image.Image:
    """A picture of at most `most` pixels. Blocking: call it in a thread.

    Raises `UsageError`: without the library, for what is no picture, and for one of too many pixels, which is told by
    its head before anything is unpacked.
    """
    try:
        from PIL import Image, ImageOps
    except ImportError:
        raise missing() from None
    Image.MAX_IMAGE_PIXELS = None  # it would warn on the terminal; the bound below is ours, and lower
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as found:
            if found.width * found.height > MAX_PIXELS or max(found.size) > MAX_SIDE:
                raise UsageError(
                    _("the picture has {width} × {height} pixels, too many to show here").format(
                        width=found.width, height=found.height
                    ),
                    _("open it in the browser if you trust it"),
                )
            found.draft("RGB", most)  # JPEG is unpacked smaller at once
            found.thumbnail(most)
            upright = ImageOps.exif_transpose(found)
            return upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    except (OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError, *_MORE) as error:
        # what the library's readers raise for broken files
        raise UsageError(_("the picture is damaged, or no picture"), _("open it in the browser")) from error


def shown(app: App[str], picture: Image.Image) -> Widget:
    """A widget that draws it as this terminal can. The first one asks the terminal, with the screen put aside.

    Raises `UsageError` without the library.
    """
    _load(app)
    try:
        from textual_image import renderable
        from textual_image.widget import Image, UnicodeImage
    except ImportError:
        raise missing() from None
    if app.no_color and renderable.Image is renderable.HalfcellImage:
        return UnicodeImage(picture)  # half blocks are nothing but colour
    return Image(picture)


def _load(app: App[str]) -> None:
    """The library asks the terminal what it can when it is imported, which the screen's own reader would swallow."""
    if _LIBRARY in sys.modules or app.is_headless:
        return
    try:
        with app.suspend():
            __import__(_LIBRARY)
    except (SuspendNotSupported, ImportError, OSError, ValueError, termios.error):
        return  # whoever imports it next is told


def missing() -> UsageError:
    return UsageError(_("pictures need the extra [images]"), _("install it in the checkout: pip install '.[images]'"))
