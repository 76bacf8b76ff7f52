"""The data file: archive, drafts, outbox, ledger and decision log in one SQLite file."""

from mbclient.storage.stores import open_stores

__all__ = ["open_stores"]
