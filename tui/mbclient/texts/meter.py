"""The policy meter in words: one line, as long as fits (policy facts 11)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import tzinfo

from mbclient.domain.errors import UsageError
from mbclient.domain.lazydataclass import dataclass
from mbclient.policy.model import CountState, Machine, Mode, Policy, Status
from mbclient.texts import _, ngettext
from mbclient.texts.findings import count_word, machine_word, mode_word, why_word
from mbclient.texts.times import clock_in, duration, minutes_up, when, when_short

FORMS = ("full", "short", "shortest")
FIELDS = ("count", "limit", "planned", "state", "next", "current", "mode", "symbol")

_COUNT_SYMBOLS = {CountState.OK: "✓", CountState.NEAR: "!", CountState.OVER: "‼"}
_MODE_SYMBOLS = {Mode.IDENTIFIED: "●", Mode.ANONYMOUS_ALLOWED: "○", Mode.BLOCKED: "■"}
_MODE_STATES = {Mode.IDENTIFIED: "identified", Mode.ANONYMOUS_ALLOWED: "anonymous", Mode.BLOCKED: "blocked"}
_STRICTNESS = tuple(_MODE_SYMBOLS)
_ASCII = str.maketrans({"✓": "+", "‼": "!!", "●": "*", "○": "o", "■": "X", "·": "|", "–": "-"})


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the meter. `state` is for the colour: ok, near, over, identified, anonymous, blocked, note."""

    words: str
    state: str
    symbol: str = ""

    def __str__(self) -> str:
        return f"{self.symbol} {self.words}" if self.symbol else self.words


@dataclass(frozen=True, slots=True)
class MeterText:
    """The meter in the longest form that fits. `notes` are all there are; the line has the first `notes_shown`."""

    form: str
    count: Part
    slot: Part
    mode: Part
    notes: tuple[Part, ...]
    notes_shown: int
    separator: str

    @property
    def shown(self) -> tuple[Part, ...]:
        """The parts on the line, in order: what a screen paints, with `separator` between."""
        return (self.count, self.slot, self.mode, *self.notes[: self.notes_shown])

    @property
    def line(self) -> str:
        """The line with its symbols, never wider than asked unless even the shortest form is."""
        return self.separator.join(str(part) for part in self.shown)

    @property
    def text(self) -> str:
        """The line in words alone; the shortest form keeps its symbols, which carry the state there."""
        if self.form == "shortest":
            return self.line
        return self.separator.join(part.words for part in self.shown)


def cells(text: str) -> int:
    """How many terminal cells a text takes: two for wide characters, none for combining ones."""
    return sum(_cells(character) for character in text)


def meter_text(
    status: Status,
    policy: Policy,
    targets: tuple[str, ...],
    width: int | None = None,
    ascii: bool = False,
    local_zone: tzinfo | None = None,
) -> MeterText:
    """The meter for these target accounts, in the longest form that fits `width` cells (None: no limit).

    Measured with its symbols, so that `line` fits. Nothing is ever cut: when even the shortest form is wider, it comes
    whole. Notes follow as long as the next one fits. `local_zone`: the machine's own, when it may differ from the
    policy's. `ascii`: for terminals without the symbols.
    """
    notes = tuple(_notes(status, policy, local_zone))
    for form in FORMS:
        meter = _form(form, status, policy, targets, notes, ascii)
        if width is None or cells(meter.line) <= width:
            break
    for shown in range(1, len(meter.notes) + 1):
        longer = replace(meter, notes_shown=shown)
        if width is not None and cells(longer.line) > width:
            break
        meter = longer
    return meter


def format_meter(
    template: str,
    status: Status,
    policy: Policy,
    targets: tuple[str, ...],
    ascii: bool = False,
) -> str:
    """`meter --format`: the template with its `{fields}` filled in; `{{` and `}}` stand for braces.

    `limit` is "-" without one, `current` is empty while no window is open, `symbol` is the count's and the identity's.
    Raises UsageError for an unknown field or a brace that is not closed.
    """
    from string import Formatter

    fields = _fields(status, policy, targets, ascii)
    known = ", ".join(f"{{{name}}}" for name in FIELDS)
    filled = []
    try:
        for literal, name, spec, conversion in Formatter().parse(template):
            filled.append(literal)
            if name is None:
                continue
            if name not in fields or spec or conversion:
                written = name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
                raise UsageError(
                    _("unknown field {field} in the meter's format").format(field=f"{{{written}}}"),
                    _("the fields are {fields}").format(fields=known),
                )
            filled.append(fields[name])
    except ValueError as error:  # what the parser raises for a lone brace
        raise UsageError(
            _("a brace in the meter's format is not closed"),
            _("write {{{{ and }}}} for braces; the fields are {fields}").format(fields=known),
        ) from error
    return "".join(filled)


def _form(
    form: str, status: Status, policy: Policy, targets: tuple[str, ...], notes: tuple[Part, ...], ascii_only: bool
) -> MeterText:
    count, slot, mode = _count(status, form), _slot(status, policy, form), _mode(status, targets, form)
    separator = " " if form == "shortest" else " · "
    # What the blocked mode gives as its reason need not follow as a note.
    notes = tuple(note for note in notes if f"({note.words})" not in mode.words)
    if ascii_only:
        count, slot, mode, *plain = (_ascii(part) for part in (count, slot, mode, *notes))
        notes, separator = tuple(plain), separator.translate(_ASCII)
    return MeterText(form, count, slot, mode, notes, 0, separator)


