"""Misskey, its forks (Sharkey, misskey.io) and whatever else speaks its API.

`login` signs in by MiAuth, `service` is the port's adapter; `reading`, `posting`, `acting` and `streaming` do its work
over `api`; `server` is what a server says of itself, `dialects` how the forks differ, `notes` what becomes a `Post`,
`mfm` its text.
"""

from mbclient.services.misskey.login import PLUGIN

__all__ = ["PLUGIN"]
