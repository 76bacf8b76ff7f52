"""Pictures before they leave: their type and measure by their own headers, and no trace of where they were taken.

Bluesky keeps a picture's bytes as they come, so what a camera wrote into it (place, time, owner) is taken out here
(Bluesky facts 5). The pixels are not touched; the way up stays, since it is written in the same block.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from mbclient.domain.lazydataclass import dataclass

MIME_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_DROPPED = frozenset({b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"})
_JPEG_DROPPED = frozenset({0xE1, 0xED, 0xFE})  # Exif and XMP, IPTC, comments
_JPEG_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_ORIENTATION_TAG = 0x0112


class NotAPictureError(ValueError):
    """The bytes are none of the four types, or cut short."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it will be sent. `size` is (width, height) as it is seen, None where the headers do not say."""

    data: bytes
    mime: str
    size: tuple[int, int] | None


def read_picture(raw: bytes) -> Picture:
    """The picture without its metadata. Raises `NotAPictureError`."""
    try:
        if raw.startswith(_PNG):
            return Picture(_clean_png(raw), "image/png", _positive(*struct.unpack_from(">II", raw, 16)))
        if raw.startswith(b"\xff\xd8\xff"):
            return _jpeg(raw)
        if raw.startswith((b"GIF87a", b"GIF89a")):
            return Picture(raw, "image/gif", _positive(*struct.unpack_from("<HH", raw, 6)))
        if raw[:4] == b"RIFF" and raw[8:12] == b"WEBP":
            return Picture(_clean_webp(raw), "image/webp", _webp_size(raw))
    except struct.error as error:
        raise NotAPictureError("cut short") from error
    raise NotAPictureError("none of the types")


def _positive(width: int, height: int) -> tuple[int, int] | None:
    return (width, height) if width > 0 and height > 0 else None


# ---------------------------------------------------------------- PNG


def _clean_png(raw: bytes) -> bytes:
    parts = [_PNG]
    place = len(_PNG)
    while place < len(raw):
        (length,) = struct.unpack_from(">I", raw, place)
        end = place + 12 + length
        if end > len(raw):
            raise NotAPictureError("cut short")
        name = raw[place + 4 : place + 8]
        if name not in _PNG_DROPPED:
            parts.append(raw[place:end])
        place = end
        if name == b"IEND":
            break
    return b"".join(parts)


# ---------------------------------------------------------------- JPEG


def _jpeg(raw: bytes) -> Picture:
    parts = [b"\xff\xd8"]
    size: tuple[int, int] | None = None
    way_up = 1
    for marker, segment in _jpeg_segments(raw):
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", segment, 5)
            size = _positive(width, height)
        if marker == 0xE1 and segment[4:10] == b"Exif\0\0":
            way_up = _orientation(segment[10:])
        if marker not in _JPEG_DROPPED:
            parts.append(segment)
    if way_up != 1:
        parts.insert(1, _orientation_segment(way_up))
    if size and way_up >= 5:  # lying on its side
        size = (size[1], size[0])
    return Picture(b"".join(parts), "image/jpeg", size)


def _jpeg_segments(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """(marker, whole segment) until the scan, which comes with all that follows as one."""
    place = 2
    while place < len(raw):
        if raw[place] != 0xFF:
            raise NotAPictureError("no JPEG marker")
        marker = raw[place + 1] if place + 1 < len(raw) else 0
        if marker == 0xFF:  # filling
            place += 1
            continue
        if marker == 0xDA:
            yield marker, raw[place:]
            return
        (length,) = struct.unpack_from(">H", raw, place + 2)
        end = place + 2 + length
        if length < 2 or end > len(raw):
            raise NotAPictureError("cut short")
        yield marker, raw[place:end]
        place = end
    raise NotAPictureError("no picture in it")


def _orientation(tiff: bytes) -> int:
    """1 to 8 as Exif has it; 1 for anything that cannot be read."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(order + "I", tiff, 4)
        (entries,) = struct.unpack_from(order + "H", tiff, start)
        for number in range(min(entries, 200)):
            tag, _kind, _count, value = struct.unpack_from(order + "HHIH", tiff, start + 2 + 12 * number)
            if tag == _ORIENTATION_TAG:
                return int(value) if 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1


def _orientation_segment(way_up: int) -> bytes:
    entry = struct.pack(">HHIHH", _ORIENTATION_TAG, 3, 1, way_up, 0)
    body = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


# ---------------------------------------------------------------- WebP


def _webp_chunks(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(name, whole chunk with its padding)."""
    place = 12
    while place + 8 <= len(raw):
        (length,) = struct.unpack_from("<I", raw, place + 4)
        end = place + 8 + length + length % 2
        if place + 8 + length > len(raw):
            raise NotAPictureError("cut short")
        yield raw[place : place + 4], raw[place:end]
        place = end


def _clean_webp(raw: bytes) -> bytes:
    parts: list[bytes] = []
    for name, chunk in _webp_chunks(raw):
        if name in (b"EXIF", b"XMP "):
            continue
        if name == b"VP8X":  # its flags must not promise what is gone
            chunk = chunk[:8] + bytes([chunk[8] & ~0x0C]) + chunk[9:]
        parts.append(chunk)
    if not parts:
        raise NotAPictureError("no picture in it")
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _webp_size(raw: bytes) -> tuple[int, int] | None:
    for name, chunk in _webp_chunks(raw):
        if name == b"VP8X" and len(chunk) >= 18:
            return 1 + int.from_bytes(chunk[12:15], "little"), 1 + int.from_bytes(chunk[15:18], "little")
        if name == b"VP8L" and len(chunk) >= 13:
            bits = int.from_bytes(chunk[9:13], "little")
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        if name == b"VP8 " and len(chunk) >= 18:
            width, height = struct.unpack_from("<HH", chunk, 14)
            return _positive(width & 0x3FFF, height & 0x3FFF)
    return None
