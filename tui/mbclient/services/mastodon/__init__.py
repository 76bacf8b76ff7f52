"""Mastodon and the servers that speak its language: GoToSocial, Pleroma, Akkoma, Hometown, Hollo, snac, Takahē and on.

`login` signs in, `service` is the port's adapter; `reading`, `posting` and `acting` do its work over `api`; `dialects`
is the table of what the servers do differently, `instance` what one says of itself, `statuses` what becomes a `Post`.
"""

from mbclient.services.mastodon.login import PLUGIN

__all__ = ["PLUGIN"]
