"""The program as a process: every command exists, explains itself, refuses what it does not know, starts quickly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mbclient.cli.table import COMMANDS as TABLE
from tests.cli.conftest import CONFIG
from tests.cli.names import COMMANDS

HEAVY = ("textual", "rich", "httpx", "keyring")


def run(*words: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mbclient", *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env={**os.environ, "LC_ALL": "C.UTF-8", "COLUMNS": "100", **environment},
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )


def isolated(folder: Path) -> list[str]:
    return ["--config", str(folder / "config.toml"), "--data-dir", str(folder / "data")]


def test_the_table_holds_the_commands_of_the_contract() -> None:
    assert sorted(command.name for command in TABLE) == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str) -> None:
    answer = run(*name.split(), "--help")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert f"Example: mbclient {name}" in answer.stdout or f"| mbclient {name}" in answer.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_refuses_an_unknown_option(name: str) -> None:
    answer = run(*name.split(), "--jsom")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == "mbclient: there is no option '--jsom'; did you mean --json?\n"


def test_an_unknown_command_names_the_nearest() -> None:
    answer = run("timelin")
    assert answer.returncode == 2
    assert answer.stderr == "mbclient: there is no command 'timelin'; did you mean timeline?\n"


def test_version() -> None:
    answer = run("--version")
    assert (answer.returncode, answer.stdout) == (0, "mbclient 0.1.0\n")


def test_without_a_terminal_the_ui_says_one_line() -> None:
    for words in ((), ("--demo",)):
        answer = run(*words)
        assert (answer.returncode, answer.stdout) == (2, "")
        assert answer.stderr.count("\n") == 1
        assert "terminal" in answer.stderr


@pytest.mark.parametrize("words", [("--version",), ("--help",), ("post", "--help"), ("meter",), ("keys",)])
def test_what_stands_in_prompts_loads_nothing_heavy(words: tuple[str, ...], tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from mbclient.cli.main import main\n"
        f"status = main({[*isolated(tmp_path), *words]!r})\n"
        f"print(sorted(set(sys.modules) & set({HEAVY!r})), status, file=sys.stderr)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, encoding="utf-8", timeout=60, check=True
    )
    assert answer.stderr.splitlines()[-1] == "[] 0"


def test_nothing_in_the_working_directory_is_imported(tmp_path: Path) -> None:
    for name in ("token", "click", "json", "mbclient", "keyring", "argparse"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported from the working directory')\n")
    program = "import sys; sys.argv = ['mbclient', '--version']; from mbclient.__main__ import main; sys.exit(main())"
    script = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False
    )
    assert (script.returncode, script.stdout) == (0, "mbclient 0.1.0\n")
    (tmp_path / "mbclient.py").unlink()  # `-m` itself looks there for the module it is told to run
    (tmp_path / "data").mkdir()
    answer = run(*isolated(tmp_path / "data"), "meter", "--json", cwd=tmp_path)
    assert (answer.returncode, answer.stderr) == (0, "")


def test_a_reader_that_leaves_is_no_fault(tmp_path: Path) -> None:
    quoted = " ".join([sys.executable, "-m", "mbclient", *isolated(tmp_path), "keys", "--json"])
    answer = subprocess.run(
        ["bash", "-c", f"{quoted} | true"],
        capture_output=True, text=True, timeout=60, env={**os.environ, "LC_ALL": "C.UTF-8"}, check=False,
    )  # fmt: skip
    assert answer.stderr == ""


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        answer = subprocess.run(
            [sys.executable, "-m", "mbclient", *isolated(tmp_path), "keys"],
            stdout=full, stderr=subprocess.PIPE,
            text=True, timeout=60, env={**os.environ, "LC_ALL": "C.UTF-8"}, check=False,
        )  # fmt: skip
    assert answer.returncode == 1
    assert answer.stderr == "mbclient: the output could not be used: No space left on device\n"


WRITES_AND_IS_ENDED = """
import sys
from mbclient.cli import main
def write_and_end(*_anything):
    print("not yet written", end="", file=getattr(sys, sys.argv[1]))
    raise KeyboardInterrupt
main._dispatch = write_and_end
sys.exit(main.main([]))
"""


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_what_can_no_longer_be_written_changes_no_status(stream: str) -> None:
    """As where the terminal goes away: Python itself ends with 120 when a buffer cannot be emptied at its end."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = [sys.executable, "-c", WRITES_AND_IS_ENDED, stream]
    with Path("/dev/full").open("w") as full:
        answer = subprocess.run(
            command, env=environment, timeout=60, check=False,
            stdout=full if stream == "stdout" else None, stderr=full if stream == "stderr" else None,
        )  # fmt: skip
    assert answer.returncode == 130


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_fault(tmp_path: Path, closed: str) -> None:
    quoted = " ".join([sys.executable, "-m", "mbclient", *isolated(tmp_path), "meter"])
    answer = subprocess.run(
        ["bash", "-c", f"{quoted} {closed}"], capture_output=True, text=True, timeout=60, check=False
    )
    assert answer.returncode == 0
    assert "fault" not in answer.stderr


def test_interrupted_ends_with_130(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # what runs in the background may ignore it
        "from mbclient.cli import keys\n"
        "keys.keys = lambda run: os.kill(os.getpid(), signal.SIGINT) or 0\n"
        "from mbclient.cli.main import main\n"
        f"sys.exit(main({[*isolated(tmp_path), 'keys']!r}))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (answer.returncode, answer.stderr) == (130, "")


def test_interrupted_at_a_question_ends_with_130_and_keeps_the_draft(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG, "utf-8")
    keyboard, terminal = os.openpty()
    words = [*isolated(tmp_path), "post", "Vi på Grönkvist tycker att Blåbet suger."]
    with subprocess.Popen(
        [sys.executable, "-m", "mbclient", *words], stdin=terminal, stdout=terminal, stderr=terminal
    ) as program:
        os.close(terminal)
        seen = b""
        while b"[y/N]" not in seen:
            seen += os.read(keyboard, 4096)
        for _press in range(20):  # one that lands just before the read begins is not seen by it: people press again
            program.send_signal(signal.SIGINT)
            try:
                program.wait(1)
            except subprocess.TimeoutExpired:
                continue
            break
        assert program.poll() == 130
    os.close(keyboard)
    assert "suger" in run(*isolated(tmp_path), "drafts", "list").stdout
