"""Micropub: one's own web site as a place to post to, and micro.blog, which has a timeline besides.

`endpoints` finds what a site declares, `login` signs in by IndieAuth, `api` asks; `site` is one's own site as a list of
posts, `timeline` micro.blog's; `entries` makes posts of both, `posting` writes, `service` joins them.
"""

from mbclient.services.micropub.login import PLUGIN

__all__ = ["PLUGIN"]
