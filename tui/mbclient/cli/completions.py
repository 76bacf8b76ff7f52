"""Completions for bash, zsh and fish, made of the table of commands: nothing is run while one types."""

from __future__ import annotations

from mbclient.cli.run import Run
from mbclient.cli.spec import GLOBAL, Command
from mbclient.cli.table import COMMANDS, FIRST_WORDS, group
from mbclient.texts import _


def completions(run: Run) -> int:
    script = {"bash": _bash, "zsh": _zsh, "fish": _fish}[run.given.word("SHELL")]()
    if run.out.json:
        run.out.object({"schema": 1, "shell": run.given.word("SHELL"), "script": script})
    else:
        print(script)
    return 0


def _words(command: Command) -> str:
    """What may follow a command: its options, and the words that an argument is chosen from."""
    flags = [option.flag for option in command.flags]
    return " ".join([*flags, *(choice for argument in command.arguments for choice in argument.choices)])


def _bash() -> str:
    cases = [f'    "{command.name}") words="{_words(command)}" ;;' for command in COMMANDS]
    cases += [
        f'    "{word}") words="{" ".join(command.name.partition(" ")[2] for command in group(word))}" ;;'
        for word in FIRST_WORDS
        if group(word)
    ]
    first = " ".join([*FIRST_WORDS, *(option.flag for option in GLOBAL)])
    return "\n".join(
        [
            "_mbclient() {",
            '  local word name="" words',
            '  local current="${COMP_WORDS[COMP_CWORD]}"',
            '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
            '    case "$word" in -*) ;; *) name="${name:+$name }$word" ;; esac',
            "  done",
            '  case "$name" in',
            *cases,
            f'    "") words="{first}" ;;',
            f'    *) words="{" ".join(option.flag for option in GLOBAL)}" ;;',
            "  esac",
            '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
            "}",
            "complete -o default -F _mbclient mbclient",
        ]
    )


def _zsh() -> str:
    return "\n".join(["#compdef mbclient", "autoload -Uz bashcompinit && bashcompinit", _bash()])


def _fish() -> str:
    lines = ["complete -c mbclient -f"]
    for command in COMMANDS:
        first, _space, second = command.name.partition(" ")
        summary = _quoted(_(command.summary))
        if second:
            seconds = " ".join(other.name.partition(" ")[2] for other in group(first))
            seen = f"__fish_seen_subcommand_from {first}; and not __fish_seen_subcommand_from {seconds}"
            lines.append(f"complete -c mbclient -n '{seen}' -a {second} -d {summary}")
            here = f"__fish_seen_subcommand_from {first}; and __fish_seen_subcommand_from {second}"
        else:
            lines.append(f"complete -c mbclient -n __fish_use_subcommand -a {first} -d {summary}")
            here = f"__fish_seen_subcommand_from {first}"
        for option in command.options:
            value = " -r" if option.value else ""
            lines.append(f"complete -c mbclient -n '{here}' -l {option.flag[2:]}{value} -d {_quoted(_(option.help))}")
    lines += [f"complete -c mbclient -n __fish_use_subcommand -a {word}" for word in FIRST_WORDS if group(word)]
    lines += [f"complete -c mbclient -l {option.flag[2:]} -d {_quoted(_(option.help))}" for option in GLOBAL]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
