"""What a service, or one server of it, can do: data that the composer and the UI ask, never a service's name."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.poll import PollLimits
from mbclient.domain.post import Visibility

SCHEDULE_AHEAD = timedelta(minutes=6)  # servers want more than 5 minutes; nearer ones some publish at once


class Idempotency(StrEnum):
    """What protects a repeated send (reliability facts 3)."""

    CLIENT_ID = "client-id"  # settled before publishing: repeating is always safe
    KEY = "key"  # a key honoured for `key_minutes` after the first success
    READ_BACK = "read-back"  # nothing: only reading back tells


@dataclass(frozen=True, slots=True)
class Capabilities:
    """One server's abilities and limits. Counts are in the service's own unit (see `Service.measure`).

    `post`: new posts; a service may take replies alone, and one with neither is for reading.
    `schedule`: it truly keeps a post until its time; never set for a server that would publish at once.
    `billed`: its calls cost money, so nothing is asked for that the user did not ask for.
    `poll`: what a poll may be; None where there are none.
    `max_gif_bytes`: of a moving picture (GIF), where that is another than of the others (`max_image_bytes`).
    `filters`: the ids of the filters that the user has there, as last read; None as long as they are not known.
    """

    post: bool = True
    reply: bool = True
    reply_needs_mention: bool = True  # a reply reaches its author through @handle in the text
    quote: bool = False
    boost: bool = True
    like: bool = True
    bookmark: bool = False
    edit: bool = False
    delete: bool = True
    search: bool = False
    thread: bool = True
    notifications: bool = True
    schedule: bool = False
    stream: bool = False
    content_warning: bool = False
    language: bool = False
    poll: PollLimits | None = None
    visibilities: tuple[Visibility, ...] = (Visibility.PUBLIC,)
    feeds: tuple[str, ...] = ("home",)
    max_length: int = 500
    max_media: int = 0
    max_alt: int = 1500
    max_image_bytes: int = 0
    max_gif_bytes: int = 0
    media_types: tuple[str, ...] = ()
    idempotency: Idempotency = Idempotency.READ_BACK
    key_minutes: int = 0
    billed: bool = False
    filters: frozenset[str] | None = None
    software: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Length:
    """How much of a limit a text uses, in the service's own counting.

    `price`: of sending it, in millionths of a US dollar; 0 where that costs nothing.
    """

    used: int
    limit: int
    price: int = 0

    @property
    def over(self) -> int:
        """How many characters too long; 0 when it fits."""
        return max(0, self.used - self.limit)
