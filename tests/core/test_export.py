"""What leaves for a web page or a table: valid in each form, each act once, nothing private, the same every time."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.core.export import PAGE, Entry, Export
from mbclient.core.exportforms import FORMS, TITLE_LENGTH, title, written
from mbclient.domain.account import Account
from mbclient.domain.draft import Kind
from mbclient.domain.errors import UsageError
from mbclient.domain.post import Author, Link, Media, Post, PostKind, Quoted, Visibility
from mbclient.domain.safetext import SafeText
from mbclient.policy.model import LedgerEntry
from mbclient.services.feed.document import read_feed
from tests.cli.shapes import POST, problems
from tests.core.exportrules import read_atom, read_csv, read_html, read_json_feed
from tests.core.fakes import TUESDAY, Office, a_post, mine

RICH = a_post(
    text="Release <2.0> & more\n\nhttps://openssl.example/a?b=1&c=2 – read\nit",
    url="https://one.example/@bo/1",
    uri="https://one.example/users/bo/1",
    author=Author(SafeText("bo@one.example"), SafeText('Bo "the <b>'), "https://one.example/@bo"),
    lang="sv",
    links=(Link("https://openssl.example/a?b=1&c=2"), Link("https://card.example/", SafeText("A card"))),
    tags=(SafeText("infosec"),),
    media=(Media("image", SafeText("A <diagram>"), "https://files.example/1.PNG"),),
    quoted=Quoted(Author(SafeText("cy")), SafeText("Quoted & said"), "https://one.example/@cy/2"),
    edited_at=TUESDAY,
)


DAY = timedelta(days=1)


def an_export(*posts: Post) -> Export:
    return Export("urn:uuid:1", "Posts", "en", tuple(Entry(post.uri, post) for post in posts))


async def put(office: Office, account: str, *posts: Post) -> None:
    """The posts are in the archive, own ones in the ledger too, as a refresh brings them."""
    known = office.desk.accounts.get(account)
    await office.desk.refresher.take(posts, known)
    office.service(account).own = [post for post in posts if str(post.author.remote_id) == known.remote_id]
    await office.desk.refresher.own_posts(known, TUESDAY - timedelta(days=30))


def texts(office: Office, view: str = "mine") -> list[str]:
    return [str(entry.post.text) for entry in office.desk.exporter.export(view).entries]


# ---------------------------------------------------------------- the forms


def test_atom() -> None:
    (entry,) = read_atom(written(an_export(RICH), "atom"))
    assert (entry["id"], entry["alternate"]) == (RICH.uri, RICH.url)
    assert (entry["published"], entry["updated"]) == ("2026-11-24T10:35:00Z", "2026-11-24T10:40:00Z")
    assert entry["title"].startswith("Release <2.0> & more")
    assert (entry["author"], entry["categories"]) == ('Bo "the <b>', "infosec")
    assert entry["enclosure"] == "https://files.example/1.PNG"
    assert read_atom(written(an_export(), "atom")) == []


def test_json_feed() -> None:
    (item,) = read_json_feed(written(an_export(RICH), "jsonfeed"))
    assert (item["id"], item["url"], item["language"]) == (RICH.uri, RICH.url, "sv")
    assert (item["tags"], item["authors"][0]["name"]) == (["infosec"], 'Bo "the <b>')
    assert item["attachments"] == [
        {"url": "https://files.example/1.PNG", "mime_type": "image/png", "title": "A <diagram>"}
    ]
    assert read_json_feed(written(an_export(), "jsonfeed")) == []


def test_html_says_everything_in_words_and_loads_nothing() -> None:
    found = read_html(written(an_export(RICH), "html").decode())
    for words in ("Release <2.0> & more", "Picture: A <diagram>", "Quoted & said", "A card", "2026-11-24 10:35 UTC"):
        assert words in found.words
    assert found.links.count("https://openssl.example/a?b=1&c=2") == 1
    assert "https://card.example/" in found.links
    assert 'lang="sv"' in written(an_export(RICH), "html").decode()
    assert "No posts yet" in read_html(written(an_export(), "html").decode()).words


def test_each_link_is_one_link_where_its_words_first_stand() -> None:
    links = (Link("https://a.example/", SafeText("here")), Link("https://b.example/"), Link("javascript:x"))
    post = a_post(text="Read here, not here:\nhttps://b.example/ <b>", links=links)
    found = read_html(written(an_export(post), "html").decode())
    assert found.links == ["https://a.example/", "https://b.example/"]
    assert "Read here, not here:" in found.words
    assert "https://b.example/ <b>" in found.words


def test_csv_keeps_lines_and_runs_no_formula() -> None:
    first = replace(RICH, text=SafeText('Two "quoted"\nlines, one comma'))
    formula = replace(RICH, uri="urn:x:2", text=SafeText("=cmd|' /C calc'!A0"))
    rows = read_csv(written(an_export(first, formula), "csv"))
    assert [row["text"] for row in rows] == ['Two "quoted"\nlines, one comma', "'=cmd|' /C calc'!A0"]
    assert rows[0]["published"] == "2026-11-24T10:35:00Z"
    assert read_csv(written(an_export(), "csv")) == []


def test_json_lines_are_the_posts_of_the_commands() -> None:
    lines = written(an_export(RICH, a_post()), "jsonl").decode().splitlines()
    assert [problems(json.loads(line), POST) for line in lines] == [[], []]
    assert written(an_export(), "jsonl") == b""


def test_a_warning_covers_the_text_everywhere() -> None:
    post = replace(RICH, cw=SafeText("Spoiler"))
    (entry,) = read_atom(written(an_export(post), "atom"))
    assert (entry["title"], entry["summary"]) == ("Spoiler", "Spoiler")
    for text in (entry["content"], read_json_feed(written(an_export(post), "jsonfeed"))[0]["content_html"]):
        assert text.startswith("<details><summary>Spoiler</summary>")


def test_a_post_without_words_has_a_title_too() -> None:
    assert title(replace(RICH, text=SafeText(""))) == "A <diagram>"
    assert title(a_post(text="")) == "Post by Bo"
    assert len(title(a_post(text="word " * 90))) <= TITLE_LENGTH + 2
    assert "Bo · " in read_html(written(an_export(a_post(text="")), "html").decode()).words


anything = st.text(st.characters(codec=None), max_size=60)
wild_posts = st.builds(
    lambda text, name, link, words, tag, lang, cw: replace(
        RICH,
        text=SafeText(text),
        author=Author(SafeText(name), SafeText(name), link),
        url=link,
        uri="urn:uuid:2",
        links=(Link(link, SafeText(words)), Link("https://a.example/", SafeText(words))),
        tags=(SafeText(tag),),
        lang=lang,
        cw=None if cw is None else SafeText(cw),
    ),
    anything,
    anything,
    st.one_of(anything, st.sampled_from(["javascript:alert(1)", "https://[::1", "https://ok.example/å?x=<y>"])),
    anything,
    anything,
    st.one_of(st.none(), anything),
    st.one_of(st.none(), anything),
)


@given(wild_posts)
def test_no_post_breaks_a_form(post: Post) -> None:
    export = an_export(post)
    read_atom(written(export, "atom"))
    read_json_feed(written(export, "jsonfeed"))
    read_html(written(export, "html").decode())
    read_csv(written(export, "csv"))
    (line,) = written(export, "jsonl").decode().splitlines()
    assert json.loads(line)["schema"] == 1


@pytest.mark.parametrize("form", ["atom", "jsonfeed"])
def test_a_feed_reader_finds_what_was_written(form: str) -> None:
    """The program's own reader of feeds, which knows nothing of who wrote this one."""
    plain = a_post(remote_id="2", text="Två rader\nmed å & <ä>", uri="urn:x:2", created_at=TUESDAY)
    document = read_feed(written(an_export(RICH, plain), form).decode(), "https://www.example/feed")
    first, second = document.items
    assert (document.title, document.skipped) == ("Posts", 0)
    assert (first.key, first.url, first.lang, first.tags) == (RICH.uri, RICH.url, "sv", RICH.tags)
    assert (first.published, first.updated) == (RICH.created_at, RICH.edited_at)
    assert (first.authors[0].name, first.media) == (RICH.author.name, RICH.media)
    assert (second.key, second.text, second.published) == ("urn:x:2", plain.text, TUESDAY)


