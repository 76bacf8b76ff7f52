"""drafts list, show, delete."""

from __future__ import annotations

from mbclient.cli.run import Run
from mbclient.cli.spec import shown
from mbclient.core.ids import names_id
from mbclient.core.jsonform import Json, instant
from mbclient.core.stores import SavedDraft
from mbclient.domain.errors import UsageError
from mbclient.texts import _
from mbclient.texts.times import when


def show_all(run: Run) -> int:
    """Newest first, each with its first line."""
    drafts = run.desk.drafts.list()
    now, zone = run.desk.clock.now(), run.desk.judge.policy.zone
    for saved in drafts:
        if run.out.json:
            run.out.object(draft_json(saved))
            continue
        accounts = ", ".join(saved.draft.accounts)
        run.out.text(" · ".join([saved.id, when(saved.saved_at, now, zone), accounts]), style="bold")
        run.out.text(saved.draft.text.partition("\n")[0], indent=2)
    if not drafts and not run.out.json:
        run.out.text(_("no drafts"))
    return 0


def show(run: Run) -> int:
    """The text alone for people, so that it can be piped on."""
    saved = _find(run)
    if run.out.json:
        run.out.object(draft_json(saved))
    else:
        run.out.line(saved.draft.text)
    return 0


def delete(run: Run) -> int:
    saved = _find(run)
    if not run.desk.drafts.hold(saved.id):
        raise UsageError(_("another mbclient has the draft {id} open").format(id=saved.id), _("close it there first"))
    run.desk.composer.discard(saved.id)
    if run.out.json:
        run.out.object({"schema": 1, "id": saved.id, "deleted": True})
    else:
        run.out.text(_("deleted: {id}").format(id=saved.id))
    return 0


def _find(run: Run) -> SavedDraft:
    """By its id or an unambiguous beginning. Raises `UsageError`."""
    wanted = run.given.word("ID")
    found = [saved for saved in run.desk.drafts.list() if names_id(wanted, saved.id)]
    if len(found) != 1:
        raise UsageError(
            _("no single draft begins with {id}").format(id=shown(wanted)), _("`mbclient drafts list` shows them")
        )
    return found[0]


def draft_json(saved: SavedDraft) -> Json:
    """`kind`, `visibility` and the ids as in a post; `media`: local files with their descriptions."""
    draft = saved.draft
    return {
        "schema": 1,
        "id": saved.id,
        "saved_at": instant(saved.saved_at),
        "accounts": list(draft.accounts),
        "kind": draft.kind.value,
        "text": draft.text,
        "cw": draft.cw or None,
        "lang": draft.lang or None,
        "visibility": draft.visibility.value,
        "reply_to": draft.reply_to or None,
        "quote_of": draft.quote_of or None,
        "edit_of": draft.edit_of or None,
        "due": instant(draft.due),
        "media": [{"path": media.path, "alt": media.alt} for media in draft.media],
    }
