"""What the program does in place of the toolkit, under names that are the toolkit's own: they must still be there.

A method of another name would be called by nobody, and no type checker would say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from inspect import signature

import pytest
from textual._compositor import ChopsUpdate, Compositor
from textual.app import App
from textual.command import CommandPalette
from textual.css.stylesheet import Stylesheet
from textual.drivers.linux_driver import LinuxDriver
from textual.message_pump import MessagePump
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widgets import Input, OptionList, TextArea

from mbclient.ui.app import MbclientApp
from mbclient.ui.choices import Choices
from mbclient.ui.compositor import CoveredScreen, LeanCompositor, LeanScreen, LeanUpdate
from mbclient.ui.draftarea import DraftArea
from mbclient.ui.driver import LastingDriver
from mbclient.ui.main import MainScreen
from mbclient.ui.palette import Palette
from mbclient.ui.styling import StyleSheets
from mbclient.ui.wordsinput import WordsInput


@pytest.mark.parametrize(
    ("ours", "theirs", "name"),
    [
        (MbclientApp, App, "get_css_variables"),
        (MbclientApp, App, "refresh_css"),
        (MbclientApp, App, "_handle_exception"),
        (StyleSheets, Stylesheet, "parse_style"),
        (StyleSheets, Stylesheet, "set_variables"),
        (MainScreen, Screen, "update_node_styles"),
        (LeanScreen, Screen, "_screen_resized"),
        (LeanScreen, Screen, "_compositor_refresh"),
        (LeanScreen, Screen, "_refresh_layout"),
        (LeanScreen, Screen, "_on_idle"),
        (LeanScreen, Screen, "_on_layout"),
        (LeanScreen, Screen, "_on_screen_resume"),
        (LeanScreen, Screen, "_on_update"),
        (CoveredScreen, Screen, "_compositor_refresh"),
        (LeanCompositor, Compositor, "render_partial_update"),
        (LeanCompositor, Compositor, "render_full_update"),
        (LeanCompositor, Compositor, "_render_chops"),
        (LeanUpdate, ChopsUpdate, "render_segments"),
        (LastingDriver, LinuxDriver, "run_input_thread"),
        (LastingDriver, LinuxDriver, "stop_application_mode"),
        (LastingDriver, LinuxDriver, "write"),
        (Choices, OptionList, "_move_page"),
        (DraftArea, TextArea, "_on_key"),
        (DraftArea, TextArea, "_on_paste"),
        (DraftArea, TextArea, "get_line"),
        (WordsInput, Input, "_on_key"),
        (WordsInput, Input, "_on_paste"),
        (Palette, CommandPalette, "_action_command_list"),
        (Palette, CommandPalette, "_start_no_matches_countdown"),
    ],
)
def test_what_is_replaced_is_there(ours: type, theirs: type, name: str) -> None:
    assert name in vars(ours)
    assert list(signature(getattr(ours, name)).parameters) == list(signature(getattr(theirs, name)).parameters)


def test_the_toolkit_still_asks_for_the_variables_of_its_sheets_by_that_name() -> None:
    assert isinstance(vars(Stylesheet)["_variable_tokens"], property)


def test_no_plain_part_has_what_the_toolkit_would_not_find_in_it() -> None:
    """Handlers by decorator, bindings, styles and reactives are looked for in its own classes alone."""
    mros: list[tuple[type, ...]] = [each.__mro__ for each in everything(MessagePump)]
    plain = {kind for mro in mros for kind in mro if not issubclass(kind, MessagePump)}
    ours = [kind for kind in plain if kind.__module__.startswith("mbclient.ui")]
    assert len(ours) > 12
    for kind in ours:
        for name, value in vars(kind).items():
            assert not hasattr(value, "_textual_on"), f"{kind.__name__}.{name}"
            assert not isinstance(value, Reactive), f"{kind.__name__}.{name}"
            assert name not in ("BINDINGS", "CSS", "CSS_PATH", "DEFAULT_CSS"), f"{kind.__name__}.{name}"


def everything(kind: type) -> Iterator[type]:
    below: list[type] = kind.__subclasses__()
    for each in below:
        yield each
        yield from everything(each)
