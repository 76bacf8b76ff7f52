"""Bytes to a `Document`, whichever kind of feed they are. The content type is not asked: too many servers lie."""

from __future__ import annotations

import json
import re

from mbclient.services.feed.atom import is_atom, read_atom
from mbclient.services.feed.items import Document, NoFeedError
from mbclient.services.feed.jsonfeed import read_jsonfeed
from mbclient.services.feed.rss import is_rss, read_rss
from mbclient.services.feed.xmltree import BadXmlError, parse_xml

_HTML = re.compile(r"\s*(?:<\?xml[^>]*>|<!--.*?-->|\s)*<(?:!doctype\s+html|html)\b", re.IGNORECASE)


def read_feed(text: str, url: str) -> Document:
    """The feed in a decoded text that came from `url`. Raises `NoFeedError`."""
    start = text.lstrip()
    if start.startswith("{"):
        try:
            return read_jsonfeed(json.loads(start, parse_constant=lambda _name: None), url)
        except (ValueError, RecursionError) as error:
            raise NoFeedError(str(error)) from error
    if not start.startswith("<") or looks_like_html(start):
        raise NoFeedError("neither XML nor JSON")
    try:
        root = parse_xml(start)
    except BadXmlError as error:
        raise NoFeedError(str(error)) from error
    if is_atom(root):
        return read_atom(root, url)
    if is_rss(root):
        return read_rss(root, url)
    raise NoFeedError("XML, but no feed")


def looks_like_html(text: str) -> bool:
    return _HTML.match(text[:2000]) is not None
