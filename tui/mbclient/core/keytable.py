"""The one table of commands and keys: help, footer, palette, `mbclient keys` and the README come from it.

Actions are named; a user gives one of them other keys under `[keys]` in config.toml. A key is written as the toolkit
names it (`core/keynames.py`), several with commas between, a sequence of strokes with spaces: "g g,home".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import StrEnum

from mbclient.core.keynames import is_key, is_only_shifted, known_names, normal_key, shown_key, types_text
from mbclient.domain.errors import SettingsError
from mbclient.domain.lazydataclass import dataclass
from mbclient.texts import N_, _


class Scope(StrEnum):
    """Where an action's keys are heard. Reading, figures and composer never hear a key at the same time."""

    ANYWHERE = "anywhere"
    READING = "reading"
    FIGURES = "figures"
    COMPOSER = "composer"


@dataclass(frozen=True, slots=True)
class Action:
    """A named command. `label` fits a footer, `description` is its line of help; `footer`: it is shown there.

    One without keys is in the palette, and gets a key when the user gives it one.
    """

    id: str
    keys: tuple[str, ...]
    scope: Scope
    label_text: str
    description_text: str
    footer: bool = False

    @property
    def label(self) -> str:
        """In the language in use."""
        return _(self.label_text)

    @property
    def description(self) -> str:
        """In the language in use."""
        return _(self.description_text)

    @property
    def shown_keys(self) -> str:
        """For people: `j ↓`."""
        return "  ".join(shown_key(key) for key in self.keys)


def _action(
    id: str,
    keys: str,
    label: str,
    description: str,
    *,
    scope: Scope = Scope.READING,
    footer: bool = False,
) -> Action:
    return Action(id, tuple(filter(None, keys.split(","))), scope, label, description, footer)


_VIEW_COUNT = 9

