"""Lines to a stream that may block, break or be slow: a bounded queue and a thread of its own.

The show never waits for a log. What is written is rendered in the thread too, off the conductor's path.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Final, Generic, Self, TextIO, TypeVar

Item = TypeVar("Item")
QUEUE_LENGTH: Final = 10_000
CLOSE_SECONDS: Final = 0.5


class LineWriter(Generic[Item]):
    """Renders and writes items in order; drops and counts them while the stream does not keep up. Use as a context."""

    def __init__(
        self,
        stream: TextIO,
        render: Callable[[Item], str],
        *,
        render_dropped: Callable[[int], str],
        length: int = QUEUE_LENGTH,
    ) -> None:
        """`stream`: where to; a broken one (nobody reads any more) is given up silently. `length`: of the queue.

        `render_dropped`: what is written in place of so many items that had to be dropped.
        """
        self._stream = stream
        self._render = render
        self._render_dropped = render_dropped
        self._items: queue.Queue[Item | None] = queue.Queue(length)
        self._dropped = 0
        self.failure: OSError | None = None
        """What ended the writing, if anything has."""
        self._thread = threading.Thread(target=self._write, name="log writer", daemon=True)

    def __enter__(self) -> Self:
        """Start writing."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Write what is waiting, for at most half a second."""
        try:
            self._items.put(None, timeout=CLOSE_SECONDS)
        except queue.Full:
            return
        self._thread.join(timeout=CLOSE_SECONDS)

    @property
    def dropped(self) -> int:
        """How many items were not written because the stream did not keep up."""
        return self._dropped

    def put(self, item: Item) -> None:
        """Have `item` written; never waits."""
        try:
            self._items.put_nowait(item)
        except queue.Full:
            self._dropped += 1

    def _write(self) -> None:
        told = 0
        while (item := self._items.get()) is not None:
            try:
                if self._dropped > told:
                    told, dropped = self._dropped, self._dropped - told
                    self._stream.write(self._render_dropped(dropped))
                self._stream.write(self._render(item))
                if self._items.empty():
                    self._stream.flush()
            except OSError as error:
                self.failure = error
                return
            except ValueError:  # Python's word for a stream that is closed
                return
