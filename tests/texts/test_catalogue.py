"""The Swedish catalogue is whole: every text of the sources, the same placeholders, nothing left over."""

from __future__ import annotations

import re
from gettext import GNUTranslations
from io import BytesIO

from mbclient.texts.build_catalogues import compiled
from tests.texts.catalogue import SWEDISH, extracted, placeholders, swedish, unreadable_calls


def test_every_text_of_the_sources_is_in_swedish() -> None:
    translated = {message.id for message in swedish() if message.id and all(_strings(message.string))}
    missing = {message: places for message, places in extracted().items() if message not in translated}
    assert not missing, "\n".join(f"{places[0]}: {message!r}" for message, places in missing.items())


def test_the_catalogue_has_nothing_left_over() -> None:
    catalogue = swedish()
    used = extracted()
    assert not [message.id for message in catalogue if message.id and message.id not in used]
    assert not catalogue.obsolete
    assert not [message.id for message in catalogue if message.id and message.fuzzy]


def test_translations_have_the_placeholders_of_the_text() -> None:
    for message in swedish():
        if not message.id:
            continue
        # A singular may say "one" where the plural has the number: either form may leave a name out, none may add one.
        wanted = set().union(*(placeholders(text) for text in _strings(message.id)))
        for text in _strings(message.string):
            assert placeholders(text) <= wanted, message.id
        if isinstance(message.id, str):
            assert placeholders(str(message.string)) == wanted, message.id


def test_swedish_clocks_have_a_point() -> None:
    """Files have the colon, in any language: what is quoted, and instants of ISO 8601."""
    of_files = re.compile(r'"[^"]*"|\d{4}-\d\d-\d\dT\S+')
    told = [text for message in swedish() if message.id for text in _strings(message.string)]
    assert any(re.search(r"\d\d\.\d\d", text) for text in told)
    assert [text for text in told if re.search(r"\d\d:\d\d", of_files.sub("", text))] == []


def test_no_text_is_put_together_inside_the_call() -> None:
    assert not unreadable_calls()


def test_the_catalogue_compiles_to_what_gettext_reads() -> None:
    messages = GNUTranslations(BytesIO(compiled(SWEDISH)))
    assert messages.gettext("Blocked") == "Stoppad"
    assert [messages.ngettext("{n} of {total} account", "{n} of {total} accounts", n) for n in (1, 2)] == [
        "{n} av {total} konto",
        "{n} av {total} konton",
    ]


def _strings(message: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    """The forms of a message: one, or singular and plural."""
    return (message,) if isinstance(message, str) else tuple(message or ("",))