def _ascii(part: Part) -> Part:
    return replace(part, words=part.words.translate(_ASCII), symbol=part.symbol.translate(_ASCII))


def _count(status: Status, form: str) -> Part:
    """Posts today against the guideline, which days off do not have."""
    count, limit, state = status.count, status.limit, status.count_state
    if not status.workday or limit is None:
        state = CountState.OK
    short, full = str(count), _("Posts today: {count}").format(count=count)
    if form == "shortest":
        words = short if limit is None or not status.workday else f"{count}/{limit}"
    elif not status.workday:
        words = f"{short if form == 'short' else full} ({_('day off')})"
    elif limit is None:
        words = short if form == "short" else full
    elif form == "short":
        words = f"{count}/{limit} {count_word(state)}"
    else:
        words = _("Posts today: {count} of {limit} ({state})").format(count=count, limit=limit, state=count_word(state))
    if status.planned and form == "short":
        words = f"{words} +{status.planned}"
    elif status.planned and form == "full":
        planned = ngettext("+{n} planned", "+{n} planned", status.planned).format(n=status.planned)
        words = f"{words} {planned}"
    return Part(words, state.value, _COUNT_SYMBOLS[state])


def _slot(status: Status, policy: Policy, form: str) -> Part:
    """The open window, else the next recommended time."""
    if status.current_slot is not None:
        slot = clock_in(policy.zone, status.current_slot)
        until = status.current_until or status.current_slot + policy.slot_tolerance
        if form == "full":
            words = _("Now: the {slot} time (until {until})").format(slot=slot, until=clock_in(policy.zone, until))
        else:
            words = _("now {slot}").format(slot=slot) if form == "short" else slot
        return Part(words, "note")
    if status.next_slot is None:
        words = _("Next time: none") if form == "full" else _("no time") if form == "short" else "–"
        return Part(words, "note")
    now = status.now
    if form == "shortest":
        return Part(when_short(status.next_slot, now, policy.zone), "note")
    slot = when(status.next_slot, now, policy.zone)
    if form == "short":
        return Part(slot, "note")
    words = _("Next time: {slot}").format(slot=slot)
    if status.next_slot.astimezone(policy.zone).date() == now.astimezone(policy.zone).date():
        words = f"{words} ({_('in {duration}').format(duration=duration(status.next_slot - now))})"
    return Part(words, "note")


def _mode(status: Status, targets: tuple[str, ...], form: str) -> Part:
    """The strictest identity mode of the targets, and how many of them have it."""
    modes = [status.modes[name] for name in targets if name in status.modes]
    if not modes:
        words = _("notebook") if targets else _("no account")
        return Part(_("Identity: {mode}").format(mode=words) if form == "full" else words, "note")
    mode = max(modes, key=_STRICTNESS.index)
    having = modes.count(mode)
    if form == "full":
        words = mode_word(mode)
        if mode is Mode.BLOCKED and status.why:
            words = f"{words} ({why_word(status.why[0])})"
        if len(modes) > 1:
            accounts = ngettext("{n} of {total} account", "{n} of {total} accounts", len(modes))
            words = f"{words} – {accounts.format(n=having, total=len(modes))}"
        words = _("Identity: {mode}").format(mode=words)
    else:
        words = mode_word(mode) if form == "short" else _short_mode(mode)
        if len(modes) > 1:
            words = f"{words} {having}/{len(modes)}"
    return Part(words, _MODE_STATES[mode], _MODE_SYMBOLS[mode])


def _short_mode(mode: Mode) -> str:
    return {Mode.IDENTIFIED: _("IDENT"), Mode.ANONYMOUS_ALLOWED: _("ANON"), Mode.BLOCKED: _("BLOCK")}[mode]


def _notes(status: Status, policy: Policy, local_zone: tzinfo | None) -> Iterator[Part]:
    """What else one should know, most important first."""
    if status.skew:
        minutes = minutes_up(abs(status.skew))
        yield Part(_("Clock is {n} min off").format(n=minutes), "note")
    if local_zone is not None and status.now.astimezone(local_zone).utcoffset() != (
        status.now.astimezone(policy.zone).utcoffset()
    ):
        local = clock_in(local_zone, status.now)
        yield Part(_("(local time {time})").format(time=local), "note")
    if not policy.employer.name:
        yield Part(_("Employer not set"), "note")
    if status.machine is Machine.UNDECLARED:
        yield Part(machine_word(Machine.UNDECLARED), "note")


def _fields(status: Status, policy: Policy, targets: tuple[str, ...], ascii_only: bool) -> dict[str, str]:
    """What `format_meter` fills in."""
    count, mode = _count(status, "short"), _mode(status, targets, "short")
    now = status.now
    fields = {
        "count": str(status.count),
        "limit": "-" if status.limit is None else str(status.limit),
        "planned": str(status.planned),
        "state": count_word(CountState(count.state)),
        "next": when(status.next_slot, now, policy.zone) if status.next_slot else _("none"),
        "current": clock_in(policy.zone, status.current_slot) if status.current_slot else "",
        "mode": mode.words,
        "symbol": count.symbol + mode.symbol,
    }
    return {name: value.translate(_ASCII) for name, value in fields.items()} if ascii_only else fields


def _cells(character: str) -> int:
    if unicodedata.east_asian_width(character) in "WF":
        return 2
    return 0 if unicodedata.category(character) in ("Mn", "Me", "Cf") else 1
