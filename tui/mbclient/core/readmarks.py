"""Reading places shared with other clients: read after a refresh, written when ours has moved, the newest wins.

Only where a service keeps them (`Marking`). There a mark belongs to one account; here home is many accounts' in one,
so what was read elsewhere takes our place no further than to the first post that some account brought and nobody saw.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from mbclient.core.abilities import Marking
from mbclient.core.accounts import Accounts
from mbclient.core.criteria import HOME
from mbclient.core.events import Bus, PlaceMoved
from mbclient.core.reading import Reading
from mbclient.core.stores import Archive, Entry, ViewQuery
from mbclient.domain.errors import MbclientError, SecretError, ServiceError, UnsupportedError
from mbclient.domain.post import Post

HOME_MARK, NOTICES_MARK = "home", "notifications"
PAGE, PAGES = 40, 10  # how far below the newest post another client's place is looked for
NOTICES = 20
WRITE_EVERY_S = 60.0
FLUSH_S = 0.3  # at quitting; what does not go in this time goes when the program starts again
OLDEST = -(1 << 63)
FAULTS = (ServiceError, SecretError)  # the account's next refresh meets them too, and tells

Mark = tuple[str, Marking]
"""What a server says of home, and who reads its marks."""


class ReadMarks:
    """Marks of every account as its server said last."""

    def __init__(self, accounts: Accounts, archive: Archive, reading: Reading, bus: Bus) -> None:
        self._accounts = accounts
        self._archive = archive
        self._reading = reading
        self._bus = bus
        self._marks: dict[str, Mapping[str, str]] = {}
        self._without: set[str] = set()
        self._turns: dict[str, asyncio.Lock] = {}  # one writes for an account at a time

    async def read(self, name: str) -> None:
        """Asks an account's server, takes over what is newer there, and writes what is newer here.

        Raises `StorageError`.
        """
        service = self._marking(name)
        if service is None:
            return
        try:
            self._marks[name] = await service.read_marks()
        except UnsupportedError:
            self._without.add(name)
            return
        except FAULTS:
            return
        names = [account.name for account in self._accounts.all()]
        if await asyncio.to_thread(self._follow, self._elsewhere(), names):
            self._bus.publish(PlaceMoved(HOME))
        noticed = self._marks.get(name, {}).get(NOTICES_MARK, "")
        await asyncio.to_thread(self._note_read, name, noticed, service)
        await self._write(name, service)

    async def write(self) -> None:
        """What has moved here since, on every server that has said where it stands. Raises `StorageError`."""
        services = [(name, self._marking(name)) for name in tuple(self._marks)]
        await asyncio.gather(*(self._write(name, service) for name, service in services if service is not None))

    async def flush(self) -> None:
        """Before the program ends, and without holding it up."""
        try:
            async with asyncio.timeout(FLUSH_S):
                await self.write()
        except (TimeoutError, MbclientError):
            return

    def _marking(self, name: str) -> Marking | None:
        if name in self._without:
            return None
        try:
            service = self._accounts.service(name)
        except MbclientError:  # the account is gone, or what it needs
            self._marks.pop(name, None)
            return None
        return service if isinstance(service, Marking) else None

    def _elsewhere(self) -> dict[str, Mark]:
        """How far each account's server says that home is read, as it is now: a thread cannot look at what changes."""
        services = [(name, self._marking(name)) for name in tuple(self._marks)]
        return {
            name: (self._marks[name].get(HOME_MARK, ""), service) for name, service in services if service is not None
        }

    async def _write(self, name: str, service: Marking) -> None:
        async with self._turns.setdefault(name, asyncio.Lock()):
            await self._send(name, service)

    async def _send(self, name: str, service: Marking) -> None:
        ours = await asyncio.to_thread(self._ours, name, service)
        for place, mark in ours.items():
            theirs = self._marks.get(name, {}).get(place, "")
            if not mark or place not in service.places or (theirs and service.reaches(theirs, mark)):
                continue
            try:
                if await service.set_mark(place, mark):
                    self._marks[name] = {**self._marks.get(name, {}), place: mark}
                else:  # another client was at it: what it set counts until the next time
                    self._marks[name] = await service.read_marks()
            except UnsupportedError:
                self._without.add(name)
                return
            except FAULTS:
                return

    # ------------------------------------------------------------ the archive, in a thread

    def _ours(self, name: str, service: Marking) -> dict[str, str]:
        """How far this account is read here, as marks of its own server; empty where nothing is."""
        place = self._archive.place(HOME)
        home = None if place is None else next(self._posts(name, place + 1), None)
        newest = ""
        for notice in self._reading.notifications(limit=NOTICES):
            if notice.account == name and notice.read:
                mark = service.mark(notice.remote_id, notice.at)
                newest = mark if not newest or not service.reaches(newest, mark) else newest
        return {HOME_MARK: "" if home is None else _mark(service, home.post), NOTICES_MARK: newest}

    def _follow(self, elsewhere: Mapping[str, Mark], names: Sequence[str]) -> bool:
        """Takes home's place up to what was read elsewhere; whether it has moved. `names`: of all accounts."""
        place = self._archive.place(HOME)
        found = {name: self._key(name, mark, place) for name, mark in elsewhere.items()}
        read = {name: key for name, key in found.items() if key is not None}
        reached = max(read.values(), default=OLDEST)
        floor = OLDEST if place is None else place
        for name in names:
            if place is None and name not in read:
                continue  # nothing was read here yet, and nobody else says how far it is
            known = max(floor, read.get(name, OLDEST))
            unseen = self._archive.page(ViewQuery(HOME, (name,), peek=True), after=known, limit=1)
            if unseen and unseen[0].key <= reached:
                below = self._archive.page(ViewQuery(HOME, peek=True), before=unseen[0].key, limit=1)
                reached = below[0].key if below else OLDEST
        return reached > floor and self._archive.raise_place(HOME, reached)

    def _key(self, name: str, mark: Mark, place: int | None) -> int | None:
        """The entry that another client stands at, where that is above our place: the newest that its mark reaches."""
        where, service = mark
        if not where:
            return None
        for entry in self._posts(name):
            if place is not None and entry.key <= place:
                return None
            if service.reaches(where, _mark(service, entry.post)):
                return entry.key
        return None

    def _posts(self, name: str, before: int | None = None) -> Iterator[Entry]:
        """An account's entries from the newest down."""
        for _page in range(PAGES):
            page = self._archive.page(ViewQuery(HOME, (name,), peek=True), before=before, limit=PAGE)
            for entry in page:
                if entry.post.account == name:
                    yield entry
            if len(page) < PAGE:
                return
            before = page[-1].key

    def _note_read(self, name: str, mark: str, service: Marking) -> None:
        """What was read elsewhere is no news here."""
        found = self._reading.notifications(limit=NOTICES) if mark else ()
        news = (each for each in found if each.account == name and not each.read)
        read = [each for each in news if service.reaches(mark, service.mark(each.remote_id, each.at))]
        if read:
            self._archive.store_notifications([replace(each, read=True) for each in read])


def _mark(service: Marking, post: Post) -> str:
    return service.mark(post.entry_id, post.sorted_at)
