"""A poll under a post's text: a line a choice, with a bar and figures; then how it is voted in. Nothing by colour
alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from mbclient.domain.poll import Choice, Poll
from mbclient.texts.polls import choice_words, share_word
from mbclient.ui.sheet import Piece, Sheet, one_line
from mbclient.ui.wrap import apart, fit, wrap

BAR = 10  # cells
CHOICE_LINES = 3
_FIGURE = 5  # cells of "100 %"
_NARROW = 40  # below this there are figures and no bars
_TINY = 20  # and below this choices alone


def draw(sheet: Sheet, poll: Poll, foot: Sequence[str]) -> None:
    """`foot`: what the poll says of itself (`poll_words`)."""
    for choice in poll.choices:
        before = _before(poll, choice, sheet.width)
        hang = sum(cell_len(text) for text, _role in before)
        text = apart(one_line(choice.text))
        lines = wrap(text, sheet.width - hang, CHOICE_LINES)
        for number, (start, end) in enumerate(lines):
            last = number == CHOICE_LINES - 1
            shown = fit(text[start:], sheet.width - hang) if last else text[start:end]
            ahead: list[Piece] = [(" " * hang, "muted")] if number else before
            sheet.add(*ahead, (shown, "mine" if choice.mine else "text"))
    if foot:
        sheet.words(" · ".join(foot), "muted")


def _before(poll: Poll, choice: Choice, width: int) -> list[Piece]:
    """What stands before a choice: whether it is mine, and how it does."""
    mark = "✓" if choice.mine else "□" if poll.multiple else "○"
    pieces = [(f"{mark} ", "mine" if choice.mine else "muted")]
    share = poll.share(choice)
    if share is None or width < _TINY:
        return pieces
    if width >= _NARROW:
        full = round(share * BAR)
        pieces += [("█" * full, "more"), ("░" * (BAR - full), "muted")]
    return [*pieces, (f"{share_word(poll, choice):>{_FIGURE}}  ", "counts")]


def tell(sheet: Sheet, poll: Poll, foot: Sequence[str]) -> None:
    """The same in sentences, for the plain reading mode."""
    for choice in poll.choices:
        text = apart(one_line(choice_words(poll, choice)))
        for start, end in wrap(text, sheet.width):
            sheet.add((text[start:end], "mine" if choice.mine else "text"))
    if foot:
        sheet.words(", ".join(foot), "muted")
