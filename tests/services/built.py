"""Where HTTP clients and TLS contexts are built: on the event loop they would hold every key for 45 to 100 ms."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import httpx


@dataclass(slots=True)
class Built:
    """How many were built on the thread that asks, which is the event loop's, and how many on others."""

    on_loop: int = 0
    beside: int = 0


@contextmanager
def built_on() -> Iterator[Built]:
    """Counts from here to the end; to be entered where the event loop runs."""
    loop, built = threading.get_ident(), Built()
    client, context = httpx.AsyncClient.__init__, ssl.SSLContext.__new__

    def count() -> None:
        if threading.get_ident() == loop:
            built.on_loop += 1
        else:
            built.beside += 1

    def new_client(self: httpx.AsyncClient, *given: Any, **named: Any) -> None:
        count()
        client(self, *given, **named)

    def new_context(cls: type[ssl.SSLContext], *given: Any, **named: Any) -> ssl.SSLContext:
        count()
        return context(cls, *given, **named)

    with (
        patch.object(httpx.AsyncClient, "__init__", new_client),
        patch.object(ssl.SSLContext, "__new__", new_context),
    ):
        yield built
