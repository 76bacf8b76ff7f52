"""How commands show posts: JSON for programs, a few wrapped lines for people."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from mbclient.cli.run import Run
from mbclient.core.jsonform import post_json
from mbclient.domain.post import Author, Post, PostKind, Quoted, Visibility
from mbclient.texts import N_, _, ngettext
from mbclient.texts.polls import choice_words, poll_words
from mbclient.texts.times import when

_VISIBILITIES = {
    Visibility.UNLISTED: N_("unlisted"),
    Visibility.FOLLOWERS: N_("followers only"),
    Visibility.DIRECT: N_("direct message"),
}


def show_posts(run: Run, posts: Iterable[Post]) -> None:
    """JSON Lines, or the posts with an empty line between."""
    first = True
    for post in posts:
        if run.out.json:
            run.out.object(post_json(post))
            continue
        if not first:
            run.out.line()
        first = False
        show_post(run, post)


def show_post(run: Run, post: Post) -> None:
    """Who, when, where; the text; links, pictures and terms; the id that the other commands take."""
    out = run.out
    zone = run.desk.judge.policy.zone
    head = [name_of(post.author), when(post.created_at, run.desk.clock.now(), zone), post.account]
    if post.visibility in _VISIBILITIES:
        head.append(_(_VISIBILITIES[post.visibility]))
    if post.kind is PostKind.REPLY:
        head.append(_("reply"))
    if people := [each.author for each in post.boosts]:
        out.text(_("boosted by {name}").format(name=", ".join(map(name_of, people))), style="dim")
    out.text(" · ".join(head), style="bold")
    for each in run.desk.reading.covers(post):
        out.text("[" + _("Filtered: {filters}").format(filters=each.title) + "]", indent=2)
    if post.cw:
        out.text(f"[{post.cw}]", indent=2)
    out.text(str(post.text), indent=2)
    if post.poll is not None:
        for choice in post.poll.choices:
            out.text(f"○ {choice_words(post.poll, choice)}", indent=2)
        out.text(" · ".join(poll_words(post.poll, run.desk.clock.now(), zone)), indent=2, style="dim")
    if post.quoted is not None:
        out.text(f"> {_quote(post.quoted)}", indent=4, style="dim")
    for link in post.links:
        if link.text and str(link.text) != link.url:  # the host always stands beside other words
            out.text(f"{link.text} ({urlsplit(link.url).hostname})", indent=2, style="dim")
    for media in post.media:
        out.text(f"[{media.type}: {media.alt or _('no description')}]", indent=2, style="dim")
    out.text(" · ".join(_foot(post)), indent=2, style="dim")


def _quote(quoted: Quoted) -> str:
    if quoted.state == "deleted":
        return _("the quoted post is gone")
    if quoted.state != "accepted":
        return _("the quoted post is not available ({state})").format(state=quoted.state)
    return f"{name_of(quoted.author)}: {quoted.text}"


def name_of(author: Author) -> str:
    """ "Anna Ek @anna@mastodon.example"."""
    handle = f"@{author.handle}"
    return f"{author.name} {handle}" if author.name else handle


def _foot(post: Post) -> list[str]:
    replies, boosts, likes = post.counts.replies, post.counts.boosts, post.counts.likes
    counts = [
        (replies, ngettext("{n} reply", "{n} replies", replies)),
        (boosts, ngettext("{n} boost", "{n} boosts", boosts)),
        (likes, ngettext("{n} like", "{n} likes", likes)),
    ]
    words = [post.id, *(told.format(n=number) for number, told in counts if number)]
    if post.mine.liked:
        words.append(_("liked by you"))
    if post.mine.boosted:
        words.append(_("boosted by you"))
    if post.terms:
        words.append(", ".join(post.terms))
    return words
