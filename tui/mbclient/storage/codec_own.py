"""Drafts and outbox rows as JSON for the data file, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mbclient.core.stores import OutboxRow, SavedDraft, SendState
from mbclient.domain.draft import About, Attachment, Draft, Kind
from mbclient.domain.poll import NewPoll
from mbclient.domain.post import Visibility
from mbclient.domain.safetext import own_text
from mbclient.storage.codec import BROKEN, CodecError, dump, dump_foreign, filled, instant, microseconds, repaired
from mbclient.texts import _

MAYBE_SENT_SINCE = "maybe_sent_since"


def encode_draft(saved: SavedDraft) -> str:
    """What of a draft has no column of its own."""
    since = saved.maybe_sent_since
    return dump(_draft(saved.draft) | ({MAYBE_SENT_SINCE: str(microseconds(since))} if since else {}))


def decode_draft(id: str, saved_at: int, cursor: int, body: str) -> SavedDraft:
    """Raises `CodecError`."""
    try:
        fields = json.loads(body)
        since = instant(int(fields[MAYBE_SENT_SINCE])) if MAYBE_SENT_SINCE in fields else None
        return SavedDraft(id, _as_draft(fields), cursor, instant(saved_at), since)
    except BROKEN as error:
        raise CodecError(_("draft")) from error


def encode_row(row: OutboxRow) -> str:
    """What of a row has no column of its own."""
    return dump_foreign(
        filled(
            {
                "draft": _draft(row.draft),
                "not_before": str(microseconds(row.not_before)),
                "service": repaired(row.service),
                "attempts": row.attempts,
                "prepared": [dict(row.prepared)] if row.prepared is not None else None,
                "first_sent_at": str(microseconds(row.first_sent_at)) if row.first_sent_at else None,
                "sent_at": str(microseconds(row.sent_at)) if row.sent_at else None,
                "remote_id": repaired(row.remote_id),
                "url": repaired(row.url),
                "reason": repaired(row.reason),
                "override_reason": repaired(row.override_reason),
                "override_digest": repaired(row.override_digest),
                "fixes_used": [repaired(fix) for fix in row.fixes_used],
                "scheduled_id": repaired(row.scheduled_id),
                "part": repaired(row.part),
                "cancelled_at": str(microseconds(row.cancelled_at)) if row.cancelled_at else None,
            }
        )
    )


def decode_row(outbox: str, account: str, position: int, key: str, state: str, created_at: int, body: str) -> OutboxRow:
    """Raises `CodecError`."""
    try:
        fields = json.loads(body)
        get = fields.get
        return OutboxRow(
            outbox=outbox,
            account=account,
            key=key,
            draft=_as_draft(fields["draft"]),
            state=SendState(state),
            created_at=instant(created_at),
            not_before=instant(int(fields["not_before"])),
            service=get("service", ""),
            attempts=get("attempts", 0),
            prepared=fields["prepared"][0] if "prepared" in fields else None,
            first_sent_at=instant(int(fields["first_sent_at"])) if "first_sent_at" in fields else None,
            sent_at=instant(int(fields["sent_at"])) if "sent_at" in fields else None,
            remote_id=get("remote_id", ""),
            url=get("url", ""),
            reason=get("reason", ""),
            override_reason=get("override_reason", ""),
            override_digest=get("override_digest", ""),
            fixes_used=tuple(get("fixes_used", ())),
            scheduled_id=get("scheduled_id", ""),
            part=own_text(get("part", "")),
            cancelled_at=instant(int(fields["cancelled_at"])) if "cancelled_at" in fields else None,
            position=position,
        )
    except BROKEN as error:
        raise CodecError(_("outbox row")) from error


def _draft(draft: Draft) -> dict[str, object]:
    return filled(
        {
            "v": 1,
            "text": repaired(draft.text),
            "accounts": [repaired(account) for account in draft.accounts],
            "kind": draft.kind.value,
            "segments": draft.segments if draft.segments != 1 else None,
            "threaded": draft.threaded or None,
            "numbered": draft.numbered or None,
            "visibility": draft.visibility.value,
            "cw": repaired(draft.cw),
            "lang": repaired(draft.lang),
            "reply_to": repaired(draft.reply_to),
            "quote_of": repaired(draft.quote_of),
            "edit_of": repaired(draft.edit_of),
            "boost_of": repaired(draft.boost_of),
            "media": [[repaired(media.path), repaired(media.alt)] for media in draft.media],
            "due": str(microseconds(draft.due)) if draft.due else None,
            "on_server": draft.on_server or None,
            "poll": _poll(draft.poll) if draft.poll is not None else None,
            "about": [repaired(draft.about.text), repaired(draft.about.author)] if draft.about != About() else None,
        }
    )


def _as_draft(fields: Mapping[str, Any]) -> Draft:
    """Its words are cleaned here, on the way to every screen, command and service: no other way leads there."""
    get = fields.get
    if fields["v"] != 1:
        raise ValueError("unknown form")
    return Draft(
        text=own_text(get("text", "")),
        accounts=tuple(get("accounts", ())),
        kind=Kind(fields["kind"]),
        segments=get("segments", 1),
        threaded=bool(get("threaded", False)),
        numbered=bool(get("numbered", False)),
        visibility=Visibility(fields["visibility"]),
        cw=own_text(get("cw", "")),
        lang=get("lang", ""),
        reply_to=get("reply_to", ""),
        quote_of=get("quote_of", ""),
        edit_of=get("edit_of", ""),
        boost_of=get("boost_of", ""),
        media=tuple(Attachment(path, own_text(alt)) for path, alt in get("media", ())),
        due=instant(int(fields["due"])) if "due" in fields else None,
        on_server=bool(get("on_server", False)),
        about=About(*fields["about"]) if "about" in fields else About(),
        poll=_as_poll(*fields["poll"]) if "poll" in fields else None,
    )


def _poll(poll: NewPoll) -> list[object]:
    hidden = [True] if poll.hide_totals else []  # an earlier program reads what has no more than it knows
    return [[repaired(choice) for choice in poll.choices], poll.multiple, poll.seconds, *hidden]


def _as_poll(choices: list[str], multiple: bool, seconds: int, hide_totals: bool = False) -> NewPoll:
    return NewPoll(tuple(map(own_text, choices)), bool(multiple), int(seconds), bool(hide_totals))
