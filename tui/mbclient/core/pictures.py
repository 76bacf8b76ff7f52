"""The pictures of a post and its author: which there are, whether their host must be asked for, and fetching one."""

from __future__ import annotations

from collections.abc import Sequence

from mbclient.core.accounts import Accounts
from mbclient.core.ports import PictureSource
from mbclient.domain.errors import UnsupportedError
from mbclient.domain.hosts import host_of
from mbclient.domain.post import Media, Post
from mbclient.domain.safetext import SafeText
from mbclient.texts import _

KEPT_BYTES = 16_000_000  # of pictures that were fetched, while the program runs


class Pictures:
    """Nothing is fetched but by `fetch`, and once while it is among the last.

    A host that is not the service's own is asked for once while the program runs.
    """

    def __init__(self, accounts: Accounts, source: PictureSource | None) -> None:
        """`source` None: there is no network, as in the demonstration."""
        self._accounts = accounts
        self._source = source
        self._allowed: set[str] = set()
        self._kept: dict[tuple[str, str], bytes] = {}  # by account and address; the last one asked for last

    @staticmethod
    def of(post: Post) -> Sequence[Media]:
        """Its pictures, those without an address too: their descriptions are there; its author's is the last."""
        avatar = Pictures.avatar(post)
        return [*(each for each in post.media if each.type == "image"), *([avatar] if avatar else [])]

    @staticmethod
    def avatar(post: Post) -> Media | None:
        """Its author's picture, where the service tells of one."""
        author = post.author
        if not author.avatar:
            return None
        words = _("{author}, the author").format(author=author.name or author.handle)
        return Media("image", SafeText.line(words), author.avatar)

    def stranger(self, post: Post, url: str) -> str:
        """The address's host if the user must be asked about it first; empty for the service's own and an allowed one.

        A server's own are its host and what stands below that (files.mastodon.example of mastodon.example).
        """
        host, own = host_of(url), host_of(self._own(post)).removeprefix("www.")
        ours = bool(own) and (host == own or host.endswith(f".{own}"))
        return "" if ours or host in self._allowed else host

    def allow(self, host: str) -> None:
        """The user has said yes."""
        self._allowed.add(host)

    async def fetch(self, post: Post, picture: Media) -> bytes:
        """The file, bounded and unread. `picture` is one of the post's, or its author's.

        Raises the `ServiceError` tree, in it `MovedError` where the file stands at a stranger's, or `UsageError`.
        """
        if self._source is None:
            raise UnsupportedError(_("the demonstration fetches nothing"))
        if not picture.url:
            raise UnsupportedError(_("the service gives no address of this picture"), _("open the post in the browser"))
        key = post.account, picture.url
        data = self._kept.pop(key, b"") or await self._source.fetch(
            picture.url, self._own(post), lambda url: not self.stranger(post, url)
        )
        self._kept[key] = data
        while sum(map(len, self._kept.values())) > KEPT_BYTES:
            del self._kept[next(iter(self._kept))]
        return data

    def _own(self, post: Post) -> str:
        """The address of the server that the post came from; empty for an account that is gone or has none."""
        return next((each.url for each in self._accounts.all() if each.name == post.account), "")
