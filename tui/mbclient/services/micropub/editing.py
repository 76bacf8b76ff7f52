"""What an edit may replace: `content`, where plain words are all it holds (facts/micropub.md A).

A post is shown as its words, cut where it is very long, the title above. Sent back as it is, that would take the place
of HTML and of the rest, and put the title on the page twice.
"""

from __future__ import annotations

from mbclient.domain.draft import Written
from mbclient.domain.errors import RejectedError, UsageError
from mbclient.domain.safetext import SafeText, own_text
from mbclient.services.fields import obj, string
from mbclient.services.micropub.entries import Raw, first, heading, words
from mbclient.texts import _


def content_as_written(source: Raw, host: str, account: str) -> Written:
    """What an edit begins with: the content alone. Raises `RejectedError` where an edit would destroy something."""
    content = first(source, "content")
    shown, _links = words(source)
    html = string(obj(content), "html")
    if html and html != shown:
        raise RejectedError(
            _("the post is kept as HTML at {host}: an edit from here would take its links and layout").format(
                host=host
            ),
            _("edit it on the site itself"),
            account=account,
            code="html",
        )
    plain = content if isinstance(content, str) else html or string(obj(content), "value")
    if len(shown) < len(own_text(plain.strip())):
        raise RejectedError(
            _("the post at {host} is longer than is shown here: an edit would cut it").format(host=host),
            _("edit it on the site itself"),
            account=account,
            code="too-long",
        )
    return Written.read(plain)


def content_of_edit(source: Raw, text: str, host: str, account: str) -> str:
    """The edited text without a title above it, which stays as the site has it.

    Raises `RejectedError` likewise, for it may have become another post meanwhile, and `UsageError` for no words.
    """
    content_as_written(source, host, account)
    body = _below(heading(source, words(source)[0]), text)
    if not body:
        raise UsageError(_("there is no text yet"))
    return body


def _below(title: str, text: str) -> str:
    line, _end, rest = text.partition("\n")
    return rest.strip() if title and SafeText.line(line, max_characters=len(line) + 1) == title else text
