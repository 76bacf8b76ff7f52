"""What the user is writing, before any service has seen it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.poll import NewPoll
from mbclient.domain.post import Visibility
from mbclient.domain.safetext import own_text


class Kind(StrEnum):
    """What sending does (policy facts 3.5)."""

    POST = "post"
    REPLY = "reply"
    QUOTE = "quote"
    BOOST = "boost"
    THREAD = "thread"
    EDIT = "edit"
    LIKE = "like"


@dataclass(frozen=True, slots=True)
class About:
    """The text and author that a boost, quote or reply points at: what rule 5 reads for a boost."""

    text: str = ""
    author: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A local file to send along, with its description."""

    path: str
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """The words of an own post as it was written, which is what an edit begins with.

    `exact`: False where these are not all of it, so that sending them again may change what nobody touched.
    """

    text: str
    cw: str = ""
    exact: bool = True

    @classmethod
    def read(cls, text: str, cw: str = "", *, exact: bool = True) -> Written:
        """From a service: cleaned, and never cut. What cleaning takes away is not written again."""
        text, cw = (words.replace("\r\n", "\n") for words in (text, cw))
        clean, warning = own_text(text), own_text(cw)
        return cls(clean, warning, exact and (clean, warning) == (text, cw))


@dataclass(frozen=True, slots=True)
class Draft:
    """One act of composing, to one or several accounts.

    `reply_to`, `quote_of`, `edit_of` and `boost_of` are post ids (`account:remote_id`). `due` is an aware UTC
    instant, None for now; `on_server`: the services themselves shall keep the post until then. `segments` is a
    thread's length; one post is 1. `threaded`: where the text is longer than one post, it shall go as a thread, its
    parts `numbered` if so.
    """

    text: str = ""
    accounts: tuple[str, ...] = ()
    kind: Kind = Kind.POST
    segments: int = 1
    threaded: bool = False
    numbered: bool = False
    visibility: Visibility = Visibility.PUBLIC
    cw: str = ""
    lang: str = ""
    reply_to: str = ""
    quote_of: str = ""
    edit_of: str = ""
    boost_of: str = ""
    media: tuple[Attachment, ...] = ()
    due: datetime | None = None
    on_server: bool = False
    about: About = About()
    poll: NewPoll | None = None

    @property
    def words(self) -> str:
        """All that it says of its own: the warning, the text, the poll's choices."""
        choices = self.poll.choices if self.poll is not None else ()
        return "\n".join(filter(None, (self.cw, self.text, *choices)))
