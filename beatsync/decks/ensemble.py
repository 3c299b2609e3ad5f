"""All decks of a show, who of them is on air, and the tasks that keep them going."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Never

import trio

from beatsync.clock import Clock
from beatsync.conductor.conducted import Retargetable
from beatsync.config.configuration import Configuration
from beatsync.core.transport import Transport
from beatsync.decks.deck import Deck
from beatsync.decks.follow_on import follow_on, prepare_ahead
from beatsync.decks.on_air import OnAir


@dataclass(slots=True)
class Ensemble:
    """`decks` by name. Its configuration and its decks change when the show is edited."""

    configuration: Configuration
    decks: dict[str, Deck]
    on_air: OnAir
    conductor: Retargetable
    clock: Clock
    changed: trio.Event = field(default_factory=trio.Event)
    """Set, and replaced, whenever decks have come or gone."""

    def begin(self, taken_over: Mapping[str, Transport]) -> None:
        """Everything is armed; `taken_over`: the lines along which decks were found playing."""
        for name, deck in self.decks.items():
            deck.begin(taken_over.get(name))

    def announce(self) -> None:
        """Decks have come or gone."""
        self.changed.set()
        self.changed = trio.Event()

    async def run(self) -> Never:
        """Every deck's tasks for as long as it is one of the ensemble, until cancelled."""
        running: dict[Deck, trio.CancelScope] = {}
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.on_air.run)
            while True:
                changed, decks = self.changed, set(self.decks.values())
                for deck in running.keys() - decks:
                    running.pop(deck).cancel()
                for deck in decks - running.keys():
                    running[deck] = trio.CancelScope()
                    nursery.start_soon(self._run_deck, deck, running[deck])
                await changed.wait()

    async def _run_deck(self, deck: Deck, scope: trio.CancelScope) -> None:
        with scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(deck.run)
                nursery.start_soon(prepare_ahead, deck)
                nursery.start_soon(follow_on, deck, self.clock)
