"""An account on a service, as the user set it up."""

from __future__ import annotations

from enum import StrEnum

from mbclient.domain.latepattern import late
from mbclient.domain.lazydataclass import dataclass

ACCOUNT_NAME = late(r"[A-Za-z0-9_-]{1,40}\Z")


class Known(StrEnum):
    """What is known of a profile fact (policy facts 3.4). Unknown counts as the stricter value."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Account:
    """Where to read and write. `name` is the user's own short name, unique; `handle` the service's.

    `monthly_cap_usd`: what its calls may cost in a month where the service charges for them; None is no cap.
    `plan`: what was bought there, where plans differ in what they can do; empty is the smallest.
    `syndicate_to`: names or ids of the places that the user's own site shall pass posts on to; empty is its own choice.
    `blog`: name or address of the one that posts go to, where the account has several; empty is the service's default.
    """

    name: str
    service: str
    url: str = ""
    handle: str = ""
    remote_id: str = ""
    pseudonymous: bool = False
    token_command: tuple[str, ...] = ()
    employer_visible: Known = Known.UNKNOWN
    real_name_visible: Known = Known.UNKNOWN
    monthly_cap_usd: float | None = None
    plan: str = ""
    syndicate_to: tuple[str, ...] = ()
    blog: str = ""
