"""delete, like, unlike, boost, unboost: what one does to a post that exists."""

from __future__ import annotations

from mbclient.cli.outbox import send_now, show_sent
from mbclient.cli.run import Run
from mbclient.core.jsonform import post_json
from mbclient.core.stores import SendState
from mbclient.domain.post import Post
from mbclient.texts import _


async def delete(run: Run) -> int:
    post = await _post(run)
    await run.desk.actions.delete(post)
    if run.out.json:
        run.out.object({"schema": 1, "id": post.id, "deleted": True})
    else:
        run.out.text(_("deleted: {id}; the day's count keeps it").format(id=post.id))
    return 0


async def like(run: Run) -> int:
    return _done(run, await run.desk.actions.like(await _post(run), True), _("liked: {id}"))


async def unlike(run: Run) -> int:
    return _done(run, await run.desk.actions.like(await _post(run), False), _("like taken back: {id}"))


async def boost(run: Run) -> int:
    """Judged as one's own word, kept and sent like a post. Raises `StoppedError`."""
    desk, post = run.desk, await _post(run)
    row = desk.composer.submit_boost(post)
    (row,) = await send_now(run, row.outbox)
    if row.state is SendState.SENT:
        return _done(run, await desk.reading.find(post.id), _("boosted: {id}"))
    return show_sent(run, [row])


async def unboost(run: Run) -> int:
    return _done(run, await run.desk.actions.unboost(await _post(run)), _("boost taken back: {id}"))


async def _post(run: Run) -> Post:
    return await run.desk.reading.find(run.given.word("ID"))


def _done(run: Run, post: Post, text: str) -> int:
    if run.out.json:
        run.out.object(post_json(post))
    else:
        run.out.text(text.format(id=post.id))
    return 0
