"""What an edit may replace: `content`, where plain words are all it holds (facts/micropub.md A).

The editor begins with a post as it is shown: HTML as its words, cut where it is very long, the title above. Sent back
as it is, that would take the place of the HTML and of the rest, and put the title on the page twice.
"""

from __future__ import annotations

from mbclient.domain.errors import RejectedError, UsageError
from mbclient.domain.safetext import SafeText, own_text
from mbclient.services.fields import obj, string
from mbclient.services.micropub.entries import Raw, first, heading, words
from mbclient.texts import _


def content_of_edit(source: Raw, text: str, host: str, account: str) -> str:
    """The edited text without the title, which stays as the site has it.

    Raises `RejectedError` for a post of which an edit would destroy something, `UsageError` where no words are left.
    """
    content = first(source, "content")
    if string(obj(content), "html"):
        raise RejectedError(
            _("the post is kept as HTML at {host}: an edit from here would take its links and layout").format(
                host=host
            ),
            _("edit it on the site itself"),
            account=account,
            code="html",
        )
    plain = content if isinstance(content, str) else string(obj(content), "value")
    shown, _links = words(source)
    if len(shown) < len(own_text(plain.strip())):
        raise RejectedError(
            _("the post at {host} is longer than is shown here: an edit would cut it").format(host=host),
            _("edit it on the site itself"),
            account=account,
            code="too-long",
        )
    title = heading(source, shown)
    body = _below(title, text) if title else text
    if body is None:
        raise RejectedError(
            _("the title of a post cannot be changed from here"),
            _("leave the first line as it is at {host}: {title}").format(
                host=host, title=SafeText.line(title, max_characters=100)
            ),
            account=account,
            code="title",
        )
    if not body:
        raise UsageError(_("there is no text yet"))
    return body


def _below(title: str, text: str) -> str | None:
    """What stands below the title; None where that is not the first line."""
    line, _end, rest = text.partition("\n")
    return rest.strip() if SafeText.line(line, max_characters=len(line) + 1) == title else None
