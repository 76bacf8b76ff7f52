"""The filters that the server found to match a status, as the domain's own (Mastodon facts 8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mbclient.domain.post import FilterAction, Filtered
from mbclient.domain.safetext import SafeText
from mbclient.services.mastodon.fields import identity, instant, items, obj, string
from mbclient.texts import _

MAX_FILTERS = 50  # of one status
MAX_TITLE = 100
_ACTIONS = {action.value: action for action in FilterAction}


def matching(status: Mapping[str, object], account: str) -> tuple[Filtered, ...]:
    """The filters that match a status (`filtered`), each once; what matches the one it quotes covers it.

    An action that nobody knows is a warning. A filter without its contexts acts everywhere.
    """
    quote = obj(status.get("quote"))
    quoted = _of(obj(quote.get("quoted_status")) or quote, account)
    covering = (replace(each, action=FilterAction.WARN) for each in quoted)
    return tuple(dict.fromkeys((*_of(status, account), *covering)))


def _of(status: Mapping[str, object], account: str) -> list[Filtered]:
    found = (_filtered(obj(result), account) for result in items(status.get("filtered"))[:MAX_FILTERS])
    return [each for each in found if each is not None]


def _filtered(result: Mapping[str, object], account: str) -> Filtered | None:
    source = obj(result.get("filter"))
    if not source:
        return None
    words = [word for word in items(result.get("keyword_matches"))[:MAX_FILTERS] if isinstance(word, str)]
    named = (string(source, "title"), ", ".join(words))
    title = next((line for line in map(_line, named) if line.strip()), None)
    return Filtered(
        account=account,
        title=title or SafeText(_("without a name")),
        action=_ACTIONS.get(string(source, "filter_action"), FilterAction.WARN),
        contexts=tuple(_contexts(source)),
        until=instant(source.get("expires_at")),
        id=identity(source),
    )


def _line(text: str) -> SafeText:
    return SafeText.line(text, max_characters=MAX_TITLE)


def _contexts(source: Mapping[str, object]) -> Iterator[str]:
    """As they are called, also those that are new: a filter for elsewhere must not come to act everywhere."""
    for context in items(source.get("context"))[:MAX_FILTERS]:
        name = str(SafeText.line(context, max_characters=40)) if isinstance(context, str) else ""
        if name:
            yield name
