"""What the account's preferences and the moderation's labels want hidden or covered (Bluesky facts 8).

The server applies muted words, hidden posts and label settings to nothing: the client does. Defaults are the
network's own: what is for adults is hidden as long as the account has not said that it wants to see it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from datetime import datetime

from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.post import FilterAction, Filtered, Post
from mbclient.domain.safetext import SafeText
from mbclient.services.bluesky.shape import Object, objects, optional_instant, optional_obj, optional_text, texts
from mbclient.texts import _

PREFERENCES = "app.bsky.actor.defs#"
MAX_LISTED = 1000  # muted words, hidden posts
ADULT = frozenset({"porn", "sexual", "graphic-media"})
MEDIA_LABELS = ADULT | {"nudity"}
_BY_DEFAULT = {"porn": "hide", "sexual": "warn", "graphic-media": "warn", "nudity": "ignore"}
_OLD_NAMES = {"nsfw": "porn", "suggestive": "sexual", "gore": "graphic-media"}
_ACTIONS = {"hide": FilterAction.HIDE, "warn": FilterAction.BLUR}  # these labels are about what is to be seen
_WITHOUT_SPACES = ("ja", "zh", "ko", "th", "vi")
_PUNCTUATION = re.compile(r"[^\w\s]+")
_EDGES = re.compile(r"\A[^\w\s]+|[^\w\s]+\Z")


@dataclass(frozen=True, slots=True)
class MutedWord:
    """`word` is folded. `in_text`: not only in tags. `strangers_only`: not for the posts of those one follows."""

    word: str
    in_text: bool = True
    strangers_only: bool = False
    until: datetime | None = None

    @property
    def id(self) -> str:
        return f"word:{self.word}"

    def matches(self, said: Said) -> bool:
        """A tag as a whole, else a word or a phrase; a single sign, and in languages without spaces all, anywhere."""
        if self.word in said.tags:
            return True
        if not self.in_text:
            return False
        anywhere = len(self.word) == 1 or said.without_spaces or _PUNCTUATION.search(self.word) or " " in self.word
        return (bool(anywhere) and any(self.word in text for text in said.texts)) or self.word in said.words


@dataclass(frozen=True, slots=True)
class Said:
    """All that a post says, folded: its text, descriptions, card, the quoted post. `words`: each in all readings."""

    texts: tuple[str, ...]
    words: frozenset[str]
    tags: frozenset[str]
    without_spaces: bool

    @classmethod
    def of(cls, post: Post) -> Said:
        parts = [post.text, *(media.alt for media in post.media), *(link.text for link in post.links)]
        parts += [post.quoted.text] if post.quoted is not None else []
        folded = tuple(_folded(part) for part in parts)
        words = frozenset(reading for text in folded for word in text.split() for reading in _readings(word))
        tags = frozenset(_folded(tag).removeprefix("#") for tag in post.tags)
        return cls(folded, words, tags, (post.lang or "").startswith(_WITHOUT_SPACES))


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _readings(word: str) -> Iterator[str]:
    """`(sign-in)` may be meant as itself, `sign-in`, `sign in`, `signin`, `sign` or `in`."""
    bare = _EDGES.sub("", word)
    yield word
    yield bare
    for between in (" ", ""):
        yield _PUNCTUATION.sub(between, bare)
    yield from _PUNCTUATION.split(bare)


@dataclass(frozen=True, slots=True)
class Moderation:
    """One account's rules. `labels`: what it set for a label (ignore, warn, hide), by (label, labeller or "")."""

    account: str
    words: tuple[MutedWord, ...] = ()
    hidden: frozenset[str] = frozenset()
    adult: bool = True
    labels: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def read(cls, account: str, preferences: Iterable[Object]) -> Moderation:
        """Of the answer's list; an entry that nobody understands is passed over."""
        words: list[MutedWord] = []
        hidden: list[str] = []
        labels: dict[tuple[str, str], str] = {}
        adult = False
        for entry in preferences:
            kind = optional_text(entry, "$type").removeprefix(PREFERENCES)
            if kind == "mutedWordsPref":
                words += _muted_words(objects(entry.get("items")))
            elif kind == "hiddenPostsPref":
                hidden += texts(entry.get("items"))
            elif kind == "adultContentPref":
                adult = entry.get("enabled") is True
            elif kind == "contentLabelPref":
                label, wanted = optional_text(entry, "label"), optional_text(entry, "visibility")
                label = _OLD_NAMES.get(label, label)
                labels[label, optional_text(entry, "labelerDid")] = "ignore" if wanted == "show" else wanted
        return cls(account, tuple(words[:MAX_LISTED]), frozenset(hidden[-MAX_LISTED:]), adult, labels)

    @property
    def ids(self) -> frozenset[str]:
        """Of all that stands now: what is not among them was taken back at the service."""
        of_labels = (_label_id(label, self._wanted(label, by)) for label in MEDIA_LABELS for by in self._labellers)
        return frozenset({*(word.id for word in self.words), *(f"post:{uri}" for uri in self.hidden), *of_labels})

    @property
    def _labellers(self) -> set[str]:
        return {"", *(by for _label, by in self.labels)}

    def _wanted(self, label: str, by: str) -> str:
        if label in ADULT and not self.adult:
            return "hide"
        default = self.labels.get((label, ""), _BY_DEFAULT[label])
        return self.labels.get((label, by), default)

    def of(self, post: Post, view: Object) -> tuple[Filtered, ...]:
        """What concerns a post. `view`: as the server showed it, with its labels."""
        found = [*self._of_words(post, view), *self._of_labels(view)]
        if post.remote_id in self.hidden:
            found.append(self._filtered(_("posts that you hid"), FilterAction.HIDE, id=f"post:{post.remote_id}"))
        if optional_obj(optional_obj(view.get("author")).get("viewer")).get("muted") is True:
            found.append(self._filtered(_("accounts that you muted"), FilterAction.HIDE))
        return tuple(dict.fromkeys(found))

    def _of_words(self, post: Post, view: Object) -> Iterator[Filtered]:
        if not self.words:
            return
        viewer = optional_obj(optional_obj(view.get("author")).get("viewer"))
        follows, said = bool(optional_text(viewer, "following")), Said.of(post)
        for word in self.words:
            if not (word.strangers_only and follows) and word.matches(said):
                yield self._filtered(word.word, FilterAction.HIDE, until=word.until, id=word.id)

    def _of_labels(self, view: Object) -> Iterator[Filtered]:
        """`!hide` and `!warn` are a moderation service's words, never the author's own.

        `!no-unauthenticated` asks for a login, which this client always has: it hides nothing here, and is kept with
        the author for what leaves the program. What stands at the author concerns the picture in the profile, but for
        those two.
        """
        author = optional_obj(view.get("author"))
        writer = optional_text(author, "did")
        of_post, of_author = _standing(objects(view.get("labels"))), _standing(objects(author.get("labels")))
        by_others = {value for value, by in (*of_post, *of_author) if by != writer}
        if "!hide" in by_others:
            yield self._filtered(_("hidden by the moderation"), FilterAction.HIDE)
        if "!warn" in by_others:
            yield self._filtered(_("warned of by the moderation"), FilterAction.WARN)
        record = optional_obj(view.get("record")) or optional_obj(view.get("value"))
        own = objects(optional_obj(record.get("labels")).get("values"))
        named = {*of_post, *((optional_text(value, "val"), writer) for value in own)}
        for label, by in sorted(named):
            label = _OLD_NAMES.get(label, label)
            wanted = self._wanted(label, "" if by == writer else by) if label in MEDIA_LABELS else "ignore"
            if wanted in _ACTIONS:
                title = _("labelled: {labels}").format(labels=label)
                yield self._filtered(title, _ACTIONS[wanted], id=_label_id(label, wanted))

    def _filtered(self, title: str, action: FilterAction, *, until: datetime | None = None, id: str = "") -> Filtered:
        return Filtered(self.account, SafeText.line(title, max_characters=100), action, (), until, id)


def _label_id(label: str, wanted: str) -> str:
    return f"label:{label}:{wanted}"


def _standing(labels: Iterable[Object]) -> set[tuple[str, str]]:
    """(label, who says so) of those that were not taken back."""
    return {(optional_text(label, "val"), optional_text(label, "src")) for label in labels if not label.get("neg")}


def _muted_words(items: Iterable[Object]) -> Iterator[MutedWord]:
    for item in items:
        word = _folded(_folded(optional_text(item, "value")).removeprefix("#"))
        if word:
            yield MutedWord(
                word,
                in_text="content" in texts(item.get("targets")),
                strangers_only=optional_text(item, "actorTarget") == "exclude-following",
                until=optional_instant(item.get("expiresAt")),
            )
