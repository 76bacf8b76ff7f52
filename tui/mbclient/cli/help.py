"""Help: of the program, of a group of commands, of one command. Made from the table, nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mbclient.cli.spec import GLOBAL, Command, Option
from mbclient.cli.table import COMMANDS
from mbclient.cli.wrapping import wrap
from mbclient.texts import _


def program_help(width: int) -> str:
    """`mbclient --help`."""
    return "\n".join(
        [
            _("Usage: mbclient [options] [command]"),
            "",
            *wrap(
                _(
                    "A terminal microblog client for work: several services, one work-filtered timeline, and the "
                    "company's policy as a help. Without a command the terminal UI starts."
                ),
                width,
            ),
            "",
            _("Commands:"),
            *_rows([(command.name, _(command.summary)) for command in COMMANDS], width),
            "",
            _("Options, before or after a command:"),
            *_rows(map(_option_row, GLOBAL), width),
            "",
            _("Example: {example}").format(example="mbclient --demo"),
            _("`mbclient COMMAND --help` tells more."),
        ]
    )


def group_help(word: str, commands: Sequence[Command], width: int) -> str:
    """`mbclient account --help`."""
    return "\n".join(
        [
            _("Usage: mbclient {word} COMMAND").format(word=word),
            "",
            *_rows([(command.name, _(command.summary)) for command in commands], width),
            "",
            _("Example: {example}").format(example=commands[0].example),
        ]
    )


def command_help(command: Command, width: int) -> str:
    """`mbclient post --help`."""
    summary = _(command.summary)
    lines = [_("Usage: {usage}").format(usage=command.usage), "", *wrap(summary[:1].upper() + summary[1:] + ".", width)]
    if command.arguments:
        rows = []
        for argument in command.arguments:
            text = _(argument.help)
            rows.append((argument.name, f"{text}: {', '.join(argument.choices)}" if argument.choices else text))
        lines += ["", *_rows(rows, width)]
    if command.options:
        lines += ["", _("Options:"), *_rows(map(_option_row, command.options), width)]
    together = [option for option in GLOBAL if option.flag != "--demo"]  # which stands alone
    lines += ["", _("For every command:"), *_rows(map(_option_row, together), width)]
    return "\n".join([*lines, "", _("Example: {example}").format(example=command.example)])


def _option_row(option: Option) -> tuple[str, str]:
    text = _(option.help)
    if option.choices and option.value != "|".join(option.choices):
        text = f"{text}: {', '.join(option.choices)}"
    return f"{option.flag} {option.value}".strip(), text


def _rows(rows: Iterable[tuple[str, str]], width: int) -> list[str]:
    """Two columns; the second wraps under itself."""
    listed = list(rows)
    left = min(max(len(name) for name, _text in listed), 26) + 4
    lines = []
    for name, text in listed:
        first, *more = wrap(text, max(20, width - left)) or [""]
        if len(name) + 3 > left:
            lines.append(f"  {name}")
            name = ""
        lines.append(f"  {name:<{left - 2}}{first}".rstrip())
        lines += [" " * left + line for line in more]
    return lines
