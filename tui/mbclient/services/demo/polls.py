"""The demo's polls: asked by its people and by the user, and voted in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from mbclient.core.ports import Outgoing
from mbclient.domain.poll import Choice, Poll
from mbclient.domain.safetext import SafeText

DAY = timedelta(days=1)
_VOTES = (7, 4, 2, 1)


def asked_by_others(choices: Sequence[str], at: datetime) -> Poll | None:
    """One of the script, with votes in it."""
    shown = tuple(Choice(SafeText(text), votes) for text, votes in zip(choices, _VOTES, strict=False))
    return Poll(shown, ends=at + DAY) if shown else None


def prepared(outgoing: Outgoing) -> Mapping[str, object] | None:
    poll = outgoing.poll
    if poll is None:
        return None
    return {"choices": list(poll.choices), "multiple": poll.multiple, "seconds": poll.seconds}


def asked_here(body: Mapping[str, Any] | None, at: datetime) -> Poll | None:
    """One of the user's own, as `prepared` gave it: nobody votes in their own."""
    if body is None:
        return None
    choices = tuple(Choice(SafeText(text), 0) for text in body["choices"])
    return Poll(choices, body["multiple"], at + timedelta(seconds=body["seconds"]), voted=True)


def voted_in(poll: Poll, places: Sequence[int]) -> Poll:
    """With my votes in it."""
    choices = (
        replace(choice, votes=(choice.votes or 0) + 1, mine=True) if place in places else choice
        for place, choice in enumerate(poll.choices)
    )
    return replace(poll, choices=tuple(choices), voted=True)
