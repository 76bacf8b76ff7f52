"""`mbclient export`: a feed for a web page, or the data; to standard output, or into a file for a cron job."""

from __future__ import annotations

import asyncio
from pathlib import Path

from mbclient.cli.run import Run
from mbclient.core.criteria import MINE
from mbclient.core.exportforms import written
from mbclient.domain.errors import UsageError
from mbclient.settings import outputs
from mbclient.texts import _, ngettext

_PUBLISHED = ("atom", "jsonfeed", "html")  # for a page; the others hold likes and terms, which are the user's own


async def export(run: Run) -> int:
    """Says beside it how much there was; a file that says the same already is left as it is."""
    desk, given = run.desk, run.given
    form, output = given.text("--format"), given.text("--output")
    if not form:
        raise UsageError(_("{flag} is missing").format(flag="--format"), _("such as --format atom"))
    if given.has("--view") and given.has("--mine"):
        raise UsageError(_("--view and --mine are two answers"), _("choose one"))
    await desk.resifter.freshen()  # settings changed, or a mute ended, since the archive was last sifted
    found = await asyncio.to_thread(desk.exporter.export, given.text("--view", MINE))
    document = written(found, form)
    changed = _put(output, document, form) if output else None
    if run.out.json and (output or form != "jsonl"):
        run.out.object(
            {
                "schema": 1,
                "format": form,
                "entries": len(found.entries),
                "file": output or None,
                "changed": changed,
                "document": None if output else document.decode(),
            }
        )
    elif not output:
        run.out.document(document)
    else:
        number = ngettext("{n} post", "{n} posts", len(found.entries)).format(n=len(found.entries))
        words = _("{file}: {posts}") if changed else _("{file}: {posts}, nothing new")
        run.out.text(words.format(file=output, posts=number))
    return 0


def _put(name: str, document: bytes, form: str) -> bool:
    """Whether anything new was written."""
    mode = outputs.FOR_ALL if form in _PUBLISHED else outputs.OWN
    return outputs.put(Path(name).expanduser(), document, mode=mode)
