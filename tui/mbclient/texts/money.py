"""Amounts of money as people read them."""

from __future__ import annotations

from mbclient.texts import N_, _

_EXPENSES = {
    "posts-read": N_("posts read"),
    "users-read": N_("profiles read"),
    "posts-sent": N_("posts sent"),
    "posts-sent-with-link": N_("posts with a link sent"),
    "deeds": N_("reposts, likes and bookmarks"),
    "taken-back": N_("taken back or deleted"),
    "pictures-described": N_("pictures described"),
}
MILLION = 1_000_000  # services charge in parts of a cent: amounts are kept in millionths of a US dollar


def dollars(millionths: int) -> str:
    """`$1.23`; a part of a cent is rounded up, so that nothing that cost looks free."""
    from decimal import ROUND_CEILING, Decimal  # few accounts cost anything

    return f"${(Decimal(millionths) / MILLION).quantize(Decimal('0.01'), ROUND_CEILING):,}"


def expense_word(what: str) -> str:
    """The words for a kind of call that was charged; a plug-in's own kind as it is called there."""
    return _(_EXPENSES[what]) if what in _EXPENSES else what
