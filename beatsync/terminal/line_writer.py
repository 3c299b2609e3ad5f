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
QUIET_SECONDS: Final = 0.05


class LineWriter(Generic[Item]):
    """Renders and writes items in order; drops and counts them while the stream does not keep up. Use as a context."""

    def __init__(
        self,
        stream: TextIO,
        render: Callable[[Item], str],
        *,
        render_dropped: Callable[[int], str],
        render_rest: Callable[[], str] = lambda: "",
        length: int = QUEUE_LENGTH,
    ) -> None:
        """`stream`: where to; a broken one (nobody reads any more) is given up silently. `length`: of the queue.

        `render_dropped`: what is written in place of so many items that had to be dropped. `render_rest`: what `render`
        has held back, asked for when nothing follows.
        """
        self._stream = stream
        self._render = render
        self._render_dropped = render_dropped
        self._render_rest = render_rest
        self._items: queue.Queue[Item | None] = queue.Queue(length)
        self._dropped = 0
        self.failure: OSError | None = None
        """What ended the writing, if anything has."""
        self._told = 0
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
        try:
            self._write_all()
        except OSError as error:
            self.failure = error
        except ValueError:  # Python's word for a stream that is closed
            return

    def _write_all(self) -> None:
        item = self._items.get()
        while item is not None:
            self._tell_dropped()
            self._stream.write(self._render(item))
            item = self._following()
        self._stream.write(self._render_rest())
        self._stream.flush()

    def _tell_dropped(self) -> None:
        if self._dropped > self._told:
            dropped, self._told = self._dropped - self._told, self._dropped
            self._stream.write(self._render_dropped(dropped))

    def _following(self) -> Item | None:
        """The next item; what was held back for it is written when it does not come soon."""
        if self._items.empty():
            self._stream.flush()
            try:
                return self._items.get(timeout=QUIET_SECONDS)
            except queue.Empty:
                self._stream.write(self._render_rest())
                self._stream.flush()
        return self._items.get()
