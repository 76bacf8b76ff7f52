"""The JSON of the commands, field by field as docs/json.md fixes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from mbclient.core.compose import Check
from mbclient.core.parts import folded
from mbclient.core.stores import OutboxRow
from mbclient.domain.account import Account
from mbclient.domain.post import Author, Notification, Post
from mbclient.policy.json import status_json, verdict_json
from mbclient.policy.model import Policy, Status
from mbclient.texts.findings import finding_text

Json = dict[str, object]


def instant(when: datetime | None) -> str | None:
    """ISO 8601 in UTC with a Z; whole seconds unless there are milliseconds."""
    if when is None:
        return None
    utc = when.astimezone(UTC)
    precision = "milliseconds" if utc.microsecond else "seconds"
    return utc.isoformat(timespec=precision).replace("+00:00", "Z")


def author_json(author: Author) -> Json:
    return {"name": str(author.name), "handle": str(author.handle), "url": author.url}


def post_json(post: Post) -> Json:
    return {
        "schema": 1,
        "id": post.id,
        "account": post.account,
        "service": post.service,
        "remote_id": post.remote_id,
        "uri": post.uri,
        "url": post.url,
        "author": author_json(post.author),
        "text": str(post.whole_text),
        "lang": post.lang,
        "created_at": instant(post.created_at),
        "edited_at": instant(post.edited_at),
        "kind": post.kind.value,
        "boosted_by": author_json(post.boosts[0].author) if post.boosts else None,
        "in_reply_to": f"{post.account}:{post.in_reply_to}" if post.in_reply_to else None,
        "quote_of": f"{post.account}:{post.quote_of}" if post.quote_of else None,
        "cw": None if post.cw is None else str(post.cw),
        "visibility": post.visibility.value,
        "links": [link.url for link in post.links],
        "tags": [str(tag) for tag in post.tags],
        "media": [{"type": media.type, "alt": str(media.alt), "url": media.url} for media in post.media],
        "counts": {"replies": post.counts.replies, "boosts": post.counts.boosts, "likes": post.counts.likes},
        "mine": {
            "liked": post.mine.liked,
            "boosted": post.mine.boosted,
            "bookmarked": post.mine.bookmarked,
        },
        "also": list(post.also),
        "terms": list(post.terms),
    }


def check_json(check: Check, policy: Policy, now: datetime) -> Json:
    body = verdict_json(check.verdict, lambda finding: finding_text(finding, policy, now))
    return {
        "schema": 1,
        **body,
        "length": {name: {"used": length.used, "limit": length.limit} for name, length in check.lengths.items()},
    }


def meter_json(status: Status, text: str) -> Json:
    return {"schema": 1, **status_json(status), "text": text}


def sent_json(rows: Sequence[OutboxRow]) -> Json:
    """The answer of `post`: one state a target."""
    targets: Json = {}
    for row in folded(rows):
        target: Json = {"state": row.state.value}
        if row.remote_id:
            target |= {"id": f"{row.account}:{row.remote_id}", "url": row.url}
        if row.reason:
            target["reason"] = row.reason
        targets[row.account] = target
    return {"schema": 1, "outbox": rows[0].outbox if rows else None, "targets": targets}


def outbox_json(row: OutboxRow) -> Json:
    return {
        "schema": 1,
        "outbox": row.outbox,
        "account": row.account,
        "state": row.state.value,
        "attempts": row.attempts,
        "due": instant(row.draft.due),
        "next_try": instant(row.not_before) if row.state.value in ("queued", "unknown") else None,
        "reason": row.reason or None,
        "text": row.draft.text,
    }


def account_json(account: Account, facts: Mapping[str, str], state: str) -> Json:
    """`facts`: employer_visible and real_name_visible as judged now."""
    return {
        "schema": 1,
        "name": account.name,
        "service": account.service,
        "url": account.url,
        "handle": account.handle,
        "pseudonymous": account.pseudonymous,
        **facts,
        "state": state,
    }


def notification_json(notification: Notification) -> Json:
    return {
        "schema": 1,
        "account": notification.account,
        "id": f"{notification.account}:{notification.remote_id}",
        "kind": notification.kind.value,
        "at": instant(notification.at),
        "author": author_json(notification.author) if notification.author else None,
        "detail": str(notification.detail),
        "post": post_json(notification.post) if notification.post else None,
    }
