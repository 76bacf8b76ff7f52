"""A draft as a thread: what each target would be sent, and the outbox's rows of it taken together again.

A thread is one act of composing and counts as many posts as it has parts (policy facts 7). The policy reads the whole
text: who signs at the end has signed it all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from mbclient.core.ports import Service
from mbclient.core.stores import Outbox, OutboxRow, SendState
from mbclient.domain.capabilities import Length
from mbclient.domain.draft import Draft, Kind
from mbclient.domain.post import Visibility
from mbclient.domain.splitting import Part, split

_KINDS = (Kind.POST, Kind.REPLY, Kind.QUOTE)
UNDECIDED = (SendState.QUEUED, SendState.SENDING, SendState.UNKNOWN)  # nobody can answer it yet
_OVER = (SendState.SENT, SendState.CANCELLED)


def thread_of(service: Service, draft: Draft) -> tuple[Part, ...]:
    """The parts that this target needs, in the service's own measure; none where one post holds it, or none can.

    A direct message is not cut: only its first part would name whom it is for. A server that keeps posts until their
    time gives no post that the next part could answer.
    """
    answers = bool(draft.reply_to)
    if draft.kind not in _KINDS or draft.visibility is Visibility.DIRECT or draft.on_server:
        return ()
    if not service.capabilities.reply or not service.measure(draft.text, draft.cw, reply=answers).over:
        return ()

    def fits(text: str, place: int) -> bool:
        return not service.measure(text, draft.cw, reply=answers or place > 0).over

    return split(draft.text, fits, numbered=draft.numbered)


def longest_part(service: Service, draft: Draft, parts: Sequence[Part]) -> Length:
    """The length of the longest part, and the price of all."""
    answers = bool(draft.reply_to)
    lengths = [service.measure(part.text, draft.cw, reply=answers or at > 0) for at, part in enumerate(parts)]
    return replace(max(lengths, key=lambda length: length.used), price=sum(length.price for length in lengths))


def as_thread(draft: Draft, segments: int) -> Draft:
    """The draft as the policy judges it: with its length; an answer stays an answer."""
    if segments < 2:
        return draft
    return replace(draft, kind=Kind.THREAD if draft.kind is Kind.POST else draft.kind, segments=segments)


def posts_of(draft: Draft, parts: Sequence[Part]) -> list[tuple[Draft, str]]:
    """What one target is sent, in order, each with its piece of the text; a single post has none.

    Pictures, a poll, the post quoted and the post answered belong to the first; each other one answers the one before
    it, which has no id yet.
    """
    if not parts:
        return [(draft, "")]
    first = replace(as_thread(draft, len(parts)), text=parts[0].text)
    later = replace(first, media=(), quote_of="", reply_to="", poll=None)
    return [(first, parts[0].raw), *((replace(later, text=part.text), part.raw) for part in parts[1:])]


def siblings(outbox: Outbox, row: OutboxRow) -> list[OutboxRow]:
    """All parts of a row's thread on its account, in order."""
    rows = [one for one in outbox.rows(outbox=row.outbox) if one.account == row.account]
    return sorted(rows, key=lambda one: one.position)


def before(outbox: Outbox, row: OutboxRow) -> OutboxRow | None:
    """The part that a row answers; None for a first one."""
    if not row.position:
        return None
    return next((one for one in siblings(outbox, row) if one.position == row.position - 1), None)


def in_order(rows: Sequence[OutboxRow]) -> list[OutboxRow]:
    """Rows as they go: oldest first, the parts of a thread behind one another, whichever was last tried anew."""
    begun: dict[tuple[str, str], datetime] = {}
    for row in rows:
        name = (row.outbox, row.account)
        begun[name] = min(begun.get(name, row.created_at), row.created_at)
    return sorted(rows, key=lambda row: (begun[row.outbox, row.account], row.position))


class Following:
    """Which of the open rows may go: of a thread none before the part that it answers."""

    def __init__(self, rows: Sequence[OutboxRow]) -> None:
        self._open = {row.name for row in rows}
        self._going: set[str] = set()

    def goes(self, row: OutboxRow) -> None:
        """It is handled now, so the part behind it has its turn next."""
        self._going.add(row.name)

    def may_go(self, row: OutboxRow) -> bool:
        before_it = replace(row, position=row.position - 1).name
        return not row.position or before_it not in self._open or before_it in self._going


def joined(rows: Sequence[OutboxRow]) -> str:
    """The words that rows of one account were made of, in the order of the rows."""
    return "".join(row.part for row in rows) if rows[0].part else rows[0].draft.text


def folded(rows: Sequence[OutboxRow]) -> list[OutboxRow]:
    """One row a target: of a thread the part whose turn it is, with all the words that were given."""
    threads: dict[tuple[str, str], list[OutboxRow]] = {}
    for row in rows:
        threads.setdefault((row.outbox, row.account), []).append(row)
    return [_folded(sorted(parts, key=lambda row: row.position)) for parts in threads.values()]


def _folded(parts: Sequence[OutboxRow]) -> OutboxRow:
    row = next((part for part in parts if part.state not in _OVER), parts[-1])
    return replace(row, draft=replace(row.draft, text=joined(parts))) if row.part else row


def unsent(rows: Sequence[OutboxRow], outbox: Outbox) -> Draft:
    """The draft that cancelled rows are again: for the accounts that have gone equally far with it.

    Where the first parts are out, the rest answers the last of them.
    """
    rows = sorted(rows, key=lambda row: row.position)
    names = dict.fromkeys(row.account for row in rows)
    texts = {name: joined([row for row in rows if row.account == name]) for name in names}
    whole = max(texts.values(), key=len)
    accounts = tuple(name for name, text in texts.items() if text == whole)
    first = next(row for row in rows if row.account in accounts)
    kind = Kind.POST if first.draft.kind is Kind.THREAD else first.draft.kind
    draft = replace(first.draft, text=whole, accounts=accounts, kind=kind, segments=1, due=None, on_server=False)
    out = before(outbox, first)
    if out is None or out.state is not SendState.SENT or not out.remote_id:
        return draft
    return replace(draft, accounts=accounts[:1], kind=Kind.REPLY, reply_to=f"{out.account}:{out.remote_id}")
