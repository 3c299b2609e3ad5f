"""From a library's own thread to the task that listens: bounded, the oldest is lost first, and counted."""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

import trio

T = TypeVar("T")


class Handover(Generic[T]):
    """Made in the task that receives. `put` may be called from any thread, and never waits or raises."""

    def __init__(self, limit: int) -> None:
        """`limit`: how many may wait."""
        self._waiting: deque[T] = deque(maxlen=limit)
        self._lost = 0
        self._lock = threading.Lock()
        self._token = trio.lowlevel.current_trio_token()
        self._news = trio.Event()

    def put(self, item: T) -> None:
        """Leave something for the task."""
        with self._lock:
            self._lost += len(self._waiting) == self._waiting.maxlen
            self._waiting.append(item)
        try:
            self._token.run_sync_soon(self._wake, idempotent=True)
        except trio.RunFinishedError:
            return

    async def receive(self) -> tuple[list[T], int]:
        """What waits, in order, and how many were lost before it; waits until there is something."""
        await trio.lowlevel.checkpoint()  # a flood leaves the other tasks their turn
        while not self._waiting:
            self._news = trio.Event()
            await self._news.wait()
        with self._lock:
            items, lost = list(self._waiting), self._lost
            self._waiting.clear()
            self._lost = 0
        return items, lost

    def _wake(self) -> None:
        self._news.set()
