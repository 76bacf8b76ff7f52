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

from mbclient.core.clock import SystemClock
from mbclient.core.muting import Muter, brought
from mbclient.core.preferences import Mute, Preferences
from mbclient.core.stores import Archive, Arrival, Entry, ViewQuery, hidden_mark
from mbclient.core.workterms import read_terms
from mbclient.domain.account import Account
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Author, FilterAction, Filtered, Post, PostKind
from mbclient.domain.terms import Terms, searchable

WORK, HOME, MENTIONS, MINE = "work", "home", "mentions", "mine"
NEVER = datetime.max.replace(tzinfo=UTC)
_KINDS = {PostKind.BOOST: "boost", PostKind.REPLY: "reply"}


@dataclass(frozen=True, slots=True)
class Why:
    """Why a post is shown in a view or hidden from it: matched terms, the term that excludes it, or what hides it.

    `hidden_kind`: "boost" or "reply". `muted`, `filtered`: the user's mute, or the service's filter.
    """

    shown: bool
    terms: tuple[str, ...] = ()
    excluded_by: str = ""
    hidden_kind: str = ""
    no_terms: bool = False
    muted: Mute | None = None
    filtered: Filtered | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """What the filter asks besides the post: the time, the post that one answers, the filters an account still has.

    `filters`: their ids, None as long as they are not known.
    """

    now: Callable[[], datetime] = SystemClock().now
    parent: Callable[[Post], Post | None] = lambda _post: None
    filters: Callable[[str], frozenset[str] | None] = lambda _account: None


