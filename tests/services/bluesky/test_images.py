"""Pictures: measured by their own headers, freed of their metadata, and nothing else is one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.services.bluesky.images import NotAPictureError, read_picture
from tests.services.bluesky import pictures
from tests.services.bluesky.pictures import chunk, exif, gif, jpeg, png, riff, segment, vp8, vp8l, vp8x

ALL = [png(), jpeg(), gif(), riff(vp8x(), vp8()), riff(vp8l()), riff(vp8())]


@pytest.mark.parametrize(
    ("raw", "mime", "size"),
    [
        (png(640, 480), "image/png", (640, 480)),
        (jpeg(640, 480), "image/jpeg", (640, 480)),
        (gif(640, 480), "image/gif", (640, 480)),
        (riff(vp8x(640, 480), vp8(1, 1)), "image/webp", (640, 480)),
        (riff(vp8l(640, 480)), "image/webp", (640, 480)),
        (riff(vp8(640, 480)), "image/webp", (640, 480)),
        (jpeg(640, 480, exif(6)), "image/jpeg", (480, 640)),
        (jpeg(640, 480, exif(3)), "image/jpeg", (640, 480)),
        (png(0, 480), "image/png", None),
        (gif(0, 0), "image/gif", None),
        (riff((b"ANIM", b"")), "image/webp", None),
    ],
)
def test_type_and_measure(raw: bytes, mime: str, size: tuple[int, int] | None) -> None:
    picture = read_picture(raw)
    assert (picture.mime, picture.size) == (mime, size)


@pytest.mark.parametrize(
    ("noted", "clean"),
    [
        (png(3, 2, chunk(b"eXIf", b"GPS!"), chunk(b"tEXt", b"Author\0GPS!")), png()),
        (png(3, 2, chunk(b"iTXt", b"GPS!"), chunk(b"zTXt", b"GPS!"), chunk(b"tIME", b"GPS!")), png()),
        (jpeg(3, 2, exif(1), segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0GPS!")), jpeg()),
        (jpeg(3, 2, segment(0xED, b"GPS!"), segment(0xFE, b"GPS!")), jpeg()),
        (riff(vp8x(3, 2, 0x1C), vp8(), (b"EXIF", b"GPS!"), (b"XMP ", b"GPS!!")), riff(vp8x(3, 2, 0x10), vp8())),
    ],
)
def test_what_a_camera_noted_is_taken_out(noted: bytes, clean: bytes) -> None:
    assert b"GPS!" in noted
    assert read_picture(noted).data == clean


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("way_up", [2, 3, 6, 8])
def test_the_way_up_stays(way_up: int, order: str) -> None:
    once = read_picture(jpeg(640, 480, exif(way_up, order)))
    assert b"GPS!" not in once.data
    again = read_picture(once.data)  # reading what was written finds the same way up
    assert again == once


@pytest.mark.parametrize("raw", ALL)
def test_a_clean_picture_is_sent_as_it_is(raw: bytes) -> None:
    assert read_picture(raw).data == raw


@pytest.mark.parametrize(
    "raw", [b"", b"hello", b"<svg/>", b"%PDF-1.7", b"\x89PNG", b"RIFF\0\0\0\0WAVE", b"\xff\xd8\xff"]
)
def test_anything_else_is_refused(raw: bytes) -> None:
    with pytest.raises(NotAPictureError):
        read_picture(raw)


@given(st.sampled_from([*ALL, jpeg(3, 2, exif(6)), pictures.png(3, 2, chunk(b"tEXt", b"x"))]), st.data())
def test_a_damaged_picture_is_refused_or_read_and_never_crashes(raw: bytes, data: st.DataObject) -> None:
    changed = bytearray(raw[: data.draw(st.integers(0, len(raw)))])
    for _change in range(data.draw(st.integers(0, 4)) if changed else 0):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    try:
        picture = read_picture(bytes(changed))
    except NotAPictureError:
        return
    assert picture.size is None or min(picture.size) > 0
