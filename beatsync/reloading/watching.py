"""Watching a show's files: an edit is put into force once it is whole; while the show is locked, once it is unlocked.

The operating system tells when something happens in a folder. Beside that the files are looked at every few seconds:
network disks tell nothing, and folders come and go.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, Never

import trio

from beatsync.core.units import NS_PER_SECOND
from beatsync.decks.commands import Reload
from beatsync.decks.desk import Desk
from beatsync.decks.news import News, Tell
from beatsync.errors import BeatsyncError, CommandRefused
from beatsync.reloading.files import Look
from beatsync.reloading.reloading import Reloading

SETTLED_SECONDS: Final = 0.2
"""A file that has not changed for so long is whole: editors and copying programs write faster."""

ToldOf = Callable[[Look, trio.Event], AbstractContextManager[None]]


class Watching:
    """Watches the files of one show."""

    def __init__(self, reloading: Reloading, desk: Desk, *, tell: Tell, told_of: ToldOf) -> None:
        """`reloading`: knows the files, and how they were when they were last read. `told_of`: as `stirring` has it."""
        self._reloading = reloading
        self._desk = desk
        self._tell = tell
        self._told_of = told_of

    async def run(self) -> Never:
        """Watch, until cancelled."""
        while True:
            look = await self._settled()
            if look.files == self._reloading.seen or not self._desk.ensemble.configuration.reload.watch:
                await self._wait_for_something(look)
            elif self._desk.settings.locked:
                await self._wait_unlocked(look)
            else:
                await self._reload()

    async def _reload(self) -> None:
        try:
            await self._desk.do(Reload())
        except CommandRefused:
            pass  # it has just been locked: soon said
        except BeatsyncError:
            pass  # said; not to be tried again before the next edit

    async def _settled(self) -> Look:
        """The files, once nobody writes to them any more."""
        before = await self._reloading.look(self._desk)
        while True:
            await trio.sleep(SETTLED_SECONDS)
            now = await self._reloading.look(self._desk)
            if now == before:
                return now
            before = now

    async def _wait_for_something(self, look: Look) -> None:
        """Return when the files, or the folders that they are in, may not be as they were in this look."""
        happened = trio.Event()
        with self._told_of(look, happened):
            while not happened.is_set():
                with trio.move_on_after(self._desk.ensemble.configuration.reload.poll / NS_PER_SECOND):
                    await happened.wait()
                if await self._reloading.look(self._desk) != look:
                    return

    async def _wait_unlocked(self, look: Look) -> None:
        """Say what was edited; return when the show is unlocked."""
        names = sorted(str(path) for path, now in look.files.items() if now != self._reloading.seen.get(path))
        text = f"edited: {', '.join(names)}; the show is locked: read when it is unlocked"
        self._tell(News(self._desk.ensemble.clock.now(), "edited", text, {"files": names}, grave=True))
        while self._desk.settings.locked:
            await self._desk.commanded.wait()
