"""Names, ids and signatures: what NIP-01 and NIP-19 lay down."""

from __future__ import annotations

import contextlib
import json
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.domain.account import Account
from mbclient.domain.errors import UsageError
from mbclient.domain.secret import Secret
from mbclient.services.nostr import keys, nip19
from mbclient.services.nostr.events import MalformedError, is_genuine, matches, newest, read_event, signed
from mbclient.services.nostr.posts import Decoder, Place, place_of
from mbclient.services.nostr.writing import content_of
from tests.services.nostr.support import ANNA, BO

# The examples of NIP-19.
NPUB = "npub10elfcs4fr0l0r8af98jlmgdh9c8tcxjvz9qkw038js35mp4dma8qzvjptg"
PUBKEY = "7e7e9c42a91bfef19fa929e5fda1b72e0ebc1a4c1141673e2794234d86addf4e"
NSEC = "nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5"
PRIVATE = "67dea2ed018072d675f5415ecfaed7d2597555e202d85b3d65ea4e58d2d92ffa"
NPROFILE = (
    "nprofile1qqsrhuxx8l9ex335q7he0f09aej04zpazpl0ne2cgukyawd24mayt8gpp4mhxue69uhhytnc9e3k7mgpz4mhxue69uhkg6nzv9ejuumpv34"
    "kytnrdaksjlyr9p"
)
words = st.text(st.characters(codec="utf-8"), max_size=60)


def test_the_examples_of_the_document() -> None:
    assert nip19.npub(PUBKEY) == NPUB
    assert nip19.read(NPUB).id == PUBKEY
    key = keys.read_key(Secret(NSEC))
    assert key is not None
    assert (key.pubkey, key.nsec().reveal()) == (PUBKEY, NSEC)
    same = keys.read_key(Secret(PRIVATE.upper()))
    assert same is not None
    assert same.pubkey == PUBKEY
    pointer = nip19.read(NPROFILE)
    assert pointer.id == "3bf0c63fcb93463407af97a5e5ee64fa883d107ef9e558472c4eb9aaaefa459d"
    assert pointer.relays == ("wss://r.x.com", "wss://djbas.sadkb.com")


@given(st.binary(max_size=90), st.sampled_from(["npub", "nsec", "note", "nevent"]))
def test_bech32_there_and_back(data: bytes, prefix: str) -> None:
    assert nip19.decode(nip19.encode(prefix, data)) == (prefix, data)
    assert nip19.decode(nip19.encode(prefix, data).upper()) == (prefix, data)


@given(st.binary(min_size=32, max_size=32), st.integers(0, 57), st.sampled_from("qpzry9x8gf2tvdw0s3jn54khce6mua7l"))
def test_one_wrong_letter_is_found(data: bytes, place: int, letter: str) -> None:
    name = nip19.encode("npub", data)
    wrong = name[: 5 + place] + letter + name[6 + place :]
    if wrong != name:
        with pytest.raises(ValueError):
            nip19.decode(wrong)


@given(st.text(max_size=200))
def test_whatever_is_read_as_a_name_is_one_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert re.fullmatch("[0-9a-f]{64}", nip19.read(text).id)


def test_fields_of_an_unknown_kind_are_passed_over() -> None:
    data = bytes([77, 3]) + b"abc" + bytes([0, 32]) + bytes(32)
    assert nip19.read(nip19.encode("nevent", data)).id == "0" * 64
    with pytest.raises(ValueError):
        nip19.read(nip19.encode("nevent", bytes([0, 32]) + bytes(5)))


@pytest.mark.parametrize(
    "typed", ["", "x", NSEC[:-1], NPUB[:-1] + "q", "0" * 64, "f" * 64, nip19.encode("note", bytes(32))]
)
def test_what_is_no_key_is_refused_without_being_quoted(typed: str) -> None:
    with pytest.raises(UsageError) as caught:
        keys.read_key(Secret(typed)) or keys.read_pubkey(Secret(typed))
    assert not typed or len(typed) < 2 or typed not in str(caught.value)


def test_a_locked_key_is_named() -> None:
    with pytest.raises(UsageError, match="ncryptsec"):
        keys.read_key(Secret("ncryptsec1qqqq"))


def test_a_key_never_shows_itself() -> None:
    key = keys.read_key(Secret(NSEC))
    assert "nsec" not in repr(key)
    assert NPUB in repr(key)
    assert PRIVATE not in repr(key)


def test_without_the_extra_one_line_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "coincurve", None)
    with pytest.raises(UsageError) as caught:
        keys.require()
    assert "pip install coincurve" in str(caught.value)
    assert "\n" not in str(caught.value)


@given(words, st.lists(st.lists(words, min_size=1, max_size=4), max_size=4), st.integers(0, 2**33))
def test_a_signed_event_is_read_back_and_genuine(content: str, tags: list[list[str]], at: int) -> None:
    event = signed(ANNA, at, 1, tags, content)
    again = read_event(json.loads(json.dumps(event.raw())))
    assert again == event
    assert is_genuine(again)


def test_control_characters_are_hashed_as_every_relay_does() -> None:
    """The id of this content as two other implementations give it (U+0001 escaped, U+2028 and U+007F not)."""
    event = signed(ANNA, 1700000000, 1, [], 'å 👩‍👧 \u2028 \x7f "\\ \n\t\x01')
    whole = f'[0,"{ANNA.pubkey}",1700000000,1,[],"å 👩‍👧 \u2028 \x7f \\"\\\\ \\n\\t\\u0001"]'
    import hashlib

    assert event.id == hashlib.sha256(whole.encode()).hexdigest()


