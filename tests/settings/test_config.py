from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from mbclient.core.preferences import Bounds, Measuring, Preferences, View, WorkFilter
from mbclient.domain.account import Account
from mbclient.domain.errors import SettingsError
from mbclient.settings.config import Config, load_config, validate
from mbclient.settings.paths import Paths
from mbclient.settings.show import config_show
from tests.settings.conftest import put

FULL = """\
schema = 1
language = "sv"
theme = "mbclient-light"
default_accounts = ["work"]

[[accounts]]
name = "work"
service = "mastodon"
url = "https://mastodon.example"
handle = "anna"
pseudonymous = false
token_command = ["pass", "show", "mastodon"]

[[accounts]]
name = "home"
service = "bluesky"
pseudonymous = true

[work_filter]
terms = ["openssl", "#infosec", '"release notes"', "@grönkvist", "from:ciso@mastodon.example"]
exclude = ["giveaway"]
search_services = false
hide_boosts = true
hide_replies = true

[[views]]
name = "Security"
terms = ["cve", "patch tuesday"]
accounts = ["work"]

[archive]
keep_posts = 1000000
keep_days = 400

[compose]
undo_seconds = 0
post_language = "sv"

[statistics]
reading_time = false
budget_minutes = 45
summary = true

[report]
database = "postgres://anna:hemligt@db.example/mb"

[keys]
send = "ctrl+enter"

[policy.employer]
name = "Grönkvist"
aliases = ["Grönkvist AB"]
"""


def load(paths: Paths, text: str | bytes) -> Config:
    put(paths.config_file, text)
    return load_config(paths)


def test_no_file_is_the_defaults(paths: Paths) -> None:
    config = load_config(paths)
    assert (config.preferences, config.accounts, config.policy, config.notices) == (Preferences(), (), {}, ())
    assert not paths.config_dir.exists()


def test_everything_set(paths: Paths) -> None:
    config = load(paths, FULL)
    assert config.preferences == Preferences(
        language="sv",
        theme="mbclient-light",
        default_accounts=("work",),
        work_filter=WorkFilter(
            terms=("openssl", "#infosec", '"release notes"', "@grönkvist", "from:ciso@mastodon.example"),
            exclude=("giveaway",),
            search_services=False,
            hide_boosts=True,
            hide_replies=True,
        ),
        views=(View("Security", ("cve", "patch tuesday"), ("work",)),),
        archive=Bounds(1_000_000, 400),
        undo_seconds=0,
        post_language="sv",
        statistics=Measuring(reading_time=False, budget_minutes=45, summary=True),
        keys={"send": "ctrl+enter"},
    )
    assert config.accounts == (
        Account("work", "mastodon", "https://mastodon.example", "anna", token_command=("pass", "show", "mastodon")),
        Account("home", "bluesky", pseudonymous=True),
    )
    assert config.report_database == "postgres://anna:hemligt@db.example/mb"
    assert config.policy == {"employer": {"name": "Grönkvist", "aliases": ["Grönkvist AB"]}}
    assert config.notices == ()
    assert "hemligt" not in repr(config)


def test_a_bom_and_crlf_change_nothing(paths: Paths) -> None:
    plain = load(paths, FULL)
    assert load(paths, b"\xef\xbb\xbf" + FULL.replace("\n", "\r\n").encode()) == plain


