"""GNU social, StatusNet, and any other server that speaks the Twitter API of 2009 to 2011.

`login` signs in, `service` is the port's adapter; `reading`, `posting` and `acting` do its work over `api`; `site` is
what a server says of itself, `statuses` what becomes a `Post`, `cursors` where a page stands, `commands` which texts
the server would obey instead of posting them. The Bloggy adapter builds on these.
"""

from mbclient.services.gnusocial.login import PLUGIN

__all__ = ["PLUGIN"]
