"""The meter's exact words (the table of policy facts 11, row by row), and that it fits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.domain.errors import UsageError
from mbclient.policy.model import CountState, Machine, Mode, Organisation, Policy, Status
from mbclient.texts import set_language
from mbclient.texts.meter import MeterText, cells, format_meter, meter_text
from tests.texts.conftest import STOCKHOLM, at, status_of

POLICY = Policy(zone=STOCKHOLM, employer=Organisation(name="Grönkvist"))
NEXT_DAY = at("08:40", "2026-11-25")

COUNT_ROWS: list[tuple[dict[str, Any], str, str]] = [
    ({}, "Posts today: 3 of 8 (OK)", "Inlägg i dag: 3 av 8 (OK)"),
    ({"planned": 2}, "Posts today: 3 of 8 (OK) +2 planned", "Inlägg i dag: 3 av 8 (OK) +2 planerade"),
    ({"planned": 1}, "Posts today: 3 of 8 (OK) +1 planned", "Inlägg i dag: 3 av 8 (OK) +1 planerat"),
    ({"count": 7, "count_state": CountState.NEAR}, "Posts today: 7 of 8 (NEAR)", "Inlägg i dag: 7 av 8 (NÄRA)"),
    ({"count": 8, "count_state": CountState.NEAR}, "Posts today: 8 of 8 (NEAR)", "Inlägg i dag: 8 av 8 (NÄRA)"),
    ({"count": 9, "count_state": CountState.OVER}, "Posts today: 9 of 8 (OVER)", "Inlägg i dag: 9 av 8 (ÖVER)"),
    ({"limit": None}, "Posts today: 3", "Inlägg i dag: 3"),
    ({"workday": False}, "Posts today: 3 (day off)", "Inlägg i dag: 3 (ledig dag)"),
    ({"workday": False, "limit": None}, "Posts today: 3 (day off)", "Inlägg i dag: 3 (ledig dag)"),
]
SLOT_ROWS: list[tuple[dict[str, Any], str, str]] = [
    ({}, "Next time: 11:40 (in 1 h 12 min)", "Nästa tid: 11.40 (om 1 h 12 min)"),
    ({"now": at("11:39:30")}, "Next time: 11:40 (in 1 min)", "Nästa tid: 11.40 (om 1 min)"),
    (
        {"current_slot": at("11:40"), "current_until": at("11:50"), "next_slot": at("15:00")},
        "Now: the 11:40 time (until 11:50)",
        "Nu: 11.40-tiden (till 11.50)",
    ),
    ({"next_slot": NEXT_DAY}, "Next time: tomorrow 08:40", "Nästa tid: i morgon 08.40"),
    ({"next_slot": at("08:40", "2026-11-30")}, "Next time: Mon 08:40", "Nästa tid: mån 08.40"),
    ({"next_slot": at("08:40", "2027-01-07")}, "Next time: 7 Jan 08:40", "Nästa tid: 7 jan 08.40"),
    ({"next_slot": None}, "Next time: none", "Nästa tid: ingen"),
]
BLOCKED = {"masto": Mode.BLOCKED}
MODE_ROWS: list[tuple[dict[str, Any], str, str]] = [
    ({}, "Identity: IDENTIFIED", "Identitet: IDENTIFIERAD"),
    (
        {"modes": {"masto": Mode.ANONYMOUS_ALLOWED}, "machine": Machine.PRIVATE, "why": ()},
        "Identity: ANONYMOUS ALLOWED",
        "Identitet: ANONYM TILLÅTEN",
    ),
    ({"modes": BLOCKED, "why": ("work-time",)}, "Identity: BLOCKED (working hours)", "Identitet: STOPPAD (arbetstid)"),
    (
        {"modes": BLOCKED, "why": ("work-computer",)},
        "Identity: BLOCKED (work computer)",
        "Identitet: STOPPAD (arbetsdator)",
    ),
    (
        {"modes": BLOCKED, "why": ("unknown-computer",), "machine": Machine.UNDECLARED},
        "Identity: BLOCKED (unknown computer)",
        "Identitet: STOPPAD (okänd dator)",
    ),
]


@pytest.mark.parametrize(("changes", "english", "swedish"), COUNT_ROWS)
def test_count(changes: dict[str, Any], english: str, swedish: str) -> None:
    assert _meter(status_of(**changes)).count.words == english
    set_language("sv")
    assert _meter(status_of(**changes)).count.words == swedish


@pytest.mark.parametrize(("changes", "english", "swedish"), SLOT_ROWS)
def test_slot(changes: dict[str, Any], english: str, swedish: str) -> None:
    assert _meter(status_of(**changes)).slot.words == english
    set_language("sv")
    assert _meter(status_of(**changes)).slot.words == swedish


@pytest.mark.parametrize(("changes", "english", "swedish"), MODE_ROWS)
def test_mode(changes: dict[str, Any], english: str, swedish: str) -> None:
    assert _meter(status_of(**changes)).mode.words == english
    set_language("sv")
    assert _meter(status_of(**changes)).mode.words == swedish


def test_several_targets_show_the_strictest_mode_and_how_many_have_it() -> None:
    modes = {"a": Mode.IDENTIFIED, "b": Mode.BLOCKED, "c": Mode.IDENTIFIED}
    status = status_of(modes=modes, why=("work-time",))
    assert meter_text(status, POLICY, ("a", "b")).mode.words == "Identity: BLOCKED (working hours) – 1 of 2 accounts"
    assert meter_text(status, POLICY, ("a", "c")).mode.words == "Identity: IDENTIFIED – 2 of 2 accounts"
    set_language("sv")
    assert meter_text(status, POLICY, ("a", "b")).mode.words == "Identitet: STOPPAD (arbetstid) – 1 av 2 konton"
    anonymous = replace(status, modes={"a": Mode.IDENTIFIED, "b": Mode.ANONYMOUS_ALLOWED})
    assert meter_text(anonymous, POLICY, ("a", "b")).mode.words == "Identitet: ANONYM TILLÅTEN – 1 av 2 konton"


def test_no_account_and_the_notebook() -> None:
    assert meter_text(status_of(modes={}), POLICY, ()).mode.words == "Identity: no account"
    assert meter_text(status_of(), POLICY, ("local",)).mode.words == "Identity: notebook"


def test_the_whole_line() -> None:
    meter = _meter(status_of())
    assert meter.text == "Posts today: 3 of 8 (OK) · Next time: 11:40 (in 1 h 12 min) · Identity: IDENTIFIED"
    assert meter.line == "✓ Posts today: 3 of 8 (OK) · Next time: 11:40 (in 1 h 12 min) · ● Identity: IDENTIFIED"
    set_language("sv")
    assert _meter(status_of()).text == (
        "Inlägg i dag: 3 av 8 (OK) · Nästa tid: 11.40 (om 1 h 12 min) · Identitet: IDENTIFIERAD"
    )


@pytest.mark.parametrize(
    ("changes", "language", "short", "shortest"),
    [
        ({}, "en", "3/8 OK · 11:40 · IDENTIFIED", "✓ 3/8 11:40 ● IDENT"),
        ({}, "sv", "3/8 OK · 11.40 · IDENTIFIERAD", "✓ 3/8 11.40 ● IDENT"),
        ({"modes": BLOCKED}, "en", "3/8 OK · 11:40 · BLOCKED", "✓ 3/8 11:40 ■ BLOCK"),
        ({"modes": BLOCKED}, "sv", "3/8 OK · 11.40 · STOPPAD", "✓ 3/8 11.40 ■ STOPP"),
        (
            {"modes": {"masto": Mode.ANONYMOUS_ALLOWED}},
            "sv",
            "3/8 OK · 11.40 · ANONYM TILLÅTEN",
            "✓ 3/8 11.40 ○ ANON",
        ),
        (
            {"planned": 2, "count_state": CountState.OVER, "count": 9},
            "sv",
            "9/8 ÖVER +2 · 11.40 · IDENTIFIERAD",
            "‼ 9/8 11.40 ● IDENT",
        ),
        ({"limit": None, "next_slot": None}, "en", "3 · no time · IDENTIFIED", "✓ 3 – ● IDENT"),
        (
            {"workday": False, "next_slot": NEXT_DAY},
            "sv",
            "3 (ledig dag) · i morgon 08.40 · IDENTIFIERAD",
            "✓ 3 ons 08.40 ● IDENT",
        ),
        ({"current_slot": at("11:40")}, "sv", "3/8 OK · nu 11.40 · IDENTIFIERAD", "✓ 3/8 11.40 ● IDENT"),
    ],
)
def test_the_short_forms(changes: dict[str, Any], language: str, short: str, shortest: str) -> None:
    set_language(language)
    status = status_of(**changes)
    assert meter_text(status, POLICY, ("masto",), cells(short) + 4).text == short
    assert meter_text(status, POLICY, ("masto",), cells(shortest)).text == shortest


def test_symbols_repeat_what_the_words_say() -> None:
    meter = _meter(status_of(count_state=CountState.NEAR, count=7, modes=BLOCKED))
    assert [(part.symbol, part.state) for part in meter.shown] == [("!", "near"), ("", "note"), ("■", "blocked")]


def test_ascii_has_no_other_symbols() -> None:
    status = status_of(count_state=CountState.OVER, count=9, modes={"a": Mode.BLOCKED, "b": Mode.ANONYMOUS_ALLOWED})
    for width, line in (
        (
            None,
            (
                "!! Posts today: 9 of 8 (OVER) | Next time: 11:40 (in 1 h 12 min) | "
                "X Identity: BLOCKED (working hours) - 1 of 2 accounts"
            ),
        ),
        (60, "!! 9/8 OVER | 11:40 | X BLOCKED 1/2"),
        (30, "!! 9/8 11:40 X BLOCK 1/2"),
    ):
        assert meter_text(status, POLICY, ("a", "b"), width, ascii=True).line == line


def test_notes_follow_where_they_fit_and_are_always_there() -> None:
    status = status_of(skew=timedelta(minutes=4), machine=Machine.UNDECLARED)
    policy = replace(POLICY, employer=Organisation())
    notes = ["Clock is 4 min off", "(local time 04:28)", "Employer not set", "unknown computer"]
    new_york = ZoneInfo("America/New_York")
    full = meter_text(status, policy, ("masto",), None, local_zone=new_york)
    assert [note.words for note in full.notes] == notes
    assert full.text.endswith(" · ".join(["Identity: IDENTIFIED", *notes]))
    room_for_one = meter_text(status, policy, ("masto",), cells(full.line) - 1, local_zone=new_york)
    assert room_for_one.text.endswith("Employer not set")
    assert room_for_one.notes == full.notes
    set_language("sv")
    swedish = meter_text(status, policy, ("masto",), None, local_zone=new_york)
    assert [note.words for note in swedish.notes] == [
        "Klockan går 4 min fel",
        "(lokal tid 04.28)",
        "Arbetsgivare saknas",
        "okänd dator",
    ]


def test_a_zone_with_the_same_time_is_not_mentioned() -> None:
    assert meter_text(status_of(), POLICY, ("masto",), local_zone=ZoneInfo("Europe/Oslo")).notes == ()


def test_what_the_mode_says_is_not_said_again() -> None:
    status = status_of(modes=BLOCKED, why=("unknown-computer",), machine=Machine.UNDECLARED)
    assert _meter(status).text.count("unknown computer") == 1
    assert [note.words for note in meter_text(status, POLICY, ("masto",), 60).notes] == ["unknown computer"]


def test_a_wrong_clock_is_told_in_whole_minutes_rounded_up() -> None:
    for skew in (timedelta(seconds=181), timedelta(seconds=-181)):
        assert _meter(status_of(skew=skew)).notes[0].words == "Clock is 4 min off"


STATUSES = st.builds(
    status_of,
    count=st.integers(0, 120),
    planned=st.integers(0, 30),
    limit=st.none() | st.integers(0, 99),
    count_state=st.sampled_from(CountState),
    current_slot=st.none() | st.just(at("11:40")),
    next_slot=st.none() | st.integers(2, 366 * 24 * 60).map(lambda minutes: at("10:28") + timedelta(minutes=minutes)),
    workday=st.booleans(),
    machine=st.sampled_from(Machine),
    modes=st.fixed_dictionaries({"a": st.sampled_from(Mode), "b": st.sampled_from(Mode)}),
    why=st.sampled_from([(), ("work-time",), ("work-time", "unknown-computer"), ("work-computer",)]),
    skew=st.timedeltas(timedelta(minutes=-90), timedelta(minutes=90)),
)
TARGETS = st.sampled_from([(), ("a",), ("a", "b"), ("local",)])
MODE_WORDS = ("IDENTIFIED", "ANONYMOUS ALLOWED", "BLOCKED", "IDENTIFIERAD", "ANONYM TILLÅTEN", "STOPPAD")
SHORT_WORDS = ("IDENT", "ANON", "BLOCK", "STOPP")


@given(
    STATUSES,
    TARGETS,
    st.integers(0, 200),
    st.booleans(),
    st.sampled_from(["en", "sv"]),
    st.sampled_from([None, ZoneInfo("Asia/Tokyo")]),
)
def test_the_line_fits_and_no_state_word_is_cut(
    status: Status, targets: tuple[str, ...], width: int, ascii_only: bool, language: str, zone: ZoneInfo | None
) -> None:
    set_language(language)

    def at_width(cells_there: int | None) -> str:
        return meter_text(status, POLICY, targets, cells_there, ascii_only, zone).line

    meter = meter_text(status, POLICY, targets, width, ascii_only, zone)
    assert cells(meter.text) <= cells(meter.line)
    assert cells(meter.line) <= width or (meter.form == "shortest" and meter.line == at_width(0))
    if any(name in status.modes for name in targets):
        words = SHORT_WORDS if meter.form == "shortest" else MODE_WORDS
        assert any(f"{word} " in f"{meter.mode.words} " for word in words)
    if meter.form != "full":
        assert cells(at_width(None)) > width
    assert cells(at_width(width)) <= cells(at_width(width + 1))  # more room never shows less


def test_wide_and_combining_characters_are_measured() -> None:
    assert [cells(text) for text in ("abc", "日本", "e\u0301", "✓‼●○■·–")] == [3, 4, 1, 7]


@pytest.mark.parametrize(
    ("template", "english", "swedish"),
    [
        ("{count}/{limit} {state} {next}", "3/8 OK 11:40", "3/8 OK 11.40"),
        ("{symbol} {mode}", "✓● IDENTIFIED", "✓● IDENTIFIERAD"),
        ("+{planned} [{current}]", "+2 []", "+2 []"),
        ("{{{count}}}", "{3}", "{3}"),
        ("", "", ""),
    ],
)
def test_format(template: str, english: str, swedish: str) -> None:
    status = status_of(planned=2)
    assert format_meter(template, status, POLICY, ("masto",)) == english
    set_language("sv")
    assert format_meter(template, status, POLICY, ("masto",)) == swedish


def test_format_without_limit_or_next_time() -> None:
    status = status_of(limit=None, next_slot=None, current_slot=at("11:40"))
    assert format_meter("{limit} {next} {current}", status, POLICY, ("masto",)) == "- none 11:40"


def test_format_in_ascii() -> None:
    assert format_meter("{symbol}", status_of(modes=BLOCKED), POLICY, ("masto",), ascii=True) == "+X"


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{counts}", "{counts}"),
        ("{}", "{}"),
        ("{count:>5}", "{count:>5}"),
        ("{count!r}", "{count!r}"),
        ("{count.real}", "{count.real}"),
        ("{count[0]}", "{count[0]}"),
        ("{count", "brace"),
        ("count}", "brace"),
    ],
)
def test_format_refuses_what_it_does_not_know_in_one_line(template: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        format_meter(template, status_of(), POLICY, ("masto",))
    assert told in str(caught.value)
    assert "{symbol}" in caught.value.advice
    assert "\n" not in str(caught.value)


def _meter(status: Status, width: int | None = None) -> MeterText:
    return meter_text(status, POLICY, ("masto",), width)