@pytest.mark.parametrize("form", FORMS)
async def test_the_same_posts_give_the_same_bytes(office: Office, form: str) -> None:
    await put(office, "work", mine(remote_id="1"), mine(remote_id="2", text="Other"))
    before = written(office.desk.exporter.export(), form)
    office.clock.pass_(days=3)
    assert written(office.desk.exporter.export(), form) == before
    office.crash()
    assert written(office.desk.exporter.export(), form) == before


# ---------------------------------------------------------------- what is in it


async def test_own_posts_are_no_boosts_and_nobody_elses(office: Office) -> None:
    me = Author(SafeText("anna@one.example"), remote_id="me-work")
    boost = a_post(remote_id="5", text="Boosted", kind=PostKind.BOOST, boosted_by=me, boost_id="b5", boosted_at=TUESDAY)
    await put(office, "work", mine(remote_id="1", text="Own"), a_post(remote_id="2", text="Theirs"), boost)
    assert texts(office) == ["Own"]
    assert sorted(texts(office, "home")) == ["Boosted", "Own", "Theirs"]


async def test_a_boost_and_its_post_are_one_entry(office: Office) -> None:
    post = a_post(remote_id="5", text="Said once")
    boost = replace(post, kind=PostKind.BOOST, boosted_by=Author(SafeText("cy")), boost_id="b5", boosted_at=TUESDAY)
    await put(office, "work", post, boost)
    (entry,) = office.desk.exporter.export("home").entries
    assert (entry.post.kind, entry.post.boosted_by) == (PostKind.POST, None)


