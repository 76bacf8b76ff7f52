"""What the demo's services can do, after the real ones."""

from __future__ import annotations

from mbclient.domain.capabilities import Capabilities, Idempotency
from mbclient.domain.poll import PollLimits
from mbclient.domain.post import Visibility

_ALL = tuple(Visibility)
CAPABILITIES = {
    "mastodon": Capabilities(
        quote=True, bookmark=True, edit=True, search=True, schedule=True, content_warning=True, language=True,
        poll=PollLimits(hide_totals=True), visibilities=_ALL, max_length=500, max_media=4,
        idempotency=Idempotency.CLIENT_ID, software="mastodon", version="demo",
    ),
    "bluesky": Capabilities(
        quote=True, search=True, language=True, reply_needs_mention=False, max_length=300, max_media=4,
        idempotency=Idempotency.CLIENT_ID, software="bluesky", version="demo",
    ),
    "misskey": Capabilities(
        quote=True, search=True, content_warning=True, poll=PollLimits(choices=10, longest=0, with_media=True),
        visibilities=_ALL, max_length=3000, max_media=16, idempotency=Idempotency.CLIENT_ID, software="misskey",
        version="demo",
    ),
}  # fmt: skip
