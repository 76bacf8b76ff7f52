"""Bloggy, the Swedish microblog of 2008 to 2015: GNU social's adapter with the calls that Bloggy is known to have had.

`site` finds what a server has, `rss` turns its feeds into statuses, `reading` and `posting` put its own calls under the
Twitter-compatible ones, `service` joins them (facts/gnusocial.md 9).
"""

from mbclient.services.bloggy.service import PLUGIN

__all__ = ["PLUGIN"]