@pytest.mark.parametrize(
    ("visibility", "shown"), [("public", True), ("unlisted", True), ("followers", False), ("direct", False)]
)
async def test_only_what_everybody_may_read(office: Office, visibility: str, shown: bool) -> None:
    await put(office, "work", mine(visibility=Visibility(visibility)), a_post(remote_id="2", text="Public"))
    assert texts(office) == (["Mine"] if shown else [])
    assert texts(office, "home") == (["Public", "Mine"] if shown else ["Public"])


async def test_posts_of_one_act_are_one_entry(office: Office) -> None:
    sky = mine("sky", "at://x", "Hej", created_at=TUESDAY, url="https://two.example/x", cw=SafeText("Spoiler"))
    work = mine("work", "7", "Hej", created_at=TUESDAY - timedelta(minutes=1), url="https://one.example/7")
    alone = mine("work", "8", "Other", created_at=TUESDAY - timedelta(hours=1))
    for account, posts in (("sky", [sky]), ("work", [work, alone])):
        await office.desk.refresher.take(posts, office.desk.accounts.get(account))
    office.desk.world.stores.ledger.record([ledger(sky, "act"), ledger(work, "act"), ledger(alone, "alone")])
    export = office.desk.exporter.export()
    first, second = export.entries
    assert (first.id, [copy.id for copy in first.copies], first.post.also) == (work.uri, [sky.id], (sky.id,))
    assert first.post.cw == "Spoiler"  # one copy has it
    assert second.copies == ()
    assert read_atom(written(export, "atom"))[0]["related"] == "https://two.example/x"
    assert read_json_feed(written(export, "jsonfeed"))[0]["_mbclient"]["also"] == ["https://two.example/x"]
    assert "Also at" in read_html(written(export, "html").decode()).words
    assert read_csv(written(export, "csv"))[0]["also_urls"] == "https://two.example/x"


async def test_posts_of_other_clients_are_merged_by_their_text(office: Office) -> None:
    await put(office, "work", mine(remote_id="1", text="Morgon"))
    await put(office, "sky", mine("sky", "2", "Morgon", created_at=TUESDAY))
    assert len(office.desk.exporter.export().entries) == 1


async def test_parts_of_a_thread_meet_their_likes(office: Office) -> None:
    """Each part of a thread stays an entry; the second here is the second there."""
    parts = [
        mine(account, f"{account}{n}", f"Part {n}", created_at=TUESDAY + timedelta(seconds=n + (account == "sky")))
        for account in ("work", "sky")
        for n in range(3)
    ]
    for part in parts:
        await office.desk.refresher.take([part], office.desk.accounts.get(part.account))
    office.desk.world.stores.ledger.record([ledger(part, "act") for part in parts])
    entries = office.desk.exporter.export().entries
    assert [(entry.post.id, entry.post.also) for entry in reversed(entries)] == [
        (f"work:work{n}", (f"sky:sky{n}",)) for n in range(3)
    ]


