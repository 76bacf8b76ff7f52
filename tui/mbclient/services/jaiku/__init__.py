"""Jaiku: any server that runs JaikuEngine.

`login` signs in, `service` is the port's adapter; `reading` and `posting` do its work over `api`; `entries` and `feeds`
are the two forms in which a server tells of a post, `places` where a page stands.
"""

from mbclient.services.jaiku.login import PLUGIN

__all__ = ["PLUGIN"]