DEFAULT_ACTIONS: tuple[Action, ...] = (
    _action("down", "j,down", N_("Down"), N_("Select the next post")),
    _action("up", "k,up", N_("Up"), N_("Select the post above")),
    _action("top", "g g,home", N_("Top"), N_("Go to the newest post")),
    _action("bottom", "G,end", N_("Bottom"), N_("Go to the oldest post")),
    _action("page_up", "pageup", N_("Page up"), N_("Up one page")),
    _action("page_down", "pagedown,space", N_("Page down"), N_("Down one page")),
    _action("thread", "enter", N_("Thread"), N_("Show the conversation around the post"), footer=True),
    _action("back", "escape", N_("Back"), N_("Back to where you were")),
    *(
        _action(f"view_{number}", str(number), N_("View"), N_("Show the view with this number"))
        for number in range(1, _VIEW_COUNT + 1)
    ),
    _action("toggle_work", "w", N_("Work / all"), N_("Switch between work and everything"), footer=True),
    _action("peek", "p", N_("Peek"), N_("Peek at what the filter hid")),
    _action("refresh", "full_stop", N_("Refresh"), N_("Ask the services for new posts now"), footer=True),
    _action("search", "slash", N_("Search"), N_("Search the archive and the services"), footer=True),
    _action("compose", "c", N_("Compose"), N_("Write a new post"), footer=True),
    _action("reply", "r", N_("Reply"), N_("Reply to the post"), footer=True),
    _action("quote", "Q", N_("Quote"), N_("Write a post that quotes this one")),
    _action("boost", "b", N_("Boost"), N_("Boost the post, or take the boost back")),
    _action("like", "f", N_("Like"), N_("Like the post, or take the like back")),
    _action("bookmark", "B", N_("Bookmark"), N_("Bookmark the post, or remove the bookmark")),
    _action("reveal", "x", N_("Reveal"), N_("Show or hide what a warning covers, or the rest of a long post")),
    _action("open", "o", N_("Open"), N_("Open the post in the browser")),
    _action("copy_link", "y", N_("Copy link"), N_("Copy the link to the post")),
    _action("copy_markdown", "", N_("Markdown"), N_("Copy the post as Markdown, to hand it on")),
    _action("author", "a", N_("Author"), N_("Show who wrote it, and their posts")),
    _action("media", "m", N_("Media"), N_("Show the pictures and their descriptions")),
    _action("pictures", "", N_("Pictures"), N_("Fetch the post's pictures and its author's, with their descriptions")),
    _action("next_unread", "n", N_("Next new"), N_("Go to the next unread post")),
    _action("why", "i", N_("Why"), N_("Why the post is shown or hidden, its links and details")),
    _action("notifications", "N", N_("Notifications"), N_("Show replies, mentions, likes and followers")),
    _action("mute", "M", N_("Mute"), N_("Mute the author, the conversation or a word, for a time")),
    _action("mutes", "H", N_("Mutes"), N_("See, add and lift mutes")),
    _action("vote", "v", N_("Vote"), N_("Vote in the post's poll"), footer=True),
    _action("edit", "e", N_("Edit"), N_("Edit your own post")),
    _action("delete", "delete", N_("Delete"), N_("Delete your own post")),
    _action("undo", "u", N_("Undo"), N_("Take back what still waits to be sent"), footer=True),
    _action("stats", "s", N_("Statistics"), N_("Your figures, and what each is made of")),
    _action("figures", "S", N_("Figures"), N_("Show or hide the figures beside the timeline")),
    _action("pause", "P", N_("Pause"), N_("Stop measuring reading time, or go on with it")),
    _action("outbox", "O", N_("Outbox"), N_("What waits to be sent, or failed")),
    _action("planned", "T", N_("Planned"), N_("The recommended times to come, and what is planned")),
    _action("drafts", "D", N_("Drafts"), N_("Kept drafts")),
    _action("privacy", "Z", N_("Privacy"), N_("Cover the screen")),
    _action("settings", "comma", N_("Settings"), N_("Settings and accounts")),
    _action("help", "question_mark", N_("Help"), N_("All keys and commands"), footer=True),
    _action("palette", "ctrl+p", N_("Palette"), N_("Find a command by name"), scope=Scope.ANYWHERE),
    _action("next_pane", "tab", N_("Next pane"), N_("Go to the next pane"), scope=Scope.ANYWHERE),
    _action("quit", "q", N_("Quit"), N_("Leave; drafts and the outbox are kept"), footer=True),
    _action("figures_today", "1", N_("Today"), N_("The figures of today"), scope=Scope.FIGURES),
    _action("figures_week", "2", N_("7 days"), N_("The figures of 7 days"), scope=Scope.FIGURES),
    _action("figures_month", "3", N_("4 weeks"), N_("The figures of 4 weeks"), scope=Scope.FIGURES),
    _action("figures_range", "4", N_("Own range"), N_("The figures from one day to another"), scope=Scope.FIGURES),
    _action(
        "figures_hours",
        "h",
        N_("Hours"),
        N_("The hours instead of the days, where both do not fit"),
        scope=Scope.FIGURES,
        footer=True,
    ),
    _action(
        "figures_forget",
        "delete",
        N_("Remove reading"),
        N_("Remove all reading time"),
        scope=Scope.FIGURES,
        footer=True,
    ),
    _action("send", "ctrl+s", N_("Send"), N_("Send the post"), scope=Scope.COMPOSER, footer=True),
    _action(
        "send_planned",
        "ctrl+t",
        N_("Next time"),
        N_("Send at the next recommended time"),
        scope=Scope.COMPOSER,
        footer=True,
    ),
    _action("send_at", "alt+t", N_("Time"), N_("Choose when the post goes"), scope=Scope.COMPOSER),
    _action("editor", "ctrl+e", N_("Editor"), N_("Write in your own editor"), scope=Scope.COMPOSER),
    _action(
        "targets",
        "ctrl+o",
        N_("Accounts"),
        N_("Choose the accounts to post to"),
        scope=Scope.COMPOSER,
        footer=True,
    ),
    _action(
        "next_target",
        "",
        N_("Next account"),
        N_("Post from the next account alone, then from the usual ones again"),
        scope=Scope.COMPOSER,
    ),
    _action(
        "visibility",
        "alt+v",
        N_("Visibility"),
        N_("The next visibility that every chosen account has"),
        scope=Scope.COMPOSER,
    ),
    _action(
        "attach",
        "",
        N_("Attach"),
        N_("Add a picture or another file with its description, change or remove one"),
        scope=Scope.COMPOSER,
    ),
    _action(
        "poll",
        "alt+o",
        N_("Poll"),
        N_("Add a poll, or change its choices and how long it is open"),
        scope=Scope.COMPOSER,
    ),
    _action(
        "as_thread",
        "alt+p",
        N_("As a thread"),
        N_("Send a text that is too long as a thread, with numbers, or as one post again"),
        scope=Scope.COMPOSER,
    ),
    _action("snippet", "", N_("Snippet"), N_("Put in one of your own ready texts"), scope=Scope.COMPOSER),
    _action("post_language", "", N_("Language"), N_("Say which language the post is in"), scope=Scope.COMPOSER),
    _action("warning", "alt+w", N_("Warning"), N_("Show or hide the line for a content warning"), scope=Scope.COMPOSER),
    *(
        _action(
            f"fix_{number}",
            f"f{number + 1}",
            N_("Fix"),
            N_("Apply the fix with this number"),
            scope=Scope.COMPOSER,
        )
        for number in range(1, 5)
    ),
    _action(
        "close",
        "escape",
        N_("Close"),
        N_("Close the composer and keep the draft"),
        scope=Scope.COMPOSER,
        footer=True,
    ),
)


