"""Wrapping text to terminal cells, for plain output: words move whole, words wider than the line are cut."""

from __future__ import annotations

from collections.abc import Iterator


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells; line breaks in the text stay, blank lines too."""
    return [line for paragraph in text.split("\n") for line in _paragraph(paragraph, max(2, width))]


def _paragraph(text: str, width: int) -> Iterator[str]:
    line, used = "", 0
    for word in text.split():
        for piece in _pieces(word, width):
            size = cells(piece)
            if line and used + 1 + size > width:
                yield line
                line, used = "", 0
            line, used = (f"{line} {piece}", used + 1 + size) if line else (piece, size)
    yield line


def _pieces(word: str, width: int) -> Iterator[str]:
    while cells(word) > width:
        end = used = 0
        while end < len(word) and used + cells(word[end]) <= width:
            used += cells(word[end])
            end += 1
        yield word[:end]
        word = word[end:]
    yield word


def cells(text: str) -> int:
    """Terminal cells; plain ASCII, which is most of it, needs no table."""
    if text.isascii():
        return len(text)
    from mbclient.texts.meter import cells as wide

    return wide(text)
