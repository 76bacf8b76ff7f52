"""What the settings say of a post, compiled: the terms of Work and of every view, mutes, kinds that are hidden.

Never changed once made: new settings are new criteria, and a thread that began with these ends with them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from mbclient.core.muting import Muter, brought
from mbclient.core.preferences import Mute, Preferences
from mbclient.core.workterms import read_terms
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Filtered, Post, PostKind
from mbclient.domain.terms import Terms

WORK, HOME, MENTIONS, MINE = "work", "home", "mentions", "mine"
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


class Criteria:
    """Raises `UsageError` for a bad term, at once."""

    def __init__(self, preferences: Preferences) -> None:
        work, hide = preferences.work_filter, preferences.hide
        self.work, self.terms = work, read_terms(work.terms, work.exclude)
        self.views: dict[str, tuple[Terms, frozenset[str]]] = {
            view.name: (read_terms(view.terms), frozenset(view.accounts)) for view in preferences.views
        }
        self.muter = Muter(preferences.mutes)
        self._ends = tuple(mute.until for mute in preferences.mutes if mute.until is not None)
        self._without = {
            "boost": _names(hide.boosts, (view.name for view in preferences.views if view.hide_boosts)),
            "reply": _names(hide.replies, (view.name for view in preferences.views if view.hide_replies)),
        }
        self._without["boost"] |= {WORK} if work.hide_boosts else set()
        self._without["reply"] |= {WORK} if work.hide_replies else set()

    def ends(self, now: datetime) -> Iterable[datetime]:
        """When mutes end that are in force."""
        return (end for end in self._ends if end > now)

    def belongs(self, post: Post, view: str) -> Why:
        """Whether its words put it into a view, whatever hides it there."""
        if view == WORK:
            verdict = self.terms.verdict(post)
            if verdict.excluded_by:  # by who boosted it, perhaps: another may not be excluded
                ways = map(self.terms.verdict, brought(post))
                verdict = next((one for one in ways if not one.excluded_by), verdict)
            if verdict.excluded_by:
                return Why(False, verdict.matched, verdict.excluded_by)
            if not self.work.terms:
                return Why(True, no_terms=True)
            return Why(bool(verdict.matched), verdict.matched)
        terms, accounts = self.views.get(view, (None, frozenset()))
        through = {name.partition(":")[0] for name in (post.id, *post.also)} if accounts else accounts
        if not terms:
            return Why(not accounts or not accounts.isdisjoint(through), no_terms=True)
        matched = terms.match(post) if not accounts or not accounts.isdisjoint(through) else ()
        return Why(bool(matched), matched)

    def hidden_kind(self, post: Post, view: str) -> str:
        """The kind for which it is hidden, or nothing.

        A reply that somebody boosted is hidden as such where boosts are not wanted either.
        """
        kind, wanted = _KINDS.get(post.kind, ""), view.casefold()
        if not kind or wanted not in self._without[kind] or (post.boosts and wanted not in self._without["boost"]):
            return ""
        return kind


def _names(*names: Iterable[str]) -> set[str]:
    return {name.casefold() for some in names for name in some}
