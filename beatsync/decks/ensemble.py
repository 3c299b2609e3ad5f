"""All decks of a show, who of them is on air, and the tasks that keep them going."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Never

import trio

from beatsync.clock import Clock
from beatsync.conductor.conducted import Retargetable
from beatsync.config.configuration import Configuration
from beatsync.core.transport import Transport
from beatsync.decks.deck import Deck
from beatsync.decks.follow_on import follow_on, prepare_ahead
from beatsync.decks.on_air import OnAir


@dataclass(frozen=True, slots=True)
class Ensemble:
    """`decks` by name, in the configuration's order."""

    configuration: Configuration
    decks: dict[str, Deck]
    on_air: OnAir
    conductor: Retargetable
    clock: Clock

    def begin(self, taken_over: Mapping[str, Transport]) -> None:
        """Everything is armed; `taken_over`: the lines along which decks were found playing."""
        for name, deck in self.decks.items():
            deck.begin(taken_over.get(name))

    async def run(self) -> Never:
        """Every deck's tasks, until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.on_air.run)
            for deck in self.decks.values():
                nursery.start_soon(deck.run)
                nursery.start_soon(prepare_ahead, deck)
                nursery.start_soon(follow_on, deck, self.clock)
            await trio.sleep_forever()
        raise AssertionError
