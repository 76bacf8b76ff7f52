"""Small real pictures, made byte by byte."""

from __future__ import annotations

import struct
import zlib


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int = 3, height: int = 2, *more: bytes, size: int = 0) -> bytes:
    """A black picture; `size` pads it, incompressibly as far as its length is concerned, to that many bytes."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(b"\0" * (width + 1) * height))
    start, end = b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + data, chunk(b"IEND", b"")
    rest = size - len(start) - len(end) - 12
    return start + (chunk(b"prVt", bytes(rest)) if rest >= 0 else b"") + end


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def exif(orientation: int, order: str = "<") -> bytes:
    """Where it was taken, and which way is up."""
    mark = b"II*\0" if order == "<" else b"MM\0*"
    entries = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    place = struct.pack(order + "HHI4s", 0x8825, 2, 4, b"GPS!")
    tiff = mark + struct.pack(order + "IH", 8, 2) + place + entries + struct.pack(order + "I", 0)
    return segment(0xE1, b"Exif\0\0" + tiff)


def jpeg(width: int = 3, height: int = 2, *more: bytes) -> bytes:
    """The segments of a JPEG, with a scan that no viewer would like; nothing here looks at pixels."""
    frame = segment(0xC0, struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00")
    jfif = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
    return b"\xff\xd8" + jfif + b"".join(more) + frame + segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"scan\xff\xd9"


def gif(width: int = 3, height: int = 2) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\0\0\0;"


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"WEBP" + b"".join(
        name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for name, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def vp8x(width: int = 3, height: int = 2, flags: int = 0) -> tuple[bytes, bytes]:
    return b"VP8X", bytes([flags, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")


def vp8l(width: int = 3, height: int = 2) -> tuple[bytes, bytes]:
    return b"VP8L", b"\x2f" + ((width - 1) | (height - 1) << 14).to_bytes(4, "little") + b"data"


def vp8(width: int = 3, height: int = 2) -> tuple[bytes, bytes]:
    return b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height) + b"data"
