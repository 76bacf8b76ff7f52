"""Times, dates and durations in words: `08:40` and `Mon 08:40` in English, `08.40` and `mån 08.40` in Swedish.

Instants are aware; every function that shows one takes the zone to show it in. Durations round up to whole minutes
(policy facts 11), ages down.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

from mbclient.texts import N_, _

MINUTE = timedelta(minutes=1)

_WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
_MONTHS = (
    N_("Jan"),
    N_("Feb"),
    N_("Mar"),
    N_("Apr"),
    N_("May"),
    N_("Jun"),
    N_("Jul"),
    N_("Aug"),
    N_("Sep"),
    N_("Oct"),
    N_("Nov"),
    N_("Dec"),
)
# From here a day and month could be mistaken for the same one of a year nearer by.
_YEAR_NEEDED = timedelta(days=300)


def clock(moment: time | datetime) -> str:
    """A wall time as it stands, "08:40" or "08.40". For an instant in a zone: `clock_in`."""
    return _("{hour}:{minute}").format(hour=f"{moment.hour:02}", minute=f"{moment.minute:02}")


def clock_in(zone: tzinfo, instant: datetime) -> str:
    """The wall time of an aware instant in a zone."""
    return clock(instant.astimezone(zone))


def local_clock(instant: datetime) -> str:
    """The time of an instant by this computer's own clock, for whoever does not know the policy's zone."""
    return clock(instant.astimezone())


def weekday_name(number: int) -> str:
    """ "Mon", "mån": 0 is Monday."""
    return _(_WEEKDAYS[number])


def weekday(day: date) -> str:
    """ "Mon", "mån"."""
    return weekday_name(day.weekday())


def calendar_day(day: date, today: date) -> str:
    """ "7 Jan", "7 jan"; with its year when it is most of a year away."""
    shown = _("{day} {month}").format(day=day.day, month=_(_MONTHS[day.month - 1]))
    return f"{shown} {day.year}" if abs(day - today) > _YEAR_NEEDED else shown


def day_word(day: date, today: date) -> str:
    """The day as one says it from today: "today", "tomorrow", "yesterday", "Mon" within six days, else "7 Jan"."""
    away = (day - today).days
    if away == 0:
        return _("today")
    if away == 1:
        return _("tomorrow")
    if away == -1:
        return _("yesterday")
    return weekday(day) if abs(away) <= 6 else calendar_day(day, today)


def when(instant: datetime, now: datetime, zone: tzinfo) -> str:
    """The instant as one says it at `now`: "11:40" today, else "tomorrow 08:40", "Mon 08:40", "7 Jan 08:40"."""
    local, today = instant.astimezone(zone), now.astimezone(zone).date()
    return clock(local) if local.date() == today else f"{day_word(local.date(), today)} {clock(local)}"


def whole(instant: datetime, now: datetime, zone: tzinfo) -> str:
    """Day and time whatever today is: "Tue 24 Nov 11:40", "Fri 7 Jan 2025 08:40"."""
    local, today = instant.astimezone(zone), now.astimezone(zone).date()
    return f"{weekday(local.date())} {calendar_day(local.date(), today)} {clock(local)}"


def when_short(instant: datetime, now: datetime, zone: tzinfo) -> str:
    """As `when`, but tomorrow and yesterday by their weekday: "Wed 08:40"."""
    local, today = instant.astimezone(zone), now.astimezone(zone).date()
    if abs((local.date() - today).days) == 1:
        return f"{weekday(local.date())} {clock(local)}"
    return when(instant, now, zone)


def minutes_up(length: timedelta) -> int:
    """Whole minutes, rounded up; a length below zero is none."""
    return max(0, -(-length // MINUTE))


def duration(length: timedelta) -> str:
    """ "1 h 12 min", "2 h", "45 min": rounded up to whole minutes."""
    hours, minutes = divmod(minutes_up(length), 60)
    parts = [_("{n} h").format(n=hours)] if hours else []
    if minutes or not hours:
        parts.append(_("{n} min").format(n=minutes))
    return " ".join(parts)


def age(then: datetime, now: datetime, zone: tzinfo) -> str:
    """How long ago, as a timeline shows it: "now", "3 min", "2 h", "4 d"; from a week on the date, "7 Jan"."""
    minutes = (now - then) // MINUTE
    if minutes < 1:
        return _("now")
    if minutes < 60:
        return _("{n} min").format(n=minutes)
    if minutes < 24 * 60:
        return _("{n} h").format(n=minutes // 60)
    if minutes < 7 * 24 * 60:
        return _("{n} d").format(n=minutes // (24 * 60))
    return calendar_day(then.astimezone(zone).date(), now.astimezone(zone).date())


def listed(words: list[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return _("{several} and {last}").format(several=", ".join(words[:-1]), last=words[-1])
