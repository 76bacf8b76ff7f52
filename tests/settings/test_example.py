"""config.example.toml against the code: every key, its default, one line of comment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mbclient.core.preferences import Preferences
from mbclient.policy.model import Policy
from mbclient.policy.parse import parse_policy
from mbclient.settings.accounts import OWN
from mbclient.settings.checks import Spec
from mbclient.settings.choices import commented, write_first_config
from mbclient.settings.config import CONFIG, MUTE, SNIPPET, VIEW, load_config, read_config
from mbclient.settings.paths import Paths
from mbclient.settings.shipped import shipped
from mbclient.settings.toml import parse
from tests.settings.conftest import put
from tests.settings.modes import mode

EXAMPLE = shipped("config.example.toml").read_text("utf-8")
KEY_LINE = re.compile(r"(?:# )?[\w-]+ = ")
HEADER_LINE = re.compile(r"(?:# )?\[{1,2}[\w.]+\]{1,2}")


def uncommented(text: str) -> str:
    """Every key and header that stands in a comment, as if the user had taken the # away."""
    return re.sub(r"^# ((?:[\w-]+ = |\[).*)", r"\1", text, flags=re.MULTILINE)


def leaves(table: Mapping[str, object], above: str = "") -> Iterator[str]:
    for key, value in table.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, f"{above}{key}.")
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            yield from leaves(value[0], f"{above}{key}.")
        else:
            yield f"{above}{key}"


def spec_leaves(spec: Spec, above: str = "") -> Iterator[str]:
    for key, rule in spec.items():
        if isinstance(rule, Mapping):
            yield from spec_leaves(rule, f"{above}{key}.")
        else:
            yield f"{above}{key}"


def test_the_example_is_the_defaults(paths: Paths) -> None:
    put(paths.config_file, EXAMPLE)
    config = load_config(paths)
    assert config.preferences == Preferences()
    assert (config.accounts, config.report_database, config.notices) == ((), "", ())
    policy, problems = parse_policy(config.policy, ZoneInfo)
    assert problems == []
    assert policy == Policy(zone=ZoneInfo("Europe/Stockholm"))


def test_with_every_key_uncommented_it_is_in_order() -> None:
    read_config(parse(uncommented(EXAMPLE).encode(), "config.example.toml"))


def test_it_shows_every_key() -> None:
    shown = set(leaves(parse(uncommented(EXAMPLE).encode()).values))
    ours = set(spec_leaves(CONFIG)) - {"accounts", "views", "snippets", "mutes", "keys", "policy"}
    ours |= {f"accounts.{key}" for key in OWN} | {f"views.{key}" for key in VIEW} | {"keys.compose"}
    ours |= {f"mutes.{key}" for key in MUTE} | {f"snippets.{key}" for key in SNIPPET}
    assert {key for key in shown if not key.startswith("policy.")} == ours


POLICY = {
    "": "timezone",
    "employer": "name aliases handles domains hashtags",
    "person": "name role role_since",
    "work": "mon tue wed thu fri sat sun holidays eves_off exceptions absences user_may_set_hours",
    "posting": "slots slot_tolerance_min slot_capacity daily_soft_limit"
    " crosspost_window_min max_late_min max_queue_min",
    "identity": "recheck_days",
    "machine": "ssh_session",
    "roles.landschef": "duty max_silence_workdays",
    "competitors": "name aliases handles domains hashtags",
    "competitor_rule": "disclosure respect respect_extra_terms respect_allow_terms",
    "overrides": "P4 P5-ID",
    "reading": "idle_timeout_s tail_s words_per_minute hourly_rate currency",
    "log": "retention_days",
}


def test_it_shows_every_key_of_the_policy() -> None:
    """The keys of policy facts 4.1; that each is known to the parser, the test above has shown."""
    shown = {key for key in leaves(parse(uncommented(EXAMPLE).encode()).values) if key.startswith("policy.")}
    listed = {f"policy.{section}.{key}".replace("..", ".") for section, keys in POLICY.items() for key in keys.split()}
    assert shown == listed


@pytest.mark.parametrize("line", [line for line in EXAMPLE.splitlines() if KEY_LINE.match(line)])
def test_every_key_has_one_line_of_comment(line: str) -> None:
    assert re.search(r"  # \S.{3,}$", line), line


def test_the_first_start_writes_it_with_every_key_commented_out(paths: Paths) -> None:
    assert write_first_config(paths)
    text = paths.config_file.read_text("utf-8")
    assert mode(paths.config_file) == 0o600
    assert load_config(paths).preferences == Preferences()
    assert list(read_config(parse(text.encode()))) in ([], ["keys", "policy"])
    assert uncommented(text) == uncommented(EXAMPLE)
    for line in text.splitlines():
        assert not line or line.startswith(("#", "["))


def test_one_key_uncommented_counts(paths: Paths) -> None:
    text = commented(EXAMPLE)
    for key, line in (("terms", "# terms = [] "), ("undo_seconds", "# undo_seconds = 5")):
        assert line in text, key
    put(paths.config_file, text.replace("# undo_seconds = 5", "undo_seconds = 9"))
    assert load_config(paths).preferences.undo_seconds == 9


@pytest.mark.parametrize("kind", ["file", "link"])
def test_it_is_never_written_over_anything(paths: Paths, tmp_path: Path, kind: str) -> None:
    paths.config_dir.mkdir(parents=True)
    if kind == "file":
        paths.config_file.write_text('theme = "mine"\n')
    else:
        paths.config_file.symlink_to(tmp_path / "nowhere")
    assert not write_first_config(paths)
    assert not (tmp_path / "nowhere").exists()
    if kind == "file":
        assert paths.config_file.read_text() == 'theme = "mine"\n'
