"""config, keys, themes, completions, doctor: what they say of good settings and of bad ones."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from mbclient.cli.table import COMMANDS
from mbclient.core.keytable import DEFAULT_KEYS
from tests.cli.conftest import CommandLine


def test_config_shows_values_and_where_they_come_from(mb: CommandLine) -> None:
    found = {one["key"]: one for one in mb("config", "show", json=True).objects}
    assert found["language"] == {
        "schema": 1, "key": "language", "value": "en", "source": "config.toml", "locked": True,
    }  # fmt: skip
    assert found["theme"]["source"] == "default"
    assert found["work_filter.terms"]["value"] == ["openssl", "#infosec"]
    assert 'language = "en"  # config.toml' in mb("config", "show").out


def test_every_path_is_in_the_isolated_folders(bare: CommandLine) -> None:
    found = bare("config", "path", json=True).object
    system = ("company_policy", "machine")
    for name, place in found.items():
        if name not in ("schema", *system):
            assert place.startswith(str(bare.folder)), name


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("lnguage = 'en'", "line 1"),
        ("\n\n[work_filter]\nterms = 5", "line 4"),
        ("language = 'fi'", "line 1"),
        ("schema = 2", "schema"),
        ("x = [", "line 1"),
        ("[keys]\nlkie = 'f'", "line 2"),
        ("[keys]\nlike = 'ctrl+nope'", "line 2"),
        ("theme = 'mbclient-drak'", "mbclient-dark"),
        ("[[accounts]]\nname = 'a'\nservice = 'mastodn'", "line 3"),
        ("[policy.posting]\ndaily_soft_limt = 3", "line 2"),
    ],
)
def test_bad_settings_are_one_line_with_file_and_line(bare: CommandLine, settings: str, said: str) -> None:
    bare.settings(settings)
    answer = bare("config", "validate")
    assert (answer.status, answer.out) == (2, "")
    assert str(bare.config) in answer.err
    assert said in answer.err
    assert answer.err.count("\n") == 1
    doctor = bare("doctor", json=True)
    assert doctor.status == 1
    (broken,) = [one for one in doctor.objects if one["state"] == "error"]
    assert broken["check"] == "config"


def test_a_named_file_is_validated_and_good_ones_are_in_order(mb: CommandLine) -> None:
    assert mb("config", "validate", json=True).object == {"schema": 1, "file": str(mb.config), "ok": True}
    other = mb.folder / "other.toml"
    other.write_text("theme = 5")
    assert mb("config", "validate", str(other)).status == 2


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ("[keys]\nlike = 'b'", 2),
        ("[keys]\nlkie = 'f'", 2),
        ("\ntheme = 'mbclient-drak'", 2),
        ("\n\ndefault_accounts = ['nobody']", 3),
        ("[[views]]\nname = 'S'\naccounts = ['nobody']", 3),
    ],
)
def test_a_named_file_is_judged_like_the_one_in_force(
    bare: CommandLine, settings: str, line: int, *, named: bool
) -> None:
    file = bare.folder / "tried.toml" if named else bare.config
    file.write_text(settings, "utf-8")
    answer = bare("config", "validate", *([str(file)] if named else []))
    assert answer.status == 2
    assert f"{file}, line {line}" in answer.err


@pytest.mark.parametrize("command", [("keys",), ("meter",), ("timeline",)])
def test_a_bad_key_is_told_with_its_line_by_every_command(bare: CommandLine, command: tuple[str, ...]) -> None:
    bare.settings("[keys]\ncompse = 'x'")
    answer = bare(*command)
    assert answer.status == 2
    assert (
        answer.err
        == f'mbclient: {bare.config}, line 2: there is no action "compse"; did you mean compose, close, open?\n'
    )


def test_an_account_that_has_logged_in_may_be_named(bare: CommandLine) -> None:
    bare("account", "add", "local", "--name", "anna")
    tried = bare.folder / "elsewhere" / "tried.toml"
    tried.parent.mkdir()
    tried.write_text("default_accounts = ['anna']")
    assert bare("config", "validate", str(tried)).status == 0


@pytest.mark.parametrize("named", [False, True])
def test_a_recommended_time_outside_work_time_is_only_said(bare: CommandLine, *, named: bool) -> None:
    bare.settings("[policy.posting]\nslots = ['06:00']")
    answer = bare("config", "validate", *([str(bare.config)] if named else []))
    assert answer.status == 0
    assert "outside all work hours" in answer.out + answer.err
    assert not [one for one in bare("doctor", json=True).objects if one["state"] == "error"]


def test_the_example_is_in_order(bare: CommandLine) -> None:
    from mbclient.settings.shipped import shipped

    assert bare("config", "validate", str(shipped("config.example.toml"))).status == 0


def test_keys_are_those_of_the_one_table(mb: CommandLine) -> None:
    mb.more_settings("")
    mb.settings(mb.config.read_text("utf-8") + '\n[keys]\ncompose = "ctrl+n"\n')
    found = {one["action"]: one for one in mb("keys", json=True).objects}
    assert set(found) == {action.id for action in DEFAULT_KEYS}
    assert found["compose"]["keys"] == ["ctrl+n"]
    assert found["like"]["keys"] == ["f"]
    assert "Ctrl+N" in mb("keys").out


def test_themes(mb: CommandLine) -> None:
    (mb.folder / "themes").mkdir(mode=0o700)
    (mb.folder / "themes" / "own.toml").write_text("dark = 5\n")
    found = {one["name"]: one for one in mb("themes", json=True).objects}
    assert found["mbclient-dark"]["chosen"]
    assert found["mbclient-dark"]["dark"] is True
    assert found["mbclient-light"]["dark"] is False
    assert found["own"]["own"]
    assert "line 1" in found["own"]["error"]


def test_doctor_says_what_works(mb: CommandLine) -> None:
    answer = mb("doctor", json=True)
    assert answer.status == 0, answer.out
    found = {one["check"]: one["state"] for one in answer.objects}
    assert set(found) == {"terminal", "config", "database", "policy", "machine", "keyring", "account", "clock"}
    assert found["account"] == found["config"] == found["database"] == found["policy"] == "ok"
    assert found["keyring"] == "warning"  # there is none here
    words = mb("doctor").out
    assert "OK account notebook" in words
    assert "! " in words


def test_doctor_names_an_account_that_does_not_work(mb: CommandLine) -> None:
    mb.settings(
        mb.config.read_text("utf-8")
        + '\n[[accounts]]\nname = "bort"\nservice = "mastodon"\nurl = "https://127.0.0.1:1"\n'
    )
    answer = mb("doctor", json=True)
    assert answer.status == 1
    (account,) = [one for one in answer.objects if one["check"] == "account"]
    assert (account["subject"], account["state"]) == ("bort", "error")
    assert account["message"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_know_every_command_and_option(mb: CommandLine, shell: str) -> None:
    script = mb("completions", shell).out
    for command in COMMANDS:
        for word in command.name.split():
            assert word in script
        for option in command.options:
            assert (option.flag if shell != "fish" else f"-l {option.flag[2:]}") in script
    assert mb("completions", shell, json=True).object["script"] + "\n" == script


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is what is tried here")
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (["mbclient", "ti"], ["timeline"]),
        (["mbclient", "account", "a"], ["add"]),
        (["mbclient", "--json", "outbox", "fl"], ["flush"]),
        (["mbclient", "post", "--re"], ["--reply-to", "--reason"]),
        (["mbclient", "machine", "declare", "p"], ["private"]),
    ],
)
def test_bash_completes(mb: CommandLine, typed: list[str], expected: list[str]) -> None:
    words = " ".join(f"'{word}'" for word in typed)
    script = f"{mb('completions', 'bash').out}\nCOMP_WORDS=({words}); COMP_CWORD={len(typed) - 1}; _mbclient\n"
    script += 'printf "%s\\n" "${COMPREPLY[@]}"'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=30, check=True)
    assert sorted(done.stdout.split()) == sorted(expected)


def test_a_fault_of_our_own_is_one_line_and_its_log_holds_no_value(
    mb: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*values: object, **named: object) -> None:
        raise ValueError("s3cret-canary")

    monkeypatch.setattr("mbclient.core.compose.Composer.check", fail)
    answer = mb("check", "hemlig text")
    assert (answer.status, answer.out) == (1, "")
    assert answer.err.startswith("mbclient: a fault in mbclient itself (ValueError, test_settings.py:")
    assert answer.err.count("\n") == 1
    log = (mb.folder / "data" / "mbclient.log").read_text("utf-8")
    assert "ValueError" in log
    assert "posting.py" in log
    assert "canary" not in log + answer.err
    assert "hemlig" not in log
    assert (mb.folder / "data" / "mbclient.log").stat().st_mode & 0o777 == 0o600
