"""Commands that are done once, however often they are sent: the same key again gets the first answer.

What was begun is finished, also where its client has left: it will ask again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import trio

from beatsync.control.refusing import KeyUsedTwice

MOST: Final = 256
"""How many answers are kept; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered with."""

    status: int
    body: bytes


@dataclass(slots=True)
class _Done:
    """One command that was sent with a key. `request`: what it was."""

    request: bytes
    answer: Answer | None = None
    answered: trio.Event = field(default_factory=trio.Event)


class Replays:
    """Remembers the last answers."""

    def __init__(self, nursery: trio.Nursery) -> None:
        """`nursery`: where commands are done."""
        self._nursery = nursery
        self._done: OrderedDict[str, _Done] = OrderedDict()

    async def answer(
        self, key: str | None, request: bytes, *, make: Callable[[], Awaitable[Answer]]
    ) -> tuple[Answer, bool]:
        """The answer, and whether it is one that was given before. `make` must not raise.

        Raises KeyUsedTwice where the key has come with another request.
        """
        before = None if key is None else self._done.get(key)
        if before is not None and before.request != request:
            raise KeyUsedTwice(
                "this Idempotency-Key came before, with another command or body; make a new one for each command"
            )
        done = before or _Done(request)
        if before is None:
            if key is not None:
                self._keep(key, done)
            self._nursery.start_soon(self._make, done, make)
        await done.answered.wait()
        assert done.answer is not None
        return done.answer, before is not None

    def _keep(self, key: str, done: _Done) -> None:
        self._done[key] = done
        while len(self._done) > MOST:
            self._done.popitem(last=False)

    async def _make(self, done: _Done, make: Callable[[], Awaitable[Answer]]) -> None:
        done.answer = await make()
        done.answered.set()