MALFORMED = [
    ('langauge = "sv"', "line 1: unknown key 'langauge'; did you mean 'language'?"),
    ('theme = "x"\n[work_filter]\nterm = []', "line 3: unknown key 'term'; did you mean 'terms'?"),
    ("zzz = 1", "line 1: unknown key 'zzz'; known: schema, language"),
    ("schema = 2", "line 1: schema: this program knows schema 1 only"),
    ("schema = true", "line 1: schema: must be a number, not true or false"),
    ('language = "se"', "line 1: language: 'se' is not known"),
    ('language = "SV"', "line 1: language: 'SV' is not known"),
    ("language = 1", "line 1: language: must be a text, not a number"),
    ("theme = ''", "line 1: theme: must not be empty"),
    ('default_accounts = "work"', "line 1: default_accounts: must be a list, not a text"),
    ('default_accounts = [\n"work",\n"a b"]', "line 3: default_accounts: 'a b' is no account name"),
    ("work_filter = 1", "line 1: must be a table, not a number"),
    ("[[work_filter]]", "line 1: must be a table, not a list"),
    ("[work_filter]\nterms = [1]", "line 2: terms: must be a text, not a number"),
    ("[work_filter]\nterms = ['ok',\n'']", "line 3: terms: must not be empty"),
    ("[work_filter]\nterms = ['from:']", "line 2: terms:"),
    ("[archive]\nkeep_days = 1.5", "line 2: keep_days: must be a whole number, not a number"),
    ("[archive]\nkeep_posts = 10", "line 2: keep_posts: must be from 100 to 10000000"),
    ("[statistics]\nbudget_minutes = 1441", "line 2: budget_minutes: must be from 0 to 1440"),
    ("[work_filter]\nhide_boosts = 'no'", "line 2: hide_boosts: must be true or false, not a text"),
    ("[compose]\npost_language = 'svenska språket'", "line 2: post_language: must be a language's short name"),
    ("[compose]\nundo_seconds = -1", "line 2: undo_seconds: must be from 0 to 600"),
    ("[compose]\nundo_seconds = nan", "line 2: undo_seconds: must be from 0 to 600"),
    ("[compose]\nundo_seconds = true", "line 2: undo_seconds: must be a number, not true or false"),
    ("[keys]\nsend = 'f9'\ndown = 'j,ctrl+q'", 'line 3: "ctrl+q" always ends the program; choose another key'),
    ("[keys]\nsend = 5", "line 2: keys: must be a text, not a number"),
    ("keys = []", "line 1: keys: must be a table, not a list"),
    ("[views]\nname = 'x'", "line 1: must be [[views]], not a table"),
    ("[[views]]\nterms = ['x']", "line 1: a view needs a name"),
    ("[[views]]\nname = 'Work'", "line 2: there is a view 'Work' already"),
    ("[[snippets]]\nname = 'x'", "line 1: a snippet needs a name and a text"),
    ("[[snippets]]\nname = 'x'\ntext = ' '", "line 3: text: must not be empty"),
    (
        "[[snippets]]\nname = 'a'\ntext = 't'\n[[snippets]]\nname = 'A'\ntext = 't'",
        "line 5: there is a snippet 'A' already",
    ),
    ("[[views]]\nname = 'a'\n[[views]]\nname = 'A'", "line 4: there is a view 'A' already"),
    ("[[accounts]]\nname = 'a'", "line 1: an account needs a service"),
    ("[[accounts]]\nservice = 'local'", "line 1: an account needs a name"),
    ("[[accounts]]\nname = 'å'\nservice = 'local'", "line 2: name: 'å' is no account name"),
    (
        "[[accounts]]\nname = 'a'\nservice = 'mastadon'",
        "line 3: service: 'mastadon' is not known; did you mean 'mastodon'?",
    ),
    (
        "[[accounts]]\nname='a'\nservice='local'\n[[accounts]]\nname='A'\nservice='local'",
        "line 5: there are two accounts 'A'",
    ),
    ("[[accounts]]\nname='a'\nservice='x'\ntoken = 'abc'", "line 4: token: a secret never stands in a settings file"),
    ("[[accounts]]\nname='a'\nservice='x'\nremote_id = '1'", "line 4: unknown key 'remote_id'"),
    (
        "[[accounts]]\nname='a'\nservice='x'\ntoken_command = 'pass show'",
        "line 4: token_command: must be a list of arguments",
    ),
    ("[[accounts]]\nname='a'\nservice='x'\ntoken_command = ['']", "line 4: token_command: the first argument"),
    ("[[accounts]]\nname='a'\nservice='x'\nurl = 'mastodon.example'", "line 4: url: 'mastodon.example' is no address"),
    (
        "[[accounts]]\nname='a'\nservice='x'\nurl = 'http://mastodon.example'",
        "line 4: url: 'http://mastodon.example' is not encrypted",
    ),
    (
        "[[accounts]]\nname='a'\nservice='x'\nurl = 'https://me:pw@x.example'",
        "line 4: url: an address must not hold a name or password",
    ),
    ("[[accounts]]\nname='a'\nservice='x'\nurl = 'https://x:99999'", "line 4: url: 'https://x:99999' is no address"),
    ("[[accounts]]\nname='a'\nservice='x'\nurl = 'https://[::'", "line 4: url:"),
    ("[[accounts]]\nname='a'\nservice='x'\nhandle = \"a\\u001b[31m\"", "line 4: handle: must be one line"),
    ("accounts = 1", "line 1: must be [[accounts]], not a number"),
    ("accounts = [1]", "line 1: must be a table, not a number"),
    ("policy = 1", "line 1: policy: must be a table, not a number"),
    ("[policy]\ntimezone = 'Europe/Stokholm'", "line 2: timezone: must be a time zone"),
    ("[policy.posting]\nslots = ['08:40', '25:00']", "line 2: posting.slots[1]"),
    ("[policy.posting]\ndaily_soft_limt = 8", "line 2: posting.daily_soft_limt"),
    ("[policy.work]\nmon = ['08:00-12:00',\n'11:00-17:00']", "line 3: work.mon"),
    ("[[policy.competitors]]\nname = 'Blåbet'", "line 1: competitors[0]"),
    ("[policy.person]\nrole = 'chef'", "line 2: person.role"),
    ("a = 1\na = 2", "line 2: not valid TOML"),
    ("[work_filter", "line 1: not valid TOML"),
    (b"theme = '\xff'", "line 1: not UTF-8 text"),
    (b"\x00", "line 1: not valid TOML"),
    ("x = " + "[" * 5000, "nested too deeply"),
    ("#" * (1 << 20) + "\n", "larger than 1024 kB"),
]


