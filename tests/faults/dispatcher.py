"""A program that sends for as long as it runs, without a screen: what the terminal UI does beside its panes.

`post TEXT` on standard input writes a post. On standard output, a line each: `sends` once this program is the one that
does, every change of the outbox that it makes, every notice.
"""

from __future__ import annotations

import asyncio
import sys

from mbclient import bootstrap
from mbclient.core.desk import Desk
from mbclient.core.events import Event, Notice, OutboxChanged
from mbclient.core.guard import Guard, bare
from mbclient.domain.draft import Draft


def say(event: Event) -> None:
    if isinstance(event, Notice):
        sys.stdout.write(f"notice {event.text}\n")
    elif isinstance(event, OutboxChanged) and event.row is not None:
        sys.stdout.write(f"{event.row.state.value} {event.row.draft.text}\n")
    sys.stdout.flush()


async def listen(desk: Desk) -> None:
    """Until standard input ends."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        text = line.removeprefix("post ").strip()
        desk.composer.submit(Draft(text, ("work",)), confirmed=True)


async def main(config: str, data_dir: str) -> None:
    desk = bootstrap.build(bootstrap.read_settings(config=config, data_dir=data_dir))
    desk.bus.listen(say)
    run = desk.sender.run

    async def told(guard: Guard = bare) -> None:
        sys.stdout.write("sends\n")
        sys.stdout.flush()
        await run(guard)

    desk.sender.run = told  # type: ignore[method-assign]  # this process has no other purpose
    serving = asyncio.create_task(desk.sender.serve(desk.preferences.undo_seconds))
    await listen(desk)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    await desk.aclose()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
