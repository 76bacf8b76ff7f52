"""What a package puts on a computer beside the program: man page, desktop entry, completions, and where they go."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from configparser import ConfigParser
from pathlib import Path

import pytest

from mbclient.cli.spec import Given, parse, take_globals
from mbclient.cli.table import BY_NAME, COMMANDS
from tests.cli.manpage import ENVIRONMENT, PAGE, STATUSES, escaped, page

ROOT = Path(__file__).parents[2]
ENTRY = ROOT / "docs" / "desktop" / "mbclient.desktop"
INSTALLING = (ROOT / "docs" / "installing.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def entry() -> ConfigParser:
    """The entry; a key or a group named twice is an error."""
    parser = ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # keys keep their case
    parser.read_string(ENTRY.read_text("utf-8"))
    return parser


def test_the_man_page_is_of_today() -> None:
    assert PAGE.read_text("utf-8") == page(), "python -m tests.cli.manpage --write"


def test_the_man_page_tells_every_command_and_option() -> None:
    text = PAGE.read_text("utf-8")
    for command in COMMANDS:
        assert f".SS {escaped(command.usage)}\n" in text
        for option in command.flags:
            assert f"\\fB{escaped(option.flag)}" in text


def test_every_variable_that_the_program_reads_is_in_it() -> None:
    sources = (ROOT / "tui" / "mbclient").rglob("*.py")
    read = {name for path in sources for name in re.findall(r"\bMBCLIENT_[A-Z_]+\b", path.read_text("utf-8"))}
    assert read == {name for name, _said in ENVIRONMENT if name.startswith("MBCLIENT_")}


def test_the_statuses_are_those_of_the_json_page() -> None:
    document = (ROOT / "docs" / "json.md").read_text("utf-8")
    told = " ".join(document.partition("Exit status: ")[2].partition("\n\n")[0].split())
    assert re.findall(r"(?:^|· )(\d+) ", told) == [status for status, _said in STATUSES]


def test_roff_takes_text_as_it_is() -> None:
    assert escaped(".SH --x\\n") == "\\&.SH \\-\\-x\\en"
    assert escaped("'quoted") == "\\&'quoted"


@pytest.mark.skipif(not shutil.which("groff"), reason="there is no groff here to set the page")
def test_groff_has_nothing_to_say_of_it() -> None:
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-k", "-ww", "-rLL=78n", PAGE], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stderr == ""
    plain = re.sub(r"\x1b\[[0-9;]*m|.\x08", "", done.stdout)
    assert "mbclient post [options] [TEXT]" in plain
    assert "--config FILE" in plain


def test_the_desktop_entry_is_one() -> None:
    """Desktop Entry Specification 1.5: the keys an application must have, lists that end in a semicolon."""
    found = entry()
    assert found.sections()[0] == "Desktop Entry"
    main = found["Desktop Entry"]
    assert (main["Type"], main["Terminal"], main["Version"]) == ("Application", "true", "1.5")
    assert main["Name"] == main["TryExec"] == "mbclient"
    for key in ("Categories", "Keywords", "Keywords[sv]", "Actions"):
        assert main[key].endswith(";")
    actions = main["Actions"].rstrip(";").split(";")
    assert found.sections()[1:] == [f"Desktop Action {name}" for name in actions]


def test_the_desktop_entry_speaks_both_languages() -> None:
    for section in entry().values():
        for key in section:
            if key in ("GenericName", "Comment", "Keywords") or (key == "Name" and section[key] != "mbclient"):
                assert section[f"{key}[sv]"] != section[key]


def test_what_the_desktop_starts_is_a_command_line_that_is_understood() -> None:
    assert "mbclient" in PROJECT["project"]["scripts"]
    for section in entry().values():
        program, *words = section.get("Exec", "mbclient").split()
        assert program == "mbclient"
        given = Given()
        assert take_globals(words, given) == ("", [])  # which raises for an option that there is not
        assert [flag for flag, _value in given.options] == words


def test_the_wheel_brings_them_along() -> None:
    shared = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    assert shared == {
        "docs/man/mbclient.1": "share/man/man1/mbclient.1",
        "docs/desktop/mbclient.desktop": "share/applications/mbclient.desktop",
    }
    source = PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["only-include"]
    for name in shared:
        assert (ROOT / name).is_file()
        assert name in source  # a wheel made of the source archive has them too


def test_every_command_of_the_page_is_understood() -> None:
    told = re.findall(r"^mbclient (completions \w+) > ", INSTALLING, re.MULTILINE)
    assert [words.split()[1] for words in told] == ["bash", "zsh", "fish"]
    for words in told:
        name, *rest = words.split()
        parse(BY_NAME[name], rest, Given())
    for name in re.findall(r"docs/[\w/.]+", INSTALLING):
        assert (ROOT / name).exists(), name
