"""What a poll may be: on one account, and on all that a draft goes to."""

from __future__ import annotations

from collections.abc import Sequence

from mbclient.domain.capabilities import Capabilities
from mbclient.domain.draft import Draft, Kind
from mbclient.domain.lengths import grapheme_length
from mbclient.domain.poll import PollLimits
from mbclient.texts import _, ngettext
from mbclient.texts.polls import open_for

LEAST = 2


def poll_problems(name: str, can: Capabilities, draft: Draft) -> list[str]:
    """Why this account cannot send the draft with its poll; nothing for one without."""
    poll, limits = draft.poll, can.poll
    if poll is None:
        return []
    if limits is None:
        return [_("{account} has no polls: remove the poll or the account").format(account=name)]
    if draft.kind is Kind.EDIT:
        return [_("a poll cannot be changed or added once a post is out")]
    found = []
    if len(poll.choices) < LEAST or len(set(poll.choices)) < len(poll.choices):
        found.append(_("a poll has two choices or more, all different"))
    if len(poll.choices) > limits.choices:
        found.append(
            _("{account} takes {n} choices, and the poll has {used}").format(
                account=name, n=limits.choices, used=len(poll.choices)
            )
        )
    found += [
        ngettext(
            "{account} takes {n} character in a choice: {choice}",
            "{account} takes {n} characters in a choice: {choice}",
            limits.length,
        ).format(account=name, n=limits.length, choice=choice)
        for choice in poll.choices
        if grapheme_length(choice) > limits.length
    ]
    found += _time_problems(name, limits, poll.seconds)
    if poll.multiple and not limits.multiple:
        found.append(_("{account} takes one choice of each who votes").format(account=name))
    if poll.hide_totals and not limits.hide_totals:
        found.append(_("{account} shows the votes of a poll at once").format(account=name))
    if draft.media and not limits.with_media:
        found.append(_("{account} takes attachments or a poll, not both").format(account=name))
    return found


def _time_problems(name: str, limits: PollLimits, seconds: int) -> list[str]:
    """Nobody is promised an end that the service sets, and none is set for whoever has said none."""
    if not limits.timed:
        words = _("{account} decides itself how long a poll is open: change the poll or remove the account")
        return [words.format(account=name)] if seconds else []
    if not seconds:
        return [_("{account} has to be told how long a poll is open: change the poll").format(account=name)]
    if seconds < limits.shortest or (limits.longest and seconds > limits.longest):
        return [_("{account} has no polls open for {time}").format(account=name, time=open_for(seconds))]
    return []


def shared_limits(limits: Sequence[PollLimits]) -> PollLimits:
    """What suits all of them; of a time, what suits those that want one. Raises ValueError for none."""
    ends = [each.longest for each in limits if each.longest]
    return PollLimits(
        choices=min(each.choices for each in limits),
        length=min(each.length for each in limits),
        shortest=max(each.shortest for each in limits),
        longest=min(ends, default=0),
        multiple=all(each.multiple for each in limits),
        with_media=all(each.with_media for each in limits),
        hide_totals=all(each.hide_totals for each in limits),
        timed=any(each.timed for each in limits),
    )
