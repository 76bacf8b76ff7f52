"""Posts for elsewhere: what of a view may leave the program for a web page or a table, each act of composing once.

Never: what is not public, quoted or not, who asks not to be shown without a login, what a pseudonymous account wrote,
boosted or alone has seen, and the local notebook beside other accounts, which nobody else reads (policy facts 3.4, 7).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from mbclient.core.accounts import Accounts
from mbclient.core.criteria import MINE
from mbclient.core.judge import Judge
from mbclient.core.ports import Clock
from mbclient.core.reading import Reading, ViewInfo
from mbclient.core.stores import Archive, Ledger, ViewQuery
from mbclient.domain.account import Account
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Author, Post, Quoted, Visibility
from mbclient.texts import _, language

PAGE = 500
OPEN_TO_ALL = (Visibility.PUBLIC, Visibility.UNLISTED)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER_YET = timedelta(days=366)  # no post of a ledger lies further ahead
# RFC 3986: a scheme, and only characters that may stand in a URI (or, RFC 3987, beyond ASCII).
_ADDRESS = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2}|[^\x00-\xa0])+\Z"
)
_OF_THIS_MACHINE = "urn:mbclient:"  # the notebook's names, which every machine gives anew

Person = tuple[str, str]
"""A service, and who it is there."""

Asks = Callable[[Author, Post], bool]
"""Whether somebody, in a post, asks not to be shown without a login."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One post, or one act of composing that went to several services.

    `id`: a URI that is the same on every run, and on every machine but for posts of the notebook. `copies`: the same
    on other services, in order of time. `updated`: aware UTC.
    """

    id: str
    post: Post
    copies: tuple[Post, ...] = ()

    @property
    def updated(self) -> datetime:
        return max(self.post.edited_at or self.post.created_at, self.post.created_at)


@dataclass(frozen=True, slots=True)
class Export:
    """Entries newest first. `id`: of the whole, as stable as the entries'; `language`: of the title."""

    id: str
    title: str
    language: str
    entries: tuple[Entry, ...] = ()

    @property
    def updated(self) -> datetime:
        """When the newest change was; without any entry the beginning of time, so that nothing changes by itself."""
        return max((entry.updated for entry in self.entries), default=_BEGINNING)


class Exporter:
    """Gathers; reads the archive alone, no service. May take a while: call it in a thread."""

    def __init__(
        self, accounts: Accounts, judge: Judge, reading: Reading, archive: Archive, ledger: Ledger, clock: Clock
    ) -> None:
        self._accounts = accounts
        self._judge = judge
        self._reading = reading
        self._archive = archive
        self._ledger = ledger
        self._clock = clock

    def export(self, view: str = MINE) -> Export:
        """What a view shows, by its name or number; of the own posts those that are no boosts. Raises `UsageError`."""
        info = self._reading.view(view)
        facts = self._judge.account_facts()
        everybody = self._accounts.all()
        hidden = [account for account in everybody if facts[account.name].pseudonymous]
        shown = [
            account
            for account in everybody
            if account not in hidden
            and not facts[account.name].notebook
            and (not info.accounts or account.name in info.accounts)
        ]
        found = self._posts(info, shown)
        members = _members_only(found)

        def asks(author: Author, seen: Post) -> bool:
            """Not to be shown without a login; whoever exports their own posts has decided otherwise."""
            return _is_member_only(author, seen, members) and not _by_one_of(shown, author, seen)

        posts = [post for post in found if _is_for_all(post, hidden, asks)]
        if info.id == MINE:
            posts = [post for post in posts if post.boosted_by is None and _by_one_of(shown, post.author, post)]
        entries = _merged((self._told(post, hidden, asks) for post in posts), self._places())
        return Export(self._id(info, shown), self._title(info), language(), tuple(entries))

    def _posts(self, info: ViewInfo, accounts: Sequence[Account]) -> list[Post]:
        if not accounts:  # an empty query would be everybody's
            return []
        query = ViewQuery(info.id, tuple(account.name for account in accounts))
        posts: list[Post] = []
        before: int | None = None
        while page := self._archive.page(query, before=before, limit=PAGE):
            posts.extend(entry.post for entry in page)
            before = page[-1].key
        return posts

    def _told(self, post: Post, hidden: Sequence[Account], asks: Asks) -> Post:
        """The post, with no word of these accounts and people in it, and none of what not everybody may read."""
        prefixes = tuple(f"{account.name}:" for account in hidden)
        also = tuple(name for name in post.also if not prefixes or not name.startswith(prefixes))
        quoted = post.quoted
        if quoted is not None and (
            _by_one_of(hidden, quoted.author, post)
            or asks(quoted.author, post)
            or not self._is_open(post, quoted, asks)
        ):
            quoted = None
        boosters = tuple(
            each for each in post.boosters if not _by_one_of(hidden, each.author, post) and not asks(each.author, post)
        )
        return replace(post, also=also, quoted=quoted, boosters=boosters)

    def _is_open(self, post: Post, quoted: Quoted, asks: Asks) -> bool:
        """Whether all may read what is quoted; if neither service nor archive says so, nobody knows."""
        if quoted.visibility is not None:
            return quoted.visibility in OPEN_TO_ALL
        kept = self._archive.post(f"{post.account}:{quoted.remote_id}") if quoted.remote_id else None
        return kept is not None and kept.visibility in OPEN_TO_ALL and not asks(kept.author, kept)

    def _places(self) -> Mapping[str, tuple[str, int]]:
        """The group of every own post by its id, and which part of it on its account: the first, the second …"""
        places: dict[str, tuple[str, int]] = {}
        parts: dict[tuple[str, str], int] = {}
        for entry in self._ledger.entries(_BEGINNING, self._clock.now() + _NEVER_YET):
            if entry.group and entry.remote_id:
                part = parts[entry.group, entry.account] = parts.get((entry.group, entry.account), -1) + 1
                places[f"{entry.account}:{entry.remote_id}"] = (entry.group, part)
        return places

    def _id(self, info: ViewInfo, accounts: Sequence[Account]) -> str:
        """Of the view and the first account it is of: an account that is added later changes nothing."""
        first = accounts[0] if accounts else Account("", "")
        return uuid5(NAMESPACE_URL, f"mbclient {first.service} {first.url} {first.handle} {info.id}").urn

    def _title(self, info: ViewInfo) -> str:
        name = self._judge.policy.person_name
        return _("Posts by {name}").format(name=name) if info.id == MINE and name else info.title


