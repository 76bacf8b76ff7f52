"""What the program says to the user beside everything else, and where it stands."""

from __future__ import annotations

from contextlib import suppress

from textual.css.errors import StylesheetError
from textual.widgets._toast import ToastRack

from mbclient.ui.host import Host
from mbclient.ui.main import MainScreen


class Saying(Host):
    """What of it concerns the whole program; said.tcss has the places."""

    def say(self, text: str, severity: str = "information") -> None:
        level = severity if severity in ("information", "warning", "error") else "information"
        self._find_its_place()  # making room styles the rack anew
        bottom = self.screen_stack[:1]  # none while all is taken down: a worker may still say something then
        if bottom and isinstance(bottom[0], MainScreen):
            bottom[0].make_room()
        self.notify(text, severity=level, markup=False)  # type: ignore[arg-type]  # narrowed above

    def on_notify(self) -> None:
        """Before the toolkit's own handler shows it."""
        self._find_its_place()

    def _find_its_place(self) -> None:
        """Where the sheet cannot be read, as when no file can be opened, it is said all the same."""
        with suppress(StylesheetError):
            if self.use_sheet("said.tcss"):
                self.stylesheet.update_nodes(
                    rack for screen in self.screen_stack for rack in screen.query_children(ToastRack)
                )
