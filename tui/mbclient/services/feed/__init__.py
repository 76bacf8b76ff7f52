"""Feeds as read-only accounts: RSS 0.9x, 1.0 and 2.0, Atom, JSON Feed.

`fetch` gets one politely and `shelf` remembers what was seen of it; `document` reads it with `rss`, `atom` or
`jsonfeed` over `xmltree`, `charset` and `dates`; `posts` makes `Post`s of its `items`; `service` is the adapter.
"""

from mbclient.services.feed.service import PLUGIN

__all__ = ["PLUGIN"]
