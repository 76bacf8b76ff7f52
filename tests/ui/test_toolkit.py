"""What the program does in place of the toolkit, under names that are the toolkit's own: they must still be there.

A method of another name would be called by nobody, and no type checker would say so.
"""

from __future__ import annotations

from inspect import signature

import pytest
from textual._compositor import ChopsUpdate, Compositor
from textual.app import App
from textual.command import CommandPalette
from textual.css.stylesheet import Stylesheet
from textual.drivers.linux_driver import LinuxDriver
from textual.screen import Screen
from textual.widgets import OptionList, TextArea

from mbclient.ui.app import MbclientApp
from mbclient.ui.choices import Choices
from mbclient.ui.compositor import CoveredScreen, LeanCompositor, LeanScreen, LeanUpdate
from mbclient.ui.draftarea import DraftArea
from mbclient.ui.driver import LastingDriver
from mbclient.ui.main import MainScreen
from mbclient.ui.palette import Palette
from mbclient.ui.styling import StyleSheets


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
        (Palette, CommandPalette, "_action_command_list"),
        (Palette, CommandPalette, "_start_no_matches_countdown"),
    ],
)
def test_what_is_replaced_is_there(ours: type, theirs: type, name: str) -> None:
    assert name in vars(ours)
    assert list(signature(getattr(ours, name)).parameters) == list(signature(getattr(theirs, name)).parameters)


def test_the_toolkit_still_asks_for_the_variables_of_its_sheets_by_that_name() -> None:
    assert isinstance(vars(Stylesheet)["_variable_tokens"], property)
