from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mbclient.core.preferences import HiddenKinds, Mute
from mbclient.domain.errors import SettingsError
from mbclient.settings.choices import save_choice
from mbclient.settings.config import load_config
from mbclient.settings.paths import Paths
from mbclient.settings.show import config_show
from tests.settings.conftest import put
from tests.settings.modes import mode, umask


def test_choices_are_kept_beside_each_other(paths: Paths) -> None:
    save_choice(paths, "theme", "mbclient-light")
    save_choice(paths, "work_filter.terms", ("openssl", '"release notes"'))
    save_choice(paths, "compose.undo_seconds", 0)
    save_choice(paths, "keys.send", "f2")
    save_choice(paths, "views", [{"name": "Säkerhet", "terms": ("cve",)}])
    save_choice(paths, "policy.employer.name", "Grönkvist")
    config = load_config(paths)
    assert config.preferences.theme == "mbclient-light"
    assert config.preferences.work_filter.terms == ("openssl", '"release notes"')
    assert config.preferences.undo_seconds == 0
    assert config.preferences.keys == {"send": "f2"}
    assert config.preferences.views[0].name == "Säkerhet"
    assert config.policy == {"employer": {"name": "Grönkvist"}}
    assert set(config.origins.values()) == {"choices.toml"}
    assert not paths.config_file.exists()


def test_a_choice_taken_back_is_the_default_again(paths: Paths) -> None:
    save_choice(paths, "theme", "mbclient-light")
    save_choice(paths, "theme", None)
    save_choice(paths, "compose.undo_seconds", None)
    assert load_config(paths).preferences.theme == "mbclient-dark"


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("compose.undo_seconds", "soon", "must be a number"),
        ("compose.undo_seconds", float("nan"), "must be from"),
        ("theme", object(), "can't be written"),
        ("theme", "\ud800", "can't be written"),
        ("work_filter.terms", ["from:"], "terms"),
        ("policy.timezone", "Nowhere", "timezone"),
        ("policy.no_such_key", 1, "no_such_key"),
        ("no_such_key", 1, "no setting no_such_key"),
        ("work_filter", {}, "no setting work_filter"),
        ("work_filter.terms.x", 1, "no setting"),
        ("accounts", [], "no setting accounts"),
        ("", 1, "no setting"),
    ],
)
def test_what_will_not_do_is_refused_and_nothing_changes(paths: Paths, key: str, value: object, words: str) -> None:
    save_choice(paths, "theme", "mbclient-light")
    before = paths.choices_file.read_bytes()
    with pytest.raises(SettingsError, match=words):
        save_choice(paths, key, value)
    assert paths.choices_file.read_bytes() == before


def test_what_config_toml_fixes_cannot_be_chosen(paths: Paths) -> None:
    put(paths.config_file, 'theme = "mine"\n[policy.work]\nmon = []\n[keys]\nsend = "f8"\n')
    for key, line in (("theme", 1), ("policy.work.mon", 3), ("keys.send", 5)):
        with pytest.raises(SettingsError, match="fixes") as caught:
            save_choice(paths, key, "x")
        assert caught.value.line == line
    save_choice(paths, "keys.boost", "f9")
    save_choice(paths, "policy.work.tue", [])
    assert load_config(paths).preferences.keys == {"send": "f8", "boost": "f9"}
    assert paths.config_file.read_text().startswith('theme = "mine"')


def test_a_broken_file_is_moved_aside_and_its_last_good_content_kept(paths: Paths) -> None:
    save_choice(paths, "theme", "mbclient-light")
    put(paths.choices_file, "theme = ")
    save_choice(paths, "language", "sv")
    assert load_config(paths).preferences.theme == "mbclient-light"
    assert load_config(paths).preferences.language == "sv"
    assert [path.read_text() for path in paths.config_dir.glob("choices.toml.broken-*")] == ["theme = "]


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_the_file_is_private(paths: Paths, mask: int) -> None:
    with umask(mask):
        save_choice(paths, "theme", "mbclient-light")
    assert mode(paths.choices_file) == 0o600
    assert all(mode(path) == 0o600 for path in paths.last_good.iterdir())
    assert mode(paths.last_good) == mode(paths.data_dir) == 0o700


def test_mutes_stand_beside_those_of_config_toml(paths: Paths) -> None:
    put(
        paths.config_file,
        '[[mutes]]\nterm = "football"\n[[mutes]]\nterm = "from:bo"\nuntil = 2026-12-01T17:00:00+01:00\n',
    )
    end = datetime(2026, 12, 1, 16, tzinfo=UTC)
    save_choice(paths, "mutes", [{"thread": ("work:1", "https://one.example/1"), "note": "Bo", "until": end}])
    save_choice(paths, "hide.boosts", ("home",))
    preferences = load_config(paths).preferences
    assert preferences.mutes == (
        Mute("football", fixed=True),
        Mute("from:bo", until=end, fixed=True),
        Mute(thread=("work:1", "https://one.example/1"), note="Bo", until=end),
    )
    assert preferences.hide == HiddenKinds(boosts=("home",))
    shown = {setting.key: setting for setting in config_show(load_config(paths))}
    assert not shown["mutes"].locked
    assert shown["mutes"].value[1] == {
        "term": "from:bo",
        "thread": [],
        "until": "2026-12-01T16:00:00Z",
        "note": "",
        "fixed": True,
    }


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("", "needs a term or a thread"),
        ('term = "a"\nthread = ["b"]', "needs a term or a thread"),
        ('term = "from:"', "from:"),
        ('term = "a"\nuntil = 2026-12-01', "a date and time"),
        ('term = "a"\nuntil = 2026-12-01T10:00:00', "time zone"),
        ('thread = [""]', "address or the id"),
        ('word = "a"', "unknown key"),
    ],
)
def test_a_bad_mute_is_one_error(paths: Paths, written: str, words: str) -> None:
    put(paths.config_file, f"[[mutes]]\n{written}\n")
    with pytest.raises(SettingsError, match=words) as caught:
        load_config(paths)
    assert "\n" not in str(caught.value)


def test_a_view_that_is_gone_is_told(paths: Paths) -> None:
    put(paths.config_file, '[hide]\nreplies = ["Hom"]\n')
    (notice,) = load_config(paths).notices
    assert "hide.replies" in notice
    assert "'Hom'" in notice
