"""Where commands arrive that come from outside, over whatever: one after another, counted, and told to people.

A revision stands for how things are; every command makes a new one, unless things were so already. Whoever says which
one they have seen is refused when somebody else has been there first (faults.md, K10).
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import Final

import trio

from beatsync.control.refusing import Stale
from beatsync.core.units import NS_PER_SECOND, HostNs
from beatsync.decks.commands import Already, Command, LoadTrack, MoveFader, Outcome, Reload, Step
from beatsync.decks.desk import Desk
from beatsync.decks.news import News, Tell

_APPLIED_SECONDS: Final = 2
"""How long the conductor may take to do as it is told before the answer goes out all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A command from outside. `words`: what it is, `source`: who it comes from, for people.

    `revision`: the one that whoever commands has seen; None where that does not matter to them.
    """

    command: Command
    words: str
    source: str
    revision: str | None = None


class Console:
    """Passes orders on to the desk."""

    def __init__(self, desk: Desk, *, run: str, tell: Tell) -> None:
        """`run`: tells this run of the daemon from others; revisions begin with it."""
        self.desk = desk
        self.run = run
        self._tell = tell
        self._count = 0
        self._last: tuple[Order, HostNs] | None = None
        self._turns: defaultdict[str | None, trio.Lock] = defaultdict(trio.Lock)

    @property
    def revision(self) -> str:
        """Of how things are now."""
        return f"{self.run}.{self._count}"

    async def do(self, order: Order) -> Outcome | None:
        """Do it; returns what a reload has come to, or that things were so already, of which nobody is told.

        Raises Stale where the revision is an old one, and as `Desk.do`; then nothing has changed.
        """
        async with self._turn(order.command):
            self._check(order.revision)
            outcome = await self.desk.do(order.command)
            if isinstance(outcome, Already):
                return outcome
            self._count += 1
            self._last = order, self._now()
        if not isinstance(order.command, MoveFader):
            text = f"{order.words}, from {order.source}"
            self._tell(News(self._now(), "command", text, {"command": order.words, "source": order.source}))
        return outcome

    async def wait_applied(self) -> None:
        """Return when the conductor has done everything, or takes too long over it."""
        with trio.move_on_after(_APPLIED_SECONDS):
            await self.desk.ensemble.conductor.wait_applied()

    def _turn(self, command: Command) -> AbstractAsyncContextManager[None]:
        """What takes a while comes one after another, so that two presses of `next` are two tracks further."""
        if isinstance(command, Reload):
            return self._turns[""]
        if isinstance(command, LoadTrack | Step):
            return self._turns[self.desk.deck(command.deck).name]
        return nullcontext()

    def _check(self, revision: str | None) -> None:
        if revision is None or revision == self.revision:
            return
        since = "the daemon has been started anew"
        if self._last is not None:
            order, at = self._last
            ago = (self._now() - at) / NS_PER_SECOND
            since = f"the last command was {order.words}, from {order.source}, {ago:.1f} s ago"
        raise Stale(
            f"things have changed since revision {revision[:40]}: {since}; "
            f"look at the status (revision {self.revision}), and try again"
        )

    def _now(self) -> HostNs:
        return self.desk.ensemble.clock.now()
