"""X, by its API v2, on whatever plan the user has bought there.

`login` signs in, `service` is the port's adapter; `reading`, `posting` and `acting` do its work over `api`, which pays
for every call (`prices`) and names every refusal (`faults`). `session` keeps the tokens, `dialects` the two spellings
of the API's fields, `posts` what becomes a `Post`, `cursors` where a page stands, `marks` what the service does not
tell: one's own likes.
"""

from mbclient.services.x.login import PLUGIN

__all__ = ["PLUGIN"]