def _members_only(posts: Iterable[Post]) -> Set[Person]:
    """Whose newest post here says that they are not to be shown without a login. The posts: newest first.

    It is the account that asks, for all that it wrote; what was kept before it did does not know.
    """
    said: dict[Person, bool] = {}
    for post in posts:
        said.setdefault((post.service, post.author.remote_id), post.author.members_only)
    return {person for person, members_only in said.items() if members_only}


def _is_member_only(author: Author, seen: Post, members: Set[Person]) -> bool:
    return author.members_only or (seen.service, author.remote_id) in members


def _is_for_all(post: Post, hidden: Sequence[Account], asks: Asks) -> bool:
    """Whether everybody may read it, and it is neither by one of these nor here because one boosted it."""
    people = [one for one in (post.author, post.boosted_by) if one is not None]
    return post.visibility in OPEN_TO_ALL and not any(
        _by_one_of(hidden, one, post) or asks(one, post) for one in people
    )


def _by_one_of(accounts: Iterable[Account], author: Author, seen: Post) -> bool:
    """Whether one of the accounts is the author of a post that may have been seen through another account.

    Numbers name somebody on one server only; other ids, and handles with their host, do so everywhere.
    """
    handle = str(author.handle).casefold()
    for account in accounts:
        same_service = account.service == seen.service
        everywhere = same_service and not account.remote_id.isdecimal()
        if author.remote_id and author.remote_id == account.remote_id and (everywhere or account.name == seen.account):
            return True
        if account.handle and handle == account.handle.casefold() and (same_service or "@" in handle):
            return True
    return False


def _merged(posts: Iterable[Post], places: Mapping[str, tuple[str, int]]) -> list[Entry]:
    """Newest first, each post once, with the posts of its group on other services."""
    together: dict[object, dict[str, Post]] = {}
    for post in posts:
        ids = (post.id, *post.also)
        place = next((places[name] for name in ids if name in places), None)
        together.setdefault(place or _id_of(post), {}).setdefault(_id_of(post), post)
    entries = [_entry(sorted(same.values(), key=_order)) for same in together.values()]
    return sorted(entries, key=lambda entry: _order(entry.post), reverse=True)


def _entry(same: Sequence[Post]) -> Entry:
    first, *copies = same
    also = dict.fromkeys((*first.also, *(name for copy in copies for name in (copy.id, *copy.also))))
    warning = next((post.cw for post in same if post.cw is not None), None)  # no copy loses what another one warns of
    return Entry(_id_of(first), replace(first, also=tuple(also), cw=warning), tuple(copies))


def _order(post: Post) -> tuple[datetime, str, str]:
    return post.created_at, post.service, post.uri


def _id_of(post: Post) -> str:
    if _ADDRESS.match(post.uri) and not post.uri.startswith(_OF_THIS_MACHINE):
        return post.uri
    return uuid5(NAMESPACE_URL, f"{post.service} {post.author.handle} {post.created_at} {post.remote_id}").urn
