"""What a command is: its words, options, arguments and example, as plain data, and reading a command line by it.

Not argparse: options stand before or after the command, texts follow the set language, an unknown word is answered
with the nearest one, and no family of commands is loaded before it is wanted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field

from mbclient.domain.errors import UsageError
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.safetext import SafeText
from mbclient.texts import N_, _


@dataclass(frozen=True, slots=True)
class Option:
    """`--flag VALUE`, or a switch when there is no `value`. `help` is marked with N_ and looked up when shown."""

    flag: str
    value: str = ""
    help: str = ""
    many: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Argument:
    """A word that is not an option. `many`: one or more of them, or none where it is not required."""

    name: str
    help: str = ""
    required: bool = True
    many: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `run` names its function as `module:function` of this package, loaded when it is called."""

    name: str
    run: str
    summary: str
    example: str
    options: tuple[Option, ...] = ()
    arguments: tuple[Argument, ...] = ()

    @property
    def usage(self) -> str:
        """`mbclient post [options] [TEXT]`."""
        words = ["mbclient", self.name, _("[options]")]
        for argument in self.arguments:
            word = argument.name + ("…" if argument.many else "")
            words.append(word if argument.required else f"[{word}]")
        return " ".join(words)

    @property
    def flags(self) -> tuple[Option, ...]:
        """Its own options and those of every command."""
        return (*self.options, *GLOBAL)


GLOBAL = (
    Option("--config", "FILE", N_("another settings file")),
    Option("--data-dir", "DIR", N_("another data folder")),
    Option("--json", "", N_("answer in JSON, one object a line")),
    Option("--demo", "", N_("start the terminal UI on made-up posts")),
    Option("--version", "", N_("show the version and end")),
    Option("--help", "", N_("show this help and end")),
)
_SHORT = {"-h": "--help", "-V": "--version"}


@dataclass(slots=True)
class Given:
    """What was typed: options in the order they came, arguments by name."""

    options: list[tuple[str, str]] = field(default_factory=list)
    words: dict[str, list[str]] = field(default_factory=dict)

    def has(self, flag: str) -> bool:
        return any(name == flag for name, _value in self.options)

    def text(self, flag: str, default: str = "") -> str:
        """The last value given."""
        return next((value for name, value in reversed(self.options) if name == flag), default)

    def texts(self, flag: str) -> tuple[str, ...]:
        return tuple(value for name, value in self.options if name == flag)

    def number(self, flag: str, default: int, *, least: int = 1, most: int = 100_000) -> int:
        """A whole number. Raises `UsageError`."""
        value = self.text(flag)
        if not value:
            return default
        if not (value.isascii() and value.isdecimal() and least <= int(value[:12]) <= most):
            raise UsageError(
                _("{flag} is no number from {least} to {most}: {value}").format(
                    flag=flag, least=least, most=most, value=shown(value)
                ),
                _("such as {flag} {number}").format(flag=flag, number=default),
            )
        return int(value)

    def word(self, name: str, default: str = "") -> str:
        """An argument, its words joined where there may be several."""
        return " ".join(self.words[name]) if self.words.get(name) else default


def shown(word: str) -> str:
    """What was typed, fit for an error line."""
    return repr(str(SafeText.line(word, max_characters=60)))


def nearest(word: str, known: Iterable[str]) -> str:
    """The advice for a word that is not known; empty when nothing is near."""
    from difflib import get_close_matches  # only for a mistake

    close = get_close_matches(word[:60], list(known), n=1, cutoff=0.6)
    return _("did you mean {word}?").format(word=close[0]) if close else ""


def take_globals(words: Sequence[str], given: Given) -> tuple[str, list[str]]:
    """Reads options up to the first other word: gives that word ("" at the end) and what follows it."""
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--" or not word.startswith("-") or word == "-":
            return ("" if word == "--" else word), rest
        _option(word, rest, GLOBAL, given, _("mbclient --help lists the options"))
    return "", rest


def parse(command: Command, words: Sequence[str], given: Given) -> Given:
    """Reads all that follows a command's name into `given`. Raises `UsageError`."""
    rest, loose = list(words), []
    hint = _("`mbclient {name} --help` shows how").format(name=command.name)
    while rest:
        word = rest.pop(0)
        if word == "--":
            loose += rest
            break
        if word == "-" or not word.startswith("-") or any(map(str.isspace, word.partition("=")[0])):
            loose.append(word)
        else:
            _option(word, rest, command.flags, given, hint)
    if not given.has("--help") and not given.has("--version"):
        _arguments(command, loose, given, hint)
    return given


def _option(word: str, rest: list[str], options: Sequence[Option], given: Given, hint: str) -> None:
    flag, equals, value = _SHORT.get(word, word).partition("=")
    option = next((option for option in options if option.flag == flag), None)
    if option is None:
        advice = nearest(flag, (option.flag for option in options)) or hint
        raise UsageError(_("there is no option {flag}").format(flag=shown(flag)), advice)
    if not option.value and equals:
        raise UsageError(_("{flag} takes no value").format(flag=flag), _("write only {flag}").format(flag=flag))
    if option.value and not equals:
        if not rest or any(rest[0].partition("=")[0] == known.flag for known in options):
            raise UsageError(_("{flag} needs a value: {value}").format(flag=flag, value=option.value), hint)
        value = rest.pop(0)
    if option.choices:
        _choose(flag, value, option.choices)
    given.options.append((flag, value))


def _choose(name: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        advice = nearest(value, choices) or _("choose one of {choices}").format(choices=", ".join(choices))
        raise UsageError(_("{name} can't be {value}").format(name=name, value=shown(value)), advice)


def _arguments(command: Command, loose: list[str], given: Given, hint: str) -> None:
    for argument in command.arguments:
        taken = loose if argument.many else loose[:1]
        loose = loose[len(taken) :]
        if not taken and argument.required:
            raise UsageError(_("{argument} is missing").format(argument=argument.name), hint)
        if argument.choices:
            for word in taken:
                _choose(argument.name, word, argument.choices)
        given.words[argument.name] = list(taken)
    if loose:
        raise UsageError(_("one word too many: {word}").format(word=shown(loose[0])), hint)
