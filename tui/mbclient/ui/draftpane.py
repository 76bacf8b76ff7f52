"""The pane that holds a draft: opens it, shows what the policy says while one types, keeps it, closes.

Closed it is a painted line; the heavy widgets are imported and mounted on first use (speed facts 1). It never loses a
letter: every pause in typing is kept on disk, closing keeps the draft, a refused send keeps it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from mbclient.core.desk import Desk
from mbclient.core.keytable import KeyTable, Scope
from mbclient.domain.draft import Draft
from mbclient.domain.errors import MbclientError
from mbclient.domain.post import Post
from mbclient.domain.safetext import own_text
from mbclient.texts import _, ngettext, times
from mbclient.ui.draftwords import closed_title, open_title
from mbclient.ui.ownwords import typed
from mbclient.ui.painted import Pieces
from mbclient.ui.proposing import Proposing

if TYPE_CHECKING:
    from textual.widgets import Input, TextArea

    from mbclient.core.compose import Check
    from mbclient.ui.draftarea import DraftArea

CHECK_AFTER_S = 0.12  # policy facts 5.2: at most 150 ms after the last key
SAVE_AFTER_S = 0.8  # reliability facts 4.2: within a second of the last key


class Title(Static):
    """What is written, to whom; or how to begin. `Pieces` cannot be selected, so nothing in it seems to be."""

    ALLOW_SELECT = False


class DraftPane(Proposing, Vertical, can_focus=True):
    """Give it a draft with `begin`; it tells `Changed` at every pause and `Closed` when it is done. Its keys are the
    composer's, which builds on it.
    """

    DEFAULT_CSS = """
    DraftPane { height: auto; width: 1fr; background: $background; }
    DraftPane #title { height: auto; max-height: 5; padding: 0 1; }
    DraftPane.-open #title { background: $panel; }
    """

    class Changed(Message):
        """Text, targets or anything else of the draft is other than before."""

    class Closed(Message):
        """The composer is closed; the timeline has the keys again."""

    def __init__(self, desk: Desk, keys: KeyTable, *, fix_keys: Sequence[str]) -> None:
        super().__init__(id="composer", classes="-closed")
        self._desk = desk
        self._keys = keys
        self._fix_keys = tuple(fix_keys)
        self._draft: Draft | None = None
        self._draft_id = ""
        self._saved: Draft | None = None
        self._saved_place = 0
        self._answered: Post | None = None
        self._area: DraftArea | None = None
        self._warning: Input | None = None
        self._loaded = False
        self._ahead: list[events.Key | events.Paste] = []  # what came while the area was being built
        self._check_timer: Timer | None = None
        self._save_timer: Timer | None = None
        self._checked: Draft | None = None
        self._hint = ""

    def compose(self) -> ComposeResult:
        yield Title(self._closed_words(), id="title")

    def _closed_words(self) -> Pieces:
        names = self._desk.accounts.default_names()
        compose, drafts = self._keys["compose"].shown_keys, self._keys["drafts"].shown_keys
        return closed_title(names, compose, len(self._desk.drafts.list()), drafts)

    @property
    def is_open(self) -> bool:
        return self._draft is not None

    @property
    def is_ready(self) -> bool:
        """Open, with the draft in the area."""
        return self._loaded

    @property
    def draft(self) -> Draft | None:
        """The draft as it stands on the screen; None while closed."""
        if self._draft is None or not self._loaded or self._area is None or self._warning is None:
            return self._draft
        warned = self.has_class("-warned")
        return replace(self._draft, text=self._area.text, cw=self._warning.value if warned else "")

    @property
    def draft_id(self) -> str:
        """The kept draft's id; empty while nothing of it is on disk."""
        return self._draft_id

    def allow_focus(self) -> bool:
        """Itself, while the area is not there yet; else the focus would be where nobody sees it."""
        return self.is_open and not self._loaded

    @on(events.DescendantFocus)
    @on(events.DescendantBlur)
    def _focus_moved(self) -> None:
        """Open while another pane has the keys, it says so: letters that look like text would be commands."""
        aside = self.is_open and self.screen.focused is not None and not self.has_focus_within
        if aside != self.has_class("-aside"):
            self.set_class(aside, "-aside")
            self._show_check()

    # ------------------------------------------------------------ opening, closing

    def begin(
        self, draft: Draft, *, draft_id: str = "", cursor: int | None = None, context: Post | None = None
    ) -> None:
        """Opens with a draft; what stood there before is kept first. `context`: the post replied to or quoted.

        Until it is closed or sent, the draft is this program's: the next start opens it again, whatever ended this one.
        """
        if not self.keep():
            return
        self._let_go(but=draft_id)
        self._draft, self._draft_id, self._answered = draft, draft_id, context
        self._saved, self._saved_place = draft, len(draft.text) if cursor is None else cursor
        if draft_id:
            self._desk.drafts.hold(draft_id)
        self._hint = ""
        self._loaded, self._ahead = False, []
        self.set_class(True, "-open").set_class(False, "-closed").set_class(bool(draft.cw), "-warned")
        if self._area is not None:
            self._load(draft, cursor)
        else:
            self.screen.set_focus(self)  # at once: keys pressed while the area is built are not the timeline's
            self._build(cursor)

    @work(exclusive=True, group="composer")
    async def _build(self, cursor: int | None) -> None:
        from mbclient.ui.draftarea import DraftArea
        from mbclient.ui.endings import Endings
        from mbclient.ui.partsview import PartsView
        from mbclient.ui.verdictview import VerdictView
        from mbclient.ui.wordsinput import WordsInput

        warning = WordsInput(placeholder=_("Content warning"), id="warning")
        area = DraftArea(self._endings)
        self._endings_line = Endings()
        self._verdict = VerdictView(self._fix_keys)
        self._parts = PartsView()
        await self.mount_all([warning, area, self._endings_line, self._verdict, self._parts])
        self._area, self._warning = area, warning
        if self._draft is not None:
            self._load(self._draft, cursor)

    def _load(self, draft: Draft, cursor: int | None) -> None:
        area, warning = self._area, self._warning
        assert area is not None
        assert warning is not None
        warning.value = draft.cw
        area.load_text(draft.text)
        area.go_to(len(draft.text) if cursor is None else cursor)
        self.screen.set_focus(area)
        self._loaded = True
        while self._ahead and self.is_open:  # sent or closed by one of them, the rest had nowhere to go
            self._take(self._ahead.pop(0))
        self._show_check()
        self._learn()

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Letters are the text's, also while there is no area yet that says so."""
        return self.is_open and self.has_focus and bool(typed(events.Key(key, character)))

    async def on_key(self, event: events.Key) -> None:
        """What is pressed while the area is being built is for it; the area itself lets no such key through."""
        if self.is_open and not (self._warning is not None and self._warning.has_focus):
            self._take(event)

    def on_paste(self, event: events.Paste) -> None:
        if self.is_open and not self._loaded:
            self._take(event)

    def take_late(self, event: events.Key) -> None:
        """What was pressed right behind the key that opened the composer, and had gone to the timeline before it did:
        a burst over a slow line. It is the composer's; as keys of the timeline it would like and boost."""
        if self.is_written_in:
            self._take(event)

    @property
    def is_written_in(self) -> bool:
        """Whether the keys are its text's. The area lets no letter through: one that comes up was on its way before."""
        return self.is_open and self.screen.focused in (self, self._area)

    def _take(self, event: events.Key | events.Paste) -> None:
        """Text goes into the area, a command is done; both in their order, once the area stands."""
        if isinstance(event, events.Paste):
            action, text = "", own_text(event.text)
        else:
            action = next((each.id for each in self._keys.in_scope(Scope.COMPOSER) if event.key in each.keys), "")
            text = "\n" if event.key == "enter" else typed(event)
        if not action and not text:
            return
        event.stop()
        event.prevent_default()
        if not self._loaded or self._area is None:
            self._ahead.append(event)
        elif action:
            getattr(self, f"action_{action}")()
        elif self._warning is not None and self.screen.focused is self._warning:  # one of these keys began it
            self._warning.insert_text_at_cursor(text.replace("\n", " "))
        else:
            self._area.insert(text)

    def keep(self) -> bool:
        """The draft to disk, if there is anything new in it. False: the disk did not take it, which is said."""
        draft = self.draft
        if draft is None or not self._loaded or self._area is None:
            return True
        place = self._area.place()
        written = draft != self._saved and (draft.text.strip() or draft.media or draft.poll or self._draft_id)
        if not written and (not self._draft_id or place == self._saved_place):
            return True
        try:
            self._draft_id = self._desk.composer.save(draft, id=self._draft_id, cursor=place)
            self._desk.drafts.hold(self._draft_id)
        except MbclientError as error:
            self._unkept(error)
            return False
        self._saved, self._saved_place = draft, place
        return True

    def _unkept(self, error: MbclientError) -> None:
        """The words are on the screen alone: said as long as it is so, and tried again at the next key."""
        self._say_here(_("This draft is not on disk: {why}. Make room, or copy it.").format(why=error))

    def _let_go(self, *, but: str = "") -> None:
        if self._draft_id and self._draft_id != but:
            self._desk.drafts.let_go(self._draft_id)

    def shut(self) -> None:
        """The draft leaves the screen: sent, or kept before."""
        self._let_go()
        self._draft, self._draft_id, self._answered, self._loaded = None, "", None, False
        self.set_class(False, "-open", "-warned", "-aside").set_class(True, "-closed")
        self.drafts_changed()
        self.post_message(self.Closed())

    def drafts_changed(self) -> None:
        """Closed, it tells how many drafts are kept and where a new post would go."""
        if not self.is_open:
            self.query_one("#title", Static).update(self._closed_words())

    # ------------------------------------------------------------ while typing

    def on_text_area_changed(self, message: TextArea.Changed) -> None:
        self._edited()

    def on_text_area_selection_changed(self, message: TextArea.SelectionChanged) -> None:
        """Where one writes on is kept too."""
        if self._area is not None:
            self._area.look()
        if self.is_open and self._loaded and self._draft_id:
            self._save_soon()

    def on_input_changed(self, message: Input.Changed) -> None:
        self._edited()

    def _edited(self) -> None:
        if not self.is_open or self.draft == self._checked:
            return
        self._hint = ""
        if self._check_timer is not None:
            self._check_timer.stop()
        self._check_timer = self.set_timer(CHECK_AFTER_S, self._show_check)
        self._save_soon()

    def _save_soon(self) -> None:
        if self._save_timer is None:
            self._save_timer = self.set_timer(SAVE_AFTER_S, self._save_now)

    def _save_now(self) -> None:
        self._save_timer = None
        self.keep()

    def _show_check(self) -> None:
        draft = self.draft
        if draft is None or not self._loaded:
            return
        self._checked = draft
        check = self._desk.composer.check(draft)
        self.query_one("#title", Static).update(
            open_title(
                draft,
                check.verdict.modes,
                self._answered,
                2 * (self.size.width - 2),
                self._when,
                back=self._keys["next_pane"].shown_keys if self.has_class("-aside") else "",
            )
        )
        self._verdict.show(
            check,
            self._desk.judge.policy,
            self._desk.clock.now(),
            machine=self._desk.world.machine.current().source,
            hint=self._hint or (self._hindrances(check) if draft.text.strip() else ""),
            offered=lambda fix: fix != "save-draft" and self._desk.fixes.can_apply(draft, fix),
            missing=lambda fix: self._desk.fixes.too_long(draft, fix),
        )
        self.set_class(bool(check.threads), "-threaded")  # room for them on a small screen
        self._parts.show(check.threads, self.size.width - 2)
        self.post_message(self.Changed())

    def _hindrances(self, check: Check) -> str:
        """Why it cannot be sent as it is; the way out where a thread is one."""
        ways = []
        if check.offered:
            made = ngettext(
                "{key} makes it a thread of {n} part", "{key} makes it a thread of {n} parts", check.offered
            )
            ways = [made.format(key=self._keys["as_thread"].shown_keys, n=check.offered)]
        return "; ".join([*check.problems, *ways])

    def check_again(self) -> None:
        """Time or facts are others now."""
        self._show_check()

    def _when(self, instant: datetime) -> str:
        return times.when(instant, self._desk.clock.now(), self._desk.judge.policy.zone)

    def change(self, draft: Draft) -> None:
        """Puts another version of the draft on the screen (a fix, other targets, the editor's text)."""
        area = self._area
        if area is None or not self._loaded:
            return
        self._draft = draft
        if area.text != draft.text:
            area.replace(draft.text, (0, 0), area.document.end)  # one step for the area's own undo
            area.go_to(len(draft.text))
        self._save_soon()
        self._show_check()

    def _say_here(self, text: str) -> None:
        """A sentence above the verdict, until the draft changes."""
        self._hint = text
        self._show_check()
