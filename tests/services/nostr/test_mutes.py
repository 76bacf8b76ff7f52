"""The account's own list of mutes (NIP-51): what it covers, what it tells nobody of, and what is taken back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.domain.post import FilterAction
from mbclient.services.nostr.events import signed
from mbclient.services.nostr.mutes import Mutes
from mbclient.services.nostr.service import Nostr
from tests.services.nostr.relay_server import Double
from tests.services.nostr.support import ANNA, BO, EVE, now

Two = tuple[Double, Double]


@pytest.mark.parametrize(
    ("listed", "title"),
    [
        (["p", BO.pubkey], "accounts that you muted"),
        (["t", "Fotboll"], "#fotboll"),
        (["word", "Matchen"], "matchen"),
        (["e", "ab" * 32], "conversations that you muted"),
    ],
)
async def test_what_is_muted_is_covered_by_its_name(anna: Nostr, relays: Two, listed: list[str], title: str) -> None:
    """By the core, which counts it and can uncover it: nothing is dropped here."""
    await relays[0].write(ANNA, 10000, "", [listed], at=now() - 90)
    tags = [["t", "fotboll"], ["e", "ab" * 32, "", "root"]]
    await relays[0].write(BO, 1, "Såg du MATCHEN? #fotboll", tags, at=now() - 9)
    await relays[0].write(ANNA, 1, "något annat", at=now() - 5)
    other, post = (await anna.page()).posts
    assert other.filtered == ()
    assert [(each.title, each.action) for each in post.filtered] == [(title, FilterAction.HIDE)]
    assert frozenset(each.id for each in post.filtered) == anna.capabilities.filters


async def test_a_boost_is_covered_for_who_boosts_and_for_who_wrote_it(anna: Nostr, relays: Two) -> None:
    note = await relays[0].write(EVE, 1, "köp!", at=now() - 50)
    await relays[0].write(BO, 6, "", [["e", note.id, ""]], at=now() - 9)
    await relays[0].write(ANNA, 10000, "", [["p", EVE.pubkey]], at=now() - 90)
    (boost,) = (await anna.page()).posts
    assert [each.id for each in boost.filtered] == [f"p:{EVE.pubkey}"]


async def test_what_is_muted_notifies_nobody(anna: Nostr, relays: Two) -> None:
    await relays[0].write(ANNA, 10000, "", [["word", "köp"]], at=now() - 90)
    me = ["p", ANNA.pubkey]
    await relays[0].write(EVE, 1, "KÖP nu!", [me], at=now() - 9)
    told = await relays[0].write(EVE, 1, "hej", [me], at=now() - 5)
    assert [item.remote_id for item in (await anna.notifications()).notifications] == [told.id]


async def test_before_the_list_is_read_nobody_says_what_is_on_it(anna: Nostr, relays: Two) -> None:
    assert anna.capabilities.filters is None
    await anna.page()
    assert anna.capabilities.filters == frozenset()


TAGS = st.lists(st.lists(st.text(max_size=70), min_size=1, max_size=3), max_size=6)


@given(TAGS, TAGS, st.text(max_size=40))
def test_any_list_and_any_note_make_marks_of_the_list_alone(
    listed: list[list[str]], tags: list[list[str]], text: str
) -> None:
    mutes = Mutes.of("work", signed(ANNA, 1, 10000, [tuple(tag) for tag in listed], ""))
    note = signed(BO, 1, 1, [tuple(tag) for tag in tags], text)
    marks = list(mutes._marks(note, text))
    assert {mark.id for mark in marks} <= mutes.ids
    assert mutes.covers(note) == bool(marks)
