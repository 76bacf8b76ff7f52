"""outbox list, retry, cancel, flush; and what `post` does once its rows are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from mbclient.cli.run import Run
from mbclient.core.jsonform import outbox_json, sent_json
from mbclient.core.parts import folded
from mbclient.core.send import HandedOver
from mbclient.core.stores import OPEN_STATES, OutboxRow, SendState
from mbclient.domain.draft import Kind
from mbclient.domain.errors import joined
from mbclient.texts import N_, _
from mbclient.texts.times import when

SHOWN_FOR = timedelta(days=7)  # what is sent or cancelled is listed this long
_STATES = {
    SendState.QUEUED: N_("waiting"),
    SendState.SENDING: N_("being sent"),
    SendState.SENT: N_("sent"),
    SendState.UNKNOWN: N_("unsure whether it was sent"),
    SendState.FAILED: N_("failed"),
    SendState.HELD: N_("waiting for you"),
    SendState.CANCELLED: N_("cancelled"),
}


def show(run: Run) -> int:
    """All that is open or failed, and what was sent or cancelled lately; newest last."""
    since = run.desk.clock.now() - SHOWN_FOR
    rows = folded(run.desk.outbox.rows())
    rows = [
        row
        for row in rows
        if row.state in (*OPEN_STATES, SendState.FAILED) or (row.cancelled_at or row.sent_at or row.created_at) >= since
    ]
    _show_rows(run, rows)
    if not rows and not run.out.json:
        run.out.text(_("the outbox is empty"))
    return 0


async def retry(run: Run) -> int:
    """The user's word that it goes again."""
    rows = run.desk.unsent.retry(run.given.word("ID"))
    return _report(run, await send_now(run, rows[0].outbox))


async def cancel(run: Run) -> int:
    """Takes back what has not gone, from a server that keeps it too; the words are a draft again."""
    taken = await run.desk.taking_back.anywhere(run.given.word("ID"))
    _show_rows(run, folded(taken.rows))
    if taken.draft_id:
        run.out.note(_("the text is kept as a draft: {id}").format(id=taken.draft_id))
    return 0


async def flush(run: Run) -> int:
    """Sends what is due; 1 if something failed, 4 if something is still kept."""
    return _report(run, await send_now(run, ""))


async def send_now(run: Run, outbox: str) -> Sequence[OutboxRow]:
    """Sends one item (or all that is due) if this program may, and gives its rows as they then stand."""
    sender = run.desk.sender
    with run.out.progress(_("sending")):
        handed_over = await sender.turn(outbox)
        handled = await sender.flush(outbox) if handed_over is None else handed_over.rows
    if handed_over is not None:
        _say_who_sends(run, handed_over)
    return folded(run.desk.outbox.rows(outbox=outbox) if outbox else handled)


def _say_who_sends(run: Run, left: HandedOver) -> None:
    if left.untouched:
        run.out.note(
            _(
                "another mbclient sends for this data folder and is busy; what is kept goes when that one takes it"
                " over, or with: mbclient outbox flush"
            )
        )
    elif not left.rows or any(row.state in (SendState.QUEUED, SendState.SENDING) for row in left.rows):
        run.out.note(_("another mbclient sends for this data folder; it has all that is due in hand"))


def _report(run: Run, rows: Sequence[OutboxRow]) -> int:
    _show_rows(run, rows)
    if not rows and run.desk.sender.sends and not run.out.json:
        run.out.text(_("nothing is due"))
    return _status(run, rows)


def show_sent(run: Run, rows: Sequence[OutboxRow]) -> int:
    """The answer of `post`: one object for all targets."""
    if run.out.json:
        run.out.object(sent_json(rows))
    else:
        _show_rows(run, rows)
    return _status(run, rows)


def _status(run: Run, rows: Sequence[OutboxRow]) -> int:
    """0: sent, or planned as was asked; 1: failed; 4: kept. The reasons go to standard error."""
    status = 0
    for row in rows:
        if row.state in (SendState.SENT, SendState.CANCELLED) or _planned(run, row):
            continue
        kept = _("{account}: {state}").format(account=row.account, state=_(_STATES[row.state]))
        run.out.note(joined(f"{kept}: {row.reason}" if row.reason else kept, _advice(row)))
        if row.state is SendState.FAILED:
            status = 1
        elif status == 0:
            status = 4
    return status


def _advice(row: OutboxRow) -> str:
    """What to do about a row that commands alone bring no further by themselves."""
    if row.state is not SendState.UNKNOWN:
        return ""
    return _(
        "`mbclient outbox flush` looks for it; `mbclient outbox retry {id}` sends it again if it is not there"
    ).format(id=row.outbox)


def _planned(run: Run, row: OutboxRow) -> bool:
    return row.state is SendState.QUEUED and row.draft.due is not None and row.draft.due > run.desk.clock.now()


def _show_rows(run: Run, rows: Sequence[OutboxRow]) -> None:
    now, zone = run.desk.clock.now(), run.desk.judge.policy.zone
    for row in rows:
        if run.out.json:
            run.out.object(outbox_json(row))
            continue
        head = [row.outbox, row.account, *([_("boost")] if row.draft.kind is Kind.BOOST else []), _(_STATES[row.state])]
        if _planned(run, row) and row.draft.due:
            head.append(_("planned for {time}").format(time=when(row.draft.due, now, zone)))
        elif row.state is SendState.QUEUED and row.attempts:
            head.append(_("next try {time}").format(time=when(row.not_before, now, zone)))
        run.out.text(" · ".join(head), style="bold")
        run.out.text(row.draft.text if row.draft.kind is not Kind.BOOST else row.draft.boost_of, indent=2)
        if row.remote_id:
            run.out.text(f"{row.account}:{row.remote_id} {row.url}".strip(), indent=2, style="dim")
        if row.reason:
            run.out.text(joined(row.reason, _advice(row)), indent=2, style="yellow")
