"""How one value of a policy table is read: each converter gives the value or raises `Wrong` (policy facts 4.3).

Nothing is guessed: a number in quotes is a wrong type, and a regular expression is never accepted as a name.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeVar

from mbclient.domain.latepattern import late
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.marked import N_
from mbclient.policy.cleaning import clean, fold, parts
from mbclient.policy.model import Alias, Interval

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
Key = str | int

MAX_TEXT = 200
_CLOCK = late(r"([01]\d|2[0-3]):([0-5]\d)\Z", re.ASCII)
_SPAN = late(r"(\d\d:\d\d)\s*[-–]\s*(\d\d:\d\d)\Z", re.ASCII)
_DATE = late(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_DOMAIN = late(r"[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)+\Z")
_HANDLE = late(r"@?[\w.-]+(?:@[\w.-]+)?\Z")
_TAG = late(r"#?\w+\Z")
_PATTERN = late(r"[\\^$|*\[\]{}]|\(\?|[.)][+?]|\A/.*/\Z")
FIRST_YEAR, LAST_YEAR = 1900, 2999  # beyond them the Swedish calendar means nothing and date arithmetic ends

# Said in more places than one
TABLE = N_("must be a table")
TEXT = N_("must be a text in quotes")
MISSING = N_("is missing")
NEGATIVE = N_("must not be negative")
TOO_LARGE = N_("is too large")
YEARS = N_("must lie in the years {first} to {last}")
NEAREST = N_("{problem} (did you mean {key}?)")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a policy table: keys and indexes, one sentence, and the nearest known key if there is one.

    The sentence is an English template, marked with `N_`, and the values between its braces, by name.
    `texts.faults` says it in the language in use; here it is English.
    """

    path: tuple[Key, ...]
    template: str
    advice: str = ""
    warning: bool = False
    values: tuple[tuple[str, object], ...] = ()

    def under(self, *above: Key) -> Problem:
        """The same, as seen from the table that holds its table."""
        return Problem((*above, *self.path), self.template, self.advice, self.warning, self.values)

    @property
    def key(self) -> str:
        """The path as one reads it in a file: `work.mon[0]`."""
        return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path).lstrip(".")

    @property
    def message(self) -> str:
        """The sentence in English."""
        return self.template.format(**dict(self.values))

    def __str__(self) -> str:
        said = f"{self.key}: {self.message}" if self.path else self.message
        return NEAREST.format(problem=said, key=self.advice) if self.advice else said


class Wrong(ValueError):
    """A value that cannot be, with its `Problem`. `path`: where inside it, `advice`: the nearest thing that can."""

    def __init__(self, template: str, path: tuple[Key, ...] = (), advice: str = "", **values: object) -> None:
        self.problem = Problem(path, template, advice, values=tuple(values.items()))
        super().__init__(str(self.problem))

    @classmethod
    def of(cls, problem: Problem) -> Wrong:
        """A value that is wrong because of what is wrong inside it."""
        return cls(problem.template, problem.path, problem.advice, **dict(problem.values))


class Section:
    """One table, read key by key. What is wrong goes to `problems`; what is left at `close` is unknown."""

    def __init__(self, table: object, path: tuple[Key, ...], problems: list[Problem]) -> None:
        self.path = path
        self.problems = problems
        self._known: list[str] = []
        self._table: Mapping[object, object] = {}
        if isinstance(table, Mapping):
            self._table = table
        else:
            problems.append(Problem(path, TABLE))

    def __contains__(self, key: str) -> bool:
        return key in self._table

    def take(self, key: str, convert: Callable[[object], T], default: T) -> T:
        """The value of a key, or the default if it is left out or wrong."""
        self._known.append(key)
        if key not in self._table:
            return default
        try:
            return convert(self._table[key])
        except Wrong as wrong:
            self.problems.append(wrong.problem.under(*self.path, key))
            return default

    def section(self, key: str) -> Section:
        """The table under a key; an empty one if it is left out."""
        self._known.append(key)
        return Section(self._table.get(key, {}), (*self.path, key), self.problems)

    def names(self) -> list[str]:
        """The keys, where they are names of the user's choice."""
        return [key for key in self._table if isinstance(key, str)]

    def problem(self, template: str, *path: Key, advice: str = "") -> None:
        """What is wrong with this table, or with what stands at `path` in it."""
        self.problems.append(Problem((*self.path, *path), template, advice))

    def close(self) -> None:
        """Complain of every key that nobody asked for."""
        for key in self._table:
            if key not in self._known:
                near = difflib.get_close_matches(str(key)[:MAX_TEXT], self._known, n=1, cutoff=0.5)
                self.problem(N_("unknown key"), str(key), advice=near[0] if near else "")


def text(value: object) -> str:
    """One line, not too long."""
    if not isinstance(value, str):
        raise Wrong(TEXT)
    if len(value) > MAX_TEXT:
        raise Wrong(N_("must be at most {most} characters"), most=MAX_TEXT)
    if any(character in value for character in "\n\r\v\f\0\x85\u2028\u2029"):
        raise Wrong(N_("must be one line"))
    return value.strip()


def flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise Wrong(N_("must be true or false"))
    return value


