"""Replies, mentions, likes, boosts and followers, newest first; the posts they are about have the timeline's keys."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from textual import work

from mbclient.core import events
from mbclient.core.notices import Group, grouped
from mbclient.core.stores import Entry
from mbclient.domain.errors import MbclientError
from mbclient.domain.post import EMPTY, Author, NotificationKind, Post, Quoted
from mbclient.domain.safetext import SafeText
from mbclient.texts import _, ngettext
from mbclient.texts.notices import other_words
from mbclient.ui.hiding import Hider
from mbclient.ui.render import Dress, shown_name
from mbclient.ui.screens.choose import Choose
from mbclient.ui.screens.posts import PostsScreen
from mbclient.ui.sheet import one_line
from mbclient.ui.wrap import NO_BREAK, fit

LIMIT = 200
NAMES = 5  # of a group, told by name
NAME = 24  # cells for each
_NEEDS_A_POST = ("reply", "quote", "boost", "like", "bookmark", "media", "why", "edit", "delete")
_TOLD = (NotificationKind.MENTION, NotificationKind.REPLY, NotificationKind.QUOTE)


class NotificationsScreen(PostsScreen):
    """What somebody wrote to me is their post; what they did to mine is told, with mine as a quote below."""

    PLACE = "notifications"
    _groups: Mapping[str, Group] = MappingProxyType({})  # by the ids of the posts that stand for them

    def title_words(self) -> str:
        return _("Notifications")

    def on_mount(self) -> None:
        self._read()

    def hear(self, event: events.Event) -> None:
        """What comes in stands on top, and moves nothing."""
        if isinstance(event, events.NotificationsArrived):
            self._read()
        elif isinstance(event, events.PostChanged):
            self._put([_with(group, event.post) for group in self._groups.values()])
        else:
            super().hear(event)

    def _read(self) -> None:
        """From the archive. What was unread when the screen was opened keeps its mark; on the disk it is read."""
        unread = {group.name for group in self._groups.values() if group.unread}
        groups = grouped(self.desk.reading.notifications(limit=LIMIT))
        self._put([_unread(group) if group.name in unread else group for group in groups])
        self.timeline.focus()
        self._look()

    def on_screen_resume(self) -> None:
        self._look()

    def _look(self) -> None:
        """All of it is in front of the user, unless another screen is."""
        if self._groups and self.is_active:
            self._seen(max(group.at for group in self._groups.values()))

    def _put(self, groups: Sequence[Group]) -> None:
        shown = [(_as_post(group), group) for group in groups]
        self._groups = {post.id: group for post, group in shown}
        self._posts, self._empty = [post for post, _group in shown], _("No notifications yet.")
        new = sum(group.unread for group in groups)
        self._title = f"{self.title_words()} · {len(groups)}"
        if new:
            self._title += f" · {ngettext('{n} new', '{n} new', new).format(n=new)}"
        self._show_again()

    @work(group="places")
    async def _seen(self, until: datetime) -> None:
        try:
            await asyncio.to_thread(self.desk.reading.notifications_seen, until)
        except MbclientError as error:
            self.mb.say(str(error), "error")
        else:
            self.mb.count_notices()

    # ------------------------------------------------------------ what is shown

    def unread(self, posts: Sequence[Post]) -> int:
        return max((place for place, post in enumerate(posts, 1) if self._groups[post.id].unread), default=0)

    def hidden(self, posts: Sequence[Post]) -> Mapping[str, Hider]:
        """Of what one alone did, who it was decides, and not the words of my own post."""
        alone = [post for post in posts if len(self._groups[post.id].authors) < 2]
        written = [self._groups[post.id].kind in _TOLD for post in alone]
        return super().hidden(
            [post if own else replace(post, text=EMPTY, quoted=None) for post, own in zip(alone, written, strict=True)]
        )

    def dress(self, entry: Entry) -> Dress:
        group = self._groups[entry.post.id]
        lead = _told_words(group.kind) if group.kind in _TOLD and group.post is not None else ""
        return replace(super().dress(entry), lead=lead)

    # ------------------------------------------------------------ keys

    def post_of(self, entry: Entry) -> Post:
        return self._groups[entry.post.id].post or entry.post

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A follower's notification is no post: there is nothing of it to like or to answer."""
        entry = self.timeline.selected
        if entry is not None and not entry.post.uri and action in _NEEDS_A_POST:
            return None
        return super().check_action(action, parameters)

    def open_entry(self, entry: Entry) -> None:
        if entry.post.uri:
            super().open_entry(entry)
        else:
            self.action_author()

    def action_author(self) -> None:
        """Who did it; of several, the one that is chosen."""
        entry = self.timeline.selected
        if entry is None:
            return
        authors = self._groups[entry.post.id].authors
        if len(authors) < 2:
            self.deeds.author(entry.post)
            return

        def chosen(place: int | None) -> None:
            if place is not None:
                self.deeds.author(replace(entry.post, author=authors[place]))

        lines = [f"{shown_name(author.name, author.handle)}  @{author.handle}" for author in authors]
        self.app.push_screen(Choose(_("Whose posts?"), lines), chosen)


def _with(group: Group, post: Post) -> Group:
    """The group with a post as it is now."""
    if group.post is None or group.post.id != post.id:
        return group
    return Group(tuple(replace(each, post=post) for each in group.members))


def _unread(group: Group) -> Group:
    return Group((replace(group.newest, read=False), *group.members[1:]))


def _as_post(group: Group) -> Post:
    """A mention is its post; anything else is told as a post of who did it, with mine as a quote."""
    about, author = group.post, next(iter(group.authors), Author(SafeText("?")))
    if about is not None and group.kind in _TOLD:
        return replace(about, created_at=group.at, boosted_by=None, boosted_at=None)
    told = Post(
        account=group.newest.account,
        service=about.service if about is not None else group.newest.account,
        remote_id="\t".join(group.name),
        uri=about.uri if about is not None else "",
        author=author,
        text=SafeText(_deed(group)),
        created_at=group.at,
        url=about.url if about is not None else author.url,
    )
    if about is None:
        return told
    mine = SafeText(one_line(about.cw or about.text))
    return replace(told, quoted=Quoted(about.author, mine, about.url, about.remote_id))


def _deed(group: Group) -> str:
    """`♥ 3 people liked your post: Anna, Bo, Cia`; alone, the name stands above."""
    number = len(group.authors)
    words = {
        NotificationKind.LIKE: ngettext("♥ liked your post", "♥ {n} people liked your post", number),
        NotificationKind.BOOST: ngettext("↻ boosted your post", "↻ {n} people boosted your post", number),
        NotificationKind.FOLLOW: ngettext("+ follows you", "+ {n} people follow you", number),
    }.get(group.kind)
    if words is None:
        return one_line(other_words(group.newest.detail))
    if number < 2:
        return words
    names = [fit(shown_name(author.name, author.handle), NAME) for author in group.authors[:NAMES]]
    if number > NAMES:
        more = ngettext("{n} more", "{n} more", number - NAMES).format(n=number - NAMES)
        names.append(more.replace(" ", NO_BREAK))  # stays on one line
    return f"{words.format(n=number)}: {', '.join(names)}"


def _told_words(kind: NotificationKind) -> str:
    return {
        NotificationKind.MENTION: _("@ mentioned you"),
        NotificationKind.REPLY: _("↳ replied to you"),
        NotificationKind.QUOTE: _("❝ quoted you"),
    }.get(kind, "")
