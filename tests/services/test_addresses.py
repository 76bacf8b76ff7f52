"""Server names that are typed and links that are sent: what is let through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbclient.domain.errors import UsageError
from mbclient.domain.hosts import host_of
from mbclient.services.addresses import server_address, web_link


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("mastodon.example", "https://mastodon.example"),
        (" Mastodon.Example ", "https://mastodon.example"),
        ("https://mastodon.example/", "https://mastodon.example"),
        ("HTTPS://MASTODON.EXAMPLE", "https://mastodon.example"),
        ("mastodon.example:8443", "https://mastodon.example:8443"),
        ("@anna@mastodon.example", "https://mastodon.example"),
        ("anna@mastodon.example", "https://mastodon.example"),
        ("mästodon.example", "https://xn--mstodon-5wa.example"),
        ("a-b.c1.example", "https://a-b.c1.example"),
        ("127.0.0.1:3000", "http://127.0.0.1:3000"),
        ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
        ("localhost", "http://localhost"),
        ("https://localhost:3000", "https://localhost:3000"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("mastodon.xn--p1ai", "https://mastodon.xn--p1ai"),
    ],
)
def test_good_names(typed: str, address: str) -> None:
    assert server_address(typed) == address
    assert server_address(address) == address


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "mastodon",
        "http://mastodon.example",
        "ftp://mastodon.example",
        "https://mastodon.example/path",
        "https://mastodon.example?x",
        "https://mastodon.example/?x=1",
        "https://mastodon.example#x",
        "https://anna@mastodon.example",
        "https://anna:pw@mastodon.example",
        "https://mastodon.example@evil.example",
        "https://10.0.0.1",
        "https://192.168.1.1",
        "https://8.8.8.8",
        "https://169.254.169.254",
        "https://0x7f000001",
        "https://2130706433",
        "https://0177.0.0.1",
        "https://1.2.3",
        "https://[fe80::1]",
        "https://[::ffff:10.0.0.1]",
        "https://[::1",
        "mastodon.example:99999",
        "mastodon.example:http",
        "-mastodon.example",
        "mastodon-.example",
        "mastodon..example",
        ".example",
        "masto don.example",
        "mastodon.example\n",
        "mastodon.example\x00",
        "mastodon.exa\u202emple",
        "mastodon\\.example",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "a" * 64 + ".example",
        ("a" * 60 + ".") * 5 + "example",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
    ],
)
def test_bad_names(typed: str) -> None:
    if typed == "mastodon.example\n":  # a pasted line end is no harm
        assert server_address(typed) == "https://mastodon.example"
        return
    with pytest.raises(UsageError) as caught:
        server_address(typed)
    assert "\x00" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("raw", "link"),
    [
        ("https://a.example/x?y=1&z=å#f", "https://a.example/x?y=1&z=%C3%A5#f"),
        ("http://a.example", "http://a.example"),
        (" https://a.example/\n", "https://a.example/"),
        ("HTTPS://A.Example/X", "https://a.example/X"),
        ("https://a.example/%20(b)_[c]", "https://a.example/%20(b)_[c]"),
        ('https://a.example/|<>"', "https://a.example/%7C%3C%3E%22"),
        ("https://a.example/\u202e", "https://a.example/%E2%80%AE"),
        ("https://[::1]:8080/x", "https://[::1]:8080/x"),
        ("https://åäö.example", "https://xn--4cab6c.example"),
        ("https://a_b.example/", "https://a_b.example/"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("vscode://x", ""),
        ("ssh://a.example", ""),
        ("-x https://a.example", ""),
        ("--help", ""),
        ("//a.example", ""),
        ("\\\\a.example\\x", ""),
        ("https://a.example\\@evil.example", ""),
        ("https://", ""),
        ("https:///x", ""),
        ("https://user@a.example", ""),
        ("https://a.example:99999", ""),
        ("https://a exa.example", ""),
        ("https://a.example/\x1b[31m", ""),
        ("https://a.example/\ud800", ""),
        ("https://[::1", ""),
        ("https://a%action.example", ""),
        ("https://a.example/" + "x" * 5000, ""),
        ("https://ex\u202eample.example", ""),
        (None, ""),
        (7, ""),
        (["https://a.example"], ""),
    ],
)
def test_links(raw: object, link: str) -> None:
    assert web_link(raw) == link
    assert web_link(link) == link
    if link:
        assert host_of(link)


@given(
    st.one_of(st.text(), st.text().map(lambda rest: "https://a.example/" + rest), st.text().map("https://{}".format))
)
def test_a_link_is_ascii_without_blanks_or_nothing(raw: str) -> None:
    link = web_link(raw)
    assert link == "" or (link.isascii() and link.isprintable() and " " not in link and link.startswith("http"))
    assert web_link(link) == link
