"""What an edit may replace: `content`, where plain words are all it holds (facts/micropub.md A).

A post is shown as its words, cut where it is very long, the title above. Sent back as it is, that would take the place
of HTML and of the rest, and put the title on the page twice.
"""

from __future__ import annotations

from mbclient.domain.draft import Written
from mbclient.domain.errors import RejectedError
from mbclient.domain.safetext import SafeText
from mbclient.services.fields import obj, string
from mbclient.services.micropub.entries import Raw, first, words
from mbclient.texts import _


def content_as_written(source: Raw, host: str, account: str) -> Written:
    """What an edit begins with: the content alone. Raises `RejectedError` where an edit would destroy something."""
    content = first(source, "content")
    shown, _links = words(source)
    html = string(obj(content), "html")
    if html and _cleaned(html) != shown:
        raise RejectedError(
            _("the post is kept as HTML at {host}: an edit from here would take its links and layout").format(
                host=host
            ),
            _("edit it on the site itself"),
            account=account,
            code="html",
        )
    plain = content if isinstance(content, str) else html or string(obj(content), "value")
    if len(shown) < len(_cleaned(plain)):
        raise RejectedError(
            _("the post at {host} is longer than is shown here: an edit would cut it").format(host=host),
            _("edit it on the site itself"),
            account=account,
            code="too-long",
        )
    return Written.read(plain)


def _cleaned(raw: str) -> SafeText:
    """As it would be shown, were that never cut."""
    return SafeText(raw.strip(), max_characters=len(raw), max_lines=len(raw))