async def test_nothing_of_a_pseudonymous_account(office: Office) -> None:
    """Its posts, its boosts, what it alone sees, its name, a quote of it, its copy of an act: nowhere in any form."""
    anon = Account("nattugglan", "mastodon", "https://one.example", "uggla@one.example", "me-uggla", pseudonymous=True)
    office.desk.world.accounts.save(anon)
    owl = Author(SafeText("uggla@one.example"), SafeText("Ugglan"), remote_id="me-uggla")
    own = mine(remote_id="1", text="Hej")
    hers = a_post("nattugglan", "n1", "Hej", service="mastodon", author=owl, uri="https://one.example/n1")
    boost = a_post(remote_id="b", text="Boosted", kind=PostKind.BOOST, boosted_by=owl, boost_id="b", boosted_at=TUESDAY)
    quote = a_post(remote_id="q", text="A quote", quoted=Quoted(owl, SafeText("Hoho"), "https://one.example/n1"))
    seen = replace(own, account="nattugglan", remote_id="n7", service="mastodon")
    await put(office, "nattugglan", hers, seen, a_post("nattugglan", "n2", "Her friends", service="mastodon"))
    both = a_post(remote_id="2", text="Boosted too")
    hers_too = replace(both, kind=PostKind.BOOST, boosted_by=owl, boost_id="b2", boosted_at=TUESDAY)
    await put(office, "work", own, replace(hers, account="work", remote_id="9"), boost, quote, both, hers_too)
    office.desk.world.stores.ledger.record([ledger(own, "act"), ledger(hers, "act")])
    assert texts(office) == ["Hej"]
    assert sorted(texts(office, "home")) == ["A quote", "Boosted too", "Hej"]
    for form in FORMS:
        for view in ("mine", "home"):
            document = written(office.desk.exporter.export(view), form).decode()
            for word in ("nattugglan", "uggla", "Ugglan", "Hoho", "n1", "n7", "friends"):
                assert word not in document, (form, view)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("said", "kept", "told"),
    [
        (Visibility.PUBLIC, None, True),
        (Visibility.UNLISTED, None, True),
        (Visibility.FOLLOWERS, None, False),
        (Visibility.DIRECT, None, False),
        (Visibility.FOLLOWERS, Visibility.PUBLIC, False),
        (None, Visibility.PUBLIC, True),  # the service does not say, the archive knows it
        (None, Visibility.FOLLOWERS, False),
        (None, None, False),  # nobody knows
    ],
)
async def test_a_public_post_that_quotes_a_private_one_tells_no_word_of_it(
    office: Office, form: str, said: Visibility | None, kept: Visibility | None, told: bool
) -> None:
    """Also where it is one's own."""
    private = mine(remote_id="p1", text="Bara ni", visibility=kept or Visibility.PUBLIC)
    quoted = Quoted(private.author, private.text, "https://one.example/@anna/p1", "p1", visibility=said)
    quoting = mine(remote_id="q1", text="Look", quoted=quoted, kind=PostKind.QUOTE)
    await put(office, "work", quoting, *([private] if kept is not None and said is None else []))
    entries = [entry for entry in office.desk.exporter.export().entries if str(entry.post.text) == "Look"]
    document = written(replace(office.desk.exporter.export(), entries=tuple(entries)), form).decode()
    assert "Look" in document
    words = {"csv": (), "jsonl": ("work:p1",)}.get(form, ("Bara ni", "@anna/p1"))
    for word in words if told else ("Bara ni", "p1"):
        assert (word in document) is told, word


@pytest.mark.parametrize("form", FORMS)
async def test_who_asks_not_to_be_shown_without_a_login_is_in_no_document(office: Office, form: str) -> None:
    """Their posts, what they boosted, quotes of them. It is the account that asks: for older posts as well."""
    shy = Author(SafeText("dagny.test"), SafeText("Dagny"), remote_id="did:dagny", members_only=True)
    hers = a_post("sky", "h2", "Hers", author=shy)
    before = a_post("sky", "h1", "Before", author=replace(shy, members_only=False), created_at=TUESDAY - DAY)
    boost = a_post("sky", "b", "Boosted", kind=PostKind.BOOST, boosted_by=shy, boost_id="b", boosted_at=TUESDAY)
    told = (
        Quoted(author, SafeText("Words"), "https://two.example/h", name, visibility=visibility)
        for author, name, visibility in (
            (shy, "h9", Visibility.PUBLIC),
            (before.author, "h8", Visibility.PUBLIC),
            (Author(SafeText(""), remote_id=""), "h2", None),  # only the archive knows whose it is
        )
    )
    quoting = [mine("sky", f"q{n}", f"Look {n}", quoted=quoted) for n, quoted in enumerate(told)]
    both = mine("sky", "m", "Boosted too")
    too = replace(both, kind=PostKind.BOOST, boosted_by=shy, boost_id="b2", boosted_at=TUESDAY)
    await put(office, "sky", hers, before, boost, both, too, *quoting)
    document = written(office.desk.exporter.export("home"), form).decode()
    assert all(text in document for text in ("Look 0", "Look 1", "Look 2", "Boosted too"))
    for word in ("Hers", "Before", "Dagny", "dagny", "Words", "h2", "h8", "h9"):
        assert word not in document, word
    assert texts(office, "home").count("Boosted") == 0


