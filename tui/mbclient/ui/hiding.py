"""What mutes and the services' filters hide on a screen of posts: which, how many, and in what words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from mbclient.core.preferences import Mute
from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import Filtered, Post
from mbclient.texts import _, ngettext
from mbclient.ui.muting import mute_words
from mbclient.ui.sheet import one_line
from mbclient.ui.wrap import fit

Hider = Mute | Filtered
NAMED = 30  # cells for a name in a line that stands for a post


@dataclass(frozen=True, slots=True)
class Hidden:
    """The posts of one screen that are hidden there, by their ids, each with what hides it."""

    by: Mapping[str, Hider] = field(default_factory=dict)

    def __contains__(self, post: Post) -> bool:
        return post.id in self.by

    def words(self, key: str, *, peeking: bool) -> str:
        """`2 hidden by mutes – p shows them`; empty where nothing is."""
        number = len(self.by)
        if not number:
            return ""
        if peeking:
            return _("{n} hidden, peeking").format(n=number)
        mutes = sum(isinstance(hider, Mute) for hider in self.by.values())
        if mutes == number:
            words = ngettext("{n} hidden by mutes – {key} shows it", "{n} hidden by mutes – {key} shows them", number)
        elif mutes:
            words = ngettext(
                "{n} hidden by mutes and filters – {key} shows it",
                "{n} hidden by mutes and filters – {key} shows them",
                number,
            )
        else:
            words = ngettext(
                "{n} hidden by filters – {key} shows it", "{n} hidden by filters – {key} shows them", number
            )
        return words.format(n=number, key=key)

    def cover(self, post: Post, key: str) -> str:
        """The line in place of a hidden post, where its place matters."""
        hider = self.by[post.id]
        author = fit(f"@{one_line(post.author.handle)}", NAMED)
        if isinstance(hider, Mute):
            words = _("{author}: hidden by your mute {what} – {key} shows it")
            return words.format(author=author, what=fit(one_line(mute_words(hider)), NAMED), key=key)
        words = _("{author}: hidden by the filter {filter} – {key} shows it")
        return words.format(author=author, filter=fit(one_line(hider.title), NAMED), key=key)
