"""A post as Markdown: quoted and named, and nothing in it but text and web addresses, whatever it says."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from mbclient.core.sharing import as_markdown
from mbclient.domain.post import Author, Media, Post
from mbclient.domain.safetext import SafeText
from tests.core.fakes import a_post

STOCKHOLM = ZoneInfo("Europe/Stockholm")
READER = MarkdownIt("commonmark")


def post(text: str, **fields: object) -> Post:
    author = Author(SafeText("bo@else.example"), SafeText("Bo_Ek"), remote_id="bo")
    given: dict[str, object] = {"author": author, "url": "https://else.example/@bo/1", **fields}
    return a_post("work", "1", text, **given)


def html(written: Post) -> str:
    return str(READER.render(as_markdown(written, STOCKHOLM)))


def test_a_post_is_quoted_and_named() -> None:
    assert as_markdown(post("Patched.\n\nSee https://else.example/a_b"), STOCKHOLM) == (
        "> Patched.\n>\n> See https://else.example/a_b\n>\n"
        "> — [Bo\\_Ek (@bo@else.example)](<https://else.example/@bo/1>), 2026-11-24\n"
    ).replace("Patched.\n", "Patched.  \n").replace("a_b\n", "a_b  \n")


def test_lines_stay_lines_and_the_day_is_that_of_the_zone() -> None:
    read = html(post("one\ntwo"))
    assert "one<br />" in read
    assert "2026-11-24</p>" in read


def test_warning_and_pictures_are_told() -> None:
    pictures = (Media("image", SafeText("A [ship]"), "https://else.example/1.png"), Media("image", SafeText("")))
    read = html(post("Look", cw=SafeText("ships"), media=pictures))
    assert "(ships)" in read
    assert '<a href="https://else.example/1.png">A [ship]</a>' in read
    assert "[no description]" in read
    assert "<img" not in read


@pytest.mark.parametrize(
    "text",
    [
        "![x](https://evil.example/x.png)",
        "[x](javascript:alert)",
        "<script>alert(1)</script>",
        "<https://evil.example>",
        "# head",
        "1. one",
        "2) two",
        "- item",
        "+ item",
        "---",
        "text\n===",
        "> quote",
        "    code",
        "```\ncode",
        "*a* _b_ ~~c~~ `d`",
        "&lt;b&gt; &#60;",
        "| a | b |\n|---|---|",
        "\\*a\\*",
    ],
)
def test_text_is_text(text: str) -> None:
    read = html(post(text))
    assert set(re.findall(r"</?(\w+)", read)) <= {"blockquote", "p", "a", "br"}
    assert re.findall(r'href="([^"]*)"', read) == ["https://else.example/@bo/1"]
    words = "".join(line.strip() for line in text.splitlines())
    plain = re.sub(r"<[^>]*>|\n", "", read).replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"')
    assert plain.replace("&amp;", "&").replace("%29", ")").startswith(words)


@given(st.text(max_size=80), st.text(max_size=20), st.text(max_size=30))
def test_whatever_it_says(text: str, name: str, alt: str) -> None:
    author = Author(SafeText("bo"), SafeText(name), remote_id="bo")
    picture = Media("image", SafeText(alt), "https://else.example/1.png")
    read = html(post(text, author=author, media=(picture,)))
    assert set(re.findall(r"</?([a-z]\w*)", read)) <= {"blockquote", "p", "a", "br"}
    assert set(re.findall(r'href="([^"]*)"', read)) <= {"https://else.example/@bo/1", "https://else.example/1.png"}