@given(st.data())
def test_a_changed_event_is_none(data: st.DataObject) -> None:
    event = signed(ANNA, 1700000000, 1, [["t", "x"]], "hej")
    raw = event.raw()
    name = data.draw(st.sampled_from(sorted(raw)))
    junk = st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=5), st.lists(st.integers(), max_size=2))
    raw[name] = data.draw(junk)
    try:
        changed = read_event(raw)
    except MalformedError:
        return
    assert changed == event or not is_genuine(changed)


def test_a_signature_of_somebody_else_does_not_hold() -> None:
    mine, theirs = signed(ANNA, 1, 1, [], "hej").raw(), signed(BO, 1, 1, [], "hej").raw()
    assert not is_genuine(read_event(mine | {"sig": theirs["sig"]}))
    assert not is_genuine(read_event(mine | {"sig": "0" * 128}))


def test_of_two_in_one_second_the_lowest_id_counts() -> None:
    events = [signed(ANNA, 5, 0, [], str(number)) for number in range(4)] + [signed(ANNA, 4, 0, [], "old")]
    assert newest(events) == min(events[:4], key=lambda event: event.id)
    assert newest([]) is None


def test_filters_are_and_inside_and_or_between() -> None:
    event = signed(ANNA, 100, 1, [["t", "work"]], "hej")
    assert matches([{"kinds": [7]}, {"kinds": [1], "#t": ["work"], "since": 100, "until": 100}], event)
    assert not matches([{"kinds": [1], "#t": ["other"]}], event)
    assert not matches([{"authors": [BO.pubkey]}], event)
    assert not matches([{"since": 101}], event)


A, B, C = "a" * 64, "b" * 64, "c" * 64


@pytest.mark.parametrize(
    ("tags", "place"),
    [
        ([], Place()),
        ([["e", A, "", "root"]], Place(A, A)),
        ([["e", A, "", "root"], ["e", B, "", "reply"]], Place(A, B)),
        ([["e", A, "", "reply"]], Place(A, A)),
        ([["e", C, "", "mention"]], Place()),
        ([["e", A]], Place(A, A)),
        ([["e", A], ["e", C], ["e", B]], Place(A, B)),
        ([["e", "nonsense"], ["e"]], Place()),
    ],
)
def test_where_a_note_stands(tags: list[list[str]], place: Place) -> None:
    assert place_of(signed(ANNA, 1, 1, tags, "")) == place


def test_names_become_addresses_and_controls_go() -> None:
    assert (
        content_of(f"hej @{NPUB}, {NPUB} och nostr:{NPUB}\r\n\x01\x7f")
        == f"hej nostr:{NPUB}, nostr:{NPUB} och nostr:{NPUB}\n"
    )
    assert content_of(f"@{NPUB[:-1]}q") == f"@{NPUB[:-1]}q"


NOTE_NAME = nip19.encode("note", bytes(32))
ADDRESSES = [
    f"https://njump.me/{NPUB}",
    f"https://njump.me/{NPROFILE}?a=1#b",
    f"https://njump.me/nostr:{NPUB}",
    f"https://primal.net/p/@{NPUB}/notes",
    f"HTTPS://Primal.net/e/{NOTE_NAME}",
    f"https://exempel.example/läs?av={NPUB}&not={NOTE_NAME}",
    f"http://localhost:8080/{NPUB}",
    f"wss://filter.example/{NPUB}",
    f"njump.me/{NPUB}",
    f"{NPUB}.sites.example",
    f"https://{NPUB}.sites.example/",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_name_inside_a_web_address_stays_part_of_it(address: str) -> None:
    assert content_of(f"se {address} och ({address})") == f"se {address} och ({address})"
    assert list(nip19.names(f"({address})")) == []
    assert content_of(f"{address} @{NPUB}") == f"{address} nostr:{NPUB}"


@pytest.mark.parametrize("around", ["({})", "a/{}", "hej: {}.", "{}, {}", "<{}>", "och\n{}\n", "https: {}", "{}… {}!"])
def test_a_name_beside_other_signs_is_a_name(around: str) -> None:
    assert content_of(around.replace("{}", NPUB)) == around.replace("{}", f"nostr:{NPUB}")


def test_a_link_to_somebody_is_shown_as_it_is_and_can_be_opened() -> None:
    bo = signed(BO, 1, 0, [], '{"name": "Bo"}')
    decoder = Decoder(Account("nostr", "nostr", ""), ANNA.pubkey, lambda _id: None, {BO.pubkey: bo})
    name, note = nip19.npub(BO.pubkey), nip19.nevent("a" * 64)
    address, other = f"https://njump.me/{name}", f"https://njump.me/{note}"
    post = decoder.post(signed(ANNA, 1, 1, [["q", "a" * 64]], f"{address} av nostr:{name}, {other}"))
    assert post.text == f"{address} av @Bo, {other}"
    assert [link.url for link in post.links] == [address, other]


def test_a_link_inside_a_quoted_note_is_not_cut() -> None:
    address = f"https://njump.me/{NPUB}"
    quoted = signed(BO, 1, 1, [], f"{address} nostr:{NPUB}")
    decoder = Decoder(Account("nostr", "nostr", ""), ANNA.pubkey, lambda event_id: {quoted.id: quoted}.get(event_id))
    inner = decoder.post(signed(ANNA, 1, 1, [["q", quoted.id]], "se")).quoted
    assert inner is not None
    assert inner.text == f"{address} nostr:{NPUB[:14]}…"


@given(words)
def test_signing_a_content_again_changes_nothing(text: str) -> None:
    assert content_of(content_of(text)) == content_of(text)
