"""Choosing the language, and what looking up a word costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mbclient.texts import N_, _, language, ngettext, set_language


def test_words_are_english_until_a_language_is_set() -> None:
    code = "from mbclient.texts import _, language; print(language(), _('Blocked'))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "en Blocked\n"


def test_english_never_loads_gettext() -> None:
    code = (
        "import sys, mbclient.texts.meter, mbclient.texts as t; t.set_language('en'); t._('Blocked');"
        "t.ngettext('{n} of {total} account', '{n} of {total} accounts', 2); print('gettext' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


def test_the_language_changes_at_run_time() -> None:
    marked = N_("Blocked")
    set_language("sv")
    assert (language(), _(marked), _("OVER")) == ("sv", "Stoppad", "ÖVER")
    set_language("en")
    assert (language(), _(marked), _("OVER")) == ("en", "Blocked", "OVER")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"LANG": "sv_SE.UTF-8"}, "sv"),
        ({"LANG": "sv"}, "sv"),
        ({"LANG": "sv.UTF-8"}, "sv"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "svc_XX"}, "en"),
        ({"LANG": "sv_SE.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "sv_FI@euro"}, "sv"),
        ({"LANG": "sv_SE.UTF-8", "LC_MESSAGES": "sv_SE.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "sv_SE.UTF-8", "LC_ALL": ""}, "sv"),
        ({}, "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "sv"}, "sv"),
        ({"LANG": "sv_SE.UTF-8", "LANGUAGE": "en_GB:sv"}, "en"),
        ({"LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de:sv_FI:en"}, "sv"),
        ({"LANG": "sv_SE.UTF-8", "LANGUAGE": "de"}, "en"),
        ({"LANG": "sv_SE.UTF-8", "LANGUAGE": ""}, "sv"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "svc:sv@euro"}, "sv"),
        ({"LC_ALL": "C", "LANG": "sv_SE.UTF-8", "LANGUAGE": "sv"}, "en"),
        ({"LC_MESSAGES": "C.UTF-8", "LANGUAGE": "sv"}, "en"),
        ({"LANG": "POSIX", "LANGUAGE": "sv"}, "en"),
        ({"LANGUAGE": "sv"}, "en"),
    ],
)
def test_auto_follows_the_environment(
    environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    set_language("auto")
    assert language() == expected


def test_another_language_is_refused() -> None:
    with pytest.raises(ValueError, match="auto, en or sv"):
        set_language("fi")


def test_plurals_in_both_languages() -> None:
    def planned(n: int) -> str:
        return ngettext("+{n} planned", "+{n} planned", n).format(n=n)

    assert [planned(n) for n in (1, 2)] == ["+1 planned", "+2 planned"]
    set_language("sv")
    assert [planned(n) for n in (0, 1, 2)] == ["+0 planerade", "+1 planerat", "+2 planerade"]
