"""Who of the decks is on air: the master, whose cues go out. The others are silent, or go out with a prefix.

A hand-over is made target by target (core/hand_over.py). The old deck's looks are ended in the same instant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Never

import trio

from beatsync.clock import Clock
from beatsync.conductor.actions import Action, Release, Silence
from beatsync.conductor.conducted import Conducted
from beatsync.config.configuration import HandOver, OnAirChoice
from beatsync.core.hand_over import hand_over_instants, longest_notice, margin_for, next_boundary
from beatsync.core.targets import Target
from beatsync.core.units import NS_PER_SECOND, DurationNs, HostNs, TrackNs
from beatsync.decks.deck import Deck
from beatsync.decks.news import News, Tell
from beatsync.decks.record import HandedOver, Record, nobody

OFF_AIR: Final = "off air"
"""The reason for which a deck is silent that is not on air."""

FADER_LEAD: Final = 0.1
"""So much further up another deck's fader must be: two that stand at one height do not take turns."""


class OnAir:
    """Keeps one deck on air. Where there is only one, it always is."""

    def __init__(
        self,
        choice: OnAirChoice,
        decks: Mapping[str, Deck],
        *,
        targets: tuple[Target, ...],
        conductor: Conducted,
        clock: Clock,
        tell: Tell,
        record: Record = nobody,
    ) -> None:
        """`decks` may change under way; `targets`: with their present leads."""
        self.choice = choice
        self.targets = targets
        self.master = choice.deck
        """The deck that is on air, or just coming on air."""
        self._decks = decks
        self._conductor = conductor
        self._clock = clock
        self._tell = tell
        self._record = record
        self._heard = {target.name: choice.deck for target in targets}
        self._when = HandOver.NOW
        self._levels: dict[str, float] = {}
        self._flagged: list[str] = []
        self._asked = trio.Event()

    def start(self, master: str) -> list[Action]:
        """What the conductor is to do for this deck to be on air at once, whatever was before."""
        self.master = master
        self._heard = {target.name: master for target in self.targets}
        actions: list[Action] = []
        for name, deck in self._decks.items():
            actions += deck.set_on_air(on_air=name == master)
        return [*actions, *self.silences()]

    def silences(self) -> list[Action]:
        """What the conductor is to do for each target to hear the decks that it is to hear, and no others."""
        actions: list[Action] = []
        for name, deck in self._decks.items():
            heard = {
                target.name
                for target in self.targets
                if deck.choice.prefix is not None or self._heard[target.name] == name
            }
            silent = tuple(target.name for target in self.targets if target.name not in heard)
            if silent:
                actions.append(Silence(OFF_AIR, (name,), silent))
            if heard:
                actions.append(Release(OFF_AIR, (name,), tuple(sorted(heard))))
        return actions

    # What puts a deck on air

    def put_on_air(self, name: str, when: HandOver | None = None) -> None:
        """Have this deck take over; `when`: as the configuration says, where it is not said."""
        if name == self.master:
            return
        before, self.master = self.master, name
        self._when = self.choice.hand_over if when is None else when
        text = f"{name} takes over from {before}" + ("" if self._when is HandOver.NOW else f" on its next {self._when}")
        self._tell(News(self._clock.now(), "on_air", text, {"deck": name, "from": before, "when": self._when}))
        self._asked.set()
        self._asked = trio.Event()

    def fader(self, name: str, level: float) -> None:
        """A deck's fader stands so high, 0 to 1; the highest is on air."""
        self._levels[name] = level
        highest = max(self._levels, key=lambda deck: self._levels[deck])
        if self._levels[highest] >= self._levels.get(self.master, 0.0) + FADER_LEAD:
            self.put_on_air(highest)

    def flag(self, name: str, *, on: bool) -> None:
        """A mixer says whether a deck is on air; of several the one that came on last is."""
        if name in self._flagged:
            self._flagged.remove(name)
        if on:
            self._flagged.append(name)
        if self._flagged:
            self.put_on_air(self._flagged[-1])

    # Hand-overs

    async def run(self) -> Never:
        """Carry out hand-overs, until cancelled."""
        boundary: TrackNs | None = None
        while True:
            waiting = [target for target in self.targets if self._heard.get(target.name) != self.master]
            asked, moved = self._asked, self._decks[self.master].moved
            if not waiting:
                await asked.wait()
                boundary = self._boundary(self.targets)
                continue
            instant, names = self._next(waiting, boundary)
            with trio.move_on_after(max(instant - self._clock.now(), 0) / NS_PER_SECOND):
                await _either(asked, moved)
                boundary = self._boundary(self.targets)
                continue
            self.hand_over(names)

    def _boundary(self, targets: tuple[Target, ...]) -> TrackNs | None:
        """Where in the new deck's track it takes over; None for at once, also where there is no beat to wait for."""
        deck = self._decks[self.master]
        transport, material = deck.transport, deck.material
        if self._when is HandOver.NOW or transport is None or material is None:
            return None
        notice = longest_notice(targets, material.lead, margin=self._margin())
        now, bars = self._clock.now(), self._when is HandOver.BAR
        return next_boundary(material.track, transport, now, bars=bars, room=notice)

    def _next(self, waiting: list[Target], boundary: TrackNs | None) -> tuple[HostNs, list[str]]:
        """Which targets change hands next, and when. What goes out with a prefix changes for all of them at once."""
        deck = self._decks[self.master]
        everybody = [target.name for target in waiting]
        if boundary is None or deck.transport is None or deck.material is None or not deck.transport.moving:
            return self._clock.now(), everybody
        lead, margin = deck.material.lead, self._margin()
        instants = hand_over_instants(waiting, deck.transport, boundary, lead=lead, margin=margin)
        instant, name = instants[0]
        return instant, everybody if any(other.choice.prefix for other in self._decks.values()) else [name]

    def _margin(self) -> DurationNs:
        """How long before the beat it is done: what goes out with a prefix is another schedule."""
        exchanged = [deck for deck in self._decks.values() if deck.is_exchanged_on_air]
        return margin_for(sum(len(deck.material.schedule) for deck in exchanged if deck.material is not None))

    def hand_over(self, names: Sequence[str]) -> None:
        """These targets hear the master from now on: the ends of the others' looks, then its present state."""
        actions: list[Action] = []
        for name, deck in self._decks.items():
            if name != self.master:
                actions += deck.set_on_air(on_air=False)
                actions += [] if deck.choice.prefix else [Silence(OFF_AIR, (name,), tuple(names))]
        actions += self._decks[self.master].set_on_air(on_air=True)
        actions.append(Release(OFF_AIR, (self.master,), tuple(names)))
        self._conductor.do(*actions)
        self._heard |= dict.fromkeys(names, self.master)
        self._record(HandedOver(self._clock.now(), self.master, tuple(names)))

    def retarget(self, targets: tuple[Target, ...]) -> None:
        """There are these targets now, or they have other leads."""
        self.targets = targets
        self._heard = {target.name: self._heard.get(target.name, self.master) for target in targets}
        self._asked.set()
        self._asked = trio.Event()

    def renew(self, choice: OnAirChoice, targets: tuple[Target, ...]) -> list[Action]:
        """The decks, and what puts them on air, are as another configuration says; returns what the conductor is to do.

        Who is on air stays so, if it is still there.
        """
        self.choice = choice
        if self.master not in self._decks:
            self.master = choice.deck
        self._heard = {name: deck if deck in self._decks else self.master for name, deck in self._heard.items()}
        self._levels = {name: level for name, level in self._levels.items() if name in self._decks}
        self._flagged = [name for name in self._flagged if name in self._decks]
        self.retarget(targets)
        actions: list[Action] = []
        for name, deck in self._decks.items():
            actions += deck.set_on_air(on_air=name in self._heard.values())
        return [*actions, *self.silences()]


async def _either(one: trio.Event, other: trio.Event) -> None:
    async with trio.open_nursery() as nursery:

        async def wait(event: trio.Event) -> None:
            await event.wait()
            nursery.cancel_scope.cancel()

        nursery.start_soon(wait, one)
        nursery.start_soon(wait, other)
