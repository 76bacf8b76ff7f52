"""What a poll says of itself besides its choices, and how long one is open."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from mbclient.domain.poll import Choice, Poll
from mbclient.texts import _, ngettext, times


def poll_words(poll: Poll, now: datetime, zone: tzinfo) -> list[str]:
    """How many have voted, how many choices one has, until when, and whether one has voted."""
    over = poll.is_over(now)
    said = []
    if poll.voters is not None:
        said.append(ngettext("{n} person voted", "{n} people voted", poll.voters).format(n=poll.voters))
    elif poll.votes is not None:
        said.append(votes_word(poll.votes))
    else:
        said.append(_("the figures are not told yet"))
    if not over:
        said.append(_("any number of choices") if poll.multiple else _("one choice"))
    if over:
        said.append(_("the poll is over"))
    elif poll.ends is not None:
        said.append(_("ends {when}").format(when=times.when(poll.ends, now, zone)))
    if any(choice.mine for choice in poll.choices):
        said.append(_("you have voted"))
    return said


def choice_words(poll: Poll, choice: Choice) -> str:
    """A choice as one reads it aloud: `Yes: 62 %, 31 votes, your vote`."""
    share = share_word(poll, choice)
    figures = [share, votes_word(choice.votes or 0)] if share else []
    said = ", ".join([*figures, *([_("your vote")] if choice.mine else [])])
    return f"{choice.text}: {said}" if said else str(choice.text)


def share_word(poll: Poll, choice: Choice) -> str:
    """`62 %`; empty where the figures are not told."""
    share = poll.share(choice)
    return "" if share is None else _("{percent} %").format(percent=round(share * 100))


def votes_word(number: int) -> str:
    return ngettext("{n} vote", "{n} votes", number).format(n=number)


def open_for(seconds: int) -> str:
    """`1 d`, `6 h`, `30 min`: how long a poll is open."""
    days, rest = divmod(seconds, 86_400)
    return _("{n} d").format(n=days) if days and not rest else times.duration(timedelta(seconds=seconds))
