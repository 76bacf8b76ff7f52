"""What a key does to the selected post: asks the desk, says what came of it. Shared by every screen with posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mbclient.core.desk import Desk
from mbclient.core.sieve import is_author
from mbclient.core.stores import OutboxRow, SendState
from mbclient.domain.errors import MbclientError
from mbclient.domain.post import Post, Visibility
from mbclient.texts import _
from mbclient.ui.spans import claimed_host, is_web, shown_host
from mbclient.ui.waiting import can_be_taken_back

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from mbclient.ui.hiding import Hider
    from mbclient.ui.host import Host


class Deeds:
    """Workers belong to the app, so that leaving a screen never cancels a deed half done."""

    def __init__(self, app: Host, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    def is_mine(self, post: Post) -> bool:
        """Written through one of my accounts."""
        account = next((each for each in self._desk.accounts.all() if each.name == post.account), None)
        # An account that was removed leaves its posts in the archive.
        return account is not None and is_author(account, post.author)

    # ------------------------------------------------------------ on the service

    def like(self, post: Post) -> None:
        self._do(self._desk.actions.like(post, not post.mine.liked))

    def bookmark(self, post: Post) -> None:
        self._do(self._desk.actions.bookmark(post, not post.mine.bookmarked))

    def boost(self, post: Post) -> None:
        """Waits like a post, and can be taken back like one; a boost already made is taken back at once."""
        if post.mine.boosted:
            self._do(self._desk.actions.unboost(post))
            return
        try:
            self._desk.composer.submit_boost(post, undo_seconds=self._desk.preferences.undo_seconds)
        except MbclientError as error:  # the policy's word, or a service without boosts
            self._app.say(str(error), "warning")

    def delete(self, post: Post) -> None:
        """Asks first: a deletion cannot be taken back."""
        from mbclient.ui.screens.ask import Ask

        def answered(yes: bool | None) -> None:
            if yes:
                self._do(self._desk.actions.delete(post), _("Deleted. It still counts today."))

        question = _("Delete this post at {account}? It cannot be taken back.").format(account=post.account)
        self._app.push_screen(Ask(question, str(post.whole_text)), answered)

    def _do(self, deed: Coroutine[object, object, object], done: str = "") -> None:
        async def run() -> None:
            try:
                await deed
            except MbclientError as error:
                self._app.say(str(error), "error")
            else:
                if done:
                    self._app.say(done)

        self._app.run_worker(run(), group="deeds")

    def has_undo(self) -> bool:
        """Whether a send waits that can be taken back."""
        try:
            return bool(self._can_be_taken_back())
        except MbclientError:  # a file that cannot be read now; whoever presses the key is told
            return False

    def _can_be_taken_back(self) -> list[OutboxRow]:
        return [row for row in self._desk.outbox.rows(states=(SendState.QUEUED,)) if can_be_taken_back(row)]

    def undo(self) -> None:
        """Takes the newest waiting send back into the composer."""
        rows = self._can_be_taken_back()
        if not rows:
            self._app.say(_("There is nothing to take back: everything has been sent."))
            return
        newest = max(rows, key=lambda row: row.created_at)
        try:
            taken = self._desk.taking_back.here(newest.outbox)
        except MbclientError as error:
            self._app.say(str(error), "warning")
            return
        if not taken.draft_id:
            self._app.say(_("The boost is taken back."))
            return
        self._app.resume(taken.draft_id)
        self._app.say(_("Taken back; the text is in the composer."))

    # ------------------------------------------------------------ on this screen

    def thread(self, post: Post) -> None:
        self._app.open_thread(post)

    def author(self, post: Post) -> None:
        self._app.open_author(post)

    def why(self, post: Post, hider: Hider | None = None) -> None:
        """`hider`: what hides it where it is looked at, if that is no view."""
        self._app.open_details(post, hider)

    def media(self, post: Post) -> None:
        if not post.media:
            self._app.say(_("This post has no media."))
            return
        self.why(post)

    def pictures(self, post: Post, revealed: bool = False) -> None:
        """`revealed`: the user has looked under what covers the post already."""
        if not self._desk.pictures.of(post):
            self._app.say(_("This post has no pictures."))
            return
        self._app.open_pictures(post, revealed)

    def vote(self, post: Post) -> None:
        """Asks for what, and says when it stands."""
        if post.poll is None:
            self._app.say(_("This post has no poll."))
            return
        from mbclient.ui.voting import Voting

        self._app.run_worker(Voting(self._app, self._desk).in_poll_of(post), group="deeds")

    def mute(self, post: Post) -> None:
        """Asks what of it, and until when."""
        from mbclient.ui.muting import Muting

        self._app.run_worker(Muting(self._app, self._desk).of_post(post), group="deeds")

    # ------------------------------------------------------------ out of the terminal

    def open_post(self, post: Post) -> None:
        if not post.url:
            self._app.say(_("This post has no address to open."), "warning")
            return
        self.open_address(post.url)

    def open_link(self, url: str, post: Post) -> None:
        """A link that was clicked on, with all the words that stand for it in the post."""
        self.open_address(url, " ".join(str(link.text) for link in post.links if link.url == url))

    def open_address(self, url: str, words: str = "") -> None:
        """http and https only; anything else a post names is never opened. Asks where the words name another host."""
        if not is_web(url):
            self._app.say(_("Only http and https addresses are opened."), "warning")
            return
        claimed = claimed_host(words, url)
        if not claimed:
            self._open(url)
            return
        from mbclient.ui.screens.ask import Ask

        def answered(yes: bool | None) -> None:
            if yes:
                self._open(url)

        question = _("The text says {claimed}, but the link leads to {host}. Open it?").format(
            claimed=claimed, host=shown_host(url)
        )
        self._app.push_screen(Ask(question, url), answered)

    def _open(self, url: str) -> None:
        """Python's browser opener fills in `%action` (python/cpython#148169); in capitals it is the same address."""
        self._app.open_url(url.replace("%action", "%ACtion"))

    def copy_link(self, post: Post) -> None:
        if not post.url:
            self._app.say(_("This post has no link to copy."), "warning")
            return
        self._app.copy_to_clipboard(post.url)
        self._app.say(_("Link copied."))

    def copy_markdown(self, post: Post) -> None:
        """Says so when not everybody may read it: what is handed on leaves the circle it was written for."""
        from mbclient.core.sharing import as_markdown  # late: 20 ms of patterns for a page

        self._app.copy_to_clipboard(as_markdown(post, self._desk.judge.policy.zone))
        if post.visibility in (Visibility.FOLLOWERS, Visibility.DIRECT):
            self._app.say(_("Copied as Markdown. It was not written for everybody: think of whom you hand it on to."))
        else:
            self._app.say(_("Copied as Markdown."))
