"""Work terms: every kind, against the slow reference, and quick however many there are."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mbclient.domain import term_index
from mbclient.domain.errors import UsageError
from mbclient.domain.folding import fold
from mbclient.domain.poll import Choice, Poll
from mbclient.domain.post import Author, Link, Media, Post, Quoted
from mbclient.domain.safetext import SafeText
from mbclient.domain.terms import TermVerdict, compile_terms, searchable
from tests.domain.term_reference import expression, matches

WHEN = datetime(2026, 11, 24, tzinfo=UTC)


def post(text: str = "", **fields: Any) -> Post:
    known: dict[str, Any] = {"author": Author(SafeText("anna@m.example"))}
    return Post("work", "mastodon", "1", "u", text=SafeText(text), created_at=WHEN, **{**known, **fields})


def hit(term: str, one: Post) -> bool:
    return compile_terms([term]).match(one) == (term,)


@pytest.mark.parametrize(
    ("term", "text", "matching"),
    [
        ("openssl", "New OpenSSL release", True),
        ("openssl", "openssl.", True),
        ("openssl", "libopenssl", False),
        ("openssl", "openssl3", False),
        ("openssl", "(openssl)-news", True),
        ("openssl", "#openssl", True),
        ("räka", "En RÄKA!", True),
        ("räka", "en raka", False),
        ("raka", "en räka", False),
        ("ra\u0308ka", "räka", True),
        ("räka", "ra\u0308ka", True),
        ("strasse", "Straße", True),
        ("release notes", "notes about the release", True),
        ("release notes", "release", False),
        ('"release notes"', "the Release  notes are out", True),
        ('"release notes"', "release-notes", True),
        ('"release notes"', "notes release", False),
        ('"release notes"', "release the notes", False),
        ('"patch tuesday" cve', "patch tuesday, one CVE", True),
        ('"patch tuesday" cve', "patch tuesday", False),
        ('"one two three"', "zero one two three four", True),
        ('"one two three"', "one two four", False),
        ('"word"', "a word here", True),
        ("kuber*", "Kubernetes", True),
        ("kuber*", "kuber", True),
        ("kuber*", "minikube", False),
        ("#infosec", "about #InfoSec today", True),
        ("#infosec", "about infosec", False),
        ("#infosec", "#infosecurity", False),
        ("#info*", "#infosecurity", True),
        ("#infosec", "abc#infosec", False),
        ("@anna", "hello @anna!", True),
        ("@anna", "hello @anna@m.example", True),
        ("@anna@m.example", "hello @anna@m.example.", True),
        ("@anna@m.example", "hello @anna@other.example", False),
        ("@anna@m.example", "hello @anna", False),
        ("@anna", "mail anna@m.example", False),
        ("@anna", "@annabel", False),
        ("@anna.bsky.social", "hi @anna.bsky.social, hello", True),
        ("c++", "I like C++ a lot", True),
        ("c++", "vitamin c", False),
        ("c++", "abc++", False),
        ("node.js", "node.js 22", True),
        ("node.js", "node js", False),
        ("node.js", "node.jsx", False),
        (".net", "the .NET runtime", True),
        ("cve-2024*", "CVE-2024-1234", True),
        ("cve-2024*", "cve-2023-1", False),
        ("🔥", "hot 🔥", True),
        ("KLT:s", "klt:s nya", True),
        ("(a+)+$", "aaaaaaaa!", False),
        ("std::vector", "use std::vector", True),
        ("会議", "今日の会議は午後三時から", True),
        ("会議", "会社の議事録", False),
        ("ประชุม", "วันนี้มีประชุมครับ", True),
        ("openssl", "OpenSSLの脆弱性", True),
        ("open*", "新しいOpenSSLの", True),
        ("ssl", "OpenSSLの脆弱性", False),
        ("openssl会議", "次のOpenSSL会議で", True),
        ("openssl会議", "次のlibopenssl会議で", False),
        ("会議 openssl", "OpenSSLの会議", True),
        ('"会議 資料"', "会議 資料です", True),
        ('"会議 資料"', "会議資料です", False),
        ("会*", "大会議", True),
        ("#会議", "#会議 です", True),
        ("#会議", "会議です", False),
        ("#会議", "#会議・資料", True),
        ("#会*", "#会議・資料", True),
        ("#会議", "#会議室", False),
        ("보안", "보안이 필요", False),
        ("보안*", "보안이 필요", True),
    ],
)
def test_words_in_texts(term: str, text: str, matching: bool) -> None:
    assert hit(term, post(text)) is matching
    assert matches(term, post(text)) is matching


def test_every_text_of_a_post_is_read_and_each_alone() -> None:
    one = post(
        "first end",
        cw=SafeText("start warning"),
        media=(Media("image", SafeText("described")),),
        quoted=Quoted(Author(SafeText("x")), SafeText("inner")),
        poll=Poll((Choice(SafeText("either")), Choice(SafeText("other")))),
    )
    assert all(hit(word, one) for word in ("first", "warning", "described", "inner", "first inner", "either", "other"))
    assert not hit('"end start"', one)


def test_facts_of_a_post() -> None:
    one = post(
        "text",
        tags=(SafeText("InfoSec"),),
        mentions=(SafeText("Grönkvist@m.example"), SafeText("@eva")),
        boosted_by=Author(SafeText("ciso@m.example")),
        links=(Link("https://www.Example.org:8443/räka"), Link("http://["), Link("https://räka.example/")),
        lang="sv-FI",
    )
    for term in (
        "#infosec",
        "#info*",
        "@grönkvist",
        "@GRÖNKVIST@m.example",
        "@eva",
        "from:ciso@m.example",
        "from:CISO",
        "from:@anna",
        "domain:example.org",
        "domain:www.example.org",
        "domain:org",
        "domain:räka.example",
        "lang:sv",
        "LANG:SV-fi",
        "#infosec lang:sv text",
    ):
        assert hit(term, one), term
    for term in (
        "@grönkvist@x.example",
        "from:m.example",
        "domain:ample.org",
        "domain:example.org.evil",
        "lang:fi",
    ):
        assert not hit(term, one), term


@pytest.mark.parametrize(
    "handle", ["bo@m.example:8443", "m.example:8443", "bo@m.example", "bo.sky.example", "_@m.example"]
)
def test_whoever_writes_can_be_named(handle: str) -> None:
    assert hit(f"from:{handle}", post("text", author=Author(SafeText(handle))))


def test_order_doubles_and_exclusion() -> None:
    terms = compile_terms(["two", "one", "two"], ["giveaway", "free*"])
    assert terms.match(post("one two")) == ("two", "one")
    assert terms.verdict(post("one")) == TermVerdict(("one",))
    assert terms.verdict(post("one giveaway freebie")) == TermVerdict(("one",), "giveaway")
    assert terms.verdict(post("nothing")) == TermVerdict()
    assert terms
    assert not compile_terms([], ["x"])


@pytest.mark.parametrize(
    ("term", "says"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ('""', "between its quotation marks"),
        ('"open', "without its other one"),
        ('open"', "without its other one"),
        ("#", "no tag after"),
        ("#a-b", "no tag after"),
        ("@", "no handle after the @"),
        ("@a@b@c", "no handle after the @"),
        ("from:", "no handle after from:"),
        ("domain:", "write the host alone"),
        ("domain:https://x.example", "write the host alone"),
        ("domain:.example", "write the host alone"),
        ("lang:", "no language"),
        ("lang:swedish!", "no language"),
        ("*", "nothing before its"),
        ("w*rd", "only end a word"),
        ("#a*b", "only end a word"),
        ("x" * 201, "longer than 200"),
        ("a\x1bb", "control character"),
        ("good @", "no handle"),
    ],
)
def test_bad_terms_are_named(term: str, says: str) -> None:
    with pytest.raises(UsageError, match=re.escape(says)) as caught:
        compile_terms(["fine", term])
    assert repr(term)[1:10].rstrip("'\"") in caught.value.problem
    with pytest.raises(UsageError):
        compile_terms([], [term])


# ---------------------------------------------------------------- the reference

PIECES = [
    "a",
    "b",
    "å",
    "a\u030a",
    "ß",
    "ss",
    "İ",
    "ab",
    "aB",
    ".",
    "+",
    "-",
    "_",
    "#",
    "@",
    " ",
    "  ",
    "\n",
    "🔥",
    "1",
    "क\u0947",
    "会",
    "の",
]
written = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
names = st.sampled_from(["a", "ab", "å", "a.b", "a_b"])
handles = st.builds(lambda name, host: f"{name}@{host}" if host else name, names, st.sampled_from(["", "m.x", "b.x"]))
words = st.lists(st.sampled_from(["a", "b", "å", "ab", "ss", ".", "+", "1", "_", "会"]), min_size=1, max_size=3).map(
    "".join
)
parts = st.one_of(
    words,
    words.map("{}*".format),
    st.lists(words, min_size=1, max_size=3).map(lambda pieces: f'"{" ".join(pieces)}"'),
    st.sampled_from(["#a", "#å", "#ab", "#a*", "#1_*", "#会"]),
    handles.map("@{}".format),
    handles.map("from:{}".format),
    st.sampled_from(["domain:x", "domain:m.x", "domain:a.m.x"]),
    st.sampled_from(["lang:sv", "lang:en-gb"]),
)
terms_written = st.lists(parts, min_size=1, max_size=2).map(" ".join)
written_posts = st.builds(
    post,
    written,
    author=handles.map(lambda handle: Author(SafeText(handle))),
    boosted_by=st.none() | handles.map(lambda handle: Author(SafeText(handle))),
    cw=st.none() | written.map(SafeText),
    media=st.lists(written.map(lambda alt: Media("image", SafeText(alt))), max_size=1).map(tuple),
    poll=st.none() | written.map(lambda text: Poll((Choice(SafeText(text)),))),
    quoted=st.none() | written.map(lambda text: Quoted(Author(SafeText("q")), SafeText(text))),
    tags=st.lists(st.sampled_from(["a", "#Å", "ab", "1_2"]).map(SafeText), max_size=2).map(tuple),
    mentions=st.lists(handles.map(SafeText), max_size=2).map(tuple),
    links=st.lists(st.sampled_from(["https://m.x/", "http://A.M.X:1/p", "https://mm.x"]).map(Link), max_size=2).map(
        tuple
    ),
    lang=st.sampled_from([None, "", "sv", "sv-FI", "en", "EN-GB"]),
)


@settings(max_examples=200)
@given(
    st.lists(terms_written, max_size=6),
    st.lists(terms_written, max_size=2),
    st.lists(written_posts, min_size=1, max_size=3),
)
def test_the_verdict_is_the_references_whatever_came_before(
    terms: list[str], exclude: list[str], posts: list[Post]
) -> None:
    compiled = compile_terms(terms, exclude)
    for one in (*posts, posts[0]):
        verdict = compiled.verdict(one)
        assert verdict.matched == tuple(term for term in dict.fromkeys(terms) if matches(term, one))
        assert verdict.excluded_by == next((term for term in exclude if matches(term, one)), "")


def test_a_word_as_long_as_an_address_is_not_remembered() -> None:
    terms = compile_terms(["patch"])
    assert terms.match(post(f"two {'z' * 5000} patch")) == ("patch",)
    assert terms._include._unknown == {"two"}
    assert set(terms._include._met) == {"patch"}
    long = compile_terms(["z*"])
    assert long.match(post("z" * 5000)) == ("z*",)
    assert not long._include._met


def test_more_words_than_are_remembered_are_all_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(term_index, "_REMEMBERED", 2)
    terms = compile_terms(["patch", "kuber*", '"release notes"'])
    for _time in range(2):
        assert terms.match(post("one two three four")) == ()
        assert terms.match(post("one two patch kubernetes release notes")) == ("patch", "kuber*", '"release notes"')
    assert len(terms._include._met) == 2


# ---------------------------------------------------------------- highlighting


@pytest.mark.parametrize(
    ("terms", "text", "lit"),
    [
        (["openssl"], "OpenSSL and openssl, not libopenssl", ["OpenSSL", "openssl"]),
        (['"patch tuesday"', "patch"], "a Patch  Tuesday now", ["Patch  Tuesday"]),
        (["kuber*"], "Kubernetes", ["Kubernetes"]),
        (["#infosec", "@anna"], "#infosec by @anna@m.example.", ["#infosec", "@anna@m.example"]),
        (["räka"], "en ra\u0308ka här", ["ra\u0308ka"]),
        (["strasse"], "die Straße hier", ["Straße"]),
        (["här"], "Straße ra\u0308ka här", ["här"]),
        (["lang:sv", "from:anna", "domain:x.example"], "lang sv from anna x.example", []),
        (["c++"], "c++ c", ["c++"]),
        (["🔥"], "🔥🔥", ["🔥", "🔥"]),
        (["会議", "openssl", "脆*"], "今日の会議はOpenSSLの脆弱性", ["会議", "OpenSSL", "脆"]),
    ],
)
def test_spans_are_the_words_as_written(terms: list[str], text: str, lit: list[str]) -> None:
    assert [text[start:end] for start, end in compile_terms(terms).spans(text)] == lit


def test_spans_of_some_terms_only() -> None:
    terms = compile_terms(["patch", "security news"])
    assert terms.spans("patch security", only=("patch",)) == [(0, 5)]
    assert terms.spans("patch security") == [(0, 5), (6, 14)]


@given(st.lists(terms_written, max_size=4), written)
def test_spans_are_in_order_apart_and_there_when_a_word_matches(terms: list[str], text: str) -> None:
    spans = compile_terms(terms).spans(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))
    plain = [term for term in terms if re.fullmatch(r"[\wå]+", term)]
    assert bool(spans) or not compile_terms(plain).match(post(text))


@pytest.mark.parametrize(
    ("term", "query"),
    [
        ("openssl", "openssl"),
        ('"release notes" patch', '"release notes" patch'),
        ('"cve: critical"', '"cve: critical"'),
        ("#infosec", "#infosec"),
        ("open* #cve*", "open #cve"),
        ("openssl lang:sv from:bo@x.example Domain:x.example", "openssl"),
        ("c++ 10:30", "c++ 10:30"),
        ("@grönkvist", ""),
        ("from:ciso lang:sv", ""),
    ],
)
def test_what_a_service_can_look_for(term: str, query: str) -> None:
    compile_terms([term])
    assert searchable(term) == query


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


# ---------------------------------------------------------------- speed (speed facts G16), as ratios


def corpus(number_of_terms: int, number_of_posts: int) -> tuple[list[str], list[Post]]:
    """60 % words, 10 % beginnings, 15 % phrases, 15 % tags over a vocabulary in which few words are common."""
    dice = random.Random(1)
    vocabulary = ["".join(dice.choices("abcdefghijklmnoprstuvyåäö", k=dice.randint(3, 10))) for _ in range(60_000)]
    weights = [1 / (rank + 2) for rank in range(len(vocabulary))]
    shuffled = random.Random(2).sample(vocabulary, len(vocabulary))
    terms = []
    for number in range(number_of_terms):
        word, other = shuffled[2 * number], shuffled[2 * number + 1]
        share = number % 20
        terms.append(
            word if share < 12 else f"{word}*" if share < 14 else f'"{word} {other}"' if share < 17 else f"#{word}"
        )
    texts = (" ".join(dice.choices(vocabulary, weights, k=28)) for _ in range(number_of_posts))
    return terms, [post(text.capitalize() + ".") for text in texts]


def best_rate(run: Callable[[Post], object], posts: list[Post], rounds: int = 5) -> float:
    times = []
    for _round in range(rounds):
        begun = time.process_time()
        for one in posts:
            run(one)
        times.append(time.process_time() - begun)
    return len(posts) / min(times)


@pytest.mark.slow
def test_hundredfold_the_rate_of_an_alternation_with_the_same_verdicts() -> None:
    terms, posts = corpus(1000, 2000)
    compiled = compile_terms(terms)
    alternation = re.compile("|".join(map(expression, terms)))
    few = posts[:60]
    assert [bool(compiled.match(one)) for one in few] == [bool(alternation.search(fold(one.text))) for one in few]
    ours = best_rate(compiled.match, posts)
    theirs = best_rate(lambda one: alternation.search(fold(one.text)), few, rounds=2)
    assert ours >= 30 * theirs  # the goal is 150, measured about 300: the benchmark measures, this only sees a collapse


@pytest.mark.slow
def test_ten_times_the_terms_cost_little() -> None:
    few_terms, posts = corpus(1000, 1000)
    many_terms, _posts = corpus(10_000, 1)
    assert best_rate(compile_terms(many_terms).match, posts) >= 0.4 * best_rate(compile_terms(few_terms).match, posts)


@pytest.mark.parametrize(
    "text", ["a" * 5000 + "!", "a " * 10_000, "." * 20_000, "a." * 10_000, "@a" * 10_000, "#a" * 10_000]
)
def test_hostile_texts_cost_no_more_than_their_length(text: str) -> None:
    terms = compile_terms(["(a+)+$", '"a . ?"', '"a a a b"', "@a@b", "#a*", "a.a.b", "aa*", '"a b"'])
    half, whole = post(text[: len(text) // 4]), post(text)
    assert best_rate(terms.match, [half]) <= 12 * best_rate(
        terms.match, [whole]
    )  # four times the text; square would be 16
