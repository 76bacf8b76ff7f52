"""The figures in words, the same on the screen and from the command line; and what each was made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

from mbclient.core.figures import Day, Figures, Reading, minutes, percent
from mbclient.domain.lazydataclass import dataclass
from mbclient.texts import _, ngettext
from mbclient.texts.times import calendar_day, weekday

NO_DATA = "–"
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure. `id` is for programs; `made_of`: a definition, then the parts it adds up from, a line each."""

    id: str
    title: str
    value: str
    made_of: tuple[str, ...] = ()


def measures(figures: Figures) -> tuple[Measure, ...]:
    """All figures of the period, in the order of policy facts 14."""
    return (
        _posts(figures),
        _over(figures),
        _slots(figures),
        _work(figures),
        *_hidden(figures),
        _saved(figures),
        *_reading(figures),
        _cost(figures),
    )


def share(part: int, whole: int) -> str:
    """A percentage with its fraction beside it; a dash where there is nothing to divide by."""
    number = percent(part, whole)
    return (
        NO_DATA
        if number is None
        else _("{percent} % ({part} of {whole})").format(percent=number, part=part, whole=whole)
    )


def duration(length: timedelta) -> str:
    """Whole minutes, from an hour on with hours."""
    whole = minutes(length)
    if whole < 60:
        return _("{n} min").format(n=whole)
    return _("{h} h {m:02} min").format(h=whole // 60, m=whole % 60)


def day_words(day: date, today: date) -> str:
    """`Tue 24 Nov`."""
    return f"{weekday(day)} {calendar_day(day, today)}"


# ---------------------------------------------------------------- each figure


def _posts(figures: Figures) -> Measure:
    known = sum(day.data for day in figures.days)
    value = NO_DATA
    if figures.data:
        words = ngettext("{posts} in {n} day with data", "{posts} in {n} days with data", known)
        value = words.format(posts=figures.posts, n=known)
    definition = _("Own posts over all services; the same text sent to several services counts once.")
    return Measure("posts", _("Posts"), value, (definition, *_by_day(figures, _posts_of(figures.limit))))


def _posts_of(limit: int | None) -> Callable[[Day], str]:
    def words(day: Day) -> str:
        if limit is None or not day.workday:
            return str(day.posts)
        return _("{posts} of {limit}").format(posts=day.posts, limit=limit)

    return words


def _over(figures: Figures) -> Measure:
    over, workdays = figures.workdays
    value = NO_DATA
    if figures.limit is not None and workdays:
        words = ngettext("{over} of {n} workday with data", "{over} of {n} workdays with data", workdays)
        value = words.format(over=over, n=workdays)
    definition = (
        _("No limit is set.")
        if figures.limit is None
        else _("Workdays with more than {limit} posts, the guideline.").format(limit=figures.limit)
    )
    return Measure(
        "days_over",
        _("Days over the guideline"),
        value,
        (
            definition,
            *_by_day(
                figures,
                lambda day: str(day.posts),
                lambda day: day.workday and figures.limit is not None and day.posts > figures.limit,
            ),
        ),
    )


def _slots(figures: Figures) -> Measure:
    counted, inside = figures.slots
    definition = _("Posts in work time that were no replies, and how many of them lay in a recommended time.")
    days = _by_day(figures, lambda day: share(day.slots[1], day.slots[0]), lambda day: day.slots[0] > 0)
    return Measure("slots", _("In recommended times"), share(inside, counted), (definition, *days))


def _work(figures: Figures) -> Measure:
    inflow = figures.inflow
    definition = _("Received posts that match a work term; the same post on two services is one.")
    parts = (f"{name}: {share(one.inflow.work, one.inflow.received)}" for name, one in figures.by_service.items())
    return Measure(
        "work",
        _("Work share of what came in"),
        share(inflow.work, inflow.received),
        (definition, *parts, *_by_day(figures, lambda day: share(day.work, day.received))),
    )


def _hidden(figures: Figures) -> Iterator[Measure]:
    inflow = figures.inflow
    yield Measure(
        "filtered",
        _("Hidden by the work filter"),
        share(inflow.filtered, inflow.received),
        (
            _("Received posts that the Work view leaves out. p peeks at them."),
            *(f"{name}: {share(one.inflow.filtered, one.inflow.received)}" for name, one in figures.by_service.items()),
            *_by_day(figures, lambda day: share(day.inflow.filtered, day.received)),
        ),
    )
    yield Measure(
        "muted",
        _("Hidden by mutes"),
        str(inflow.muted) if inflow.received else NO_DATA,
        (
            _("Received posts that your mutes or a service's filters hide."),
            *(f"{name}: {one.inflow.muted}" for name, one in figures.by_service.items() if one.inflow.muted),
            *_by_day(figures, lambda day: str(day.inflow.muted), lambda day: day.inflow.muted > 0),
        ),
    )


def _saved(figures: Figures) -> Measure:
    words = figures.inflow.hidden_words
    return Measure(
        "saved",
        _("Reading time saved (estimate)"),
        _("{n} min").format(n=figures.saved_minutes) if figures.inflow.received else NO_DATA,
        (
            _("An estimate: {words} words in hidden posts, at {speed} words a minute.").format(
                words=words, speed=figures.words_per_minute
            ),
            *(
                f"{name}: {_words(one.inflow.hidden_words)}"
                for name, one in figures.by_service.items()
                if one.inflow.hidden_words
            ),
            *_by_day(
                figures,
                lambda day: _words(day.inflow.hidden_words),
                lambda day: day.inflow.hidden_words > 0,
            ),
        ),
    )


def _words(number: int) -> str:
    return ngettext("{n} word", "{n} words", number).format(n=number)


def _reading(figures: Figures) -> Iterator[Measure]:
    reading = figures.reading
    rule = _("Time with posts in front of you, counted from keys, scrolls and clicks; long pauses are left out.")

    def side(
        id: str, title: str, length: Callable[[Reading], timedelta], work: Callable[[Reading], timedelta]
    ) -> Measure:
        """In work time or outside it: by service, by work term and by day, all of that side."""

        def words(read: Reading) -> str:
            part = percent(work(read) // _MICROSECOND, length(read) // _MICROSECOND)
            if part is None or not minutes(length(read)):  # a share of no minute says nothing
                return duration(length(read))
            return _("{time}, {related} of it on work ({percent} %)").format(
                time=duration(length(read)), related=duration(work(read)), percent=part
            )

        services = (
            f"{name or _('no post')}: {words(one.reading)}"
            for name, one in figures.by_service.items()
            if length(one.reading)
        )
        terms = tuple(
            f"{term}: {duration(length(one.reading))}"
            for term, one in figures.by_term.items()
            if minutes(length(one.reading))
        )
        if terms:
            terms = (_("By work term; terms overlap, so these do not add up:"), *terms)
        value = NO_DATA if reading is None else words(reading)
        return Measure(id, title, value, (rule, *services, *terms, *_read_by_day(figures, words)))

    yield side(
        "reading_work_time",
        _("Reading in work time"),
        lambda read: read.in_work_time,
        lambda read: read.related_in_work_time,
    )
    yield side(
        "reading_outside", _("Reading outside work time"), lambda read: read.outside, lambda read: read.related_outside
    )
    yield Measure(
        "composing",
        _("Writing"),
        NO_DATA if reading is None else duration(reading.composing),
        (
            _("Time in the composer, measured the same way; it is in no other figure."),
            *_read_by_day(figures, lambda read: duration(read.composing)),
        ),
    )


def _cost(figures: Figures) -> Measure:
    title, cost = _("Estimated cost"), figures.cost
    if cost is None:
        why = _("No rate is set: hourly_rate under [policy.reading].") if not figures.rate else _("No reading time.")
        return Measure("cost", title, NO_DATA, (why,))

    def words(read: Reading | None) -> str:
        found = figures.cost_of(read)
        if found is None:
            return NO_DATA
        return _("{all} {currency}, of it {other} on posts without a work term").format(
            all=found[0], other=found[1], currency=figures.currency
        )

    rule = _("Reading in work time at {rate:g} {currency} an hour.").format(
        rate=figures.rate, currency=figures.currency
    )
    services = (
        f"{name or _('no post')}: {words(one.reading)}"
        for name, one in figures.by_service.items()
        if one.reading.in_work_time
    )
    days = _by_day(figures, lambda day: words(day.reading))
    return Measure("cost", title, words(figures.reading), (rule, *services, *days))


# ---------------------------------------------------------------- day by day


def _by_day(
    figures: Figures, words: Callable[[Day], str], wanted: Callable[[Day], bool] = lambda _day: True
) -> Sequence[str]:
    today = figures.days[-1].date
    return [
        f"{day_words(day.date, today)}: {words(day) if day.data else NO_DATA}"
        for day in reversed(figures.days)
        if wanted(day)
    ]


def _read_by_day(figures: Figures, words: Callable[[Reading], str]) -> Sequence[str]:
    today = figures.days[-1].date
    return [
        f"{day_words(day.date, today)}: {NO_DATA if day.reading is None else words(day.reading)}"
        for day in reversed(figures.days)
    ]
