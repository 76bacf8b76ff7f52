"""A command is heard after the letters that were typed before it.

The toolkit puts a letter into the queue of the field that is written in, but does a command that comes before the
field's own keys at once. Over a slow line both come together: the post would go, or the draft be kept, without its end.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from textual import events
from textual.widget import Widget

from mbclient.ui.host import Host
from mbclient.ui.ownwords import typed

PATIENCE_S = 1.0  # a field that is itself held up must not hold up the program


class InOrder(Host):
    """Before the toolkit looks for what a key means."""

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded and not typed(event):
            field = self.focused
            if field is not None and field.check_consume_key("a", "a"):  # something to write in
                with suppress(TimeoutError):
                    await asyncio.wait_for(_caught_up(field), PATIENCE_S)
        await super().on_event(event)


async def _caught_up(field: Widget) -> None:
    """Until everything is done that was in its queue."""
    done = asyncio.Event()
    if field.call_later(done.set):
        await done.wait()