@dataclass(frozen=True, slots=True)
class KeyProblem:
    """Why a line of `[keys]` cannot be used: the action's key in the file, and two plain sentences."""

    action: str
    problem: str
    advice: str


@dataclass(frozen=True, slots=True)
class KeyTable:
    """The actions with their keys in force, in the order help shows them."""

    actions: tuple[Action, ...] = DEFAULT_ACTIONS

    def __iter__(self) -> Iterator[Action]:
        return iter(self.actions)

    def __getitem__(self, id: str) -> Action:
        """Raises KeyError for an unknown id."""
        for action in self.actions:
            if action.id == id:
                return action
        raise KeyError(id)

    def in_scope(self, *scopes: Scope) -> tuple[Action, ...]:
        return tuple(action for action in self.actions if action.scope in scopes)

    def rebound(self, overrides: Mapping[str, str]) -> KeyTable:
        """The table with the user's keys. Raises `SettingsError` (key "keys.<action>") for the first that is wrong."""
        for found in problems(overrides, self):
            raise SettingsError(found.problem, found.advice, key=f"keys.{found.action}")
        return self._with(overrides)

    def _with(self, overrides: Mapping[str, str]) -> KeyTable:
        return KeyTable(
            tuple(
                replace(action, keys=_split(overrides[action.id])) if action.id in overrides else action
                for action in self.actions
            )
        )


DEFAULT_KEYS = KeyTable()

_ALWAYS_QUITS = "ctrl+q"  # the toolkit's, before every other key
_ALWAYS_GOES_BACK = "shift+tab"  # the toolkit's too, on every screen
_HEARD_LAST = ("help", "quit")  # by the program, when the screen has no such key


def problems(overrides: Mapping[str, str], table: KeyTable = DEFAULT_KEYS) -> tuple[KeyProblem, ...]:
    """Everything wrong with a `[keys]` section: unknown actions, bad key names, keys that two actions would share."""
    ids = tuple(action.id for action in table)
    found = [
        KeyProblem(name, _('there is no action "{name}"').format(name=name), _nearest(name, ids))
        for name in overrides
        if name not in ids
    ]
    for name, keys in overrides.items():
        if name in ids:
            found += _bad_keys(name, keys, table[name].scope)
    if not found:
        found += _conflicts(overrides, table._with(overrides))
    return tuple(found)


def _split(keys: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(normal_key(key) for key in keys.split(",") if key.strip()))


