"""A trace played again in virtual time, against the same show or another: what would have been sent?

One event after another in whole nanoseconds: what a feed said, what fell due meanwhile. Loads and hand-overs come when
they came then. What people muted, leads that they set by hand, and panic are not in a trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from beatsync.conductor.actions import Stop
from beatsync.conductor.report import Report
from beatsync.config.configuration import TrackChoice
from beatsync.core.units import HostNs
from beatsync.decks.assembling import Supplier
from beatsync.decks.deck import Deck
from beatsync.decks.material import name_of
from beatsync.decks.record import Became, Decided, Entry, HandedOver, Loaded, Observed, Order, Ordered, Passed
from beatsync.decks.show import Show
from beatsync.errors import BeatsyncError
from beatsync.traces.reading import Trace
from beatsync.traces.replay_stage import ReplayStage, stage_for
from beatsync.traces.replayed_clock import ReplayedFeeds, ReplayedVerdicts


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of it: every verdict on a cue, every decision about a deck, and what could not be done as then."""

    reports: Sequence[Report]
    decisions: Sequence[Decided]
    remarks: Sequence[str]


async def replay(trace: Trace, show: Show, supplier: Supplier) -> Replay:
    """Play `trace` again. `supplier`: finds the tracks that it loads on the way. Raises TraceError."""
    reports: list[Report] = []
    decisions: list[Decided] = []

    def keep(entry: Entry) -> None:
        if isinstance(entry, Decided):
            decisions.append(entry)

    stage = stage_for(trace.start, show, supplier, report=reports.append, record=keep)
    player = _Player(stage, trace)
    await player.play()
    return Replay(reports, decisions, (*stage.remarks, *player.remarks))


class _Player:
    def __init__(self, stage: ReplayStage, trace: Trace) -> None:
        self._stage = stage
        self._trace = trace
        self._loads = [entry for entry in trace.entries if isinstance(entry, Loaded)]
        self.remarks: list[str] = []

    async def play(self) -> None:
        for entry in self._trace.entries:
            await self._pass_until(entry.at)
            if isinstance(entry, HandedOver):
                self._hand_over(entry)
            elif (name := self._stage.roles.get(entry.deck)) is not None:
                await self._play(entry, name)
        await self._pass_until(self._trace.end)

    async def _pass_until(self, at: HostNs) -> None:
        """Let time pass, and do what falls due."""
        stage = self._stage
        while True:
            dues = [clock.next_deadline() for clock in stage.clocks.values()] + [stage.conductor.next_deadline()]
            due = min((due for due in dues if due is not None and due <= at), default=None)
            if due is None:
                break
            stage.clock.set(due)
            for name, clock in stage.clocks.items():
                clock.advance(stage.clock.now())
                await self._run_errand(stage.decks[name])
            stage.conductor.do()
        stage.clock.set(at)

    async def _play(self, entry: Observed | Became | Passed | Decided | Loaded | Ordered, name: str) -> None:
        clock, deck = self._stage.clocks[name], self._stage.decks[name]
        match entry:
            case Observed(feed=feed, observation=observation) if isinstance(clock, ReplayedFeeds):
                clock.hear(feed, observation, entry.at)
                await self._run_errand(deck)
            case Became(feed=feed, character=character) if isinstance(clock, ReplayedFeeds):
                clock.become(feed, character)
            case Passed() if isinstance(clock, ReplayedFeeds):
                clock.passed(entry.at)
                await self._run_errand(deck)
            case Decided(verdict=verdict) if isinstance(clock, ReplayedVerdicts):
                clock.decide(verdict)
            case Loaded():
                await self._load(entry, deck)
            case Ordered(order=order):
                self._obey(order, name)
            case Observed() | Became() | Passed() | Decided():
                pass
            case _:
                assert_never(entry)

    def _obey(self, order: Order, name: str) -> None:
        clock, deck = self._stage.clocks[name], self._stage.decks[name]
        if isinstance(clock, ReplayedVerdicts):
            clock.transport = None
            self._stage.conductor.do(Stop(name))
        elif order is Order.STOP:
            deck.stop()
        else:
            deck.listen_again()

    def _hand_over(self, entry: HandedOver) -> None:
        name = self._stage.roles.get(entry.deck)
        known = {target.name for target in self._stage.conductor.targets}
        if name is not None and len(self._stage.decks) > 1:
            self._stage.on_air.master = name
            self._stage.on_air.hand_over([target for target in entry.targets if target in known])

    # Tracks

    async def _run_errand(self, deck: Deck) -> None:
        """Have the track that the player plays: when it came then, or at once if it was not looked for then."""
        errand = deck.errand
        if errand is not None and not self._comes_later(deck, name_of(errand.choice)):
            await self._put(deck, errand.choice, errand.place)

    def _comes_later(self, deck: Deck, track: str) -> bool:
        now = self._stage.clock.now()
        return any(
            load.at > now and load.track == track and self._stage.roles.get(load.deck) == deck.name
            for load in self._loads
        )

    async def _load(self, entry: Loaded, deck: Deck) -> None:
        """A deck got a track then: the same one now, if the configuration has it."""
        choices = deck.repertoire.choices
        named = [place for place, choice in enumerate(choices) if name_of(choice) == entry.track]
        if deck.errand is not None and name_of(deck.errand.choice) == entry.track:
            await self._put(deck, deck.errand.choice, deck.errand.place)
        elif deck.material is not None and deck.material.name == entry.track and deck.repertoire.place == entry.place:
            pass
        elif named:
            place = entry.place if entry.place in named else named[0]
            await self._put(deck, choices[place], place)
        elif len(choices) > 1 or deck.material is None:
            self.remarks.append(f"deck {deck.name}: {entry.track} was loaded then, and is not in this configuration")

    async def _put(self, deck: Deck, choice: TrackChoice, place: int | None) -> None:
        clock = self._stage.clocks[deck.name]
        if isinstance(clock, ReplayedVerdicts):
            clock.transport = None
        try:
            await deck.load(choice, place)
        except BeatsyncError as error:
            deck.errand = None
            self.remarks.append(f"deck {deck.name}: {error}")
