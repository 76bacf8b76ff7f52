"""Polls (Meta's page of them, 2026-07-02): options a to d, and the share that each has of the votes. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping

from mbclient.domain.poll import Choice, NewPoll, Poll, PollLimits
from mbclient.domain.safetext import SafeText
from mbclient.services.fields import counted, instant, obj, string

LETTERS = "abcd"
POLL = "poll_attachment"
_OPTIONS = ",".join(f"option_{letter},option_{letter}_votes_percentage" for letter in LETTERS)
POLL_FIELD = f"{POLL}{{{_OPTIONS},total_votes,expiration_timestamp}}"
LIMITS = PollLimits(len(LETTERS), length=25, shortest=0, longest=0, multiple=False, timed=False)


def written(poll: NewPoll) -> str:
    """The options as a container takes them. Nothing more can be said of a poll."""
    return json.dumps(
        {f"option_{letter}": choice for letter, choice in zip(LETTERS, poll.choices, strict=False)}, ensure_ascii=False
    )


def is_possible(poll: NewPoll) -> bool:
    """What `written` would pass over must not be asked for."""
    return len(poll.choices) <= len(LETTERS) and not (poll.multiple or poll.seconds or poll.hide_totals)


def same_poll(media: Mapping[str, object], attachment: str) -> bool:
    """Whether a post may have the poll that a container asked for. Where it tells of none, it may."""
    poll = poll_of(media)
    wanted = obj(json.loads(attachment)) if attachment else {}
    return poll is None or [choice.text for choice in poll.choices] == [
        SafeText.line(string(wanted, f"option_{letter}")) for letter in LETTERS if f"option_{letter}" in wanted
    ]


def poll_of(media: Mapping[str, object]) -> Poll | None:
    """A post's poll; None for none. Whether I have voted, and whether it is over but by its time, nobody is told."""
    raw = obj(media.get(POLL))
    total = counted(raw, "total_votes")
    choices = tuple(
        Choice(
            SafeText.line(string(raw, f"option_{letter}")), _votes(raw.get(f"option_{letter}_votes_percentage"), total)
        )
        for letter in LETTERS
        if string(raw, f"option_{letter}")
    )
    return Poll(choices, ends=instant(raw.get("expiration_timestamp")), voters=total) if choices else None


def _votes(share: object, total: int | None) -> int | None:
    """Of a share from 0 to 1, whatever its name says: how many is not told."""
    if total is None or isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        return None
    return round(share * total)
