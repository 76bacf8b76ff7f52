"""The meter's line: whole, in the form that fits, coloured by state, repainted only when it differs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.app import App, ComposeResult

from mbclient.texts.meter import MeterText, Part
from mbclient.ui.meterbar import MeterBar


def word(count: str) -> Callable[[int], MeterText]:
    def meter(width: int) -> MeterText:
        full = width >= 60
        return MeterText(
            "full" if full else "shortest",
            Part(f"Posts today: {count} of 8 (OK)" if full else f"{count}/8", "ok", "✓"),
            Part("Next time: 11:40" if full else "11:40", "note"),
            Part("Identity: IDENTIFIED" if full else "IDENT", "identified", "●"),
            (),
            0,
            " · " if full else " ",
        )

    return meter


class Host(App[None]):
    def compose(self) -> ComposeResult:
        yield MeterBar()


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (80, "✓ Posts today: 3 of 8 (OK) · Next time: 11:40 · ● Identity: IDENTIFIED"),
        (30, "✓ 3/8 11:40 ● IDENT"),
    ],
)
async def test_the_line_fits_and_follows_the_status(width: int, line: str) -> None:
    app = Host()
    async with app.run_test(size=(width, 3)) as pilot:
        bar = app.query_one(MeterBar)
        bar.update_status(word("3"))
        await pilot.pause()
        assert app.screen._compositor.render_strips()[0].text.strip() == line
        bar.update_status(word("4"))
        await pilot.pause()
        assert "4" in app.screen._compositor.render_strips()[0].text
        await pilot.resize_terminal(110 - width, 3)
        await pilot.pause()
        assert ("Identity:" in app.screen._compositor.render_strips()[0].text) == (width == 30)
