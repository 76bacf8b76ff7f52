"""Every form of a secret, in every place where a service, a library or a log puts one."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.domain.errors import AuthError, MbclientError, RejectedError
from mbclient.domain.tokens import HIDDEN, without_tokens

CATALOGUE = Path(__file__).parents[2] / "tui/mbclient/texts/locale/sv/LC_MESSAGES/mbclient.po"
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
URL_SAFE = LETTERS + "-_"


def _jwt(parts: list[bytes]) -> str:
    head, *rest = (base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    return ".".join((f"eyJ{head}", *rest))


OPAQUE = st.text(URL_SAFE, min_size=16, max_size=90).filter(lambda text: not text.isalpha())
JWT = st.lists(st.binary(min_size=9, max_size=60), min_size=2, max_size=5).map(_jwt)
NSEC = st.text("023456789acdefghjklmnpqrstuvwxyz", min_size=58, max_size=58).map(lambda text: f"nsec1{text}")
FOURS = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=4, max_size=4)
APP_PASSWORD = st.lists(FOURS, min_size=4, max_size=4).map("-".join).filter(lambda text: text[:4] != "xxxx")
SITE_PASSWORD = st.lists(st.text(LETTERS, min_size=4, max_size=4), min_size=6, max_size=6).map(" ".join)
BASIC = OPAQUE.map(lambda text: base64.b64encode(f"anna:{text}".encode()).decode())
MIXED = st.text(URL_SAFE, min_size=40, max_size=120).filter(
    lambda text: all(len(re.findall(kind, text)) > 2 for kind in ("[a-z]", "[A-Z]", "[0-9]"))
)
HEX = st.text("0123456789abcdef", min_size=32, max_size=64).filter(lambda text: not text.isalpha())

NAMES = (
    "access_token", "refresh_token", "client_secret", "code_verifier", "oauth_token", "oauth_token_secret",
    "oauth_verifier", "oauth_signature", "password", "token", "accessJwt", "refreshJwt", "Authorization",
    "X-Auth-Token", "ACCESS_TOKEN", "secret", "code", "i",
)  # fmt: skip
PLACES = {
    "query": lambda name, secret: f"https://a.example/x?a=b&{urlencode({name: secret})}&c=d",
    "form": lambda name, secret: f"the body was {urlencode({'grant': 'x', name: secret})}",
    "escaped query": lambda name, secret: f"redirect_uri={quote(urlencode({name: secret}), safe='')}",
    "json": lambda name, secret: json.dumps({"a": 1, name: secret, "z": "y"}),
    "json in json": lambda name, secret: json.dumps({"body": json.dumps({name: secret})}),
    "repr": lambda name, secret: repr({"a": "b", name: secret}),
    "header": lambda name, secret: f"{name}: {secret}",
    "assignment": lambda name, secret: f"bad value {name}={secret}, try again",
    "toml": lambda name, secret: f'{name} = "{secret}"',
}


@pytest.mark.parametrize("place", PLACES)
@given(name=st.sampled_from(NAMES), secret=st.one_of(OPAQUE, JWT, NSEC, APP_PASSWORD, HEX))
def test_what_has_the_name_of_a_secret_is_hidden(place: str, name: str, secret: str) -> None:
    if name in ("code", "i") and not any(map(str.isdigit, secret)):
        return  # an error's own name may stand there
    told = without_tokens(PLACES[place](name, secret))
    assert secret not in told
    assert HIDDEN in told


@given(
    scheme=st.sampled_from(["Bearer", "bearer", "Basic", "DPoP", "Token", "Nostr"]),
    secret=st.one_of(OPAQUE, JWT, BASIC, HEX),
)
@pytest.mark.parametrize("form", ["Authorization: {}", "curl -H 'authorization: {}'", "b'{}'", "got {}", '"{}"'])
def test_what_follows_a_scheme_is_hidden(form: str, scheme: str, secret: str) -> None:
    assert secret not in without_tokens(form.format(f"{scheme} {secret}"))


@given(secret=st.one_of(JWT, NSEC, APP_PASSWORD, SITE_PASSWORD))
@pytest.mark.parametrize("form", ["{}", "the key {} is wrong", "({})", "'{}'", "x={}", "key is {}."])
def test_what_has_the_form_of_a_secret_is_hidden_without_a_name(form: str, secret: str) -> None:
    assert secret not in without_tokens(form.format(secret))


@given(MIXED)
def test_a_long_mix_is_hidden_without_a_name(secret: str) -> None:
    assert secret not in without_tokens(f"no such token {secret} here")


def test_addresses_and_sessions() -> None:
    told = without_tokens(
        "https://anna:lösen@a.example/ and https://b.example/miauth/c8d6b1f0-1111-4222-8333-444455556666?x"
    )
    assert "lösen" not in told
    assert "c8d6b1f0" not in told
    assert "a.example" in told
    assert "b.example/miauth/" in told


@given(st.text())
def test_once_is_enough(text: str) -> None:
    told = without_tokens(text)
    assert without_tokens(told) == told


@given(st.text("abcdefghijklmnopqrstuvwxyzåäö ,.;:-!?'", max_size=300))
def test_words_are_words(text: str) -> None:
    assert without_tokens(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "550e8400-e29b-41d4-a716-446655440000", "01J9ZC3Y5T0R8V6W4X2Y1Z0A9B", "did:plc:ewvi7nxzyoun6zhxrhs64oiz",
        "at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/3l6oveex3ii2l", "npub1" + "q" * 58,
        "the server says: NO_SUCH_NOTE (code: NO_SUCH_NOTE)", "token expired", "password: wrong",
        "2026-11-24T10:00:00Z", "write it as xxxx-xxxx-xxxx-xxxx",
        "config.toml, line 3: token_command: write a list of words", "Basic authentication is needed",
        "109348712312312312", "mastodon.example cannot be reached (connection refused)", "e" * 64,
        "exports/some-post-here-2026.html can't be written", "some-post-here-week.csv",
        "/home/anna/blog-post-this-week/x", "2026-1122-3344-5566",
    ],
)  # fmt: skip
def test_what_is_no_secret_stays(text: str) -> None:
    assert without_tokens(text) == text


def test_every_sentence_of_the_program_stays() -> None:
    sentences = re.findall(r'^msg(?:id|str)(?:_plural|\[\d\])? "(.+)"$', CATALOGUE.read_text("utf-8"), re.MULTILINE)
    assert len(sentences) > 1000
    assert [each for each in sentences if without_tokens(each) != each] == []


def test_errors_carry_none() -> None:
    secret = "abcd-efgh-ijkl-mnop"
    for error in (MbclientError(f"no: {secret}", f"try {secret}"), AuthError(f"no: {secret}", account="work")):
        assert secret not in f"{error}{error!r}{error.problem}{error.advice}{error.args}"
    assert RejectedError(f"no: {secret}", code="x").problem == "no: ***"
