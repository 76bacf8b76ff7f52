"""Replies, mentions, likes, boosts and followers, newest first; the posts they are about have the timeline's keys."""

from __future__ import annotations

from dataclasses import replace

from mbclient.domain.post import EMPTY, Author, Notification, NotificationKind, Post
from mbclient.domain.safetext import SafeText
from mbclient.texts import _
from mbclient.ui.screens.posts import PostsScreen
from mbclient.ui.timeline import Timeline

_NEEDS_A_POST = ("reply", "quote", "boost", "like", "bookmark", "media", "why", "edit", "delete")


class NotificationsScreen(PostsScreen):
    """Each notification is shown as the post it concerns, with who did what above its text."""

    PLACE = "notifications"

    def title_words(self) -> str:
        return _("Notifications")

    def on_mount(self) -> None:
        posts = [_as_post(notification) for notification in self.desk.reading.notifications(limit=100)]
        self.show_posts(posts, empty=_("No notifications yet."))
        self.say_title(f"{self.title_words()} · {len(posts)}")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A follower's notification is no post: there is nothing of it to like or to answer."""
        entry = self.timeline.selected
        if entry is not None and not entry.post.uri and action in _NEEDS_A_POST:
            return None
        return super().check_action(action, parameters)

    def on_timeline_opened(self, message: Timeline.Opened) -> None:
        if not message.entry.post.uri:
            message.prevent_default()
            self.deeds.author(message.entry.post)


def _as_post(notification: Notification) -> Post:
    """A mention is its post; anything else is told in a line above the post it is about."""
    told = (NotificationKind.MENTION, NotificationKind.REPLY, NotificationKind.QUOTE)
    if notification.post is not None and notification.kind in told:
        return notification.post
    who = notification.author or Author(SafeText("?"))
    words = _deed(notification.kind, str(notification.detail))
    about = notification.post
    if about is None:
        return Post(
            account=notification.account,
            service=notification.account,
            remote_id=notification.remote_id,
            uri="",
            author=who,
            text=SafeText(words),
            created_at=notification.at,
            url=who.url,
        )
    text = SafeText(f"{words}\n▏{about.text}")
    return replace(
        about, author=who, text=text, created_at=notification.at, boosted_by=None, boosted_at=None, cw=None, quoted=None
    )


def _deed(kind: NotificationKind, detail: str) -> str:
    words = {
        NotificationKind.LIKE: _("♥ liked your post"),
        NotificationKind.BOOST: _("⟲ boosted your post"),
        NotificationKind.FOLLOW: _("＋ follows you"),
    }
    return words.get(kind) or detail or str(EMPTY)
