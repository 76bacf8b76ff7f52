"""Sizes as people read them: a point in English, a comma in Swedish."""

from __future__ import annotations

from mbclient.texts import _


def megabytes(size: int) -> str:
    """ "1.2 MB", "1,2 MB"; `size` in bytes, rounded up to a tenth, so that nothing that is there looks like nothing."""
    whole, tenths = divmod(-(-size // 100_000), 10)
    return _("{whole}.{tenths} MB").format(whole=whole, tenths=tenths)
