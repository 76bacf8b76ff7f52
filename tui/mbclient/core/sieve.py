"""The work filter at work: compiled once, run once on every arriving post.

A post is put into the views it belongs to; `work` is the filter's own, `mentions` and `mine` are found by author and
handle, every view of the user's settings has its name. "home" is everything received and needs no mark.

What belongs to a view can be hidden there: by a mute, by a filter that is set at the service, or because it is a boost
or a reply. It is marked so (`hidden_mark`), counted, and shown when one peeks. Own posts are never muted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from threading import Lock

from mbclient.core.clock import SystemClock
from mbclient.core.criteria import HOME, MENTIONS, MINE, WORK, Criteria, Why
from mbclient.core.muting import Muter, Parent
from mbclient.core.pieces import unhurried
from mbclient.core.preferences import Mute, Preferences
from mbclient.core.stores import Archive, Arrival, Entry, ViewQuery, hidden_mark
from mbclient.domain.account import Account
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Author, FilterAction, Filtered, Post, PostKind
from mbclient.domain.terms import searchable

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Around:
    """What the filter asks besides the post: the time, the post that one answers, the filters an account still has.

    `filters`: their ids, None as long as they are not known.
    """

    now: Callable[[], datetime] = SystemClock().now
    parent: Parent = lambda _post: None
    filters: Callable[[str], frozenset[str] | None] = lambda _account: None


class Sieve:
    """Terms of the work filter and of every own view, and what is hidden. Raises `UsageError` for a bad term, at once.

    `due`: when something that hides posts ends, as far as it was met: from then on marks may be too old.
    `marking`: held while posts are marked and until the marks are stored. What was marked by criteria of before is in
    the archive then before anybody looks through it with new ones.
    """

    due: datetime

    def __init__(self, preferences: Preferences, around: Around | None = None) -> None:
        self._around = around or Around()
        self.marking = Lock()
        self.use(preferences)

    def use(self, preferences: Preferences) -> None:
        """Takes new settings; what is in the archive keeps its marks until `remark_all`."""
        self._criteria = Criteria(preferences)
        self._begin_ends()

    @property
    def has_terms(self) -> bool:
        return bool(self._criteria.work.terms)

    def search_queries(self) -> Sequence[str]:
        """What a service could search for of the terms, when the settings want it; `wants` judges what it finds."""
        work = self._criteria.work
        if not work.search_services:
            return ()
        return tuple(dict.fromkeys(filter(None, map(searchable, work.terms))))

    def wants(self, post: Post) -> bool:
        """Whether the Work view would show what a search found: services find more than was asked for."""
        return self.why(post).shown

    # ------------------------------------------------------------ one post

    def why(self, post: Post, view: str = WORK, *, own: bool = False) -> Why:
        """The filter's reasoning on one post in one view. `own`: it is mine, and no mute concerns it."""
        now, criteria = self._around.now(), self._criteria
        muted = filtered = None
        if not own:
            muted = criteria.muter.match(post, now, self._around.parent)
            filtered = self._filtered(post, view, now)
        kind = criteria.hidden_kind(post, view)
        belongs = criteria.belongs(post, view)
        if muted is None and filtered is None and not kind:
            return belongs
        return replace(belongs, shown=False, hidden_kind=kind, muted=muted, filtered=filtered)

    def hidden(
        self, posts: Sequence[Post], place: str, but: Callable[[Mute], bool] = lambda _mute: False
    ) -> Mapping[str, Mute | Filtered]:
        """What hides posts of others that a service just gave, by their ids: the user's mute, else a filter there.

        `place`: where they would stand, as `Filtered.contexts` names it. `but`: mutes that do not count there. Kinds
        and work terms hide nothing.
        """
        now, muter = self._around.now(), self._criteria.muter
        parent = self._parent_among(posts, muter)
        found: dict[str, Mute | Filtered] = {}
        for post in posts:
            hider = muter.match(post, now, parent, but) or self._hiding(post, place, now)
            if hider is not None:
                found[post.id] = hider
        return found

    def covers(self, post: Post, place: str = "home") -> tuple[Filtered, ...]:
        """The service's filters that want the post, or its media, covered until one looks; each is named once."""
        if not post.filtered:
            return ()
        now = self._around.now()
        acting = [
            each for each in post.filtered if each.action is not FilterAction.HIDE and self._acts(each, place, now)
        ]
        return tuple({(each.title, each.action): each for each in acting}.values())

    def spans(self, post: Post, view: str = WORK) -> Sequence[tuple[int, int]]:
        """Where the terms that put the post into a view stand in its text: an own view's, else the work filter's."""
        criteria = self._criteria
        terms = criteria.views.get(view, (criteria.terms, frozenset()))[0] or criteria.terms
        matched = terms.match(post)
        return terms.spans(post.text, matched) if matched else ()

    def _filtered(self, post: Post, view: str, now: datetime) -> Filtered | None:
        return self._hiding(post, "notifications" if view == MENTIONS else "home", now)

    def _hiding(self, post: Post, place: str, now: datetime) -> Filtered | None:
        hiding = (each for each in post.filtered if each.action is FilterAction.HIDE)
        return next((each for each in hiding if self._acts(each, place, now)), None)

    def _acts(self, filtered: Filtered, place: str, now: datetime) -> bool:
        known = self._around.filters(filtered.account) if filtered.id else None
        lifted = known is not None and filtered.id not in known
        return not lifted and filtered.acts(place, now)

    # ------------------------------------------------------------ arriving posts

    def sort(self, posts: Sequence[Post], account: Account, among: Sequence[Post] = ()) -> Sequence[Arrival]:
        """Each post with its terms and views. `among`: posts that arrive with them and may be what they answer.

        Whoever stores them holds `marking` from before this.
        """
        now, criteria = self._around.now(), self._criteria
        parent = self._parent_among((*among, *posts), criteria.muter)
        return [self._arrival(criteria, post, account, now, parent) for post in unhurried(posts)]

    def _parent_among(self, posts: Sequence[Post], muter: Muter) -> Parent:
        """Finds what a post answers among these, else where it is known."""
        near: Mapping[tuple[str, str], Post] = {}
        if muter.needs_parents:
            near = {(post.account, post.remote_id): post for post in posts}

        def parent(post: Post) -> Post | None:
            return near.get((post.account, post.in_reply_to or "")) or self._around.parent(post)

        return parent

    def _arrival(self, criteria: Criteria, post: Post, account: Account, now: datetime, parent: Parent) -> Arrival:
        why = criteria.belongs(post, WORK)
        own = is_mine(post, account)
        views = {WORK} if why.shown else set()
        if own:
            views.add(MINE)
        elif account.handle and _mentions(post, account):
            views.add(MENTIONS)
        views.update(name for name in criteria.views if criteria.belongs(post, name).shown)
        hidden = self._hidden_in(criteria, post, (HOME, *views), own, now, parent)
        return Arrival(replace(post, terms=why.terms), frozenset(views).union(map(hidden_mark, hidden)))

    def _hidden_in(
        self, criteria: Criteria, post: Post, views: Iterable[str], own: bool, now: datetime, parent: Parent
    ) -> set[str]:
        """Those of the views that the post belongs to and is hidden in."""
        for each in post.filtered:
            if each.until is not None and now < each.until < self.due:
                self.due = each.until
        if not own and criteria.muter.match(post, now, parent) is not None:
            return set(views)
        return {
            view
            for view in views
            if criteria.hidden_kind(post, view) or (not own and post.filtered and self._filtered(post, view, now))
        }

    # ------------------------------------------------------------ what is in the archive

    def remark(self, archive: Archive, entries: Sequence[Entry]) -> bool:
        """Marks entries anew after they or the criteria changed; whether any differ.

        Whoever read them holds `marking` from before.
        """
        now, criteria = self._around.now(), self._criteria
        works = {entry.key: criteria.belongs(entry.post, WORK) for entry in entries}
        matched = {entry.key: works[entry.key].terms if works[entry.key].shown else None for entry in entries}
        as_before = {entry.key: entry.post.terms if WORK in entry.views else None for entry in entries}
        other = {key: terms for key, terms in matched.items() if terms != as_before[key]}
        differ = _replace(archive, WORK, other)
        hidden: dict[str, dict[int, tuple[str, ...] | None]] = {}
        member = {entry.key: {HOME, *(entry.views & {MENTIONS, MINE})} for entry in entries}
        for entry in entries:
            if works[entry.key].shown:
                member[entry.key].add(WORK)
        for name in criteria.views:
            changed: dict[int, tuple[str, ...] | None] = {}
            for entry in entries:
                belongs = criteria.belongs(entry.post, name).shown
                if belongs:
                    member[entry.key].add(name)
                if belongs != (name in entry.views):
                    changed[entry.key] = () if belongs else None
            differ |= _replace(archive, name, changed)
        for entry in entries:
            views, own = member[entry.key], MINE in entry.views
            marked = set(map(hidden_mark, self._hidden_in(criteria, entry.post, views, own, now, self._around.parent)))
            before = {view for view in entry.views if view.startswith(hidden_mark(""))}
            for mark in marked ^ before:
                hidden.setdefault(mark, {})[entry.key] = () if mark in marked else None
        for mark, keys in hidden.items():
            differ |= _replace(archive, mark, keys)
        return differ

    def remark_all(self, archive: Archive, *, slice_size: int = 200) -> Iterator[int]:
        """The whole archive, newest first; yields the number done after each slice. Between two others may store."""
        with self.marking:
            self._begin_ends()
        before: int | None = None
        done = 0
        while True:
            with self.marking:
                entries = archive.page(ViewQuery(HOME, peek=True), before=before, limit=slice_size)
                if not entries:
                    return
                self.remark(archive, entries)
            before = entries[-1].key
            done += len(entries)
            yield done

    def _begin_ends(self) -> None:
        """The mutes' ends; those of the services' filters are met with the posts."""
        self.due = min(self._criteria.ends(self._around.now()), default=NEVER)


def _replace(archive: Archive, view: str, keys: Mapping[int, tuple[str, ...] | None]) -> bool:
    if keys:
        archive.replace_views(view, keys)
    return bool(keys)


def is_mine(post: Post, account: Account) -> bool:
    """Written or boosted through this account: of a post that nothing but boosts brought, by who boosted it first."""
    return is_author(account, (post.boosted_by if post.kind is PostKind.BOOST else None) or post.author)


def is_author(account: Account, author: Author) -> bool:
    """By the service's id where the account's is known, else by the handle."""
    if account.remote_id:
        return author.remote_id == account.remote_id
    return bool(account.handle) and str(author.handle).casefold() == account.handle.casefold()


def _mentions(post: Post, account: Account) -> bool:
    wanted = account.handle.casefold()
    short = wanted.partition("@")[0]
    return any(str(handle).casefold() in (wanted, short) for handle in post.mentions)
