"""The man page, made from the table of commands: `python -m tests.cli.manpage --write` writes docs/man/mbclient.1.

In English, whatever the computer's language. The form is man(7).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from mbclient import __version__
from mbclient.cli.spec import GLOBAL, Command, Option
from mbclient.cli.table import COMMANDS
from mbclient.settings.shipped import shipped

PAGE = Path(__file__).parents[2] / "docs" / "man" / "mbclient.1"

STATUSES = (
    ("0", "done"),
    ("1", "failed: a service, the network; the reason is on standard error"),
    ("2", "usage or settings"),
    ("3", "stopped by the policy; nothing is stored but a draft"),
    ("4", "kept in the outbox, not yet sent: offline, held, or unknown"),
    ("130", "interrupted"),
)
ENVIRONMENT = (
    ("MBCLIENT_CONFIG", "the settings file, as --config"),
    ("MBCLIENT_DATA_DIR", "the data folder, as --data-dir"),
    ("MBCLIENT_COMPANY_POLICY", "a policy file to try; what a system file sets, it can't change"),
    ("MBCLIENT_MACHINE", "work: this counts as a work computer; any other value is ignored"),
    ("VISUAL, EDITOR", "the editor that the composer opens"),
    ("NO_COLOR", "no colour; every state stays readable"),
)
FILES = (
    ("~/.config/mbclient/config.toml", "your settings; the program writes it once and never touches it again"),
    ("~/.config/mbclient/accounts.toml, choices.toml", "what the program writes beside it"),
    ("~/.config/mbclient/themes/*.toml", "your own themes"),
    ("~/.local/share/mbclient/", "posts, drafts, outbox, figures: one SQLite file"),
    ("~/.local/state/mbclient/mbclient.log", "the log, without secrets and without posts"),
    ("/etc/mbclient/policy.toml", "the company's policy"),
    ("/etc/mbclient/machine.toml", "whose computer this is"),
)


def escaped(text: str) -> str:
    """Text as roff takes it: hyphens that can be copied, no line that looks like a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text.startswith((".", "'")) else text


def page() -> str:
    """The page, whole."""
    themes = ", ".join(sorted(path.stem for path in shipped("themes").glob("*.toml")))
    lines = [
        '.\\" Made by `python -m tests.cli.manpage --write` from the table of commands.',
        f'.TH MBCLIENT 1 "" "mbclient {__version__}" "User commands"',
        ".SH NAME",
        "mbclient \\- terminal microblog client for work",
        ".SH SYNOPSIS",
        ".B mbclient",
        "[options] [command]",
        ".SH DESCRIPTION",
        "Several services in one timeline filtered by your work terms, with the company's posting policy as a help.",
        "Without a command the terminal UI starts; ? there shows every key.",
        "Everything stays on your machine but what you send to a service.",
        ".SH OPTIONS",
        "Before or after a command.",
        *_listed(map(_option, GLOBAL)),
        ".SH COMMANDS",
        *(line for command in COMMANDS for line in _command(command)),
        ".SH EXIT STATUS",
        *_listed(STATUSES),
        ".SH ENVIRONMENT",
        *_listed(ENVIRONMENT),
        ".SH FILES",
        "On Linux; `mbclient config path` tells where they are.",
        *_listed(FILES),
        ".SH THEMES",
        escaped(themes),
        ".SH SEE ALSO",
        "The README and docs/ of the source: guide to services, outbox, export, company policy, JSON.",
    ]
    return "\n".join(lines) + "\n"


def _command(command: Command) -> list[str]:
    summary = command.summary[:1].upper() + command.summary[1:]
    arguments = [
        (argument.name, f"{argument.help}: {', '.join(argument.choices)}" if argument.choices else argument.help)
        for argument in command.arguments
    ]
    return [
        f".SS {escaped(command.usage)}",
        escaped(summary if summary.endswith("?") else f"{summary}."),
        *_listed([*arguments, *map(_option, command.options)]),
        ".PP",
        "Example:",
        ".PP",
        ".EX",
        escaped(command.example),
        ".EE",
    ]


def _option(option: Option) -> tuple[str, str]:
    said = option.help
    if option.choices and option.value != "|".join(option.choices):
        said = f"{said}: {', '.join(option.choices)}"
    return f"{option.flag} {option.value}".strip(), said


def _listed(rows: Iterable[tuple[str, str]]) -> list[str]:
    lines = []
    for term, said in rows:
        lines += [".TP", f"\\fB{escaped(term)}\\fR", escaped(said)]
    return lines


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(page(), "utf-8")
    else:
        sys.stdout.write(page())