def _bad_keys(name: str, keys: str, scope: Scope) -> Iterator[KeyProblem]:
    if not _split(keys):
        yield KeyProblem(name, _("no key is given"), _('write at least one, such as "x" or "ctrl+x"'))
    for key in _split(keys):
        strokes = key.split()
        for stroke in strokes:
            if not is_key(stroke):
                problem = _('"{key}" is not the name of a key').format(key=stroke)
                yield KeyProblem(name, problem, _nearest_key(stroke))
            elif is_only_shifted(stroke):
                problem = _('no terminal sends "{key}"').format(key=stroke)
                yield KeyProblem(name, problem, _('write the character that it gives, such as "A" or "?"'))
        if _ALWAYS_QUITS in strokes and (name, key) != ("quit", _ALWAYS_QUITS):
            yield KeyProblem(
                name, _('"{key}" always ends the program').format(key=_ALWAYS_QUITS), _("choose another key")
            )
        if key == _ALWAYS_GOES_BACK and name in _HEARD_LAST:
            yield KeyProblem(name, _('"{key}" always goes to the pane before').format(key=key), _("choose another key"))
        if scope is Scope.COMPOSER and types_text(strokes[0]):
            problem = _('"{key}" writes text in the composer and cannot be a command there').format(key=key)
            yield KeyProblem(name, problem, _('add ctrl or alt, such as "ctrl+x"'))


def _conflicts(overrides: Mapping[str, str], table: KeyTable) -> Iterator[KeyProblem]:
    """Two actions that hear the same key, or a key that begins another's sequence; told of the user's own lines."""
    for action in table:
        if action.id not in overrides:
            continue
        for other in table:
            told_already = other.id in overrides and table.actions.index(other) < table.actions.index(action)
            if other is action or told_already or not _meet(action, other):
                continue
            for key in action.keys:
                for taken in other.keys:
                    if _collide(key, taken):
                        yield KeyProblem(
                            action.id,
                            _('"{key}" already means {other} ("{taken}")').format(key=key, other=other.id, taken=taken),
                            _("choose another key, or give {other} another one too").format(other=other.id),
                        )
    for action in table:
        for key in action.keys:
            for longer in action.keys:
                if action.id in overrides and key != longer and _collide(key, longer):
                    yield KeyProblem(
                        action.id,
                        _('"{key}" is the beginning of "{taken}"').format(key=key, taken=longer),
                        _("keep one of the two"),
                    )
                    break


_AMONG_FIGURES = frozenset(
    {"down", "up", "bottom", "page_up", "page_down", "thread", "back", "stats", "pause", "help", "privacy", "quit"}
)
"""What of reading is heard there too: a list, its way out, and what the whole program hears."""


def _meet(one: Action, other: Action) -> bool:
    """Whether one key could mean both."""
    scopes = {one.scope, other.scope}
    if scopes == {Scope.READING, Scope.FIGURES}:
        return bool({one.id, other.id} & _AMONG_FIGURES)
    return len(scopes) == 1 or Scope.ANYWHERE in scopes


def _collide(one: str, other: str) -> bool:
    """The same strokes, or one is the beginning of the other: then the longer could never be typed."""
    first, second = one.split(), other.split()
    shortest = min(len(first), len(second))
    return first[:shortest] == second[:shortest]


def _nearest(name: str, known: tuple[str, ...]) -> str:
    from difflib import get_close_matches  # only for a mistake

    close = get_close_matches(name, known, n=3, cutoff=0.5)
    if not close:
        return _("`mbclient keys` lists the actions")
    return _("did you mean {names}?").format(names=", ".join(close))


def _nearest_key(stroke: str) -> str:
    from difflib import get_close_matches  # only for a mistake

    *modifiers, base = stroke.lower().split("+")
    close = get_close_matches(base, known_names(), n=3, cutoff=0.6)
    if not close:
        return _('write it as "x", "G", "ctrl+x", "comma", "pagedown", "f5"; a sequence has a space: "g g"')
    return _("did you mean {names}?").format(names=", ".join("+".join((*modifiers, name)) for name in close))
