"""Completions for bash, zsh and fish, made of the table of commands: nothing is run while one types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mbclient.cli.run import Run
from mbclient.cli.spec import GLOBAL, Command, Option
from mbclient.cli.table import COMMANDS, FIRST_WORDS, group
from mbclient.texts import _

_FILES = ("FILE", "FILES", "DIR")
"""What an option's value or an argument is called that is a place on the disk."""

_Choices = Sequence[tuple[str, str]]
"""What may stand at a place: words, each with what it means or nothing."""


def completions(run: Run) -> int:
    script = {"bash": _bash, "zsh": _zsh, "fish": _fish}[run.given.word("SHELL")]()
    if run.out.json:
        run.out.object({"schema": 1, "shell": run.given.word("SHELL"), "script": script})
    else:
        print(script)
    return 0


# ---------------------------------------------------------------- what may stand where


def _places() -> Iterator[tuple[str, _Choices]]:
    """By the words so far, without options: what may follow. With an option at the end: what its value may be."""
    yield "", [*((word, _first_summary(word)) for word in FIRST_WORDS), *_flags(GLOBAL)]
    for word in FIRST_WORDS:
        if seconds := group(word):
            yield word, [(command.name.partition(" ")[2], _(command.summary)) for command in seconds]
    for command in COMMANDS:
        yield command.name, [*_flags(command.flags), *((choice, "") for choice in _chosen(command))]
        for option in command.options:
            if option.choices:
                yield f"{command.name} {option.flag}", [(choice, "") for choice in option.choices]


def _chosen(command: Command) -> Sequence[str]:
    """The words that its arguments may be: those of the table, and the services that are installed now."""
    from mbclient.bootstrap import service_names

    return [
        choice
        for argument in command.arguments
        for choice in (service_names() if argument.name == "SERVICE" else argument.choices)
    ]


def _first_summary(word: str) -> str:
    return next((_(command.summary) for command in COMMANDS if command.name == word), "")


def _flags(options: Sequence[Option]) -> _Choices:
    return [(option.flag, _(option.help)) for option in options]


# ---------------------------------------------------------------- bash and zsh


def _valued() -> Sequence[str]:
    """The options with a value: the word behind one is no command."""
    return sorted({option.flag for command in COMMANDS for option in command.flags if option.value})


def _groups() -> Sequence[str]:
    return [word for word in FIRST_WORDS if group(word)]


def _walk() -> list[str]:
    """What both understand: `$place`, as `_places` has it, from the words before the one that is typed."""
    groups = "|".join(f'"{word}"' for word in _groups())
    return [
        '    if [ -n "$option" ]; then option=""; continue; fi',
        '    case "$word" in',
        f'      {"|".join(_valued())}) option="$word" ;;',
        "      -*) ;;",
        f'      *) case "$place" in ""|{groups}) place="${{place:+$place }}$word" ;; esac ;;',
        "    esac",
        "  done",
        '  case "$place${option:+ $option}" in',
    ]


def _bash() -> str:
    """Where no word is known, readline's own completion of files comes (`-o default`)."""
    cases = [f'    "{place}") found="{" ".join(word for word, _help in told)}" ;;' for place, told in _places()]
    return "\n".join(
        [
            "_mbclient() {",
            '  local word place="" option="" found=""',
            '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
            *_walk(),
            *cases,
            "  esac",
            '  COMPREPLY=($(compgen -W "$found" -- "${COMP_WORDS[COMP_CWORD]}"))',
            "}",
            "complete -o default -F _mbclient mbclient",
        ]
    )


def _zsh() -> str:
    """A file for `fpath`, which may also be sourced; files where no word is known."""
    cases = []
    for place, told in _places():
        words = " ".join(_single(f"{word}:{meant}" if meant else word) for word, meant in told)
        cases.append(f"    {_single(place)}) found=({words}) ;;")
    return "\n".join(
        [
            "#compdef mbclient",
            "_mbclient() {",
            '  local word place="" option=""',
            "  local -a found",
            '  for word in "${(@)words[2,CURRENT-1]}"; do',
            *_walk(),
            *cases,
            "  esac",
            "  (( $#found )) && _describe mbclient found || _files",
            "}",
            'if [[ "$funcstack[1]" == _mbclient ]]; then _mbclient "$@"; else compdef _mbclient mbclient; fi',
        ]
    )


def _single(text: str) -> str:
    """In single quotes, for a POSIX shell."""
    return "'" + text.replace("'", "'\\''") + "'"


# ---------------------------------------------------------------- fish


def _fish() -> str:
    """Files are offered where one is meant, and nowhere else."""
    lines = [
        "function __mbclient_at",
        "  set -l place",
        "  set -l option 0",
        "  for word in (commandline -opc)[2..]",
        "    if test $option = 1; set option 0; continue; end",
        "    switch $word",
        f"      case {' '.join(_valued())}; set option 1",
        "      case '-*'",
        "      case '*'",
        f'        contains -- "$place" \'\' {" ".join(_groups())}; and set place (string trim "$place $word")',
        "    end",
        "  end",
        '  test "$place" = "$argv"',
        "end",
        "complete -c mbclient -f",
    ]
    lines += [
        f"complete -c mbclient -n __mbclient_at -a {word}{_described(_first_summary(word))}" for word in FIRST_WORDS
    ]
    for command in COMMANDS:
        first, _space, second = command.name.partition(" ")
        if second:
            lines.append(f"complete -c mbclient -n '__mbclient_at {first}' -a {second}{_described(_(command.summary))}")
        here = f"complete -c mbclient -n '__mbclient_at {command.name}'"
        if chosen := _chosen(command):
            lines.append(f"{here} -a '{' '.join(chosen)}'")
        if any(argument.name in _FILES for argument in command.arguments):
            lines.append(f"{here} -F")
        lines += [f"{here}{_option(option)}" for option in command.options]
    lines += [f"complete -c mbclient{_option(option)}" for option in GLOBAL]
    return "\n".join(lines)


def _option(option: Option) -> str:
    value = (" -r -F" if option.value in _FILES else " -x") if option.value else ""
    if option.choices:
        value += f" -a '{' '.join(option.choices)}'"
    return f" -l {option.flag[2:]}{value}{_described(_(option.help))}"


def _described(text: str) -> str:
    return f" -d {_quoted(text)}" if text else ""


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
