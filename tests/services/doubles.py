"""What the doubles of services share: a wire of their own, and what goes wrong with the next request."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from tests.services.wire import Reply, Request, Wire

HTML = {"Content-Type": "text/html; charset=utf-8"}


class Double(ABC):
    """`async with` it. `nonsense`: what its lists hold beside their items."""

    def __init__(self) -> None:
        self.wire = Wire(self._handle)
        self.nonsense: list[object] = []

    @property
    def url(self) -> str:
        return self.wire.url

    async def __aenter__(self) -> Self:
        await self.wire.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.wire.__aexit__(kind, error, trace)

    @abstractmethod
    async def _handle(self, request: Request) -> Reply: ...


@dataclass(slots=True)
class Fault:
    """What goes wrong with the next matching request. kind: drop-before, drop-after, garbage, status, delay."""

    method: str
    path: str
    kind: str
    status: int = 503
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0


class Faulty(Double):
    """One whose requests fail as a test says; the path "*" is any."""

    garbage = b"<html>upstream is tired</html>"

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[Fault] = []

    def fault(self, method: str, path: str, kind: str, **more: Any) -> None:
        self.faults.append(Fault(method, path, kind, **more))

    def named(self, request: Request) -> str:
        """What a fault calls it."""
        return request.path

    async def _handle(self, request: Request) -> Reply:
        name = self.named(request)
        fault = next((f for f in self.faults if f.method == request.method and f.path in ("*", name)), None)
        if fault is None:
            return await self.answer(request)
        self.faults.remove(fault)
        if fault.kind == "drop-before":
            return Reply(drop=True)
        if fault.kind == "status":
            return Reply(fault.status, fault.body, fault.headers)
        if fault.kind == "garbage":
            return Reply(200, self.garbage, HTML)
        await asyncio.sleep(fault.seconds)
        reply = await self.answer(request)
        return Reply(drop=True) if fault.kind == "drop-after" else reply

    @abstractmethod
    async def answer(self, request: Request) -> Reply:
        """What the service itself says."""
