"""timeline, search, thread, notifications."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from mbclient.cli.output import error_line
from mbclient.cli.posts import name_of, show_posts
from mbclient.cli.run import Run
from mbclient.core.jsonform import notification_json
from mbclient.domain.errors import MbclientError, StorageError
from mbclient.domain.post import NotificationKind, Post
from mbclient.texts import N_, _, ngettext
from mbclient.texts.notices import other_words
from mbclient.texts.times import when

_LIMIT = 40
_KINDS = {
    NotificationKind.MENTION: N_("mentioned you"),
    NotificationKind.REPLY: N_("replied to you"),
    NotificationKind.QUOTE: N_("quoted you"),
    NotificationKind.LIKE: N_("liked your post"),
    NotificationKind.BOOST: N_("boosted your post"),
    NotificationKind.FOLLOW: N_("follows you"),
}


async def timeline(run: Run) -> int:
    """Status 1 when every service failed; what is kept here is printed all the same."""
    desk, given = run.desk, run.given
    view = desk.reading.view(given.text("--view", "work"))
    limit = given.number("--limit", _LIMIT)
    query = desk.reading.query(view, given.texts("--account"))
    status = 0 if given.has("--offline") else await refresh(run, query.accounts)
    with suppress(StorageError):  # a disk that takes nothing: as it was sifted last
        await desk.resifter.freshen()  # settings changed, or a mute ended, since the archive was last sifted
    entries = desk.reading.page(query, limit=limit)
    show_posts(run, [entry.post for entry in entries])
    if not run.out.json:
        counts = desk.reading.counts(query)
        if not entries:
            run.out.text(_("{view}: nothing here yet").format(view=view.title))
        if counts.hidden:
            hidden = ngettext("{n} post hidden by the filter", "{n} posts hidden by the filter", counts.hidden)
            run.out.text("")
            run.out.text(hidden.format(n=counts.hidden), style="dim")
    return status


async def refresh(run: Run, accounts: Sequence[str] = ()) -> int:
    """Fetches what is new, each account by itself; says which failed. 1 when all of them did."""
    with run.out.progress(_("fetching new posts")):
        done = await run.desk.refresher.refresh(accounts)
    errors = [(one.account, one.error) for one in done if one.error is not None]
    for account, error in errors:
        _failed(run, account, error)
    return 1 if errors and len(errors) == len(done) else 0


def _failed(run: Run, account: str, error: MbclientError) -> None:
    text = error_line(error)
    run.out.note(text if account in text else f"{account}: {text}")


async def search(run: Run) -> int:
    desk, given = run.desk, run.given
    query, accounts = given.word("QUERY"), given.texts("--account")
    limit = given.number("--limit", _LIMIT)
    if not given.has("--remote"):
        hits = desk.reading.search(query, accounts=accounts, limit=limit)
        if hits.ended_early:
            run.out.note(_("the search ended early: older posts were not searched"))
        return _found(run, [entry.post for entry in hits], 0)
    for name in accounts:
        desk.accounts.get(name)
    with run.out.progress(_("asking the services")):
        found = await desk.reading.search_services(query, accounts=accounts, limit=limit)
    for name, error in (*found.unable.items(), *found.errors.items()):
        _failed(run, name, error)
    return _found(run, found.posts, 1 if found.errors and not found.posts else 0)


def _found(run: Run, posts: Sequence[Post], status: int) -> int:
    show_posts(run, posts)
    if not posts and not run.out.json:
        run.out.text(_("nothing found"))
    return status


async def thread(run: Run) -> int:
    with run.out.progress(_("fetching the conversation")):
        found = await run.desk.reading.thread(run.given.word("ID"))
    show_posts(run, [*found.ancestors, found.post, *found.descendants])
    return 0


async def notifications(run: Run) -> int:
    limit = run.given.number("--limit", _LIMIT)
    status = await refresh(run)
    found = run.desk.reading.notifications(limit=limit)
    if run.out.json:
        for notification in found:
            run.out.object(notification_json(notification))
        return status
    now, zone = run.desk.clock.now(), run.desk.judge.policy.zone
    for notification in found:
        who = name_of(notification.author) if notification.author else notification.account
        what = _(_KINDS[notification.kind]) if notification.kind in _KINDS else other_words(notification.detail)
        run.out.text(f"{who} {what} · {when(notification.at, now, zone)} · {notification.account}", style="bold")
        if notification.post is not None:
            run.out.text(str(notification.post.whole_text), indent=2)
            run.out.text(notification.post.id, indent=2, style="dim")
    if not found:
        run.out.text(_("no notifications"))
    return status
