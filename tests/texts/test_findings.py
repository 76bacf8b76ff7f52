"""The policy's own wording, finding by finding, in both languages (policy facts 2 and 6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from mbclient.policy.model import CountState, Finding, Level, Machine, Mode, Policy, Role
from mbclient.texts import findings as words
from mbclient.texts import set_language
from mbclient.texts.findings import finding_text, fix_text, rule_name, rule_text, silence_text
from tests.texts.conftest import at, status_of

COUNT = Finding("P2-COUNT", Level.NUDGE, needs_confirm=True, params={"limit": 8, "k": 9})
SLOT = Finding("P2-SLOT", Level.NUDGE, params={"slots": (time(8, 40),), "slot": at("11:40")})
P4_BOTH = Finding("P4", Level.BLOCK, ("anon",), ("employer", "name"), ("work-time", "work-computer"))
P4_ONE = Finding("P4", Level.BLOCK, ("corp",), ("name",), ("unknown-computer",))
LINK = Finding("P4-LINK", Level.NUDGE, needs_confirm=True)
P5_REQUIRE = Finding("P5-ID", Level.REQUIRE_DISCLOSURE, params={"competitor": "Blåbet"})
P5_NUDGE = Finding("P5-ID", Level.NUDGE, params={"competitor": "Blåbet"})
RESPECT = Finding("P5-RESPECT", Level.NUDGE, params={"term": "suger", "competitor": "Blåbet"})
ERROR = Finding("CFG-ERROR", Level.BLOCK, params={"error": "policy.toml, line 3: bad time"})


@pytest.mark.parametrize(
    ("finding", "english", "swedish"),
    [
        (
            COUNT,
            "The guideline is at most 8 posts a day (rule 2). This would be number 9. You may still send it.",
            "Riktmärket är högst 8 inlägg om dagen (regel 2). Det här blir nummer 9. Du får skicka ändå.",
        ),
        (
            SLOT,
            (
                "Recommended times in working hours are 08:40, 11:40 and 15:00 (rule 2). The next is 11:40. "
                "You may send now."
            ),
            "Rekommenderade tider på arbetstid är 08.40, 11.40 och 15.00 (regel 2). Nästa är 11.40. Du får skicka nu.",
        ),
        (
            replace(SLOT, params={"slot": None}),
            "Recommended times in working hours are 08:40, 11:40 and 15:00 (rule 2). You may send now.",
            "Rekommenderade tider på arbetstid är 08.40, 11.40 och 15.00 (regel 2). Du får skicka nu.",
        ),
        (
            P4_BOTH,
            (
                "In working hours and on a work computer it must be clear where you work and who you are (rule 4). "
                "Missing: employer and name. Applies now: working hours and work computer."
            ),
            (
                "På arbetstid och på arbetsdator ska det framgå var du arbetar och vem du är (regel 4). "
                "Saknas: arbetsgivare och namn. Gäller nu: arbetstid och arbetsdator."
            ),
        ),
        (
            P4_ONE,
            (
                "In working hours and on a work computer it must be clear where you work and who you are (rule 4). "
                "Missing: name. Applies now: unknown computer."
            ),
            (
                "På arbetstid och på arbetsdator ska det framgå var du arbetar och vem du är (regel 4). "
                "Saknas: namn. Gäller nu: okänd dator."
            ),
        ),
        (
            LINK,
            "The same text from an anonymous and an identified account can reveal who you are.",
            "Samma text från ett anonymt och ett identifierat konto kan avslöja vem du är.",
        ),
        (
            P5_REQUIRE,
            "You mention Blåbet. Then it must be clear where you work (rule 5). Say so in the post or in the profile.",
            "Du nämner Blåbet. Då ska det framgå var du arbetar (regel 5). Skriv det i inlägget eller i profilen.",
        ),
        (
            P5_NUDGE,
            "You mention Blåbet. Your profile shows where you work; better say it in the post too (rule 5).",
            "Du nämner Blåbet. Profilen visar var du arbetar; säg det gärna i inlägget också (regel 5).",
        ),
        (
            RESPECT,
            '"suger" close to Blåbet: competitors are to be met with respect (rule 5). Rephrase?',
            '"suger" nära Blåbet: konkurrenter ska bemötas med respekt (regel 5). Formulera om?',
        ),
        (
            replace(
                RESPECT,
                params={
                    "term": "suger, usla",
                    "terms": ("suger", "usla"),
                    "competitor": "Blåbet, Svea Lott",
                    "competitors": ("Blåbet", "Svea Lott"),
                },
            ),
            '"suger", "usla" close to Blåbet and Svea Lott: competitors are to be met with respect (rule 5). Rephrase?',
            '"suger", "usla" nära Blåbet och Svea Lott: konkurrenter ska bemötas med respekt (regel 5). Formulera om?',
        ),
        (
            ERROR,
            (
                "The policy could not be evaluated: policy.toml, line 3: bad time. "
                "Nothing is sent until it is repaired; the draft is kept."
            ),
            (
                "Policyn kunde inte tillämpas: policy.toml, line 3: bad time. "
                "Inget skickas förrän den är lagad; utkastet finns kvar."
            ),
        ),
    ],
)
def test_each_finding_says_its_sentence(finding: Finding, english: str, swedish: str, policy: Policy) -> None:
    assert finding_text(finding, policy, at("10:28")) == english
    set_language("sv")
    assert finding_text(finding, policy, at("10:28")) == swedish


def test_a_next_time_on_another_day_names_the_day(policy: Policy) -> None:
    monday = replace(SLOT, params={"slot": at("08:40", "2026-11-30")})
    assert "The next is Mon 08:40." in finding_text(monday, policy, at("10:28"))
    assert "The next is Mon 08:40." in finding_text(monday, policy)


def test_texts_from_outside_stay_as_they_are(policy: Policy) -> None:
    """A competitor or word that looks like a placeholder is text."""
    odd = replace(RESPECT, params={"term": "{k}", "competitor": "{competitor} [b]"})
    assert finding_text(odd, policy).startswith('"{k}" close to {competitor} [b]: ')


def test_an_unknown_finding_is_an_error(policy: Policy) -> None:
    with pytest.raises(KeyError):
        finding_text(Finding("P9", Level.NUDGE), policy)


FIXES = [
    "schedule-next-workday",
    "save-draft",
    "schedule-next-slot",
    "insert-signature",
    "choose-identified-account",
    "confirm-profile",
    "schedule-after-work",
    "insert-employer",
    "not-a-competitor",
    "quote-instead",
    "drop-target",
]


@pytest.mark.parametrize("language", ["en", "sv"])
def test_every_fix_has_a_short_label_of_its_own(language: str) -> None:
    set_language(language)
    labels = [fix_text(fix) for fix in FIXES]
    assert len(set(labels)) == len(FIXES)
    assert max(map(len, labels)) <= 45


def test_levels_modes_states_and_computers() -> None:
    def all_words() -> list[str]:
        return [
            *map(words.level_word, Level),
            *map(words.mode_word, Mode),
            *map(words.count_word, CountState),
            *map(words.machine_word, Machine),
            *map(words.role_word, ("employee", "landschef", "Chefredaktör")),
        ]

    assert all_words() == [
        *("OK", "Reminder", "Disclosure needed", "Blocked"),
        *("IDENTIFIED", "ANONYMOUS ALLOWED", "BLOCKED"),
        *("OK", "NEAR", "OVER"),
        *("work computer", "private computer", "unknown computer"),
        *("employee", "country manager", "Chefredaktör"),
    ]
    set_language("sv")
    assert all_words() == [
        *("OK", "Påminnelse", "Kräver tydlighet", "Stoppad"),
        *("IDENTIFIERAD", "ANONYM TILLÅTEN", "STOPPAD"),
        *("OK", "NÄRA", "ÖVER"),
        *("arbetsdator", "privat dator", "okänd dator"),
        *("medarbetare", "landschef", "Chefredaktör"),
    ]


def test_rules_have_names_and_words(policy: Policy) -> None:
    set_language("sv")
    names = ["Landschefer är aktiva", "Arbetstid", "För alla", "Icke-anonymitet", "Konkurrenter"]
    assert [rule_name(n) for n in range(1, 6)] == names
    assert rule_text(3, policy) == "Alla anställda får skriva (regel 3)."
    assert "08.40, 11.40 och 15.00" in rule_text(2, policy)
    set_language("en")
    assert rule_text(2, policy) == (
        "Posting during working hours is fine. Good times are 08:40, 11:40 and 15:00. "
        "Preferably no more than 8 posts a day."
    )


def test_rule_2_leaves_out_what_the_company_left_out(policy: Policy) -> None:
    free = replace(policy, daily_soft_limit=None)
    assert rule_text(2, free) == "Posting during working hours is fine. Good times are 08:40, 11:40 and 15:00."
    assert rule_text(2, replace(free, slots=())) == "Posting during working hours is fine."
    assert rule_text(2, replace(policy, slots=())).endswith("fine. Preferably no more than 8 posts a day.")


def test_silence(policy: Policy) -> None:
    manager = replace(policy, role="landschef")
    silent = status_of(silence_workdays=5, silence_nudge=True)
    assert silence_text(silent, manager) == (
        "As country manager you are expected to be active (rule 1). Your last post is 5 working days old. "
        "Next time: 11:40."
    )
    set_language("sv")
    assert silence_text(silent, manager) == (
        "Som landschef ska du vara aktiv (regel 1). Ditt senaste inlägg är 5 arbetsdagar gammalt. Nästa tid: 11.40."
    )
    assert "1 arbetsdag gammalt" in (silence_text(replace(silent, silence_workdays=1), manager) or "")
    assert (silence_text(replace(silent, next_slot=None), manager) or "").endswith("Nästa tid: ingen.")


def test_no_silence_no_reminder(policy: Policy) -> None:
    assert silence_text(status_of(), policy) is None
    assert silence_text(status_of(silence_workdays=4), policy) is None


def test_a_role_of_the_companys_own_keeps_its_name(policy: Policy) -> None:
    silent = status_of(silence_workdays=9, silence_nudge=True)
    text = silence_text(silent, replace(policy, roles={"Talesperson": Role("active")}, role="Talesperson"))
    assert text is not None
    assert text.startswith("As Talesperson you are expected")