def whole(least: int, most: int) -> Callable[[object], int]:
    """A whole number within bounds."""

    def convert(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise Wrong(N_("must be a whole number"))
        if value < 0 <= least:
            raise Wrong(NEGATIVE)
        if not least <= value <= most:
            raise Wrong(N_("must be from {least} to {most}"), least=least, most=most)
        return value

    return convert


def whole_or(word: str, none: bool, convert: Callable[[object], int]) -> Callable[[object], int | None]:
    """A whole number or a word, which gives None; with `none` JSON's null is the same as the word."""

    def read(value: object) -> int | None:
        if value == word or (none and value is None):
            return None
        if isinstance(value, str):
            raise Wrong(N_('must be a whole number or "{word}"'), word=word)
        return convert(value)

    return read


def amount(value: object) -> float:
    """A number that is not negative."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Wrong(N_("must be a number"))
    if value < 0:
        raise Wrong(NEGATIVE)
    if not math.isfinite(value) or value > 1e9:
        raise Wrong(TOO_LARGE)
    return value


def seconds(value: object) -> timedelta:
    return timedelta(seconds=whole(0, 86_400)(value))


def minutes(most: int) -> Callable[[object], timedelta]:
    return lambda value: timedelta(minutes=whole(0, most)(value))


def choice(*words: str) -> Callable[[object], str]:
    """One of a few words."""

    def convert(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            said = ", ".join(f'"{word}"' for word in words)
            near = difflib.get_close_matches(value[:MAX_TEXT], words, n=1) if isinstance(value, str) else []
            raise Wrong(N_("must be one of {words}"), words=said, advice=near[0] if near else "")
        return value

    return convert


def one_of(kind: type[E]) -> Callable[[object], E]:
    """One of the words of an enumeration."""
    convert = choice(*kind)
    return lambda value: kind(convert(value))


def list_of(convert: Callable[[object], T]) -> Callable[[object], tuple[T, ...]]:
    """A list whose every item is read alike; what is wrong with one carries its index."""

    def read(value: object) -> tuple[T, ...]:
        if not isinstance(value, Sequence) or isinstance(value, str | bytes):
            raise Wrong(N_("must be a list"))
        items = []
        for index, item in enumerate(value):
            try:
                items.append(convert(item))
            except Wrong as wrong:
                raise Wrong.of(wrong.problem.under(index)) from None
        return tuple(items)

    return read


def clock(value: object) -> time:
    """A time of the day, `08:40`."""
    match = _CLOCK.match(value) if isinstance(value, str) else None
    if not match:
        raise Wrong(N_('must be a time such as "08:40"'))
    return time(int(match[1]), int(match[2]))


def clocks(value: object) -> tuple[time, ...]:
    """Times of the day, none twice."""
    times = list_of(clock)(value)
    for index, at in enumerate(times):
        if at in times[:index]:
            raise Wrong(N_("the time {time} stands here twice"), (index,), time=f"{at:%H:%M}")
    return times


def interval(value: object) -> Interval:
    """Work hours such as `08:00-17:00`; an end at or before the start is on the next day."""
    match = _SPAN.match(value) if isinstance(value, str) else None
    if not match:
        raise Wrong(N_('must be hours such as "08:00-17:00"'))
    start = clock(match[1])
    end = time(0) if match[2] == "24:00" else clock(match[2])
    first, last = start.hour * 60 + start.minute, end.hour * 60 + end.minute
    return Interval(first, last if last > first else last + 24 * 60)


def intervals(value: object) -> tuple[Interval, ...]:
    """The hours of one day, in order, none overlapping another."""
    found = list_of(interval)(value)
    for index, later in enumerate(found):
        for earlier in found[:index]:
            if earlier.start < later.end and later.start < earlier.end:
                raise Wrong(N_("overlaps other hours of the same day"), (index,))
    return tuple(sorted(found, key=lambda one: one.start))


def day(value: object) -> date:
    """A date, `2026-12-23`, in quotes or not."""
    if isinstance(value, date) and not isinstance(value, datetime):
        found = value
    elif isinstance(value, str) and _DATE.match(value):
        try:
            found = date.fromisoformat(value)
        except ValueError:
            raise Wrong(N_("is not a date of the calendar")) from None
    else:
        raise Wrong(N_('must be a date such as "2026-12-23"'))
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Wrong(YEARS, first=FIRST_YEAR, last=LAST_YEAR)
    return found


def plain(value: object) -> str:
    """A name or word to look for: not empty, and no regular expression."""
    found = text(value)
    if not found:
        raise Wrong(N_("must not be empty"))
    if _PATTERN.search(found):
        raise Wrong(N_("looks like a regular expression, which is never accepted"))
    return found


def alias(value: object) -> Alias:
    """A text, or `{ text = "KLT", case_sensitive = true }`."""
    if isinstance(value, str):
        found = Alias(plain(value))
    else:
        problems: list[Problem] = []
        section = Section(value, (), problems)
        found = Alias(section.take("text", plain, ""), section.take("case_sensitive", flag, False))
        section.close()
        if "text" not in section:
            section.problem(MISSING, "text")
        if problems:
            raise Wrong.of(problems[0])
    if not parts(clean(found.text)):
        raise Wrong(N_("must hold a letter or a digit"))
    return found


def handle(value: object) -> str:
    """A handle, with or without its @ and its host."""
    return _shaped(value, _HANDLE, N_('must be a handle such as "anna" or "anna@host.example"')).lstrip("@")


def hashtag(value: object) -> str:
    """A hashtag, with or without its #."""
    return _shaped(value, _TAG, N_('must be a hashtag such as "openssl"')).lstrip("#")


def domain(value: object) -> str:
    """A host name, without a scheme or a path."""
    return fold(_shaped(value, _DOMAIN, N_('must be a domain such as "company.example"')))


def _shaped(value: object, shape: re.Pattern[str], template: str) -> str:
    found = plain(value)
    if not shape.match(clean(found)):
        raise Wrong(template)
    return found
