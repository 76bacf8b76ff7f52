"""A feed's bytes to text: the byte order mark, then what is valid UTF-8, then what HTTP and the XML declaration say.

The two often contradict each other, and `text/xml` without a charset once meant ASCII. Bytes that are valid UTF-8 and
not plain ASCII are UTF-8, whatever is claimed; of other claims only real character sets are believed.
"""

from __future__ import annotations

import codecs
import re

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECLARED = re.compile(rb"""\A\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_HTTP = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_BELIEVED = re.compile(
    r"(?:iso8859-\d+|cp(?:125\d|866|932|949|950)|koi8-[rut]|mac-roman|shift_jis|euc_(?:jp|kr)|iso2022_jp|gb2312|gbk|"
    r"gb18030|big5|utf-16(?:-[lb]e)?)\Z"
)
_LATIN = {"iso8859-1": "cp1252", "ascii": "cp1252"}  # as every browser reads these names


def decoded(body: bytes, content_type: str = "") -> str:
    """The text, without its byte order mark. Never fails: the last resort is Windows-1252 with replacements."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    declared = _DECLARED.search(body[:400])
    http = _HTTP.search(content_type)
    claims = [http[1] if http else "", declared[1].decode("ascii") if declared else ""]
    names = [name for name in map(_charset, claims) if name]
    if body[:4] in (b"<\0?\0", b"\0<\0?"):
        names.insert(0, "utf-16-le" if body[0] else "utf-16-be")
    if body.isascii() and b"\x1b" not in body and b"\0" not in body:
        return body.decode("ascii")
    if body.isascii() or b"\0" in body:  # ISO-2022-JP is ASCII to look at, UTF-16 full of zeros
        return _first(body, [*names, "utf-8"])
    return _first(body, ["utf-8", *names])


def _first(body: bytes, names: list[str]) -> str:
    for name in names:
        try:
            return body.decode(name)
        except UnicodeDecodeError:
            continue
    return body.decode("cp1252", "replace")


def _charset(claimed: str) -> str:
    """The name of a character set that is believed; empty for utf-8 (tried anyway), utf-7, idna and other codecs."""
    try:
        name = codecs.lookup(claimed).name if claimed else ""
    except LookupError:
        return ""
    name = _LATIN.get(name, name)
    return name if _BELIEVED.match(name) else ""