@pytest.mark.parametrize(("text", "words"), MALFORMED)
def test_what_is_wrong_is_told_in_one_line_with_its_place(paths: Paths, text: str | bytes, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(paths, text)
    said = str(caught.value)
    assert words in said
    assert said.startswith(str(paths.config_file))
    assert "; " in said
    assert "\n" not in said
    assert said.isprintable()
    with pytest.raises(SettingsError):
        validate(paths.config_file)
    assert load_config(paths, lenient=True).preferences == Preferences()


def test_a_secret_in_an_error_is_not_repeated(paths: Paths) -> None:
    with pytest.raises(SettingsError) as caught:
        load(paths, "[[accounts]]\nname='a'\nservice='x'\npassword = 'hemligt'")
    assert "hemligt" not in str(caught.value)


def test_validating_a_missing_file(paths: Paths) -> None:
    with pytest.raises(SettingsError, match="no such file"):
        validate(paths.config_file)


def test_the_ui_goes_on_with_the_last_good_settings(paths: Paths) -> None:
    good = load(paths, FULL)
    put(paths.config_file, FULL.replace('language = "sv"', "language = sv"))
    with pytest.raises(SettingsError):
        load_config(paths)
    config = load_config(paths, lenient=True)
    assert config.preferences == good.preferences
    assert config.accounts == good.accounts
    assert "line 2" in config.notices[0]
    assert "last good" in config.notices[0]


def test_two_settings_files_with_one_data_folder_do_not_share_a_copy(paths: Paths, tmp_path: Path) -> None:
    load(paths, FULL)
    other = Paths(
        **{**{f: getattr(paths, f) for f in paths.__slots__}, "config_file": tmp_path / "other" / "config.toml"}
    )
    put(other.config_file, "broken =")
    assert load_config(other, lenient=True).preferences == Preferences()


def test_config_wins_over_choices_key_by_key(paths: Paths) -> None:
    put(
        paths.choices_file,
        'theme = "chosen"\nlanguage = "en"\n[keys]\nsend = "f2"\nboost = "f3"\n'
        '[work_filter]\nhide_boosts = true\n[policy.employer]\nname = "Chosen"\nhandles = ["chosen"]',
    )
    config = load(paths, 'theme = "fixed"\n[keys]\nsend = "f9"\n[policy.employer]\nname = "Fixed"')
    assert (config.preferences.theme, config.preferences.language) == ("fixed", "en")
    assert config.preferences.keys == {"send": "f9", "boost": "f3"}
    assert config.preferences.work_filter.hide_boosts
    assert config.policy == {"employer": {"name": "Fixed", "handles": ["chosen"]}}


@pytest.mark.parametrize("text", ["theme = ", "theme = 5", "accounts = []", b"\xff"])
def test_broken_choices_cost_a_notice_and_nothing_more(paths: Paths, text: str | bytes) -> None:
    put(paths.choices_file, 'theme = "chosen"')
    load(paths, "")
    put(paths.choices_file, text)
    config = load_config(paths)
    assert config.preferences.theme == "chosen"
    assert "choices.toml" in config.notices[0]


def test_names_that_are_no_account_cost_a_notice(paths: Paths) -> None:
    config = load(paths, FULL.replace('default_accounts = ["work"]', 'default_accounts = ["wrok"]'))
    assert "did you mean 'work'" in config.notices[0]
    assert config.preferences.default_accounts == ("wrok",)


def test_a_later_reader_can_name_the_line(paths: Paths) -> None:
    put(paths.choices_file, '[keys]\nboost = "nokey"')
    config = load(paths, FULL)
    error = config.error(("keys", "send"), "no such key", "see `mbclient keys`")
    assert str(error) == f"{paths.config_file}, line 48: no such key; see `mbclient keys`"
    assert config.error(("keys", "boost"), "no").file == str(paths.choices_file)
    assert config.error(("keys", "other"), "no").file == ""


def test_show_tells_value_source_and_lock_and_no_password(paths: Paths) -> None:
    put(paths.choices_file, "[work_filter]\nhide_boosts = true\n[policy.employer]\nname = 'G'")
    config = load(
        paths,
        'theme = "fixed"\n[report]\ndatabase = "postgres://anna:hemligt@db.example/mb"\n[policy.work]\nmon = []',
    )
    shown = {setting.key: setting for setting in config_show(config)}
    assert (shown["theme"].value, shown["theme"].source, shown["theme"].locked) == ("fixed", "config.toml", True)
    boosts = shown["work_filter.hide_boosts"]
    assert (boosts.value, boosts.source, boosts.locked) == (True, "choices.toml", False)
    assert (shown["compose.undo_seconds"].value, shown["compose.undo_seconds"].source) == (5, "default")
    assert shown["report.database"].value == "postgres://***@db.example/mb"
    employer, monday = shown["policy.employer.name"], shown["policy.work.mon"]
    assert (employer.value, employer.source, employer.locked) == ("G", "choices.toml", False)
    assert (monday.value, monday.source, monday.locked) == ([], "config.toml", True)
    assert {key for key in shown if not key.startswith("policy.")} == {
        *("language", "theme", "plain", "density", "pictures"),
        *("default_accounts", "views", "keys", "mutes", "snippets"),
        *("compose.undo_seconds", "compose.post_language"),
        *("alerts.desktop", "alerts.quiet_outside_work"),
        *("network.ca_file", "report.database"),
        *("hide.boosts", "hide.replies", "archive.keep_posts", "archive.keep_days"),
        *("statistics.reading_time", "statistics.budget_minutes", "statistics.summary"),
        *(f"work_filter.{key}" for key in ("terms", "exclude", "search_services", "hide_boosts", "hide_replies")),
    }


# ------------------------------------------------------------ mutations


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The file after an accident: cut, spliced, bits flipped, a value of another type, a line twice."""
    lines = data.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    kind = chance.randrange(7)
    if kind == 0:
        return data[: chance.randrange(len(data))]
    if kind == 1:
        where = chance.randrange(len(data))
        return data[:where] + chance.randbytes(chance.randrange(1, 9)) + data[where:]
    if kind == 2:
        broken = bytearray(data)
        for _ in range(chance.randrange(1, 5)):
            broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        return bytes(broken)
    if kind == 3:
        return b"".join([*lines[:at], lines[at], *lines[at:]])
    if kind == 4:
        return b"".join([*lines[:at], *lines[at + 1 :]])
    if kind == 5:
        values = [
            b"true",
            b"-1",
            b"1e400",
            b"nan",
            b"[]",
            b"{}",
            b'""',
            b"2026-01-01",
            b"[[[]]]",
            b'"\\u0000"',
            b"{a=1}",
        ]
        key = lines[at].split(b"=", 1)[0].rstrip()
        return b"".join([*lines[:at], key, b" = ", chance.choice(values), b"\n", *lines[at + 1 :]])
    return b"".join(chance.sample(lines, len(lines)))


def load_or_error(paths: Paths, **options: Any) -> Config | SettingsError:
    try:
        return load_config(paths, **options)
    except SettingsError as error:
        return error


@pytest.mark.parametrize("name", ["config.toml", "choices.toml", "accounts.toml"])
def test_two_hundred_accidents_and_no_crash(paths: Paths, name: str) -> None:
    whole = FULL.encode()
    if name != "config.toml":
        start, end = whole.index(b"[[accounts]]"), whole.index(b"[work_filter]")
        whole = b"schema = 1\n" + whole[start:end] if name == "accounts.toml" else whole[:start] + whole[end:]
    chance = random.Random(name)
    outcomes = []
    for _ in range(200):
        put(paths.config_dir / name, mutated(whole, chance))
        found = load_or_error(paths)
        outcomes.append(isinstance(found, Config))
        if isinstance(found, SettingsError):
            assert name == "config.toml"  # the others never stop a command
            assert str(found).isprintable()
            assert found.advice
        assert isinstance(load_config(paths, lenient=True), Config)
    assert any(outcomes)
    assert name != "config.toml" or not all(outcomes)