async def test_who_asks_no_more_is_shown_again(office: Office) -> None:
    """What was kept while they asked stays out, until it is read again."""
    author = Author(SafeText("dagny.test"), remote_id="did:dagny")
    asking = replace(author, members_only=True)
    meanwhile = a_post("sky", "1", "Meanwhile", author=asking, created_at=TUESDAY - DAY)
    await put(office, "sky", meanwhile, a_post("sky", "2", "Now", author=author))
    assert texts(office, "home") == ["Now"]
    await put(office, "sky", replace(meanwhile, author=author))
    assert texts(office, "home") == ["Now", "Meanwhile"]


async def test_whoever_exports_their_own_posts_has_decided_to(office: Office) -> None:
    own = mine("sky", "1", "Own words")
    await put(office, "sky", replace(own, author=replace(own.author, members_only=True)))
    assert texts(office) == texts(office, "home") == ["Own words"]


async def test_with_only_pseudonymous_accounts_there_is_nothing(office: Office) -> None:
    await put(office, "work", mine(), a_post(remote_id="2"))
    for name in ("work", "sky"):
        office.desk.world.accounts.save(replace(office.desk.accounts.get(name), pseudonymous=True))
    assert texts(office) == texts(office, "home") == []


async def test_the_notebook_beside_other_accounts_is_nobody_elses(office: Office) -> None:
    notebook = Account("notebook", "local")
    office.desk.world.accounts.save(notebook)
    author = Author(SafeText("notebook"), remote_id="notebook")
    await office.desk.refresher.take(
        [a_post("notebook", "1", "Note", author=author)], office.desk.accounts.get("notebook")
    )
    assert texts(office, "home") == []
    for name in ("work", "sky"):
        office.desk.world.accounts.remove(name)
    assert texts(office) == ["Note"]
    assert office.desk.exporter.export().entries[0].id == "https://else.example/posts/notebook-1"


async def test_ids_are_addresses_whatever_the_service_calls_its_posts(office: Office) -> None:
    uris = ("urn:mbclient:local:1", "no address", "", "at://did:plc:x/app.bsky.feed.post/1")
    posts = [mine(remote_id=str(n), text=str(n), uri=uri) for n, uri in enumerate(uris)]
    await put(office, "work", *posts)
    found = {str(entry.post.text): entry.id for entry in office.desk.exporter.export().entries}
    assert found["3"] == uris[3]
    assert all(found[str(n)].startswith("urn:uuid:") for n in range(3))
    assert len(set(found.values())) == 4


async def test_own_views_and_words_that_name_none(office: Office) -> None:
    await put(office, "work", a_post(remote_id="1", text="A cve"), a_post(remote_id="2", text="Lunch"))
    await put(office, "sky", a_post("sky", "3", text="Another cve"))  # the view is of the account work
    assert texts(office, "security") == texts(office, "5") == ["A cve"]
    with pytest.raises(UsageError, match="there is no view"):
        office.desk.exporter.export("nowhere")


async def test_more_than_a_page_of_posts(office: Office) -> None:
    posts = [mine(remote_id=str(n), text=str(n), created_at=TUESDAY - timedelta(minutes=n)) for n in range(PAGE + 3)]
    office.desk.refresher.fill(office.desk.accounts.get("work"), posts)
    assert texts(office) == [str(n) for n in range(PAGE + 3)]


def ledger(post: Post, group: str) -> LedgerEntry:
    return LedgerEntry(
        post.created_at, post.account, post.service, Kind.POST, 1, group, remote_id=post.remote_id, text=str(post.text)
    )
