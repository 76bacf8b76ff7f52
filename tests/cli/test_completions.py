"""Completions: they know every command and option, and the shells themselves complete by them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from mbclient.cli.table import COMMANDS
from tests.benchmarks.terminal import Terminal
from tests.cli.conftest import CommandLine
from tests.servers.installation import installed

SHELLS = ("bash", "zsh", "fish")

TYPED = [
    ("mbclient tim", {"timeline"}),
    ("mbclient po", {"policy", "post"}),
    ("mbclient account a", {"add"}),
    ("mbclient --json outbox fl", {"flush"}),
    ("mbclient post --re", {"--reply-to", "--reason"}),
    ("mbclient post account --dr", {"--dry-run"}),
    ("mbclient post --account post --dr", {"--dry-run"}),
    ("mbclient account check --d", {"--data-dir", "--demo"}),
    ("mbclient machine declare p", {"private"}),
    ("mbclient account add m", {"mastodon", "micropub", "misskey"}),
    ("mbclient account confirm work --employer ", {"yes", "no"}),
    ("mbclient export --format ", {"atom", "jsonfeed", "html", "csv", "jsonl"}),
    ("mbclient policy validate comp", {"company.toml"}),
    ("mbclient --config comp", {"company.toml"}),
    ("mbclient --config company.toml tim", {"timeline"}),
]
"""A line up to where it is completed, and what is offered."""


@pytest.fixture
def place(mb: CommandLine, tmp_path: Path) -> Path:
    """A folder with a file in it, and the scripts as users are told to keep them."""
    folder = tmp_path / "place"
    folder.mkdir()
    (folder / "company.toml").touch()
    for shell in SHELLS:
        (folder / f"_{shell}").mkdir()
        (folder / f"_{shell}" / "_mbclient").write_text(mb("completions", shell).out, "utf-8")
    return folder


@pytest.mark.parametrize("shell", SHELLS)
def test_they_know_every_command_and_option(mb: CommandLine, shell: str) -> None:
    script = mb("completions", shell).out
    for command in COMMANDS:
        for word in command.name.split():
            assert word in script
        for option in command.options:
            assert (option.flag if shell != "fish" else f"-l {option.flag[2:]}") in script
    assert mb("completions", shell, json=True).object["script"] + "\n" == script


@pytest.mark.parametrize(("typed", "offered"), TYPED)
def test_bash_completes(place: Path, typed: str, offered: set[str]) -> None:
    """By the function that it calls; where that knows nothing, bash's own completion of files comes."""
    words = " ".join(f"'{word}'" for word in typed.split(" "))
    script = f"source _bash/_mbclient\nCOMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _mbclient\n"
    script += '(( ${#COMPREPLY[@]} )) || COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))\n'
    script += 'complete -p mbclient >&2; printf "%s\\n" "${COMPREPLY[@]}"'
    command = [installed("bash"), "-c", script]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=30, check=True)
    assert set(done.stdout.split()) == offered
    assert "-o default" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("typed", "offered"), TYPED)
def test_fish_completes(place: Path, typed: str, offered: set[str]) -> None:
    command = [installed("fish"), "--no-config", "-c", f"source _fish/_mbclient; complete -C '{typed}'"]
    env = {**os.environ, "HOME": str(place), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, cwd=place, env=env, capture_output=True, text=True, timeout=30, check=True)
    assert {line.partition("\t")[0] for line in done.stdout.splitlines()} == offered


@pytest.mark.slow
@pytest.mark.parametrize(("typed", "offered"), TYPED)
def test_zsh_completes(place: Path, typed: str, offered: set[str]) -> None:
    """In a terminal, at the first press of tab: whatever is offered is written below the line or into it."""
    settings = ["PS1='ready> '", "fpath=($PWD/_zsh $fpath)", "autoload -Uz compinit && compinit -u -D"]
    (place / ".zshrc").write_text("\n".join([*settings, f"cd {place}", ""]).replace("$PWD", str(place)), "utf-8")
    env = {"ZDOTDIR": str(place), "HOME": str(place), "TERM": "xterm", "LC_ALL": "C.UTF-8"}
    with Terminal([installed("zsh"), "-i"], env=env) as terminal:
        terminal.until("ready> ")
        terminal.send(typed.encode() + b"\t")
        for word in offered:
            terminal.until(word if len(offered) > 1 else f"{typed.rpartition(' ')[0]} {word} ")


@pytest.mark.slow
def test_zsh_may_also_source_it(place: Path) -> None:
    script = "autoload -Uz compinit && compinit -u -D; source _zsh/_mbclient; print $_comps[mbclient]"
    command = [installed("zsh"), "-f", "-c", script]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == "_mbclient\n"