class Sieve:
    """Terms of the work filter and of every own view, and what is hidden. Raises `UsageError` for a bad term, at once.

    `due`: when something that hides posts ends, as far as it was met: from then on marks may be too old.
    """

    def __init__(self, preferences: Preferences, around: Around | None = None) -> None:
        self._around = around or Around()
        self.use(preferences)

    def use(self, preferences: Preferences) -> None:
        """Takes new settings; what is in the archive keeps its marks until `remark`."""
        work = preferences.work_filter
        terms = read_terms(work.terms, work.exclude)
        views = {view.name: (read_terms(view.terms), frozenset(view.accounts)) for view in preferences.views}
        muter = Muter(preferences.mutes)
        self._work, self.terms, self._muter = work, terms, muter
        self._views: dict[str, tuple[Terms, frozenset[str]]] = views
        hide = preferences.hide
        self._without = {
            "boost": _names(hide.boosts, (view.name for view in preferences.views if view.hide_boosts)),
            "reply": _names(hide.replies, (view.name for view in preferences.views if view.hide_replies)),
        }
        self._without["boost"] |= {WORK} if work.hide_boosts else set()
        self._without["reply"] |= {WORK} if work.hide_replies else set()
        self._ends = tuple(mute.until for mute in preferences.mutes if mute.until is not None)
        self.due = NEVER
        self._note_mutes(self._around.now())

    @property
    def has_terms(self) -> bool:
        return bool(self._work.terms)

    @property
    def views(self) -> tuple[str, ...]:
        """All views that a post can be hidden in."""
        return (WORK, HOME, MENTIONS, MINE, *self._views)

    def search_queries(self) -> Sequence[str]:
        """What a service could search for of the terms, when the settings want it; `wants` judges what it finds."""
        if not self._work.search_services:
            return ()
        return tuple(dict.fromkeys(filter(None, map(searchable, self._work.terms))))

    def wants(self, post: Post) -> bool:
        """Whether the Work view would show what a search found: services find more than was asked for."""
        return self.why(post).shown

    # ------------------------------------------------------------ one post

    def why(self, post: Post, view: str = WORK, *, own: bool = False) -> Why:
        """The filter's reasoning on one post in one view. `own`: it is mine, and no mute concerns it."""
        now = self._around.now()
        muted, filtered = (None, None) if own else (self._muted(post, now), self._filtered(post, view, now))
        kind = self._hidden_kind(post, view)
        belongs = self._belongs(post, view)
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
        now, parent = self._around.now(), self._parent_among(posts)
        found: dict[str, Mute | Filtered] = {}
        for post in posts:
            hider = self._muter.match(post, now, parent, but) or self._hiding(post, place, now)
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
        terms = self._views.get(view, (self.terms, frozenset()))[0] or self.terms
        matched = terms.match(post)
        return terms.spans(post.text, matched) if matched else ()

    def _belongs(self, post: Post, view: str) -> Why:
        if view == WORK:
            verdict = self.terms.verdict(post)
            if verdict.excluded_by:  # by who boosted it, perhaps: another may not be excluded
                ways = map(self.terms.verdict, brought(post))
                verdict = next((one for one in ways if not one.excluded_by), verdict)
            if verdict.excluded_by:
                return Why(False, verdict.matched, verdict.excluded_by)
            if not self._work.terms:
                return Why(True, no_terms=True)
            return Why(bool(verdict.matched), verdict.matched)
        terms, accounts = self._views.get(view, (None, frozenset()))
        through = {name.partition(":")[0] for name in (post.id, *post.also)} if accounts else accounts
        if not terms:
            return Why(not accounts or not accounts.isdisjoint(through), no_terms=True)
        matched = terms.match(post) if not accounts or not accounts.isdisjoint(through) else ()
        return Why(bool(matched), matched)

    def _muted(self, post: Post, now: datetime, parent: Callable[[Post], Post | None] | None = None) -> Mute | None:
        return self._muter.match(post, now, parent or self._around.parent)

    def _filtered(self, post: Post, view: str, now: datetime) -> Filtered | None:
        return self._hiding(post, "notifications" if view == MENTIONS else "home", now)

    def _hiding(self, post: Post, place: str, now: datetime) -> Filtered | None:
        hiding = (each for each in post.filtered if each.action is FilterAction.HIDE)
        return next((each for each in hiding if self._acts(each, place, now)), None)

    def _acts(self, filtered: Filtered, place: str, now: datetime) -> bool:
        known = self._around.filters(filtered.account) if filtered.id else None
        lifted = known is not None and filtered.id not in known
        return not lifted and filtered.acts(place, now)

    def _hidden_kind(self, post: Post, view: str) -> str:
        """A reply that somebody boosted is hidden as such where boosts are not wanted either."""
        kind, wanted = _KINDS.get(post.kind, ""), view.casefold()
        if not kind or wanted not in self._without[kind] or (post.boosts and wanted not in self._without["boost"]):
            return ""
        return kind

    # ------------------------------------------------------------ arriving posts

    def sort(self, posts: Sequence[Post], account: Account, among: Sequence[Post] = ()) -> Sequence[Arrival]:
        """Each post with its terms and views. `among`: posts that arrive with them and may be what they answer."""
        parent = self._parent_among((*among, *posts))
        now = self._around.now()
        return [self._arrival(post, account, now, parent) for post in posts]

    def _parent_among(self, posts: Sequence[Post]) -> Callable[[Post], Post | None]:
        """Finds what a post answers among these, else where it is known."""
        near: Mapping[tuple[str, str], Post] = {}
        if self._muter.needs_parents:
            near = {(post.account, post.remote_id): post for post in posts}

        def parent(post: Post) -> Post | None:
            return near.get((post.account, post.in_reply_to or "")) or self._around.parent(post)

        return parent

    def _arrival(self, post: Post, account: Account, now: datetime, parent: Callable[[Post], Post | None]) -> Arrival:
        why = self._belongs(post, WORK)
        own = is_mine(post, account)
        views = {WORK} if why.shown else set()
        if own:
            views.add(MINE)
        elif account.handle and _mentions(post, account):
            views.add(MENTIONS)
        views.update(name for name in self._views if self._belongs(post, name).shown)
        hidden = self._hidden_in(post, (HOME, *views), own, now, parent)
        return Arrival(replace(post, terms=why.terms), frozenset(views).union(map(hidden_mark, hidden)))

    def _hidden_in(
        self,
        post: Post,
        views: Iterable[str],
        own: bool,
        now: datetime,
        parent: Callable[[Post], Post | None] | None = None,
    ) -> set[str]:
        """Those of the views that the post belongs to and is hidden in."""
        for each in post.filtered:
            if each.until is not None and now < each.until < self.due:
                self.due = each.until
        if not own and self._muted(post, now, parent) is not None:
            return set(views)
        return {
            view
            for view in views
            if self._hidden_kind(post, view) or (not own and post.filtered and self._filtered(post, view, now))
        }

    # ------------------------------------------------------------ what is in the archive

    def remark(self, archive: Archive, entries: Sequence[Entry]) -> bool:
        """Marks entries anew after they or rules changed; whether any differ. A slice at a time: no key waits."""
        now = self._around.now()
        works = {entry.key: self._belongs(entry.post, WORK) for entry in entries}
        matched = {entry.key: works[entry.key].terms if works[entry.key].shown else None for entry in entries}
        as_before = {entry.key: entry.post.terms if WORK in entry.views else None for entry in entries}
        other = {key: terms for key, terms in matched.items() if terms != as_before[key]}
        differ = _replace(archive, WORK, other)
        hidden: dict[str, dict[int, tuple[str, ...] | None]] = {}
        member = {entry.key: {HOME, *(entry.views & {MENTIONS, MINE})} for entry in entries}
        for entry in entries:
            if works[entry.key].shown:
                member[entry.key].add(WORK)
        for name in self._views:
            changed: dict[int, tuple[str, ...] | None] = {}
            for entry in entries:
                belongs = self._belongs(entry.post, name).shown
                if belongs:
                    member[entry.key].add(name)
                if belongs != (name in entry.views):
                    changed[entry.key] = () if belongs else None
            differ |= _replace(archive, name, changed)
        for entry in entries:
            views = member[entry.key]
            marked = set(map(hidden_mark, self._hidden_in(entry.post, views, MINE in entry.views, now)))
            before = {view for view in entry.views if view.startswith(hidden_mark(""))}
            for mark in marked ^ before:
                hidden.setdefault(mark, {})[entry.key] = () if mark in marked else None
        for mark, keys in hidden.items():
            differ |= _replace(archive, mark, keys)
        return differ

    def remark_all(self, archive: Archive, *, slice_size: int = 200) -> Iterator[int]:
        """The whole archive, newest first; yields the number done after each slice."""
        self.due = NEVER
        self._note_mutes(self._around.now())
        before: int | None = None
        done = 0
        while entries := archive.page(ViewQuery(HOME, peek=True), before=before, limit=slice_size):
            self.remark(archive, entries)
            before = entries[-1].key
            done += len(entries)
            yield done

    def _note_mutes(self, now: datetime) -> None:
        self.due = min((end for end in self._ends if end > now), default=NEVER)


def _names(*names: Iterable[str]) -> set[str]:
    return {name.casefold() for some in names for name in some}


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
