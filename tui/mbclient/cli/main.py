"""From a command line to an exit status. One of the two borders that catch everything."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mbclient import __version__
from mbclient.cli.output import Output, error_line, print_error, terminal_width
from mbclient.cli.spec import Command, Given, nearest, parse, shown, take_globals
from mbclient.domain.errors import MbclientError, SettingsError, UsageError
from mbclient.texts import LANGUAGES, _, set_language

if TYPE_CHECKING:
    from mbclient.cli.run import Run

    Deed = Callable[[Run], int | Coroutine[Any, Any, int]]

DONE, FAILED, USAGE, STOPPED, KEPT, INTERRUPTED = 0, 1, 2, 3, 4, 130
_QUIET = ("meter", "completions")
_JUDGES = ("config validate",)


def main(argv: Sequence[str]) -> int:
    """Runs one command line and gives the exit status of the contract; never a traceback."""
    _open_missing_streams()
    try:
        return _run_line(argv)
    finally:
        _empty_streams()


def _run_line(argv: Sequence[str]) -> int:
    set_language("auto")
    given = Given()
    try:
        _use_own_language(argv)
        status = _dispatch(argv, given)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader has gone, as `head` does
        return FAILED
    except OSError as error:
        from mbclient.texts.outside import system_reason  # late: few starts tell of a fault

        # Standard output could not be written; what of ours fails on a file says so by a name of the error tree.
        print_error(
            _("{what} could not be used: {reason}").format(
                what=error.filename or _("the output"), reason=system_reason(error)
            )
        )
        return FAILED
    except MbclientError as error:
        print_error(error_line(error))
        return _status_of(error)
    except Exception as error:  # noqa: BLE001 - the outermost border: whatever else failed is one line, not a traceback
        from mbclient.cli.crash import report

        print_error(report(error, given))
        return FAILED
    return status


def _use_own_language(argv: Sequence[str]) -> None:
    """Help and refusals too are in the language of the settings; a file that is broken is told of later, if at all."""
    if "--version" in argv or "-V" in argv:
        return
    from mbclient.settings.paths import find_paths
    from mbclient.settings.toml import load

    paths = find_paths(_early("--config", argv), _early("--data-dir", argv))
    for file in (paths.config_file, paths.choices_file):
        with suppress(SettingsError, OSError):
            found = load(file)
            if found is not None and (language := found.values.get("language")) in ("auto", *LANGUAGES):
                set_language(str(language))
                return


def _early(flag: str, argv: Sequence[str]) -> str | None:
    """The value of an option in a command line that has not been read yet."""
    for number, word in enumerate(argv):
        if word == flag and number + 1 < len(argv):
            return argv[number + 1]
        if word.startswith(f"{flag}="):
            return word.partition("=")[2]
    return None


def _open_missing_streams() -> None:
    """Python has None for a stream that was closed when it started; nothing here wants to ask each time."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115 - open as long as the process


def _empty_streams() -> None:
    """What is still buffered for a terminal or a reader that has gone must not fail again when Python ends: it would
    end with 120 then, whatever status was given."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _status_of(error: MbclientError) -> int:
    if isinstance(error, UsageError | SettingsError):
        return USAGE
    from mbclient.core.compose import StoppedError

    return STOPPED if isinstance(error, StoppedError) else FAILED


def _dispatch(argv: Sequence[str], given: Given) -> int:
    word, rest = take_globals(argv, given)
    if not word:
        return _without_command(rest, given)
    from mbclient.cli.table import BY_NAME, FIRST_WORDS

    if word not in FIRST_WORDS:
        problem = _("there is no command {word}").format(word=shown(word))
        raise UsageError(problem, nearest(word, FIRST_WORDS) or _("`mbclient --help` lists them"))
    command = BY_NAME.get(word)
    if command is None:
        command, rest = _second_word(word, rest, given)
        if command is None:
            return DONE
    parse(command, rest, given)
    if given.has("--version"):
        return _version(given)
    if given.has("--help"):
        from mbclient.cli.help import command_help

        print(command_help(command, terminal_width()))
        return DONE
    if given.has("--demo"):
        raise UsageError(_("--demo starts the terminal UI and goes with no command"), _("write only mbclient --demo"))
    return _run(command, given)


def _second_word(word: str, rest: Sequence[str], given: Given) -> tuple[Command | None, list[str]]:
    """The command of a group; None when the group's help was asked for and given."""
    from mbclient.cli.table import BY_NAME, group

    commands = group(word)
    second, rest = take_globals(rest, given)
    command = BY_NAME.get(f"{word} {second}")
    if command is not None:
        return command, rest
    if given.has("--help") and not second:
        from mbclient.cli.help import group_help

        print(group_help(word, commands, terminal_width()))
        return None, rest
    seconds = [command.name.partition(" ")[2] for command in commands]
    problem = (
        _("there is no command {word}").format(word=shown(f"{word} {second}"))
        if second
        else _("{word} needs one more word").format(word=word)
    )
    raise UsageError(
        problem, nearest(second, seconds) or _("{word} has: {words}").format(word=word, words=", ".join(seconds))
    )


def _without_command(rest: Sequence[str], given: Given) -> int:
    if rest:
        raise UsageError(_("one word too many: {word}").format(word=shown(rest[0])), _("`mbclient --help` shows how"))
    if given.has("--version"):
        return _version(given)
    if given.has("--help"):
        from mbclient.cli.help import program_help

        print(program_help(terminal_width()))
        return DONE
    from mbclient.cli.terminal_ui import start

    return start(given)


def _version(given: Given) -> int:
    if given.has("--json"):
        Output(as_json=True).object({"schema": 1, "version": __version__})
    else:
        print(f"mbclient {__version__}")
    return DONE


def _run(command: Command, given: Given) -> int:
    from mbclient.cli.run import Run

    quiet, judges = command.name in _QUIET, command.name in _JUDGES
    run = Run(given, Output(as_json=given.has("--json")), quiet=quiet, judges=judges)
    deed = _load(command)
    try:
        result = deed(run)
        return result if isinstance(result, int) else _in_loop(run, result)
    finally:
        for desk in run.opened:
            desk.world.stores.close()


def _load(command: Command) -> Deed:
    from importlib import import_module

    module, _colon, function = command.run.partition(":")
    deed: Deed = getattr(import_module(f"mbclient.cli.{module}"), function)
    return deed


def _in_loop(run: Run, work: Coroutine[Any, Any, int]) -> int:
    import asyncio

    async def whole() -> int:
        try:
            return await work
        finally:
            for desk in run.opened:
                await desk.aclose()

    return asyncio.run(whole())
