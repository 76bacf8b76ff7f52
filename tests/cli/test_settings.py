"""config, keys, themes, completions, doctor: what they say of good settings and of bad ones."""

from __future__ import annotations

import platform

import pytest

from mbclient import __version__
from mbclient.bootstrap import read_settings
from mbclient.core.keytable import DEFAULT_KEYS
from mbclient.settings.shipped import shipped
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
        ("[report]\ndatabase = 'mysql://x'", "line 2: database: that is no address of a PostgreSQL database"),
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


@pytest.mark.parametrize("named", [False, True])
def test_an_account_without_the_address_that_its_service_needs_is_told_with_its_line(
    bare: CommandLine, named: bool
) -> None:
    bare.settings(
        "schema = 1\n[[accounts]]\nname = 'paper'\nservice = 'local'\n[[accounts]]\nname = 'work'\nservice = 'mastodon'"
    )
    answer = bare("config", "validate", *([str(bare.config)] if named else []))
    assert (answer.status, answer.out) == (2, "")
    wanted = 'line 5: the account work needs the address of its server; write url = "https://…"'
    assert wanted in answer.err
    bare.settings("[[accounts]]\nname = 'sky'\nservice = 'bluesky'")  # it has one of its own
    assert bare("config", "validate").status == 0


def test_a_named_file_is_validated_and_good_ones_are_in_order(mb: CommandLine) -> None:
    assert mb("config", "validate", json=True).object == {"schema": 1, "file": str(mb.config), "ok": True}
    other = mb.folder / "other.toml"
    other.write_text("theme = 5")
    assert mb("config", "validate", str(other)).status == 2


def test_a_chosen_theme_with_an_error_is_told_with_its_line(bare: CommandLine) -> None:
    own = bare.config.parent / "themes" / "mine.toml"
    own.parent.mkdir()
    own.write_text("schema = 1\ndark = true\n[colors]\nprimary = 'reddish'\n")
    bare.settings("theme = 'mine'")
    answer = bare("config", "validate")
    assert (answer.status, answer.out) == (2, "")
    assert f"{own}, line 4: primary" in answer.err


def test_where_there_is_no_file_it_is_said(bare: CommandLine) -> None:
    bare.config.unlink(missing_ok=True)
    answer = bare("config", "validate")
    assert (answer.status, answer.err) == (0, "")
    assert answer.out.split() == f"there is no {bare.config}: the defaults hold".split()


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
    assert list(found) == [
        *("program", "terminal", "config", "log", "database", "policy", "machine", "keyring", "account", "clock")
    ]
    assert found["account"] == found["config"] == found["database"] == found["policy"] == "ok"
    assert found["keyring"] == "warning"  # there is none here
    words = mb("doctor").out
    assert "OK account notebook" in words
    assert "! " in words


def test_doctor_tells_a_help_desk_the_versions_and_where_the_log_is(
    mb: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TMUX", "STY", "SSH_CONNECTION", "SSH_TTY", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    found = {one["check"]: one["message"] for one in mb("doctor", json=True).objects}
    for part in (f"mbclient {__version__}", f"Python {platform.python_version()}", "Textual 8.", platform.system()):
        assert part in found["program"]
    assert found["program"].endswith(", en")
    assert found["log"] == "nothing in it yet"
    log = read_settings(config=str(mb.config), data_dir=str(mb.folder / "data")).paths.log_file
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("2026-11-24 INFO nothing\n", "utf-8")
    found = {one["check"]: one["message"] for one in mb("doctor", json=True).objects}
    assert found["log"] == f"{log}, 0.1 MB"


def test_doctor_tells_what_stands_between_it_and_the_terminal(mb: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMUX", "/tmp/tmux-1000/default,1,0")
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22")
    monkeypatch.setenv("TERM", "screen-256color")
    (terminal,) = [one for one in mb("doctor", json=True, terminal=True).objects if one["check"] == "terminal"]
    assert terminal["message"].startswith("screen-256color, ")
    assert terminal["message"].endswith(", tmux, SSH")


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


def test_of_a_group_of_faults_each_is_told(mb: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The group itself only says that there was one."""

    def fail(*values: object, **named: object) -> None:
        try:
            named["s3cret-canary"]
        except KeyError as missing:
            raise ExceptionGroup("canary", [ExceptionGroup("inner", [missing]), OSError("canary")]) from None

    monkeypatch.setattr("mbclient.core.compose.Composer.check", fail)
    answer = mb("check", "text")
    assert answer.err.startswith("mbclient: a fault in mbclient itself (KeyError, test_settings.py:")
    log = (mb.folder / "data" / "mbclient.log").read_text("utf-8")
    first, second = log.splitlines()
    assert " KeyError test_settings.py" in first
    assert " OSError test_settings.py" in second
    assert "posting.py" in first
    assert "canary" not in log + answer.err


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


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            "\n[hide]\nboosts = ['home', 'nowhere']",
            "line 3: there is no view 'nowhere'; views: work, home, mentions, mine",
        ),
        ("\n[hide]\nreplies = ['mentoins']", "line 3: there is no view 'mentoins'; did you mean 'mentions'?"),
        ("\ndefault_accounts = ['ghost']", "line 2: there is no account 'ghost'; add it with `mbclient account add`"),
    ],
)
def test_a_name_that_nothing_has_is_told_once_with_its_line(
    bare: CommandLine, settings: str, said: str, named: bool
) -> None:
    bare.settings(settings)
    for form in (False, True):
        answer = bare("config", "validate", *([str(bare.config)] if named else []), json=form)
        assert (answer.status, answer.out) == (2, "")
        assert answer.err == f"mbclient: {bare.config}, {said}\n"
    assert bare("timeline", "--offline").status == 0  # it may be added by the next command, or have been removed


def test_a_view_of_either_file_may_be_hidden_from(bare: CommandLine) -> None:
    bare.settings("[hide]\nboosts = ['SECURITY', 'Bugs']\n")
    (bare.config.parent / "choices.toml").write_text(
        "[[views]]\nname = 'Security'\n[[views]]\nname = 'Bugs'\n", "utf-8"
    )
    other = bare.folder / "tried" / "config.toml"
    other.parent.mkdir()
    other.write_text(bare.config.read_text("utf-8"), "utf-8")
    assert bare("config", "validate").status == 0
    assert bare("config", "validate", str(other)).status == 0


def test_the_shipped_example_is_in_order_without_a_word(bare: CommandLine) -> None:
    bare.settings(shipped("config.example.toml").read_text("utf-8"))
    answer = bare("config", "validate")
    assert (answer.status, answer.out, answer.err) == (0, f"{bare.config} is in order\n", "")
    bare.settings('[policy.overrides]\nP4 = "user-with-reason"\n')
    assert "overrides.P4 counts only in a company's policy file" in bare("config", "validate").out
