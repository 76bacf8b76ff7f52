"""`mbclient filter test`: tries work terms on posts from standard input before they are used."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from mbclient.cli.run import Run
from mbclient.core.criteria import HOME, WORK, Why
from mbclient.domain.errors import UsageError
from mbclient.domain.post import Author, Link, Media, Post, PostKind
from mbclient.domain.safetext import SafeText
from mbclient.texts import _

MAX_LINE = 1_000_000


def test(run: Run) -> int:
    """Every post as it came, with `terms`, `shown` and `hidden_by`. Raises `UsageError` for a line that is no post."""
    desk = run.desk
    view = desk.reading.view(run.given.text("--view", WORK))
    own = next((own for own in desk.preferences.views if own.name == view.id), None)
    if view.id not in (WORK, HOME) and own is None:
        raise UsageError(_("the view {view} has no terms").format(view=view.title), _("choose Work or one of your own"))
    shown = total = 0
    for table, post in _posts():
        if own is not None and own.accounts and not post.account:  # only `text` has to be there
            post = replace(post, account=own.accounts[0])
        why = desk.sieve.why(post, view.id)
        if view.id == HOME:  # everything received, marked with what makes it work as the screen does
            why = replace(why, terms=desk.sieve.why(post).terms)
        total += 1
        shown += why.shown
        _show(run, table, post, why)
    if not run.out.json:
        run.out.text(_("{shown} of {total} posts are shown").format(shown=shown, total=total))
    return 0


def _show(run: Run, table: Mapping[str, Any], post: Post, why: Why) -> None:
    hidden_by = (why.muted.words if why.muted else "") or why.hidden_kind or why.excluded_by or None
    if run.out.json:
        run.out.object({"schema": 1, **table, "terms": list(why.terms), "shown": why.shown, "hidden_by": hidden_by})
        return
    words = ", ".join(why.terms)
    if hidden_by:
        words = _("{terms} hidden by {reason}").format(terms=words, reason=hidden_by).strip()
    first_line = SafeText.line(str(post.text), max_characters=200)
    run.out.text(f"{'+' if why.shown else '-'} [{words}] {first_line}", style="" if why.shown else "dim")


def _posts() -> Iterator[tuple[Mapping[str, Any], Post]]:
    number = 0
    while line := sys.stdin.readline(MAX_LINE):
        number += 1
        if not line.strip():
            continue
        try:
            table = json.loads(line)
            yield table, post_from_json(table)
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
            raise UsageError(
                _("line {n} is no post").format(n=number), _("give posts as `mbclient timeline --json` prints them")
            ) from None


def post_from_json(table: Mapping[str, Any]) -> Post:
    """What the filter looks at, of a post as docs/json.md has it; only `text` must be there."""
    boosted_by = table.get("boosted_by")
    created = table.get("created_at")
    return Post(
        account=str(table.get("account", "")),
        service=str(table.get("service", "")),
        remote_id=str(table.get("remote_id", "")),
        uri=str(table.get("uri", "")),
        author=_author(table.get("author") or {}),
        boosted_by=_author(boosted_by) if boosted_by else None,
        text=SafeText(table["text"]),
        created_at=datetime.fromisoformat(created) if created else datetime.fromtimestamp(0, UTC),
        kind=PostKind(table.get("kind", "post")),
        lang=table.get("lang"),
        cw=SafeText(table["cw"]) if table.get("cw") else None,
        links=tuple(Link(str(url)) for url in table.get("links", ())),
        tags=tuple(SafeText(tag) for tag in table.get("tags", ())),
        media=tuple(
            Media(str(media.get("type", "unknown")), SafeText(media.get("alt", ""))) for media in table.get("media", ())
        ),
    )


def _author(table: Mapping[str, Any]) -> Author:
    return Author(SafeText(table.get("handle", "")), SafeText(table.get("name", "")))
