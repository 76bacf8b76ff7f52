"""Reasons that the system and the libraries give, in the language in use: each is looked up as it was given.

What is not known here is told as it is. English is always the giver's own words.
"""

from __future__ import annotations

from mbclient.texts import N_, _

KNOWN = (
    # The system's, as `strerror` has them
    N_("No such file or directory"),
    N_("Permission denied"),
    N_("Operation not permitted"),
    N_("No space left on device"),
    N_("Disk quota exceeded"),
    N_("Read-only file system"),
    N_("Is a directory"),
    N_("Not a directory"),
    N_("File exists"),
    N_("File name too long"),
    N_("File too large"),
    N_("Too many levels of symbolic links"),
    N_("Too many open files"),
    N_("Input/output error"),
    N_("Device or resource busy"),
    N_("Exec format error"),
    N_("Connection refused"),
    N_("Connection reset by peer"),
    N_("Connection timed out"),
    N_("Network is unreachable"),
    N_("No route to host"),
    N_("Name or service not known"),
    N_("Temporary failure in name resolution"),
    # HTTP's
    N_("All connection attempts failed"),
    N_("Server disconnected without sending a response."),
    N_("peer closed connection without sending complete message body (incomplete chunked read)"),
    N_("ConnectTimeout"),
    N_("ReadTimeout"),
    N_("WriteTimeout"),
    N_("PoolTimeout"),
    N_("TimeoutError"),
    N_("ReadError"),
    # JSON's
    N_("Expecting value"),
    N_("Expecting property name enclosed in double quotes"),
    N_("Expecting ':' delimiter"),
    N_("Expecting ',' delimiter"),
    N_("Extra data"),
    N_("Unterminated string starting at"),
    N_("Invalid control character at"),
    N_("Invalid \\escape"),
    N_("Illegal trailing comma before end of object"),
    N_("Illegal trailing comma before end of array"),
    # TOML's
    N_("Invalid statement"),
    N_("Invalid value"),
    N_("Invalid date or datetime"),
    N_("Invalid initial character for a key part"),
    N_("Invalid hex value"),
    N_("Cannot overwrite a value"),
    N_("Expected ']' at the end of a table declaration"),
    N_("Expected ']]' at the end of an array declaration"),
    N_("Expected '=' after a key in a key/value pair"),
    N_("Expected newline or end of document after a statement"),
    N_("Unclosed array"),
    N_("Unclosed inline table"),
    N_("Unescaped '\\' in a string"),
    N_("Unterminated string"),
)
"""Marked for the catalogue; nothing asks whether a reason is among them."""


def told(reason: str) -> str:
    """A reason in the language in use; a number before it stays."""
    number, sign, words = reason.partition("] ") if reason.startswith("[Errno ") else ("", "", reason)
    return number + sign + _(words) if words else reason


def system_reason(error: OSError) -> str:
    """Why the system would not do it; without its words, the error's name."""
    return told(error.strerror or type(error).__name__)
