"""Threads, Meta's microblog: posts, replies, mentions and, where Meta allows it, search.

There is no home timeline, no like, no list and no stream for programs (facts/threads.md 0). `login` takes a token that
the user brings, `tokens` keeps it alive; `reading` and `posting` work over `api`; `posts` makes the domain's own,
`places` says where a page stands, `counting` counts.
"""

from mbclient.services.threads.login import PLUGIN

__all__ = ["PLUGIN"]
